"""Painters of a coast: far hills, a headland of rock and grass, near boulders with blades of grass, surf and spray.

All are pictures of noise under light: a height profile cuts the shape, fractal noise carves it, and the same noise
looked up a little nearer to the light shades it. Painted once a shot as `Cutout`s; grass and surf move every frame.
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba types its numbers more narrowly than numpy's stubs do

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.cutout import Cutout
from clapboard.engines.stage.kernels import Plane, f32, fbm, smoothstep
from clapboard.engines.stage.light import Light
from clapboard.engines.stage.scene import Rgb

FRONT: Final = {"dawn": 0.16, "day": 0.60, "dusk": 0.13, "night": 0.30}
"""Share of the key light that reaches faces turned to the camera: the sun stands before us, low at dawn and dusk."""

ROCK: Final[Rgb] = (0.215, 0.185, 0.160)
GRASS: Final = {
    None: (0.085, 0.125, 0.035),
    "spring": (0.085, 0.150, 0.035),
    "summer": (0.105, 0.130, 0.038),
    "autumn": (0.175, 0.115, 0.042),
    "winter": (0.110, 0.105, 0.065),
}
SNOW: Final[Rgb] = (0.80, 0.83, 0.90)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What covers the land: grass colour and how much snow lies on it (0..1)."""

    grass: Rgb
    snow: float
    seed: int


@dataclass(frozen=True, slots=True)
class _Box:
    """Pixels of a box and the world points that they show at one depth: x_m [1, w], y_m [h, 1], pixels a metre."""

    corner_px: tuple[int, int]
    x_m: Plane
    y_m: Plane
    per_m: float


def _box(view: View, depth_m: float, span_x_m: tuple[float, float], span_y_m: tuple[float, float]) -> _Box:
    left, top, per_m = view.project(span_x_m[0], span_y_m[1], depth_m)
    right, bottom, _ = view.project(span_x_m[1], span_y_m[0], depth_m)
    margin = 0.35 * view.width_px  # land beyond the frame that pans and pulls may bring in
    first, last = math.floor(max(left, -margin)), math.ceil(min(right, view.width_px + margin))
    first, last = min(first, view.width_px - 2), max(last, 2)
    columns = np.arange(first, max(first + 2, last), dtype=f32)[None] + f32(0.5)
    rows = np.arange(math.floor(top), max(math.floor(top) + 2, math.ceil(bottom)), dtype=f32)[:, None] + f32(0.5)
    x0, y0, _ = view.project(0.0, 0.0, depth_m)
    return _Box((first, math.floor(top)), (columns - x0) / f32(per_m), (y0 - rows) / f32(per_m), per_m)


def _cut(view: View, depth_m: float, box: _Box, alpha: Plane, colours: list[Plane]) -> Cutout:
    return Cutout(np.stack([c * alpha for c in colours]).astype(f32), alpha.astype(f32), view, depth_m, box.corner_px)


def _coverage(box: _Box, top_m: Plane, low_m: float) -> Plane:
    """Anti-aliased coverage of what lies between `low_m` and the profile `top_m` [1, w]."""
    below_top = np.clip((top_m - box.y_m) * f32(box.per_m) + f32(0.5), 0, 1)
    above_sea = np.clip((box.y_m - f32(low_m)) * f32(box.per_m) + f32(0.5), 0, 1)
    return (below_top * above_sea).astype(f32)


def _hazed(light: Light, colours: list[Plane], depth_m: float, least: float = 0.0) -> list[Plane]:
    shown = f32(math.exp(-light.fog_per_m * depth_m) * (1 - least))
    # Under a closed deck the air before the land is in shade, the strip of sky at the horizon is not.
    shade = f32(1 - 0.6 * max(0.0, (light.cover - 0.55) / 0.45) * math.exp(-light.fog_per_m * 120))
    return [c * shown + f32(light.colours.veil[i]) * shade * (1 - shown) for i, c in enumerate(colours)]


def paint_hills(view: View, light: Light, ground: Ground, depth_m: float, span_x_m: tuple[float, float]) -> Cutout:
    """A far ridge that sinks into the sea towards `span_x_m[1]`: a tone, lighter where the air is thick."""
    width = span_x_m[1] - span_x_m[0]
    tall = 0.145 * width
    box = _box(view, depth_m, span_x_m, (0.0, tall * 1.3))
    share = np.clip((f32(span_x_m[1]) - box.x_m) / f32(width), 0, 1)
    ridge = fbm(box.x_m / f32(width) * 7 + 40 + ground.seed % 50, np.full_like(box.x_m, 3.7), octaves=6)
    fall = share ** f32(0.85) * np.minimum(1, share * 5)
    top = f32(tall) * fall * (f32(0.40) + f32(0.95) * ridge)
    alpha = _coverage(box, top, 0.0)
    relief = fbm(box.x_m / f32(width) * 26 + 40, box.y_m / f32(tall) * 4 + 9, octaves=5, warp=1.2)
    caps = f32(ground.snow) * smoothstep(box.y_m / np.maximum(top, 1) + (relief - f32(0.5)) * f32(0.9), 0.15, 0.75)
    lit = f32(FRONT[light.hour] * 0.5)
    colours = []
    for c in range(3):
        bare = f32(ground.grass[c] * 0.5 + ROCK[c] * 0.5)
        albedo = bare + (f32(SNOW[c]) - bare) * caps
        colours.append(albedo * (f32(light.colours.ambient[c]) + lit * f32(light.colours.key[c]) * (f32(0.4) + relief)))
    shade = 1 - 0.75 * max(0.0, (light.cover - 0.55) / 0.45)
    tone = [f32(shade * (0.30 * v + 0.18 * m)) for v, m in zip(light.colours.veil, light.colours.mid, strict=True)]
    foot = np.exp(-np.maximum(box.y_m, 0) / f32(tall * 0.22)) * f32(0.30)  # haze lies on the water
    veiled = [
        c * f32(0.45) + t + foot * f32(light.colours.veil[i])
        for i, (c, t) in enumerate(zip(colours, tone, strict=True))
    ]
    return _cut(view, depth_m, box, alpha * f32(0.94), _hazed(light, veiled, min(depth_m, 900.0)))


def headland_top(foot: tuple[float, float], seed: int) -> Callable[[Plane], Plane]:
    """Height in metres along the headland, flat round `foot` (x, y) where a lighthouse may stand; it ends in rocks."""
    rng = np.random.default_rng([seed, 909])
    p = rng.uniform(0, 6.28, 4)

    def top(x_m: Plane) -> Plane:
        x = np.asarray(x_m, f32) - f32(foot[0])
        share = np.clip((x + f32(42)) / f32(42), 0, 3)
        rise = f32(foot[1]) * share ** f32(0.72)
        flat = smoothstep(np.abs(x - f32(4)), 10.0, 26.0)
        rise = f32(foot[1]) + (rise - f32(foot[1])) * flat
        rough = 1.5 * np.sin(x * 0.21 + p[0]) + 0.8 * np.sin(x * 0.47 + p[1]) + 0.35 * np.sin(x * 1.13 + p[2])
        crags = fbm(x * f32(0.16) + 200, np.full_like(x, 5.5), octaves=5)
        edge = smoothstep(share, 0.02, 0.5)
        stacks = (
            2.6 * np.clip(fbm(x * f32(0.22) + 90, np.full_like(x, 2.5), octaves=3) - 0.42, 0, 1) * 4
        )  # skerries off the tip
        land = rise + (rough * edge + (crags - 0.5) * 7.5 * (0.25 + 0.75 * flat)) * flat
        shore = stacks * np.exp(-((x + 47) ** 2) / 130)
        return np.maximum(land * np.clip((x + 42) / 3, 0, 1), shore).astype(f32)

    return top


def paint_headland(view: View, light: Light, ground: Ground, depth_m: float, foot: tuple[float, float]) -> Cutout:
    """Cliffs under turf, carved by noise and lit from the sun's side."""
    box = _box(view, depth_m, (foot[0] - 66, foot[0] + 190), (-0.4, foot[1] * 2.6 + 8))
    top = headland_top(foot, ground.seed)(box.x_m)
    alpha = _coverage(box, top, -0.3)
    depth = np.maximum(top - box.y_m, 0)  # metres below the turf
    x, y = box.x_m + f32(400), box.y_m + f32(40)
    crack = fbm(x * f32(0.42) + y * f32(0.05), y * f32(0.26), octaves=8, warp=1.9)
    dx, dy = light.key_from(view, *view.project(foot[0], foot[1], depth_m)[:2])
    u, v = x + f32(0.40 * dx), y - f32(0.40 * dy)
    toward = fbm(u * f32(0.42) + v * f32(0.05), v * f32(0.26), octaves=8, warp=1.9)
    relief = np.clip(f32(0.48) + (crack - toward) * f32(6.0), 0, 1.7)
    strata = f32(0.82) + f32(0.36) * fbm(x * f32(0.03) + crack, y * f32(0.85) + x * f32(0.09), octaves=4)
    turf_m = f32(1.1) + f32(7.5) * np.clip(fbm(x * f32(0.10), np.full_like(x, 9.5), octaves=4) - f32(0.38), 0, 1)
    tuft = fbm(x * f32(1.3), y * f32(0.7), octaves=3)
    turf = smoothstep((turf_m - depth) + (tuft - f32(0.5)) * f32(3.0) + (crack - f32(0.5)) * f32(4.0), -0.3, 0.9)
    turf *= smoothstep(top, 3.0, 7.0)
    ledges = smoothstep(toward - crack, -0.02, 0.09) * f32(0.75)
    snow = f32(ground.snow) * np.clip(
        smoothstep(turf_m * f32(0.9) - depth + (tuft - f32(0.5)) * 2, -0.6, 0.6) + ledges, 0, 1
    )
    snow *= smoothstep(box.y_m, 1.2, 4.0)
    wet = f32(1) - f32(0.55) * smoothstep(f32(1.6) - box.y_m + (crack - f32(0.5)) * 2, -0.4, 0.9)
    front = FRONT[light.hour] * (0.35 + 0.65 * (1 - light.cover))
    rim = np.exp(-depth * f32(2.2)) * f32(0.55 if light.hour != "day" else 0.25)
    colours = []
    for c in range(3):
        rock = f32(ROCK[c]) * strata * wet * (f32(0.55) + f32(0.75) * crack)
        albedo = rock + (f32(ground.grass[c]) * (f32(0.55) + f32(0.9) * tuft) - rock) * turf
        albedo = albedo + (f32(SNOW[c]) - albedo) * snow
        lit = f32(light.colours.ambient[c]) * (f32(0.5) + f32(0.5) * relief)
        lit = lit + f32(light.colours.key[c] * front) * relief * (f32(0.5) + f32(0.8) * turf)
        colours.append(albedo * (lit + rim * f32(light.colours.key[c])))
    return _cut(view, depth_m, box, alpha, _hazed(light, colours, depth_m, 0.04))


def boulder_top(foot: tuple[float, float], seed: int) -> Callable[[Plane], Plane]:
    """Height in metres of the near rocks: two or three worn blocks that step down to the water on the right."""
    rng = np.random.default_rng([seed, 313])
    centres = foot[0] + np.array([-2.2, -0.9, 0.15, 0.85]) + rng.uniform(-0.15, 0.15, 4)
    heights = foot[1] * np.array([0.62, 0.42, 0.17, -0.05]) + rng.uniform(-0.06, 0.06, 4)
    widths = np.array([1.35, 0.85, 0.62, 0.45]) * rng.uniform(0.9, 1.15, 4)

    def top(x_m: Plane) -> Plane:
        x = np.asarray(x_m, f32)
        out = np.full_like(x, -9.0)
        for centre, height, width in zip(centres, heights, widths, strict=True):
            share = np.clip(1 - np.abs((x - f32(centre)) / f32(width)) ** 2.5, 0, 1)
            out = np.maximum(out, f32(height + 0.9) * share ** f32(0.55) - f32(0.9) + f32(-2.0) * (share <= 0))
        worn = fbm(x * f32(2.3) + 60, np.full_like(x, 4.5), octaves=5) - f32(0.5)
        return (out + worn * f32(0.36)).astype(f32)

    return top


def paint_boulders(view: View, light: Light, ground: Ground, depth_m: float, foot: tuple[float, float]) -> Cutout:
    """Near rocks that step down from the picture's edge to the water: cracked, wet at the foot, lichen on top."""
    box = _box(view, depth_m, (foot[0] - 6.0, foot[0] + 2.2), (-2.4, foot[1] + 1.4))
    top = boulder_top(foot, ground.seed)(box.x_m)
    alpha = _coverage(box, top, -9.0)
    x, y = box.x_m + f32(60), box.y_m + f32(40)
    carve = fbm(x * f32(1.9), y * f32(2.6), octaves=7, warp=1.4)
    dx, dy = light.key_from(view, *view.project(foot[0], foot[1], depth_m)[:2])
    toward = fbm((x + f32(0.10 * dx)) * f32(1.9), (y - f32(0.10 * dy)) * f32(2.6), octaves=7, warp=1.4)
    relief = np.clip(f32(0.42) + (carve - toward) * f32(7.0), 0, 1.7)
    depth = np.maximum(top - box.y_m, 0)
    sky = np.exp(-depth / f32(0.30))  # the upper faces see the sky
    crack = smoothstep(np.abs(fbm(x * f32(1.1), y * f32(0.8), octaves=4, warp=2.2) - f32(0.5)), 0.0, 0.035)
    lichen = smoothstep(carve + sky * f32(0.22), 0.60, 0.74) * f32(0.65)
    snow = f32(ground.snow) * smoothstep(sky + (carve - f32(0.5)) * f32(0.8), 0.52, 0.80)
    wet = f32(1) - f32(0.55) * smoothstep(-box.y_m, -0.25, 0.45)
    rim = np.exp(-depth * f32(34.0)) * f32(0.8)
    colours = []
    for c in range(3):
        rock = f32(ROCK[c] * 0.80) * (f32(0.45) + f32(0.9) * carve) * wet * (f32(0.35) + f32(0.65) * crack)
        albedo = rock + (f32((0.30, 0.27, 0.13)[c] * 0.55) - rock) * lichen
        albedo = albedo + (f32(SNOW[c]) - albedo) * snow
        lit = f32(light.colours.ambient[c]) * (f32(0.16) + f32(0.60) * sky + f32(0.22) * relief)
        lit = lit + f32(light.colours.key[c]) * (f32(FRONT[light.hour] * 0.30) * relief * (f32(0.3) + sky) + rim)
        colours.append(albedo * lit)
    soft = max(0.3, 0.8 * view.height_px / 720)
    alpha = cv2.GaussianBlur(alpha, (0, 0), soft)
    return _cut(view, depth_m, box, alpha, [cv2.GaussianBlur(c.astype(f32), (0, 0), soft) for c in colours])
