"""Winter on a pane: frost ferns at its edges, snow heaped in its lower corners. Still for a shot."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.kernels import Canvas, Plane, f32, fbm, smoothstep


@dataclass(frozen=True, kw_only=True, slots=True)
class Light:
    """One light of glass between bars, in metres on the pane's plane."""

    left_m: float
    right_m: float
    bottom_m: float
    top_m: float


@dataclass(frozen=True, slots=True)
class Rime:
    """Coverage and brightness planes painted by `home`, on the pane at `depth_m`."""

    alpha: Plane
    tone: Plane
    home: View
    depth_m: float

    def draw(self, canvas: Canvas, view: View, rgb: tuple[float, float, float]) -> None:
        """Lay the rime over the glass, lit by `rgb` and by what is behind it."""
        height, width = canvas.shape[1:]
        warp = view.warp_from(self.home, self.depth_m)
        alpha, tone = self.alpha, self.tone
        if not np.allclose(warp, [[1, 0, 0], [0, 1, 0]], atol=1e-6):
            size = (width, height)
            alpha = cv2.warpAffine(alpha, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            tone = cv2.warpAffine(tone, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for plane, level in zip(canvas, rgb, strict=True):
            plane += (tone * (f32(level) + f32(0.35) * plane) - plane) * alpha


def make_rime(view: View, depth_m: float, lights: Sequence[Light], frost: float, heap: float) -> Rime | None:
    """Frost 0..1 and heaped snow 0..1 on these lights of glass; None when there is neither."""
    if frost <= 0 and heap <= 0:
        return None
    column0, row0, per_m = view.project(0.0, 0.0, depth_m)
    x = (np.arange(view.width_px, dtype=f32)[None] - f32(column0)) / f32(per_m)
    y = (f32(row0) - np.arange(view.height_px, dtype=f32)[:, None]) / f32(per_m)
    alpha = np.zeros((view.height_px, view.width_px), f32)
    tone = np.ones_like(alpha)
    broad = fbm(x * 5 + 40, y * 5 + 40, octaves=4, warp=1.0)
    fern = np.abs(fbm(x * 34 + 90, y * 34 + 90, octaves=4, warp=2.2) - 0.5) * 2
    fine = fbm(x * 160 + 300, y * 160 + 300, octaves=2)
    for light in lights:
        inside = (x > light.left_m) & (x < light.right_m) & (y > light.bottom_m) & (y < light.top_m)
        if not inside.any():
            continue
        side = np.minimum(x - light.left_m, light.right_m - x)
        low, high = y - light.bottom_m, light.top_m - y
        corner = 0.13 * np.exp(-side / 0.10)
        near = np.minimum(np.minimum(side, high * 1.5), low * 0.8 + 0.0)
        rim = 1 - near / (0.012 + 0.040 * broad + corner * 0.95)
        ferns = smoothstep(rim + (0.32 - fern) * 0.9, 0.15, 0.85) * smoothstep(rim, -0.35, 0.5)
        ice = frost * ferns * (0.22 + 0.55 * fine)
        depth = heap * (0.016 + 0.10 * np.exp(-side / 0.085)) * (0.75 + 0.5 * broad)
        snow = smoothstep(depth - low + (fine - 0.5) * 0.006, -0.003, 0.006) * min(1.0, heap * 6)
        cover = np.maximum(ice, snow) * inside
        shade = np.where(
            snow > ice, 0.55 + 0.55 * np.clip(1 - (depth - low) / 0.05, 0, 1) + 0.25 * (fine - 0.5), 0.75 + 0.7 * fine
        )
        alpha = np.maximum(alpha, cover)
        tone = np.where(cover > 0, shade, tone)
    return Rime(alpha.astype(f32), tone.astype(f32), view, depth_m)
