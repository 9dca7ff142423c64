"""A window pane: mist that blurs what is behind, wiped tracks, and drops that each hold a small inverted city.

All functions paint on a full-size canvas and look through to a half-size picture of what is behind the glass.
"""

# numba types its numbers more narrowly than numpy's stubs do
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numba import njit

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.drops import Drops, Tracks
from clapboard.engines.stage.glow import blur
from clapboard.engines.stage.kernels import JIT, Canvas, Plane, f32, i32


@njit(**JIT)
def _mist_rows(plane: Any, grain: Any, mist: float, lift: float) -> None:
    height, width = plane.shape
    for y in range(height):
        row = grain[y % grain.shape[0]]
        for x in range(width):
            plane[y, x] = plane[y, x] * (f32(1) + row[x] * mist) + lift


def paint_mist(canvas: Canvas, behind: Canvas, grain: Plane, mist: float, lift: tuple[float, float, float]) -> None:
    """The picture behind through glass misted 0..1: softened, with a wide veil, grainy, its shadows lifted."""
    height, width = canvas.shape[1:]
    unit = height / 720
    wide = blur(behind, 22 * unit)
    near_share, wide_share = 1 - 0.34 * mist, 0.30 * mist
    for c, plane in enumerate(canvas):
        soft = cv2.GaussianBlur(behind[c], (0, 0), max(0.2, 2.0 * unit * mist)) if mist > 0.05 else behind[c]
        mixed = cv2.addWeighted(soft, near_share, wide[c], wide_share, 0.0)
        cv2.resize(mixed, (width, height), dst=plane, interpolation=cv2.INTER_LINEAR)
        _mist_rows(plane, grain, f32(mist), f32(lift[c] * mist))


@njit(**JIT)
def _paint_tracks(img: Any, behind: Any, tracks: Any, bend: float) -> None:
    """tracks [4, runs, knots]: column, row, half width (pixels), clearness."""
    xs, ys, ws, cs = tracks[0], tracks[1], tracks[2], tracks[3]
    height = img.shape[1]
    width = img.shape[2]
    half_h = behind.shape[1]
    half_w = behind.shape[2]
    for run in range(xs.shape[0]):
        for k in range(xs.shape[1] - 1):
            y0 = ys[run, k]
            y1 = ys[run, k + 1]
            if cs[run, k + 1] <= f32(0.004) or y1 <= y0:
                continue
            per = f32(1) / (y1 - y0)
            for y in range(max(0, math.ceil(y0)), min(height, math.ceil(y1))):
                t = (f32(y) - y0) * per
                centre = xs[run, k] + (xs[run, k + 1] - xs[run, k]) * t
                half = ws[run, k] + (ws[run, k + 1] - ws[run, k]) * t
                clear = cs[run, k] + (cs[run, k + 1] - cs[run, k]) * t
                sy = min(f32(half_h) - f32(1.01), f32(y) * f32(0.5))
                v = i32(sy)
                ay = sy - f32(v)
                for x in range(max(0, int(centre - half)), min(width, int(centre + half) + 2)):
                    q = (f32(x) - centre) / half
                    q2 = q * q
                    m = clear * max(f32(0), f32(1) - q2 * q2)
                    sx = min(f32(half_w) - f32(1.01), max(f32(0), (f32(x) - q * bend) * f32(0.5)))
                    u = i32(sx)
                    ax = sx - f32(u)
                    edge = f32(1) - f32(0.35) * q2
                    for c in range(3):
                        top = behind[c, v, u] * (f32(1) - ax) + behind[c, v, u + 1] * ax
                        low = behind[c, v + 1, u] * (f32(1) - ax) + behind[c, v + 1, u + 1] * ax
                        clean = (top * (f32(1) - ay) + low * ay) * edge
                        img[c, y, x] += (clean - img[c, y, x]) * m


@njit(**JIT)
def _paint_drops(img: Any, behind: Any, drops: Any, lights: Any, unit: float, sky: Any) -> None:
    """drops [8, n]: column, row, radius, sag, lump, phase, alpha, warmth; lights: (towards x, y) of the warm glint."""
    height = img.shape[1]
    width = img.shape[2]
    half_h = behind.shape[1]
    half_w = behind.shape[2]
    scale = f32(half_w) / f32(width)
    for i in range(drops.shape[1]):
        x0 = drops[0, i]
        y0 = drops[1, i]
        r = drops[2, i]
        sag = drops[3, i]
        lump = drops[4, i]
        cos_p = math.cos(drops[5, i])
        sin_p = math.sin(drops[5, i])
        alpha = drops[6, i]
        warm = drops[7, i]
        reach = r * (f32(1.35) + f32(0.25) * sag) + f32(1.5)
        zoom = (f32(70) * unit + r * f32(7)) * scale
        inv = f32(1) / r
        for y in range(max(0, int(y0 - reach)), min(height, int(y0 + reach * f32(1.15)) + 2)):
            dy0 = (f32(y) - y0) * inv
            wide = max(f32(0.35), f32(1) + sag * dy0 * f32(0.35))  # a teardrop: narrow at the top, full at the bottom
            dy = dy0 / (f32(1) + sag * f32(0.35))
            for x in range(max(0, int(x0 - reach)), min(width, int(x0 + reach) + 2)):
                dx = (f32(x) - x0) * inv / wide
                d2 = dx * dx + dy * dy
                bulge = f32(2) * dx * dy * cos_p + (dx * dx - dy * dy) * sin_p
                d = math.sqrt(d2) * (f32(1) - lump * bulge / (d2 + f32(1e-4)))
                cover = min(f32(1), (f32(1) - d) * r * f32(0.9))
                if cover <= f32(0):
                    continue
                steep = (f32(0.35) + f32(0.65) * d2) * d / (math.sqrt(d2) + f32(1e-4))  # flat centre, steep rim
                n1 = dx * steep
                n2 = dy * steep
                sx = min(f32(half_w - 2), max(f32(0), x0 * scale - n1 * zoom * f32(1.25)))
                sy = min(f32(half_h - 2), max(f32(0), y0 * scale - n2 * zoom - f32(10) * unit * scale))
                ix = i32(sx)
                iy = i32(sy)
                ax = sx - f32(ix)
                ay = sy - f32(iy)
                n_sq = n1 * n1 + n2 * n2
                rim = f32(1) - f32(0.82) * n_sq * n_sq
                a = n1 + f32(0.42)
                b = n2 + f32(0.46)
                cool = max(f32(0), f32(1) - (a * a + b * b) * f32(26))
                cool = cool * cool
                a = n1 - lights[0, i]
                b = n2 - lights[1, i]
                glint = max(f32(0), f32(1) - (a * a + b * b) * f32(18))
                glint = glint * glint * warm
                m = cover * alpha
                for c in range(3):
                    top = behind[c, iy, ix] * (f32(1) - ax) + behind[c, iy, ix + 1] * ax
                    low = behind[c, iy + 1, ix] * (f32(1) - ax) + behind[c, iy + 1, ix + 1] * ax
                    v = (top * (f32(1) - ay) + low * ay) * f32(1.15)
                    v = (v + sky[0, c]) * rim + cool * sky[1, c] + glint * sky[2, c]
                    img[c, y, x] += (v - img[c, y, x]) * m


@dataclass(frozen=True, kw_only=True, slots=True)
class Glints:
    """What shines in the drops: flames on our side of the pane (column, row, reach in pixels), and linear colours."""

    flames: tuple[tuple[float, float, float], ...]
    dark: tuple[float, float, float] = (0.004, 0.005, 0.008)
    cool: tuple[float, float, float] = (0.41, 0.47, 0.55)
    warm: tuple[float, float, float] = (1.0, 0.55, 0.2)


def _columns(view: View, depth_m: float, x_m: Plane, y_m: Plane) -> tuple[Plane, Plane, float]:
    """Pane metres -> pixel columns, rows, and pixels a metre."""
    column, row, per_m = view.project(0.0, 0.0, depth_m)
    return f32(column) + x_m * f32(per_m), f32(row) - y_m * f32(per_m), per_m


def paint_tracks(canvas: Canvas, behind: Canvas, tracks: Tracks, view: View, depth_m: float) -> None:
    """Show the picture behind clearly where drops have wiped the mist."""
    x, y, per_m = _columns(view, depth_m, tracks.x, tracks.y)
    half = np.maximum(tracks.half_width * f32(per_m), f32(0.6))
    _paint_tracks(canvas, behind, np.stack([x, y, half, tracks.clear]), f32(8 * view.height_px / 720))


def paint_drops(canvas: Canvas, behind: Canvas, drops: Drops, view: View, depth_m: float, glints: Glints) -> None:
    """Every drop: an inverted wide-angle view of the half-size picture `behind`, dark rim, a cool and a warm glint."""
    x, y, per_m = _columns(view, depth_m, drops.x, drops.y)
    radius = drops.radius * f32(per_m)
    seen = (radius > 0.3) & (x > -40) & (x < view.width_px + 40) & (y > -60) & (y < view.height_px + 40)
    x, y, radius = x[seen], y[seen], radius[seen]
    warm = np.zeros(len(x), f32)
    towards = np.zeros((2, len(x)), f32)
    for column, row, reach in glints.flames:
        dx, dy = (f32(column) - x) / f32(reach), (f32(row) - y) / f32(reach)
        power = 1 / (1 + dx * dx + dy * dy)
        towards += power * np.stack([dx, dy]) / (np.sqrt(dx * dx + dy * dy) + 0.3)
        warm += power
    towards *= f32(0.62) / np.maximum(warm, f32(1e-6))
    np.minimum(warm, f32(1.1), out=warm)
    fade = drops.alpha[seen] * np.minimum(1, radius / 0.8)
    table = np.stack([x, y, np.maximum(radius, 0.6), drops.sag[seen], drops.lump[seen], drops.phase[seen], fade, warm])
    sky = np.array([glints.dark, glints.cool, glints.warm], f32)
    size = (max(2, view.width_px // 4), max(2, view.height_px // 4))  # a drop shrinks the city: smooth it first
    behind = np.stack([cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in behind])
    _paint_drops(canvas, behind, np.ascontiguousarray(table, f32), towards, f32(view.height_px / 720), sky)
