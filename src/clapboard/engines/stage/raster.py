"""Shapes: bezier outlines in, anti-aliased coverage out.

    outline = Path().move(0, 0).curve(-20, 30, ...).close().points(scale=3, at=(640, 360))
    mask = fill([outline], width_px, height_px)

Coverage is exact area (signed-area accumulation, as font rasterisers do it), computed only inside the shape's box.
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba and OpenCV type their numbers more narrowly than numpy's stubs do

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from clapboard.engines.stage.kernels import JIT, Plane, f32

Outline = NDArray[np.float32]
"""Closed polygon [n, 2] in pixels, x right, y down."""


@dataclass(frozen=True, slots=True)
class Mask:
    """Coverage 0..1 of a shape in the box that starts at pixel (left, top)."""

    left: int
    top: int
    alpha: Plane

    @property
    def box(self) -> tuple[slice, slice]:
        """Rows and columns of the canvas that the mask covers."""
        height, width = self.alpha.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


class Path:
    """An outline built from lines and cubic or quadratic beziers, y up, in the unit of your choice."""

    def __init__(self) -> None:
        self._points: list[tuple[float, float]] = []

    def move(self, x: float, y: float) -> "Path":
        """Start here."""
        self._points.append((x, y))
        return self

    line = move

    def quad(self, cx: float, cy: float, x: float, y: float, steps: int = 10) -> "Path":
        """Quadratic bezier to (x, y)."""
        x0, y0 = self._points[-1]
        for t in np.linspace(0, 1, steps + 1)[1:]:
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
            self._points.append((a * x0 + b * cx + c * x, a * y0 + b * cy + c * y))
        return self

    def curve(self, *controls: float, steps: int = 14) -> "Path":
        """Cubic bezier: c1x, c1y, c2x, c2y, x, y."""
        x1, y1, x2, y2, x, y = controls
        x0, y0 = self._points[-1]
        for t in np.linspace(0, 1, steps + 1)[1:]:
            s = 1 - t
            a, b, c, d = s**3, 3 * s * s * t, 3 * s * t * t, t**3
            self._points.append((a * x0 + b * x1 + c * x2 + d * x, a * y0 + b * y1 + c * y2 + d * y))
        return self

    def points(self) -> NDArray[np.float64]:
        """The outline [n, 2], y up."""
        return np.array(self._points)


def ellipse(x: float, y: float, rx: float, ry: float, steps: int = 40) -> NDArray[np.float64]:
    """An ellipse's outline [steps, 2] round (x, y)."""
    turn = np.linspace(0, 2 * math.pi, steps, endpoint=False)
    return np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], 1)


def stroke(points: NDArray[np.float64], width: float | Sequence[float] | NDArray[np.floating]) -> NDArray[np.float64]:
    """The outline of a line with round-ish ends and a width that may change along it: points [n, 2] -> [2n, 2]."""
    points = np.asarray(points, float)
    tangent = np.gradient(points, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1) / np.maximum(np.linalg.norm(tangent, axis=1), 1e-9)[:, None]
    half = normal * (np.broadcast_to(np.asarray(width, float), len(points)) / 2)[:, None]
    return np.concatenate([points + half, (points - half)[::-1]])


@njit(**JIT)
def _accumulate(acc: Any, points: Any, starts: Any) -> None:
    """Add d(coverage)/dx of closed contours to acc [height, width + 2]."""
    height = acc.shape[0]
    width = acc.shape[1] - 2
    for contour in range(len(starts) - 1):
        first = starts[contour]
        end = starts[contour + 1]
        for i in range(first, end):
            j = i + 1 if i + 1 < end else first
            x0 = points[i, 0]
            y0 = points[i, 1]
            x1 = points[j, 0]
            y1 = points[j, 1]
            if y0 == y1:
                continue
            sign = f32(1)
            if y0 > y1:
                x0, x1, y0, y1, sign = x1, x0, y1, y0, f32(-1)
            slope = (x1 - x0) / (y1 - y0)
            x = x0 - min(y0, f32(0)) * slope
            for y in range(max(0, int(y0)), min(height, math.ceil(y1))):
                dy = min(f32(y + 1), y1) - max(f32(y), y0)
                x_next = x + slope * dy
                area = sign * dy
                low = min(max(min(x, x_next), f32(0)), f32(width))
                high = min(max(max(x, x_next), f32(0)), f32(width))
                left = math.floor(low)
                right = math.ceil(high)
                x = x_next
                if right <= left + 1:
                    mean = f32(0.5) * (low + high) - f32(left)
                    acc[y, left] += area * (f32(1) - mean)
                    acc[y, left + 1] += area * mean
                    continue
                per_px = f32(1) / (high - low)
                passed = f32(0)  # share of the edge that lies left of this pixel
                before = f32(0)
                for px in range(left, right):
                    a = max(low, f32(px))
                    b = min(high, f32(px + 1))
                    share = passed + (b - a) * per_px * (f32(px + 1) - f32(0.5) * (a + b))
                    acc[y, px] += area * (share - before)
                    before = share
                    passed += (b - a) * per_px
                acc[y, right] += area * (f32(1) - before)


@njit(**JIT)
def _resolve(acc: Any, out: Any) -> None:
    height, width = out.shape
    for y in range(height):
        total = f32(0)
        for x in range(width):
            total += acc[y, x]
            out[y, x] = min(f32(1), abs(total))


def fill(outlines: Sequence[NDArray[np.floating]], width_px: int, height_px: int) -> Mask | None:
    """Coverage of closed outlines (non-zero winding where they do not cancel); None when all is off the frame."""
    points = np.concatenate(outlines).astype(f32)
    left, top = (max(0, math.floor(v) - 1) for v in points.min(0))
    right, bottom = (math.ceil(v) + 2 for v in points.max(0))
    right, bottom = min(width_px, right), min(height_px, bottom)
    if right <= left or bottom <= top:
        return None
    starts = np.cumsum([0, *(len(outline) for outline in outlines)]).astype(np.int64)
    acc = np.zeros((bottom - top, right - left + 2), f32)
    _accumulate(acc, points - np.array([left, top], f32), starts)
    alpha = np.empty((bottom - top, right - left), f32)
    _resolve(acc, alpha)
    return Mask(left, top, alpha)
