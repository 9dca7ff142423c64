"""Write the small golden set that the tests carry, from the plain transcription in float64.

    python benchmarks/nava_golden.py tests/engines/nava/golden_small.safetensors

Its sizes are awkward on purpose: three heads of ten numbers (not a multiple of four), one double and two single
blocks. The layout is that of clapboard.engines.nava.golden; random weights, none of them zero.
"""

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

import nava_reference as reference
from clapboard.engines.nava.model import Nava
from clapboard.engines.nava.weights import config_from_released, released_names

CONFIG: dict[str, Any] = {
    "model_type": "ti2v", "patch_size": [1, 2, 2], "freq_dim": 32, "window_size": [-1, -1], "qk_norm": True,
    "cross_attn_norm": True, "eps": 1e-6, "add_spk_emb": True, "no_split_norm_ffn": True,
    "num_double_final_layers": 0, "text_len": 9, "text_dim": 14, "vid_in_dim": 5, "vid_out_dim": 5,
    "audio_in_dim": 3, "audio_out_dim": 3, "dim": 30, "ffn_dim": 44, "num_heads": 3, "num_layers": 3,
    "num_double_layers": 1, "num_single_layers": 2, "temporal_rope_scaling_factor": 0.24,
}  # fmt: skip
SPEAKER = 192
GRID, OTHER_GRID = (3, 4, 6), (2, 6, 4)
LENGTHS = (11, 7)
SCALES = {"video": 3.0, "audio": 2.0, "video_align": 3.0, "audio_align": 2.0, "timbre": 3.0}


class Maker:
    """Collects tensors (float64 inside, float32 in the file) and notes."""

    def __init__(self) -> None:
        self.generator = torch.Generator().manual_seed(3)
        config = config_from_released(CONFIG, SPEAKER)
        names = released_names(Nava(config), "")
        state = Nava(config).state_dict()
        self.weights = {name: self.weight(name, state[own].shape) for name, own in names.items()}
        self.tensors: dict[str, Tensor] = {f"model.{name}": w for name, w in self.weights.items()}

    def normal(self, *shape: int) -> Tensor:
        """Numbers that float32 holds exactly, as float64."""
        return torch.randn(*shape, generator=self.generator).double()

    def weight(self, name: str, shape: torch.Size) -> Tensor:
        """Matrices of unit gain, norm gains about one, small biases."""
        if len(shape) == 1:
            return (0.1 * self.normal(*shape) + (0 if name.endswith("bias") else 1)).float().double()
        gain = 0.3 if "modulation" in name else math.prod(shape[1:]) ** -0.5
        return (gain * self.normal(*shape)).float().double()

    def put(self, name: str, value: Tensor) -> str:
        """Store a tensor; its name."""
        self.tensors[name] = value
        return name

    def case(self, name: str, size: int = 1, **changes: object) -> dict[str, Any]:
        """One call of the backbone with its outputs."""
        vid = [self.normal(5, *grid) for grid in (GRID, OTHER_GRID)[:size]]
        audio = [self.normal(length, 3) for length in LENGTHS[:size]]
        texts = {f"{s}_context": [self.normal(4 + i + i, 14) for i in range(size)] for s in ("vid", "audio")}
        args: dict[str, Any] = {"vid": vid, "audio": audio, **texts, "t": torch.tensor([637.0, 90.0][:size])}
        args |= {"spk_embed": None, "spk_pos": None, "masking_modality": False, "first_frame_is_clean": False}
        args |= changes
        for stream in ("vid", "audio"):
            if args[stream] is None:
                args[f"{stream}_context"] = None
        out = reference.forward(self.weights, CONFIG, args)
        notes: dict[str, Any] = {"args": {}, "outputs": {}}
        for key, value in args.items():
            if isinstance(value, list) and isinstance(value[0], Tensor):
                value = [self.put(f"case_{name}.{key}.{i}", x) for i, x in enumerate(value)]
            notes["args"][key] = self.put(f"case_{name}.{key}", value) if isinstance(value, Tensor) else value
        for key, value in out.items():
            named = value and [self.put(f"case_{name}.out_{key}.{i}", x) for i, x in enumerate(value)]
            notes["outputs"][key] = named
        return notes

    def sampler(
        self, name: str, *, align: bool, timbre: bool, video: bool = True, positions: list[list[int]] | None = None
    ) -> dict[str, Any]:
        """A loop of four UniPC steps with every sample; with an image if there are voices and video."""
        steps, f, h, w = 4, *GRID
        x = {"vid": self.normal(f * h * w, 5)} if video else {}
        x["audio"] = self.normal(LENGTHS[0], 3)
        given = {key: self.normal(n, 14) for key, n in (("pos", 6), ("neg_vid", 5), ("neg_audio", 3))}
        given = {f"context_{key}": text for key, text in given.items()} | {f"noise_{s}": z for s, z in x.items()}
        if positions:
            given["spk_embed"] = self.normal(len(positions[0]), SPEAKER)
            given |= {"first_frame": self.normal(1, h, w, 5)} if video else {}
        for key, value in given.items():
            self.put(f"{name}.{key}", value)
        first, has_voice = given.get("first_frame"), timbre and positions is not None
        sigmas = plain_sigmas(steps)
        solvers = {s: plain_unipc(sigmas) for s in x}
        for step in range(steps):
            if first is not None:
                x["vid"] = torch.cat([first.reshape(-1, 5), x["vid"][h * w :]])
            args = {
                "vid": [x["vid"].T.reshape(5, f, h, w)] if video else None, "audio": [x["audio"]],
                "t": torch.tensor([math.floor(1000 * sigmas[step])]), "first_frame_is_clean": first is not None,
            }  # fmt: skip
            text, negative = given["context_pos"], given["context_neg_vid" if video else "context_neg_audio"]
            c = self.call(args, text, spk_embed=given.get("spk_embed"), spk_pos=positions)
            u = self.call(args, negative)
            m = self.call(args, text, spk_embed=given.get("spk_embed"), masking_modality=True) if align else c
            b = self.call(args, text, spk_pos=positions) if has_voice else c
            for s in x:
                g, a = (
                    (SCALES["video"], SCALES["video_align"]) if s == "vid" else (SCALES["audio"], SCALES["audio_align"])
                )
                base = c[s] if align or (s == "audio" and has_voice) else u[s]
                v = base + g * (c[s] - u[s]) + a * (c[s] - m[s])
                x[s] = solvers[s](step, x[s], v + SCALES["timbre"] * (c[s] - b[s]) if s == "audio" else v)
                self.put(f"{name}.{s}_after_step_{step}", x[s])
        return {
            "thw": [list(GRID)] if video else [], "audio_len": [LENGTHS[0]], "steps": steps, "shift": 5,
            "align_3d_cfg": align, "timbre_cfg": timbre, "spk_pos": positions, "video_guidance": SCALES["video"],
            "audio_guidance": SCALES["audio"], "video_align_guidance": SCALES["video_align"],
            "audio_align_guidance": SCALES["audio_align"], "timbre_guidance": SCALES["timbre"],
        }  # fmt: skip

    def call(self, args: dict[str, Any], text: Tensor, **changes: object) -> dict[str, Tensor]:
        """One call of a sampling step; velocities [T, K]."""
        plain = {"spk_embed": None, "spk_pos": None, "masking_modality": False}
        contexts = {"vid_context": [text], "audio_context": [text]}
        out = reference.forward(self.weights, CONFIG, args | plain | contexts | changes)
        return {s: (v[0].flatten(1).T if s == "vid" else v[0]) for s, v in out.items() if v}

    def training(self, name: str, is_i2v: bool) -> dict[str, Any]:
        """One loss over two samples."""
        s = torch.linspace(1, 0.003 / 1.002, 1001, dtype=torch.float64)[:-1]
        sigmas = 5 * s / (1 + 4 * s)
        t = 1000 * sigmas
        w = torch.exp(-2 * ((t - 500) / 1000) ** 2)
        w = w - w.min()
        w = w * 1000 / w.sum()
        for key, value in {"sigmas": sigmas, "timesteps": t, "weights": w}.items():
            self.put(f"train.{key}", value)
        ids, positions = torch.tensor([310, 770]), [[2], [0, 4]]
        texts, voices = [self.normal(5, 14), self.normal(8, 14)], self.normal(3, SPEAKER)
        z = {"vid": [self.normal(*g, 5) for g in (GRID, OTHER_GRID)], "audio": [self.normal(n, 3) for n in LENGTHS]}
        n = {stream: [self.normal(*x.shape) for x in rows] for stream, rows in z.items()}
        x = {k: [(1 - sigmas[i]) * a + sigmas[i] * b for a, b, i in zip(z[k], n[k], ids, strict=True)] for k in z}
        if is_i2v:
            x["vid"] = [torch.cat([a[:1], b[1:]]) for a, b in zip(z["vid"], x["vid"], strict=True)]
        args = {
            "vid": [v.permute(3, 0, 1, 2) for v in x["vid"]], "audio": x["audio"], "vid_context": texts,
            "audio_context": texts, "spk_embed": voices, "spk_pos": positions, "t": t[ids],
            "masking_modality": False, "first_frame_is_clean": is_i2v,
        }  # fmt: skip
        out = reference.forward(self.weights, CONFIG, args)
        total, scale = torch.zeros((), dtype=torch.float64), {"vid": 1.0, "audio": 0.2}
        for k in z:
            found = [v.permute(1, 2, 3, 0) if k == "vid" else v for v in out[k] or []]
            mse = torch.stack([(v - (b - a)).square().mean() for v, a, b in zip(found, z[k], n[k], strict=True)])
            loss = scale[k] * (w[ids] * mse).mean()
            self.put(f"{name}.mse_{k}", mse)
            self.put(f"{name}.loss_{k}", loss)
            total = total + loss
            for i in range(2):
                self.put(f"{name}.z0_{k}.{i}", z[k][i])
                self.put(f"{name}.noise_{k}.{i}", n[k][i])
        self.put(f"{name}.loss_total", total)
        self.put(f"{name}.timestep_ids", ids)
        self.put(f"{name}.spk_embed", voices)
        for i, text in enumerate(texts):
            self.put(f"{name}.context.{i}", text)
        return {"spk_pos": positions, "is_i2v": is_i2v}


def plain_sigmas(steps: int) -> list[float]:
    """The release's table (5.2)."""
    largest = 5 * 0.999 / (1 + 4 * 0.999)
    s = [largest - largest * i / steps for i in range(steps)]
    return [5 * x / (1 + 4 * x) for x in s] + [0.0]


def plain_unipc(sigmas: list[float]) -> Callable[[int, Tensor, Tensor], Tensor]:
    """UniPC of order 2 as the equations of 5.3, in one closure."""
    m: dict[int, Tensor] = {}
    y: dict[int, Tensor] = {}
    order: dict[int, int] = {}
    lam = [math.log(1 - s) - math.log(s) if s else math.inf for s in sigmas]

    def step(i: int, x: Tensor, v: Tensor) -> Tensor:
        m[i] = x - sigmas[i] * v
        if i:
            h = lam[i] - lam[i - 1]
            b, alpha = math.expm1(-h), 1 - sigmas[i]
            x = sigmas[i] / sigmas[i - 1] * y[i - 1] - alpha * b * m[i - 1]
            d = m[i] - m[i - 1]
            if order[i - 1] == 1:
                x = x - alpha * b * d / 2
            else:
                r = (lam[i - 2] - lam[i - 1]) / h
                g1 = b / -h - 1
                g2 = g1 / -h - 0.5
                rho = torch.linalg.solve(
                    torch.tensor([[1.0, 1.0], [r, 1.0]], dtype=torch.float64),
                    torch.tensor([g1 / b, 2 * g2 / b], dtype=torch.float64),
                )
                x = x - alpha * b * (rho[0] * (m[i - 2] - m[i - 1]) / r + rho[1] * d)
        y[i] = x
        order[i] = min(2, len(sigmas) - 1 - i, i + 1)
        h = lam[i + 1] - lam[i]
        b, alpha = math.expm1(-h), 1 - sigmas[i + 1]
        following = sigmas[i + 1] / sigmas[i] * x - alpha * b * m[i]
        if order[i] == 2:
            following = following - alpha * b * (m[i - 1] - m[i]) / (2 * (lam[i - 1] - lam[i]) / h)
        return following

    return step


def main(path: Path) -> None:
    """Make and write the set."""
    make = Maker()
    two, null = make.normal(2, SPEAKER), make.normal(2, SPEAKER)
    null[1] = 0
    cases = {
        "joint": make.case("joint"),
        "batch": make.case("batch", size=2),
        "first_frame": make.case("first_frame", size=2, first_frame_is_clean=True),
        "voices": make.case("voices", spk_embed=null, spk_pos=[[1, 3]]),
        "batch_voices": make.case("batch_voices", size=2, spk_embed=two, spk_pos=[[0], [2]]),
        "one_voice": make.case("one_voice", spk_embed=two[:1], spk_pos=[[1, 3]]),
        "audio": make.case("audio", size=2, vid=None, spk_embed=two, spk_pos=[[0], [2]]),
        "video": make.case("video", size=2, audio=None, first_frame_is_clean=True),
        "masked": make.case("masked", size=2, masking_modality=True),
    }
    samplers = {
        "s_joint": make.sampler("s_joint", align=True, timbre=True),
        "s_plain": make.sampler("s_plain", align=False, timbre=False),
        "s_image_voices": make.sampler("s_image_voices", align=True, timbre=True, positions=[[1, 3]]),
        "s_audio_voice": make.sampler("s_audio_voice", align=False, timbre=True, video=False, positions=[[2]]),
    }
    training = {"train_joint": make.training("train_joint", False), "train_image": make.training("train_image", True)}
    notes = {"config": CONFIG, "spk_dim": SPEAKER, "cases": cases, "samplers": samplers, "training": training}
    tensors = {k: (v.float() if v.is_floating_point() else v).contiguous().clone() for k, v in make.tensors.items()}
    save_file(tensors, path)
    path.with_suffix(".json").write_text(json.dumps(notes, indent=1) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
