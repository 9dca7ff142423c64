"""Teaches nano's picture codec on a folder of films.

    codec = train(Path("films"), Path("pictures.safetensors"), Recipe(num_steps=2200), progress)

A film is an .npz file with `pictures`, uint8 [N, H, W, 3] RGB. The codec is rewarded for small moving things more
than for the large still rest, and its latents are stirred with noise while it learns, so that latents that are only
nearly right still decode well: those are what a diffusion model will hand it.
"""

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from clapboard.engines.nava.nano.pictures import CHANNELS, TIME, Block, PictureCodec, load, save
from clapboard.errors import InputError
from clapboard.progress import Progress, Step

MATRICES = ("around.weight", "over.weight")
"""Weights of a block that take orthogonal steps."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How to train.

    The weights that ship: 1500 steps of these defaults, on 432 films, started from 700 steps of Adam alone at 5e-4
    with clips drawn evenly, which had learned the still place but few of the moving things.
    """

    num_steps: int = 2200
    seed: int = 0
    films_per_step: int = 2
    pictures_per_film: int = 16
    learning_rate: float = 1e-3
    warmup_steps: int = 50
    start_from: Path | None = None
    """Weights to go on from, for more steps or other films; else new ones."""
    latent_noise: float = 0.15
    """Deviation of the noise on normalised latents."""
    averaging: float = 0.998
    """Of the weights, over steps: the average is what is kept."""
    save_every_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Film:
    """Pictures [N, H, W, 3] and the still picture behind all that moves [H, W, 3], uint8; how much happens in each."""

    pictures: NDArray[np.uint8]
    still: NDArray[np.uint8]
    action_N: NDArray[np.float64]


def read_film(path: Path) -> Film:
    """A film of the training set."""
    with np.load(path) as file:
        return film_of(file["pictures"])


def film_of(pictures: NDArray[np.uint8]) -> Film:
    """Of a film, the median of 9 of its pictures is the still one.

    What happens in a picture is the largest difference from it of a patch of 8 x 8 pixels: rain is little, a ball much.
    """
    chosen = np.linspace(0, len(pictures) - 1, 9).round().astype(int)
    still = np.partition(pictures[chosen], 4, axis=0)[4]
    patches = pictures.reshape(len(pictures), pictures.shape[1] // 8, 8, -1, 8, 3).mean((2, 4), dtype=np.float32)
    away = np.abs(patches - still.reshape(still.shape[0] // 8, 8, -1, 8, 3).mean((1, 3))).max((1, 2, 3))
    return Film(pictures, still, away.astype(np.float64))


def as_pictures(values_NHWC: NDArray[np.uint8]) -> Tensor:
    """uint8 RGB as [3, N, H, W] from -1 to 1."""
    return torch.from_numpy(values_NHWC).permute(3, 0, 1, 2).float() / 127.5 - 1


def draw_clips(films: list[Film], recipe: Recipe, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Pictures [B, 3, N, H, W] of clips drawn at random, and their still pictures [B, 3, 1, H, W]."""
    clips: list[Tensor] = []
    stills: list[Tensor] = []
    for index in rng.choice(len(films), recipe.films_per_step, replace=len(films) < recipe.films_per_step):
        film = films[index]
        length = recipe.pictures_per_film
        action = np.convolve(film.action_N, np.ones(length), "valid") + length * 10  # of 255: still clips come too
        start = rng.choice(len(action), p=action / action.sum())
        clips.append(as_pictures(film.pictures[start : start + length]))
        stills.append(as_pictures(film.still[None]))
    return torch.stack(clips), torch.stack(stills)


def loss_of(decoded_B3NHW: Tensor, pictures_B3NHW: Tensor, stills_B31HW: Tensor) -> Tensor:
    """Absolute error, up to 7 times where the picture differs from the still one, and that of edges and changes."""
    away = (pictures_B3NHW - stills_B31HW).abs().amax(1, keepdim=True)
    weight_B1NHW = 1 + 6 * (away * 3).clamp(max=1)
    error = decoded_B3NHW - pictures_B3NHW
    steps = sum(error.diff(dim=dim).abs().mean() for dim in (2, 3, 4))
    return (error.abs() * weight_B1NHW).mean() + 0.5 * steps


@torch.no_grad()
def begin_linear(codec: PictureCodec, films: list[Film], rng: np.random.Generator) -> None:
    """Make the glance and the sketch the best linear codec (principal components), and silence the rest of the codec.

    Training starts from there and only refines; the two linear parts stay as they are.
    """
    recipe = Recipe(films_per_step=min(len(films), 96), pictures_per_film=TIME * 2)
    pictures = draw_clips(films, recipe, rng)[0].transpose(1, 2)
    codec.place.values_CHW.copy_(pictures.mean((0, 1)))
    patches = codec.glance.fold(pictures - codec.place.values_CHW)
    patches_PC = patches.permute(0, 1, 3, 4, 2).flatten(0, 3).double()
    mean_C = patches_PC.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov(patches_PC.T))
    spread_K, axes_CK = values[-CHANNELS:].clamp(min=1e-6 * float(values[-1])).sqrt(), vectors[:, -CHANNELS:]
    into, back = axes_CK / spread_K, axes_CK * spread_K
    codec.glance.mix.load_state_dict({"weight": into.T[..., None, None], "bias": -(mean_C @ into)})
    codec.sketch.mix.load_state_dict({"weight": back[..., None, None], "bias": mean_C})
    for parameter in (*codec.encoder[-1].parameters(), *codec.decoder[-1].parameters()):
        parameter.zero_()


@torch.no_grad()
def follow_statistics(codec: PictureCodec, latent_BKFHW: Tensor, share: float) -> None:
    """Move the codec's mean and deviation towards these bounded latents' by this share."""
    mean_K = latent_BKFHW.mean((0, 2, 3, 4))
    square_K = (latent_BKFHW - codec.latent_mean_K[:, None, None, None]).square().mean((0, 2, 3, 4))
    codec.latent_mean_K.lerp_(mean_K, share)
    codec.latent_std_K.copy_(codec.latent_std_K.square().lerp(square_K, share).sqrt().clamp(min=1e-3))


@torch.no_grad()
def settle_statistics(codec: PictureCodec, films: list[Film]) -> None:
    """Mean and deviation over whole films, at most 64 of them."""
    sums = torch.zeros(2, codec.latent_mean_K.numel(), dtype=torch.float64)
    chosen = films[:: -(-len(films) // 64)]
    for film in chosen:
        latent = codec.bounded(as_pictures(film.pictures)[None]).double()
        sums += torch.stack([latent.mean((0, 2, 3, 4)), latent.square().mean((0, 2, 3, 4))])
    mean_K, square_K = sums / len(chosen)
    codec.latent_mean_K.copy_(mean_K)
    codec.latent_std_K.copy_((square_K - mean_K.square()).sqrt())


class Orthogonal(torch.optim.Optimizer):
    """Muon: steps along the nearest orthogonal matrix to the averaged gradient (Jordan et al. 2024).

    A convolution counts as a matrix with a row per output. Of size sqrt(max(rows, columns)) * 0.2, such a step is as
    large as Adam's (Liu et al. 2025), so that both take one learning rate.
    """

    def __init__(self, weights: Sequence[Tensor], momentum: float = 0.95) -> None:
        super().__init__(weights, {"lr": 0.0, "momentum": momentum})

    @torch.no_grad()
    def step(self) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - no closure
        for group in self.param_groups:
            for weight in group["params"]:
                average = self.state[weight].setdefault("average", torch.zeros_like(weight))
                average.lerp_(weight.grad, 1 - group["momentum"])
                ahead = weight.grad.lerp(average, group["momentum"]).flatten(1)
                size = 0.2 * max(ahead.shape) ** 0.5
                weight.sub_(orthogonal(ahead).view_as(weight), alpha=group["lr"] * size)


def orthogonal(matrix: Tensor) -> Tensor:
    """Nearly the nearest matrix with singular values all alike, by five Newton-Schulz steps (Jordan et al. 2024)."""
    x = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x = x / (x.norm() + 1e-12)
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x if matrix.shape[0] <= matrix.shape[1] else x.T


def rate_at(step: int, recipe: Recipe) -> float:
    """Learning rate: a short rise, then straight down to nothing."""
    warmup = min(recipe.warmup_steps, recipe.num_steps - 1)
    rise = (step + 1) / max(warmup, 1)
    fall = (recipe.num_steps - step) / (recipe.num_steps - warmup)
    return recipe.learning_rate * min(rise, fall)


def train(folder: Path, path: Path, recipe: Recipe, progress: Progress) -> PictureCodec:
    """Learn from all films of the folder; the weights are written every few minutes and at the end."""
    films = [read_film(file) for file in sorted(folder.glob("*.npz"))]
    if not films:
        raise InputError(f"{folder} holds no .npz films; render some first")
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng([recipe.seed, 1])
    generator = torch.Generator().manual_seed(recipe.seed)
    if recipe.start_from is None:
        codec = PictureCodec()
        begin_linear(codec, films, rng)
    else:
        codec = load(recipe.start_from).train().requires_grad_(True)
    for linear in (codec.glance, codec.sketch):
        linear.requires_grad_(False)
    codec = codec.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - torch allows it alone
    kept = copy.deepcopy(codec).requires_grad_(False)
    inner = [block.get_parameter(name) for block in codec.modules() if isinstance(block, Block) for name in MATRICES]
    others = [x for x in codec.parameters() if x.requires_grad and not any(x is y for y in inner)]
    optimizers = (Orthogonal(inner), torch.optim.AdamW(others, betas=(0.9, 0.99), weight_decay=0.01))
    saved_at_s = time.monotonic()
    for step in range(recipe.num_steps):
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            group["lr"] = rate_at(step, recipe)
        pictures, stills = draw_clips(films, recipe, rng)
        with torch.autocast("cpu", torch.bfloat16):
            bounded = codec.bounded(pictures)
            follow_statistics(codec, bounded, share=0.02 if recipe.start_from else max(0.02, 1 / (step + 1)))
            latent = codec.normalised(bounded)
            noise = torch.randn(latent.shape, generator=generator) * recipe.latent_noise
            decoded = codec.decode(latent + noise)
        loss = loss_of(decoded, pictures, stills)
        codec.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(codec.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        share = 1 - min(recipe.averaging, (step + 1) / (step + 10))
        for average, value in zip(kept.state_dict().values(), codec.state_dict().values(), strict=True):
            average.lerp_(value, share)
        progress(Step(stage="pictures", note=f"loss {loss.item():.4f}", done=step + 1, total=recipe.num_steps))
        if time.monotonic() - saved_at_s > recipe.save_every_s:
            save(kept, path)
            saved_at_s = time.monotonic()
    settle_statistics(kept, films)
    save(kept, path)
    return kept.eval()
