"""Blades of grass on the near ground: thin tapering strokes that bend in gusts, all in one mask."""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba types its numbers more narrowly than numpy's stubs do

from dataclasses import dataclass, field

import numpy as np

from clapboard.engines.stage.coast import Ground, boulder_top
from clapboard.engines.stage.kernels import f32
from clapboard.engines.stage.scene import Easel

_BLADES = 70


@dataclass(frozen=True, slots=True)
class _Blades:
    x: np.ndarray
    y: np.ndarray
    height: np.ndarray
    lean: np.ndarray
    phase: np.ndarray


@dataclass(frozen=True, slots=True)
class Grass:
    """A tuft that grows on the near rocks round `foot` (x, y, in metres) at `depth_m`."""

    foot: tuple[float, float]
    depth_m: float
    ground: Ground
    wind: float
    seed: int
    _blades: _Blades = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng([self.seed, 7007])
        x = self.foot[0] + np.sort(rng.normal(-1.75, 0.42, _BLADES))
        height = rng.gamma(5.0, 0.070, _BLADES)
        base = boulder_top(self.foot, self.ground.seed)(x[None])[0].astype(float) - 0.06
        blades = _Blades(x, base, height, rng.normal(0.12, 0.28, _BLADES), rng.uniform(0, 6.28, _BLADES))
        object.__setattr__(self, "_blades", blades)

    def paint(self, easel: Easel, t_s: float) -> None:
        """Draw the blades; gusts run across them as a wave."""
        b = self._blades
        gust = np.sin(t_s * 1.1 - b.x * 0.9) + 0.5 * np.sin(t_s * 2.7 - b.x * 2.1 + b.phase * 0.3)
        bend = b.lean + (0.10 + 0.75 * self.wind) * (0.45 + 0.30 * gust) + 0.05 * np.sin(t_s * 4.3 + b.phase)
        along = np.linspace(0, 1, 7)[None]
        tall, lean = b.height[:, None], bend[:, None]
        x = b.x[:, None] + tall * lean * along**1.9
        y = b.y[:, None] + tall * along * (1 - 0.22 * lean * lean * along)
        half = 0.010 * (1 - along * 0.93)
        outlines = np.concatenate([np.stack([x - half, y], -1), np.stack([x + half, y], -1)[:, ::-1]], 1)
        column, row, per_m = easel.project(0.0, 0.0, self.depth_m)
        mask = easel.mask(*(outlines * [per_m, -per_m] + [column, row]))
        if mask is None:
            return
        light, snow = easel.light, self.ground.snow
        height = mask.alpha.shape[0]
        up = np.linspace(1.0, 0.35, height, dtype=f32)[:, None]  # roots stand in each other's shade
        planes = []
        for c in range(3):
            albedo = self.ground.grass[c] * 0.62 + 0.16 * snow
            planes.append(up * f32(albedo * (light.ambient[c] + 0.20 * light.key[c])))
        easel.blend(mask, planes)
