"""Rain and snow in the air: particles in three depths, pure in time, drawn over the finished scene.

Every drop falls through a span of the frame again and again; each passage hashes to a new place, so nothing repeats.
The depths follow the camera's pan and tilt by their own measure.
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba and OpenCV type their numbers more narrowly than numpy's stubs do

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.kernels import JIT, Canvas, f32

Rgb = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """One depth of falling things. Lengths are pixels at 720 lines, speeds pixels a second."""

    count: int
    speed: float
    length: float
    width: float
    light: float
    parallax: float


# Terminal speed of a 2 mm drop is 6.5 m/s (Gunn and Kinzer 1949); a 1/48 s shutter draws 13 cm of it: streak lengths
# and speeds below are that at about 4, 9 and 20 m of distance.
RAIN = (
    Layer(count=900, speed=620, length=15, width=0.8, light=0.20, parallax=0.1),
    Layer(count=420, speed=1150, length=34, width=1.0, light=0.22, parallax=0.3),
    Layer(count=70, speed=2300, length=90, width=1.9, light=0.12, parallax=1.0),
)
# Snow falls at about 1 m/s, near flakes are out of focus.
SNOW = (
    Layer(count=700, speed=52, length=0, width=1.2, light=0.62, parallax=0.1),
    Layer(count=240, speed=105, length=0, width=2.4, light=0.52, parallax=0.35),
    Layer(count=34, speed=230, length=0, width=9.0, light=0.14, parallax=1.0),
)


def scatter(index: NDArray[np.int64], turn: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Uniform [0, 1) from pairs of integers (splitmix64 finaliser), vectorised."""
    mixed = index.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= (turn.astype(np.uint64) + np.uint64(seed % (1 << 31) + 1)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / float(1 << 53)


@njit(**JIT)
def _add_streaks(img: Any, xs: Any, ys: Any, slant: float, length: float, width: float, rgb: Any) -> None:
    """Add slanted streaks that end at (xs, ys), brighter towards their lower end, soft across."""
    height = img.shape[1]
    cols = img.shape[2]
    reach = int(width) + 1
    for i in range(len(xs)):
        top = ys[i] - length
        for y in range(max(0, int(top)), min(height, int(ys[i]) + 1)):
            along = (f32(y) - top) / length
            if along < f32(0) or along > f32(1):
                continue
            x = xs[i] - (ys[i] - f32(y)) * slant
            strength = along * min(f32(1), (f32(1) - along) * f32(5) + f32(0.15))
            centre = math.floor(x)
            for px in range(max(0, centre - reach), min(cols, centre + reach + 2)):
                cover = f32(1) - abs(f32(px) - x) / (width + f32(0.6))
                if cover > f32(0):
                    cover *= strength
                    img[0, y, px] += rgb[0] * cover
                    img[1, y, px] += rgb[1] * cover
                    img[2, y, px] += rgb[2] * cover


def _fall(
    layer: Layer, view: View, t_s: float, drift_px_s: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns, rows and index of a layer's particles at a time."""
    unit = view.height_px / 720
    margin = (layer.length + layer.width * 4 + 20) * unit
    span = view.height_px + 2 * margin
    index = np.arange(layer.count)
    speed = layer.speed * unit * (0.85 + 0.3 * scatter(index, index * 0 + 7, seed))
    path = scatter(index, index * 0 + 3, seed) * span + t_s * speed
    turn = np.floor(path / span).astype(np.int64)
    rows = path - turn * span - margin
    wide = view.width_px + 2 * margin
    fallen_s = (rows + margin) / speed
    columns = scatter(index, turn + 11, seed) * wide + drift_px_s * unit * (fallen_s - span / speed / 2)
    columns = np.mod(columns - view.pan * view.height_px * layer.parallax, wide) - margin
    rows = rows + view.tilt * view.height_px * layer.parallax
    return columns, rows, index


def paint_rain(canvas: Canvas, view: View, t_s: float, intensity: float, wind: float, rgb: Rgb, seed: int) -> None:
    """Add rain streaks lit by `rgb`. `intensity` 0..1 sets how many, `wind` 0..1 how slanted."""
    unit = view.height_px / 720
    slant = 0.05 + 0.5 * wind * wind
    for depth, layer in enumerate(RAIN):
        shown = Layer(
            count=int(layer.count * intensity**0.8 * view.width_px / view.height_px / 1.78),
            speed=layer.speed,
            length=layer.length * (0.6 + 0.6 * intensity),
            width=layer.width,
            light=layer.light,
            parallax=layer.parallax,
        )
        columns, rows, _ = _fall(shown, view, t_s, slant * layer.speed, seed + depth)
        light = np.array(rgb, f32) * f32(layer.light * (0.7 + 0.5 * intensity))
        length = f32(max(2.0, shown.length * unit))
        _add_streaks(canvas, columns.astype(f32), rows.astype(f32), f32(slant), length, f32(layer.width * unit), light)


def paint_snow(canvas: Canvas, view: View, t_s: float, intensity: float, wind: float, rgb: Rgb, seed: int) -> None:
    """Add snowflakes lit by `rgb`: they sway, drift with the wind, and the near ones are large and soft."""
    unit = view.height_px / 720
    for depth, layer in enumerate(SNOW):
        count = int(layer.count * intensity**0.8 * view.width_px / view.height_px / 1.78)
        if count == 0:
            continue
        shown = Layer(
            count=count, speed=layer.speed, length=0, width=layer.width, light=layer.light, parallax=layer.parallax
        )
        columns, rows, index = _fall(shown, view, t_s, (20 + 240 * wind) * layer.speed / 105, seed + 50 + depth)
        phase = scatter(index, index * 0 + 5, seed) * 2 * math.pi
        size = 0.6 + 0.9 * scatter(index, index * 0 + 9, seed)
        sway = np.sin(t_s * (0.7 + size) + phase) * layer.width * 3.5 * unit
        radius = np.maximum(1.1, layer.width * size * unit * 1.5)
        light = np.array(rgb, f32)[None] * (layer.light * np.minimum(1.0, 0.5 + 0.5 * size))[:, None]
        add_glows(canvas, Spots(x=columns + sway, y=rows, radius_x=radius, radius_y=radius, rgb=light))
