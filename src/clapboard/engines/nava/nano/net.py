"""The NAVA backbone at nano size, with a stream of sound per stem and one clock for all streams.

    net = NanoNet(nano())                           # 6 M parameters
    latents = {"video": [B, 16, F, 8, 14], "effects": [B, L, 32], "ambience": [B, L, 32]}
    velocity = net(latents, {name: t_B ...}, net.prepare(net.context(rows)))

Each stream has its own timestep, so one network makes everything from text, sound for a picture, a picture for a
sound, or one stem beside the others: what is given stands at timestep 0. Four things are added to the released
design, because nano films one place and follows times: each token is told its instant (the sines and cosines of
`clock_features`, the same that tell an event's time), each picture token its place, each sound token its stem, and
each token how far it is from the events whose times the context tells (`Cues`).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from clapboard.engines.nava.config import STREAMS, Config, kind, nano
from clapboard.engines.nava.model import Latents, Named, Nava, Part, Prepared
from clapboard.engines.nava.nano.domain import CLOCK_HZ, FPS, HOURS, KINDS, SIZE, STEMS, clock_features, told_times
from clapboard.engines.nava.weights import check_names, config_of, init_weights, opened

FRAMES_PER_LATENT: Final = 4
PIXELS_PER_LATENT: Final = 8
SOUND_LATENTS_HZ: Final = 12.5
PATCH: Final = nano().patch_size
GRID: Final = (SIZE[1] // PIXELS_PER_LATENT // PATCH[1], SIZE[0] // PIXELS_PER_LATENT // PATCH[2])
"""Rows and columns of picture tokens."""
TOKEN_S: Final = Fraction(PATCH[0] * FRAMES_PER_LATENT, FPS)
"""Seconds of film in one picture token: 1/3."""


class Cues(nn.Module):
    """What each token is told of the events near it in time, so that an event falls where it was asked for."""

    def __init__(self, width: int) -> None:
        super().__init__()
        fine, coarse = torch.arange(-0.4, 0.81, 0.04), torch.arange(-2.0, 2.5, 0.16)
        self.register_buffer("centres", torch.cat([fine, coarse]), persistent=False)
        self.register_buffer("widths", torch.cat([0.04 + 0 * fine, 0.16 + 0 * coarse]), persistent=False)
        self.centres: Tensor
        self.widths: Tensor
        self.near = Named({name: nn.Linear(len(KINDS) * len(self.centres), width, bias=False) for name in STREAMS})

    def forward(self, name: str, times_T: Tensor, rows_BNE: Tensor) -> Tensor:
        """[B, T, d]: per kind of event, bumps of the distance in time from its events to the tokens."""
        event_BN, timed_BN = told_times(rows_BNE)
        distance_BNT1 = (times_T - event_BN[..., None])[..., None]
        bumps = torch.exp(-0.5 * ((distance_BNT1 - self.centres) / self.widths) ** 2)
        kinds_BNK = rows_BNE[..., : len(KINDS)].float() * timed_BN[..., None]
        return self.near[kind(name)](torch.einsum("bnk,bntc->btkc", kinds_BNK, bumps).flatten(2).to(self.dtype))

    @property
    def dtype(self) -> torch.dtype:
        """The type of the weights."""
        return self.near["video"].weight.dtype


class NanoNet(Nava):
    """See the top of the file."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.stem = nn.ParameterDict({name: nn.Parameter(torch.empty(config.dim)) for name in STEMS})
        self.place = nn.Parameter(torch.empty(GRID[0] * GRID[1], config.dim))
        self.clock = nn.Linear(2 * len(CLOCK_HZ), config.dim, bias=False)
        self.cues = Cues(config.dim)
        rows, columns = (side // PIXELS_PER_LATENT for side in SIZE[::-1])
        self.register_buffer("centre", torch.zeros(len(HOURS), config.vid_in_dim, 1, rows, columns))
        self.register_buffer("spread", torch.ones(config.vid_in_dim, 1, 1, 1))
        self.centre: Tensor
        self.spread: Tensor

    def inward(self, video: Tensor, hour: str) -> Tensor:
        """The codec's picture latent [..., K, F, H, W] as this network sees it: less the usual yard at that hour."""
        return (video - self.centre[HOURS.index(hour)]) / self.spread

    def outward(self, video: Tensor, hour: str) -> Tensor:
        """The way back."""
        return video * self.spread + self.centre[HOURS.index(hour)]

    def times(self, name: str, latent: Tensor) -> np.ndarray:
        """Instants in seconds of a stream's tokens; of the picture, of each row of tokens in time."""
        if kind(name) == "video":
            return (np.arange(-(-latent.shape[2] // PATCH[0])) + 0.5) * float(TOKEN_S)
        return (np.arange(latent.shape[1]) + 0.5) / SOUND_LATENTS_HZ

    def told(self, name: str, latent: Tensor) -> Tensor:
        """What is added to the tokens of a stream, [T, d]."""
        times = self.clock(self.features(self.times(name, latent)))
        return (times[:, None] + self.place).flatten(0, 1) if kind(name) == "video" else times + self.stem[name]

    def features(self, t_s: np.ndarray) -> Tensor:
        """`clock_features` as the model's numbers."""
        return torch.from_numpy(clock_features(t_s)).to(self.place.device, self.dtype)

    def embed(self, latents: Latents, t: dict[str, Tensor], clean_first_frame: bool = False) -> dict[str, Part]:
        """As `Nava.embed`, with each token told its instant and its place or stem."""
        parts = super().embed(latents, t, clean_first_frame)
        return {
            name: replace(part, tokens_BTd=part.tokens_BTd + self.told(name, latents[name]))
            for name, part in parts.items()
        }

    def context(
        self,
        texts_NE: Sequence[Tensor],
        voices_RS: Tensor | None = None,
        positions: Sequence[Sequence[int]] | None = None,
    ) -> Tensor:
        """As `Nava.context`, with the rows themselves behind it, [B, C, d + E]: the cues need their times."""
        count = self.config.text_len
        rows_BCE = torch.stack([functional.pad(text, (0, 0, 0, count - len(text))) for text in texts_NE])
        return torch.cat([super().context(texts_NE, voices_RS, positions).float(), rows_BCE.float()], -1)

    def prepare(self, context_BCd: Tensor, streams: Sequence[str] = STREAMS) -> Prepared:
        """As `Nava.prepare`, with the rows behind the blocks' keys and values."""
        width = self.config.dim
        rows_BCE = context_BCd[..., width:]
        blocks = super().prepare(context_BCd[..., :width].to(self.dtype), streams)
        return [*blocks, {"rows": (rows_BCE, rows_BCE)}]

    def denoise(self, streams: dict[str, Part], latents: Latents, prepared: Prepared, masked: bool = False) -> Latents:
        """As `Nava.denoise`, with the cues of the context added to the tokens."""
        *blocks, last = prepared
        cued: dict[str, Part] = {}
        for name, part in streams.items():
            times_T = torch.from_numpy(self.times(name, latents[name])).to(self.place.device, torch.float32)
            near_BTd = self.cues(name, times_T, last["rows"][0]).to(part.tokens_BTd.dtype)
            near_BTd = near_BTd.repeat_interleave(part.tokens_BTd.shape[1] // len(times_T), 1)
            cued[name] = replace(part, tokens_BTd=part.tokens_BTd + near_BTd)
        return super().denoise(cued, latents, blocks, masked)


def fresh(config: Config, seed: int) -> NanoNet:
    """A new network."""
    net = NanoNet(config)
    generator = torch.Generator().manual_seed(seed)
    init_weights(net, generator)
    for name in STREAMS:
        nn.init.zeros_(net.cues.near[name].weight)  # the network learns to see the cues
    for parameter in (*net.stem.values(), net.place, net.clock.weight):
        nn.init.normal_(parameter, 0, 0.1, generator=generator)
    return net


def save(net: NanoNet, path: Path, notes: dict[str, str] | None = None) -> None:
    """Write the weights in float16 with the config; whole or not at all."""
    tensors = {name: tensor.detach().half().contiguous() for name, tensor in net.state_dict().items()}
    partial = path.with_name(path.name + ".part")
    save_file(tensors, partial, metadata={"format": "pt", "config": json.dumps(asdict(net.config))} | (notes or {}))
    partial.replace(path)


def load(path: Path) -> NanoNet:
    """The network that `save` wrote, in float32; what does not fit is one clear line."""
    net = NanoNet(config_of(path))
    own = net.state_dict()
    with opened(path) as file:
        found = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118
        check_names(path, {name: x.shape for name, x in own.items()}, found)
        net.load_state_dict({name: file.get_tensor(name).float() for name in own})
    return net.eval()
