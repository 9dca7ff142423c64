"""Northern lights: three curtains, each a base line and rays from noise along it, green below and violet above."""

from typing import Any

import numpy as np
from numba import njit

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.kernels import JIT, Canvas, f32, fast_sin, value_noise

# pyright: reportArgumentType=false
# numba types its numbers more narrowly than numpy's stubs do


@njit(**JIT)
def _curtain(img: Any, lens: Any, index: int, t: float, level: float) -> None:
    """Add one curtain above the horizon. lens: focal, centre, horizon in pixels."""
    width = img.shape[2]
    rows = min(img.shape[1], max(0, int(lens[2])))
    low = np.empty(width, f32)
    ray = np.empty(width, f32)
    tall = np.empty(width, f32)
    own = f32(index)
    for x in range(width):
        u = (f32(x) - lens[1]) / lens[0] * f32(1.62) + own * f32(7.3) + f32(9)
        fold = u + f32(0.55) * value_noise(u * f32(0.9) + t * f32(0.05), own + t * f32(0.03) + f32(1))
        wave = value_noise(fold * f32(1.5) + t * f32(0.04), f32(2.5) + own) - f32(0.5)
        low[x] = f32(0.25) + f32(0.085) * own - wave * f32(0.36) - fast_sin(fold * f32(2.9) + t * f32(0.1)) * f32(0.06)
        r = value_noise(fold * f32(16) + f32(40), t * f32(0.5) + own * f32(5)) * f32(0.50)
        r += value_noise(fold * f32(47) + f32(9), t * f32(0.8) + own) * f32(0.26)
        r += value_noise(fold * f32(2.6) + f32(5), t * f32(0.12) + own * f32(3)) * f32(0.95)
        r = max(f32(0), r - f32(0.60))
        ray[x] = r * r * f32(1.3) * (f32(0.62) - f32(0.14) * own) * level
        tall[x] = f32(0.10) + f32(0.22) * value_noise(fold * f32(3.3) + f32(70), own + t * f32(0.1))
    for y in range(rows):
        el = (lens[2] - f32(y)) / lens[0]
        for x in range(width):
            above = el - low[x]
            edge = max(f32(0), min(f32(1), (above + f32(0.018)) * f32(42)))
            q = max(f32(0), above) / tall[x]
            v = edge * ray[x] / (f32(1) + q + f32(0.5) * q * q + f32(0.4) * q * q * q)
            h = min(f32(1), max(f32(0), above) * f32(3.2))
            img[0, y, x] += v * (f32(0.035) + f32(0.44) * h * h)
            img[1, y, x] += v * (f32(0.62) - f32(0.47) * h)
            img[2, y, x] += v * (f32(0.22) + f32(0.22) * h)


def paint_aurora(canvas: Canvas, view: View, t_s: float, level: float) -> None:
    """Add northern lights of strength `level` 0..1 to the sky of this view."""
    if level <= 0:
        return
    lens = np.array([view.focal_px, view.centre_px, view.horizon_px], f32)
    for index in range(3):
        _curtain(canvas, lens, index, f32(t_s), f32(level))
