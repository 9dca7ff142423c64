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

import cv2
import numpy as np
from numba import njit

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.kernels import JIT, Canvas, Plane, f32, fast_sin, hash01, i32, value_noise
from clapboard.engines.stage.scene import Rgb

_GRAVITY: Final = 9.81
_SWELL_PERIODS_S: Final = (8.6, 7.3, 6.2)
"""The bed of breaking waves swells every 6 to 9 s; so does the sea that we see."""
_MIRROR_ZOOM: Final = 0.8
"""The mirror picture is a little wider than the frame: steep waves look higher and further aside than it shows."""


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
    haze: float = 0.75
    """Share of the horizon's light that lies over the farthest water."""


def _trains(
    first: float, count: int, growth: float, fade: float, heading: tuple[float, float], rng: np.random.Generator
) -> Plane:
    """A chain of waves in deep water (omega^2 = g k), each finer and weaker than the last."""
    index = np.arange(count)
    number = first * growth**index
    angle = rng.normal(heading[0], heading[1], count)
    rows = [
        np.sin(angle),
        np.cos(angle),
        number,
        np.sqrt(_GRAVITY * number),
        rng.uniform(0, 60, count),
        fade**index,
        0.20 / number,
    ]
    return np.stack(rows, 1)


def sea_waves(wind: float, seed: int) -> Waves:
    """The open sea at a wind of 0..1: swell from the horizon towards us, and the wind's own waves on it."""
    rng = np.random.default_rng([seed, 5150])
    swell_number = [(2 * math.pi / period) ** 2 / _GRAVITY for period in _SWELL_PERIODS_S]
    swell = np.array(
        [
            [math.sin(a), math.cos(a), k, math.sqrt(_GRAVITY * k), p, (0.75 + 1.1 * wind) * w, 0.12 / k]
            for k, a, p, w in zip(
                swell_number, rng.normal(0.25, 0.22, 3), rng.uniform(0, 60, 3), (1.7, 1.3, 1.1), strict=True
            )
        ]
    )
    chop = _trains(0.55, 19, 1.21, 0.80, (0.35, 0.62), rng)
    chop[:, 3] *= (
        0.55  # slower than true: the eye reads the picture as larger than it is (measured on the reference still)
    )
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
    wide = view.zoom * _MIRROR_ZOOM
    return replace(view, width_px=width_px, height_px=height_px, zoom=wide, y_m=view.y_m - 2 * eye_m)


@njit(**JIT)
def _train_row(
    px: Any, pz: Any, height: Any, slope_x: Any, slope_z: Any, train: Any, phase: float, weight: float
) -> None:  # noqa: ANN401
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
def _rain_row(px: Any, pz: Any, slope_x: Any, slope_z: Any, rain: float, t: float, per_m: float, gain: float) -> None:  # noqa: ANN401
    """Rings of drops: one drop a cell, its own beat; the ring runs outward and dies. Adds gain x its slope."""
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
        slope_x[x] += ox * ring * f32(0.9) * gain
        slope_z[x] += oz * ring * f32(0.9) * gain


@njit(**JIT)
def _mirror_row(slope_x: Any, slope_z: Any, vx: Any, drop: float, col: Any, row: Any, fresnel: Any) -> None:  # noqa: ANN401
    """Where each pixel's reflected ray goes: tangents right and up, and the share of light that is reflected."""
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
        fresnel[x] = f32(0.02) + f32(0.98) * u2 * u2 * u
        col[x] = rx / rz
        row[x] = (abs(ry) + f32(0.006)) / rz


@njit(**JIT)
def _gather_row(plane: Any, col: Any, row: Any, weight: float, out: Any) -> None:  # noqa: ANN401
    """Add weight x the plane at (col, row), bilinear, clamped at its edges."""
    last_x = f32(plane.shape[1]) - f32(1.01)
    last_y = f32(plane.shape[0]) - f32(1.01)
    for x in range(out.shape[0]):
        u = min(last_x, max(f32(0), col[x]))
        v = min(last_y, max(f32(0), row[x]))
        ix = i32(u)
        iy = i32(v)
        ax = u - f32(ix)
        ay = v - f32(iy)
        top = plane[iy, ix] * (f32(1) - ax) + plane[iy, ix + 1] * ax
        low = plane[iy + 1, ix] * (f32(1) - ax) + plane[iy + 1, ix + 1] * ax
        out[x] += weight * (top * (f32(1) - ay) + low * ay)


@njit(**JIT)
def _foam_row(px: Any, pz: Any, height: Any, scale: float, foam: float, foot: float, out: Any) -> None:  # noqa: ANN401
    """Coverage of whitecaps: on the crests, torn by noise that rides with them; far ones melt into a grey share."""
    fine = max(f32(0), f32(1) - foot * f32(1.1))
    bar = f32(1.04) - f32(0.42) * foam
    for x in range(px.shape[0]):
        u = px[x] * f32(0.55) + f32(3000)
        v = pz[x] * f32(0.42) + f32(3000)
        torn = (
            value_noise(u, v) * f32(0.55)
            + value_noise(u * f32(3.1), v * f32(3.1)) * f32(0.45) * fine
            + f32(0.22) * (f32(1) - fine)
        )
        lace = value_noise(u * f32(9.7), v * f32(9.7)) * fine + f32(0.5) * (f32(1) - fine)
        t = (height[x] * scale + (torn - f32(0.5)) * f32(1.15) - bar) * f32(3.2)
        t = min(f32(1), max(f32(0), t))
        out[x] = t * (f32(0.35) + f32(0.65) * min(f32(1), max(f32(0), (t + lace - f32(0.62)) * f32(2.5))))


@njit(**JIT)
def _water(canvas: Any, mirror: Any, soft: Any, lens: Any, mirror_lens: Any, trains: Any, look: Any, t: float) -> None:  # noqa: ANN401
    """Rows below the horizon. lens: focal, centre, horizon, eye, x, z; mirror_lens: focal, centre, horizon;
    look: deep rgb, crest rgb, far rgb, foam rgb, fog a metre, foam, rain, slope scale, haze."""
    height = canvas.shape[1]
    width = canvas.shape[2]
    px = np.empty(width, f32)
    pz = np.empty(width, f32)
    up = np.empty(width, f32)
    sx = np.empty(width, f32)
    sz = np.empty(width, f32)
    vx = np.empty(width, f32)
    col = np.empty(width, f32)
    row = np.empty(width, f32)
    fresnel = np.empty(width, f32)
    white = np.zeros(width, f32)
    seen = np.empty(width, f32)
    for x in range(width):
        vx[x] = (f32(x) + f32(0.5) - lens[1]) / lens[0]
    for y in range(max(0, int(math.floor(lens[2]))), height):
        below = max(f32(0.35), f32(y) + f32(0.5) - lens[2])
        z = lens[3] * lens[0] / below
        foot = z * z / (lens[3] * lens[0])
        for x in range(width):
            px[x] = vx[x] * z + lens[4]
            pz[x] = z + lens[5]
        for x in range(width):
            up[x] = f32(0)
            sx[x] = f32(0)
            sz[x] = f32(0)
        total = f32(0.001)
        lost = f32(0)
        for i in range(trains.shape[0]):
            keep = min(f32(1), max(f32(0), f32(1.25) - trains[i, 2] * foot * f32(0.5)))
            weight = trains[i, 5]
            lost += (f32(1) - keep) * weight * trains[i, 2]
            if keep > f32(0):
                total += weight * keep
                _train_row(px, pz, up, sx, sz, trains[i], t * trains[i, 3] + trains[i, 4], weight * keep)
        scale = f32(1) / total
        steep = look[15] * scale
        if look[14] > f32(0) and z < f32(26):
            _rain_row(px, pz, sx, sz, look[14] * min(f32(1), (f32(26) - z) * f32(0.1)), t, f32(3.1), f32(1) / steep)
        for x in range(width):
            sx[x] *= steep
            sz[x] *= steep
        _mirror_row(sx, sz, vx, below / lens[0], col, row, fresnel)
        for x in range(width):
            col[x] = mirror_lens[1] + col[x] * mirror_lens[0]
            row[x] = mirror_lens[2] - row[x] * mirror_lens[0]
        if look[13] > f32(0):
            _foam_row(px, pz, up, scale, look[13], foot, white)
        blur = min(f32(1), lost * look[15] * f32(0.05) + look[14] * f32(0.55))
        thick = f32(1) - math.exp(-look[12] * z)
        haze = min(f32(1), z / f32(420))
        haze = haze * haze * look[16]
        near = min(f32(1), f32(14) / (z + f32(6))) * f32(1.3)
        edge = min(mirror.shape[1] - 1, max(0, int(mirror_lens[2]) - 1))
        for c in range(3):
            for x in range(width):
                seen[x] = f32(0)
            if blur < f32(0.99):
                _gather_row(mirror[c], col, row, f32(1) - blur, seen)
            if blur > f32(0.01):
                _gather_row(soft[c], col, row, blur, seen)
            out = canvas[c, y]
            ratio = f32(mirror.shape[2]) / f32(width)
            for x in range(width):
                h = up[x] * scale
                deep = look[c] * (f32(0.55) + f32(0.8) * h) + max(f32(0), h - f32(0.42)) * near * look[3 + c]
                v = deep * (f32(1) - fresnel[x]) + seen[x] * fresnel[x]
                v += (look[9 + c] * (f32(0.55) + f32(0.6) * h) - v) * white[x]
                v += (soft[c, edge, i32(f32(x) * ratio)] - v) * haze
                out[x] = v + (look[6 + c] - v) * thick


def paint_water(canvas: Canvas, mirror: Canvas, view: View, t_s: float, waves: Waves, look: WaterLook) -> None:
    """Paint all rows below the horizon. `mirror` [3, h', w'] was painted by `mirror_view(view, w', h')`, sky and all."""
    seen = mirror_view(view, mirror.shape[2], mirror.shape[1])
    lens = [view.focal_px, view.centre_px, view.horizon_px, view.lens.eye_m + view.y_m, view.x_m, view.z_m]
    values = [*look.deep, *look.crest, *look.far, *look.foam_rgb]
    values += [look.fog_per_m, look.foam, look.rain, waves.height, look.haze]
    soft = np.stack([cv2.blur(plane, (3, 2 * (mirror.shape[1] // 36) + 1)) for plane in mirror])
    _water(
        canvas,
        mirror,
        soft,
        np.array(lens, f32),
        np.array([seen.focal_px, seen.centre_px, seen.horizon_px], f32),
        waves.trains,
        np.array(values, f32),
        f32(t_s),
    )


def surface_at(waves: Waves, x_m: float, z_m: float, t_s: float, longer_than_m: float = 4.0) -> tuple[float, float, float]:
    """Height in metres above the mean and slopes along x and z of the waves that lift a boat: the long ones, undragged."""
    trains = waves.trains[waves.trains[:, 2] < 2 * math.pi / longer_than_m]
    if len(trains) == 0:
        return 0.0, 0.0, 0.0
    angle = (trains[:, 0] * x_m + trains[:, 1] * z_m) * trains[:, 2] + t_s * trains[:, 3] + trains[:, 4]
    scale = waves.height / float(waves.trains[:, 5].sum())
    lift = np.exp(np.sin(angle) - 1) * trains[:, 5]
    slope = lift * np.cos(angle) * trains[:, 2]
    mean = 0.466 * float(trains[:, 5].sum())  # mean of exp(sin - 1) over a period
    return (float(lift.sum()) - mean) * scale, float((slope * trains[:, 0]).sum()) * scale, float((slope * trains[:, 1]).sum()) * scale
