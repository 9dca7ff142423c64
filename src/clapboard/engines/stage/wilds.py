"""The wilds round a mountain lake: what their painters share, the far range with its forests, and mist on the water.

Static layers are painted once a shot as `Layer`s: light, coverage, and how much of a fire's light they catch, so that
one pass a frame puts them over the canvas with the fire flickering on them.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numba import njit

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.coast import ROCK, SNOW
from clapboard.engines.stage.cutout import Cutout, interleaved
from clapboard.engines.stage.dabs import lay_strokes
from clapboard.engines.stage.kernels import JIT, Canvas, Plane, f32, fbm, smoothstep
from clapboard.engines.stage.light import Light
from clapboard.engines.stage.scene import PointLight, Rgb
from clapboard.engines.stage.stillwater import FAR_SHORE_M
from clapboard.engines.stage.terrain import cast_range
from clapboard.timeline import Season

# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba and OpenCV type their numbers more narrowly than numpy's stubs do

FOREST: Final[Rgb] = (0.026, 0.044, 0.026)
RANGE_TALL_M: Final = 2350.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Land:
    """What all painters of the shore share."""

    view: View
    light: Light
    snow: float
    """How much snow lies, 0..1."""
    rain: float
    season: Season | None
    seed: int
    fire: PointLight | None = None

    @property
    def front(self) -> float:
        """Share of the key light on faces turned to the camera."""
        return {"dawn": 0.16, "day": 0.55, "dusk": 0.14, "night": 0.34}[self.light.hour]

    @property
    def narrow(self) -> float:
        """1 in a 16:9 picture, less in a narrower one: brings what frames the picture nearer to its middle."""
        return min(1.0, self.view.width_px / self.view.height_px / (16 / 9))

    def hazed(self, rgb: list[Plane], depth_m: float) -> list[Plane]:
        """Colours as the air between shows them."""
        shown = f32(math.exp(-self.light.fog_per_m * depth_m))
        return [c * shown + f32(v) * (1 - shown) for c, v in zip(rgb, self.light.colours.veil, strict=True)]


@njit(**JIT)
def _lay(canvas: Any, layer: Any, warm: Any, left: int, top: int, gain: float, rgb: Any) -> None:
    """Composite interleaved premultiplied light [h, w, 4] (times gain) and add warm [h, w] times a colour."""
    height, width, _ = layer.shape
    for y in range(height):
        red = canvas[0, y + top]
        green = canvas[1, y + top]
        blue = canvas[2, y + top]
        row = layer[y]
        hot = warm[y]
        for x in range(width):
            keep = f32(1) - row[x, 3]
            w = hot[x]
            red[x + left] = red[x + left] * keep + row[x, 0] * gain + w * rgb[0]
            green[x + left] = green[x + left] * keep + row[x, 1] * gain + w * rgb[1]
            blue[x + left] = blue[x + left] * keep + row[x, 2] * gain + w * rgb[2]


@njit(**JIT)
def _lay_cold(canvas: Any, layer: Any, left: int, top: int, gain: float) -> None:
    height, width, _ = layer.shape
    for y in range(height):
        red = canvas[0, y + top]
        green = canvas[1, y + top]
        blue = canvas[2, y + top]
        row = layer[y]
        for x in range(width):
            keep = f32(1) - row[x, 3]
            red[x + left] = red[x + left] * keep + row[x, 0] * gain
            green[x + left] = green[x + left] * keep + row[x, 1] * gain
            blue[x + left] = blue[x + left] * keep + row[x, 2] * gain


@dataclass(frozen=True, slots=True)
class Layer:
    """A still layer at one depth: interleaved light and coverage [h, w, 4], the firelight it catches [h, w] or none."""

    home: View
    depth_m: float
    corner_px: tuple[int, int]
    light: np.ndarray
    warm: Plane | None

    @staticmethod
    def of(
        home: View,
        depth_m: float,
        corner_px: tuple[int, int],
        shown: tuple[list[Plane], Plane],
        warm: Plane | None = None,
    ) -> "Layer":
        """Cut to what it holds. shown: colours (3 x [h, w]) and coverage [h, w]; `warm` is premultiplied already."""
        rgb, alpha = shown
        held = alpha > 0
        rows, columns = np.flatnonzero(held.any(1)), np.flatnonzero(held.any(0))
        tall, wide = ((int(at[0]), int(at[-1])) if at.size else (0, 0) for at in (rows, columns))
        top, left = max(0, tall[0] - 1), max(0, wide[0] - 1)
        box = slice(top, tall[1] + 2), slice(left, wide[1] + 2)
        light = interleaved(np.stack([np.broadcast_to(c, alpha.shape)[box] * alpha[box] for c in rgb]), alpha[box])
        catch = None if warm is None else np.ascontiguousarray(warm[box], f32)
        return Layer(home, depth_m, (corner_px[0] + left, corner_px[1] + top), light, catch)

    def draw(self, canvas: Canvas, view: View, gain: float, fire: Rgb, lean_px: float = 0.0) -> None:
        """Put it over the canvas as this view sees it, light times `gain`, lit by a fire of this colour.

        `lean_px` moves its top edge to the right and leaves its foot where it is (trees in the wind).
        """
        height, width = self.light.shape[:2]
        if not height or not width:
            return
        warp = view.warp_from(self.home, self.depth_m, (-self.corner_px[0], -self.corner_px[1]))
        shear = -lean_px / height
        warp[0, 1], warp[0, 2] = shear, warp[0, 2] - shear * height
        corners = warp @ np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]])
        left, top = (max(0, math.floor(v)) for v in corners.min(1))
        right, bottom = (math.ceil(v) + 1 for v in corners.max(1))
        right, bottom = min(canvas.shape[2], right), min(canvas.shape[1], bottom)
        if right <= left or bottom <= top:
            return
        if not shear and abs(warp[0, 0] - 1) < 1e-6 and np.allclose(warp[:, 2], np.round(warp[:, 2]), atol=1e-3):
            self._lay_still(canvas, (round(warp[0, 2]), round(warp[1, 2])), gain, fire)
            return
        # pixel centres are half a pixel in
        warp[:, 2] += warp[:, :2].sum(1) / 2 - 0.5 - [left, top]
        size = right - left, bottom - top
        layer = cv2.warpAffine(self.light, warp, size, flags=cv2.INTER_LINEAR, borderValue=0)
        if self.warm is None or max(fire) <= 0:
            _lay_cold(canvas, layer, left, top, f32(gain))
            return
        warm = cv2.warpAffine(self.warm, warp, size, flags=cv2.INTER_LINEAR, borderValue=0)
        _lay(canvas, layer, warm, left, top, f32(gain), np.array(fire, f32))

    def _lay_still(self, canvas: Canvas, corner: tuple[int, int], gain: float, fire: Rgb) -> None:
        """The same where the camera has not moved: no resampling."""
        left, top = max(0, corner[0]), max(0, corner[1])
        box = (
            slice(top - corner[1], min(self.light.shape[0], canvas.shape[1] - corner[1])),
            slice(left - corner[0], min(self.light.shape[1], canvas.shape[2] - corner[0])),
        )
        light = self.light[box]
        if not light.size:
            return
        if self.warm is None or max(fire) <= 0:
            _lay_cold(canvas, light, left, top, f32(gain))
        else:
            _lay(canvas, light, self.warm[box], left, top, f32(gain), np.array(fire, f32))


@dataclass(frozen=True, slots=True)
class Window:
    """Pixels of a box at one depth and the world points they show: x_m [1, w], y_m [h, 1]."""

    corner_px: tuple[int, int]
    x_m: Plane
    y_m: Plane
    per_m: float

    @staticmethod
    def at(view: View, depth_m: float, span_x_m: tuple[float, float], span_y_m: tuple[float, float]) -> "Window":
        """The box that shows these spans, cut to the picture and the margin that camera moves need."""
        x0, y0, per_m = view.project(0.0, 0.0, depth_m)
        wide, tall = 0.20 * view.width_px, 0.22 * view.height_px
        left, right = (
            max(x0 + (span_x_m[0] - 3.4) * per_m, -wide),
            min(x0 + (span_x_m[1] + 3.4) * per_m, view.width_px + wide),
        )
        top, bottom = max(y0 - span_y_m[1] * per_m, -tall), min(y0 - span_y_m[0] * per_m, view.height_px + tall)
        columns = np.arange(math.floor(left), max(math.floor(left) + 2, math.ceil(right)), dtype=f32)[None] + f32(0.5)
        rows = np.arange(math.floor(top), max(math.floor(top) + 2, math.ceil(bottom)), dtype=f32)[:, None] + f32(0.5)
        corner = math.floor(left), math.floor(top)
        return Window(corner, (columns - f32(x0)) / f32(per_m), (f32(y0) - rows) / f32(per_m), per_m)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.y_m.shape[0], self.x_m.shape[1]

    def lines(self, lines_m: np.ndarray, foot_m: float) -> np.ndarray:
        """Strokes in metres (y up from `foot_m`) as strokes in pixels of the box."""
        out = np.empty_like(lines_m)
        half = 0.5 / self.per_m
        out[:, 0:3:2] = (lines_m[:, 0:3:2] - self.x_m[0, 0] + half) * self.per_m
        out[:, 1:4:2] = (self.y_m[0, 0] - half - foot_m - lines_m[:, 1:4:2]) * self.per_m
        out[:, 4:] = lines_m[:, 4:] * self.per_m
        return out


def warm_fall(fire: PointLight, x_m: Plane, y_m: Plane, depth_m: float) -> Plane:
    """Share of a fire's light at points of one depth: 1 near it, half at its reach, as the inverse square beyond."""
    gap = depth_m - fire.z_m
    return 1 / (1 + ((x_m - f32(fire.x_m)) ** 2 + (y_m - f32(fire.y_m)) ** 2 + f32(gap * gap)) / f32(fire.reach_m**2))


def _sun(light: Light) -> tuple[float, float, float]:
    """Direction of the light on the range: from its side and a little behind, so that ridges stand out."""
    lift = {"dawn": 0.26, "day": 0.62, "dusk": 0.28, "night": 0.46}[light.hour]
    sun = np.array([math.copysign(0.85, light.azimuth), lift, 0.05])
    x, y, z = (float(v) for v in sun / np.linalg.norm(sun))
    return x, y, z


def _air_tone(light: Light) -> list[float]:
    """Colour of the air before the range; under a closed deck it lies in shade, darker than the strip of sky behind."""
    shade = 1 - 0.30 * max(0.0, (light.cover - 0.5) / 0.5)
    return [shade * (0.45 * v + 0.55 * m) for v, m in zip(light.colours.veil, light.colours.mid, strict=True)]


def paint_far(land: Land) -> Cutout:
    """The range under its snow, its forests, the pines of the far shore: one layer, far enough never to shift."""
    view, light = land.view, land.light
    sun = _sun(light)
    seen = cast_range(view, RANGE_TALL_M, sun, land.seed)
    nx, up, nz = seen.normal
    direct = np.clip(nx * f32(sun[0]) + up * f32(sun[1]) + nz * f32(sun[2]), 0, 1) * seen.lit
    direct = f32(0.4) * direct + f32(0.6) * cv2.blur(direct, (3, 3))  # crests are finer than a pixel
    share = seen.height_m / f32(RANGE_TALL_M * 0.7)
    columns = np.arange(share.shape[1], dtype=f32)[None] / f32(view.focal_px)
    rows = np.arange(share.shape[0], dtype=f32)[:, None] / f32(view.focal_px)
    rough = fbm(columns * 90 + 20, rows * 130 + 20, octaves=4) - f32(0.5)
    snow_line = 0.30 - 0.42 * land.snow
    snow = smoothstep(share + rough * f32(0.16) + (up - f32(0.62)) * f32(0.95), snow_line, snow_line + 0.14)
    trees = smoothstep(f32(0.20) - share + rough * f32(0.22) + (up - f32(0.75)) * f32(0.1), -0.02, 0.05)
    trees_snow = f32(0.35 * land.snow)
    # The air before it: thicker low down, tinted with the sky behind; fog and falling snow hide the feet first.
    air = 1 - math.exp(-0.000055 * 5000)
    thick = 1 - math.exp(-(max(0.0, light.fog_per_m - 0.00005) ** 0.7) * 26)
    depth_air = np.clip((seen.depth_m - f32(1400)) / f32(6000), 0, 1)
    low = np.exp(-np.maximum(seen.height_m, 0) / f32(420))
    veil = 1 - (1 - f32(air) * (f32(0.25) + f32(0.75) * depth_air)) * (1 - f32(0.24) * low)
    veil = 1 - (1 - veil) * (1 - f32(thick) * (f32(0.84) + f32(0.14) * low - f32(0.30) * smoothstep(share, 0.15, 0.9)))
    colours = light.colours
    tone = _air_tone(light)
    rgb = []
    for c in range(3):
        rock = f32(ROCK[c] * 0.62) * (f32(0.8) + rough * f32(0.9))
        albedo = rock + (f32(SNOW[c]) - rock) * snow
        forest = f32(FOREST[c]) * (f32(0.7) + f32(1.8) * rough) + f32(SNOW[c]) * trees_snow
        albedo = albedo + (forest - albedo) * trees
        lit = (
            f32(colours.ambient[c]) * (f32(0.30) + f32(0.70) * up)
            + f32(colours.key[c] * (0.85 + 0.35 * land.front)) * direct
        )
        rgb.append(albedo * lit * (1 - veil) + f32(tone[c]) * veil)
    shore_rgb, shore_alpha = _far_shore(land, seen.corner_px, share.shape)
    for c in range(3):
        rgb[c] = rgb[c] * seen.alpha * (1 - shore_alpha) + shore_rgb[c]
    alpha = seen.alpha + shore_alpha - seen.alpha * shore_alpha
    return Cutout(np.stack(rgb).astype(f32), alpha.astype(f32), view, math.inf, seen.corner_px)


def _far_shore(land: Land, corner_px: tuple[int, int], shape: tuple[int, int]) -> tuple[list[Plane], Plane]:
    """Premultiplied light and coverage of the line of pines across the water."""
    view, rng = land.view, np.random.default_rng([land.seed, 520])
    x0, y0, per_m = view.project(0.0, 0.0, FAR_SHORE_M)
    y0 = view.horizon_px + 1
    count = round(shape[1] / per_m / 3.2)
    x = rng.uniform(corner_px[0] - x0, corner_px[0] - x0 + shape[1], count) / per_m
    grove = fbm((x[None] / 60 + 40).astype(f32), np.full((1, count), 3.0, f32), octaves=3)[0]
    tall = (9 + 24 * np.clip(grove - 0.25, 0, 1)) * rng.uniform(0.6, 1.25, count)
    tiers = np.linspace(0.02, 1, 9)[None]
    wide = (0.15 * tall)[:, None] * tiers * rng.uniform(0.75, 1.25, (count, 9))
    y = tall[:, None] * (1 - tiers * 0.97)
    at = np.broadcast_to(x[:, None], y.shape)
    lines, values = [], []
    shades = rng.uniform(0.55, 1.15, (count, 1)) * np.ones((1, 9))
    thick = (0.075 * tall)[:, None] * (0.3 + tiers)
    for side in (-1.0, 1.0):
        lines.append(np.stack([at, y, at + side * wide, y - 0.9 * thick, thick, 0.4 * thick], -1).reshape(-1, 6))
        values.append(np.stack([shades, side * shades], -1).reshape(-1, 2))
    lines.append(np.stack([x, tall * 1.05, x, 0 * x, 0.02 * tall, 0.09 * tall], -1))
    values.append(np.stack([shades[:, 0], 0 * x], -1))
    pixels = np.concatenate(lines) * per_m
    pixels[:, 0:3:2] += x0 - corner_px[0]
    pixels[:, 1:4:2] = y0 - corner_px[1] - pixels[:, 1:4:2]
    buffer = np.zeros((*shape, 3), f32)
    lay_strokes(buffer, pixels, np.concatenate(values))
    bank = np.clip(np.arange(shape[0], dtype=f32)[:, None] + f32(corner_px[1] + 2.5 - y0), 0, 1) * np.ones(
        (1, shape[1]), f32
    )
    alpha = np.maximum(buffer[..., 2], bank)
    shade = np.where(buffer[..., 2] > 0.01, buffer[..., 0] / np.maximum(buffer[..., 2], f32(0.01)), f32(0.7))
    side = buffer[..., 1] / np.maximum(buffer[..., 2], f32(0.01)) * f32(math.copysign(1.0, land.light.azimuth))
    rows = np.arange(shape[0], dtype=f32)[:, None]
    foot = np.exp(-np.maximum(y0 - corner_px[1] - rows, 0) / f32(0.012 * view.focal_px)) * f32(0.5)
    colours, thick_air = land.light.colours, 1 - math.exp(-land.light.fog_per_m * FAR_SHORE_M * 0.55)
    tone = _air_tone(land.light)
    rgb = []
    for c in range(3):
        albedo = f32(FOREST[c] * 1.1 + SNOW[c] * 0.30 * land.snow)
        lit = albedo * (
            f32(colours.ambient[c]) * shade
            + f32(colours.key[c] * (0.35 + land.front)) * np.clip(side + f32(0.25), 0, 1)
        )
        veil = f32(thick_air) + (1 - f32(thick_air)) * (f32(0.08) + foot * f32(0.45))
        rgb.append((lit * (1 - veil) + f32(tone[c]) * veil) * alpha)
    return rgb, alpha


@dataclass(frozen=True, slots=True)
class LakeMist:
    """Mist that creeps over the water: noise in the water's own perspective, worked out small for each frame."""

    light: Light
    strength: float
    seed: int

    def paint(self, canvas: Canvas, view: View, t_s: float, wind: float) -> None:
        """Veil the rows round the horizon and the far half of the lake."""
        if self.strength <= 0.02:
            return
        shrink = max(2, round(view.height_px / 90))
        top = max(0, int(view.horizon_px - 0.05 * view.focal_px))
        bottom = min(canvas.shape[1], int(view.horizon_px + 0.16 * view.focal_px))
        if bottom - top < 4:
            return
        rows = np.linspace(top, bottom, max(4, (bottom - top) * 2 // shrink), dtype=f32)[:, None]
        columns = np.linspace(0, view.width_px, max(8, view.width_px // shrink), dtype=f32)[None]
        az = (columns - f32(view.centre_px)) / f32(view.focal_px)
        el = (f32(view.horizon_px) - rows) / f32(view.focal_px)
        drift = t_s * (0.010 + 0.05 * wind)
        near = np.log2(1 + np.maximum(-el, 0) * 60)  # nearer water: larger wisps that pass faster
        size = f32(7.0) / (1 + f32(0.30) * near)
        u = az * size + f32(60 + self.seed % 40) + f32(drift) * (1 + near)
        wisps = fbm(u, el * f32(30) + f32(30) + near * 2 - f32(0.35 * drift), octaves=4, warp=1.3)
        line = np.exp(-((el - f32(0.002)) ** 2) / f32(0.00022)) * f32(0.75)
        lake = np.where(el < 0, np.exp(el / f32(0.055)) * f32(0.55), 0)
        veil = np.clip(line * (f32(0.35) + wisps) + lake * np.clip(wisps * 4 - f32(1.55), 0, 1.3), 0, 1) * f32(
            self.strength
        )
        edge = np.clip(np.minimum(rows - top, bottom - rows) / f32(0.02 * view.focal_px), 0, 1)
        full = cv2.resize(
            np.minimum(veil * edge, f32(0.9)).astype(f32), (view.width_px, bottom - top), interpolation=cv2.INTER_LINEAR
        )
        colours = self.light.colours
        for plane, v, m in zip(canvas, colours.veil, colours.mid, strict=True):
            band = plane[top:bottom]
            band += (f32(0.75 * v + 0.35 * m) - band) * full
