"""Steam and smoke: wisps of noise that rise, spread and dissolve. Adds light, so it shows against what is dark."""

from dataclasses import dataclass

import cv2
import numpy as np

from clapboard.engines.stage.kernels import f32, fbm, smoothstep
from clapboard.engines.stage.scene import Easel, Rgb


@dataclass(frozen=True, kw_only=True, slots=True)
class Plume:
    """A plume: height and width at its top in metres, its light, how fast it rises (heights a second), how it leans."""

    height_m: float
    width_m: float
    rgb: Rgb
    rise: float = 0.45
    lean_m: float = 0.0
    mouth: float = 0.25
    """Width at the bottom as a share of the width at the top."""
    seed: int = 0


def paint_plume(
    easel: Easel, foot: tuple[float, float, float], plume: Plume, t_s: float, strength: float = 1.0
) -> None:
    """Paint a plume that rises from a world point, at half the size of the canvas."""
    column, row, per_m = easel.project(*foot)
    tall, wide = plume.height_m * per_m, (plume.width_m + abs(plume.lean_m) * 2) * per_m
    if strength <= 0.003 or tall < 4 or wide < 2:
        return
    rows, columns = max(4, round(tall / 2)), max(4, round(wide / 2))
    rise = np.linspace(1, 0, rows, dtype=f32)[:, None]  # 0 at the mouth
    across = np.linspace(-0.5, 0.5, columns, dtype=f32)[None] * f32(wide / (plume.width_m * per_m))
    flow = t_s * plume.rise
    along = (rise * 2.2 + (1040 - flow * 1.1 % 1000)).astype(f32)
    drift = fbm(np.full((rows, 1), 3.0 + plume.seed, f32), along, octaves=3) - f32(0.5)
    centre = plume.lean_m / plume.width_m * rise**1.5 + drift * rise * 1.1
    half = 0.5 * (plume.mouth + (1 - plume.mouth) * rise**0.8) * (0.75 + 0.25 * rise)
    d = np.abs(across - centre) / half
    noise = fbm(
        ((across - centre) / half * 1.1 + (20 + plume.seed * 3.1)).astype(f32),
        (560 + flow * 2.6 % 500 - rise * 2.6).astype(f32),
        octaves=4,
        warp=1.4,
    )
    body = np.clip(1 - d * d, 0, 1) ** 1.5
    fade = smoothstep(rise, 0.0, 0.06) * (1 - smoothstep(rise, 0.35, 1.0))
    alpha = body * fade * np.clip((noise - 0.30) * 2.2, 0, 1) * f32(strength)
    _add(easel, alpha.astype(f32), (column - wide / 2, row - tall), (wide, tall), plume.rgb)


def _add(easel: Easel, alpha: np.ndarray, corner: tuple[float, float], size: tuple[float, float], rgb: Rgb) -> None:
    """Add `alpha` times a colour, stretched to a box on the canvas."""
    canvas = easel.canvas
    height, width = canvas.shape[1:]
    left, top = int(np.floor(corner[0])), int(np.floor(corner[1]))
    right, bottom = left + int(size[0]) + 2, top + int(size[1]) + 2
    x0, y0, x1, y1 = max(0, left), max(0, top), min(width, right), min(height, bottom)
    if x1 <= x0 or y1 <= y0:
        return
    sx, sy = alpha.shape[1] / size[0], alpha.shape[0] / size[1]
    warp = np.array([[1 / sx, 0, corner[0] - x0 + 0.5 / sx], [0, 1 / sy, corner[1] - y0 + 0.5 / sy]], np.float64)
    full = cv2.warpAffine(alpha, warp, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    for plane, level in zip(canvas, rgb, strict=True):
        plane[y0:y1, x0:x1] += full * f32(level)
