"""Nano's sound autoencoder: 12.5 latents of 32 numbers a second for one dry stem, and back.

    codec = load_sounds()                              # the weights that ship with the package
    latent_BLK = codec.encode(from_film_rate(samples_48k))
    samples_BT = codec.decode(latent_BLK, seed=7)      # 24 kHz; `to_film_rate` gives 48 kHz

The decoder knows no phase, so latents need not hold any: it says, 200 times a second, how strong the noise is in bands
(rain, spray, tyres, clicks) and how strong each tone of a fixed bank (drums, thuds, bubbles); the seed chooses the
noise and the phases of the tones.

Letters: B stems, T samples, L latents, K latent channels, J spectra, C features, W bins, N bands or tones.
Sounds are float32 mono, full scale +-1, at 24 kHz; latents have mean 0 and deviation 1 per channel over sounding stems.
"""

from pathlib import Path
from typing import Final, cast

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.nava.weights import check_names, opened

CODEC_RATE: Final = SAMPLE_RATE // 2
"""Samples a second inside the codec: the films' events hold little above 12 kHz."""
LATENT_SAMPLES: Final = 1920
"""Samples at 24 kHz for one latent: 80 ms, 12.5 latents a second."""
CHANNELS: Final = 32
"""Numbers of one latent."""
HOP: Final = 120
"""Samples from one spectrum to the next: 5 ms, half of the onset error that we allow."""
WINDOW: Final = 240
"""Samples of one spectrum of the noise: two hops."""
NUM_BANDS: Final = 40
"""Bands of the noise, even on the ear's scale."""
TONE_STEP_HZ: Final = 6.0
TONE_STEP: Final = 0.012
"""Tones are 6 Hz apart, above 500 Hz a fifth of a semitone: finer than the ear hears in sounds so short."""
TONES_HZ: Final = (36.0, 4000.0)
FEATURES: Final = ((480, None), (1920, 96))
"""Windows that the encoder sees, and how many of their bins: 20 ms over all, and 80 ms up to 1.2 kHz for pitch."""
GAIN: Final = 4.0
"""Stems peak near -12 dBFS (measured): with this gain the network sees peaks near 1."""
FLOOR: Final = 1e-3
"""Magnitudes below this, -72 dBFS after the gain, are as good as silence."""
WIDTH: Final = 192
DEPTH: Final = 256
"""Features at 200 and at 50 and 12.5 steps a second."""

WEIGHTS: Final = Path(__file__).with_name("weights") / "sounds.safetensors"


def from_film_rate(samples: Tensor) -> Tensor:
    """[..., 2 T] at 48 kHz to [..., T]: a half-band low pass of 127 taps (-6 dB at 12 kHz, -90 dB from 13.4 kHz on)."""
    half = 63
    index = torch.arange(-half, half + 1, device=samples.device)
    taps = torch.sinc(index / 2) * torch.kaiser_window(2 * half + 1, periodic=False, beta=9.0, device=samples.device)
    kernel = (taps / taps.sum()).to(samples.dtype)[None, None]
    flat = samples.reshape(-1, 1, samples.shape[-1])
    return F.conv1d(flat, kernel, stride=2, padding=half).reshape(*samples.shape[:-1], -1)


def to_film_rate(samples: Tensor) -> Tensor:
    """[..., T] at 24 kHz, T even, to [..., 2 T] at 48 kHz: the spectrum goes on with 0, every second sample stays."""
    length = samples.shape[-1]
    spectrum = torch.fft.rfft(samples)
    spectrum[..., -1] *= 0.5  # 12 kHz stood for itself and its mirror image
    return 2 * torch.fft.irfft(spectrum, n=2 * length)


def num_latents(num_samples: int) -> int:
    """Latents that hold so many samples at 24 kHz; the last one may be part silence."""
    return -(-num_samples // LATENT_SAMPLES)


# ------------------------------------------------------------------------------------------------- spectra


def analysed(samples_BT: Tensor, window: int) -> Tensor:
    """Complex spectra [B, J, W] of a sound of whole hops; spectrum j is centred on hop j. White noise of 1 gives 1."""
    shape = torch.sin(torch.pi * (torch.arange(window, device=samples_BT.device) + 0.5) / window)
    margin = (window - HOP) // 2
    windows_BJT = F.pad(samples_BT, (margin, margin)).unfold(1, window, HOP)
    return torch.fft.rfft(windows_BJT * (shape * (2 / window) ** 0.5))


def overlapped(windows_BJT: Tensor) -> Tensor:
    """Sound [B, T] of windows [B, J, 2 hops] that overlap by half."""
    before, after = windows_BJT.split(HOP, 2)
    middle = F.pad(before, (0, 0, 0, 1)) + F.pad(after, (0, 0, 1, 0))
    return middle.flatten(1)[:, HOP // 2 : -(HOP // 2)]


def synthesised(spectra_BJW: Tensor) -> Tensor:
    """Sound [B, T] of spectra of `WINDOW`; `synthesised(analysed(x, WINDOW))` is x but for the ends."""
    shape = torch.sin(torch.pi * (torch.arange(WINDOW, device=spectra_BJW.device) + 0.5) / WINDOW)
    return overlapped(torch.fft.irfft(spectra_BJW, n=WINDOW) * (shape * (WINDOW / 2) ** 0.5))


def band_curves() -> Tensor:
    """[bands, bins]: the weight of each band's level at each bin; linear in between, so every column adds up to 1.

    Centres are even in bark (Traunmueller 1990), from 0 to 12 kHz.
    """
    hz = torch.linspace(0, CODEC_RATE / 2, WINDOW // 2 + 1)
    bark = 26.81 * hz / (1960 + hz)
    place = bark / bark[-1] * (NUM_BANDS - 1)
    return (1 - (place[None] - torch.arange(NUM_BANDS)[:, None]).abs()).clamp(min=0)


def tones_hz() -> Tensor:
    """Frequencies [N] of the bank, rising."""
    tones = [TONES_HZ[0]]
    while tones[-1] < TONES_HZ[1]:
        tones.append(tones[-1] + max(TONE_STEP_HZ, TONE_STEP * tones[-1]))
    return torch.tensor(tones)


def toned(strength_BJN: Tensor, phase_BN: Tensor) -> Tensor:
    """Sound [B, T] of the bank's tones, each of this strength round every hop, with phases in turns at the start.

    cos(w (t + n)) = cos(w t) cos(w n) - sin(w t) sin(w n): the tones within a window are one matrix product.
    """
    device = strength_BJN.device
    turns_N = tones_hz().to(device, torch.float64) / CODEC_RATE
    hops_J = torch.arange(strength_BJN.shape[1], device=device, dtype=torch.float64) * HOP
    start_BJN = ((hops_J[:, None] * turns_N)[None] + phase_BN[:, None]).frac().float() * (2 * torch.pi)
    inside_NT = turns_N[:, None] * (torch.arange(WINDOW, device=device) - (WINDOW - 1) / 2) * (2 * torch.pi)
    shape = torch.hann_window(WINDOW, device=device)
    waves = torch.cat((inside_NT.cos(), -inside_NT.sin())).float() * shape
    parts = torch.cat((strength_BJN * start_BJN.cos(), strength_BJN * start_BJN.sin()), 2)
    return overlapped(parts @ waves)


# ------------------------------------------------------------------------------------------------- network


class Residual(nn.Module):
    """x + a convolution over three steps and one over features, of the normalised x; [B, C, L]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width, 1))
        self.mix = nn.Conv1d(width, width, 3, padding=1)
        self.out = nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        level = x.float().square().mean(1, keepdim=True)
        return x + self.out(F.silu(self.mix(x * torch.rsqrt(level + 1e-4) * self.scale)))


class Encoder(nn.Module):
    """A sound [B, T] to latents before normalisation, [B, K, L]."""

    def __init__(self) -> None:
        super().__init__()
        num_features = sum(bins or window // 2 + 1 for window, bins in FEATURES)
        self.net = nn.Sequential(
            nn.Conv1d(num_features, WIDTH, 1),
            Residual(WIDTH),
            Residual(WIDTH),
            nn.Conv1d(WIDTH, DEPTH, 4, stride=4),
            Residual(DEPTH),
            Residual(DEPTH),
            nn.Conv1d(DEPTH, DEPTH, 4, stride=4),
            Residual(DEPTH),
            nn.Conv1d(DEPTH, CHANNELS, 1),
        )

    def forward(self, samples_BT: Tensor) -> Tensor:
        sizes = [analysed(samples_BT, window)[..., :bins].abs() for window, bins in FEATURES]
        features = torch.cat(sizes, 2).add(FLOOR).log() * 0.5 + 1.5
        return self.net(features.transpose(1, 2))


class Decoder(nn.Module):
    """Latents [B, K, L] to strengths: of the noise at each bin [B, J, W], and of the tones [B, J, N]."""

    bands: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv1d(CHANNELS, DEPTH, 1),
            Residual(DEPTH),
            nn.ConvTranspose1d(DEPTH, DEPTH, 4, stride=4),
            Residual(DEPTH),
            Residual(DEPTH),
            nn.ConvTranspose1d(DEPTH, WIDTH, 4, stride=4),
            Residual(WIDTH),
            Residual(WIDTH),
        )
        self.head = nn.Conv1d(WIDTH, NUM_BANDS + len(tones_hz()), 1)
        torch.nn.init.constant_(cast(Tensor, self.head.bias), -2.0)
        self.register_buffer("bands", band_curves(), persistent=False)

    def forward(self, latent_BKL: Tensor) -> tuple[Tensor, Tensor]:
        # Levels start near -50 dB and stay under full scale, so that no latent whatever can blow up the sound.
        levels_BJN = 2 - F.softplus(6 - self.head(self.net(latent_BKL)).float().transpose(1, 2))
        noise, tones = levels_BJN[..., :NUM_BANDS], levels_BJN[..., NUM_BANDS:]
        return (noise @ self.bands).exp(), tones.exp()


class SoundCodec(nn.Module):
    """The autoencoder; every stem goes through it by itself."""

    mean_K: Tensor
    std_K: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()
        self.register_buffer("mean_K", torch.zeros(CHANNELS))
        self.register_buffer("std_K", torch.ones(CHANNELS))

    def encode(self, samples_BT: Tensor) -> Tensor:
        """Latents [B, L, K] of a sound at 24 kHz; L = T / 1920, rounded up."""
        missing = -samples_BT.shape[1] % LATENT_SAMPLES
        raw_BKL = self.encoder(F.pad(samples_BT, (0, missing)) * GAIN)
        return (raw_BKL.float().transpose(1, 2) - self.mean_K) / self.std_K

    def strengths(self, latent_BLK: Tensor) -> tuple[Tensor, Tensor]:
        """Strength of the noise [B, J, W] and of the tones [B, J, N], 16 for each latent."""
        return self.decoder((latent_BLK * self.std_K + self.mean_K).transpose(1, 2))

    def decode(self, latent_BLK: Tensor, seed: int) -> Tensor:
        """The sound [B, 1920 L] at 24 kHz; the seed chooses noise and phases and nothing else."""
        return sounded(*self.strengths(latent_BLK), torch.Generator().manual_seed(seed))


def sounded(noise_BJW: Tensor, tones_BJN: Tensor, generator: torch.Generator) -> Tensor:
    """Sound [B, T] of noise and tones of these strengths."""
    count, length = noise_BJW.shape[:2]
    phase_BN = torch.rand(count, tones_BJN.shape[2], generator=generator).to(noise_BJW.device)
    white_BT = torch.randn(count, length * HOP, generator=generator).to(noise_BJW.device)
    noise_BT = synthesised(noise_BJW * analysed(white_BT, WINDOW))
    return (noise_BT + toned(tones_BJN, phase_BN)) / GAIN


# --------------------------------------------------------------------------------------------------- files


def load_sounds(path: Path = WEIGHTS) -> SoundCodec:
    """The codec with the weights of a file, in float32 on the CPU; a tensor too many or too few is an error."""
    codec = SoundCodec()
    with opened(path) as file:
        found = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118 - no mapping
        check_names(path, {name: tensor.shape for name, tensor in codec.state_dict().items()}, found)
        codec.load_state_dict({name: file.get_tensor(name).float() for name in found})
    return codec.eval().requires_grad_(False)


def save_sounds(codec: SoundCodec, path: Path, about: dict[str, str]) -> None:
    """Write the weights in float16, whole or not at all; `about` says how they were made."""
    tensors = {name: tensor.detach().half().contiguous() for name, tensor in codec.state_dict().items()}
    partial = path.with_name(path.name + ".part")
    save_file(tensors, partial, metadata={"format": "pt", **about})
    partial.replace(path)
