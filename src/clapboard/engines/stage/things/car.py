"""A car on the road behind the wall: it comes with its headlights on, passes and goes; its light runs along the yard.

The action's time is the instant at which it passes the middle of the picture. `onto` "left" or "right" says from where
it comes; else the seed does.
"""
# pyright: reportArgumentType=false
# numba types its numbers more narrowly than numpy's stubs do

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from clapboard import clock
from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.raster import Path, ellipse
from clapboard.engines.stage.scene import Easel, Part, PointLight, Rgb, Scene, Spot, Surface, times
from clapboard.engines.stage.sounding import running
from clapboard.engines.stage.sounds.traffic import PASS_S, PASS_SAMPLE, pass_by
from clapboard.take import Cue, Position, Samples, Source
from clapboard.timeline import Action, Hour, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

SPEED_M_S: Final = 9.0
"""It crosses the wide picture, about 10 m of road and its own length, in 1.6 s."""

_WHEELS_M: Final = (-1.29, 1.31)
_WHEEL_M: Final = 0.31
_HEAD_M: Final = (2.03, 0.64)
_TAIL_M: Final = (-2.06, 0.72)
_HEAD_RGB: Final[Rgb] = (1.0, 0.86, 0.62)
_TAIL_RGB: Final[Rgb] = (1.0, 0.045, 0.020)
_LAMPS: Final[dict[Hour, float]] = {"dawn": 0.75, "day": 0.30, "dusk": 1.0, "night": 1.0}
"""How strong its lamps show: by day dipped ones are on, and seen, but light nothing."""
_PAINTS: Final[tuple[Rgb, ...]] = ((0.42, 0.05, 0.04), (0.09, 0.21, 0.34), (0.50, 0.44, 0.33), (0.10, 0.24, 0.15))
_HEARD_M: Final = 3.0
"""As far as it is heard when it passes; how it swells and falls is in the sound itself."""
_SEEN_M: Final = 16.0
"""Farther than this from the middle it and its beam are out of every picture."""


def _body() -> np.ndarray:
    """A saloon from the side, nose to the right, wheel arches cut by the wheels that are painted over."""
    path = Path().move(-2.08, 0.34).curve(-2.12, 0.55, -2.12, 0.78, -2.06, 0.90)
    path.curve(-1.95, 0.97, -1.70, 0.98, -1.50, 1.00).curve(-1.22, 1.28, -1.02, 1.41, -0.72, 1.435)
    path.curve(-0.30, 1.46, 0.10, 1.46, 0.32, 1.42).curve(0.58, 1.30, 0.78, 1.12, 0.95, 0.99)
    path.curve(1.35, 0.95, 1.80, 0.90, 1.98, 0.80).curve(2.09, 0.70, 2.12, 0.50, 2.09, 0.36)
    return path.curve(1.2, 0.24, -1.2, 0.24, -2.08, 0.34).points()


def _panes() -> list[np.ndarray]:
    """Windows of the near side: rear quarter, rear door, front door."""
    rear = Path().move(-1.34, 1.02).curve(-1.15, 1.22, -1.02, 1.32, -0.84, 1.365).line(-0.80, 1.03)
    middle = Path().move(-0.74, 1.03).line(-0.77, 1.375).line(-0.16, 1.385).line(-0.14, 1.03)
    front = Path().move(-0.07, 1.03).line(-0.09, 1.385).curve(0.10, 1.39, 0.22, 1.37, 0.30, 1.35)
    front.curve(0.50, 1.25, 0.66, 1.12, 0.78, 1.02)
    return [rear.points(), middle.points(), front.points()]


def _driver() -> np.ndarray:
    """Head and shoulders behind the wheel."""
    path = Path().move(0.02, 1.03).curve(0.02, 1.14, 0.06, 1.17, 0.12, 1.19)
    path.curve(0.06, 1.25, 0.08, 1.34, 0.17, 1.34).curve(0.27, 1.34, 0.27, 1.24, 0.22, 1.18)
    return path.curve(0.30, 1.14, 0.36, 1.10, 0.38, 1.03).points()


def _box(left: float, right: float, low: float, high: float) -> np.ndarray:
    return np.array([(left, low), (right, low), (right, high), (left, high)])


def _wheels(radius_m: float) -> list[np.ndarray]:
    return [ellipse(x, _WHEEL_M, radius_m, radius_m, 24) for x in _WHEELS_M]


def _plain(grey: float) -> Surface:
    return Surface(albedo=(grey, grey, grey), rim=0.0)


def _gloss(body: np.ndarray) -> np.ndarray:
    """Light down a car's side, for a shape in pixels: sky on the roof and the shoulder, dark under the belt line."""
    top, bottom = float(body[:, 1].min()), float(body[:, 1].max())
    first, last = max(0, math.floor(top) - 1), math.ceil(bottom) + 2
    down = (np.arange(first, max(last, first + 1)) + 0.5 - top) / max(1.0, bottom - top)
    light = np.interp(down, *_SIDE_LIGHT).astype(np.float32)
    return np.repeat(light[:, None], math.ceil(float(np.ptp(body[:, 0]))) + 4, 1)


_SIDE_LIGHT: Final = ((0.0, 0.30, 0.38, 0.46, 0.60, 0.72, 1.0), (1.25, 1.05, 1.25, 0.95, 0.72, 0.55, 0.28))
"""Share of a car's height from the roof down, and the light there."""
_BODY: Final = _body()
_CHROME: Final = np.array([(-2.06, 0.66), (2.02, 0.60), (2.02, 0.575), (-2.06, 0.635)])
_SEAMS: Final = [
    *(_box(x, x + 0.012, 0.36, 1.0) for x in (-0.78, -0.10, 0.86)),
    *(_box(x, x + 0.14, 0.835, 0.86) for x in (-0.70, -0.02)),
]
_DRIVER: Final = _driver()
_PANES: Final = _panes()


@dataclass(frozen=True, slots=True)
class _Pass:
    """One passing: when it is in the middle, and which way it goes (+1 to the right)."""

    middle_s: float
    way: float

    def x_m(self, t_s: float) -> float:
        """Where its middle is along the road."""
        return self.way * SPEED_M_S * (t_s - self.middle_s)


class _Car:
    """The drawing; pure in time."""

    def __init__(self, spot: Spot, paint_rgb: Rgb, lamps: float, passes: Sequence[_Pass]) -> None:
        self.spot, self.rgb, self.lamps, self.passes = spot, paint_rgb, lamps, passes

    def seen(self, t_s: float) -> list[tuple[_Pass, float]]:
        """The passings of a film time and where they are."""
        places = [(one, self.spot.x_m + one.x_m(t_s)) for one in self.passes]
        return [(one, x) for one, x in places if abs(x - self.spot.x_m) < _SEEN_M]

    def lights(self, t_s: float) -> tuple[PointLight, ...]:
        """The pool of light before the car, as a lamp for whatever stands near the road."""
        found = []
        for one, x in self.seen(t_s):
            reach = 1 - abs(x - self.spot.x_m) / _SEEN_M
            rgb = times(_HEAD_RGB, 2.2 * self.lamps * reach)
            x_m = x + one.way * (_HEAD_M[0] + 1.8)
            found.append(PointLight(x_m=x_m, y_m=self.spot.y_m + 0.5, z_m=self.spot.z_m, rgb=rgb, reach_m=1.5))
        return tuple(found)

    def paint(self, easel: Easel, t_s: float) -> None:
        """Light on the road, the car, its lamps and their beam."""
        for one, x in self.seen(t_s):
            foot = (x, self.spot.y_m, self.spot.z_m)
            self._road(easel, foot, one.way)
            own = self.lights(t_s)
            others = tuple(point for point in easel.light.points if point not in own)
            lit = Easel(easel.canvas, easel.view, replace(easel.light, points=others), easel.behind)
            self._car(lit, foot, one.way)
            self._lamps_on(easel, foot, one.way)

    def _at(self, easel: Easel, foot: tuple[float, float, float], shape: np.ndarray, way: float) -> np.ndarray:
        return easel.outline(np.asarray(shape) * [way, 1.0], foot, self.spot.scale)

    def _road(self, easel: Easel, foot: tuple[float, float, float], way: float) -> None:
        """A long pool of light on the asphalt beyond the car's nose, and the car's own shadow under it."""
        x, y, z = foot
        shown, unit = easel.haze(z), self.spot.scale
        for ahead_m, away_m, half_m, power in ((2.6, 0.3, 1.5, 0.55), (4.6, 1.0, 2.6, 0.40), (7.2, 1.8, 3.6, 0.20)):
            column, row, per_m = easel.project(x + way * (_HEAD_M[0] + ahead_m) * unit, y, z + away_m)
            tilt = (easel.view.lens.eye_m + easel.view.y_m - y) / max(0.5, z + away_m - easel.view.z_m)
            half_row = max(1.0, half_m * per_m * tilt * 1.3)
            rgb = times(_HEAD_RGB, power * self.lamps * shown)
            spots = Spots(x=column, y=row, radius_x=half_m * per_m * unit, radius_y=half_row, rgb=rgb)
            add_glows(easel.canvas, spots)

    def _car(self, easel: Easel, foot: tuple[float, float, float], way: float) -> None:
        body = self._at(easel, foot, _BODY, way)
        easel.shape([body], Surface(albedo=self.rgb, rim=0.45, rim_px=1.8, texture=_gloss(body)), foot[2])
        glass = Surface(albedo=(0.05, 0.06, 0.08), rim=0.0, emission=times(easel.light.ambient, 0.22))
        self._fill(easel, foot, way, _PANES, glass)
        self._fill(easel, foot, way, _wheels(_WHEEL_M), _plain(0.012))
        if easel.unit > 0.3:  # smaller pictures do not show these
            self._fill(easel, foot, way, [_CHROME], _plain(0.30))
            self._fill(easel, foot, way, _SEAMS, _plain(0.015))
            self._fill(easel, foot, way, [_DRIVER], _plain(0.010))
            for radius_m, grey in ((0.20, 0.10), (0.17, 0.24), (0.06, 0.08)):
                self._fill(easel, foot, way, _wheels(radius_m), _plain(grey))

    def _fill(
        self,
        easel: Easel,
        foot: tuple[float, float, float],
        way: float,
        shapes: Sequence[np.ndarray],
        surface: Surface,
    ) -> None:
        easel.shape([self._at(easel, foot, shape, way) for shape in shapes], surface, foot[2])

    def _lamps_on(self, easel: Easel, foot: tuple[float, float, float], way: float) -> None:
        """The lamps themselves, their flare, and the beam in the air."""
        shown, unit = easel.haze(foot[2]), self.spot.scale
        murk = 1 + 60.0 * easel.light.fog_per_m
        rows: list[tuple[float, float, float, float, Rgb]] = []
        per_m = easel.project(*foot)[2] * unit
        head = self._at(easel, foot, np.array([_HEAD_M]), way)[0]
        tail = self._at(easel, foot, np.array([_TAIL_M]), way)[0]
        lamps = self.lamps * (0.5 + 0.5 * shown)
        rows.append((head[0], head[1], 0.16 * per_m, 0.16 * per_m, times(_HEAD_RGB, 7.0 * lamps)))
        rows.append((head[0], head[1], 0.42 * per_m, 0.38 * per_m, times(_HEAD_RGB, 0.9 * lamps)))
        rows.append((head[0], head[1], 1.30 * per_m, 0.95 * per_m, times(_HEAD_RGB, 0.16 * lamps)))
        rows.append((tail[0], tail[1], 0.13 * per_m, 0.15 * per_m, times(_TAIL_RGB, 3.5 * lamps)))
        rows.append((tail[0], tail[1], 0.55 * per_m, 0.45 * per_m, times(_TAIL_RGB, 0.30 * lamps)))
        for step in range(7):
            ahead_m = 0.5 + 0.62 * step
            column, row = self._at(easel, foot, np.array([(_HEAD_M[0] + ahead_m, _HEAD_M[1] - 0.035 * ahead_m)]), way)[
                0
            ]
            rgb = times(_HEAD_RGB, 0.17 * lamps * murk * math.exp(-0.42 * ahead_m))
            rows.append((column, row, 0.75 * per_m, (0.16 + 0.075 * ahead_m) * per_m, rgb))
        x, y, rx, ry, rgb = zip(*rows, strict=True)
        add_glows(easel.canvas, Spots(x=x, y=y, radius_x=np.maximum(rx, 1.1), radius_y=np.maximum(ry, 1.1), rgb=rgb))


class _Thing:
    words = ThingWords(
        name="car",
        words=("car", "automobile", "vehicle", "passing car"),
        doings={
            "pass": DoingWords(
                words=("pass", "pass by", "drive", "drive by", "drive past", "go by", "cross", "speed"),
                duration_s=1.6,
                every_s=2.5,
                sides=True,
            )
        },
        places={"yard": ("road",)},
        usual="pass",
        material="metal",
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """See `Thing.block`."""
        spot = scene.spot(member, self.words)
        rng = scene.rng("car", member.id)
        paint_rgb = _PAINTS[int(rng.integers(len(_PAINTS)))]
        passes: list[_Pass] = []
        cues: list[Cue] = []
        sources: list[tuple[Stem, Source]] = []
        for number, action in enumerate(actions):
            chosen = {"left": 1.0, "right": -1.0}.get(action.onto or "", float(rng.choice([-1.0, 1.0])))
            one = _Pass(scene.action_s(action), chosen)
            cue = scene.cue("car passes", member.id, one.middle_s, force=action.force)
            passes.append(one)
            cues.append(cue)
            sources.append((Stem.EFFECTS, _sound(cue, one, spot, scene, number)))
        car = _Car(spot, paint_rgb, _LAMPS[scene.hour], passes)
        return Part(
            who=member.id,
            thing="car",
            depth_m=spot.z_m,
            paint=car.paint,
            cues=tuple(cues),
            sources=tuple(sources),
            lights=car.lights,
            layer="road",
        )


def _sound(cue: Cue, one: _Pass, spot: Spot, scene: Scene, number: int) -> Source:
    """The passing, cut to the shot; it moves from side to side, and is as near as a microphone at the kerb hears it."""
    whole = pass_by(SPEED_M_S, scene.sound_seed + number, cue.force)
    first = cue.heard_sample - PASS_SAMPLE
    begin_s = float(clock.sample_time(first))
    span_s = max(scene.start_s, begin_s), min(scene.end_s, begin_s + 2 * PASS_S)

    def render(a: int, b: int) -> Samples:
        return whole[None, a - first : b - first]

    moving = scene.position(lambda t_s: (spot.x_m + one.x_m(t_s), spot.y_m, spot.z_m))
    return running(cue.label, render, span_s, position=_at_kerb(moving), gain_db=10.0, room=scene.room)


def _at_kerb(moving: Position) -> Position:
    def place(t_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        azimuth, _ = moving(t_s)
        return azimuth, np.full(len(t_s), _HEARD_M)

    return place


THING = _Thing()
