"""Nano's pictures to latents and back: 8 times smaller in space, 4 times in time, 16 channels.

    codec = load(WEIGHTS)                                      # or PictureCodec() to train: train_pictures.py
    latent_BKFHW = codec.encode(pictures_B3NHW)                # [1, 3, 96, 64, 112] -> [1, 16, 24, 8, 14]
    pictures_B3NHW = codec.decode(latent_BKFHW)

Pictures are RGB from -1 to 1, their count a multiple of 4 and their sides of 8. Latents have mean 0 and deviation 1
per channel over the films that the codec was trained on, and stay bounded: before that normalisation they lie within
+-`BOUND`.

The codec knows one place, filmed by a camera that stands still: what is always there (`Ground`) it keeps as weights,
so that latents only say what comes and goes, and pictures have one size. Every convolution is a 2-D one over single
pictures, or joins three neighbouring moments; moments beyond the ends repeat the first and the last, so a still film
has one still latent. A latent sees 16 pictures and a picture is decoded from 5 latents, so films may be cut
into windows with little loss at the cuts.

Letters at the end of tensor names: B films, N pictures, F moments (pictures or latent frames), C or K channels,
H rows, W columns.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from clapboard.engines.nava.nano.domain import SIZE
from clapboard.engines.nava.weights import check_names, opened

CHANNELS = 16
SPACE, TIME = 8, 4
"""Pixels along each side, and pictures, that one latent stands for."""
BOUND = 5.0
"""Raw latents are bent to lie within this: small bright things would else give values that diffusion never learns."""
WEIGHTS = Path(__file__).parent / "weights" / "pictures.safetensors"


def moments(x_BFCHW: Tensor) -> Tensor:
    """Each moment between the one before and the one after, as channels: [B, F, 3 C, H, W]."""
    before = torch.cat([x_BFCHW[:, :1], x_BFCHW[:, :-1]], 1)
    after = torch.cat([x_BFCHW[:, 1:], x_BFCHW[:, -1:]], 1)
    return torch.cat([before, x_BFCHW, after], 2)


class Frames(nn.Conv2d):
    """A 2-D convolution over the moments [B, F, C, H, W] of films, keeping their size."""

    def __init__(self, channels_in: int, channels_out: int, size: int = 1) -> None:
        super().__init__(channels_in, channels_out, size, padding=size // 2)

    def forward(self, input: Tensor) -> Tensor:
        flat = input.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        return super().forward(flat).unflatten(0, input.shape[:2])


class Block(nn.Module):
    """A residual block: a look around each place, then over three moments, or one if it does not look in time."""

    def __init__(self, channels: int, in_time: bool = True) -> None:
        super().__init__()
        self.around = Frames(channels, channels, 3)
        self.over = Frames(channels * 3 if in_time else channels, channels)
        self.in_time = in_time
        nn.init.zeros_(self.over.weight)

    def forward(self, x_BFCHW: Tensor) -> Tensor:
        seen = F.silu(self.around(F.silu(x_BFCHW)))
        return x_BFCHW + self.over(moments(seen) if self.in_time else seen)


class Ground(nn.Module):
    """What is always there: learned values [C, H, W] added to every moment."""

    def __init__(self, channels: int, scale: int) -> None:
        super().__init__()
        width, height = SIZE
        self.values_CHW = nn.Parameter(torch.zeros(channels, height // scale, width // scale))

    def forward(self, x_BFCHW: Tensor) -> Tensor:
        return x_BFCHW + self.values_CHW


class Fold(nn.Module):
    """Space and time into channels, then a convolution; `space` and `time` say how many become one."""

    def __init__(self, channels_in: int, channels_out: int, *, space: int = 1, time: int = 1, size: int = 1) -> None:
        super().__init__()
        self.space, self.time = space, time
        self.mix = Frames(channels_in * space * space * time, channels_out, size)

    def fold(self, x_BFCHW: Tensor) -> Tensor:
        """What the convolution sees."""
        return F.pixel_unshuffle(x_BFCHW, self.space).unflatten(1, (-1, self.time)).flatten(2, 3)

    def forward(self, x_BFCHW: Tensor) -> Tensor:
        return self.mix(self.fold(x_BFCHW))


class Unfold(nn.Module):
    """The way back: a convolution, then channels out into space and time."""

    def __init__(self, channels_in: int, channels_out: int, *, space: int = 1, time: int = 1, size: int = 1) -> None:
        super().__init__()
        self.space, self.time = space, time
        self.mix = Frames(channels_in, channels_out * space * space * time, size)

    def forward(self, x_BFCHW: Tensor) -> Tensor:
        mixed = self.mix(x_BFCHW)
        return F.pixel_shuffle(mixed.unflatten(2, (self.time, -1)).flatten(1, 2), self.space)


class PictureCodec(nn.Module):
    """2.9 M parameters. New ones come with PyTorch's initial weights; seed it before making one to train."""

    latent_mean_K: Tensor
    latent_std_K: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            Fold(3, 96, space=4, size=3), Ground(96, 4), Block(96),
            Fold(96, 128, space=2), Block(128),
            Fold(128, 192, time=TIME), Block(192), Frames(192, CHANNELS),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            Frames(CHANNELS, 192, 3), Ground(192, 8), Block(192, in_time=False), Block(192),
            Unfold(192, 192, time=2), Block(192),
            Unfold(192, 128, time=2), Block(128),
            Unfold(128, 96, space=2), Ground(96, 4), Block(96), Block(96, in_time=False),
            Unfold(96, 48, space=2), Block(48, in_time=False), Unfold(48, 3, space=2, size=3),
        )  # fmt: skip
        # The linear parts of both: all that can be said of a patch at once, so that the rest only has to refine.
        self.place = Ground(3, 1)
        self.glance = Fold(3, CHANNELS, space=SPACE, time=TIME)
        self.sketch = Unfold(CHANNELS, 3, space=SPACE, time=TIME)
        self.register_buffer("latent_mean_K", torch.zeros(CHANNELS))
        self.register_buffer("latent_std_K", torch.ones(CHANNELS))

    def bounded(self, pictures_B3NHW: Tensor) -> Tensor:
        """Latents [B, K, F, H, W] within +-BOUND, float32, before they are normalised."""
        moving = pictures_B3NHW.transpose(1, 2) - self.place.values_CHW
        raw = (self.encoder(moving) + self.glance(moving)).transpose(1, 2).float()
        return BOUND * torch.tanh(raw / BOUND)

    def normalised(self, latent_BKFHW: Tensor) -> Tensor:
        """Bounded latents with mean 0 and deviation 1."""
        mean, std = (x[:, None, None, None] for x in (self.latent_mean_K, self.latent_std_K))
        return (latent_BKFHW - mean) / std

    def encode(self, pictures_B3NHW: Tensor) -> Tensor:
        """[B, 3, N, 64, 112] from -1 to 1 -> [B, 16, N / 4, 8, 14]."""
        return self.normalised(self.bounded(pictures_B3NHW))

    def decode(self, latent_BKFHW: Tensor) -> Tensor:
        """[B, 16, F, 8, 14] -> [B, 3, 4 F, 64, 112], about -1 to 1: not cut off, so that training can see beyond."""
        moving = latent_BKFHW.transpose(1, 2)
        return self.place(self.decoder(moving) + self.sketch(moving)).transpose(1, 2).float()


def save(codec: PictureCodec, path: Path) -> None:
    """Write the codec in float16, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    save_file({name: x.detach().half().contiguous() for name, x in codec.state_dict().items()}, partial)
    partial.replace(path)


def load(path: Path = WEIGHTS) -> PictureCodec:
    """A codec from its file, in float32, ready to use; `WeightsError` when the file is not one of ours."""
    with torch.device("meta"):
        codec = PictureCodec()
    with opened(path) as file:
        found = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118
        check_names(path, {name: x.shape for name, x in codec.state_dict().items()}, found)
        state = {name: file.get_tensor(name).float() for name in found}
    codec.load_state_dict(state, strict=True, assign=True)
    return codec.eval().requires_grad_(False)
