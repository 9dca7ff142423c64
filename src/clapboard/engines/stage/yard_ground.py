"""The yard's ground: paving, lawn and road as one level plate, wet in the rain, and the pond in it.

The plate is a picture of the plane y = 0, so the camera's moves are exact homographies of it.
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba and OpenCV type their numbers more narrowly than numpy's stubs do

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numba import njit

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.kernels import JIT, Canvas, Plane, f32, fast_sin, fbm, hash01, i32, smoothstep
from clapboard.engines.stage.scene import Rgb
from clapboard.engines.stage.yard import HOUSE_BACK_M, HOUSE_Z_M, ROAD_Z_M, WALL_Z_M, Pond
from clapboard.engines.stage.yard_light import LAMP_RGB, STREET_RGB, Yard, pool

_SLAB_M: Final = (0.92, 0.62)
"""Paving slabs: across, away."""
_PAVING: Final[Rgb] = (0.190, 0.178, 0.170)
_GRASS: Final[Rgb] = (0.030, 0.048, 0.020)
_TAR: Final[Rgb] = (0.085, 0.085, 0.090)
_RIM: Final[Rgb] = (0.30, 0.285, 0.27)
_SNOW: Final[Rgb] = (0.72, 0.76, 0.82)


@dataclass(frozen=True, slots=True)
class Ground:
    """Light of the plate [3, h, w] when dry, and what a fully wet one adds; rows of its picture begin at `top_px`."""

    dry: Canvas
    sheen: Canvas
    home: View
    margin_px: int
    top_px: int
    """Row of the home view of the plate's first row."""

    def draw(self, canvas: Canvas, view: View, gain: float, wet: float) -> None:
        """Paint all rows from the horizon down."""
        first = max(0, math.floor(view.horizon_px))
        if first >= view.height_px:
            return
        below = canvas[:, first:]
        light = self._seen(self.dry, view, first)
        np.multiply(light, f32(gain * (1 - 0.50 * wet)), out=below)
        if wet > 0.005:
            below += self._seen(self.sheen, view, first) * f32(wet * gain)

    def _seen(self, plate: Canvas, view: View, first: int) -> Canvas:
        """A plate as this view sees it, from row `first` down."""
        rows = view.height_px - first
        move = np.array([[1, 0, -self.margin_px], [0, 1, self.top_px - first], [0, 0, 1]], float)
        still = view == self.home
        if still and move[1, 2] == 0:
            return plate[:, :rows, self.margin_px : self.margin_px + view.width_px]
        matrix = _homography(self.home, view) @ np.array([[1, 0, -self.margin_px], [0, 1, self.top_px], [0, 0, 1]])
        matrix = np.array([[1, 0, 0], [0, 1, -first], [0, 0, 1]]) @ matrix
        options = {"flags": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_REPLICATE}
        return np.stack([cv2.warpPerspective(plane, matrix, (view.width_px, rows), **options) for plane in plate])


def _homography(home: View, view: View) -> np.ndarray:
    """Pixels of the ground as `home` sees it -> pixels as `view` does (3x3)."""
    return _from_ground(view) @ np.linalg.inv(_from_ground(home))


def _from_ground(view: View) -> np.ndarray:
    """Homogeneous ground point (x, z, 1) -> pixel."""
    f, eye = view.focal_px, view.lens.eye_m + view.y_m
    return np.array(
        [
            [f, view.centre_px, -f * view.x_m - view.centre_px * view.z_m],
            [0, view.horizon_px, f * eye - view.horizon_px * view.z_m],
            [0, 1, -view.z_m],
        ]
    )


def _slabs(x: Plane, z: Plane, foot: Plane, seed: int) -> tuple[Plane, Plane]:
    """Paving: tone of each slab about 1, and how much of a pixel is joint; both fade where a pixel covers much."""
    row = np.floor(z / f32(_SLAB_M[1]))
    along = x / f32(_SLAB_M[0]) + f32(0.5) * np.mod(row, 2) + f32(0.13) * np.sin(row * f32(2.4))
    column = np.floor(along)
    mixed = np.sin(row * f32(127.1) + column * f32(311.7) + f32(seed % 97)) * f32(43758.5)
    tone = f32(0.84) + f32(0.32) * (mixed - np.floor(mixed))
    to_x = np.abs(along - column - f32(0.5)) * f32(_SLAB_M[0])
    to_z = np.abs(z / f32(_SLAB_M[1]) - row - f32(0.5)) * f32(_SLAB_M[1])
    joint_x = np.clip((to_x - f32(_SLAB_M[0] / 2 - 0.012)) / np.maximum(foot * f32(0.3), f32(0.008)) + f32(0.5), 0, 1)
    joint_z = np.clip((to_z - f32(_SLAB_M[1] / 2 - 0.012)) / np.maximum(foot * f32(1.0), f32(0.008)) + f32(0.5), 0, 1)
    fade = f32(0.03) / (f32(0.03) + foot)
    return f32(1) + (tone - 1) * (f32(0.25) + f32(0.75) * fade), np.maximum(joint_x, joint_z) * fade


def paint_ground(yard: Yard, pool_of: Pond, margin_px: tuple[int, int]) -> Ground:
    """The plate of a shot."""
    home, light = yard.home, yard.light
    side, under = margin_px
    top = max(0, math.floor(home.horizon_px))
    rows = np.arange(top, home.height_px + under, dtype=f32)[:, None] + f32(0.5)
    columns = np.arange(-side, home.width_px + side, dtype=f32)[None] + f32(0.5)
    eye = home.lens.eye_m + home.y_m
    away = f32(eye * home.focal_px) / np.maximum(rows - f32(home.horizon_px), f32(0.35))
    z = away + f32(home.z_m)
    x = (columns - f32(home.centre_px)) * away / f32(home.focal_px) + f32(home.x_m)
    foot = away * away / f32(eye * home.focal_px)
    albedo, wet_share = _albedo(yard, pool_of, x, z, foot)
    lit = pool(yard, x, f32(0.0), z, "up")
    shade = _nearness(yard, x, z)
    dry = [a * (f32(sun) * shade + lamp) for a, sun, lamp in zip(albedo, yard.sunlit, lit, strict=True)]
    dry = yard.hazed(dry, away)
    wet = [s * wet_share for s in _sheen(yard, x, away)]
    shown = np.exp(f32(-light.fog_per_m) * away)
    shape = np.broadcast(x, z).shape
    return Ground(
        dry=np.stack([np.broadcast_to(plane, shape).astype(f32) for plane in dry]),
        sheen=np.stack([np.broadcast_to(plane * shown, shape).astype(f32) for plane in wet]),
        home=home,
        margin_px=side,
        top_px=top,
    )


def _albedo(yard: Yard, water: Pond, x: Plane, z: Plane, foot: Plane) -> tuple[list[Plane], Plane]:
    """Colours of the ground [h, w] and how far each point mirrors when wet."""
    seed = yard.scene.seed
    mottled = fbm(x * f32(1.7) + f32(60 + seed % 30), z * f32(1.7) + f32(20), octaves=5)
    tone, joint = _slabs(x, z, foot, seed)
    tone = tone * (f32(0.72) + f32(0.56) * mottled) * (1 - f32(0.62) * joint)
    lawn = smoothstep(z + (mottled - f32(0.5)) * f32(0.5), WALL_Z_M - 0.75, WALL_Z_M - 0.55)
    tar = smoothstep(z, ROAD_Z_M[0] - 0.1, ROAD_Z_M[0] + 0.1) * (1 - smoothstep(z, ROAD_Z_M[1] - 0.1, ROAD_Z_M[1]))
    line = np.clip(1 - np.abs(z - f32(sum(ROAD_Z_M) / 2)) / np.maximum(foot, f32(0.07)), 0, 1) * tar
    dashes = smoothstep(np.abs(np.mod(x, f32(3.0)) - f32(1.5)), 0.70, 0.80)
    distance = np.hypot((x - f32(water.x_m)) / f32(water.rx_m), (z - f32(water.z_m)) / f32(water.rz_m))
    wide = f32(1 + water.rim_m / water.rx_m)
    edge = np.maximum(foot, f32(0.02)) / f32(water.rz_m)
    rim = np.clip((wide - distance) / edge + f32(0.5), 0, 1)
    angle = np.arctan2(z - f32(water.z_m), x - f32(water.x_m))
    stones = np.abs(np.mod(angle * f32(19 / (2 * math.pi)) + f32(0.3) * np.sin(angle * 5), 1) - f32(0.5))
    blocks = (f32(0.80) + f32(0.4) * mottled) * (1 - f32(0.5) * smoothstep(stones, 0.40, 0.5))
    even = mottled + (f32(0.5) - mottled) * (1 - f32(0.05) / (f32(0.05) + foot))  # no grain where pixels cover much
    snow = f32(yard.snow) * smoothstep(even, 0.62 - 0.5 * yard.snow, 0.72 - 0.4 * yard.snow)
    out = []
    for c in range(3):
        value = f32(_PAVING[c]) * tone
        value = value + (f32(_GRASS[c]) * (f32(0.6) + f32(0.8) * mottled) - value) * lawn
        value = value + (f32(_TAR[c]) * (f32(0.9) + f32(0.2) * mottled) - value) * tar
        value = value + f32(0.16) * line * dashes
        value = value + (f32(_SNOW[c]) - value) * snow
        value = value + (f32(_RIM[c]) * blocks * (1 + f32(0.9 * yard.snow)) - value) * rim
        out.append(value)
    mirror = (f32(0.55) + f32(0.9) * smoothstep(mottled, 0.52, 0.40)) * (1 - f32(0.92) * lawn * (1 - tar))
    return out, mirror * (1 - f32(0.7) * rim) * (1 - snow)


def _nearness(yard: Yard, x: Plane, z: Plane) -> Plane:
    """Share of the sky that the ground sees beside the walls."""
    beside = np.maximum(x - f32(yard.corner_x_m), 0)
    before = np.maximum(f32(HOUSE_Z_M) - z, 0)
    house = np.exp(-np.hypot(beside, before) / f32(0.45)) * (1 - smoothstep(z, HOUSE_BACK_M, HOUSE_BACK_M + 1.0))
    wall = np.exp(-np.abs(f32(WALL_Z_M) - z) / f32(0.30))
    return 1 - f32(0.5) * house - f32(0.4) * wall


def _sheen(yard: Yard, x: Plane, away: Plane) -> list[Plane]:
    """What wet ground mirrors: the sky, more at a grazing angle, and the lamps drawn out towards us."""
    slope = f32(yard.home.lens.eye_m) / away
    fresnel = f32(0.10) + f32(0.55) * np.exp(-slope * f32(5.5))
    low = np.exp(-slope * f32(6.0))
    colours = yard.light.colours
    azimuth = (x - f32(yard.home.x_m)) / away
    total = []
    for c in range(3):
        sky = f32(colours.zenith[c] * 0.6 + colours.mid[c] * 0.4)
        total.append((sky + (f32(colours.far[c]) * f32(0.6) - sky) * low) * fresnel)
    lamps = ((yard.door_lamp, LAMP_RGB, 0.060, 1.3), (yard.street_lamp, STREET_RGB, 0.022, 1.0))
    for (lamp_x, lamp_y, lamp_z), rgb, width, power in lamps:
        gleam = np.exp(-(((azimuth - f32(lamp_x / lamp_z)) / f32(width)) ** 2))
        gleam = (
            gleam * np.exp(-np.abs(slope - f32((lamp_y + yard.home.lens.eye_m) / lamp_z)) * f32(7.0)) * (away < lamp_z)
        )
        total = [
            plane + gleam * f32(0.30 * power * yard.lamp * colour) for plane, colour in zip(total, rgb, strict=True)
        ]
    return total


@njit(inline="always", fastmath=True)
def _rings(px: float, z: float, rain: float, t: float) -> float:
    """Rings of raindrops about -1..1: in each cell of two lattices a drop now and then, its ring runs out and dies."""
    total = f32(0)
    for layer in range(2):
        per_m = f32(2.6) + f32(1.5) * f32(layer)
        u = px * per_m + f32(400 + 31 * layer)
        v = z * per_m + f32(40)
        jx = i32(u)
        jz = i32(v)
        beat = t * (f32(1.7) + f32(0.4) * f32(layer)) + hash01(jx, jz) * f32(64)
        turn = i32(beat)
        age = beat - f32(turn)
        jt = i32(turn * i32(131))
        if hash01(i32(jx + jt), i32(jz + i32(77 + layer))) < rain * f32(1.1):
            ox = u - f32(jx) - f32(0.38) - f32(0.24) * hash01(i32(jx + jt), jz)
            oz = v - f32(jz) - f32(0.38) - f32(0.24) * hash01(jx, i32(jz + jt))
            q = (math.sqrt(ox * ox + oz * oz) - age * f32(0.36)) * f32(16)
            total += max(f32(0), f32(1) - q * q * f32(0.20)) * fast_sin(q * f32(1.9) + f32(1.2)) * (f32(1) - age)
    return total


@njit(**JIT)
def _paint_pond(canvas: Any, box: Any, lens: Any, shape: Any, look: Any, t: float) -> None:
    """One oval of water. lens: focal, centre, horizon, eye, camera x, camera z; shape: x, z, rx, rz; look: low rgb,
    high rgb, lamp rgb, lamp azimuth, lamp slope, wind, rain, haze, veil rgb."""
    for y in range(box[0], box[1]):
        below = max(f32(0.3), f32(y) + f32(0.5) - lens[2])
        away = lens[3] * lens[0] / below
        z = away + lens[5]
        foot = away * away / (lens[3] * lens[0])
        dz = (z - shape[1]) / shape[3]
        edge = max(foot, f32(0.012)) / shape[3]
        slope = lens[3] / away
        for x in range(box[2], box[3]):
            azimuth = (f32(x) + f32(0.5) - lens[1]) / lens[0]
            px = azimuth * away + lens[4]
            dx = (px - shape[0]) / shape[2]
            d = math.sqrt(dx * dx + dz * dz)
            cover = min(f32(1), max(f32(0), (f32(1) - d) / edge + f32(0.5)))
            if cover <= f32(0):
                continue
            wave = fast_sin(px * f32(5.1) + z * f32(8.3) + t * f32(1.9))
            wave += f32(0.7) * fast_sin(z * f32(14.7) - px * f32(3.3) + t * f32(2.7) + wave)
            wave += f32(0.4) * fast_sin(z * f32(29.0) + px * f32(11.0) - t * f32(4.1) + wave)
            tilt = wave * (f32(0.010) + f32(0.05) * look[11])
            ring = f32(0)
            if look[12] > f32(0):
                ring = _rings(px, z, look[12], t)
            tilt += ring * f32(0.10)
            e = min(f32(1), max(f32(0), (slope + tilt - f32(0.10)) * f32(2.3)))
            side = (azimuth - look[9]) / (f32(0.011) + f32(0.03) * look[11] + f32(0.02) * look[12])
            along = (slope + tilt * f32(1.5) - look[10]) * f32(24)
            gleam = math.exp(-side * side - along * along)
            shore = f32(1) - f32(0.45) * math.exp((d - f32(1)) * f32(9))
            for c in range(3):
                value = look[c] + (look[3 + c] - look[c]) * e
                value = value * (f32(1) + ring * f32(0.8)) * shore + look[6 + c] * gleam
                value = max(f32(0), value) + (look[14 + c] - value) * look[13]
                canvas[c, y, x] += (value - canvas[c, y, x]) * cover


@dataclass(frozen=True, slots=True)
class Water:
    """The pond's own look, for `draw`."""

    yard: Yard
    pond: Pond

    def draw(self, canvas: Canvas, view: View, t_s: float, stirred: tuple[float, float], flash: Rgb) -> None:
        """Paint the water of a film time over the ground. stirred: wind and rain, 0..1; `flash` lights it."""
        pond, colours = self.pond, self.yard.light.colours
        corners = [
            view.project(pond.x_m + sx * pond.rx_m, 0.0, pond.z_m + sz * pond.rz_m) for sx in (-1, 1) for sz in (-1, 1)
        ]
        columns, rows = [corner[0] for corner in corners], [corner[1] for corner in corners]
        box = np.array(
            [
                max(0, math.floor(min(rows))),
                min(view.height_px, math.ceil(max(rows)) + 1),
                max(0, math.floor(min(columns))),
                min(view.width_px, math.ceil(max(columns)) + 1),
            ]
        )
        lamp_x, lamp_y, lamp_z = self.yard.street_lamp
        eye = view.lens.eye_m + view.y_m
        away = max(1.0, lamp_z - view.z_m)
        low = [0.62 * (0.55 * m + 0.45 * f) for m, f in zip(colours.mid, colours.far, strict=True)]
        high = [0.62 * (0.35 * m + 0.65 * z) for m, z in zip(colours.mid, colours.zenith, strict=True)]
        haze = 1 - math.exp(-self.yard.light.fog_per_m * (pond.z_m - view.z_m))
        look = [
            *(value + 0.5 * more for value, more in zip(low, flash, strict=True)),
            *(value + 0.6 * more for value, more in zip(high, flash, strict=True)),
            *(1.0 * self.yard.lamp * c for c in STREET_RGB),
            *((lamp_x - view.x_m) / away, (lamp_y + eye) / away),
            *(stirred[0], stirred[1], haze),
            *colours.veil,
        ]
        lens = [view.focal_px, view.centre_px, view.horizon_px, eye, view.x_m, view.z_m]
        shape = [pond.x_m, pond.z_m, pond.rx_m, pond.rz_m]
        _paint_pond(canvas, box, np.array(lens, f32), np.array(shape, f32), np.array(look, f32), f32(t_s))
