"""A mountain range cast from a height field: ridges and gullies of damped noise, marched column by column, then lit.

The slopes damp the finer noise (as erosion fills what is steep last), which gives sharp crests and smooth fans below.
Everything is painted once a shot; it is so far away that the camera's travel does not shift it.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.kernels import JIT, Plane, f32, hash01, i32

# pyright: reportArgumentType=false, reportReturnType=false
# numba types its numbers more narrowly than numpy's stubs do

_STEPS = 190
NEAR_M, FAR_M = 1500.0, 7600.0


@njit(**JIT)
def _height(x: float, z: float, octaves: int, seed: float) -> float:
    """Height 0..about 1 of damped ridged noise at unit coordinates."""
    total = f32(0)
    weight = f32(0.5)
    slope_x = f32(0)
    slope_z = f32(0)
    u = x + seed
    v = z + f32(50)
    for octave in range(octaves):
        jx = i32(math.floor(u))
        jz = i32(math.floor(v))
        fx = u - f32(jx)
        fz = v - f32(jz)
        sx = fx * fx * (f32(3) - f32(2) * fx)
        sz = fz * fz * (f32(3) - f32(2) * fz)
        a = hash01(jx, jz)
        b = hash01(i32(jx + i32(1)), jz)
        c = hash01(jx, i32(jz + i32(1)))
        d = hash01(i32(jx + i32(1)), i32(jz + i32(1)))
        n = a + (b - a) * sx + (c - a) * sz + (a - b - c + d) * sx * sz
        dx = f32(6) * fx * (f32(1) - fx) * ((b - a) + (a - b - c + d) * sz)
        dz = f32(6) * fz * (f32(1) - fz) * ((c - a) + (a - b - c + d) * sx)
        if octave < 3:  # the large forms have crests
            n = f32(1) - abs(f32(2) * n - f32(1))
            n = n * n
        slope_x += dx * f32(0.6)
        slope_z += dz * f32(0.6)
        total += weight * n / (f32(1) + slope_x * slope_x + slope_z * slope_z)
        weight *= f32(0.43)
        p = u * f32(1.6) - v * f32(1.2) + f32(200)
        v = u * f32(1.2) + v * f32(1.6) + f32(3)
        u = p
    return total


@njit(**JIT)
def _ground(x: float, z: float, octaves: int, form: Any) -> float:
    """Metres above the lake. form: scale in m, height in m, noise seed, azimuth squeeze."""
    az = x / z / form[3]
    # Two massifs and a saddle between them; lower towards us, so that the range stands up in tiers.
    left = (az + f32(0.20)) / f32(0.26)
    right = (az - f32(0.52)) / f32(0.24)
    mass = f32(0.30) + f32(0.85) * math.exp(-left * left) + f32(0.62) * math.exp(-right * right)
    tier = min(f32(1), max(f32(0), (z - f32(NEAR_M)) / f32(4200)))
    tier = f32(0.03) + f32(0.97) * tier * tier * (f32(3) - f32(2) * tier)
    return form[1] * mass * tier * _height(x / form[0] + f32(40), z / form[0], octaves, form[2])


@njit(**JIT)
def _sunlit(x: float, z: float, h: float, form: Any, sun: Any) -> float:
    """1 where no ridge stands between a point and the sun, 0 in shadow, soft between."""
    lit = f32(1)
    reach = f32(90)
    for _ in range(5):
        blocked = _ground(x + sun[0] * reach, z + sun[2] * reach, 4, form) - h - sun[1] * reach
        lit = min(lit, f32(1) - min(f32(1), max(f32(0), blocked / (reach * f32(0.16) + f32(20)))))
        reach *= f32(1.95)
    return lit


@njit(**JIT)
def _march(out: Any, lens: Any, form: Any, sun: Any) -> None:
    """Fill out [7, h, w]: normal to the right, up, away; height m; depth m; light 0..1 that no ridge shades; coverage.

    lens: focal, column and row of the horizon's centre in `out`, eye m; sun: unit direction to it."""
    _, height, width = out.shape
    ratio = f32((FAR_M / NEAR_M) ** (1.0 / _STEPS))
    for x in range(width):
        az = (f32(x) + f32(0.5) - lens[1]) / lens[0]
        far = f32(NEAR_M)
        edge = lens[2] + f32(1)
        low = height
        rising = False
        for _ in range(_STEPS):
            rough = lens[2] - (_ground(az * far, far, 7, form) - lens[3]) / far * lens[0]
            passing = rising and rough < edge + f32(4)
            rising = rough < edge - f32(0.02)
            if rising or passing:
                # a steep face is met in several shorter steps, and a crest is not stepped over
                parts = min(8, int(max(f32(0), edge - rough) * f32(0.8)) + (4 if passing else 1))
                for part in range(parts):
                    z = far * (f32(1) + (ratio - f32(1)) * (f32(part + 1) / f32(parts) - f32(1)))
                    h = _ground(az * z, z, 7, form)
                    row = lens[2] - (h - lens[3]) / z * lens[0]
                    if row < edge - f32(0.02):
                        eps = z / lens[0] * f32(2.6)
                        nx = (h - _ground(az * z + eps, z, 7, form)) / eps
                        nz = (h - _ground(az * z, z + eps, 7, form)) / eps
                        inv = f32(1) / math.sqrt(f32(1) + nx * nx + nz * nz)
                        lit = _sunlit(az * z, z, h, form, sun)
                        first = max(0, math.floor(row))
                        for y in range(first, low):
                            out[0, y, x] = nx * inv
                            out[1, y, x] = inv
                            out[2, y, x] = nz * inv
                            out[3, y, x] = h
                            out[4, y, x] = z
                            out[5, y, x] = lit
                            out[6, y, x] = min(f32(1), max(f32(0), f32(y) + f32(1) - row))
                        edge = row
                        low = min(height, first + 1)  # what stands behind fills the rest of the top pixel
            far *= ratio


@dataclass(frozen=True, slots=True)
class Terrain:
    """What each pixel of a box shows: unit normal, height and depth in metres, unshaded light, coverage; all [h, w]."""

    corner_px: tuple[int, int]
    normal: tuple[Plane, Plane, Plane]
    height_m: Plane
    depth_m: Plane
    lit: Plane
    alpha: Plane


def cast_range(view: View, tall_m: float, sun: tuple[float, float, float], seed: int) -> Terrain:
    """The range as this view sees it; `sun` is the unit direction to the light (right, up, away from us)."""
    margin = round(0.14 * view.width_px)
    horizon = round(view.horizon_px)
    rows = max(8, math.ceil(0.34 * view.focal_px))
    out = np.zeros((7, rows, view.width_px + 2 * margin), f32)
    lens = np.array([view.focal_px, view.centre_px + margin, rows - 1.0, view.lens.eye_m], f32)
    squeeze = min(1.0, view.width_px / view.height_px / (16 / 9))
    form = np.array([1500.0, tall_m, 20.0 + (seed * 37) % 400, max(0.45, squeeze)], f32)
    _march(out, lens, form, np.array(sun, f32))
    return Terrain((-margin, horizon - rows + 1), (out[0], out[1], out[2]), out[3], out[4], out[5], out[6])
