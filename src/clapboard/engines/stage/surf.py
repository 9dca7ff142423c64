"""White water at a coast: the foam line along rocks, and the spray that a breaking wave throws up as it is heard."""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba types its numbers more narrowly than numpy's stubs do

import math
from dataclasses import dataclass

import numpy as np

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.kernels import Canvas, f32
from clapboard.engines.stage.scene import Rgb
from clapboard.engines.stage.sounds.shore import break_times

_AIRBORNE_S = 1.9
_DROPS = 90


@dataclass(frozen=True, slots=True)
class Surf:
    """Breakers on a line of rocks: world x range and depth, how big the sea is (0..1), the times they break."""

    span_x_m: tuple[float, float]
    z_m: float
    size: float
    seed: int

    def paint(self, canvas: Canvas, view: View, t_s: float, rgb: Rgb, shown: float) -> None:
        """Add the foam line and any spray in the air; `shown` is the share that the fog lets through."""
        breaks = break_times(self.seed, t_s - 12.0, t_s + 0.01)
        ages = t_s - breaks
        swell = 0.25 + 0.75 * float(np.sum(np.exp(-ages / 2.4) * (1 - np.exp(-ages / 0.25))))
        self._foam(canvas, view, t_s, np.array(rgb) * shown * min(1.2, swell))
        for at_s, age in zip(breaks, ages, strict=True):
            if age < _AIRBORNE_S:
                self._spray(canvas, view, float(at_s), float(age), np.array(rgb) * shown)

    def _foam(self, canvas: Canvas, view: View, t_s: float, rgb: np.ndarray) -> None:
        rng = np.random.default_rng([self.seed, 4411])
        count = int(2.2 * (self.span_x_m[1] - self.span_x_m[0]))
        x = rng.uniform(*self.span_x_m, count)
        near = rng.uniform(0, 1, count)
        z = self.z_m - 6 * near - 2.0
        beat = np.sin(t_s * rng.uniform(0.6, 1.1, count) + rng.uniform(0, 6.28, count))
        x = x + 0.8 * np.sin(t_s * 0.5 + near * 9)
        scale = view.focal_px / np.maximum(z - view.z_m, 1.0)
        light = (
            rgb[None]
            * (0.16 + 0.45 * self.size)
            * (np.clip(0.45 + 0.55 * beat, 0, 1) * rng.uniform(0.3, 1, count))[:, None]
        )
        width = (0.7 + 1.6 * rng.uniform(0, 1, count)) * (0.7 + self.size)
        spots = Spots(
            x=view.centre_px + (x - view.x_m) * scale,
            y=view.horizon_px + (view.lens.eye_m + view.y_m - 0.1) * scale,
            radius_x=np.maximum(width * scale, 1.0),
            radius_y=np.maximum(0.20 * width * scale, 1.0),
            rgb=light,
        )
        add_glows(canvas, spots)

    def _spray(self, canvas: Canvas, view: View, at_s: float, age: float, rgb: np.ndarray) -> None:
        """Drops on ballistic paths from one spot of the rocks; a mist hangs where they were."""
        rng = np.random.default_rng([self.seed, round(at_s * 1000)])
        power = (0.35 + 0.95 * self.size) * rng.uniform(0.6, 1.15)
        centre = rng.uniform(self.span_x_m[0] + 2, self.span_x_m[0] + 0.45 * (self.span_x_m[1] - self.span_x_m[0]))
        speed = power * 8.5 * rng.beta(2, 2.2, _DROPS)
        lean = rng.normal(-0.1, 0.42, _DROPS)
        x = centre + rng.normal(0, 1.3, _DROPS) + speed * np.sin(lean) * age
        y = 0.3 + speed * np.cos(lean) * age - 4.9 * age * age
        fade = np.clip(1 - age / _AIRBORNE_S, 0, 1) * (y > 0) * min(1.0, age * 12)
        scale = view.focal_px / max(self.z_m - 2 - view.z_m, 1.0)
        size = rng.uniform(0.10, 0.55, _DROPS) * (1 + 1.2 * age)
        spots = Spots(
            x=view.centre_px + (x - view.x_m) * scale,
            y=view.horizon_px - (y - view.lens.eye_m - view.y_m) * scale,
            radius_x=np.maximum(size * scale, 0.9),
            radius_y=np.maximum(size * scale, 0.9),
            rgb=rgb[None] * (0.30 * fade * rng.uniform(0.3, 1.0, _DROPS))[:, None],
        )
        add_glows(canvas, spots)
        mist = math.exp(-age * 1.4) * (1 - math.exp(-age * 9)) * power
        rise = power * (2.2 * age + 0.4)
        puff = Spots(
            x=view.centre_px + (centre - view.x_m) * scale,
            y=view.horizon_px - (rise - view.lens.eye_m - view.y_m) * scale,
            radius_x=(1.6 + 2.2 * age) * scale * power,
            radius_y=(1.5 + 1.7 * age) * scale * power,
            rgb=(rgb * 0.22 * mist).astype(f32),
        )
        add_glows(canvas, puff)
