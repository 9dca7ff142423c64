"""Flow matching from noise to clean: the table of noise levels, two solvers, and the guidance formula.

Convention: x = (1 - sigma) clean + sigma noise, velocity v = noise - clean, so clean = x - sigma v. sigma runs
from nearly 1 down to 0, the model's timestep is 1000 sigma.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

NUM_TRAIN_STEPS = 1000
SHIFT = 5.0


def shifted(sigma: float, shift: float) -> float:
    """Move noise levels towards noise: shift s / (1 + (shift - 1) s)."""
    return shift * sigma / (1 + (shift - 1) * sigma)


def noise_levels(num_steps: int, shift: float = SHIFT) -> list[float]:
    """num_steps + 1 sigmas, the last one 0. The release shifts twice: once the largest, then all of them."""
    largest = shifted((NUM_TRAIN_STEPS - 1) / NUM_TRAIN_STEPS, shift)
    return [shifted(largest * (1 - i / num_steps), shift) for i in range(num_steps)] + [0.0]


def timestep(sigma: float) -> int:
    """What the model is given; the release cuts it to an integer."""
    return math.floor(NUM_TRAIN_STEPS * sigma)


def guide(conditional: Tensor, others: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """c + sum of w (c - other): away from each other prediction. All weights 0 give c; the usual CFG scale is 1 + w."""
    guided = conditional
    for name, other in others.items():
        guided = guided + weights[name] * (conditional - other)
    return guided


class Solver(Protocol):
    """One stream's way from sigma to sigma; made for one loop, called once per step."""

    def step(self, index: int, x: Tensor, velocity: Tensor) -> Tensor:
        """The sample at sigma[index + 1] from that at sigma[index]."""
        ...


class Euler:
    """Straight steps along the velocity."""

    def __init__(self, sigmas: Sequence[float]) -> None:
        self.sigmas = sigmas

    def step(self, index: int, x: Tensor, velocity: Tensor) -> Tensor:
        """x + (difference of sigmas) v."""
        return x + (self.sigmas[index + 1] - self.sigmas[index]) * velocity


class UniPC:
    """UniPC of order 2, B2(h), predicting the clean sample (arXiv 2302.04867)."""

    def __init__(self, sigmas: Sequence[float]) -> None:
        self.sigmas = sigmas
        self.clean: list[Tensor] = []
        """The predicted clean sample m of every step so far; older than two steps they are dropped."""
        self.corrected: Tensor | None = None
        self.order = 0

    def log_ratio(self, index: int) -> float:
        """lambda = log((1 - sigma) / sigma), infinite at sigma 0."""
        sigma = self.sigmas[index]
        return math.inf if sigma == 0 else math.log1p(-sigma) - math.log(sigma)

    def correct(self, index: int, m: Tensor) -> Tensor:
        """The sample at `index` again, now that its prediction m is known."""
        assert self.corrected is not None
        h = self.log_ratio(index) - self.log_ratio(index - 1)
        b = math.expm1(-h)
        alpha_b = (1 - self.sigmas[index]) * b
        change = m - self.clean[-1]
        base = self.sigmas[index] / self.sigmas[index - 1] * self.corrected - alpha_b * self.clean[-1]
        if self.order == 1:
            return base - alpha_b * 0.5 * change
        r = (self.log_ratio(index - 2) - self.log_ratio(index - 1)) / h
        g1 = b / -h - 1
        g2 = g1 / -h - 0.5
        older_weight = (g1 - 2 * g2) / (b * (1 - r))
        older = (self.clean[-2] - self.clean[-1]) / r
        return base - alpha_b * (older_weight * older + (g1 / b - older_weight) * change)

    def predict(self, index: int, x: Tensor, m: Tensor) -> Tensor:
        """The sample at `index` + 1."""
        h = self.log_ratio(index + 1) - self.log_ratio(index)
        b = math.expm1(-h)
        alpha_b = (1 - self.sigmas[index + 1]) * b
        base = self.sigmas[index + 1] / self.sigmas[index] * x - alpha_b * m
        if self.order == 1:
            return base
        r = (self.log_ratio(index - 1) - self.log_ratio(index)) / h
        return base - alpha_b * (self.clean[-1] - m) / (2 * r)

    def step(self, index: int, x: Tensor, velocity: Tensor) -> Tensor:
        """Correct this sample with the new prediction, then predict the next."""
        m = x - self.sigmas[index] * velocity
        self.corrected = self.correct(index, m) if index else x
        self.order = min(2, len(self.sigmas) - 1 - index, index + 1)
        following = self.predict(index, self.corrected, m)
        self.clean = [*self.clean[-1:], m]
        return following


SOLVERS: dict[str, Callable[[Sequence[float]], Solver]] = {"unipc": UniPC, "euler": Euler}


def as_timesteps(value: float, batch: int, device: torch.device) -> Tensor:
    """One timestep for every sample, [B]."""
    return torch.full((batch,), float(value), dtype=torch.float64, device=device)
