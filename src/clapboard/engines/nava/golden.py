"""Recorded numbers of the released computation, and this implementation's errors against them.

    golden = Golden.open(Path("nava_tiny.safetensors"))       # its .json beside it
    for error in golden.errors(): ...

A golden set holds weights under `model.`, inputs and outputs; the JSON tells the config, the arguments of every
case and the settings of every sampling loop and training step. Layouts in the file: video of a case [K, F, H, W],
of a sampling loop [F * H * W, K], of a training step [F, H, W, K]; audio [L, K]; first frame [1, H, W, K].
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from clapboard.engines.nava.batch import run_ragged
from clapboard.engines.nava.model import Latents, Nava
from clapboard.engines.nava.sampler import Guidance, Options, Prompt, Start, sample
from clapboard.engines.nava.solvers import noise_levels, timestep
from clapboard.engines.nava.train import Noisy, flow_loss, schedule
from clapboard.engines.nava.weights import config_from_released, load, opened
from clapboard.errors import InputError, WeightsError

MODEL = "model."
FILE_NAMES = {"video": "vid", "audio": "audio"}
"""How the files call the streams."""
CASE_TOLERANCE, SAMPLER_TOLERANCE, TRAIN_TOLERANCE = 1e-4, 5e-4, 1e-4
"""Float32: absolute for cases and every sampler step, relative for tables and losses."""


@dataclass(frozen=True, slots=True)
class Error:
    """The largest difference between our numbers and the recorded ones; relative for tables and losses."""

    kind: str
    name: str
    largest: float
    tolerance: float

    @property
    def is_within(self) -> bool:
        """False for NaN too."""
        return self.largest <= self.tolerance


@dataclass(frozen=True, slots=True)
class Golden:
    """An opened golden set with a float32 model of its weights."""

    notes: dict[str, Any]
    tensors: dict[str, Tensor]
    model: Nava

    @classmethod
    def open(cls, path: Path) -> "Golden":
        """Read NAME.safetensors and NAME.json."""
        with opened(path):
            notes = read_notes(path.with_suffix(".json"))
        model = load(path, config_from_released(notes["config"], notes["spk_dim"]), prefix=MODEL, among_others=True)
        with opened(path) as file:
            names = [name for name in file.keys() if not name.startswith(MODEL)]  # noqa: SIM118
            tensors = {name: file.get_tensor(name) for name in names}
        return cls(notes, tensors, model.requires_grad_(False))

    def errors(self) -> Iterator[Error]:
        """Every comparison, in the order of the JSON."""
        try:
            yield from self.all_errors()
        except KeyError as error:
            raise InputError(f"the golden set's JSON lacks the key {error} in one of its entries") from None

    def all_errors(self) -> Iterator[Error]:
        """As `errors`."""
        for name in self.notes["cases"]:
            yield Error("case", name, self.case(name), CASE_TOLERANCE)
        for name in self.notes["samplers"]:
            for step, largest in enumerate(self.sampler(name)):
                yield Error("sampler", f"{name} step {step}", largest, SAMPLER_TOLERANCE)
        for name, largest in (self.tables() | self.train_table()).items():
            yield Error("table", name, largest, TRAIN_TOLERANCE)
        for name in self.notes["training"]:
            for quantity, largest in self.training(name).items():
                yield Error("training", f"{name} {quantity}", largest, TRAIN_TOLERANCE)

    def get(self, name: str) -> Tensor:
        """A tensor that the JSON names."""
        if name not in self.tensors:
            raise WeightsError(f"the golden set's JSON names the tensor {name}, which its .safetensors lacks")
        return self.tensors[name]

    def run_case(self, name: str) -> list[Latents]:
        """Our outputs for a case."""
        args = self.notes["cases"][name]["args"]
        streams = {s: [self.get(key) for key in args[short]] for s, short in FILE_NAMES.items() if args[short]}
        voices = self.get(args["spk_embed"]) if args["spk_embed"] else None
        # One context serves both streams: the video's where there is video and no voice, else the audio's (4.4).
        own = "vid_context" if "video" in streams and voices is None else "audio_context"
        has_voices = "audio" in streams and voices is not None
        context = self.model.context(
            [self.get(key) for key in args[own]],
            voices if has_voices else None,
            args["spk_pos"] if has_voices else None,
        )
        samples = [dict(zip(streams, row, strict=True)) for row in zip(*streams.values(), strict=True)]
        t = self.get(args["t"])
        flags = {"clean_first_frame": args["first_frame_is_clean"], "masked": args["masking_modality"]}
        return run_ragged(self.model, samples, dict.fromkeys(streams, t), context, **flags)

    def case(self, name: str) -> float:
        """Largest absolute error of a case."""
        outputs = self.run_case(name)
        expected = self.notes["cases"][name]["outputs"]
        return max(
            largest_error(output[stream], self.get(key))
            for stream, short in FILE_NAMES.items()
            for output, key in zip(outputs, expected[short] or [], strict=False)
        )

    def sampler(self, name: str) -> list[float]:
        """Largest absolute error after each step of a sampling loop."""
        notes = self.notes["samplers"][name]
        grid = notes["thw"][0] if notes["thw"] else None
        start: Latents = {}
        if grid:
            start["video"] = from_flat(self.get(f"{name}.noise_vid"), grid)
        if notes["audio_len"]:
            start["audio"] = self.get(f"{name}.noise_audio")[None]
        first = self.tensors.get(f"{name}.first_frame")
        errors: list[float] = []

        def compare(step: int, _total: int, latents: Latents) -> None:
            found = {"vid": to_flat(latents["video"])} if "video" in latents else {}
            found |= {"audio": latents["audio"][0]} if "audio" in latents else {}
            keys = {short: f"{name}.{short}_after_step_{step - 1}" for short in found}
            errors.append(max(largest_error(x, self.get(keys[short])) for short, x in found.items()))

        prompt = Prompt(
            text_NE=self.get(f"{name}.context_pos"),
            negative_NE=self.get(f"{name}.context_neg_vid"),
            negative_audio_NE=self.get(f"{name}.context_neg_audio"),
            voices_RS=self.tensors.get(f"{name}.spk_embed"),
            positions=tuple(notes["spk_pos"][0]) if notes["spk_pos"] else (),
        )
        first = None if first is None else first.permute(3, 0, 1, 2)[None]
        sample(self.model, [prompt], Start(start, {}, first), options_of(notes), on_step=compare)
        return errors

    def tables(self) -> dict[str, float]:
        """Relative errors of the sampling tables; a wrong integer timestep counts whole."""
        errors = {}
        for name in (key for key in self.tensors if key.startswith("unipc.sigmas.")):
            steps = int(name.rsplit(".", 1)[1])
            sigmas = noise_levels(steps)
            errors[name] = relative_error(torch.tensor(sigmas), self.get(name))
            levels = torch.tensor([timestep(sigma) for sigma in sigmas[:-1]])
            errors[f"unipc.timesteps.{steps}"] = largest_error(levels, self.get(f"unipc.timesteps.{steps}"))
        return errors

    def train_table(self) -> dict[str, float]:
        """Relative errors of the training table."""
        table = schedule()
        ours = {"sigmas": table.sigmas, "timesteps": table.timesteps, "weights": table.weights}
        keys = {f"train.{name}": values for name, values in ours.items() if f"train.{name}" in self.tensors}
        return {key: relative_error(values, self.get(key)) for key, values in keys.items()}

    def training(self, name: str) -> dict[str, float]:
        """Relative errors of a training step's losses."""
        notes = self.notes["training"][name]
        indices = self.get(f"{name}.timestep_ids")
        clean, noise = (
            [self.train_latents(f"{name}.{kind}", row) for row in range(len(indices))] for kind in ("z0", "noise")
        )
        texts = [self.get(f"{name}.context.{row}") for row in range(len(indices))]
        context = self.model.context(texts, self.tensors.get(f"{name}.spk_embed"), notes["spk_pos"])
        noisy = Noisy(clean, noise, {"video": indices, "audio": indices}, notes["is_i2v"])
        loss = flow_loss(self.model, noisy, context)
        found = {"loss_total": loss.total}
        for stream, short in FILE_NAMES.items():
            found |= {f"loss_{short}": loss.streams[stream], f"mse_{short}": loss.errors_B[stream]}
        return {key: relative_error(value, self.get(f"{name}.{key}")) for key, value in found.items()}

    def train_latents(self, prefix: str, row: int) -> Latents:
        """One sample of a training step in our layout."""
        video = self.get(f"{prefix}_vid.{row}").permute(3, 0, 1, 2)
        return {"video": video, "audio": self.get(f"{prefix}_audio.{row}")}


def read_notes(path: Path) -> dict[str, Any]:
    """The JSON of a golden set."""
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; a golden set is NAME.safetensors with NAME.json beside it") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no JSON ({error})") from None
    if absent := [key for key in ("config", "spk_dim", "cases", "samplers", "training") if key not in notes]:
        raise InputError(f"{path} lacks {', '.join(absent)}; it does not describe a golden set")
    return notes


def options_of(notes: dict[str, Any]) -> Options:
    """Our options for a recorded sampling loop."""
    guidance = Guidance(
        video=notes["video_guidance"],
        audio=notes["audio_guidance"],
        align=notes["align_3d_cfg"],
        video_align=notes["video_align_guidance"],
        audio_align=notes["audio_align_guidance"],
        timbre=notes["timbre_cfg"],
        audio_timbre=notes["timbre_guidance"],
    )
    return Options(num_steps=notes["steps"], shift=notes["shift"], guidance=guidance, as_released=True)


def from_flat(video_TK: Tensor, grid: list[int]) -> Tensor:
    """[F * H * W, K] to [1, K, F, H, W]."""
    return video_TK.T.reshape(1, -1, *grid)


def to_flat(video_BKFHW: Tensor) -> Tensor:
    """[1, K, F, H, W] to [F * H * W, K]."""
    return video_BKFHW[0].flatten(1).T


def largest_error(found: Tensor, expected: Tensor) -> float:
    """Largest absolute difference; infinite where shapes differ."""
    if found.shape != expected.shape:
        return float("inf")
    return (found.double() - expected.double()).abs().max().item()


def relative_error(found: Tensor, expected: Tensor) -> float:
    """Largest absolute difference over the largest expected magnitude."""
    return largest_error(found, expected) / max(expected.double().abs().max().item(), 1e-30)
