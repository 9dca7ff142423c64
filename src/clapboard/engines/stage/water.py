"""Water seen from a camera just above it: a drag-summed wave field with analytic slopes that mirrors the picture above.

    waves = sea_waves(wind=0.4, seed=7)                       # or lake_waves(wind, seed)
    paint_water(canvas, mirror, view, t_s, waves, WaterLook(...))

Each wave is exp(sin - 1), sharp at the crest and flat in the trough; every wave drags the sample point of the finer
ones along its slope, which gathers them on the crests. Waves finer than a pixel's footprint fade out, and the slope
that they would have had goes into how far down the mirror image is smeared. The mirror is gathered from a picture
of the upper world painted by `mirror_view`, so sun, clouds, boats and lamps reflect for free.
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba types its numbers more narrowly than numpy's stubs do

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
_MEAN_CREST: Final = 0.466
"""Mean of exp(sin - 1) over a period."""
_RELIEF_TRAINS: Final = 6
_RELIEF_M: Final = 60.0
"""Nearer than this the long waves are seen as hills of water, not only as slopes; farther they would fold over."""
_RELIEF: Final = 1.15
_SWELL_ENDS: Final = 0.3
"""Radians a metre: longer waves than this are swell."""
_MIRROR_ZOOM: Final = 0.8
"""The mirror picture is a little wider than the frame: steep waves look higher and further aside than it shows."""
_MIRROR_CLOSEST: Final = 1.15


@dataclass(frozen=True, slots=True)
class Waves:
    """Wave trains, longest first [n, 7]: direction x and z, wave number per m, rad/s, phase, weight, drag."""

    trains: Plane
    height_m: float
    """Height of all the wind's waves together."""
    chop: float
    """Their weights' sum: weight w means a wave of w * height_m / chop metres."""


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
    chop = _trains(0.55, 17, 1.23, 0.80, (0.35, 0.62), rng)
    chop[:, 3] *= (
        0.55  # slower than true: the eye reads the picture as larger than it is (measured on the reference still)
    )
    height_m = 0.20 + 0.85 * wind
    per_m = float(chop[:, 5].sum()) / height_m
    rows = []
    for period_s, share in zip(_SWELL_PERIODS_S, (1.0, 0.75, 0.6), strict=True):
        number = (2 * math.pi / period_s) ** 2 / _GRAVITY
        angle, phase = float(rng.normal(0.25, 0.22)), float(rng.uniform(0, 60))
        weight = (0.14 + 0.80 * wind * wind) * share * per_m
        rows.append([math.sin(angle), math.cos(angle), number, 2 * math.pi / period_s, phase, weight, 0.0])
    return Waves(np.concatenate([np.array(rows), chop]).astype(f32), height_m, float(chop[:, 5].sum()))


def lake_waves(wind: float, seed: int) -> Waves:
    """A sheltered lake: short low ripples, nearly a mirror when there is no wind."""
    rng = np.random.default_rng([seed, 6160])
    ripples = _trains(1.6, 14, 1.24, 0.84, (0.5, 0.75), rng)
    ripples[:, 3] *= 0.45
    return Waves(ripples.astype(f32), 0.05 + 0.42 * wind, float(ripples[:, 5].sum()))


def mirror_view(view: View, width_px: int, height_px: int) -> View:
    """The view that paints the mirrored world in a picture of this size: the eye as far under the water as above."""
    eye_m = view.lens.eye_m + view.y_m
    wide = min(view.zoom * _MIRROR_ZOOM, _MIRROR_CLOSEST)
    return replace(view, width_px=width_px, height_px=height_px, zoom=wide, y_m=view.y_m - 2 * eye_m)


@njit(**JIT)
def _train_row(
    px: Any, pz: Any, height: Any, slope_x: Any, slope_z: Any, train: Any, phase: float, weight: float
) -> None:
    """Add one wave train to the heights and slopes of a row, and drag its points. Angles are counted in turns."""
    per_turn = train[2] * f32(0.15915494)
    ux = train[0] * per_turn
    uz = train[1] * per_turn
    offset = phase * f32(0.15915494)
    offset -= f32(math.floor(offset)) - f32(4096.5)
    gain_x = train[0] * train[2] * weight
    gain_z = train[1] * train[2] * weight
    drag_x = train[0] * train[6] * weight
    drag_z = train[1] * train[6] * weight
    for x in range(px.shape[0]):
        r = ux * px[x] + uz * pz[x] + offset
        r -= f32(i32(r)) + f32(0.5)  # -1/2 .. 1/2 of a turn
        y = r * (f32(8) - f32(16) * abs(r))  # sine by two parabolas, within 0.001
        s = f32(0.225) * (y * abs(y) - y) + y
        r += f32(0.25)
        r -= f32(i32(r + f32(0.5)))
        y = r * (f32(8) - f32(16) * abs(r))
        c = f32(0.225) * (y * abs(y) - y) + y
        q = f32(0.9375) + s * f32(0.0625)  # exp(s - 1) as a 16th power
        q = q * q
        q = q * q
        q = q * q
        e = q * q
        d = e * c
        height[x] += e * weight
        slope_x[x] += d * gain_x
        slope_z[x] += d * gain_z
        px[x] -= drag_x * d
        pz[x] -= drag_z * d


@njit(**JIT)
def _rain_row(px: Any, pz: Any, slope_x: Any, slope_z: Any, rain: float, t: float, per_m: float, gain: float) -> None:
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
def _mirror_row(slope_x: Any, slope_z: Any, vx: Any, drop: float, col: Any, row: Any, fresnel: Any) -> None:
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
def _gather_row(plane: Any, col: Any, row: Any, weight: float, out: Any) -> None:
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
def _foam_row(px: Any, pz: Any, height: Any, scale: float, foam: float, foot: float, out: Any) -> None:
    """Coverage of white water: crests that break, torn by noise that rides with them, and lace behind them."""
    fine = min(f32(1), max(f32(0), f32(1.15) - foot * f32(1.6)))
    finest = min(f32(1), max(f32(0), f32(1.1) - foot * f32(7)))
    bar = f32(0.975) - f32(0.33) * foam
    for x in range(px.shape[0]):
        along = px[x] * f32(0.35) + pz[x] * f32(0.94) + f32(3000)
        across = px[x] * f32(0.94) - pz[x] * f32(0.35) + f32(3000)
        torn = value_noise(across * f32(0.42), along * f32(0.9))
        torn += (value_noise(across * f32(1.9), along * f32(3.1)) - f32(0.5)) * f32(0.7) * fine
        lace = value_noise(across * f32(5.3), along * f32(7.9))
        lace = f32(1) - abs(f32(2) * lace - f32(1))
        bits = value_noise(across * f32(17.0), along * f32(21.0))
        lace = f32(0.5) + (lace * f32(0.75) + bits * f32(0.35) - f32(0.5)) * finest
        crest = (height[x] * scale + (torn - f32(0.5)) * f32(0.62) - bar) * f32(4.5)
        solid = min(f32(1), max(f32(0), crest))
        trail = min(f32(1), max(f32(0), (crest + f32(0.95)) * f32(0.55))) * max(f32(0), lace - f32(0.42)) * f32(1.25)
        out[x] = min(f32(0.95), solid * (f32(0.45) + f32(0.75) * lace) + trail * foam)


@njit(**JIT)
def _row_of_waves(
    work: Any, vx: Any, z: float, lens: Any, trains: Any, look: Any, t: float
) -> tuple[float, float, float]:
    """The surface along one row. work: 0 and 1 world points, 2 height, 3 and 4 slopes along x and z.

    Gives the scale of heights, the scale of slopes and how much slope the waves finer than a pixel would have had.
    """
    px = work[0]
    pz = work[1]
    up = work[2]
    sx = work[3]
    sz = work[4]
    foot = z * z / (lens[3] * lens[0])
    for x in range(vx.shape[0]):
        px[x] = vx[x] * z + lens[4]
        pz[x] = z + lens[5]
    work[2:5] = f32(0)
    if z < f32(_RELIEF_M):
        # The long waves lift the surface towards the eye: meet the ray where they are, not on the mean plane.
        for i in range(_RELIEF_TRAINS):
            _train_row(px, pz, up, sx, sz, trains[i], t * trains[i, 3] + trains[i, 4], trains[i, 5])
        lift = look[17] * (f32(1) - z / f32(_RELIEF_M)) / lens[3]
        for x in range(vx.shape[0]):
            sx[x] = z * (f32(1) - min(f32(0.7), (up[x] - look[18]) * lift))
        for x in range(vx.shape[0]):
            px[x] = vx[x] * sx[x] + lens[4]
            pz[x] = sx[x] + lens[5]
        work[2:5] = f32(0)
    total = f32(0.001)
    chop = f32(0.001)
    lost = f32(0)
    for i in range(trains.shape[0]):
        keep = min(f32(1), max(f32(0), f32(1.25) - trains[i, 2] * foot * f32(0.5)))
        weight = trains[i, 5] * keep
        lost += (trains[i, 5] - weight) * trains[i, 2]
        if keep > f32(0):
            total += weight
            chop += weight if trains[i, 2] > f32(_SWELL_ENDS) else f32(0)
            _train_row(px, pz, up, sx, sz, trains[i], t * trains[i, 3] + trains[i, 4], weight)
    # What the lost fine waves had goes to those that are left: far water stays rough.
    return f32(1) / total, look[15] / max(chop, look[19]), lost


@njit(**JIT)
def _shade_row(out: Any, seen: Any, edge: Any, work: Any, tone: Any) -> None:
    """Light of one row and channel. work: 2 height, 7 mirrored share, 8 foam; tone: deep, crest, far and foam light,
    height scale, strength of crests, haze, fog."""
    up = work[2]
    fresnel = work[7]
    white = work[8]
    ratio = f32(edge.shape[0]) / f32(out.shape[0])
    for x in range(out.shape[0]):
        h = up[x] * tone[4]
        deep = tone[0] * (f32(0.55) + f32(0.8) * h) + max(f32(0), h - f32(0.42)) * tone[5] * tone[1]
        v = deep * (f32(1) - fresnel[x]) + seen[x] * fresnel[x]
        v += (tone[3] * (f32(0.55) + f32(0.6) * h) - v) * white[x]
        v += (edge[i32(f32(x) * ratio)] - v) * tone[6]
        out[x] = v + (tone[2] - v) * tone[7]


@njit(**JIT)
def _water(canvas: Any, mirror: Any, soft: Any, lens: Any, mirror_lens: Any, trains: Any, look: Any, t: float) -> None:
    """Rows below the horizon. lens: focal, centre, horizon, eye, x, z, rows; mirror_lens: focal, centre, horizon;
    look: deep rgb, crest rgb, far rgb, foam rgb, fog a metre, foam, rain, slope scale, haze, lift and mean of the
    relief, least sum of chop."""
    height = canvas.shape[1]
    width = canvas.shape[2]
    work = np.zeros((10, width), f32)
    tone = np.empty(8, f32)
    vx = np.empty(width, f32)
    for x in range(width):
        vx[x] = (f32(x) + f32(0.5) - lens[1]) / lens[0]
    edge = min(mirror.shape[1] - 1, max(0, int(mirror_lens[2]) - 1))
    for y in range(max(int(lens[6]), int(lens[2])), min(height, int(lens[7]))):
        below = max(f32(0.35), f32(y) + f32(0.5) - lens[2])
        z = lens[3] * lens[0] / below
        scale, steep, lost = _row_of_waves(work, vx, z, lens, trains, look, t)
        if look[14] > f32(0) and z < f32(26):
            rain = look[14] * min(f32(1), (f32(26) - z) * f32(0.1))
            _rain_row(work[0], work[1], work[3], work[4], rain, t, f32(3.7), f32(0.42) / steep)
        for x in range(width):
            work[3, x] *= steep
            work[4, x] *= steep
        col = work[5]
        row = work[6]
        _mirror_row(work[3], work[4], vx, below / lens[0], col, row, work[7])
        for x in range(width):
            col[x] = mirror_lens[1] + col[x] * mirror_lens[0]
            row[x] = mirror_lens[2] - row[x] * mirror_lens[0]
        if look[13] > f32(0):
            _foam_row(work[0], work[1], work[2], scale, look[13], z * z / (lens[3] * lens[0]), work[8])
        blur = min(f32(1), lost * look[15] * f32(0.05) + look[14] * f32(0.55))
        far = min(f32(1), z / f32(420))
        tone[4] = scale
        tone[5] = min(f32(1), f32(14) / (z + f32(6))) * f32(1.3)
        tone[6] = far * far * look[16]
        tone[7] = f32(1) - math.exp(-look[12] * z)
        seen = work[9]
        for c in range(3):
            seen[:] = f32(0)
            if blur < f32(0.99):
                _gather_row(mirror[c], col, row, f32(1) - blur, seen)
            if blur > f32(0.01):
                _gather_row(soft[c], col, row, blur, seen)
            for k in range(4):
                tone[k] = look[3 * k + c]
            _shade_row(canvas[c, y], seen, soft[c, edge], work, tone)


def paint_water(
    canvas: Canvas,
    mirror: Canvas,
    view: View,
    t_s: float,
    waves: Waves,
    look: WaterLook,
    *,
    rows: tuple[int, int] | None = None,
) -> None:
    """Paint the rows below the horizon. `mirror` [3, h', w'] was painted by `mirror_view(view, w', h')`, sky too.

    `rows` limits the work to a range: water behind a near thing mirrors the world without it.
    """
    first, last = rows or (0, canvas.shape[1])
    seen = mirror_view(view, mirror.shape[2], mirror.shape[1])
    lens = [view.focal_px, view.centre_px, view.horizon_px, view.lens.eye_m + view.y_m, view.x_m, view.z_m, first, last]
    values = [*look.deep, *look.crest, *look.far, *look.foam_rgb]
    weights = waves.trains[:, 5]
    mean = _MEAN_CREST * float(weights[:_RELIEF_TRAINS].sum())
    values += [look.fog_per_m, look.foam, look.rain, waves.height_m, look.haze]
    values += [_RELIEF * waves.height_m / waves.chop, mean, 0.3 * waves.chop]
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


def surface_at(
    waves: Waves, x_m: float, z_m: float, t_s: float, longer_than_m: float = 4.0
) -> tuple[float, float, float]:
    """Height in metres above the mean, slopes along x and z, of the waves that lift a boat: long ones, undragged."""
    trains = waves.trains[waves.trains[:, 2] < 2 * math.pi / longer_than_m]
    if len(trains) == 0:
        return 0.0, 0.0, 0.0
    angle = (trains[:, 0] * x_m + trains[:, 1] * z_m) * trains[:, 2] + t_s * trains[:, 3] + trains[:, 4]
    scale = waves.height_m / waves.chop
    lift = np.exp(np.sin(angle) - 1) * trains[:, 5]
    slope = lift * np.cos(angle) * trains[:, 2]
    mean = _MEAN_CREST * float(trains[:, 5].sum())
    return (
        (float(lift.sum()) - mean) * scale,
        float((slope * trains[:, 0]).sum()) * scale,
        float((slope * trains[:, 1]).sum()) * scale,
    )
