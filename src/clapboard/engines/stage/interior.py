"""Indoors round a window: painted wooden bars, and a table top that takes candle light and mirrors the window.

Lights are rows of (column, row, reach in pixels, r, g, b) on bars, (x, y, z, reach in metres, r, g, b) on the table.
"""

# numba types its numbers more narrowly than numpy's stubs do
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.kernels import JIT, Canvas, Plane, f32, fbm, i32
from clapboard.engines.stage.scene import PointLight, Rgb


@njit(**JIT)
def _paint_bar(img: Any, behind: Any, box: Any, lights: Any, look: Any) -> None:
    """box: left, right, top, bottom, chamfer (pixels); look [3, 3]: albedo, ambient, (rim, upright, -)."""
    height = img.shape[1]
    width = img.shape[2]
    bh = behind.shape[1]
    bw = behind.shape[2]
    chamfer = box[4]
    rim_gain = look[2, 0]
    upright = look[2, 1] > f32(0)
    for y in range(max(0, math.floor(box[2])), min(height, math.ceil(box[3]))):
        cover_y = min(f32(1), min(f32(y + 1) - box[2], box[3] - f32(y)))
        v = min(bh - 1, y * bh // height)
        for x in range(max(0, math.floor(box[0])), min(width, math.ceil(box[1]))):
            cover = cover_y * min(f32(1), min(f32(x + 1) - box[0], box[1] - f32(x)))
            near = f32(x) + f32(0.5) - box[0] if upright else f32(y) + f32(0.5) - box[2]
            far = box[1] - f32(x) - f32(0.5) if upright else box[3] - f32(y) - f32(0.5)
            edge = max(f32(0), f32(1) - min(near, far) / chamfer)
            step = f32(1) - f32(0.35) * max(f32(0), f32(1) - abs(min(near, far) - chamfer * f32(1.3)) / f32(1.6))
            edge = edge * edge
            u = min(bw - 1, x * bw // width)
            for c in range(3):
                light = look[1, c]
                for k in range(lights.shape[0]):
                    dx = (f32(x) - lights[k, 0]) / lights[k, 2]
                    dy = (f32(y) - lights[k, 1]) / lights[k, 2]
                    light += lights[k, 3 + c] / (f32(1) + dx * dx + dy * dy)
                value = look[0, c] * light * step * (f32(1) - f32(0.4) * edge) + behind[c, v, u] * edge * rim_gain
                img[c, y, x] += (value - img[c, y, x]) * cover


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """A wooden bar of a window in metres on the pane's plane; `upright` says along which way its edges are rounded."""

    left_m: float
    right_m: float
    bottom_m: float
    top_m: float
    upright: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class BarLight:
    """The colour of the bars' paint and the light on it."""

    albedo: Rgb
    ambient: Rgb
    points: Sequence[PointLight]


def paint_bars(
    canvas: Canvas, behind: Canvas, bars: Sequence[Bar], view: View, depth_m: float, light: BarLight
) -> None:
    """Bars with rims of the soft picture `behind` (any size)."""
    lights = _pixel_lights(view, light.points, depth_m)
    for bar in bars:
        left, bottom, per_m = view.project(bar.left_m, bar.bottom_m, depth_m)
        right, top, _ = view.project(bar.right_m, bar.top_m, depth_m)
        if right <= 0 or left >= view.width_px or bottom <= 0 or top >= view.height_px:
            continue
        box = np.array([left, right, top, bottom, max(1.5, 0.011 * per_m)], f32)
        look = np.array([light.albedo, light.ambient, (0.55, float(bar.upright), 0.0)], f32)
        _paint_bar(canvas, behind, box, lights, look)


_TABLE_HALF_M = 2.0
_TABLE_DEPTH_M = 1.8
_TEXTURE = (320, 1024)


def wood_texture() -> Plane:
    """Planks seen from above [z, x], 4 m wide and 1.8 m deep, 0..1: long grain, rings, dark seams."""
    rows, columns = _TEXTURE
    z = np.linspace(0, _TABLE_DEPTH_M, rows, dtype=f32)[:, None]
    x = np.linspace(0, 2 * _TABLE_HALF_M, columns, dtype=f32)[None]
    plank = np.floor(z / 0.145)
    shift = (np.sin(plank * 12.9) * 43.7 % 1).astype(f32)
    grain = fbm(x * 1.1 + shift * 37 + 5, z * 46 + shift * 11 + 5, octaves=5)
    rings = fbm(x * 0.45 + shift * 19 + 3, z * 7 + 3, octaves=3, warp=0.6)
    fine = fbm(x * 6 + 9, z * 260 + 9, octaves=2)
    bands = 0.5 + 0.5 * np.sin(rings * 46)
    seam = np.exp(-((((z / 0.145) % 1 - 0.5) * 0.145 - 0.0725) ** 2) / 0.0016**2)
    seam = seam + np.exp(-((((z / 0.145) % 1 - 0.5) * 0.145 + 0.0725) ** 2) / 0.0016**2)
    tone = 0.75 + 0.35 * (shift - 0.5)
    wood = (0.34 + 0.55 * grain + 0.22 * bands * grain + 0.22 * (fine - 0.5)) * tone * (1 - 0.75 * np.clip(seam, 0, 1))
    return np.clip(wood, 0.02, 1.4).astype(f32)


@njit(**JIT)
def _paint_table(img: Any, mirror: Any, wood: Any, lights: Any, look: Any, cam: Any) -> None:
    """cam: focal, horizon, eye m, centre, x m, z m, back row, back z; look [3, 3]: albedo, ambient, (gloss, -, -)."""
    height = img.shape[1]
    width = img.shape[2]
    mh = mirror.shape[1]
    mw = mirror.shape[2]
    fx = f32(mw) / f32(width)
    fy = f32(mh) / f32(height)
    tex_x = f32(wood.shape[1] - 2) / f32(4.0)
    tex_z = f32(wood.shape[0] - 2) / f32(1.8)
    for y in range(max(0, math.floor(cam[6])), height):
        cover = min(f32(1), f32(y + 1) - cam[6])
        ahead = cam[2] * cam[0] / max(f32(1), f32(y) + f32(0.5) - cam[1])
        z = ahead + cam[5]
        per = ahead / cam[0]
        cosine = cam[2] / math.sqrt(cam[2] * cam[2] + ahead * ahead)
        fresnel = f32(1) - cosine
        fresnel = (f32(0.04) + f32(0.96) * fresnel * fresnel * fresnel * fresnel * fresnel) * look[2, 0]
        v = min(f32(wood.shape[0] - 2), max(f32(0), z * tex_z))
        iv = i32(v)
        av = v - f32(iv)
        shade = f32(0.25) + f32(0.75) * min(f32(1), max(f32(0), z / cam[7])) ** 2
        for x in range(width):
            wx = (f32(x) - cam[3]) * per + cam[4]
            u = min(f32(wood.shape[1] - 2), max(f32(0), (wx + f32(2.0)) * tex_x))
            iu = i32(u)
            au = u - f32(iu)
            top = wood[iv, iu] * (f32(1) - au) + wood[iv, iu + 1] * au
            low = wood[iv + 1, iu] * (f32(1) - au) + wood[iv + 1, iu + 1] * au
            tone = top * (f32(1) - av) + low * av
            bump = low - top
            sy = (f32(2) * cam[6] - f32(y) + bump * f32(60)) * fy
            sx = (f32(x) + (tone - f32(0.6)) * f32(10)) * fx
            sy = min(f32(mh - 2), max(f32(0), sy))
            sx = min(f32(mw - 2), max(f32(0), sx))
            iy = i32(sy)
            ix = i32(sx)
            ay = sy - f32(iy)
            ax = sx - f32(ix)
            shine = fresnel * (f32(0.55) + f32(0.55) * tone)
            for c in range(3):
                light = look[1, c] * shade
                for k in range(lights.shape[0]):
                    dx = wx - lights[k, 0]
                    dz = z - lights[k, 2]
                    rise = max(f32(0.01), lights[k, 1])
                    d2 = dx * dx + dz * dz + rise * rise
                    lambert = f32(0.25) + rise / math.sqrt(d2)
                    light += lights[k, 4 + c] * lambert / (f32(1) + d2 / (lights[k, 3] * lights[k, 3]))
                a = mirror[c, iy, ix] * (f32(1) - ax) + mirror[c, iy, ix + 1] * ax
                b = mirror[c, iy + 1, ix] * (f32(1) - ax) + mirror[c, iy + 1, ix + 1] * ax
                value = look[0, c] * light * tone + (a * (f32(1) - ay) + b * ay) * shine
                img[c, y, x] += (value - img[c, y, x]) * cover


@dataclass(frozen=True, kw_only=True, slots=True)
class TableLook:
    """A table top: wood texture, its colour, the light from the window at the far edge, how much it mirrors."""

    wood: Plane
    albedo: Rgb
    ambient: Rgb
    gloss: float


def paint_table(
    canvas: Canvas, mirror: Canvas, look: TableLook, view: View, back_m: float, points: Sequence[PointLight]
) -> None:
    """The plane y = 0 from the pane at `back_m` towards the camera; `mirror` is the picture above it, any size."""
    _, back_row, _ = view.project(0.0, 0.0, back_m)
    eye_m = view.lens.eye_m + view.y_m
    cam = [view.focal_px, view.horizon_px, eye_m, view.centre_px, view.x_m, view.z_m, back_row, back_m]
    lights = np.array([(p.x_m, p.y_m, p.z_m, p.reach_m, *p.rgb) for p in points], f32).reshape(-1, 7)
    colours = np.array([look.albedo, look.ambient, (look.gloss, 0, 0)], f32)
    _paint_table(canvas, mirror, look.wood, lights, colours, np.array(cam, f32))


def _pixel_lights(view: View, points: Sequence[PointLight], depth_m: float) -> np.ndarray:
    """Lights as rows (column, row, reach in pixels, r, g, b) for a flat thing at `depth_m`."""
    rows = []
    for point in points:
        column, row, per_m = view.project(point.x_m, point.y_m, point.z_m)
        gap = (depth_m - point.z_m) / point.reach_m
        share = 1 / (1 + gap * gap)
        rows.append((column, row, point.reach_m * per_m / math.sqrt(share), *(share * v for v in point.rgb)))
    return np.array(rows, f32).reshape(-1, 6)
