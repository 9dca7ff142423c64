"""A city out of focus behind a window: towers in depth, lit windows as bokeh, a street that mirrors them, traffic.

    city = City(scene, look, half_size_px)
    picture = city.paint(view, t_s)          # [3, h / 2, w / 2]

It is painted at half the size of the frame: it is never sharp. Coordinates are frame heights at zoom 1 from the point
straight ahead on the horizon: x right, y up. The city is far, so it only turns and zooms with the camera.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from clapboard.engines.stage.camera import Plate, View, union_margin
from clapboard.engines.stage.glow import Spots, add_bokeh, add_glows, blur
from clapboard.engines.stage.kernels import Canvas, Plane, f32, fbm, smoothstep
from clapboard.engines.stage.scene import Rgb

LAMPS: dict[str, Rgb] = {
    "warm": (1.0, 0.48, 0.15),
    "sodium": (1.0, 0.36, 0.06),
    "white": (0.95, 0.80, 0.55),
    "cool": (0.42, 0.66, 1.0),
    "magenta": (1.0, 0.12, 0.45),
    "cyan": (0.12, 0.75, 1.0),
    "red": (1.0, 0.06, 0.03),
    "green": (0.12, 1.0, 0.4),
    "amber": (1.0, 0.62, 0.12),
}
"""Linear light of street lamps, rooms and neon; judged by eye on the reference still."""
_FACADES: tuple[Rgb, ...] = (
    (0.36, 0.20, 0.15),
    (0.42, 0.36, 0.30),
    (0.30, 0.31, 0.34),
    (0.22, 0.27, 0.34),
    (0.46, 0.40, 0.33),
    (0.27, 0.21, 0.20),
)
_PX = 1 / 720  # sizes are measured in pixels at 720 lines
_HALF_WIDTH = 1.9  # of the city in frame heights: the widest frame and a full pan stay inside it
_LAYERS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class CityLook:
    """The light of one hour and weather, all linear."""

    sky_top: Rgb
    sky_low: Rgb
    cloud: Rgb
    clouds: float = 0.3
    glow: Rgb
    glow_x: float
    sun: Rgb
    shade: Rgb
    haze: Rgb
    haze_near: float
    """Share of haze over the nearest layer of towers; the farthest is nearly all haze when this is high."""
    haze_far: float
    lit: float
    """Share of the usual windows that are lit."""
    lamps: float
    """Gain of every lamp."""
    wet: float = 0.0
    snow: float = 0.0
    leaves: Rgb = (0.10, 0.17, 0.06)
    bare: bool = False
    focus_px: float = 5.0
    """Blur of walls and sky at 720 lines."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tower:
    left: float
    right: float
    top: float
    layer: int
    facade: Rgb
    kind: str
    pitch: tuple[float, float]


class _Grid:
    """Pixels of the plate and their city coordinates."""

    def __init__(self, home: View, margin_px: tuple[int, int]) -> None:
        self.width = home.width_px + 2 * margin_px[0]
        self.height = home.height_px + 2 * margin_px[1]
        self.per_height = home.height_px * home.zoom
        self.column0 = home.centre_px + margin_px[0]
        self.row0 = home.horizon_px + margin_px[1]
        self.x = ((np.arange(self.width, dtype=f32) - f32(self.column0)) / f32(self.per_height))[None]
        self.y = ((f32(self.row0) - np.arange(self.height, dtype=f32)) / f32(self.per_height))[:, None]

    def column(self, x: float) -> int:
        return round(min(self.width, max(0.0, self.column0 + x * self.per_height)))

    def row(self, y: float) -> int:
        return round(min(self.height, max(0.0, self.row0 - y * self.per_height)))

    def spots(self, lights: NDArray[np.float64]) -> Spots:
        """Lights [n, 6] (x, y, radius, r, g, b) in pixels."""
        radius = lights[:, 2] * self.per_height
        column, row = self.column0 + lights[:, 0] * self.per_height, self.row0 - lights[:, 1] * self.per_height
        return Spots(x=column, y=row, radius_x=radius, radius_y=radius, rgb=lights[:, 3:6])


def _mix(a: Rgb, b: Rgb, share: float) -> Rgb:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def _towers(rng: np.random.Generator) -> list[_Tower]:
    """Four depths of towers, far ones narrow and tall; sizes as on the reference still."""
    towers = []
    for layer in range(_LAYERS):
        x = -_HALF_WIDTH
        while x < _HALF_WIDTH:
            width = rng.uniform(46, 120) * _PX * (1 + 0.35 * layer)
            top = rng.uniform(0.10, 0.52 - 0.05 * layer) * (1.05 if rng.random() < 0.2 else 0.8)
            pitch = (11 + 6 * layer) * _PX
            towers.append(
                _Tower(
                    left=x,
                    right=x + width,
                    top=top,
                    layer=layer,
                    facade=_FACADES[rng.integers(len(_FACADES))],
                    kind=str(rng.choice(["off", "homes", "office", "dark"], p=[0.15, 0.45, 0.25, 0.15])),
                    pitch=(pitch * rng.uniform(0.9, 1.3), pitch * rng.uniform(1.1, 1.7)),
                )
            )
            x += width * rng.uniform(0.86, 1.25)
    return towers


def _sky(grid: _Grid, look: CityLook, rng: np.random.Generator) -> Canvas:
    rise = np.clip(1 - grid.y / 0.62, 0, 1)  # 1 at the horizon, 0 at the top of a wide frame
    u, v = grid.x * 2.6 + 40 + rng.uniform(0, 20), grid.y * 4.4 + 20
    billow = fbm(u, v, octaves=5, warp=1.6)
    cover = smoothstep(billow, 0.62 - 0.34 * look.clouds, 0.86 - 0.22 * look.clouds)
    sun = np.exp(-(((grid.x - look.glow_x) / 0.75) ** 2) - (grid.y / 0.26) ** 2)
    sky = np.empty((3, grid.height, grid.width), f32)
    for c in range(3):
        clear = look.sky_top[c] + (look.sky_low[c] - look.sky_top[c]) * rise**2.4
        edge = 0.75 + 0.5 * (billow - 0.5) * 2
        cloud = look.cloud[c] * edge * (0.7 + 0.3 * rise) + look.glow[c] * sun * 0.35
        sky[c] = clear + (cloud - clear) * cover * (0.35 + 0.6 * look.clouds) + look.glow[c] * sun
    return sky


def _wall(canvas: Canvas, sky: Canvas, grid: _Grid, tower: _Tower, look: CityLook, rng: np.random.Generator) -> None:
    """One tower: two faces, rows of dark panes, haze of the sky's colour by distance, a pale top when it has snowed."""
    left, right, top, foot = grid.column(tower.left), grid.column(tower.right), grid.row(tower.top), grid.row(-0.012)
    if right <= left or foot <= top:
        return
    near = tower.layer / (_LAYERS - 1)
    haze = look.haze_far + (look.haze_near - look.haze_far) * near
    corner = tower.left + (tower.right - tower.left) * rng.uniform(0.2, 0.8)
    x, y = grid.x[:, left:right], grid.y[top:foot]
    sunny = (x > corner) == (look.glow_x > 0)
    column_pitch, row_pitch = tower.pitch
    pane = ((x - tower.left) / column_pitch % 1 > 0.42) & ((tower.top - y) / row_pitch % 1 > 0.45)
    sky_in_pane = np.clip((y - tower.top * 0.3) / max(0.05, tower.top), 0, 1)
    for c in range(3):
        light = look.shade[c] + look.sun[c] * np.where(sunny, 1.0, 0.12)
        wall = tower.facade[c] * light
        glass = 0.30 * wall + 0.16 * look.sky_low[c] * sky_in_pane
        value = np.where(pane & (tower.kind != "dark"), glass, wall) * (0.75 + 0.25 * sky_in_pane)
        ground_haze = haze + (1 - haze) * 0.35 * look.haze_far * np.exp(-y / 0.08)
        air = 0.45 * look.haze[c] + 0.55 * sky[c, top:foot, left:right]
        value = value + (air - value) * ground_haze
        if look.snow:
            roof = smoothstep(y, tower.top - 9 * _PX, tower.top - 3 * _PX)
            value = value + (look.haze[c] * 1.15 - value) * roof * look.snow * 0.8
        canvas[c, top:foot, left:right] = value


def _trees(canvas: Canvas, grid: _Grid, look: CityLook, rng: np.random.Generator) -> None:
    """Street trees before the nearest towers: ragged crowns that break the line of the kerb."""
    for x in np.sort(rng.uniform(-_HALF_WIDTH, _HALF_WIDTH, 34)):
        tall, wide = rng.uniform(0.055, 0.125), rng.uniform(0.045, 0.085)
        left, right = grid.column(x - wide), grid.column(x + wide)
        top, foot = grid.row(tall * 1.15), grid.row(-0.012)
        if right - left < 2 or foot - top < 2:
            continue
        dx, y = (grid.x[:, left:right] - f32(x)) / f32(wide), grid.y[top:foot]
        crown = 1 - dx**2 - ((y - 0.62 * tall) / (0.45 * tall)) ** 2
        leaves = fbm(grid.x[:, left:right] * 90 + 300, grid.y[top:foot] * 90 + 90, octaves=3)
        alpha = smoothstep(crown + (leaves - 0.5) * 1.6, 0.0, 0.5) * (0.35 if look.bare else 0.92)
        trunk = (np.abs(dx) < 0.05) & (y < 0.5 * tall)
        alpha = np.maximum(alpha, trunk * 0.9)
        high = np.clip((y - 0.3 * tall) / tall, 0, 1) * leaves * 2
        for c in range(3):
            value = look.leaves[c] * (look.shade[c] * (0.6 + 0.5 * high) + look.sun[c] * high * 0.8)
            value = value + (look.haze[c] - value) * look.haze_near * 0.9
            if look.snow:
                value = value + (look.haze[c] * 1.1 - value) * np.clip(high * 0.8, 0, 0.7) * look.snow
            box = canvas[c, top:foot, left:right]
            box += (value - box) * alpha


def _soften_kerb(canvas: Canvas, grid: _Grid) -> None:
    """Blur the seam between towers and street: it is as far out of focus as the rest."""
    reach = max(2, round(9 * _PX * grid.per_height))
    first = grid.row(0.0)
    low, high = max(0, first - 3 * reach), min(grid.height, first + 3 * reach)
    share = np.exp(-(((np.arange(low, high, dtype=f32) - first) / reach) ** 2))[:, None]
    for plane in canvas:
        band = plane[low:high]
        if band.size:
            band += (cv2.GaussianBlur(band, (0, 0), reach * 0.6) - band) * share


def _window_lights(towers: list[_Tower], look: CityLook, rng: np.random.Generator) -> NDArray[np.float64]:
    """Lit rooms as [n, 6] lights."""
    rows = []
    names = ["warm", "white", "cool", "sodium"]
    for tower in towers:
        if tower.kind == "dark":
            continue
        column_pitch, row_pitch = tower.pitch
        shares = [0.2, 0.5, 0.28, 0.02] if tower.kind == "office" else [0.52, 0.24, 0.14, 0.10]
        for y in np.arange(tower.top - row_pitch, 0.5 * row_pitch, -row_pitch):
            floor_on = rng.random() < 0.8
            chance = {"homes": 0.30, "office": 0.5 if floor_on else 0.05, "off": 0.07}[tower.kind] * look.lit
            for x in np.arange(tower.left + column_pitch * 0.7, tower.right - column_pitch * 0.4, column_pitch):
                if rng.random() < chance:
                    gain = rng.uniform(0.06, 0.42) * (1 + 0.25 * tower.layer) * look.lamps
                    radius = (4.0 + 2.1 * tower.layer) * _PX * rng.uniform(0.9, 1.15)
                    rows.append((x, y, radius, *(gain * np.array(LAMPS[rng.choice(names, p=shares)]))))
    return np.array(rows, float).reshape(-1, 6)


def _street_lights(look: CityLook, rng: np.random.Generator) -> NDArray[np.float64]:
    """Neon, street lamps and shop fronts as [n, 6] lights: the large hot discs."""
    rows = []

    def put(count: int, span: tuple[float, float, float, float], names: list[str], gain: tuple[float, float]) -> None:
        low, high, small, large = span
        for i in range(count):
            x = ((i + rng.uniform(0.05, 0.95)) / count * 2 - 1) * _HALF_WIDTH
            rgb = rng.uniform(*gain) * look.lamps * np.array(LAMPS[rng.choice(names)])
            rows.append((x, rng.uniform(low, high), rng.uniform(small, large) * _PX, *rgb))

    put(56, (-0.01, 0.20, 7, 15), list(LAMPS), (0.45, 1.25))
    put(28, (0.05, 0.12, 15, 21), ["sodium", "warm", "amber"], (0.8, 1.35))
    put(20, (-0.03, 0.0, 16, 27), ["magenta", "cyan", "cool", "green", "red", "amber"], (0.45, 1.1))
    return np.array(rows)


def _street(canvas: Canvas, above: Canvas, grid: _Grid, look: CityLook, rng: np.random.Generator) -> None:
    """All below the horizon: asphalt, and when wet the towers of the picture `above`, stretched and broken in it."""
    k = grid.per_height * _PX
    first = grid.row(0.0)
    count = grid.height - first
    if count < 2 or first < 2:
        return
    drop = np.arange(count, dtype=f32)[:, None]
    columns = np.arange(grid.width, dtype=f32)[None]
    u, v = grid.x * 10 + 30, grid.y[first:] * -34 + 4 + rng.uniform(0, 9)
    ripple = fbm(u, v, octaves=4)
    source_y = np.clip(first - 2 - drop * 1.15 - (ripple - 0.5) * (26 * k + drop * 0.3) * 1.2, 0, first - 1)
    source_x = columns + (ripple - 0.5) * (10 * k + drop * 0.16)
    maps = (source_x.astype(f32), source_y.astype(f32))
    puddle = 0.42 + 0.9 * np.clip((ripple - 0.3) * 2, 0, 1)
    away = drop / max(1, count)
    depth = np.minimum(grid.y[first:], -0.004)
    dash = ((grid.x / -depth * 0.9) % 1 < 0.55) & (np.abs(depth + 0.058) < 0.004)
    walk = (depth > -0.020) | (depth < -0.165)
    paint = cv2.GaussianBlur((1 + 1.1 * walk + 1.6 * dash).astype(f32), (0, 0), max(0.6, 4 * k))
    for c in range(3):
        towers = np.ascontiguousarray(above[c, :first])
        long = cv2.remap(cv2.GaussianBlur(towers, (0, 0), sigmaX=5 * k, sigmaY=42 * k), *maps, cv2.INTER_LINEAR)
        short = cv2.remap(cv2.GaussianBlur(towers, (0, 0), sigmaX=3 * k, sigmaY=9 * k), *maps, cv2.INTER_LINEAR)
        mirror = (long * 0.62 + short * 0.20) * puddle * (1 - 0.35 * away)
        lit = look.shade[c] + 0.5 * look.sun[c]
        asphalt = (0.15 * lit * paint + 0.5 * look.snow * lit * 0.9) * (0.85 + 0.3 * ripple)
        asphalt = asphalt + (look.haze[c] - asphalt) * look.haze_near * np.exp(-away * 2.2)
        canvas[c, first:] = asphalt * (1 - 0.5 * look.wet) + mirror * (0.16 + 0.84 * look.wet)


@dataclass(frozen=True, slots=True)
class _Traffic:
    """Cars: where they are at time 0, which way, how fast (frame heights a second) and how near (their lane)."""

    start: NDArray[np.float64]
    way: NDArray[np.float64]
    speed: NDArray[np.float64]
    lane: NDArray[np.float64]
    body: NDArray[np.float64]


def _traffic(rng: np.random.Generator, slow: float) -> _Traffic:
    count = 30
    lane = rng.uniform(0, 0.075, count)
    speed = rng.uniform(0.06, 0.12, count) * (1 - 0.4 * slow) * (0.7 + 6 * lane)
    way = np.where(lane > 0.035, 1.0, -1.0)
    body = np.array(_FACADES)[rng.integers(len(_FACADES), size=count)] * rng.uniform(0.3, 1.6, (count, 1))
    return _Traffic(rng.uniform(0, 1, count), way, speed, lane, body)


class City:
    """A city for one shot. `paint` is pure and may be called from several threads."""

    def __init__(self, view: Callable[[float], View], times_s: NDArray[np.float64], look: CityLook, seed: int) -> None:
        rng = np.random.default_rng([seed, 311])
        views = [half_view(view(float(t))) for t in times_s]
        self.look = look
        self._home = views[0]
        self._margin = union_margin(views, math.inf)
        self._grid = grid = _Grid(self._home, self._margin)
        towers = _towers(rng)
        sky = _sky(grid, look, rng)
        canvas = sky.copy()
        for tower in towers:
            _wall(canvas, sky, grid, tower, look, rng)
        _trees(canvas, grid, look, rng)
        canvas = blur(canvas, look.focus_px * _PX * grid.per_height)
        street = _street_lights(look, rng)
        lights = np.concatenate([_window_lights(towers, look, rng), street])
        lit = canvas.copy()
        add_bokeh(lit, grid.spots(lights))
        _street(canvas, lit, grid, look, rng)
        _soften_kerb(canvas, grid)
        add_bokeh(canvas, grid.spots(lights))
        self.plate = Plate(canvas, None, self._home, math.inf, self._margin)
        self._cars = _traffic(rng, max(look.snow, look.wet * 0.5))
        signs = street[street[:, 1] > street[:, 2]]
        self._blinks = signs[rng.permutation(len(signs))[:14]]
        self._blink_phase = rng.uniform(0, 1, (14, 2))
        self._crossings = rng.uniform(-_HALF_WIDTH, _HALF_WIDTH, 7)
        self._masts = np.array(
            [((t.left + t.right) / 2, t.top + 8 * _PX) for t in towers if t.layer < 2 and t.top > 0.33]
        )
        self._mast_phase = rng.uniform(0, 1, len(self._masts))

    def paint(self, view: View, t_s: float, flash: float = 0.0) -> Canvas:
        """The city at film time `t_s` for a frame of `view`'s size, at half that size. `flash` adds far lightning."""
        half = half_view(view)
        canvas = np.empty((3, half.height_px, half.width_px), f32)
        self.plate.draw(canvas, half)
        grid = _Grid(half, (0, 0))
        if flash > 0:
            glow = np.clip(grid.y / 0.5 + 0.25, 0, 1) * f32(flash)
            for plane, level in zip(canvas, (0.24, 0.29, 0.44), strict=True):
                plane += glow * f32(level) * (f32(0.35) + plane)
        self._drive(canvas, grid, t_s)
        discs = [*self._signals(t_s), *self._sky_lights(t_s), *self._neon(t_s)]
        add_bokeh(canvas, grid.spots(np.array(discs)))
        return canvas

    def above_roofs(self, half: View) -> Plane:
        """Share of the open sky at each height of a half-size picture: 0 among the towers, 1 above them; [h, 1]."""
        return smoothstep(_Grid(half, (0, 0)).y, 0.08, 0.30)

    def _drive(self, canvas: Canvas, grid: _Grid, t_s: float) -> None:
        """Cars with their lamps, and the lamps' streaks on the wet street."""
        cars, look = self._cars, self.look
        x = ((cars.start + cars.way * cars.speed * t_s / (2 * _HALF_WIDTH)) % 1 * 2 - 1) * _HALF_WIDTH
        y = -(0.012 + cars.lane)
        size = (8 + 95 * cars.lane) * _PX
        k = grid.per_height
        daylight = max(look.shade)
        if daylight > 0.08:
            lit = np.array(look.shade) + 0.5 * np.array(look.sun)
            change = (cars.body * lit - 0.11 * lit * (1 - 0.5 * look.wet) - np.array(look.haze) * 0.25) * 0.9
            change = np.maximum(change, -0.5 * np.array(look.haze) * (0.2 + look.haze_near))
            body = Spots(
                x=grid.column0 + x * k,
                y=grid.row0 - y * k,
                radius_x=size * 3.0 * k,
                radius_y=size * 1.3 * k,
                rgb=change,
            )
            add_glows(canvas, body)
            np.maximum(canvas, 0, out=canvas)
        ahead = np.array([LAMPS["white"] if way < 0 else LAMPS["red"] for way in cars.way])
        gain = np.where(cars.way < 0, 0.95, 0.55) * (0.25 + 0.75 * min(1.0, look.lamps))
        rgb = ahead * gain[:, None]
        lights = []
        for side in (-1, 1):
            lights.append(np.column_stack([x + side * size * 0.9, y, size * 0.9, rgb]))
        add_bokeh(canvas, grid.spots(np.concatenate(lights)))
        streak = Spots(
            x=grid.column0 + x * k,
            y=grid.row0 - (y - size * 2.2) * k,
            radius_x=size * 1.5 * k,
            radius_y=size * 5.0 * k,
            rgb=rgb * 0.11 * (0.15 + 0.85 * look.wet),
        )
        add_glows(canvas, streak)

    def _signals(self, t_s: float) -> list[NDArray[np.float64]]:
        """Traffic lights: green 9 s, amber 2 s, red 8 s, each crossing with its own offset."""
        discs = []
        for i, x in enumerate(self._crossings):
            phase = (t_s + i * 5.3) % 19
            name = "green" if phase < 9 else "amber" if phase < 11 else "red"
            discs.append(np.array([x, 0.022, 11 * _PX, *(np.array(LAMPS[name]) * 0.9 * max(0.35, self.look.lamps))]))
        return discs

    def _sky_lights(self, t_s: float) -> list[NDArray[np.float64]]:
        """Red masts that breathe, and one aircraft that crosses and blinks."""
        gain = max(0.15, self.look.lamps)
        discs = []
        for (x, y), phase in zip(self._masts, self._mast_phase, strict=True):
            pulse = max(0.0, math.sin(2 * math.pi * (t_s / 2.6 + phase))) ** 2
            discs.append(np.array([x, y, 3.6 * _PX, *(np.array(LAMPS["red"]) * 0.55 * pulse * gain)]))
        way = (t_s / 95 + 0.31) % 1
        x, y = (way * 2 - 1) * _HALF_WIDTH, 0.40 + 0.10 * way
        strobe = 1.0 if (t_s % 1.3) < 0.09 else 0.0
        discs.append(np.array([x, y, 3.2 * _PX, *(np.array([0.9, 0.95, 1.0]) * gain * (0.08 + 0.9 * strobe))]))
        return discs

    def _neon(self, t_s: float) -> list[NDArray[np.float64]]:
        """A few signs whose light swells or stutters on top of the painted one."""
        discs = []
        for light, (phase, rate) in zip(self._blinks, self._blink_phase, strict=True):
            swell = 0.5 + 0.5 * math.sin(2 * math.pi * (t_s * (0.12 + 0.3 * rate) + phase))
            if rate > 0.85:
                swell = 1.0 if math.sin(t_s * 23 + phase * 9) + math.sin(t_s * 7.3) > -0.6 else 0.1
            discs.append(np.array([*light[:3], *(light[3:6] * 0.55 * (swell - 0.35))]))
        return discs


def half_view(view: View) -> View:
    """The same view for a picture of half the size."""
    return replace(view, width_px=max(2, view.width_px // 2), height_px=max(2, view.height_px // 2))


def far_flakes(canvas: Canvas, view: View, t_s: float, snow: float, wind: float) -> None:
    """Falling flakes out of focus between the window and the city, on a half-size picture."""
    rng = np.random.default_rng(57)
    count = int(420 * snow)
    depth = rng.uniform(2.0, 13.0, count)
    fall_m_s = rng.uniform(0.55, 0.95, count)
    start, turn = rng.uniform(0, 1, (2, count)), rng.uniform(0, 6.28, (2, count))
    wide_m = 1.4 * view.width_px / view.focal_px * depth + 1.0
    tall_m = 1.4 * view.height_px / view.focal_px * depth + 1.0
    sway_m = 0.10 * np.sin(t_s * (0.8 + fall_m_s) + turn[0])
    x_m = (start[0] * wide_m + (0.2 + 1.6 * wind) * t_s + sway_m) % wide_m - wide_m / 2
    y_m = (start[1] * tall_m - fall_m_s * t_s) % tall_m - 0.45 * tall_m
    per_m = view.focal_px / np.maximum(0.5, depth - view.z_m)
    size = 0.010 * per_m + 3.2 * view.height_px * _PX * (1 + 5 / depth) * view.zoom
    air = canvas[:, : view.height_px // 2].mean((1, 2))
    light = (0.55 + 0.45 * np.sin(turn[1]) ** 2) * np.minimum(1, 6 / depth)
    rgb = (air * np.array([1.15, 1.2, 1.3]) + 0.055)[None] * light[:, None] * (1 - 0.55 * min(1.0, air.mean()))
    column, row = view.centre_px + (x_m - view.x_m) * per_m, view.horizon_px - y_m * per_m
    add_glows(canvas, Spots(x=column, y=row, radius_x=size, radius_y=size, rgb=rgb))
