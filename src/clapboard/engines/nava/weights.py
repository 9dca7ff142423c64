"""Weights files, strictly: every tensor of the model is in the file, nothing else is, and every shape fits.

    model = load(Path("NAVA.safetensors"), nava_6b(), storage="bfloat16", device="cuda")
    save(model, Path("mine.safetensors"))                 # its config goes along: `config_of(path)`

Files hold the released names (`released_name`), with the prefix `backbone.`. In the released float8 layout the
matrices of the blocks are float8_e4m3fn with one bfloat16 scale per row beside them; `load` turns them back, or
keeps them so with storage "float8".
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from clapboard.engines.nava.config import Config
from clapboard.engines.nava.kept import replacing
from clapboard.engines.nava.model import Linear, Nava
from clapboard.errors import WeightsError

Storage = Literal["float32", "bfloat16", "float8"]
PREFIX = "backbone."
FLOAT8_MAX = 448.0
"""The largest float8_e4m3fn."""

RELEASED = {
    "model_type": "ti2v", "window_size": [-1, -1], "qk_norm": True, "cross_attn_norm": True, "add_spk_emb": True,
    "no_split_norm_ffn": True, "num_double_final_layers": 0,
}  # fmt: skip
"""Keys of the released configuration that never vary: all that this model implements."""

RENAMES = (
    (r"^ends\.video\.", "patch_embedding."),
    (r"^ends\.audio\.first\.", "patch_embedding_audio.0."),
    (r"^ends\.audio\.", "patch_embedding_audio.2."),
    (r"^text\.", "text_embedding."),
    (r"^time\.", "time_embedding."),
    (r"^time_projection\.", "time_projection.1."),
    (r"^speaker\.norm\.", "speaker_embedding.net.0."),
    (r"^speaker\.net\.0\.", "speaker_embedding.net.1."),
    (r"^speaker\.net\.2\.", "speaker_embedding.net.3."),
    (r"^speaker\.", "speaker_embedding."),
    (r"^heads\.video\.", "head."),
    (r"^heads\.audio\.", "head_audio."),
    (r"_attn\.(?:video|both)\.", "_attn."),
    (r"_attn\.audio\.(\w+)\.", r"_attn.\1_audio."),
    (r"\.modulation\.(?:video|both)$", ".modulation.modulation"),
    (r"\.modulation\.audio$", ".modulation_audio.modulation"),
)


def released_name(name: str, num_double_layers: int) -> str:
    """`blocks.0.self_attn.audio.q.weight` is `double_blocks.0.self_attn.q_audio.weight` in the release."""
    if match := re.match(r"blocks\.(\d+)\.", name):
        index = int(match[1])
        kind, index = ("double", index) if index < num_double_layers else ("single", index - num_double_layers)
        name = f"{kind}_blocks.{index}.{name[match.end() :]}"
    for pattern, replacement in RENAMES:
        name, count = re.subn(pattern, replacement, name)
        if count:
            break
    return name


def released_names(model: Nava, prefix: str = PREFIX) -> dict[str, str]:
    """Released name -> our name, for every parameter."""
    return {prefix + released_name(name, model.config.num_double_layers): name for name in model.state_dict()}


def config_from_released(keys: Mapping[str, object], spk_dim: int) -> Config:
    """Our config from the released keys; a key or value that this model does not implement is an error."""
    own = {field.name for field in fields(Config)} - {"spk_dim"}
    for key, value in keys.items():
        if key in RELEASED and value != RELEASED[key]:
            raise WeightsError(f"the configuration says {key} = {value!r}; only {RELEASED[key]!r} is implemented")
        if key not in RELEASED and key not in own and key != "num_layers":
            raise WeightsError(f"the configuration has the unknown key {key!r}")
    if absent := sorted(own - keys.keys()):
        raise WeightsError(f"the configuration lacks {', '.join(absent)}")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in keys.items() if key in own}
    config = Config(**values, spk_dim=spk_dim)  # pyright: ignore[reportArgumentType]
    num_layers = config.num_double_layers + config.num_single_layers
    if keys.get("num_layers", num_layers) != num_layers:
        raise WeightsError(
            f"the configuration says num_layers = {keys['num_layers']}, its blocks add up to {num_layers}"
        )
    return config


# ------------------------------------------------------------------------------------------------ precision


def is_bulk(name: str) -> bool:
    """Whether a parameter belongs to a large matrix product, which may be kept in fewer bits.

    Norms, modulation, the timestep, voices and heads stay in float32: they are 2 % of the numbers and carry the scale
    of everything else.
    """
    return bool(re.search(r"_attn\.\w+\.[qkvo]\.|\.ffn\.|^ends\.|^text\.", name))


class Float8Linear(nn.Module):
    """A linear layer whose matrix is float8 with one scale per row; it is expanded to bfloat16 for every product."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight, scale = to_float8(linear.weight.detach())
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.weight_scale = nn.Parameter(scale, requires_grad=False)
        self.bias = nn.Parameter(linear.bias.detach().to(torch.bfloat16), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x.to(torch.bfloat16), self.weight.to(torch.bfloat16) * self.weight_scale[:, None], self.bias)


def to_float8(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Float8 matrix and its bfloat16 scale per row: the row's largest magnitude / 448."""
    scale = (weight.float().abs().amax(1) / FLOAT8_MAX).to(torch.bfloat16)
    divisor = torch.where(scale > 0, scale, 1).float()[:, None]
    return (weight.float() / divisor).clamp(-FLOAT8_MAX, FLOAT8_MAX).to(torch.float8_e4m3fn), scale


def from_float8(weight: Tensor, scale: Tensor) -> Tensor:
    """The float32 matrix again."""
    return weight.float() * scale.float()[:, None]


def store(model: Nava, storage: Storage) -> Nava:
    """Keep the large matrices in this type; the model is changed in place and returned."""
    if storage == "float8":
        for block in model.blocks:
            for module in list(block.modules()):
                for name, child in list(module.named_children()):
                    if isinstance(child, Linear):
                        setattr(module, name, Float8Linear(child))
    kind = torch.float32 if storage == "float32" else torch.bfloat16
    for name, parameter in model.named_parameters():
        if is_bulk(name) and not ("blocks." in name and storage == "float8"):
            parameter.data = parameter.data.to(kind)
    return model


def init_weights(model: Nava, generator: torch.Generator) -> None:
    """Fill a new model (4.9): matrices Xavier uniform, text and time normal(0, 0.02), video output zero.

    The audio convolutions, which the release leaves to its framework, get uniform(+-1 / sqrt(fan in)).
    """
    for name, parameter in model.named_parameters():
        if name.endswith("bias") or name in {"heads.video.head.weight", "speaker.null_token"}:
            nn.init.zeros_(parameter)
        elif "modulation" in name:
            nn.init.normal_(parameter, 0, model.config.dim**-0.5, generator=generator)
        elif parameter.ndim == 1:
            nn.init.ones_(parameter)
        elif name.startswith("ends.audio"):
            bound = parameter[0].numel() ** -0.5
            nn.init.uniform_(parameter, -bound, bound, generator=generator)
        elif name.startswith(("text.", "time.", "time_projection.")):
            nn.init.normal_(parameter, 0, 0.02, generator=generator)
        else:
            nn.init.xavier_uniform_(parameter.flatten(1), generator=generator)


# ---------------------------------------------------------------------------------------------------- files


@contextmanager
def opened(path: Path) -> Iterator[safe_open]:
    """The file, with everything that can be wrong with it as one line."""
    try:
        with safe_open(str(path), framework="pt") as file:
            yield file
    except FileNotFoundError:
        raise WeightsError(f"{path} does not exist; give the path of a .safetensors file") from None
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"{path} cannot be read ({error}); it is truncated or no safetensors file: fetch it again"
        ) from None


def config_of(path: Path) -> Config:
    """The config that `save` wrote into the file."""
    with opened(path) as file:
        text = (file.metadata() or {}).get("config")
    if text is None:
        raise WeightsError(f"{path} does not say its config; give one (the released file is nava_6b())")
    try:
        values = json.loads(text)
        return Config(**{**values, "patch_size": tuple(values["patch_size"])})
    except (ValueError, TypeError, KeyError) as error:
        raise WeightsError(f"{path} holds a config that this version does not know ({error})") from None


def check_names(path: Path, expected: Mapping[str, torch.Size], found: Mapping[str, list[int]]) -> None:
    """One line for the first kind of disagreement between the model and the file."""
    if missing := sorted(expected.keys() - found.keys()):
        raise WeightsError(f"{path} lacks {len(missing)} of the model's {len(expected)} tensors, first {missing[0]}")
    if extra := sorted(found.keys() - expected.keys()):
        raise WeightsError(f"{path} holds {len(extra)} tensors that the model has not, first {extra[0]}")
    wrong = [name for name, shape in expected.items() if list(shape) != list(found[name])]
    if wrong:
        name = wrong[0]
        raise WeightsError(f"{path}: {name} has shape {list(found[name])} where the model has {list(expected[name])}")


def load(
    path: Path,
    config: Config,
    *,
    storage: Storage = "float32",
    device: str = "cpu",
    prefix: str = PREFIX,
    among_others: bool = False,
) -> Nava:
    """A model of these sizes from the file; tensors without the prefix are errors unless it is `among_others`."""
    with torch.device("meta"):
        model = Nava(config)
    ours = released_names(model, prefix)
    shapes = {name: model.state_dict()[own].shape for name, own in ours.items()}
    state: dict[str, Tensor] = {}
    with opened(path) as file:
        names = [name for name in file.keys() if name.startswith(prefix) or not among_others]  # noqa: SIM118
        found = {name: file.get_slice(name).get_shape() for name in names}
        scales = {name for name in found if name.endswith("_scale")}
        expected = shapes | {
            name: shapes[name.removesuffix("_scale")][:1] for name in scales & {n + "_scale" for n in shapes}
        }
        check_names(path, expected, found)
        for name, own in ours.items():
            scale = file.get_tensor(name + "_scale") if name + "_scale" in scales else None
            weight = file.get_tensor(name)
            if not weight.is_floating_point():
                raise WeightsError(f"{path}: {name} is {weight.dtype}; weights are floating-point numbers")
            for key, tensor in stored(weight, scale, own, storage).items():
                if not torch.isfinite(tensor.float()).all():
                    raise WeightsError(f"{path}: {name} holds values that are not finite; fetch the file again")
                state[key] = tensor.to(device)
    store(model, storage)
    model.load_state_dict(state, strict=True, assign=True)
    return model


def stored(weight: Tensor, scale: Tensor | None, name: str, storage: Storage) -> dict[str, Tensor]:
    """A tensor of the file as the model keeps it, by our names."""
    is_matrix = name.startswith("blocks.") and is_bulk(name) and name.endswith("weight")
    if is_matrix and storage == "float8":
        weight, scale = (weight, scale) if scale is not None else to_float8(weight)
        return {name: weight, name + "_scale": scale}
    value = weight.float() if scale is None else from_float8(weight, scale)
    return {name: value.to(torch.bfloat16) if is_bulk(name) and storage != "float32" else value}


def save(model: Nava, path: Path, *, prefix: str = PREFIX) -> None:
    """Write the model by its released names, in the types it is kept in, with its config; whole or not at all."""
    state = model.state_dict()
    tensors = {name: state[own].contiguous().cpu() for name, own in released_names(model, prefix).items()}
    with replacing(path) as part:
        save_file(tensors, part, metadata={"format": "pt", "config": json.dumps(asdict(model.config))})
