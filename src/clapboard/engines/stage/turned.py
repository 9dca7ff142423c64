"""Turned solids (candle, mug, kettle, knob): a profile spun round an upright axis, lit by flames, rimmed by the window.

solid = Turned(profile=[(0.0, 0.030), (0.08, 0.036)], material=Material(albedo=(0.5, 0.45, 0.4)))
paint_turned(easel, (x_m, 0.0, z_m), solid)
"""

# numba types its numbers more narrowly than numpy's stubs do
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from clapboard.engines.stage.kernels import JIT, Canvas, Plane, f32
from clapboard.engines.stage.raster import ellipse
from clapboard.engines.stage.scene import Easel, Rgb


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """How a solid takes light.

    `rim` is the share of the light behind that its grazing edges show (glaze 1, clay 0.3), `edge` how narrow it is
    (metal 2, glaze 4), `gloss` the strength of a flame's highlight and `sharp` (1..8) how small it is.
    """

    albedo: Rgb
    rim: float = 0.6
    edge: float = 4.0
    gloss: float = 0.3
    sharp: int = 5
    emission: Rgb = (0.0, 0.0, 0.0)
    """Light from within at the top, falling to nothing at the foot (wax under a flame)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Turned:
    """Profile points (height, radius) in metres from the foot up."""

    profile: tuple[tuple[float, float], ...]
    material: Material


@njit(inline="always", fastmath=True)
def highlight(normal: Any, light: Any, squarings: int) -> float:
    """Blinn's highlight for a unit normal and direction to the light, seen along z; its power is 2 ** squarings."""
    ahead = light[2] + f32(1)
    half = normal[0] * light[0] + normal[1] * light[1] + normal[2] * ahead
    length = math.sqrt(light[0] * light[0] + light[1] * light[1] + ahead * ahead + f32(1e-4))
    half = min(f32(1), max(f32(0), half / length))  # at a soft edge a normal may be longer than 1: its power explodes
    for _ in range(squarings):
        half = half * half
    return half


@njit(inline="always", fastmath=True)
def _surface(radii: Any, place: Any, dx: float, up: float) -> tuple[float, float]:
    """Height of the front surface seen at a point beside the axis, and its radius there (pixels)."""
    steps = radii.shape[0] - 1
    per = f32(steps) / place[2]
    r = radii[int(min(f32(steps), max(f32(0), up * per)))]
    high = up
    for _ in range(3):
        u = min(f32(1), abs(dx) / max(r, f32(0.01)))
        high = up + r * place[3] * math.sqrt(f32(1) - u * u)
        at = min(f32(steps) - f32(0.001), max(f32(0), high * per))
        k = int(at)
        r = radii[k] + (radii[k + 1] - radii[k]) * (at - f32(k))
    return high, r


@njit(inline="always", fastmath=True)
def _lit(lights: Any, c: int, point: Any, normal: Any, squarings: int) -> tuple[float, float]:
    """Light of one channel that the flames throw on a point: soft, and as a highlight."""
    soft = f32(0)
    shine = f32(0)
    for i in range(lights.shape[0]):
        lx = lights[i, 0] - point[0]
        ly = point[1] - lights[i, 1]
        lz = lights[i, 2] - point[2]
        d2 = lx * lx + ly * ly + lz * lz
        inv = f32(1) / math.sqrt(d2 + f32(1))
        fall = lights[i, 4 + c] / (f32(1) + d2 / (lights[i, 3] * lights[i, 3]))
        dot = (normal[0] * lx + normal[1] * ly + normal[2] * lz) * inv
        soft += max(f32(0), (dot + f32(0.25)) * f32(0.8)) * fall
        shine += highlight(normal, (lx * inv, ly * inv, lz * inv), squarings) * fall
    return soft, shine


@njit(**JIT)
def _paint_turned(img: Any, behind: Any, radii: Any, place: Any, lights: Any, look: Any) -> None:
    """radii [n]: pixels, foot to top; place: column, foot row, height, ratio; lights: rows of `point_rows`;
    look [5, 3]: albedo, ambient, emission, (rim, edge, gloss), (squarings of the highlight, -, -)."""
    height = img.shape[1]
    width = img.shape[2]
    fy = f32(behind.shape[1]) / f32(height)
    fx = f32(behind.shape[2]) / f32(width)
    steps = radii.shape[0] - 1
    widest = radii.max()
    per = f32(steps) / place[2]
    for y in range(max(0, int(place[1] - place[2])), min(height, int(place[1] + widest * place[3]) + 2)):
        for x in range(max(0, int(place[0] - widest) - 1), min(width, int(place[0] + widest) + 2)):
            dx = f32(x) - place[0]
            high, r = _surface(radii, place, dx, place[1] - f32(y))
            cover = min(f32(1), r - abs(dx) + f32(0.5)) * min(f32(1), max(f32(0), high + f32(1)))
            cover *= min(f32(1), max(f32(0), place[2] - high + f32(0.5)))
            if cover <= f32(0):
                continue
            u = min(f32(1), max(f32(-1), dx / max(r, f32(0.01))))
            at = min(f32(steps) - f32(1.001), max(f32(0.5), high * per - f32(0.5)))
            k = int(at)
            ahead = radii[min(steps, k + 2)] - radii[k + 1]
            slope = (radii[k + 1] - radii[k] + (ahead - radii[k + 1] + radii[k]) * (at - f32(k))) * per
            front = math.sqrt(f32(1) - u * u)
            inv = f32(1) / math.sqrt(f32(1) + slope * slope)
            normal = (u * inv, -slope * inv, front * inv)
            base = f32(0.55) + f32(0.45) * min(f32(1), high / (f32(0.35) * widest + f32(1)))  # dim near the table
            rim = math.pow(f32(1) - max(f32(0), normal[2]), look[3, 1]) * look[3, 0] * base * base
            glow = max(f32(0), high / place[2])
            glow = f32(0.12) * glow + f32(0.88) * glow * glow * glow
            v = min(behind.shape[1] - 1, int(f32(y) * fy))
            w = min(behind.shape[2] - 1, int(f32(x) * fx))
            for c in range(3):
                soft, shine = _lit(lights, c, (f32(x), f32(y), front * r), normal, int(look[4, 0]))
                light = look[1, c] * (f32(0.7) + f32(0.3) * normal[1]) + soft
                value = look[0, c] * light * base + shine * look[3, 2] + behind[c, v, w] * rim + look[2, c] * glow
                img[c, y, x] += (value - img[c, y, x]) * cover


def tilt_ratio(easel: Easel, y_m: float, z_m: float) -> float:
    """Height over width of a level circle at this place: how far the camera looks down on it."""
    view = easel.view
    ahead = max(0.1, z_m - view.z_m)
    return math.sin(math.atan2(view.lens.eye_m + view.y_m - y_m, ahead))


def point_rows(easel: Easel, depth_m: float) -> Plane:
    """The easel's flames for a solid at `depth_m`: rows x, y, z (towards the camera), reach in pixels, r, g, b."""
    rows = []
    for point in easel.light.points:
        column, row, per_m = easel.project(point.x_m, point.y_m, point.z_m)
        rows.append((column, row, (depth_m - point.z_m) * per_m, point.reach_m * per_m, *point.rgb))
    return np.array(rows, f32).reshape(-1, 7)


def light_behind(easel: Easel) -> Canvas:
    """The soft picture behind, of any size, that rims show."""
    return easel.canvas if easel.behind is None else easel.behind


def paint_turned(easel: Easel, foot: tuple[float, float, float], solid: Turned, scale: float = 1.0) -> None:
    """Paint the solid standing at a world point."""
    column, row, per_m = easel.project(*foot)
    profile = np.array(solid.profile) * per_m * scale
    tall = float(profile[-1, 0])
    radii = np.interp(np.linspace(0, tall, 49), profile[:, 0], profile[:, 1])
    rounded = np.convolve(np.pad(radii, 2, mode="edge"), np.array([1, 2, 3, 2, 1]) / 9, "valid")
    rounded[[0, -1]] = radii[[0, -1]]
    radii = rounded.astype(f32)
    ratio = tilt_ratio(easel, foot[1] + solid.profile[-1][0] * scale / 2, foot[2])
    material = solid.material
    look = np.array(
        [
            material.albedo,
            easel.light.ambient,
            material.emission,
            (material.rim, material.edge, material.gloss),
            (material.sharp, 0, 0),
        ],
        f32,
    )
    place = np.array([column, row, tall, ratio], f32)
    _paint_turned(easel.canvas, light_behind(easel), radii, place, point_rows(easel, foot[2]), look)


def paint_disc(
    easel: Easel, centre: tuple[float, float, float], radius_m: float, rgb: Rgb, opacity: float = 1.0
) -> None:
    """A level disc (a liquid's surface, a lid's top, a soft contact when `opacity` is low)."""
    column, row, per_m = easel.project(*centre)
    radius = radius_m * per_m
    mask = easel.mask(ellipse(column, row, radius, max(0.6, radius * tilt_ratio(easel, centre[1], centre[2]))))
    if mask is not None:
        easel.blend(mask, rgb, opacity)


def contact_shadow(easel: Easel, foot: tuple[float, float, float], radius_m: float, strength: float = 0.75) -> None:
    """Darken the table softly round a thing's foot, and away from each flame."""
    column, row, per_m = easel.project(*foot)
    ratio = tilt_ratio(easel, foot[1], foot[2])
    _shade_ellipse(
        easel.canvas, np.array([column, row, radius_m * per_m * 1.5, radius_m * per_m * 1.5 * ratio], f32), strength
    )
    for point in easel.light.points:
        away_x, away_z = foot[0] - point.x_m, foot[2] - point.z_m
        gap = math.hypot(away_x, away_z)
        if gap < radius_m * 1.2 or gap > 1.2:
            continue
        reach = radius_m * 2.6
        tip = easel.project(foot[0] + away_x / gap * reach, foot[1], foot[2] + away_z / gap * reach)
        middle = ((column + tip[0]) / 2, (row + tip[1]) / 2)
        box = [
            *middle,
            max(radius_m * per_m, abs(tip[0] - column) * 0.8),
            max(radius_m * per_m * ratio, abs(tip[1] - row)),
        ]
        _shade_ellipse(easel.canvas, np.array(box, f32), 0.55 * strength / (1 + gap))


@njit(**JIT)
def _shade_ellipse(img: Any, box: Any, strength: float) -> None:
    height = img.shape[1]
    width = img.shape[2]
    rx = max(box[2], f32(0.5))
    ry = max(box[3], f32(0.5))
    for y in range(max(0, int(box[1] - ry)), min(height, int(box[1] + ry) + 2)):
        dy = (f32(y) - box[1]) / ry
        for x in range(max(0, int(box[0] - rx)), min(width, int(box[0] + rx) + 2)):
            dx = (f32(x) - box[0]) / rx
            fall = max(f32(0), f32(1) - dx * dx - dy * dy)
            keep = f32(1) - f32(strength) * fall * fall * (f32(3) - f32(2) * fall)
            for c in range(3):
                img[c, y, x] *= keep
