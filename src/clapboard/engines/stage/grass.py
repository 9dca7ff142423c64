"""Blades of grass on the near ground: thin tapering strokes that bend in gusts, all in one mask."""

from dataclasses import dataclass, field

import numpy as np

from clapboard.engines.stage.coast import Ground
from clapboard.engines.stage.raster import stroke
from clapboard.engines.stage.scene import Easel, Surface

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
        x = self.foot[0] + np.sort(rng.normal(-1.0, 0.75, _BLADES))
        height = rng.gamma(5.0, 0.085, _BLADES)
        base = self.foot[1] * np.clip((self.foot[0] + 1.9 - x) / 3.7, 0, 1) - 0.75
        blades = _Blades(x, base, height, rng.normal(0.12, 0.28, _BLADES), rng.uniform(0, 6.28, _BLADES))
        object.__setattr__(self, "_blades", blades)

    def paint(self, easel: Easel, t_s: float) -> None:
        """Draw the blades; gusts run across them as a wave."""
        b = self._blades
        gust = np.sin(t_s * 1.1 - b.x * 0.9) + 0.5 * np.sin(t_s * 2.7 - b.x * 2.1 + b.phase * 0.3)
        bend = b.lean + (0.10 + 0.75 * self.wind) * (0.45 + 0.30 * gust) + 0.05 * np.sin(t_s * 4.3 + b.phase)
        along = np.linspace(0, 1, 7)
        outlines = []
        for i in range(len(b.x)):
            x = b.x[i] + b.height[i] * bend[i] * along**1.9
            y = b.y[i] + b.height[i] * along * (1 - 0.22 * bend[i] * bend[i] * along)
            blade = stroke(np.stack([x, y], 1), 0.020 * (1 - along * 0.93))
            column, row, per_m = easel.project(0.0, 0.0, self.depth_m)
            outlines.append(blade * [per_m, -per_m] + [column, row])
        albedo = tuple(0.55 * g + 0.30 * s * self.ground.snow for g, s in zip(self.ground.grass, (0.5, 0.52, 0.56), strict=True))
        easel.shape(outlines, Surface(albedo=(albedo[0], albedo[1], albedo[2]), rim=0.10, rim_px=1.2), self.depth_m)
