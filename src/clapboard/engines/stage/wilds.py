"""Painters of a mountain lake's land: a range under snow, pines far and near, a bank of stones and grass, mist.

Static layers are painted once as `Cutout`s; those that a fire lights get a second, additive cutout whose gain flickers.
"""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.coast import FRONT, GRASS, ROCK, SNOW
from clapboard.engines.stage.cutout import Cutout
from clapboard.engines.stage.kernels import Plane, f32, fbm, smoothstep
from clapboard.engines.stage.light import Light
from clapboard.engines.stage.raster import ellipse, fill
from clapboard.engines.stage.scene import PointLight, Rgb
from clapboard.timeline import Season

NEEDLES: Final[Rgb] = (0.020, 0.042, 0.022)
EARTH: Final[Rgb] = (0.16, 0.13, 0.10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Land:
    """What all painters of the shore share."""

    view: View
    light: Light
    snow: float
    season: Season | None
    seed: int
    fire: PointLight | None = None

    @property
    def front(self) -> float:
        """Share of the key light on faces turned to the camera."""
        return FRONT[self.light.hour]

    def hazed(self, rgb: list[Plane], depth_m: float, clear: float = 1.0) -> list[Plane]:
        """Colours as the air between shows them; `clear` below 1 thins the fog's reach for far backdrops."""
        shown = f32(math.exp(-self.light.fog_per_m * depth_m * clear))
        return [c * shown + f32(v) * (1 - shown) for c, v in zip(rgb, self.light.colours.veil, strict=True)]


@dataclass(frozen=True, slots=True)
class _Grid:
    """Pixels of a box (its corner) and the world points they show at one depth."""

    corner_px: tuple[int, int]
    x_m: Plane
    y_m: Plane
    per_m: float


def _grid(view: View, depth_m: float, low_m: float, high_m: float, margin: float = 0.22) -> _Grid:
    x0, y0, per_m = view.project(0.0, 0.0, depth_m)
    left, right = math.floor(-margin * view.width_px), math.ceil((1 + margin) * view.width_px)
    top, bottom = math.floor(y0 - high_m * per_m), math.ceil(y0 - low_m * per_m) + 1
    top = max(top, -round(0.3 * view.height_px))
    columns = np.arange(left, right, dtype=f32)[None] + f32(0.5)
    rows = np.arange(top, max(top + 2, bottom), dtype=f32)[:, None] + f32(0.5)
    return _Grid((left, top), (columns - f32(x0)) / f32(per_m), (f32(y0) - rows) / f32(per_m), per_m)


def _cutout(land: Land, grid: _Grid, depth_m: float, alpha: Plane, rgb: list[Plane]) -> Cutout:
    light = np.stack([c * alpha for c in rgb]).astype(f32)
    return Cutout(light, alpha.astype(f32), land.view, depth_m, grid.corner_px)


def _ridged(x: Plane, octaves: int, seed: float) -> Plane:
    """Sharp ridges 0..1 along x: 1 - |2n - 1| summed over octaves."""
    total, weight, norm = np.zeros_like(x), 1.0, 0.0
    for octave in range(octaves):
        n = fbm(x * f32(2.07**octave) + f32(seed + 31 * octave), np.full_like(x, 3.3 + octave), octaves=1)
        total += f32(weight) * (1 - np.abs(2 * n - 1))
        norm += weight
        weight *= 0.47
    return total / f32(norm)


def paint_range(land: Land, depth_m: float, tall_m: float, seed: int) -> Cutout:
    """A mountain range: sharp ridges, gullies carved by noise and lit from the side, snow above a ragged line."""
    view, light = land.view, land.light
    grid = _grid(view, depth_m, 0.0, tall_m * 1.15)
    u = grid.x_m / f32(tall_m)
    offset = 20 + (land.seed * 7 + seed * 13) % 90
    broad = np.exp(-(((u - f32(-0.35)) / f32(1.9)) ** 2)) * f32(0.45) + f32(0.55)
    top = f32(tall_m) * broad * (f32(0.08) + f32(1.02) * _ridged(u * f32(0.62) + f32(offset), 6, offset) ** f32(1.25))
    alpha = np.clip((top - grid.y_m) * f32(grid.per_m) + f32(0.5), 0, 1)
    depth = (top - grid.y_m) / f32(tall_m)
    wide, high = u * f32(3.4) + f32(offset), grid.y_m / f32(tall_m) * f32(3.1) + depth * f32(0.5) + 9
    carve = fbm(wide, high, octaves=6, warp=2.1)
    side = math.copysign(0.055, light.azimuth)
    relief = (carve - fbm(wide + f32(side), high + f32(0.03), octaves=6, warp=2.1)) * f32(15)
    shade = np.clip(f32(0.42) + relief, 0, 2.0)
    line = 0.62 - 0.75 * land.snow
    caps = smoothstep(
        grid.y_m / f32(tall_m) + (carve - f32(0.5)) * f32(0.75) - depth * f32(0.35), line - 0.10, line + 0.16
    )
    rgb = []
    for c in range(3):
        albedo = f32(ROCK[c] * 0.62) + f32(SNOW[c] - ROCK[c] * 0.62) * caps
        key = f32(light.colours.key[c]) * (f32(0.06) + f32(0.94) * shade) * f32(0.34 + 0.5 * land.front)
        rgb.append(albedo * (f32(light.colours.ambient[c]) * (f32(0.35) + f32(0.5) * shade) + key))
    air = f32(0.10) + f32(0.34) * np.exp(-np.maximum(grid.y_m, 0) / f32(tall_m * 0.20))
    tone = [0.45 * v + 0.55 * m for v, m in zip(light.colours.veil, light.colours.mid, strict=True)]
    rgb = [c * (1 - air * f32(0.75)) + f32(t) * air for c, t in zip(rgb, tone, strict=True)]
    return _cutout(land, grid, depth_m, alpha, land.hazed(rgb, depth_m, clear=0.30))


def pine(rng: np.random.Generator, tall: float, wide: float) -> np.ndarray:
    """Outline of a spruce of unit foot (0, 0): drooping boughs in tiers, each with ragged needles."""
    tiers = max(7, int(9 + tall * 1.1))
    right: list[tuple[float, float]] = []
    left: list[tuple[float, float]] = []
    for side in (right, left):
        for tier in range(1, tiers + 1):
            share = (tier - 0.35 * rng.random()) / tiers
            reach = wide * tall * share**0.82 * rng.uniform(0.72, 1.12)
            y = tall * (1 - share * 0.94)
            droop = tall / tiers * rng.uniform(0.25, 0.65)
            for tooth in range(4):
                t = 0.45 + 0.55 * tooth / 3
                side.append((reach * t, y - droop * t**1.6 + tall * 0.004 * (tooth % 2) * rng.uniform(0.5, 2.5)))
            for tooth in range(3):
                t = 0.8 - 0.25 * tooth
                dip = tall / tiers * rng.uniform(0.02, 0.30)
                side.append((reach * t, y - droop * t**1.6 - dip))
                side.append((reach * (t - 0.10), y - droop * t**1.6 + dip * 0.3))
    trunk = 0.012 * tall
    points = [(0.0, tall), *right, (trunk, 0.02), (trunk, -0.2), (-trunk, -0.2), (-trunk, 0.02)]
    return np.array([*points, *((-x, y) for x, y in reversed(left))])


@dataclass(frozen=True, kw_only=True, slots=True)
class Stand:
    """Trees of one depth: where they may grow (x spans in metres), how tall, how far apart, how high the ground is."""

    depth_m: float
    spans_m: tuple[tuple[float, float], ...]
    tall_m: tuple[float, float]
    apart_m: float
    foot_m: float
    wide: float = 0.17


def paint_pines(land: Land, stand: Stand) -> tuple[Cutout, Cutout | None]:
    """A stand of pines and, where a fire is near, the light that it throws on them."""
    view, rng = land.view, np.random.default_rng([land.seed, round(stand.depth_m * 10), 55])
    grid = _grid(view, stand.depth_m, stand.foot_m - 0.3, stand.foot_m + stand.tall_m[1] * 1.35)
    height, width = len(grid.y_m), grid.x_m.shape[1]
    outlines = []
    for low, high in stand.spans_m:
        x = low
        while x < high:
            tall = rng.uniform(*stand.tall_m) * (1.25 if rng.random() < 0.15 else 1.0)
            shape = pine(rng, tall, stand.wide * rng.uniform(0.85, 1.15))
            foot = (x - grid.x_m[0, 0], grid.y_m[0, 0] - stand.foot_m)
            outlines.append((shape * [1, -1] + foot) * grid.per_m)
            for _ in range(3):  # low growth hides where the trunk meets the ground
                broad, thick = tall * rng.uniform(0.05, 0.13), tall * rng.uniform(0.012, 0.04)
                bush = ellipse(rng.normal(0, 0.09) * tall, thick * 0.3, broad, thick, 40)
                ragged = bush * (1 + 0.10 * rng.standard_normal((40, 1)) * [0.2, 1])
                outlines.append((ragged * [1, -1] + foot) * grid.per_m)
            x += stand.apart_m * rng.uniform(0.55, 1.5)
    mask = fill(outlines, width, height)
    alpha = np.zeros((height, width), f32)
    if mask is not None:
        alpha[mask.box] = mask.alpha
    fine = max(1.0, grid.per_m * 0.35)
    needles = fbm(grid.x_m * f32(grid.per_m / 2.6) + 900, grid.y_m * f32(grid.per_m / 7) + 900, octaves=3)
    lit_top = np.clip(alpha - _shifted(alpha, 0, fine), 0, 1)
    towards = 1.0 if land.light.azimuth > 0 else -1.0
    lit_side = np.clip(alpha - _shifted(alpha, -towards * fine, 0), 0, 1)
    snow = np.clip(lit_top * f32(1.4) + (needles - f32(0.46)) * 2, 0, 1) * f32(land.snow) * f32(0.85)
    colours = land.light.colours
    rgb = []
    for c in range(3):
        albedo = f32(NEEDLES[c]) * (f32(0.4) + f32(1.2) * needles) + f32(SNOW[c]) * snow
        key = f32(colours.key[c] * (0.25 + land.front)) * (f32(0.25) + lit_side)
        rgb.append(albedo * (f32(colours.ambient[c]) + key))
    base = _cutout(land, grid, stand.depth_m, alpha, land.hazed(rgb, stand.depth_m))
    if land.fire is None or stand.depth_m > 40:
        return base, None
    side = np.sign(f32(land.fire.x_m) - grid.x_m)
    inner = np.where(side > 0, np.clip(alpha - _shifted(alpha, fine * 2, 0), 0, 1), 0)
    inner += np.where(side < 0, np.clip(alpha - _shifted(alpha, -fine * 2, 0), 0, 1), 0)
    edge = (
        np.clip(cv2.GaussianBlur(inner.astype(f32), (0, 0), max(0.6, fine * 0.6)) + needles * f32(0.22), 0, 1) * alpha
    )
    return base, _warmed(land, grid, stand.depth_m, edge, (0.06, 0.045, 0.022))


def _warmed(land: Land, grid: _Grid, depth_m: float, catch: Plane, albedo: Rgb) -> Cutout:
    """An additive cutout: what the fire lights, brightest near it; its gain is the fire's strength."""
    assert land.fire is not None
    gap = depth_m - land.fire.z_m
    away = (grid.x_m - f32(land.fire.x_m)) ** 2 + (grid.y_m - f32(land.fire.y_m)) ** 2 + f32(gap * gap)
    fall = catch / (1 + away / f32(land.fire.reach_m**2))
    light = np.stack([fall * f32(a * c) for a, c in zip(albedo, land.fire.rgb, strict=True)])
    return Cutout(light.astype(f32), np.zeros_like(fall), land.view, depth_m, grid.corner_px)


def _shifted(plane: Plane, dx: float, dy: float) -> Plane:
    move = np.array([[1, 0, dx], [0, 1, dy]], f32)
    return cv2.warpAffine(plane, move, (plane.shape[1], plane.shape[0]))


def bank_top(x_m: Plane | float) -> Plane:
    """How far away the water's edge lies, in metres, along the shore: a small bay in front of the camp."""
    x = np.asarray(x_m, f32)
    sweep = 0.125 * x * x * (1 + 0.15 * np.sin(x * 0.31))
    return np.minimum(9.0 + 0.5 * np.sin(x * 0.62 + 0.6) + 0.22 * np.sin(x * 1.7 + 2) + sweep, 70).astype(f32)


def paint_bank(land: Land, high_m: float) -> tuple[Cutout, Cutout | None]:
    """The camp's ground at `high_m` above the lake: stones, earth and grass in perspective, and the fire's light on it."""
    view, light = land.view, land.light
    x0, y0, _ = view.project(0.0, high_m, 1.0)
    margin = round(0.22 * view.width_px)
    first = math.floor(view.horizon_px + view.focal_px * (view.lens.eye_m - high_m) / 70)
    rows = np.arange(first, round(view.height_px * 1.12), dtype=f32)[:, None] + f32(0.5)
    columns = np.arange(-margin, view.width_px + margin, dtype=f32)[None] + f32(0.5)
    z = view.focal_px * f32(view.lens.eye_m - high_m) / np.maximum(rows - f32(view.horizon_px), 1)
    x = (columns - f32(view.centre_px)) * z / f32(view.focal_px)
    edge = bank_top(x) + (fbm(x * f32(2.2) + 60, np.full_like(x, 5.0), octaves=4) - f32(0.5)) * f32(0.9)
    per_row = np.abs(np.gradient(z, axis=0)) + f32(1e-3)
    alpha = np.clip((edge - z) / per_row + f32(0.5), 0, 1)
    stones = fbm(x * f32(7.0) + 200, z * f32(9.0) + 20, octaves=5, warp=0.9)
    relief = np.clip(
        (stones - fbm(x * f32(7.0) + 200.12, z * f32(9.0) + 20.2, octaves=5, warp=0.9)) * 7 + 0.6, 0.1, 1.7
    )
    tufts = fbm(x * f32(1.3) + 90, z * f32(0.9) + 30, octaves=4, warp=0.8)
    grassy = smoothstep(tufts + np.clip(np.abs(x) * f32(0.02) - f32(0.06), -0.06, 0.12), 0.46, 0.66) * f32(0.8)
    blades = fbm(x * f32(26) + 900, z * f32(19) + 90, octaves=4, warp=0.6)
    snowy = smoothstep(tufts * f32(0.5) + stones * f32(0.6) + f32(land.snow), 0.86, 1.12) if land.snow > 0 else None
    wet = smoothstep(z - edge, -0.9, 0.0)
    grass, texture = GRASS[land.season], relief * (f32(0.45) + stones)
    surface = []
    for c in range(3):
        earth = f32(EARTH[c]) * texture * (1 - f32(0.45) * wet)
        value = earth + (f32(0.55 * grass[c] + 0.35 * EARTH[c]) * (f32(0.12) + f32(1.35) * blades) - earth) * grassy
        surface.append(
            value if snowy is None else value + (f32(SNOW[c]) * (f32(0.75) + f32(0.25) * relief) - value) * snowy
        )
    colours = light.colours
    flat = f32(0.35 + 0.5 * land.front)
    rgb = [s * (f32(a) + f32(k) * flat) for s, a, k in zip(surface, colours.ambient, colours.key, strict=True)]
    grid = _Grid((-margin, first), x, rows, 1.0)
    base = _cutout(land, grid, 7.0, alpha, land.hazed(rgb, 6.0))
    if land.fire is None:
        return base, None
    fire = land.fire
    away = ((x - f32(fire.x_m)) ** 2 + ((z - f32(fire.z_m)) * f32(1.0)) ** 2) / f32(fire.reach_m**2)
    fall = alpha / (1 + away) ** f32(1.35)
    warm = np.stack([s * fall * f32(c) for s, c in zip(surface, fire.rgb, strict=True)]).astype(f32)
    return base, Cutout(warm, np.zeros_like(alpha), view, 7.0, grid.corner_px)


def paint_mist(land: Land, strength: float) -> Cutout:
    """A bank of mist on the far water; drawn shifted a little further every frame."""
    view = land.view
    half = round(0.10 * view.height_px)
    margin = round(0.5 * view.width_px)
    rows = np.arange(-half, half, dtype=f32)[:, None] / f32(half)
    columns = np.arange(-margin, view.width_px + margin, dtype=f32)[None] / f32(view.height_px)
    wisps = fbm(columns * f32(3.4) + 50, rows * f32(1.1) + 9, octaves=4, warp=1.1)
    alpha = np.exp(-((rows * f32(2.4)) ** 2)) * np.clip(wisps * f32(2.1) - f32(0.45), 0, 1.3) * f32(strength)
    corner = (-margin, round(view.horizon_px) - half)
    alpha = np.clip(alpha, 0, 0.95).astype(f32)
    light = np.stack(
        [alpha * f32(0.75 * v + 0.25 * m) for v, m in zip(land.light.colours.veil, land.light.colours.mid, strict=True)]
    )
    return Cutout(light.astype(f32), alpha, view, math.inf, corner)
