"""Fog that drifts: slow banks of veil over the water, evaluated at a low resolution for each frame."""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba types its numbers more narrowly than numpy's stubs do

from dataclasses import dataclass

import cv2
import numpy as np

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.kernels import Canvas, f32, fbm
from clapboard.engines.stage.light import Light

_SHRINK = 10


@dataclass(frozen=True, slots=True)
class Mist:
    """Banks of fog as thick as `fog` (0..1), carried by the wind."""

    light: Light
    fog: float
    wind: float
    seed: int

    def paint(self, canvas: Canvas, view: View, t_s: float) -> None:
        """Veil the canvas round the horizon; nothing when the air is clear."""
        if self.fog <= 0.02:
            return
        width, height = max(2, view.width_px // _SHRINK), max(2, view.height_px // _SHRINK)
        columns = (np.arange(width, dtype=f32)[None] + f32(0.5)) * f32(view.width_px / width)
        rows = (np.arange(height, dtype=f32)[:, None] + f32(0.5)) * f32(view.height_px / height)
        az = (columns - f32(view.centre_px)) / f32(view.focal_px)
        el = (f32(view.horizon_px) - rows) / f32(view.focal_px)
        drift = t_s * (0.012 + 0.05 * self.wind)
        bank = fbm(
            az * f32(2.1) + f32(60 + self.seed % 40 + drift), el * f32(6.5) + f32(20 - 0.3 * drift), octaves=5, warp=1.2
        )
        low = np.exp(-((el - f32(0.02)) ** 2) / f32(0.035))
        veil = np.clip((bank - f32(0.36)) * f32(2.2), 0, 1) * low * f32(0.75 * min(1.0, self.fog * 1.3))
        veil = cv2.resize(veil, (view.width_px, view.height_px), interpolation=cv2.INTER_CUBIC)
        for plane, colour in zip(canvas, self.light.colours.veil, strict=True):
            plane += (f32(colour * 1.04) - plane) * veil
