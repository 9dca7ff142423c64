"""Time of one guided NAVA step (three model calls) against the plain transcription, optimisation by optimisation.

    PYTHONPATH=src python3 benchmarks/nava_step.py                    # tiny, medium, token-heavy; this CPU, float32
    PYTHONPATH=src python3 benchmarks/nava_step.py --device cuda      # 6B shape, bfloat16, random weights

Needs torch, numpy and safetensors alone. "without X" is everything on but X, so its last column is what X brings.
Every row's velocities are compared with the transcription's; a difference past the tolerance makes the exit status 1.
"""

import argparse
import importlib.util
import math
import sys
import time
import types
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

if importlib.util.find_spec("pydantic") is None:  # the engine registry needs it, this model does not
    bare = types.ModuleType("clapboard.engines")
    bare.__path__ = [str(Path(__file__).parents[1] / "src/clapboard/engines")]
    sys.modules["clapboard.engines"] = bare

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

import nava_reference as reference
from clapboard.engines.nava import model as ours
from clapboard.engines.nava.config import Config, nava_6b
from clapboard.engines.nava.sampler import Options, Predictor, Prompt, noise, plan_calls
from clapboard.engines.nava.shortcuts import compile_blocks
from clapboard.engines.nava.solvers import as_timesteps
from clapboard.engines.nava.weights import Storage, released_names, store

LEVEL = 900
"""The timestep at which the step is taken."""
TOLERANCE = {"float32": 1e-4, "bfloat16": 0.15}
"""Largest relative L2 difference of a guided velocity. Rounding to bfloat16 moves one call by about 1.5 %, and
guidance of strength 3 + 3 takes the difference of calls up to seven times."""

Latents = dict[str, Tensor]


def sizes() -> dict[str, tuple[Config, tuple[int, int, int], int]]:
    """Config, latent frames, rows and columns, and audio latents, by name."""
    tiny = Config(
        dim=96, ffn_dim=192, num_heads=3, num_double_layers=2, num_single_layers=2, vid_in_dim=8, vid_out_dim=8,
        audio_in_dim=6, audio_out_dim=6, text_len=16, text_dim=64,
    )  # fmt: skip
    medium = replace(
        tiny, dim=384, ffn_dim=1536, num_heads=6, num_double_layers=3, num_single_layers=6, text_len=128, text_dim=256
    )
    heavy = replace(tiny, dim=192, ffn_dim=768, num_heads=3, text_len=64)
    return {
        "tiny": (tiny, (3, 4, 6), 13),
        "medium": (medium, (9, 20, 32), 38),
        "heavy": (heavy, (13, 36, 48), 55),
        "6b": (nava_6b(), (37, 44, 80), 152),
    }


def random_model(config: Config, storage: Storage, device: str) -> ours.Nava:
    """A model made on the device in the types it is kept in, with weights of about unit gain."""
    with torch.device("meta"):
        model = store(ours.Nava(config), storage)
    model = model.to_empty(device=device).requires_grad_(False)
    generator = torch.Generator(device).manual_seed(1)
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            parameter.normal_(0, parameter[0].numel() ** -0.5 if "modulation" not in name else 0.1, generator=generator)
        else:
            parameter.normal_(0, 0.02, generator=generator).add_(0.0 if name.endswith("bias") else 1.0)
    return model


class Bench:
    """One size: inputs, the transcription's step and ours."""

    def __init__(self, name: str, storage: Storage, device: str) -> None:
        self.config, grid, num_audio = sizes()[name]
        self.device, self.storage = device, storage
        self.model = random_model(self.config, storage, device)
        width = {"video": (self.config.vid_in_dim, *grid), "audio": (num_audio, self.config.audio_in_dim)}
        self.latents = {stream: noise(1, stream, shape)[None].to(device) for stream, shape in width.items()}
        self.t = as_timesteps(LEVEL, 1, torch.device(device))
        text, negative = (
            noise(i, "text", (self.config.text_len // 4 + i, self.config.text_dim)).to(device) for i in range(2)
        )
        self.prompt = Prompt(text_NE=text, negative_NE=negative)
        self.kind = torch.float32 if storage == "float32" else torch.bfloat16
        names, state = released_names(self.model, ""), self.model.state_dict()
        self.weights = {name: state[own].to(self.kind) for name, own in names.items()}
        self.lengths = [grid[0] * grid[1] * grid[2] // 4, num_audio]

    def reference_step(self) -> Latents:
        """Three calls of the transcription and the guidance as the release writes it."""
        config = asdict(self.config)
        seen = []
        for text, masked in (
            (self.prompt.text_NE, False),
            (self.prompt.negative_NE, False),
            (self.prompt.text_NE, True),
        ):
            args = {
                "vid": [self.latents["video"][0].to(self.kind)], "audio": [self.latents["audio"][0].to(self.kind)],
                "vid_context": [text], "audio_context": [text], "spk_embed": None, "spk_pos": None,
                "t": self.t, "masking_modality": masked, "first_frame_is_clean": False,
            }  # fmt: skip
            out = reference.forward(self.weights, config, args)
            seen.append({"video": (out["vid"] or [])[0].float(), "audio": (out["audio"] or [])[0].float()})
        c, u, m = seen
        g = {"video": (3.0, 3.0), "audio": (2.0, 2.0)}
        return {s: (c[s] + g[s][0] * (c[s] - u[s]) + g[s][1] * (c[s] - m[s]))[None] for s in c}

    def our_step(self, options: Options, *, cached: bool = True) -> Callable[[], Latents]:
        """Our step with these options; planned once, or anew at every call."""

        def plan() -> Predictor:
            calls = plan_calls(self.model, [self.prompt], self.latents, options)
            return Predictor(self.model, calls, options, False)

        planned = plan() if cached else None

        def step() -> Latents:
            predictor = planned or plan()
            return predictor.guided(0, self.latents, dict.fromkeys(self.latents, self.t), LEVEL)

        return step

    def flops(self) -> float:
        """Multiplications and additions x 2 of a step's products: linear, attention over tokens, attention to text."""
        config, tokens = self.config, sum(self.lengths)
        d, blocks = config.dim, config.num_double_layers + config.num_single_layers
        linear = 2 * tokens * (6 * d * d + 2 * d * config.ffn_dim)
        joint, masked = 4 * tokens**2 * d, 4 * sum(n**2 for n in self.lengths) * d
        text = 4 * tokens * config.text_len * d
        return blocks * (3 * linear + 2 * joint + masked + 3 * text)


# ------------------------------------------------------------------------- ours with one optimisation taken out


@contextmanager
def patched(target: object, name: str, value: object) -> Iterator[None]:
    """Replace an attribute for a while."""
    kept = getattr(target, name)
    setattr(target, name, value)
    try:
        yield
    finally:
        setattr(target, name, kept)


def per_token_block(
    self: ours.Block,
    parts: dict[str, ours.Part],
    text: dict[str, ours.KeysValues],
    spans: list[int],
    attend: ours.Attend,
) -> ours.Tokens:
    """`Block.forward` with a modulation for every token [B, T, 6, d]."""
    m, hidden = {}, {}
    for name, part in parts.items():
        e6 = torch.cat([run.blocks_B6d[:, None].expand(-1, run.length, -1, -1) for run in part.runs], 1)
        m[name] = (e6.contiguous() + self.modulation[name][:, None]).unbind(2)
        hidden[name] = (
            F.layer_norm(part.tokens_BTd, part.tokens_BTd.shape[-1:], eps=self.eps) * (1 + m[name][1]) + m[name][0]
        )
    seen, tokens = self.attend(hidden, parts, spans, attend), {}
    for name, part in parts.items():
        x = part.tokens_BTd + seen[name] * m[name][2]
        cross = self.cross_attn[name]
        x = x + cross.o(ours.attention(cross.queries(self.norm3(x)), *text[name]))
        h = F.layer_norm(x, x.shape[-1:], eps=self.eps) * (1 + m[name][4]) + m[name][3]
        tokens[name] = x + self.ffn(h) * m[name][5]
    return tokens


@contextmanager
def per_token_modulation(num_tokens: int) -> Iterator[None]:
    """The timestep's layers, too, run for every token."""
    shared = ours.Nava.timesteps

    def timesteps(self: ours.Nava, taus: dict[int, Tensor]) -> dict[int, ours.Run]:
        wide = {key: tau.repeat(num_tokens) for key, tau in taus.items()}
        runs = shared(self, wide)
        return {key: ours.Run(0, run.blocks_B6d[:1], run.head_Bd[:1]) for key, run in runs.items()}

    with patched(ours.Nava, "timesteps", timesteps), patched(ours.Block, "forward", per_token_block):
        yield


@contextmanager
def rotary_every_call() -> Iterator[None]:
    """Tables made at every use and applied in float64 as complex numbers."""
    make = ours.rotation.__wrapped__

    def rotate(x: Tensor, table: ours.Rotation) -> Tensor:
        return reference.rope(x, torch.atan2(table[1][..., 1::2], table[0][..., 1::2]).double())

    with patched(ours, "rotation", make), patched(ours, "rotate", rotate):
        yield


def plain_attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """softmax(q k) v, spelled out."""
    return reference.attention(q, k, v, None)


@contextmanager
def plain_softmax() -> Iterator[None]:
    """Without the fused attention kernel."""
    with patched(ours, "attention", plain_attention):
        yield


@contextmanager
def nothing() -> Iterator[None]:
    """Everything on."""
    yield


@contextmanager
def cudnn_first() -> Iterator[None]:
    """Prefer cuDNN's attention kernel to the default order."""
    with sdpa_kernel([SDPBackend.CUDNN_ATTENTION, SDPBackend.FLASH_ATTENTION, SDPBackend.MATH], set_priority=True):
        yield


@contextmanager
def compiled_blocks(model: ours.Nava) -> Iterator[None]:
    """Blocks compiled, kept between uses."""
    if not hasattr(model.blocks[0], "kept_compiled"):
        compile_blocks(model)
        for block in model.blocks:
            block.__dict__["kept_compiled"] = block._compiled_call_impl
    for block in model.blocks:
        block._compiled_call_impl = block.__dict__["kept_compiled"]
    try:
        yield
    finally:
        for block in model.blocks:
            block._compiled_call_impl = None


# ------------------------------------------------------------------------------------------------- measuring


@dataclass
class Row:
    """One way to make the step, its velocities and its least time so far."""

    label: str
    step: Callable[[], Latents]
    context: Callable[[], AbstractContextManager[None]] = nothing
    out: Latents = field(default_factory=dict)
    seconds: float = math.inf

    def once(self, device: str) -> float:
        """Take the step, keep the least time, return this one."""
        with self.context():
            synchronize(device)
            begin = time.perf_counter()
            self.out = self.step()
            synchronize(device)
            taken = time.perf_counter() - begin
        self.seconds = min(self.seconds, taken)
        return taken


def synchronize(device: str) -> None:
    """Wait for the device."""
    if device == "cuda":
        torch.cuda.synchronize()


def measure(rows: list[Row], device: str, seconds: float) -> None:
    """Rounds over all rows for `seconds` a row (two at least): others may share the machine, so rows take turns and
    the least time counts."""
    for row in rows:
        row.once(device)
        row.seconds = math.inf
    spent, rounds = 0.0, 0
    while rounds < 2 or spent < seconds * len(rows):
        spent += sum(row.once(device) for row in rows)
        rounds += 1


def difference(found: Latents, expected: Latents) -> float:
    """Largest relative L2 difference of the streams."""
    return max(((found[s] - expected[s]).norm() / expected[s].norm()).item() for s in expected)


def matmul_peak(device: str, kind: torch.dtype) -> float:
    """The machine's best measured rate of a square product, in FLOP/s."""
    n, tries, repeats = (8192, 5, 20) if device == "cuda" else (1536, 40, 1)
    best = 0.0
    a, b = (torch.randn(n, n, device=device, dtype=kind) for _ in range(2))
    for _ in range(tries):
        synchronize(device)
        begin = time.perf_counter()
        for _ in range(repeats):
            torch.mm(a, b)
        synchronize(device)
        best = max(best, repeats * 2 * n**3 / (time.perf_counter() - begin))
    return best


def run(name: str, storage: Storage, device: str, seconds: float, compiled: bool) -> list[str]:
    """Print the table of one size; rows whose velocities are off are returned."""
    bench = Bench(name, storage, device)
    peak = matmul_peak(device, torch.float32 if storage == "float32" else torch.bfloat16)
    print(f"\n{name}: {bench.lengths[0]} video + {bench.lengths[1]} audio tokens, width {bench.config.dim}, {storage}")
    print(f"{'one step, three calls':<34}{'seconds':>10}{'x reference':>13}{'x all exact':>13}{'difference':>12}")
    exact = Options()
    few = sum(bench.lengths) < exact.batch_calls_below
    other = replace(exact, batch_calls_below=0 if few else 1_000_000)
    step = bench.our_step(exact)
    rows = [
        Row("plain transcription", bench.reference_step),
        Row("ours, all exact on", step),
        Row("  without timestep sharing", step, partial(per_token_modulation, sum(bench.lengths))),
        Row("  without rotary tables once", step, rotary_every_call),
        Row("  without context cache", bench.our_step(exact, cached=False)),
        Row(f"  {'without' if few else 'with'} batched calls", bench.our_step(other)),
    ]
    if sum(bench.lengths) <= reference.FUSED_ABOVE:
        rows.append(Row("  without fused attention", step, plain_softmax))
    if device == "cuda":
        rows.append(Row("  with cuDNN attention first", step, cudnn_first))
    if compiled:
        rows.append(Row("  with compiled blocks", step, partial(compiled_blocks, bench.model)))
    measure(rows, device, seconds)
    base, ours_all, failed = rows[0], rows[1], []
    for row in rows:
        apart = difference(row.out, base.out)
        ratios = f"{base.seconds / row.seconds:>13.2f}{row.seconds / ours_all.seconds:>13.2f}"
        print(f"{row.label:<34}{row.seconds:>10.4f}{ratios}{apart:>12.1e}")
        if not apart <= TOLERANCE["float32" if storage == "float32" else "bfloat16"]:
            failed.append(f"{row.label.strip()} ({name}): velocities are {apart:.1e} from the transcription's")
    rate = bench.flops() / ours_all.seconds
    print(f"all exact on: {rate / 1e12:.3f} TFLOP/s, {rate / peak:.0%} of the measured peak {peak / 1e12:.3f}")
    if device == "cuda":
        print(f"peak memory {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB")
    return failed


@torch.inference_mode()
def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--sizes", nargs="*", choices=list(sizes()))
    parser.add_argument("--storage", choices=["float32", "bfloat16"])
    parser.add_argument("--seconds", type=float, default=3.0, help="time spent on each row")
    parser.add_argument("--compile", action="store_true", help="measure compiled blocks too")
    args = parser.parse_args()
    on_gpu = args.device == "cuda"
    what = torch.cuda.get_device_name() if on_gpu else f"CPU, {torch.get_num_threads()} threads"
    print(f"torch {torch.__version__}, {what}")
    failed = []
    for name in args.sizes or (["6b"] if on_gpu else ["tiny", "medium", "heavy"]):
        failed += run(
            name, args.storage or ("bfloat16" if on_gpu else "float32"), args.device, args.seconds, args.compile
        )
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    main()
