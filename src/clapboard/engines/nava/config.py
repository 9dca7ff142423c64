"""Sizes of the NAVA family, as functions. Imports no torch, so that memory can be planned without it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

STREAMS = ("video", "audio")
"""The two sets of weights. Sound may be several streams, one per stem, of any other names; all use "audio"."""


def kind(stream: str) -> str:
    """The set of weights of a stream."""
    return "video" if stream == "video" else "audio"


def in_order(streams: Iterable[str]) -> list[str]:
    """The picture first."""
    return sorted(streams, key=kind, reverse=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Sizes, by their released names (see `released` in weights.py for the keys that never vary)."""

    dim: int
    ffn_dim: int
    num_heads: int
    num_double_layers: int
    num_single_layers: int
    vid_in_dim: int
    vid_out_dim: int
    audio_in_dim: int
    audio_out_dim: int
    text_len: int
    text_dim: int
    freq_dim: int = 256
    spk_dim: int = 192
    patch_size: tuple[int, int, int] = (1, 2, 2)
    temporal_rope_scaling_factor: float = 0.24  # 6 latent frames a second / 25 audio latents a second
    eps: float = 1e-6

    @property
    def audio_hidden(self) -> int:
        """Width of the gated audio convolution: 2/3 of 4 d, up to a multiple of 256."""
        return math.ceil(int(2 * 4 * self.dim / 3) / 256) * 256


def nano() -> Config:
    """6 M parameters, with nano's own latents and rows of events: trains and samples on two CPU cores."""
    return Config(
        dim=192, ffn_dim=512, num_heads=4, num_double_layers=2, num_single_layers=4, vid_in_dim=16, vid_out_dim=16,
        audio_in_dim=32, audio_out_dim=32, text_len=16, text_dim=29, freq_dim=128, spk_dim=8, patch_size=(2, 2, 2),
    )  # fmt: skip


def small() -> Config:
    """0.2 B parameters, with the released latents and text: for one GPU."""
    return Config(
        dim=768, ffn_dim=3072, num_heads=12, num_double_layers=4, num_single_layers=8, vid_in_dim=48,
        vid_out_dim=48, audio_in_dim=128, audio_out_dim=128, text_len=512, text_dim=4096,
    )  # fmt: skip


def nava_6b() -> Config:
    """The released model: 6,296,995,520 parameters."""
    return Config(
        dim=3072, ffn_dim=14336, num_heads=24, num_double_layers=10, num_single_layers=20, vid_in_dim=48,
        vid_out_dim=48, audio_in_dim=128, audio_out_dim=128, text_len=512, text_dim=4096,
    )  # fmt: skip
