"""Water seen from a camera just above it: a drag-summed wave field with analytic slopes that mirrors the picture above.

    waves = sea_waves(wind=0.4, seed=7)                       # or lake_waves(wind, seed)
    paint_water(canvas, mirror, view, t_s, waves, WaterLook(...))

Each wave is exp(sin - 1), sharp at the crest and flat in the trough; every wave drags the sample point of the finer
ones along its slope, which gathers them on the crests. Waves finer than a pixel's footprint fade out, and the slope
that they would have had goes into how far down the mirror image is smeared. The mirror is gathered from a picture
of the upper world painted by `mirror_view`, so sun, clouds, boats and lamps reflect for free.
"""

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numba import njit

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.kernels import JIT, Canvas, Plane, f32, fast_sin, hash01, i32, value_noise
from clapboard.engines.stage.scene import Rgb

_GRAVITY: Final = 9.81
_SWELL_PERIODS_S: Final = (8.6, 7.3, 6.2)
"""The bed of breaking waves swells every 6 to 9 s; so does the sea that we see."""


@dataclass(frozen=True, slots=True)
class Waves:
    """Wave trains, longest first: rows of direction x, direction z, wave number per m, rad/s, phase, weight, drag [n, 7]."""

    trains: Plane
    height: float
    """Scale of the slopes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WaterLook:
    """Colours and weather of the water."""

    deep: Rgb
    """Light that comes out of the water itself."""
    crest: Rgb
    """Light that comes through thin crests."""
    far: Rgb
    """The air between us and the horizon (fog, haze)."""
    fog_per_m: float = 0.0
    foam: float = 0.0
    """0 none .. 1 a storm's whitecaps."""
    foam_rgb: Rgb = (0.6, 0.6, 0.6)
    rain: float = 0.0
    glint: float = 1.0
    """How much of the finest ripples sparkles; 0 for a mirror."""


def _trains(first: float, count: int, growth: float, fade: float, heading: tuple[float, float], rng: np.random.Generator) -> Plane:
    """A chain of waves in deep water (omega^2 = g k), each finer and weaker than the last."""
    index = np.arange(count)
    number = first * growth**index
    angle = rng.normal(heading[0], heading[1], count)
    rows = [np.sin(angle), np.cos(angle), number, np.sqrt(_GRAVITY * number), rng.uniform(0, 60, count), fade**index, 0.20 / number]
    return np.stack(rows, 1)


def sea_waves(wind: float, seed: int) -> Waves:
    """The open sea at a wind of 0..1: swell from the horizon towards us, and the wind's own waves on it."""
    rng = np.random.default_rng([seed, 5150])
    swell_number = [(2 * math.pi / period) ** 2 / _GRAVITY for period in _SWELL_PERIODS_S]
    swell = np.array(
        [
            [math.sin(a), -math.cos(a), k, math.sqrt(_GRAVITY * k), p, (0.75 + 1.1 * wind) * w, 0.12 / k]
            for k, a, p, w in zip(swell_number, rng.normal(0.25, 0.22, 3), rng.uniform(0, 60, 3), (1.7, 1.3, 1.1), strict=True)
        ]
    )
    chop = _trains(0.55, 19, 1.21, 0.80, (0.35, 0.62), rng)
    chop[:, 3] *= 0.55  # slower than true: the eye reads the picture as larger than it is (measured on the reference still)
    chop[:, 5] *= 0.72 + 0.75 * wind
    return Waves(np.concatenate([swell, chop]).astype(f32), 0.36 + 0.95 * wind)


def lake_waves(wind: float, seed: int) -> Waves:
    """A sheltered lake: short low ripples, nearly a mirror when there is no wind."""
    rng = np.random.default_rng([seed, 6160])
    ripples = _trains(1.6, 14, 1.24, 0.84, (0.5, 0.75), rng)
    ripples[:, 3] *= 0.45
    return Waves(ripples.astype(f32), 0.05 + 0.42 * wind)


def mirror_view(view: View, width_px: int, height_px: int) -> View:
    """The view that paints the mirrored world: the eye as far under the water as it is above, in a picture of this size."""
    eye_m = view.lens.eye_m + view.y_m
    return replace(view, width_px=width_px, height_px=height_px, y_m=view.y_m - 2 * eye_m)


@njit(**JIT)
def _train_row(px: Any, pz: Any, height: Any, slope_x: Any, slope_z: Any, train: Any, phase: float, weight: float) -> None:  # noqa: ANN401
    dx = train[0]
    dz = train[1]
    number = train[2]
    drag = train[6] * weight
    for x in range(px.shape[0]):
        a = (dx * px[x] + dz * pz[x]) * number + phase
        s = fast_sin(a)
        c = fast_sin(a + f32(1.5707963))
        q = f32(1) + (s - f32(1)) * f32(0.0625)  # exp(s - 1) as a 16th power
        q = q * q
        q = q * q
        q = q * q
        e = q * q
        d = e * c
        height[x] += e * weight
        slope_x[x] += d * dx * number * weight
        slope_z[x] += d * dz * number * weight
        px[x] -= dx * d * drag
        pz[x] -= dz * d * drag


@njit(**JIT)
def _rain_row(px: Any, pz: Any, slope_x: Any, slope_z: Any, rain: float, t: float, per_m: float) -> None:  # noqa: ANN401
    """Rings of drops: one drop a cell, its own beat; the ring runs outward and dies. Adds to the slopes."""
    for x in range(px.shape[0]):
        u = px[x] * per_m + f32(4000)
        v = pz[x] * per_m + f32(4000)
        jx = i32(u)
        jz = i32(v)
        beat = t * f32(1.25) + hash01(jx, jz) * f32(64)
        turn = i32(beat)
        age = beat - f32(turn)
        jt = i32(turn * i32(131))
        ox = u - f32(jx) - f32(0.3) - f32(0.4) * hash01(i32(jx + jt), jz)
        oz = v - f32(jz) - f32(0.3) - f32(0.4) * hash01(jx, i32(jz + jt))
        lives = f32(1) if hash01(i32(jx + jt), i32(jz + i32(77))) < rain else f32(0)
        r = math.sqrt(ox * ox + oz * oz) + f32(0.001)
        d = (r - age * f32(0.42)) * f32(15)
        ring = max(f32(0), f32(1) - d * d * f32(0.16)) * fast_sin(d * f32(2.2)) * (f32(1) - age) * (f32(1) - age)
        ring = ring * lives * min(f32(1), max(f32(0), (f32(0.5) - r) * f32(8))) / r
        slope_x[x] += ox * ring * f32(0.9)
        slope_z[x] += oz * ring * f32(0.9)


@njit(**JIT)
def _mirror_row(  # noqa: PLR0913
    slope_x: Any, slope_z: Any, vx: Any, drop: float, smear: float, rows_x: Any, rows_y: Any, fresnel: Any  # noqa: ANN401
) -> None:
    """Where each pixel's reflected ray leaves the picture: tangents right and up, and the share that is reflected."""
    for x in range(vx.shape[0]):
        nx = -slope_x[x]
        nz = -slope_z[x]
        inv = f32(1) / math.sqrt(f32(1) + nx * nx + nz * nz)
        nx *= inv
        nz *= inv
        length = f32(1) / math.sqrt(f32(1) + vx[x] * vx[x] + drop * drop)
        rx = vx[x] * length
        ry = -drop * length
        rz = length
        dn = rx * nx + ry * inv + rz * nz
        u = f32(1) - min(f32(1), max(f32(0.02), -dn))
        rx -= f32(2) * dn * nx
        ry -= f32(2) * dn * inv
        rz = max(rz - f32(2) * dn * nz, f32(0.12))
        u2 = u * u
        fresnel[x] = f32(0.02) + f32(0.98) * u2 * u2 * u * (f32(1) - smear * f32(0.55))
        rows_x[x] = rx / rz
        rows_y[x] = (abs(ry) + f32(0.004)) / rz
