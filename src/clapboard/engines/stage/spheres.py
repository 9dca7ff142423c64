"""Balls and knobs: a smooth round solid, plain or with a band round it, lit by the sky above, lamps, and the ground.

paint_sphere(easel, (x_m, y_m, z_m), (0.17, 0.17), Skin(albedo=(0.9, 0.1, 0.05)))
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba types its numbers more narrowly than numpy's stubs do

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from clapboard.engines.stage.kernels import JIT, f32
from clapboard.engines.stage.scene import Easel, Rgb
from clapboard.engines.stage.turned import highlight, light_behind, point_rows

_STILL: Final = np.eye(3, dtype=f32)
_BAND: Final = 0.30
"""Half the width of the band, as a share of the radius."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Skin:
    """What a ball is made of: its colour and its band's (none: plain), share of the light behind that its edge shows,
    strength of highlights, and how fuzzy it is (felt 1: bright to its edge; rubber 0)."""

    albedo: Rgb
    band: Rgb | None = None
    rim: float = 0.5
    gloss: float = 0.2
    fuzz: float = 0.0


@njit(inline="always", fastmath=True)
def _pattern(turn: Any, nx: float, ny: float, nz: float, soft: float) -> tuple[float, float]:
    """Share of the band at a point of the ball, and what is left of the light in the grooves along it."""
    up = turn[1, 0] * nx - turn[1, 1] * ny + turn[1, 2] * nz
    away = abs(abs(up) - f32(_BAND))
    share = min(f32(1), max(f32(0), (f32(_BAND) - abs(up)) / soft + f32(0.5)))
    return share, f32(1) - f32(0.45) * max(f32(0), f32(1) - away / max(f32(0.025), soft))


@njit(inline="always", fastmath=True)
def _lamps(lights: Any, c: int, point: Any, normal: Any) -> tuple[float, float]:
    """One channel of the lamps' light on a point: soft, and as a highlight."""
    soft = f32(0)
    shine = f32(0)
    for k in range(lights.shape[0]):
        lx = lights[k, 0] - point[0]
        ly = lights[k, 1] - point[1]
        lz = lights[k, 2] - point[2]
        gap2 = lx * lx + ly * ly + lz * lz
        inv = f32(1) / math.sqrt(gap2 + f32(1))
        falls = lights[k, 4 + c] / (f32(1) + gap2 / (lights[k, 3] * lights[k, 3]))
        facing = (normal[0] * lx + normal[1] * ly + normal[2] * lz) * inv
        soft += max(f32(0), facing * f32(0.8) + f32(0.2)) * falls
        shine += highlight(normal, (lx * inv, ly * inv, lz * inv), 5) * falls
    return soft, shine


@njit(**JIT)
def _paint_sphere(img: Any, behind: Any, place: Any, turn: Any, lights: Any, look: Any) -> None:
    """place: column, row, half width, half height (pixels); turn [3, 3]: picture to ball; lights: `point_rows`;
    look [5, 3]: albedo, band, ambient, (rim, gloss, fuzz), (1 with a band, -, -)."""
    height = img.shape[1]
    width = img.shape[2]
    fy = f32(behind.shape[1]) / f32(height)
    fx = f32(behind.shape[2]) / f32(width)
    smaller = min(place[2], place[3])
    soft = f32(0.7) / smaller  # a pixel of blending between the colours
    for y in range(max(0, int(place[1] - place[3]) - 1), min(height, int(place[1] + place[3]) + 2)):
        for x in range(max(0, int(place[0] - place[2]) - 1), min(width, int(place[0] + place[2]) + 2)):
            nx = (f32(x) - place[0]) / place[2]
            ny = (f32(y) - place[1]) / place[3]
            d2 = nx * nx + ny * ny
            cover = min(f32(1), (f32(1) - math.sqrt(d2)) * smaller + f32(0.5))
            if cover <= f32(0):
                continue
            nz = math.sqrt(max(f32(0.0001), f32(1) - d2))
            band, dent = _pattern(turn, nx, ny, nz, soft)
            band *= look[4, 0]
            dent += (f32(1) - dent) * (f32(1) - look[4, 0])
            graze = f32(1) - nz
            rim = graze * graze * graze * look[3, 0]
            # From the sky, more from its bright half behind us; then what the ground throws back.
            sky = f32(0.95) - f32(0.60) * ny + f32(0.25) * nz
            sky += (f32(1.25) - sky) * f32(0.5) * look[3, 2] + f32(0.30) * max(f32(0), ny) * graze
            v = min(behind.shape[1] - 1, int(f32(y) * fy))
            w = min(behind.shape[2] - 1, int(f32(x) * fx))
            gleam = highlight((nx, ny, nz), (f32(-0.35), f32(-0.75), f32(0.56)), 5) * f32(5)
            for c in range(3):
                skin = look[0, c] + (look[1, c] - look[0, c]) * band
                lit, shine = _lamps(lights, c, (f32(x), f32(y), nz * place[2]), (nx, ny, nz))
                shine += gleam * look[2, c]
                value = skin * dent * (look[2, c] * sky + lit * f32(1.6)) + shine * look[3, 1] + behind[c, v, w] * rim
                img[c, y, x] += (value - img[c, y, x]) * cover


def paint_sphere(
    easel: Easel,
    centre: tuple[float, float, float],
    radii_m: tuple[float, float],
    skin: Skin,
    turn: NDArray[np.float32] = _STILL,
) -> None:
    """Paint a ball of these half widths (across, up) with its centre at a world point.

    `turn` [3, 3] takes the picture's axes (x right, y up, z towards us) to the ball's, whose band lies round its y.
    """
    column, row, per_m = easel.project(*centre)
    place = np.array([column, row, max(0.3, radii_m[0] * per_m), max(0.3, radii_m[1] * per_m)], f32)
    band = skin.band or skin.albedo
    touch = (skin.rim, skin.gloss, skin.fuzz)
    look = np.array([skin.albedo, band, easel.light.ambient, touch, (float(skin.band is not None), 0, 0)], f32)
    _paint_sphere(easel.canvas, light_behind(easel), place, turn, point_rows(easel, centre[2]), look)
