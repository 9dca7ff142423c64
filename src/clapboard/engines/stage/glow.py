"""Light that spreads: glows, out-of-focus discs, blur and bloom. All add linear light to a Canvas [3, h, w]."""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba and OpenCV type their numbers more narrowly than numpy's stubs do

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from clapboard.engines.stage.kernels import JIT, Canvas, Plane, f32

cv2.setNumThreads(1)  # frames already run side by side


@dataclass(frozen=True, kw_only=True, slots=True)
class Spots:
    """Points of light: centres in pixels, radii in pixels, colour [n, 3] in linear light."""

    x: ArrayLike
    y: ArrayLike
    radius_x: ArrayLike
    radius_y: ArrayLike
    rgb: ArrayLike

    def columns(self) -> list[Any]:
        """Contiguous float32 columns x, y, rx, ry, r, g, b of equal length."""
        rgb = np.atleast_2d(np.asarray(self.rgb, f32))
        parts = [np.atleast_1d(np.asarray(v, f32)) for v in (self.x, self.y, self.radius_x, self.radius_y)]
        count = max(len(rgb), *(len(part) for part in parts))
        columns = [*parts, rgb[:, 0], rgb[:, 1], rgb[:, 2]]
        return [np.ascontiguousarray(np.broadcast_to(column, count)) for column in columns]


@njit(**JIT)
def _add_glows(img: Any, xs: Any, ys: Any, rx: Any, ry: Any, cr: Any, cg: Any, cb: Any) -> None:
    height = img.shape[1]
    width = img.shape[2]
    for i in range(len(xs)):
        left = max(0, int(xs[i] - rx[i]))
        right = min(width, int(xs[i] + rx[i]) + 2)
        top = max(0, int(ys[i] - ry[i]))
        bottom = min(height, int(ys[i] + ry[i]) + 2)
        ix = f32(1) / max(rx[i], f32(1e-3))
        iy = f32(1) / max(ry[i], f32(1e-3))
        for y in range(top, bottom):
            dy = (f32(y) - ys[i]) * iy
            dy = dy * dy
            for x in range(left, right):
                dx = (f32(x) - xs[i]) * ix
                fall = max(f32(0), f32(1) - dx * dx - dy)
                fall = fall * fall
                img[0, y, x] += cr[i] * fall
                img[1, y, x] += cg[i] * fall
                img[2, y, x] += cb[i] * fall


def add_glows(canvas: Canvas, spots: Spots) -> None:
    """Add soft elliptical glows, (1 - d^2)^2 falloff."""
    _add_glows(canvas, *spots.columns())


@njit(**JIT)
def _add_bokeh(
    img: Any,
    xs: Any,
    ys: Any,
    rx: Any,
    cr: Any,
    cg: Any,
    cb: Any,
    rim: Any,
    cat: Any,
) -> None:
    height = img.shape[1]
    width = img.shape[2]
    cx = f32(width) * f32(0.5)
    cy = f32(height) * f32(0.5)
    for i in range(len(xs)):
        r = rx[i]
        edge = max(f32(1), r * f32(0.06))
        ox = (cx - xs[i]) * f32(cat) * r / cx
        oy = (cy - ys[i]) * f32(cat) * r / cx
        for y in range(max(0, int(ys[i] - r - 2)), min(height, int(ys[i] + r + 3))):
            dy = f32(y) - ys[i]
            for x in range(max(0, int(xs[i] - r - 2)), min(width, int(xs[i] + r + 3))):
                dx = f32(x) - xs[i]
                d = math.sqrt(dx * dx + dy * dy)
                d2 = math.sqrt((dx - ox) * (dx - ox) + (dy - oy) * (dy - oy))
                inside = min(f32(1), max(f32(0), (r - d) / edge))
                inside *= min(f32(1), max(f32(0), (r * f32(1.04) - d2) / edge))
                t = d / max(r, f32(1e-3))
                inside *= f32(1) - f32(rim) + f32(rim) * f32(1.6) * t * t * t
                img[0, y, x] += cr[i] * inside
                img[1, y, x] += cg[i] * inside
                img[2, y, x] += cb[i] * inside


def add_bokeh(canvas: Canvas, spots: Spots, *, rim: float = 0.35, cat_eye: float = 0.55) -> None:
    """Add out-of-focus highlights: discs of radius_x with a brighter rim, clipped to cat's eyes towards the corners."""
    x, y, radius, _, *rgb = spots.columns()
    _add_bokeh(canvas, x, y, radius, *rgb, rim, cat_eye)


def blur(image: Plane | Canvas, sigma_px: float) -> Plane | Canvas:
    """Gaussian blur of one plane or of three; large sigmas go through a smaller picture, where they are cheap."""
    if image.ndim == 3:
        return np.stack([blur(plane, sigma_px) for plane in image])
    height, width = image.shape
    shrink = 1
    while sigma_px / shrink > 4 and min(height, width) // (shrink * 2) > 8:
        shrink *= 2
    if shrink == 1:
        return cv2.GaussianBlur(image, (0, 0), max(sigma_px, 0.05))
    small = cv2.resize(image, (max(1, width // shrink), max(1, height // shrink)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma_px / shrink)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


@njit(**JIT)
def _mix_add(plane: Any, keep: float, other: Any) -> None:
    height, width = plane.shape
    for y in range(height):
        for x in range(width):
            plane[y, x] = plane[y, x] * keep + other[y, x]


BLOOM: Sequence[tuple[float, float]] = ((5, 0.12), (18, 0.08), (55, 0.06))
"""(sigma in pixels at 720 lines, share of the light): about a quarter of the energy."""


def bloom(canvas: Canvas, amounts: Sequence[tuple[float, float]] = BLOOM) -> None:
    """Spread a share of the light as a lens does, in place, at a quarter of the size."""
    height, width = canvas.shape[1:]
    scale = height / 720
    keep = f32(1 - 0.5 * sum(share for _, share in amounts))
    small_size = (max(1, width // 4), max(1, height // 4))
    for plane in canvas:
        small = cv2.resize(plane, small_size, interpolation=cv2.INTER_AREA)
        spread = np.zeros_like(small)
        for sigma_px, share in amounts:
            spread += f32(share) * blur(small, sigma_px * scale / 4)
        _mix_add(plane, keep, cv2.resize(spread, (width, height), interpolation=cv2.INTER_LINEAR))
