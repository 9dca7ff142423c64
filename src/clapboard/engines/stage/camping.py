"""What stands in a camp: a ridge tent with a lamp inside, a log to sit on, a backpack, a lantern; painted once.

Panels are polygons in world metres. Each takes the sky, the sun and the fire by its own normal, and what its lamp adds.
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numpy widens float32 planes to "floating" in its stubs; all arithmetic here is float32

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from clapboard.engines.stage.coast import SNOW
from clapboard.engines.stage.kernels import Plane, f32, fbm, smoothstep
from clapboard.engines.stage.raster import fill
from clapboard.engines.stage.scene import Rgb
from clapboard.engines.stage.shore import Footing
from clapboard.engines.stage.wilds import Land, Layer

CANVAS: Final[Rgb] = (0.46, 0.205, 0.062)
LAMP: Final[Rgb] = (0.60, 0.265, 0.066)
LAMPS: Final = {"dawn": 0.22, "day": 0.0, "dusk": 0.62, "night": 1.0}
_HALF_M, _TALL_M, _LONG_M = 1.02, 1.36, 2.15

# The door: outlines right of its middle, up, and back along the ridge, in metres; each layer a little nearer to us.
_DOOR = ((0.0, 1.20, -0.01), (-0.13, 0.55, -0.01), (-0.20, 0.0, -0.01), (0.46, 0.0, -0.01), (0.26, 0.52, -0.01))
_BED = (
    *((-0.17, 0.0, -0.02), (-0.165, 0.08, -0.02), (-0.13, 0.145, -0.02), (-0.04, 0.19, -0.02), (0.06, 0.20, -0.02)),
    *((0.20, 0.175, -0.02), (0.32, 0.13, -0.02), (0.39, 0.06, -0.02), (0.40, 0.0, -0.02)),
)
_FLAP = ((0.0, 1.20, -0.03), (0.26, 0.52, -0.03), (0.46, 0.0, -0.03), (0.60, 0.03, -0.05), (0.36, 0.50, -0.05))
_FOLD = ((0.0, 1.20, -0.03), (-0.13, 0.55, -0.03), (-0.20, 0.0, -0.03), (-0.26, 0.0, -0.05), (-0.19, 0.55, -0.05))

Point = tuple[float, float, float]
InTent = Callable[[float, float, float], Point]
"""Metres to the right of the door's middle, up, and back along the ridge -> world point."""


@dataclass(slots=True)
class _Sheet:
    """A box of the picture being painted: premultiplied light, coverage and firelight."""

    land: Land
    depth_m: float
    corner: tuple[int, int]
    light: np.ndarray
    alpha: Plane
    warm: Plane
    texture: Plane = field(init=False)

    @staticmethod
    def round(land: Land, foot: Point, half_m: float, tall_m: float) -> "_Sheet":
        x, y, per_m = land.view.project(*foot)
        left, top = math.floor(x - half_m * per_m), math.floor(y - tall_m * per_m)
        width, height = math.ceil(2 * half_m * per_m), math.ceil((tall_m + 0.3) * per_m)
        shape = max(4, min(height, 3 * land.view.height_px)), max(4, min(width, 3 * land.view.width_px))
        sheet = _Sheet(
            land, foot[2], (left, top), np.zeros((3, *shape), f32), np.zeros(shape, f32), np.zeros(shape, f32)
        )
        rows = np.arange(shape[0], dtype=f32)[:, None] / f32(per_m)
        columns = np.arange(shape[1], dtype=f32)[None] / f32(per_m)
        sheet.texture = fbm(columns * 7 + 30, rows * 5 + 30, octaves=5, warp=1.0)
        return sheet

    def pixels(self, points: Sequence[Point]) -> np.ndarray:
        """World points as pixels of the box."""
        seen = [self.land.view.project(*point)[:2] for point in points]
        return np.array(seen) - self.corner

    def across(self, points: Sequence[Point], start: int, stop: int) -> tuple[Plane, Plane]:
        """Pixels of the box along the line from one point to another: 0..1, and the distance from it in pixels."""
        a, b = self.pixels([points[start], points[stop]])
        height, width = self.alpha.shape
        rows, columns = np.arange(height, dtype=f32)[:, None] - f32(a[1]), np.arange(width, dtype=f32)[None] - f32(a[0])
        dx, dy = b - a
        length = max(1e-3, math.hypot(dx, dy))
        return (columns * dx + rows * dy) / f32(length**2), np.abs(columns * dy - rows * dx) / f32(length)

    def lay(
        self,
        outline: np.ndarray,
        albedo: Rgb,
        lit: tuple[Plane | float, Plane | float, Plane | float],
        emission: Plane | float = 0.0,
    ) -> None:
        """Paint a polygon (pixels of the box); lit: shares of sky, sun and fire. `emission` is the lamp's share."""
        height, width = self.alpha.shape
        mask = fill([outline], width, height)
        if mask is None:
            return
        box, cover = mask.box, mask.alpha
        sky, key, fire = (np.broadcast_to(np.asarray(v, f32), self.alpha.shape)[box] for v in lit)
        glow = np.broadcast_to(np.asarray(emission, f32), self.alpha.shape)[box]
        weave = f32(0.78) + f32(0.44) * self.texture[box]
        colours = self.land.light.colours
        for c in range(3):
            value = (
                f32(albedo[c]) * weave * (f32(colours.ambient[c]) * sky + f32(colours.key[c]) * key)
                + f32(LAMP[c]) * glow
            )
            plane = self.light[c][box]
            plane += (value - plane) * cover
        tone = f32(0.7 * albedo[0] + 0.3 * albedo[1])
        self.warm[box] += (tone * weave * fire - self.warm[box]) * cover
        self.alpha[box] += (1 - self.alpha[box]) * cover

    def line(
        self, a: Point, b: Point, wide_m: float, albedo: Rgb, lit: tuple[float, float, float], sag_m: float = 0.0
    ) -> None:
        """A rope, a pole or a seam."""
        t = np.linspace(0, 1, 9)[:, None]
        path = np.array(a) + (np.array(b) - np.array(a)) * t
        path[:, 1] -= sag_m * 4 * (t * (1 - t))[:, 0]
        points = self.pixels([(float(p[0]), float(p[1]), float(p[2])) for p in path])
        per_m = self.land.view.project(*a)[2]
        tangent = np.gradient(points, axis=0)
        normal = (
            np.stack([-tangent[:, 1], tangent[:, 0]], 1) / np.maximum(np.linalg.norm(tangent, axis=1), 1e-6)[:, None]
        )
        half = normal * max(0.5 * wide_m * per_m, 0.45)
        self.lay(np.concatenate([points + half, (points - half)[::-1]]), albedo, lit)

    def layer(self) -> Layer:
        """What was painted, as a layer that the fire lights."""
        keep = np.maximum(self.alpha, f32(1e-3))
        rgb = self.land.hazed([plane / keep for plane in self.light], self.depth_m)
        return Layer.of(
            self.land.view, self.depth_m, self.corner, (rgb, self.alpha), self.warm if self.land.fire else None
        )


def _facing(land: Land, at: Point, normal: Point) -> tuple[float, float, float]:
    """Share of the sky, the sun and the fire on a plane with this unit normal (right, up, away)."""
    sky = 0.45 + 0.55 * max(0.0, normal[1])
    towards = math.copysign(0.8, land.light.azimuth)
    low = {"dawn": 0.30, "day": 0.75, "dusk": 0.30, "night": 0.55}[land.light.hour]
    key = max(0.06, normal[0] * towards + normal[1] * low) * (0.35 + 0.65 * land.front)
    if land.fire is None:
        return sky, key, 0.0
    way = np.array([land.fire.x_m - at[0], land.fire.y_m + 0.2 - at[1], land.fire.z_m - at[2]])
    gap = float(np.linalg.norm(way))
    fire = max(0.0, float(way @ np.array(normal)) / gap) / (1 + (gap / land.fire.reach_m) ** 2)
    return sky, key, fire


def _bent(points: Sequence[Point], sags_m: Sequence[float]) -> list[Point]:
    """A polygon whose edges hang inward by their sags."""
    out: list[Point] = []
    middle = np.mean(np.array(points), axis=0)
    for i, sag in enumerate(sags_m):
        a, b = np.array(points[i]), np.array(points[(i + 1) % len(points)])
        inward = middle - (a + b) / 2
        inward = inward / max(1e-6, float(np.linalg.norm(inward)))
        for t in np.linspace(0, 1, 9)[:-1]:
            p = a + (b - a) * t + inward * sag * 4 * t * (1 - t)
            out.append((float(p[0]), float(p[1]), float(p[2])))
    return out


def tent_footing(foot: Point) -> tuple[Footing, ...]:
    """Where the tent touches the ground."""
    return (Footing(foot[0] - 0.25, foot[2] + 0.15, 1.05, 0.62), Footing(foot[0] - 1.2, foot[2] + 0.85, 0.85, 0.5))


def paint_tent(land: Land, foot: Point) -> Layer:
    """A ridge tent at `foot` (the middle of its door): the door looks right and to us, the ridge runs back and left."""
    sheet = _Sheet.round(land, foot, 3.2, 1.9)
    across, along = np.array([0.72, 0.0, 0.694]), np.array([-0.694, 0.0, 0.72])

    def at(u: float, v: float, w: float) -> Point:
        x, y, z = np.array(foot) + u * across + w * along + np.array([0.0, v, 0.0])
        return float(x), float(y), float(z)

    lamp = LAMPS[land.light.hour]
    left, right, top = at(-_HALF_M, 0, 0), at(_HALF_M, 0, 0), at(0, _TALL_M, 0)
    back_left, back_top = at(-0.95, 0, _LONG_M), at(0, _TALL_M - 0.10, _LONG_M)
    slope = math.hypot(_HALF_M, _TALL_M)
    out = np.array([-_TALL_M / slope, _HALF_M / slope])
    side_normal = across * out[0] + np.array([0.0, out[1], 0.0])
    sky, key, fire = _facing(
        land, at(-0.5, 0.7, 1.0), (float(side_normal[0]), float(side_normal[1]), float(side_normal[2]))
    )
    panel = [left, top, back_top, back_left]
    along_px, _ = sheet.across(panel, 0, 3)
    up_px, _ = sheet.across(panel, 0, 1)
    folds = (
        f32(0.80)
        + f32(0.35) * np.sin(along_px * f32(9) + up_px * f32(3)) * (f32(0.35) + up_px * f32(0.1))
        + f32(0.18) * sheet.texture
    )
    poles = 1 - f32(0.45) * (np.exp(-(((along_px - f32(0.48)) * f32(22)) ** 2)) + np.exp(-((along_px * f32(26)) ** 2)))
    inner = np.exp(-(((along_px - f32(0.30)) / f32(0.42)) ** 2) - ((up_px - f32(0.22)) / f32(0.55)) ** 2) * poles
    shape = sheet.pixels(_bent(panel, (0.0, 0.05, 0.02, 0.05)))
    sheet.lay(shape, CANVAS, (sky * folds, key * folds, fire * folds), f32(0.42 * lamp) * inner * folds)
    _paint_front(sheet, at, (left, top, right), lamp)
    _paint_fittings(sheet, at, (top, back_top, left, right))
    if land.snow > 0.25:
        white = (SNOW[0], SNOW[1], SNOW[2])
        cap = [at(-0.34, 0.95, 0), at(0, _TALL_M + 0.05, -0.02), back_top, at(-0.36, 0.82, _LONG_M)]
        sheet.lay(
            sheet.pixels(_bent(cap, (0.0, -0.03, 0.0, 0.10))), white, (0.85, key * 0.9 + 0.05, fire), f32(0.05 * lamp)
        )
    return sheet.layer()


def _paint_front(sheet: _Sheet, at: InTent, corners: tuple[Point, Point, Point], lamp: float) -> None:
    """The door's side: two flaps, one tied back, and the lit room behind."""
    land = sheet.land
    left, top, right = corners
    middle = at(0, 0.5, 0)
    sky, key, fire = _facing(land, middle, (0.694, 0.10, -0.713))
    u, _ = sheet.across([left, right], 0, 1)
    v, _ = sheet.across([at(0, 0, 0), top], 0, 1)
    folds = (
        f32(0.86)
        + f32(0.22) * np.sin((u - f32(0.5)) * f32(30) / (f32(1.25) - np.clip(v, 0, 1))) * f32(0.55)
        + f32(0.14) * sheet.texture
    )
    glow = np.exp(-(((u - f32(0.52)) / f32(0.30)) ** 2) - ((v - f32(0.24)) / f32(0.42)) ** 2)
    edge = (
        1
        - f32(0.35) * np.exp(-np.abs(u - f32(0.5) - (1 - v) * f32(0.5)) * 40)
        - f32(0.35) * np.exp(-np.abs(u - f32(0.5) + (1 - v) * f32(0.5)) * 40)
    )
    outline = sheet.pixels(_bent([left, top, right], (0.0, 0.05, 0.0)))
    sheet.lay(outline, CANVAS, (sky * folds, key * folds, fire * folds), f32(0.50 * lamp) * glow * folds * edge)
    room = f32(0.35) + np.exp(-(((u - f32(0.58)) / f32(0.13)) ** 2) - ((v - f32(0.30)) / f32(0.26)) ** 2)
    room *= f32(0.45) + f32(0.55) * smoothstep(v, 0.02, 0.20)
    door, bed, flap, fold = (sheet.pixels([at(*point) for point in shape]) for shape in (_DOOR, _BED, _FLAP, _FOLD))
    sheet.lay(door, (0.16, 0.085, 0.035), (0.25, 0.02, fire * 0.25), f32(1.25 * lamp) * room)
    sheet.lay(bed, (0.10, 0.13, 0.17), (0.25, 0.02, fire * 0.3), f32(0.20 * lamp) * room)
    sheet.lay(flap, (0.52, 0.26, 0.095), (sky, key, fire * 1.15), f32(0.16 * lamp) * folds)
    sheet.lay(fold, (0.40, 0.18, 0.055), (sky * 0.8, key * 0.8, fire * 0.75), f32(0.30 * lamp) * folds)
    sheet.line(at(0.20, 0.60, -0.06), at(0.37, 0.56, -0.06), 0.030, (0.30, 0.22, 0.13), (sky, key, fire))


def _paint_fittings(sheet: _Sheet, at: InTent, corners: tuple[Point, Point, Point, Point]) -> None:
    """Hems, the pole's tip, guy ropes to their pegs."""
    top, back_top, left, right = corners
    hem, rope, lit = (0.50, 0.27, 0.11), (0.46, 0.42, 0.34), (0.8, 0.30, 0.30)
    fire = 0.35 if sheet.land.fire else 0.0
    sheet.line(left, top, 0.035, hem, (0.7, 0.2, fire * 0.6))
    sheet.line(right, top, 0.035, hem, (0.8, 0.3, fire))
    sheet.line(top, back_top, 0.030, hem, (0.9, 0.35, fire * 0.3), sag_m=0.04)
    sheet.line(at(0, _TALL_M - 0.02, 0), at(0, _TALL_M + 0.11, 0), 0.030, (0.20, 0.16, 0.12), lit)
    pegs = (
        (at(0, _TALL_M, 0), at(0.55, 0.0, -1.15)),
        (at(0, _TALL_M - 0.10, _LONG_M), at(-0.3, 0.0, _LONG_M + 1.0)),
        (at(-0.52, 0.64, 0.95), at(-1.62, 0.0, 1.0)),
        (at(0.50, 0.66, 0.1), at(1.55, 0.0, 0.1)),
    )
    for start, peg in pegs:
        sheet.line(start, peg, 0.011, rope, (lit[0], lit[1], fire), sag_m=0.03)
        sheet.line(
            (peg[0], peg[1] + 0.09, peg[2]),
            (peg[0] + 0.02, peg[1] - 0.02, peg[2]),
            0.022,
            (0.22, 0.17, 0.11),
            (0.7, 0.2, fire),
        )


def paint_seat(land: Land, foot: Point) -> Layer:
    """A log to sit on and a backpack at its end: `foot` is the middle of the log."""
    sheet = _Sheet.round(land, foot, 1.5, 0.9)
    x, y, z = foot
    per_m = land.view.project(*foot)[2]
    rows = (
        np.arange(sheet.alpha.shape[0], dtype=f32)[:, None] + f32(sheet.corner[1] - land.view.project(*foot)[1])
    ) / f32(-per_m)
    columns = (
        np.arange(sheet.alpha.shape[1], dtype=f32)[None] + f32(sheet.corner[0] - land.view.project(*foot)[0])
    ) / f32(per_m)
    sky, key, _ = _facing(land, (x, y + 0.15, z), (-0.55, 0.55, -0.3))
    near = (
        f32(1.0)
        if land.fire is None
        else 1 / (1 + (columns + f32(x - land.fire.x_m)) ** 2 / f32(land.fire.reach_m**2)) * f32(2.4)
    )
    bark = fbm(columns * 6 + 20 + rows * 0, rows * 60 + 40, octaves=4)
    round_up = np.clip(rows / f32(0.34), 0, 1)
    tone = (f32(0.35) + f32(0.9) * round_up) * (f32(0.45) + f32(1.1) * bark)
    log = _bent(
        [(x - 0.78, y - 0.02, z), (x - 0.80, y + 0.31, z), (x + 0.74, y + 0.29, z), (x + 0.76, y - 0.02, z)],
        (-0.03, 0.008, -0.05, 0.0),
    )
    sheet.lay(sheet.pixels(log), (0.150, 0.102, 0.068), (sky * tone, key * tone, near * tone * f32(0.30)))
    turn = np.linspace(0, 2 * math.pi, 28)
    for radius, albedo in (
        (1.0, (0.085, 0.058, 0.038)),
        (0.86, (0.30, 0.205, 0.115)),
        (0.52, (0.255, 0.170, 0.092)),
        (0.22, (0.20, 0.13, 0.07)),
    ):
        ring = [(x - 0.795 + 0.055 * radius * math.cos(a), y + 0.148 + 0.160 * radius * math.sin(a), z) for a in turn]
        sheet.lay(sheet.pixels(ring), albedo, (0.6, 0.25, 0.26))
    if land.snow > 0.25:
        heap = [(x - 0.74, y + 0.27, z), (x - 0.70, y + 0.36, z), (x + 0.66, y + 0.34, z), (x + 0.72, y + 0.25, z)]
        sheet.lay(sheet.pixels(_bent(heap, (-0.02, -0.02, -0.02, -0.015))), SNOW, (0.9, key, 0.25 * near))
    _paint_pack(sheet, (x + 0.52, y, z - 0.05), (sky, key, 0.26))
    return sheet.layer()


def _paint_pack(sheet: _Sheet, foot: Point, lit: tuple[float, float, float]) -> None:
    """A backpack on the ground: a rounded sack with a lid, a pocket, two straps and a rolled mat."""
    x, y, z = foot

    def shape(points: Sequence[tuple[float, float]], sag: float) -> np.ndarray:
        return sheet.pixels(_bent([(x + u, y + v, z) for u, v in points], [sag] * len(points)))

    sky, key, fire = lit
    u, _ = sheet.across([(x - 0.22, y, z), (x + 0.22, y, z)], 0, 1)
    side = np.clip(f32(1.25) - u * f32(0.85), 0.25, 1.3)  # its left half looks to the fire
    body, dark, straps = (0.050, 0.105, 0.115), (0.034, 0.070, 0.080), (0.16, 0.10, 0.05)
    light = (sky * side, key * side, fire * side)
    sheet.lay(
        shape([(-0.22, 0.02), (-0.25, 0.28), (-0.17, 0.53), (0.14, 0.54), (0.22, 0.30), (0.22, 0.01)], -0.03),
        body,
        light,
    )
    sheet.lay(shape([(-0.14, 0.04), (-0.15, 0.24), (0.13, 0.25), (0.14, 0.04)], -0.015), dark, light)
    sheet.lay(
        shape([(-0.13, 0.22), (-0.14, 0.27), (0.12, 0.28), (0.12, 0.23)], -0.01),
        body,
        (sky * 1.2 * side, key * side, fire * 1.3 * side),
    )
    sheet.lay(shape([(-0.19, 0.43), (-0.15, 0.57), (0.13, 0.58), (0.19, 0.45), (0.0, 0.40)], -0.015), dark, light)
    for at_x in (-0.085, 0.075):
        sheet.line((x + at_x, y + 0.05, z), (x + at_x - 0.01, y + 0.52, z), 0.024, straps, (sky, key, fire))
    sheet.lay(
        shape([(-0.20, 0.555), (-0.205, 0.655), (0.18, 0.665), (0.185, 0.565)], -0.022), (0.150, 0.115, 0.060), light
    )
    for at_x in (-0.13, 0.12):
        sheet.line((x + at_x, y + 0.55, z), (x + at_x, y + 0.67, z), 0.022, straps, (sky, key, fire))


def paint_lantern(land: Land, foot: Point) -> Layer:
    """A storm lantern on the ground; its flame is lit from dusk to dawn."""
    sheet = _Sheet.round(land, foot, 0.3, 0.5)
    x, y, z = foot
    lamp = LAMPS[land.light.hour]
    sky, key, fire = _facing(land, foot, (0.5, 0.4, -0.7))
    metal, lit = (0.10, 0.085, 0.065), (sky, key, fire)

    def box(u0: float, u1: float, v0: float, v1: float, bulge: float) -> np.ndarray:
        corners = [(x + u0, y + v0, z), (x + u0, y + v1, z), (x + u1, y + v1, z), (x + u1, y + v0, z)]
        return sheet.pixels(_bent(corners, (bulge, 0, bulge, 0)))

    sheet.lay(box(-0.055, 0.055, 0.06, 0.20, -0.014), (0.14, 0.12, 0.10), (sky * 0.5, key * 0.5, fire), 2.2 * lamp)
    sheet.lay(box(-0.018, 0.018, 0.085, 0.15, -0.006), (0.3, 0.2, 0.1), (sky, key, fire), 9.0 * lamp)
    sheet.lay(box(-0.07, 0.07, 0.0, 0.065, 0.0), metal, lit, 0.05 * lamp)
    sheet.lay(box(-0.045, 0.045, 0.195, 0.245, 0.012), metal, lit, 0.10 * lamp)
    for side in (-1, 1):
        sheet.line((x + side * 0.075, y + 0.03, z), (x + side * 0.06, y + 0.23, z), 0.012, metal, lit)
        sheet.line((x + side * 0.06, y + 0.23, z), (x, y + 0.33, z), 0.008, metal, lit)
    return sheet.layer()
