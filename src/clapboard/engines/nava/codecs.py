"""Latents to pictures and sound, and back.

    video = VideoCodec(folder, "cpu")
    for pictures_N3HW in video.decode(latent_KFHW): ...        # 1 picture, then 4 for every further latent frame
    latent_KFHW = video.encode(pictures_3HW, num_frames)       # from an iterator: never all in memory
    sound = SoundCodec(folder, "cpu")
    samples = sound.decode(latent_LK)                          # float32 [2, (4 L - 3) * 480] at 48 kHz
    latent_LK = sound.encode(samples, num_latents)

Conventions: pictures are RGB from -1 to 1; latents are normalised, as the backbone sees them. Letters as in model.py.

The picture is decoded frame by frame: every convolution keeps the last two frames of its input, as the network was
made to run, so a streamed film equals one decoded whole to the last bit. Tiles cut the picture in space as well; they
change it a little where they meet, because the middle of the network sees a whole tile at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.models.autoencoders.autoencoder_kl_wan import WanCausalConv3d, patchify, unpatchify
from torch import Tensor, nn
from transformers.audio_utils import mel_filter_bank

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.nava import layouts
from clapboard.engines.nava.store import SOUND, VIDEO
from clapboard.take import Samples

# Mean and deviation of each channel of the video latents, published with the Wan2.2 VAE.
VIDEO_MEAN: Final = (
    -0.2289, -0.0052, -0.1323, -0.2339, -0.2799, 0.0174, 0.1838, 0.1557, -0.1382, 0.0542, 0.2813, 0.0891,
    0.1570, -0.0098, 0.0375, -0.1825, -0.2246, -0.1207, -0.0698, 0.5109, 0.2665, -0.2108, -0.2158, 0.2502,
    -0.2055, -0.0322, 0.1109, 0.1567, -0.0729, 0.0899, -0.2799, -0.1230, -0.0313, -0.1649, 0.0117, 0.0723,
    -0.2839, -0.2083, -0.0520, 0.3748, 0.0152, 0.1957, 0.1433, -0.2944, 0.3573, -0.0548, -0.1681, -0.0667,
)  # fmt: skip
VIDEO_STD: Final = (
    0.4765, 1.0364, 0.4514, 1.1677, 0.5313, 0.4990, 0.4818, 0.5013, 0.8158, 1.0344, 0.5894, 1.0901,
    0.6885, 0.6165, 0.8454, 0.4978, 0.5759, 0.3523, 0.7135, 0.6804, 0.5833, 1.4146, 0.8986, 0.5659,
    0.7069, 0.5338, 0.4889, 0.4917, 0.4069, 0.4999, 0.6866, 0.4093, 0.5709, 0.6065, 0.6415, 0.4944,
    0.5726, 1.2042, 0.5458, 1.6887, 0.3971, 1.0600, 0.3943, 0.5537, 0.5444, 0.4089, 0.7468, 0.7744,
)  # fmt: skip

Cache = list[Tensor | str | None]
"""What each causal convolution remembers of the frames before; the network puts a word there at first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tiles:
    """Sizes of overlapping tiles in latents; the defaults are the release's."""

    rows: int = 22
    columns: int = 40
    row_stride: int = 14
    column_stride: int = 26


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of the latent picture, and how much each of its pixels counts, [H, W]."""

    rows: slice
    columns: slice
    weight_HW: Tensor


def starts(length: int, size: int, stride: int) -> list[int]:
    """Where tiles begin: every `stride`, the last one moved back so that it ends with the picture."""
    last = max(length - size, 0)
    return [*range(0, last, stride), last]


def ramp(length: int, overlap: int, at_start: bool, at_end: bool) -> Tensor:
    """Weights along one side of a tile, rising from its edges over the overlap; flat where the picture ends."""
    index = torch.arange(length)
    up = torch.ones(length) if at_start else (index + 0.5) / overlap
    down = torch.ones(length) if at_end else (length - index - 0.5) / overlap
    return torch.minimum(up, down).clamp(max=1)


def cut(size_HW: tuple[int, int], tiles: Tiles, scale: int) -> list[Tile]:
    """The tiles of a latent picture of this size, row by row; `scale` pixels make one latent."""

    def spans(length: int, size: int, stride: int) -> list[tuple[slice, Tensor]]:
        size = min(size, length)
        overlap = (size - min(stride, size)) * scale or 1
        return [
            (slice(start, start + size), ramp(size * scale, overlap, start == 0, start + size == length))
            for start in starts(length, size, stride)
        ]

    rows = spans(size_HW[0], tiles.rows, tiles.row_stride)
    columns = spans(size_HW[1], tiles.columns, tiles.column_stride)
    return [Tile(row, column, torch.minimum(h[:, None], w[None])) for row, h in rows for column, w in columns]


def num_caches(network: nn.Module) -> int:
    """Causal convolutions of one half of the video VAE."""
    return sum(isinstance(module, WanCausalConv3d) for module in network.modules())


class VideoCodec:
    """The Wan2.2 VAE of one folder of weights, on one device, in float32."""

    def __init__(self, folder: Path, device: str, tiles: Tiles | None = None) -> None:
        self.vae = layouts.load_video(folder / VIDEO, device)
        self.device, self.tiles = device, tiles
        statistics = (torch.tensor(x, device=device)[:, None, None, None] for x in (VIDEO_MEAN, VIDEO_STD))
        self.mean_K111, self.std_K111 = statistics
        self.patch: int = self.vae.config["patch_size"]
        self.scale: int = self.vae.config["scale_factor_spatial"]

    def decode(self, latent_KFHW: Tensor) -> Iterator[Tensor]:
        """RGB [N, 3, H, W] from -1 to 1: one picture for the first latent frame, 4 for every further one."""
        size = (latent_KFHW.shape[2], latent_KFHW.shape[3])
        whole = [Tile(slice(None), slice(None), torch.ones(1, 1))]
        tiles = cut(size, self.tiles, self.scale) if self.tiles else whole
        caches: list[Cache] = [[None] * num_caches(self.vae.decoder) for _ in tiles]
        total = torch.zeros(size[0] * self.scale, size[1] * self.scale, device=self.device)
        for tile in tiles:
            self.place(total, tile).add_(tile.weight_HW.to(self.device))
        hidden_1KFHW = self.unnormalised(latent_KFHW)
        for index in range(latent_KFHW.shape[1]):
            frame_1K1HW = hidden_1KFHW[:, :, index : index + 1]
            pictures: Tensor | None = None
            for tile, cache in zip(tiles, caches, strict=True):
                part = self.decode_tile(frame_1K1HW[..., tile.rows, tile.columns], cache, index == 0)
                if pictures is None:
                    pictures = part.new_zeros(*part.shape[:2], *total.shape)
                self.place(pictures, tile).add_(part * tile.weight_HW.to(self.device))
            assert pictures is not None
            yield pictures / total

    def place(self, pictures: Tensor, tile: Tile) -> Tensor:
        """The pixels [..., H, W] of a tile."""
        rows, columns = (
            slice(s.start * self.scale, s.stop * self.scale) if s.stop else s for s in (tile.rows, tile.columns)
        )
        return pictures[..., rows, columns]

    @torch.no_grad()
    def unnormalised(self, latent_KFHW: Tensor) -> Tensor:
        """What the decoder takes, [1, K, F, H, W]."""
        latent = latent_KFHW.to(self.device, torch.float32)
        return self.vae.post_quant_conv((latent * self.std_K111 + self.mean_K111)[None])

    @torch.no_grad()
    def decode_tile(self, hidden_1K1HW: Tensor, cache: Cache, first: bool) -> Tensor:
        """One latent frame of one tile to [N, 3, H, W]; what the convolutions must remember goes into `cache`."""
        hidden = self.vae.decoder(hidden_1K1HW, feat_cache=cache, feat_idx=[0], first_chunk=first)
        if self.tiles:  # many tiles remember more than fits: it waits in main memory (the network fetches it)
            cache[:] = [kept if kept is None or isinstance(kept, str) else kept.cpu() for kept in cache]
        return unpatchify(hidden, self.patch)[0].transpose(0, 1).clamp(-1, 1)

    @torch.no_grad()
    def encode(self, pictures_3HW: Iterator[Tensor], num_frames: int) -> Tensor:
        """The latent [K, F, H, W] of 4 (F - 1) + 1 pictures; those missing at the end repeat the last one."""
        cache: Cache = [None] * num_caches(self.vae.encoder)
        frames: list[Tensor] = []
        group: list[Tensor] = []
        for index in range(num_frames):
            group = list(islice(pictures_3HW, 4 if index else 1)) or group[-1:]
            group += [group[-1]] * ((4 if index else 1) - len(group))
            pictures = torch.stack(group, 1)[None].to(self.device, torch.float32)
            frames.append(self.vae.encoder(patchify(pictures, self.patch), feat_cache=cache, feat_idx=[0]))
        mean_KFHW = self.vae.quant_conv(torch.cat(frames, 2))[0, : len(self.mean_K111)]
        return (mean_KFHW - self.mean_K111) / self.std_K111


# ----------------------------------------------------------------------------------------------------- sound

MODEL_RATE = 16_000
"""Samples a second that the audio VAE was trained on."""
MEL_HOP = 160
MEL_FFT = 1024
LATENT_SAMPLES = 4 * MEL_HOP
"""Samples at 16 kHz for one latent: 25 latents a second."""


def num_samples(num_latents: int) -> int:
    """Samples at 48 kHz that so many latents decode to."""
    return (4 * num_latents - 3) * MEL_HOP * (SAMPLE_RATE // MODEL_RATE)


def to_model_rate(samples: Tensor) -> Tensor:
    """[C, N] from 48 kHz to 16 kHz: a low pass of 385 taps (-0.3 dB at 7.4 kHz, -82 dB from 8 kHz on; measured)."""
    ratio, half = SAMPLE_RATE // MODEL_RATE, 192
    taps = np.sinc(np.arange(-half, half + 1) * (7600 / SAMPLE_RATE * 2)) * np.kaiser(2 * half + 1, 8.0)
    kernel = torch.tensor(taps / taps.sum(), dtype=samples.dtype, device=samples.device)[None, None]
    return F.conv1d(samples[:, None], kernel, stride=ratio, padding=half)[:, 0]


def log_mel(samples: Tensor) -> Tensor:
    """[C, N] at 16 kHz to the natural logarithm of magnitudes in 64 mel bands, [C, N / 160 + 1, 64]."""
    window = torch.hann_window(MEL_FFT, device=samples.device)
    spectrum = torch.stft(samples, MEL_FFT, MEL_HOP, window=window, center=True, return_complex=True).abs()
    bank = mel_filter_bank(MEL_FFT // 2 + 1, 64, 0.0, MODEL_RATE / 2, MODEL_RATE, norm="slaney", mel_scale="slaney")
    mel = spectrum.transpose(1, 2) @ torch.tensor(bank, dtype=samples.dtype, device=samples.device)
    return mel.clamp(min=1e-5).log()


class SoundCodec:
    """The LTX audio VAE and vocoder of one folder of weights, on one device, in float32."""

    def __init__(self, folder: Path, device: str) -> None:
        self.vae, self.vocoder = layouts.load_sound(folder / SOUND, device)
        self.device = device

    @torch.no_grad()
    def decode(self, latent_LK: Tensor) -> Samples:
        """Stereo at 48 kHz, float32 [2, (4 L - 3) * 480], within +-1."""
        values = latent_LK.to(self.device, torch.float32) * self.vae.latents_std + self.vae.latents_mean
        channels: int = self.vae.config["latent_channels"]
        mel = self.vae.decode(values.unflatten(1, (channels, -1)).transpose(0, 1)[None], return_dict=False)[0]
        return np.ascontiguousarray(self.vocoder(mel)[0].float().cpu().numpy())

    @torch.no_grad()
    def encode(self, samples: Samples, num_latents: int) -> Tensor:
        """The latent [L, K] of stereo sound at 48 kHz, which is cut or filled with silence to that many latents."""
        sound = to_model_rate(torch.tensor(samples, device=self.device))
        length = num_latents * LATENT_SAMPLES
        sound = F.pad(sound, (0, max(length - sound.shape[1], 0)))[:, :length]
        latent_CLB = self.vae.encode(log_mel(sound)[None], return_dict=False)[0].mode()[0]
        values_LK = latent_CLB.transpose(0, 1).flatten(1)[:num_latents]
        return (values_LK - self.vae.latents_mean) / self.vae.latents_std
