"""Two small classifiers that say when each kind of event is seen, and when it is heard, from a finished film alone.

    critic = load()
    seen = critic.seen_events(pictures_NHW3)            # {"drum": [1.25, 1.83], ...} in seconds
    heard = critic.heard_events({"effects": samples_T, "ambience": samples_T})

They look at one sense each, so the agreement of what they find is the film's and not theirs. train_critic.py makes
them; what they miss on true films is the floor of every figure that is measured with them (docs/nano.md).

Letters: B films, N pictures, H rows, W columns, T samples, J moments (5 ms), K kinds, C features.
Pictures are uint8 RGB at 24 a second, sounds float32 mono at 24 kHz, full scale +-1.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from clapboard.engines.nava.nano.domain import FPS, KINDS, STEMS
from clapboard.engines.nava.nano.films import RATE_HZ
from clapboard.engines.nava.weights import check_names, opened

WEIGHTS: Final = Path(__file__).with_name("weights") / "critic.safetensors"
HOP, WINDOW, NUM_BANDS = 120, 480, 40
"""Samples from one spectrum to the next and in one, and bands of it: 5 ms, 20 ms, 0.6 bark."""
MOMENTS_HZ: Final = RATE_HZ // HOP
APART_S: Final = {"thunder": 0.5, "car": 0.5, "rain": 1.0}
"""Onsets of a kind are at least this far apart: lightning flickers, cars and rain begin once."""
USUAL_APART_S: Final = 0.1
FLOOR: Final = 1e-4
"""Levels in a band below this are silence: -80 dBFS."""
WIDTH: Final = 64


class Step(nn.Module):
    """x + a convolution over three moments `apart` from each other; [B, C, J]."""

    def __init__(self, width: int, apart: int) -> None:
        super().__init__()
        self.mix = nn.Conv1d(width, width, 3, padding=apart, dilation=apart)
        self.norm = nn.GroupNorm(1, width)

    def forward(self, x: Tensor) -> Tensor:
        return x + F.silu(self.mix(self.norm(x)))


class Seen(nn.Module):
    """Pictures to onsets, 172 k parameters. The camera stands still, so where something is seen says what it is."""

    def __init__(self) -> None:
        super().__init__()
        self.eye = nn.Sequential(
            nn.Conv2d(9, 24, 3, stride=2, padding=1), nn.SiLU(),
            nn.Conv2d(24, 32, 3, stride=2, padding=1), nn.SiLU(),
            nn.Conv2d(32, 48, 3, stride=2, padding=1), nn.SiLU(),
        )  # fmt: skip
        self.gather = nn.Linear(48 * 4 * 7, WIDTH)
        self.over = nn.Sequential(*(Step(WIDTH, apart) for apart in (1, 2, 4, 8, 16)), nn.Conv1d(WIDTH, len(KINDS), 1))

    def forward(self, pictures_BNHWC: Tensor) -> Tensor:
        """Pictures of half the size, [B, N, 32, 56, 3] from -1 to 1, to logits [B, N, K]."""
        x = pictures_BNHWC.permute(0, 1, 4, 2, 3)
        before, after = torch.cat([x[:, :1], x[:, :-1]], 1), torch.cat([x[:, 1:], x[:, -1:]], 1)
        features = torch.cat([2 * x, 4 * (x - before), 4 * (after - x)], 2)
        looked = self.eye(features.flatten(0, 1).contiguous(memory_format=torch.channels_last))
        gathered_BNC = F.silu(self.gather(looked.flatten(1))).unflatten(0, x.shape[:2])
        return self.over(gathered_BNC.transpose(1, 2)).transpose(1, 2).float()


class Heard(nn.Module):
    """Levels in bands of effects and ambience to onsets, 113 k parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.over = nn.Sequential(
            nn.Conv1d(len(STEMS) * NUM_BANDS, WIDTH, 5, padding=2),
            *(Step(WIDTH, apart) for apart in (1, 2, 4, 8, 16, 32, 64)),
            nn.Conv1d(WIDTH, len(KINDS), 1),
        )

    def forward(self, levels_BJC: Tensor) -> Tensor:
        """Levels [B, J, stems x bands] to logits [B, J, K]."""
        return self.over(levels_BJC.transpose(1, 2)).transpose(1, 2).float()


def halved(pictures_NHW3: Tensor) -> Tensor:
    """uint8 [..., 64, 112, 3] to half the size, -1 to 1."""
    half = pictures_NHW3.float().unflatten(-2, (-1, 2)).unflatten(-4, (-1, 2)).mean((-4, -2))
    return half / 127.5 - 1


@cache
def bands() -> Tensor:
    """Weight of each bin in each band, [bands, bins]: triangles even in bark (Traunmueller 1990) over 0 to 12 kHz."""
    hz = torch.linspace(0, RATE_HZ / 2, WINDOW // 2 + 1)
    bark = 26.81 * hz / (1960 + hz)
    place = bark / bark[-1] * (NUM_BANDS - 1)
    return (1 - (place - torch.arange(NUM_BANDS)[:, None]).abs()).clamp(min=0)


def levels(sounds_BST: Tensor) -> Tensor:
    """Sounds of the stems, [B, stems, T] of whole hops, to logarithms of the levels in bands, [B, J, stems x bands]."""
    flat = F.pad(sounds_BST, (WINDOW // 2, WINDOW // 2 - HOP)).flatten(0, 1)
    shape = torch.hann_window(WINDOW)
    spectra_BWJ = torch.stft(flat, WINDOW, HOP, window=shape / shape.sum(), center=False, return_complex=True)
    power = spectra_BWJ.abs().square().transpose(1, 2) @ bands().T
    logs = (power + FLOOR**2).log() / 4 + 2.5
    return logs.unflatten(0, sounds_BST.shape[:2]).transpose(1, 2).flatten(2)


def onsets(chances: np.ndarray, rate_hz: float, threshold: float, apart_s: float) -> list[float]:
    """Times of the peaks of [J] probabilities that pass the threshold, the highest first taken, in rising order.

    A parabola through the peak and its neighbours, in logits, places it between the moments.
    """
    logits = np.log(np.maximum(chances, 1e-6)) - np.log(np.maximum(1 - chances, 1e-6))
    padded = np.pad(chances, 1, constant_values=-1.0)
    peaks = np.flatnonzero((chances >= threshold) & (chances > padded[:-2]) & (chances >= padded[2:]))
    kept: list[float] = []
    for peak in peaks[np.argsort(-chances[peaks], kind="stable")]:
        shift = 0.0
        if 0 < peak < len(chances) - 1:
            left, top, right = logits[peak - 1 : peak + 2]
            bend = left - 2 * top + right
            shift = 0.5 * (left - right) / bend if bend < -1e-6 else 0.0
        time_s = (peak + shift) / rate_hz
        if all(abs(time_s - other) >= apart_s for other in kept):
            kept.append(float(max(time_s, 0.0)))
    return sorted(kept)


class Critic(nn.Module):
    """Both classifiers and the thresholds chosen for them."""

    seen_from_K: Tensor
    heard_from_K: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.seen, self.heard = Seen(), Heard()
        self.register_buffer("seen_from_K", torch.full((len(KINDS),), 0.3))
        self.register_buffer("heard_from_K", torch.full((len(KINDS),), 0.3))

    @torch.inference_mode()
    def seen_chances(self, pictures: np.ndarray) -> np.ndarray:
        """Pictures [N, 64, 112, 3] to the probability of an onset per frame and kind, [N, K]."""
        return torch.sigmoid(self.seen(halved(torch.from_numpy(pictures))[None]))[0].numpy()

    @torch.inference_mode()
    def heard_chances(self, sounds: Mapping[str, np.ndarray]) -> np.ndarray:
        """A sound [T] per stem to the probability of an onset per 5 ms and kind, [J, K]."""
        together = torch.stack([torch.from_numpy(np.asarray(sounds[stem], np.float32)) for stem in STEMS])
        return torch.sigmoid(self.heard(levels(together[None])))[0].numpy()

    def seen_events(self, pictures: np.ndarray) -> dict[str, list[float]]:
        """When each kind is seen, in seconds."""
        return events(self.seen_chances(pictures), FPS, self.seen_from_K.numpy())

    def heard_events(self, sounds: Mapping[str, np.ndarray]) -> dict[str, list[float]]:
        """When each kind is heard, in seconds; the rain is heard in the ambience, all else in the effects."""
        return events(self.heard_chances(sounds), MOMENTS_HZ, self.heard_from_K.numpy())


def events(chances: np.ndarray, rate_hz: float, thresholds: np.ndarray) -> dict[str, list[float]]:
    """Probabilities [J, K] as times by kind; kinds without any are left out."""
    found = {
        kind: onsets(chances[:, k], rate_hz, float(thresholds[k]), APART_S.get(kind, USUAL_APART_S))
        for k, kind in enumerate(KINDS)
    }
    return {kind: times for kind, times in found.items() if times}


def save(critic: Critic, path: Path, about: Mapping[str, str]) -> None:
    """Write both in float16, whole or not at all; `about` says how they were made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    tensors = {name: x.detach().half().contiguous() for name, x in critic.state_dict().items()}
    save_file(tensors, partial, metadata={"format": "pt", **about})
    partial.replace(path)


def load(path: Path = WEIGHTS) -> Critic:
    """Both from their file, in float32; `WeightsError` when it is not one of ours."""
    critic = Critic()
    with opened(path) as file:
        found = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118 - no mapping
        check_names(path, {name: x.shape for name, x in critic.state_dict().items()}, found)
        critic.load_state_dict({name: file.get_tensor(name).float() for name in found})
    return critic.eval().requires_grad_(False)
