"""Dabs of paint: thousands of tapered strokes (needles, blades) and half-buried domes (pebbles), laid back to front.

A buffer is [h, w, channels] float32 whose last channel is coverage; the others are whatever the painter lights later
(a normal, a tone, an albedo), premultiplied by it. Pixels are laid in the order given, so sort by depth first.
"""

import math
from typing import Any

import numpy as np
from numba import njit

from clapboard.engines.stage.kernels import JIT, f32

# pyright: reportArgumentType=false
# numba types its numbers more narrowly than numpy's stubs do


@njit(**JIT)
def _strokes(img: Any, lines: Any, values: Any) -> None:
    height, width, channels = img.shape
    for i in range(lines.shape[0]):
        x0, y0, x1, y1, thick0, thick1 = lines[i]
        dx = x1 - x0
        dy = y1 - y0
        per = f32(1) / max(f32(1e-4), dx * dx + dy * dy)
        reach = max(f32(0.5) * max(thick0, thick1), f32(0.5)) + f32(0.5)
        for y in range(max(0, int(min(y0, y1) - reach)), min(height, int(max(y0, y1) + reach) + 2)):
            py = f32(y) + f32(0.5) - y0
            for x in range(max(0, int(min(x0, x1) - reach)), min(width, int(max(x0, x1) + reach) + 2)):
                px = f32(x) + f32(0.5) - x0
                t = min(f32(1), max(f32(0), (px * dx + py * dy) * per))
                ox = px - dx * t
                oy = py - dy * t
                thick = thick0 + (thick1 - thick0) * t
                cover = f32(0.5) * max(thick, f32(1)) + f32(0.5) - math.sqrt(ox * ox + oy * oy)
                if cover > f32(0):
                    cover = min(f32(1), cover) * min(f32(1), thick)
                    keep = f32(1) - cover
                    for c in range(channels - 1):
                        img[y, x, c] = img[y, x, c] * keep + values[i, c] * cover
                    img[y, x, channels - 1] = img[y, x, channels - 1] * keep + cover


def lay_strokes(img: np.ndarray, lines: np.ndarray, values: np.ndarray) -> None:
    """Lay strokes: lines [n, 6] are x0, y0, x1, y1 and the widths at both ends in pixels; values [n, channels - 1]."""
    _strokes(img, np.ascontiguousarray(lines, f32), np.ascontiguousarray(values, f32))


@njit(**JIT)
def _domes(img: Any, stones: Any, values: Any) -> None:
    height, width, _ = img.shape
    for i in range(stones.shape[0]):
        cx, cy, rx, ry, turn = stones[i]
        cos = math.cos(turn)
        sin = math.sin(turn)
        wide = rx + f32(1)
        for y in range(max(0, int(cy - ry - 2)), min(height, int(cy + ry * f32(1.3)) + 2)):
            v = (f32(y) + f32(0.5) - cy) / ry
            for x in range(max(0, int(cx - wide * f32(1.3))), min(width, int(cx + wide * f32(1.3)) + 2)):
                u = (f32(x) + f32(0.5) - cx) / rx
                low = v * f32(0.8) - f32(0.25)
                shade = f32(1) - u * u * f32(0.6) - low * low
                if shade > f32(0) and v > f32(0):  # the gap under its edge is dark
                    dim = f32(1) - f32(0.55) * min(f32(1), shade * f32(1.5))
                    for c in range(3):
                        img[y, x, c] *= dim
                # a squarish, turned outline; flatter below, where it sits in the ground
                a = abs(u * cos + v * sin * f32(0.4))
                b = abs(v * (f32(1) if v < f32(0) else f32(1.45)) - u * sin * f32(0.25))
                r = a * a * math.sqrt(a) + b * b * math.sqrt(b)
                cover = min(f32(1), max(f32(0), (f32(1) - r) * min(rx, ry) * f32(0.8) + f32(0.5)))
                if cover > f32(0):
                    out = math.sqrt(max(f32(0.04), f32(1) - min(f32(1), u * u + v * v)))
                    keep = f32(1) - cover
                    for c in range(3):
                        img[y, x, c] = img[y, x, c] * keep + values[i, c] * cover
                    img[y, x, 3] = img[y, x, 3] * keep + u * cover
                    img[y, x, 4] = img[y, x, 4] * keep + (f32(0.25) - v * f32(0.85)) * cover
                    img[y, x, 5] = img[y, x, 5] * keep + out * cover
                    img[y, x, 6] = img[y, x, 6] * keep + cover


def lay_domes(img: np.ndarray, stones: np.ndarray, values: np.ndarray) -> None:
    """Lay half-buried stones on a ground [h, w, 7] of albedo (3), normal to the right, up and to the viewer, coverage.

    stones [n, 5] are centre x, y, radii x, y in pixels and a turn in radians; values [n, 3] are their albedos.
    """
    _domes(img, np.ascontiguousarray(stones, f32), np.ascontiguousarray(values, f32))
