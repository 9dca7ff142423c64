"""What stands in the yard: the house with its door and lamp, the low wall, and the trees and houses beyond the road."""
# pyright: reportArgumentType=false, reportReturnType=false
# numba types its numbers more narrowly than numpy's stubs do

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from clapboard.engines.stage.cutout import Cutout
from clapboard.engines.stage.kernels import Plane, f32, fbm, smoothstep
from clapboard.engines.stage.raster import ellipse, stroke
from clapboard.engines.stage.scene import Rgb, plus, times
from clapboard.engines.stage.yard import HOUSE_BACK_M, HOUSE_Z_M, WALL_HEIGHT_M, WALL_Z_M, squeeze
from clapboard.engines.stage.yard_light import LAMP_RGB, STREET_RGB, Card, Yard, pool

DOOR_M: Final = (0.90, 2.02)
_BOARD_M: Final = 0.165
_BOARDS: Final[Rgb] = (0.235, 0.245, 0.250)
_TRIM: Final[Rgb] = (0.42, 0.41, 0.39)
_DOOR: Final[Rgb] = (0.205, 0.275, 0.265)
_STONE: Final[Rgb] = (0.150, 0.142, 0.136)
_LEAVES: Final[Rgb] = (0.032, 0.050, 0.022)
_IRON: Final[Rgb] = (0.012, 0.012, 0.014)
_SNOW: Final[Rgb] = (0.72, 0.76, 0.82)


def _rectangle(card: Card, x: tuple[float, float], y: tuple[float, float], z_m: float) -> np.ndarray:
    return card.outline([(x[0], y[0], z_m), (x[1], y[0], z_m), (x[1], y[1], z_m), (x[0], y[1], z_m)])


def _upright(yard: Yard, albedo: Rgb | list[Plane], x: Plane, y: Plane, z_m: float) -> list[Plane]:
    """Light of an upright surface that faces us: half the sky, a share of the key, the lamps."""
    front = {"dawn": 0.12, "day": 0.45, "dusk": 0.10, "night": 0.30}[yard.light.hour]
    lit = pool(yard, x, y, f32(z_m), "front")
    colours = yard.light.colours
    parts = zip(albedo, colours.ambient, colours.key, lit, strict=True)
    return [a * (f32(0.72 * ambient + front * key) + lamp) for a, ambient, key, lamp in parts]


def _face(card: Card, outlines: list[np.ndarray], albedo: Rgb, z_m: float, textured: Plane | None = None) -> None:
    """Paint a plain upright face."""
    found = card.box(outlines)
    if found is None:
        return
    x, y = card.at_depth(found[1], found[2], z_m)
    rgb = _upright(card.yard, albedo, x, y, z_m)
    if textured is not None:
        rgb = [plane * textured for plane in rgb]
    card.put(found, rgb, z_m - card.yard.home.z_m)


def paint_house(yard: Yard, margin_px: tuple[int, int]) -> Cutout:
    """The front wall of boards with the door, and the side that runs back into the dark."""
    card = Card(yard, HOUSE_Z_M, margin_px)
    corner = yard.corner_x_m
    _paint_boards(card, corner)
    _face(card, [_rectangle(card, (corner - 0.10, corner), (0.0, 4.2), HOUSE_Z_M)], _TRIM, HOUSE_Z_M)
    _face(card, [_rectangle(card, (-9.0, corner + 0.01), (0.0, 0.16), HOUSE_Z_M)], _STONE, HOUSE_Z_M)
    _paint_door(card)
    _paint_lantern(card)
    return card.done()


def _paint_boards(card: Card, corner: float) -> None:
    yard = card.yard
    side = card.outline(
        [(corner, 0, HOUSE_Z_M), (corner, 4.2, HOUSE_Z_M), (corner, 4.2, HOUSE_BACK_M), (corner, 0, HOUSE_BACK_M)]
    )
    found = card.box([side])
    if found is not None:
        _paint_side(card, found, corner)
    found = card.box([_rectangle(card, (-9.0, corner), (0.0, 4.2), HOUSE_Z_M)])
    if found is None:
        return
    x, y = card.at_depth(found[1], found[2], HOUSE_Z_M)
    foot = (HOUSE_Z_M - yard.home.z_m) / yard.home.focal_px
    board = np.mod(y, f32(_BOARD_M)) / f32(_BOARD_M)
    gap = smoothstep(board, 0.94 - min(0.5, foot / _BOARD_M), 0.99) * f32(_BOARD_M / (_BOARD_M + 2 * foot))
    number = np.floor(y / f32(_BOARD_M))
    tone = f32(0.93) + f32(0.14) * (np.sin(number * f32(91.7)) * f32(0.5) + f32(0.5))
    grain = fbm(x * f32(2.2) + 50 + number * f32(3.7), y * f32(26) + 30, octaves=3)
    shade = (f32(0.84) + f32(0.16) * board) * tone * (f32(0.88) + f32(0.24) * grain) * (1 - f32(0.55) * gap)
    rgb = [plane * shade for plane in _upright(yard, _BOARDS, x, y, HOUSE_Z_M)]
    card.put(found, rgb, HOUSE_Z_M - yard.home.z_m)


def _paint_side(card: Card, found: tuple[Plane, slice, slice], corner: float) -> None:
    """The side wall in shadow: the same boards, running away from us."""
    home = card.yard.home
    across, up = card.at_depth(found[1], found[2], HOUSE_Z_M)
    away = f32(HOUSE_Z_M - home.z_m)
    farther = f32(corner - home.x_m) / np.minimum(across - f32(home.x_m), f32(-1e-3))  # times as far as the corner
    eye = f32(home.lens.eye_m + home.y_m)
    height = eye + (up - eye) * farther
    foot = float(away) / home.focal_px
    board = np.mod(height, f32(_BOARD_M)) / f32(_BOARD_M)
    gap = smoothstep(board, 0.94 - min(0.5, foot / _BOARD_M), 0.99) * f32(_BOARD_M / (_BOARD_M + 2 * foot))
    shade = f32(0.30) * (f32(0.80) + f32(0.2) * board) * (1 - f32(0.5) * gap) * (f32(1.25) - f32(0.25) * farther)
    ambient = card.yard.light.colours.ambient
    card.put(found, [shade * f32(a * b) for a, b in zip(_BOARDS, ambient, strict=True)], 6.0)


def _paint_door(card: Card) -> None:
    """A frame, a leaf with four panels and a small warm window at the top, a knob."""
    middle, (wide, tall) = card.yard.door_x_m, DOOR_M
    left, right = middle - wide / 2, middle + wide / 2
    _face(card, [_rectangle(card, (left - 0.11, right + 0.11), (0.0, tall + 0.11), HOUSE_Z_M)], _TRIM, HOUSE_Z_M)
    _face(card, [_rectangle(card, (left, right), (0.0, tall), HOUSE_Z_M)], _DOOR, HOUSE_Z_M)
    panels = [(0.16, 0.66), (0.78, 1.34)]
    for low, high in panels:
        for a, b in ((left + 0.11, middle - 0.04), (middle + 0.04, right - 0.11)):
            _face(card, [_rectangle(card, (a, b), (low, high), HOUSE_Z_M)], times(_DOOR, 0.55), HOUSE_Z_M)
            inner = _rectangle(card, (a + 0.025, b - 0.025), (low + 0.025, high - 0.025), HOUSE_Z_M)
            _face(card, [inner], times(_DOOR, 1.12), HOUSE_Z_M)
    for a, b in ((left + 0.12, middle - 0.02), (middle + 0.02, right - 0.12)):
        _paint_pane(card, (a, b), (1.48, 1.84))
    column, row = card.point(right - 0.08, 1.02, HOUSE_Z_M)
    radius = 0.03 * card.yard.home.focal_px / HOUSE_Z_M
    card.put(card.box([ellipse(column, row, radius, radius, 16)]), (0.10, 0.06, 0.02), HOUSE_Z_M)


def _paint_pane(card: Card, x: tuple[float, float], y: tuple[float, float]) -> None:
    """A pane of the door: the hall's light behind a thin curtain that hangs in folds."""
    found = card.box([_rectangle(card, x, y, HOUSE_Z_M)])
    if found is None:
        return
    across, up = card.at_depth(found[1], found[2], HOUSE_Z_M)
    share = (up - f32(y[0])) / f32(y[1] - y[0])
    foot = (HOUSE_Z_M - card.yard.home.z_m) / card.yard.home.focal_px
    deep = 0.08 * max(0.0, 1 - 40 * foot)  # no folds where a pixel is as wide as one
    folds = f32(1 - deep) + f32(deep) * np.sin((across - f32(x[0])) * f32(85) + 2 * np.sin(share * 2))
    level = folds * (f32(0.78) + f32(0.40) * share) * smoothstep(share, -0.25, 0.12)
    yard = card.yard
    glow = times(LAMP_RGB, 1.1 * yard.lamp) if yard.lamp else times(yard.light.colours.ambient, 0.10)
    card.put(found, [level * f32(c) for c in glow], HOUSE_Z_M)


def _paint_lantern(card: Card) -> None:
    x, y, z = card.yard.door_lamp
    unit = card.yard.home.focal_px / z
    column, row = card.point(x, y, z)
    glass = times(LAMP_RGB, 9.0 * card.yard.lamp) if card.yard.lamp else (0.12, 0.12, 0.12)
    body = np.array([(-0.075, 0.10), (0.075, 0.10), (0.055, -0.11), (-0.055, -0.11)]) * [unit, -unit] + [column, row]
    roof = np.array([(-0.11, 0.10), (0.11, 0.10), (0.0, 0.20)]) * [unit, -unit] + [column, row]
    card.put(card.box([body]), glass, z)
    card.put(card.box([roof]), _IRON, z)
    thin = max(0.7, 0.012 * unit)
    for top, foot in ((-0.075, -0.055), (0.0, 0.0), (0.075, 0.055)):
        bar = np.array([(top, 0.10), (foot, -0.11)]) * [unit, -unit] + [column, row]
        card.put(card.box([stroke(bar, thin)]), times(_IRON, 3.0), z)
    plate = np.array([(-0.06, -0.13), (0.06, -0.13), (0.06, -0.10), (-0.06, -0.10)]) * [unit, -unit] + [column, row]
    card.put(card.box([plate]), _IRON, z)


def _stonework(x: Plane, y: Plane, foot: float, seed: int) -> Plane:
    """Courses of rough blocks about 1, darker in the joints and towards the foot."""
    rough = fbm(x * f32(3.4) + f32(80 + seed % 20), y * f32(7.0) + 20, octaves=4, warp=0.6)
    course = y / f32(0.125) + f32(0.35) * (rough - f32(0.5))
    row = np.floor(course)
    along = x / f32(0.36) + f32(0.43) * row + f32(0.22) * np.sin(x * f32(2.1) + row * 3) + f32(0.3) * (rough - f32(0.5))
    mixed = np.sin(np.floor(along) * f32(127.1) + row * f32(311.7)) * f32(43758.5)
    tone = f32(0.75) + f32(0.5) * (mixed - np.floor(mixed))
    side = smoothstep(np.abs(along - np.floor(along) - f32(0.5)), 0.44 - foot, 0.49)
    bed = smoothstep(np.abs(course - row - f32(0.5)), 0.38 - 2 * foot, 0.48)
    joint = np.maximum(side, bed) * f32(min(1.0, 0.012 / foot))
    low = f32(0.66) + f32(0.34) * np.clip(y / f32(WALL_HEIGHT_M), 0, 1)
    return (f32(0.72) + f32(0.56) * rough) * tone * (1 - f32(0.55) * joint) * low


def paint_wall(yard: Yard, margin_px: tuple[int, int]) -> Cutout:
    """The low wall of rough stones, its coping lit by the sky."""
    card = Card(yard, WALL_Z_M, margin_px)
    found = card.box([_rectangle(card, (-14.0, 14.0), (0.0, WALL_HEIGHT_M), WALL_Z_M)])
    if found is not None:
        x, y = card.at_depth(found[1], found[2], WALL_Z_M)
        shade = _stonework(x, y, (WALL_Z_M - yard.home.z_m) / yard.home.focal_px, yard.scene.seed)
        rgb = [plane * shade for plane in _upright(yard, _STONE, x, y, WALL_Z_M)]
        card.put(found, rgb, WALL_Z_M - yard.home.z_m)
    top = WALL_HEIGHT_M
    front = [(-14.0, top - 0.05, WALL_Z_M - 0.04), (14.0, top - 0.05, WALL_Z_M - 0.04)]
    back = [(14.0, top, WALL_Z_M + 0.30), (-14.0, top, WALL_Z_M + 0.30)]
    found = card.box([card.outline(front + back)])
    if found is not None:
        x, y = card.at_depth(found[1], found[2], WALL_Z_M)
        lit = pool(yard, x, f32(top), f32(WALL_Z_M), "up")
        albedo = times(_STONE, 1.25) if yard.snow < 0.15 else _SNOW
        card.put(found, [a * (sun + lamp) for a, sun, lamp in zip(albedo, yard.sunlit, lit, strict=True)], WALL_Z_M)
    k = squeeze(yard.scene)
    for span in ((2.35 * k, 5.2), (-2.6, -0.72 * k)):
        shrubs = _Row(tops_m=(0.30, 0.62), apart_m=0.55, tone=1.1, span_m=span, z_m=WALL_Z_M - 0.4, haze_m=7.6)
        _paint_leaves(card, shrubs)
    return card.done()


_FAR_M: Final = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """A row of leafy heads: height of their tops and how far apart they are, tone, where it stands, in which air."""

    tops_m: tuple[float, float]
    apart_m: float
    tone: float
    span_m: tuple[float, float]
    z_m: float
    haze_m: float


def paint_far(yard: Yard, margin_px: tuple[int, int]) -> Cutout:
    """Round trees, a house and a hedge beyond the road, dark against the sky, and the street lamp before them."""
    card = Card(yard, _FAR_M, margin_px)
    side = 0.95 * card.width_px / yard.home.focal_px * _FAR_M
    span = {"span_m": (-side, side), "z_m": _FAR_M}
    _paint_far_house(card)
    _paint_leaves(card, _Row(tops_m=(1.8, 3.3), apart_m=3.6, tone=1.0, haze_m=45.0, **span))
    _paint_leaves(card, _Row(tops_m=(0.9, 1.5), apart_m=1.5, tone=0.75, haze_m=30.0, **span))
    _paint_street_lamp(card)
    return card.done()


def _far_light(yard: Yard) -> Rgb:
    """Light on far upright things: they stand against the sky, so it is mostly what comes from all round."""
    front = {"dawn": 0.10, "day": 0.50, "dusk": 0.15, "night": 0.35}[yard.light.hour]
    return plus(times(yard.light.colours.ambient, 0.85), yard.light.colours.key, front)


def _paint_leaves(card: Card, row: _Row) -> None:
    """A row of leafy heads: each is a dome, lighter above, its rim broken by leaves."""
    yard = card.yard
    rng = yard.scene.rng("leaves", round(10 * row.apart_m))
    (left, right), apart = row.span_m, row.apart_m
    x = np.linspace(left, right, max(96, card.width_px)).astype(f32)
    middles = np.arange(left + 0.6 * apart, right - 0.3 * apart, apart)
    middles = middles + rng.uniform(-0.35, 0.35, len(middles)) * apart
    tall, wide = rng.uniform(*row.tops_m, len(middles)), apart * rng.uniform(0.65, 1.15, len(middles))
    domes = tall * np.sqrt(np.maximum(0.0, 1 - ((x[:, None] - middles) / wide) ** 2))
    fine = fbm((x - x[0]) * f32(72 / row.z_m) + f32(90), np.full_like(x, 4.5)[None], octaves=4)[0]
    tops = domes.max(1) * (0.90 + 0.20 * fine)
    line = [(float(a), float(b), row.z_m) for a, b in zip(x, tops, strict=True)]
    foot = [(float(a), -min(0.006 * row.z_m, 0.4 * float(b)), row.z_m) for a, b in zip(x, tops, strict=True)]
    found = card.box([card.outline([*line, *reversed(foot)])])
    if found is None:
        return
    across, up = card.at_depth(found[1], found[2], row.z_m)
    fine_px = 0.42 / row.z_m * yard.home.focal_px  # pixels in the noise's first octave
    leaves = fbm(
        (across - x[0]) * f32(93 / row.z_m) + 200, np.maximum(up * f32(126 / row.z_m) + 20, f32(0.1)), octaves=4
    )
    leaves = 1 + (leaves - f32(0.5)) * f32(1.8 * min(1.0, fine_px / 4))
    head = np.interp(across[0], x, tops).astype(f32)[None]
    lit = (f32(0.45) + f32(0.75) * smoothstep(up / np.maximum(head, f32(0.1)), 0.35, 1.0)) * leaves * f32(row.tone)
    snow = f32(0.30 * yard.snow) * smoothstep(up / np.maximum(head, f32(0.1)), 0.45, 1.0)
    rgb = [
        (f32(a) * lit + f32(w) * snow) * f32(sun) for a, w, sun in zip(_LEAVES, _SNOW, _far_light(yard), strict=True)
    ]
    card.put(found, rgb, row.haze_m)


def _paint_far_house(card: Card) -> None:
    """A gable roof with a chimney over a plain wall, two windows with light in them after dark."""
    yard, light = card.yard, _far_light(card.yard)
    x, z = yard.far_chimney[0] - 1.72, _FAR_M
    wall = [(x - 2.4, 0.0, z), (x - 2.4, 2.65, z), (x + 2.9, 2.65, z), (x + 2.9, 0.0, z)]
    roof = [(x - 2.7, 2.55, z), (x - 1.6, 3.9, z), (x + 2.1, 3.9, z), (x + 3.2, 2.55, z)]
    chimney = [(x + 1.5, 3.8, z), (x + 1.5, 4.35, z), (x + 1.95, 4.35, z), (x + 1.95, 3.8, z)]
    tiles = (0.080, 0.062, 0.058) if yard.snow < 0.15 else times(_SNOW, 0.6)
    for outline, albedo in ((wall, (0.125, 0.118, 0.108)), (chimney, (0.085, 0.062, 0.055)), (roof, tiles)):
        card.put(card.box([card.outline(outline)]), times(light, albedo), 55.0)
    glass = times(LAMP_RGB, 0.55 * yard.lamp) if yard.lamp else times(light, 0.06)
    for left in (x - 1.4, x + 1.2):
        card.put(card.box([_rectangle(card, (left, left + 0.5), (2.0, 2.45), z)]), glass, 55.0)


def _paint_street_lamp(card: Card) -> None:
    x, y, z = card.yard.street_lamp
    unit = card.yard.home.focal_px / z
    foot = np.array(card.point(x + 0.55, 0.0, z))
    bend = np.array([(0.0, 0.0), (0.0, 0.6), (0.0, 0.86), (-0.05, 0.96), (-0.16, 1.03), (-0.55 / y, 1.04)])
    post = foot + bend * [unit * y, -unit * y]
    card.put(card.box([stroke(post, np.maximum(0.9, np.array([0.14, 0.09, 0.08, 0.07, 0.06, 0.06]) * unit))]), _IRON, z)
    column, row = card.point(x, y, z)
    glass = times(STREET_RGB, 10.0 * card.yard.lamp) if card.yard.lamp else (0.2, 0.2, 0.2)
    card.put(card.box([ellipse(column, row, max(0.9, 0.17 * unit), max(0.7, 0.09 * unit), 20)]), glass, z)


def lamp_glows(yard: Yard) -> list[tuple[tuple[float, float, float], float, Rgb]]:
    """Where the air glows round a lamp: point, radius in metres, light."""
    if yard.lamp <= 0:
        return []
    thick = 0.10 + min(0.35, 6.0 * yard.light.fog_per_m)
    strength = yard.lamp * thick * math.sqrt(2)
    return [
        (yard.door_lamp, 0.75, times(LAMP_RGB, 1.2 * strength)),
        (yard.street_lamp, 1.9, times(STREET_RGB, strength)),
    ]
