"""A sheltered lake that mirrors the picture above it: the painted upper half, turned over, stirred by ripples and rain.

Unlike open water (`water.py`) it needs no second picture: all that it mirrors is far away, so the mirror image is the
upper half itself. Ripples are a few wave trains in perspective; gusts ruffle patches of it, which mirror a blurred sky.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numba import njit

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.kernels import JIT, Canvas, f32, fast_sin, hash01, i32, value_noise
from clapboard.engines.stage.scene import Rgb

# pyright: reportArgumentType=false
# numba types its numbers more narrowly than numpy's stubs do

STRETCH: Final = 1.4
"""The mirror image is a little taller than true: more of the sky lies in the water, as painters have it."""
_TRAINS: Final = np.array(
    # wave number per m (x, z), rad/s, weight: chosen by eye; deep-water speeds at 0.6 of true look calm
    [
        (0.30, 1.10, 2.0, 1.0),
        (-0.55, 1.9, 2.7, 0.75),
        (1.4, 2.9, 3.4, 0.55),
        (-2.3, 4.7, 4.3, 0.42),
        (3.1, 8.3, 5.6, 0.30),
    ],
    f32,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LakeLook:
    """The lake's own light, its weather, and the fire on its shore."""

    deep: Rgb
    veil: Rgb
    fog_per_m: float
    wind: float
    rain: float
    fire: Rgb = (0.0, 0.0, 0.0)
    fire_x_m: float = 0.0


def reach_px(view: View, last_row: int) -> int:
    """How many rows above the horizon the water down to `last_row` mirrors."""
    return max(0, math.ceil((last_row - view.horizon_px) * STRETCH * 1.12 + 0.02 * view.focal_px)) + 4


FAR_SHORE_M: Final = 520.0
"""No water lies farther off: without it the last row would be all haze, a bright line under a dark shore."""


@njit(**JIT)
def _ripple_row(slope: Any, across: Any, trains: Any, row: Any, t: float) -> None:
    """Slopes of a row along our line of sight and across it. row: x and z of its first pixel, step, footprint in m."""
    for x in range(slope.shape[0]):
        slope[x] = f32(0)
        across[x] = f32(0)
    for i in range(trains.shape[0]):
        keep = min(f32(1), max(f32(0), f32(1.35) - trains[i, 1] * row[3] * f32(0.42)))
        if keep > f32(0):
            base = trains[i, 0] * row[0] + trains[i, 1] * row[1] + t * trains[i, 2]
            base -= f32(math.floor(base * f32(0.15915494))) * f32(6.2831853)
            rate = trains[i, 0] * row[2]
            weight = trains[i, 3] * keep
            bend = f32(0.9) * f32(i + 1)
            for x in range(slope.shape[0]):
                s = fast_sin(base + rate * f32(x) + slope[x] * bend)
                slope[x] += s * weight
                across[x] += s * weight * (f32(1) if i & 1 else f32(-1))


@njit(**JIT)
def _gust_row(patch: Any, row: Any, z: float, wind: float, t: float) -> None:
    """Where gusts ruffle the water, 0..1."""
    noise_z = f32(7) * f32(math.log(z + f32(1)))
    per_m = f32(1) / (z * f32(0.16) + f32(2))
    for x in range(patch.shape[0]):
        px = (row[0] + f32(x) * row[2]) * per_m
        n = value_noise(px + f32(400) + t * f32(0.03), noise_z + t * f32(0.05) + f32(9))
        n += f32(0.5) * value_noise(px * f32(2.7) + f32(800) - t * f32(0.05), noise_z * f32(2.1) + f32(40))
        patch[x] = min(f32(1), max(f32(0), n * f32(1.9) - f32(1.15) + wind * f32(0.9)))


@njit(**JIT)
def _ring_row(slope: Any, row: Any, strength: float, rain: float, t: float) -> None:
    """Rings of drops: one drop a cell, its own beat; the ring runs outward and dies."""
    per_m = f32(2.6)
    for x in range(slope.shape[0]):
        u = (row[0] + f32(x) * row[2]) * per_m + f32(4000)
        v = row[1] * per_m + f32(400)
        jx = i32(u)
        jz = i32(v)
        beat = t * f32(1.3) + hash01(jx, jz) * f32(64)
        turn = i32(beat)
        age = beat - f32(turn)
        jt = i32(turn * i32(131))
        if hash01(i32(jx + jt), i32(jz + i32(77))) < rain:
            ox = u - f32(jx) - f32(0.3) - f32(0.4) * hash01(i32(jx + jt), jz)
            oz = v - f32(jz) - f32(0.3) - f32(0.4) * hash01(jx, i32(jz + jt))
            d = (math.sqrt(ox * ox + oz * oz) - age * f32(0.42)) * f32(15)
            ring = max(f32(0), f32(1) - d * d * f32(0.16)) * fast_sin(d * f32(2.2))
            slope[x] += ring * (f32(1) - age) * (f32(1) - age) * strength


@njit(**JIT)
def _mirror_row(canvas: Any, y: int, upper: Any, soft: Any, stirred: Any, place: Any, look: Any) -> None:
    """Paint one row. stirred: slope, across, patch [3, w]; place: mirrored row, last row, lift in pixels, spread 0..1,
    focal length, share of fog, column and narrowness of the fire's gleam."""
    last = upper.shape[2] - 1
    soft_last = soft.shape[2] - 1
    lift = place[2]
    spread = place[3]
    glint = min(f32(1), max(f32(0), (spread - f32(0.10)) * f32(1.4)))
    mirror = f32(0.90) - f32(0.24) * spread
    for x in range(canvas.shape[2]):
        slope = stirred[0, x]
        patch = stirred[2, x]
        rough = min(f32(1), patch * (f32(0.35) + f32(0.5) * look[10]) + look[11] * f32(0.45) + f32(0.06))
        v = place[0] - (slope * (f32(0.55) + f32(0.75) * patch) + f32(0.55)) * lift
        u = f32(x) + stirred[1, x] * lift * f32(0.30)
        v = min(place[1], max(f32(0), v))
        ix = min(last, max(i32(0), i32(u + f32(0.5))))
        iy = i32(v)
        ay = v - f32(iy)
        iy1 = min(iy + i32(1), i32(upper.shape[1] - 1))
        hx = min(soft_last, max(i32(0), i32(u * f32(0.5))))
        hy = i32(max(f32(0), v * f32(0.5) - rough * spread * f32(0.02) * place[4]))
        side = (f32(x) - place[6]) * place[7]
        hot = glint * max(f32(0), slope * f32(0.5) + f32(0.42)) / (f32(1) + side * side * side * side)
        hot = hot * hot * f32(0.55) / (f32(1) + side * side)
        for c in range(3):
            sharp = upper[c, iy, ix] + (upper[c, iy1, ix] - upper[c, iy, ix]) * ay
            dim = soft[c, hy, hx]
            value = (sharp + (dim - sharp) * rough) * (mirror - slope * f32(0.045)) + look[c]
            value += look[6 + c] * hot
            canvas[c, y, x] = value + (look[3 + c] - value) * place[5]


@njit(**JIT)
def _lake(canvas: Any, upper: Any, soft: Any, lens: Any, look: Any, trains: Any, t: float) -> None:
    """Rows from the horizon to the canvas's end. lens: focal, centre, horizon, eye, camera z, horizon in `upper`;
    look: deep rgb, veil rgb, fire rgb, fog a metre, wind, rain, fire x, stretch. `soft`: `upper` blurred, half size."""
    stirred = np.empty((3, canvas.shape[2]), f32)
    row = np.empty(4, f32)
    place = np.empty(8, f32)
    for y in range(max(0, math.ceil(lens[2] - f32(0.5))), canvas.shape[1]):
        below = max(f32(0.3), f32(y) + f32(0.5) - lens[2])
        z = lens[3] * lens[0] / below
        row[0] = (f32(0.5) - lens[1]) * z / lens[0]
        row[1] = z + lens[4]
        row[2] = z / lens[0]
        row[3] = z * z / (lens[3] * lens[0])
        _ripple_row(stirred[0], stirred[1], trains, row, t)
        _gust_row(stirred[2], row, z, look[10], t)
        if look[11] > f32(0) and z < f32(30):
            _ring_row(stirred[0], row, f32(5) * min(f32(1), (f32(30) - z) * f32(0.1)), look[11], t)
        spread = min(f32(1), below / (lens[0] * f32(0.16)))
        place[0] = lens[5] - below * look[13]
        place[1] = lens[5] - f32(1)
        place[2] = lens[0] * (f32(0.0010) + f32(0.0085) * spread) * (f32(0.55) + f32(2.4) * look[10])
        place[3] = spread
        place[4] = lens[0]
        place[5] = f32(1) - math.exp(-look[9] * min(z, f32(FAR_SHORE_M)))
        place[6] = lens[1] + look[12] * lens[0] / z
        place[7] = f32(1) / (lens[0] * (f32(0.035) + f32(0.030) * spread))
        _mirror_row(canvas, y, upper, soft, stirred, place, look)


def paint_lake(canvas: Canvas, upper: Canvas, upper_horizon_px: float, view: View, t_s: float, look: LakeLook) -> None:
    """Paint the rows of `canvas` below the horizon. `upper` [3, h, w] holds what is above it, down to its horizon."""
    upper = upper[:, : math.ceil(upper_horizon_px) + 2]
    size = upper.shape[2] // 2, max(2, upper.shape[1] // 2)
    tall = 2 * max(1, round(view.height_px / 90)) + 1
    soft = np.stack([cv2.blur(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), (3, tall)) for plane in upper])
    lens = [view.focal_px, view.centre_px, view.horizon_px, view.lens.eye_m + view.y_m, view.z_m, upper_horizon_px]
    values = [
        *look.deep,
        *look.veil,
        *look.fire,
        look.fog_per_m,
        look.wind,
        look.rain,
        look.fire_x_m - view.x_m,
        STRETCH,
    ]
    _lake(canvas, upper, soft, np.array(lens, f32), np.array(values, f32), _TRAINS, f32(t_s))
