"""The ground of a camp: gravel, earth and grass in perspective, every pebble and blade a dab with a normal, lit once.

What the fire lights is kept apart (see `Layer`): it rakes over the stones from their side, and things stand in its way.
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numpy widens float32 planes to "floating" in its stubs; all arithmetic here is float32

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.coast import GRASS, SNOW
from clapboard.engines.stage.dabs import lay_domes, lay_strokes
from clapboard.engines.stage.falling import scatter
from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.kernels import Canvas, Plane, f32, fbm, smoothstep
from clapboard.engines.stage.scene import PointLight, Rgb
from clapboard.engines.stage.wilds import Land, Layer

EARTH: Final[Rgb] = (0.150, 0.112, 0.080)
GRAVEL: Final[Rgb] = (0.235, 0.218, 0.196)
_FARTHEST_M: Final = 60.0
PLATE_M: Final = 6.6
"""The ground is one plate and moves with the camera as if it stood at this depth: where the fire is."""


@dataclass(frozen=True, slots=True)
class Footing:
    """Something that stands on the ground: it darkens the ground it touches and throws a shadow away from the fire."""

    x_m: float
    z_m: float
    radius_m: float
    shade: float = 0.55


@dataclass(frozen=True, slots=True)
class _Field:
    """World points of the plate's pixels and the masks painted on them, all [h, w]."""

    corner_px: tuple[int, int]
    x: Plane
    z: Plane
    per_m: Plane
    bank: Plane
    grassy: Plane
    gravel: Plane
    bumps: Plane


def water_edge(x_m: Plane) -> Plane:
    """How far away the water begins, in metres, along the shore: a small bay in front of the camp."""
    x = np.asarray(x_m, f32)
    sweep = 0.15 * np.maximum(np.abs(x) - 2.2, 0) ** 2 * (1 + 0.15 * np.sin(x * 0.31))
    return np.minimum(
        10.2 + 0.45 * np.sin(x * 0.62 + 0.6) + 0.2 * np.sin(x * 1.7 + 2) + sweep,
        _FARTHEST_M * (0.86 + 0.14 * np.sin(x * 0.23)),
    ).astype(f32)


def _field(land: Land, high_m: float) -> _Field:
    view = land.view
    eye = view.lens.eye_m - high_m
    margin = round(0.20 * view.width_px)
    first = math.floor(view.horizon_px + view.focal_px * eye / _FARTHEST_M)
    first = max(first, -round(0.2 * view.height_px))
    rows = np.arange(first, max(first + 4, round(view.height_px * 1.14)), dtype=f32)[:, None] + f32(0.5)
    columns = np.arange(-margin, view.width_px + margin, dtype=f32)[None] + f32(0.5)
    z = f32(view.focal_px * eye) / np.maximum(rows - f32(view.horizon_px), 1)
    x = (columns - f32(view.centre_px)) * z / f32(view.focal_px)
    squeeze = f32(1 / max(0.5, land.narrow))
    edge = water_edge(x * squeeze) + (fbm(x * f32(1.6) + 60, np.full_like(x, 5.0), octaves=4) - f32(0.5)) * f32(0.8)
    bank = np.clip((edge - z) / (np.abs(np.gradient(z, axis=0)) + f32(1e-3)) + f32(0.5), 0, 1)
    tufts = fbm(x * f32(0.9) + 90, z * f32(0.8) + 30, octaves=4, warp=0.8)
    hearth = 0.0 if land.fire is None else np.exp(-((x - land.fire.x_m) ** 2 + (z - land.fire.z_m) ** 2) / f32(3.6))
    dry = np.clip((edge - z) / f32(3.0), 0, 1)
    grassy = (
        smoothstep(tufts + np.clip(np.abs(x) * f32(0.03) - f32(0.10), -0.10, 0.16) - hearth * f32(0.5), 0.44, 0.60)
        * dry
    )
    gravel = np.clip(smoothstep(edge - z, 2.2, 0.2) + smoothstep(tufts, 0.50, 0.36) * f32(0.5), 0, 1)
    bumps = fbm(x * f32(3.1) + 200, z * f32(4.0) + 20, octaves=6, warp=0.7)
    per_m = np.broadcast_to(f32(view.focal_px) / z, x.shape)
    return _Field((-margin, first), x, np.broadcast_to(z, x.shape), per_m, bank, grassy, gravel, bumps)


def _bare(land: Land, field: _Field) -> np.ndarray:
    """The ground without stones and blades, premultiplied: [h, w, 7] albedo, normal (right, up, to us), coverage."""
    grain = fbm(field.x * f32(31) + 900, field.z * f32(27) + 90, octaves=4, warp=0.5)
    strength = np.minimum(f32(1.0), field.per_m / f32(60 * land.view.height_px / 720))
    nx = np.gradient(field.bumps, axis=1) * field.per_m * f32(-0.30)
    toward = np.gradient(field.bumps, axis=0) * field.per_m * f32(0.16) + (grain - f32(0.5)) * f32(0.7) * strength
    inv = 1 / np.sqrt(1 + nx * nx + toward * toward)
    turf = [f32(0.70 * g + 0.12 * e) for g, e in zip(GRASS[land.season], EARTH, strict=True)]
    out = np.empty((*field.x.shape, 7), f32)
    for c in range(3):
        soil = f32(EARTH[c]) + f32(GRAVEL[c] - EARTH[c]) * field.gravel
        soil = soil * (f32(0.45) + f32(0.9) * grain + f32(0.25) * field.bumps)
        out[..., c] = soil + (turf[c] * (f32(0.30) + f32(1.25) * grain) - soil) * field.grassy
    out[..., 3], out[..., 4], out[..., 5] = nx * inv, inv, toward * inv
    out[..., 6] = 1
    return out * field.bank[..., None]


def _scattered(land: Land, field: _Field, count: int, key: int) -> tuple[np.ndarray, np.random.Generator]:
    """Places [n, 4] (row, column in the plate, pixels a metre, a uniform number), from far to near, denser far away."""
    rng = np.random.default_rng([land.seed, key])
    height, width = field.x.shape
    row = np.sort(height * rng.random(count) ** 1.15).astype(int).clip(0, height - 1)
    column = rng.integers(0, width, count)
    return np.stack([row, column, field.per_m[row, column], rng.random(count)], 1), rng


def _add_pebbles(land: Land, field: _Field, ground: np.ndarray) -> None:
    places, rng = _scattered(land, field, 7000, 71)
    row, column = places[:, 0].astype(int), places[:, 1].astype(int)
    likely = 0.22 + 0.78 * field.gravel[row, column] - 0.30 * field.grassy[row, column]
    keep = (places[:, 3] < likely) & (field.bank[row, column] > 0.6)
    places, row, column = places[keep], row[keep], column[keep]
    count = len(places)
    radius = np.minimum(0.016 * (1 - rng.random(count)) ** -0.55, 0.15) * (
        1 - 0.6 * land.snow * (rng.random(count) < 0.7)
    )
    wide = radius * places[:, 2] * rng.uniform(0.85, 1.35, count)
    stones = np.stack([column, row, wide, wide * rng.uniform(0.42, 0.68, count), rng.normal(0, 0.3, count)], 1)
    tone = rng.uniform(0.45, 1.25, (count, 1)) * (np.array(GRAVEL) + rng.normal(0, 0.012, (count, 3)))
    lay_domes(ground, stones[wide > 0.7], np.clip(tone, 0.01, 1)[wide > 0.7])


def _add_blades(land: Land, field: _Field, ground: np.ndarray) -> None:
    places, rng = _scattered(land, field, 2600, 72)
    row, column = places[:, 0].astype(int), places[:, 1].astype(int)
    keep = (places[:, 3] < field.grassy[row, column] * (1 - 0.75 * land.snow)) & (field.bank[row, column] > 0.6)
    places = np.repeat(places[keep], 9, axis=0)
    count = len(places)
    if not count:
        return
    tall = rng.gamma(4.0, 0.030, count) * places[:, 2]
    lean = rng.normal(0.10, 0.45, count)
    x = places[:, 1] + rng.normal(0, 0.045, count) * places[:, 2]
    y = places[:, 0] + rng.normal(0, 0.012, count) * places[:, 2]
    thick = np.maximum(0.35, 0.011 * places[:, 2] * rng.uniform(0.6, 1.3, count))
    lines = np.stack([x, y, x + lean * tall, y - tall, thick, 0.15 * thick], 1)
    fresh = rng.uniform(0.55, 1.35, (count, 1)) * np.array(GRASS[land.season])
    straw = rng.uniform(0.7, 1.2, (count, 1)) * np.array([0.20, 0.155, 0.070])
    albedo = np.where(rng.random((count, 1)) < 0.24, straw, fresh)
    normal = np.stack([np.tanh(2 * lean), np.full(count, 0.55), np.full(count, 0.55)], 1)
    lay_strokes(ground, lines, np.concatenate([albedo, normal], 1))


def _snowed(land: Land, field: _Field, albedo: list[Plane], normal: list[Plane]) -> None:
    """Lay snow over the ground in place: drifts with soft normals, thin where stones and tufts stand up."""
    drift = fbm(field.x * f32(0.55) + 30, field.z * f32(0.8) + 60, octaves=4, warp=0.6)
    fine = fbm(field.x * f32(7) + 30, field.z * f32(9) + 60, octaves=3)
    lies = smoothstep(
        drift * f32(0.55) + normal[1] * f32(0.35) + (fine - f32(0.5)) * f32(0.3) + f32(land.snow), 0.98, 1.18
    )
    nx = np.gradient(drift, axis=1) * field.per_m * f32(-0.9) + (fine - f32(0.5)) * f32(0.16)
    toward = np.gradient(drift, axis=0) * field.per_m * f32(0.30) + (fine - f32(0.5)) * f32(0.10)
    inv = 1 / np.sqrt(1 + nx * nx + toward * toward)
    for c in range(3):
        albedo[c] += (f32(SNOW[c]) * (f32(0.94) + f32(0.10) * fine) - albedo[c]) * lies
    for axis, value in enumerate((nx * inv, inv, toward * inv)):
        normal[axis] += (value - normal[axis]) * lies


def _firelight(fire: PointLight, field: _Field, normal: list[Plane], standing: Sequence[Footing]) -> Plane:
    """Share of the fire's light on the ground: by its angle, its distance, and what stands between."""
    dx, dz = f32(fire.x_m) - field.x, field.z - f32(fire.z_m)
    up = f32(0.42)
    square = dx * dx + dz * dz
    inv = 1 / np.sqrt(square + up * up)
    facing = np.clip((normal[0] * dx + normal[1] * up + normal[2] * dz) * inv + f32(0.10), 0, 1)
    light = facing / (1 + square / f32(fire.reach_m**2)) ** f32(1.15)
    angle, away = np.arctan2(dz, -dx), np.sqrt(square)
    streaks = fbm(angle * f32(3.3) + 30, np.full_like(angle, 4.0), octaves=3)  # the ring's stones stand in its way
    light *= 1 - smoothstep(streaks, 0.45, 0.62) * f32(0.62) * smoothstep(away, 0.50, 0.85) * np.exp(-away * f32(0.35))
    for thing in standing:
        tx, tz = thing.x_m - fire.x_m, thing.z_m - fire.z_m
        gap = math.hypot(tx, tz)
        along = (-dx * f32(tx) + dz * f32(tz)) / f32(gap)
        off = np.abs(-dx * f32(tz) - dz * f32(tx)) / f32(gap) * f32(gap) / np.maximum(along, f32(0.2))
        behind = smoothstep(along, gap - 0.2, gap + 0.35)
        light *= 1 - behind * smoothstep(off, thing.radius_m * 1.15, thing.radius_m * 0.75) * f32(0.85)
    return light


def paint_shore(land: Land, high_m: float, standing: Sequence[Footing]) -> Layer:
    """The camp's ground at `high_m` above the lake."""
    field = _field(land, high_m)
    ground = _bare(land, field)
    _add_pebbles(land, field, ground)
    _add_blades(land, field, ground)
    *planes, alpha = cv2.split(ground)
    planes = [plane / np.maximum(alpha, f32(1e-3)) for plane in planes]
    albedo, normal = planes[:3], planes[3:]
    if land.snow > 0.02:
        _snowed(land, field, albedo, normal)
    light = land.light
    touch = np.ones_like(alpha)
    for thing in standing:
        near = ((field.x - f32(thing.x_m)) ** 2 + ((field.z - f32(thing.z_m)) * f32(1.3)) ** 2) / f32(thing.radius_m**2)
        touch *= 1 - f32(thing.shade) * np.exp(-near * near * f32(0.55))
    wet = np.clip(smoothstep(field.gravel, 0.75, 1.0) * f32(0.35) + f32(0.5 * land.rain), 0, 0.6) * f32(1 - land.snow)
    puddle = (
        smoothstep(f32(0.365) - field.bumps, 0.0, 0.05)
        * f32(min(1.0, 1.4 * land.rain) * (1 - land.snow))
        * (1 - field.grassy)
    )
    towards = f32(math.copysign(0.75, light.azimuth))
    key = np.clip(normal[0] * towards + normal[1] * f32(0.40) + normal[2] * f32(0.10 + 0.3 * land.front), 0, 1)
    sky = f32(0.25) + f32(0.75) * np.clip(normal[1] + normal[2] * f32(0.2), 0, 1)
    rgb = []
    for c in range(3):
        colours = light.colours
        lit = f32(1.25 * colours.ambient[c]) * sky * touch
        lit += f32(colours.key[c] * (0.55 + 0.60 * land.front)) * key * (f32(0.4) + f32(0.6) * touch)
        value = albedo[c] * (1 - wet) * lit
        mirrored = f32(0.34 * colours.mid[c] + 0.06 * colours.far[c]) * (f32(0.55) + f32(0.9) * field.bumps)
        value += (mirrored - value) * puddle * f32(0.75)
        rgb.append(value)
    shown = np.exp(f32(-light.fog_per_m) * field.z)
    rgb = [c * shown + f32(v) * (1 - shown) for c, v in zip(rgb, light.colours.veil, strict=True)]
    warm = None
    if land.fire is not None:
        tone = (f32(0.62) * albedo[0] + f32(0.38) * albedo[1]) * (1 - wet) + wet * f32(0.08)
        warm = _firelight(land.fire, field, normal, standing) * tone * alpha * (f32(0.35) + f32(0.65) * touch)
    return Layer.of(land.view, PLATE_M, field.corner_px, (rgb, alpha), warm)


def paint_spatter(canvas: Canvas, view: View, t_s: float, rain: float, rgb: Rgb, high_m: float, seed: int) -> None:
    """Drops that burst on the near ground: a flat ring of light for a tenth of a second, each beat in another place."""
    count = int(260 * rain)
    index = np.arange(count)
    beat = t_s * (5.5 + 3 * scatter(index, index * 0 + 2, seed)) + 9 * scatter(index, index * 0 + 3, seed)
    turn = np.floor(beat).astype(np.int64)
    age = beat - turn
    z = 4.2 + 6.5 * scatter(index, turn + 4, seed) ** 1.4
    x = (scatter(index, turn + 5, seed) - 0.5) * 2.1 * z * max(0.6, view.width_px / view.height_px / 1.78)
    per_m = view.focal_px / np.maximum(0.5, z - view.z_m)
    columns = view.centre_px + (x - view.x_m) * per_m
    rows = view.horizon_px + (view.lens.eye_m + view.y_m - high_m) * per_m
    radius = (0.008 + 0.030 * age) * per_m
    light = np.array(rgb, f32)[None] * (0.55 * (1 - age) ** 2)[:, None]
    add_glows(
        canvas,
        Spots(x=columns, y=rows, radius_x=np.maximum(radius, 1), radius_y=np.maximum(0.4 * radius, 0.8), rgb=light),
    )
