"""Rain on a pane as events: drops that strike, grow and go, and drops that run down in fits and starts.

All of it is decided once for the shot, from the rain curve; the state at any instant then follows without stepping:

    rain = PaneRain(pane, rain_curve, start_s, end_s, seed)
    drops = rain.drops(t_s)       # x, y, radius (metres on the pane) ... of every drop that is there
    runs = rain.runs(t_s)         # the wiped tracks behind the running drops

Numbers of drops a square metre, sizes and speeds were measured on the reference still and on slow films of real panes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clapboard.engines.stage.curves import Curve

Column = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """Standing drops of one size: how many in a downpour, radius (least + gamma, pixels at 720 lines), their life."""

    per_m2: float
    least_px: float
    gamma: float
    gamma_px: float
    life_s: tuple[float, float]
    sag: tuple[float, float]
    grow_s: tuple[float, float]
    steep: float
    """How much sooner this size goes when the rain thins."""


_KINDS = (
    _Kind(
        per_m2=1500, least_px=0.7, gamma=1.3, gamma_px=0.62, life_s=(7, 22), sag=(0, 0.2), grow_s=(0.1, 0.15), steep=1.0
    ),
    _Kind(
        per_m2=165,
        least_px=3.0,
        gamma=1.6,
        gamma_px=1.15,
        life_s=(12, 34),
        sag=(0.05, 0.45),
        grow_s=(0.4, 3),
        steep=1.1,
    ),
    _Kind(per_m2=24, least_px=6.6, gamma=3.0, gamma_px=1.1, life_s=(16, 44), sag=(0.3, 0.9), grow_s=(4, 14), steep=1.3),
)
_PX_M = 1 / 540  # one pixel at 720 lines is this much of the pane in the reference framing
_RUNS_PER_S_M2 = 0.62
_PATH_KNOTS = 72
_TRACK_FADE_S = 9.0
_LONGEST_LIFE_S = 46.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Pane:
    """The glass in its own metres: x right from `left_m`, y up from the sill."""

    left_m: float
    right_m: float
    top_m: float

    @property
    def area_m2(self) -> float:
        """Its area."""
        return (self.right_m - self.left_m) * self.top_m


@dataclass(frozen=True, slots=True)
class Drops:
    """Drops at one instant, small ones first: centre and radius in metres, sag 0..1, lumpiness, its phase, opacity."""

    x: Column
    y: Column
    radius: Column
    sag: Column
    lump: Column
    phase: Column
    alpha: Column


@dataclass(frozen=True, slots=True)
class Tracks:
    """Wiped tracks at one instant, [runs, knots] from top to bottom: centre, half width (metres), clearness 0..1."""

    x: Column
    y: Column
    half_width: Column
    clear: Column


@dataclass(frozen=True, slots=True)
class _Events:
    """Standing drops sorted by birth."""

    birth_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    wiped_s: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    radius: NDArray[np.float64]
    sag: NDArray[np.float64]
    grow_s: NDArray[np.float64]
    phase: NDArray[np.float64]

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "_Events":
        return _Events(*(getattr(self, name)[index] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class _Runs:
    """Running drops: the time, place and radius at each knot of their paths, [runs, knots]."""

    t_s: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    radius: NDArray[np.float64]


def _standing(pane: Pane, rain: Curve, span_s: tuple[float, float], rng: np.random.Generator) -> _Events:
    """Drops of three sizes, each living for a while and then coming back elsewhere; fewer are born in less rain."""
    start_s, end_s = span_s
    parts: list[list[NDArray[np.float64]]] = []
    for kind in _KINDS:
        count = int(kind.per_m2 * pane.area_m2)
        life_s = rng.uniform(*kind.life_s, count)
        first_s = start_s - rng.uniform(0, 1, count) * life_s
        for turn in range(int((end_s - start_s) / kind.life_s[0]) + 2):
            birth_s = first_s + turn * life_s
            life = life_s[birth_s < end_s]
            birth_s = birth_s[birth_s < end_s]
            size = len(birth_s)
            wet = np.clip(rain(birth_s), 0, 1)
            born = rng.random(size) < np.minimum(1.0, (0.30 + 0.9 * wet) * np.minimum(1, wet * 12)) ** kind.steep
            spread = rng.gamma(kind.gamma, kind.gamma_px, size)
            columns = [
                *(birth_s, birth_s + life, np.full(size, np.inf)),
                *(rng.uniform(pane.left_m, pane.right_m, size), rng.uniform(0, pane.top_m, size)),
                *((kind.least_px + spread) * _PX_M, rng.uniform(*kind.sag, size), rng.uniform(*kind.grow_s, size)),
                rng.uniform(0, 6.28, size),
            ]
            parts.append([column[born] for column in columns])
    return _Events(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _running(pane: Pane, rain: Curve, span_s: tuple[float, float], rng: np.random.Generator) -> _Runs:
    """Paths of running drops: dashes and halts, speeding up as they swallow what they meet, wandering sideways."""
    start_s, end_s = span_s[0] - 16.0, span_s[1]
    count = rng.poisson(_RUNS_PER_S_M2 * pane.area_m2 * (end_s - start_s))
    begin = np.sort(rng.uniform(start_s, end_s, count))
    begin = begin[rng.random(count) < np.clip(rain(begin), 0, 1) ** 1.2]
    count = len(begin)
    radius = rng.uniform(5.0, 8.8, count)[:, None] * _PX_M
    top = rng.uniform(0.25, 1.0, count)[:, None] * pane.top_m
    bottom = np.maximum(-0.01, top - rng.uniform(0.22, 1.1, count)[:, None] * pane.top_m)
    share = np.linspace(0, 1, _PATH_KNOTS)[None]
    y = top + (bottom - top) * share
    haste = rng.lognormal(0, 0.55, (count, _PATH_KNOTS))
    haste = (haste + np.roll(haste, 1, 1) + np.roll(haste, 2, 1)) / 3
    speed = (0.06 + 0.34 * share) * haste * (radius / (7 * _PX_M))
    halt = np.where(rng.random((count, _PATH_KNOTS)) < 0.09, rng.gamma(1.4, 0.45, (count, _PATH_KNOTS)), 0.0)
    spent = (top - bottom) / _PATH_KNOTS / speed + halt
    t_s = begin[:, None] + np.cumsum(spent, 1) - spent[:, :1]
    turn = rng.uniform(0, 6.28, (count, 4, 1))
    fall = (top - y) / _PX_M
    x = rng.uniform(pane.left_m + 0.03, pane.right_m - 0.03, count)[:, None] + _PX_M * (
        13 * np.sin(fall * 0.013 + turn[:, 0])
        + 4 * np.sin(fall * 0.041 + turn[:, 1])
        + 1.3 * np.sin(fall * 0.11 + turn[:, 2])
    )
    return _Runs(t_s, x, y, radius * (0.8 + 0.35 * share))


def _beads(runs: _Runs, rng: np.random.Generator) -> _Events:
    """Small drops that a running one leaves on its track."""
    count, knots = runs.x.shape
    keep = rng.random((count, knots)) < 0.5
    share = np.broadcast_to(np.linspace(0, 1, knots)[None], keep.shape)[keep]
    size = int(keep.sum())
    birth = runs.t_s[keep] + 0.08
    radius = rng.uniform(0.9, 3.0, size) * _PX_M * (0.5 + 0.5 * share)
    x = runs.x[keep] + rng.normal(0, 0.22, size) * runs.radius[keep]
    y = runs.y[keep] + rng.uniform(-0.004, 0.004, size)
    none = np.full(size, np.inf)
    life = rng.uniform(5, 15, size)
    sag, grow = rng.uniform(0.1, 0.4, size), np.full(size, 0.15)
    return _Events(birth, birth + life, none, x, y, radius, sag, grow, rng.uniform(0, 6.28, size))


def _resting(runs: _Runs, rng: np.random.Generator) -> _Events:
    """Running drops that stopped above the sill stay there as standing ones."""
    stopped = runs.y[:, -1] > 0.01
    birth, size = runs.t_s[stopped, -1], int(stopped.sum())
    none, at_once = np.full(size, np.inf), np.full(size, 1e-3)
    life, sag = rng.uniform(9, 26, size), np.full(size, 0.75)
    x, y, radius = runs.x[stopped, -1], runs.y[stopped, -1], runs.radius[stopped, -1]
    return _Events(birth, birth + life, none, x, y, radius, sag, at_once, 1.3 * np.flatnonzero(stopped).astype(float))


def _wipe(events: _Events, runs: _Runs) -> None:
    """Note on every standing drop when the first run after its birth swallows it."""
    for t_s, x, y, radius in zip(runs.t_s, runs.x, runs.y, runs.radius, strict=True):
        first = np.searchsorted(events.birth_s, t_s[0] - _LONGEST_LIFE_S)
        last = np.searchsorted(events.birth_s, t_s[-1])
        part = slice(int(first), int(last))
        when = np.interp(-events.y[part], -y, t_s)
        reach = np.interp(-events.y[part], -y, radius) * 0.95 + events.radius[part] * 0.6
        met = (np.abs(events.x[part] - np.interp(-events.y[part], -y, x)) < reach) & (
            events.birth_s[part] < when - 0.03
        )
        met &= (events.y[part] <= y[0] + radius[0]) & (events.y[part] >= y[-1] - radius[-1])
        events.wiped_s[part] = np.where(met, np.minimum(events.wiped_s[part], when), events.wiped_s[part])


class PaneRain:
    """The drops of one shot on one pane."""

    def __init__(self, pane: Pane, rain: Curve, span_s: tuple[float, float], seed: int) -> None:
        rng = np.random.default_rng([seed, 977])
        standing = _standing(pane, rain, span_s, rng)
        self._runs = _running(pane, rain, span_s, rng)
        beads = _beads(self._runs, rng)
        both = _Events(*(np.concatenate([getattr(standing, name), getattr(beads, name)]) for name in _Events.__slots__))
        self._events = both.take(np.argsort(both.birth_s, kind="stable"))
        _wipe(self._events, self._runs)

    def drops(self, t_s: float) -> Drops:
        """All drops of film time `t_s`."""
        first, last = np.searchsorted(self._events.birth_s, [t_s - _LONGEST_LIFE_S, t_s])
        near = self._events.take(slice(int(first), int(last)))
        near = near.take((near.end_s > t_s) & (near.wiped_s > t_s))
        age, left = t_s - near.birth_s, near.end_s - t_s
        grown = (0.45 + 0.55 * (1 - np.exp(-age / near.grow_s))) * np.minimum(1, left / 2.5) ** 0.4
        radius = near.radius * grown
        lump = np.full(len(radius), 0.11)
        alpha = np.minimum(1, age / 0.05 + 0.3) * np.minimum(1, left / 0.6)
        moving = self._moving(t_s)
        columns = [near.x, near.y, radius, near.sag, lump, near.phase, alpha]
        columns = [np.concatenate([a, b]) for a, b in zip(columns, moving, strict=True)]
        order = np.argsort(columns[2], kind="stable")
        return Drops(*(np.ascontiguousarray(column[order], np.float32) for column in columns))

    def _moving(self, t_s: float) -> list[NDArray[np.float64]]:
        runs = self._runs
        gather_s = 1.6
        stays_s = np.where(runs.y[:, -1] > 0.01, 0.08, 1.2)  # a stopped one is taken over by a standing one
        live = np.flatnonzero((runs.t_s[:, 0] - gather_s < t_s) & (runs.t_s[:, -1] + stays_s > t_s))
        rows = []
        for i in live:
            x = np.interp(t_s, runs.t_s[i], runs.x[i])
            y = np.interp(t_s, runs.t_s[i], runs.y[i])
            before = np.interp(t_s - 0.04, runs.t_s[i], runs.y[i])
            gathered = min(1.0, max(0.0, (t_s - runs.t_s[i, 0]) / gather_s + 1)) ** 0.5
            left = min(1.0, max(0.0, (runs.t_s[i, -1] + 1.2 - t_s) / 1.2)) if y < 0.01 else 1.0
            radius = np.interp(t_s, runs.t_s[i], runs.radius[i]) * (0.35 + 0.65 * gathered) * (0.4 + 0.6 * left)
            stretch = min(1.25, 0.75 + (before - y) / 0.02 * 0.5)
            rows.append((x, y, radius, stretch, 0.05, i * 1.3, 1.0 if y >= 0.01 else left))
        return list(np.array(rows, float).reshape(-1, 7).T)

    def tracks(self, t_s: float) -> Tracks:
        """Tracks that are still clear of mist at film time `t_s`."""
        runs = self._runs
        live = (runs.t_s[:, 0] < t_s) & (runs.t_s[:, -1] + 3 * _TRACK_FADE_S > t_s)
        when, x, y, radius = runs.t_s[live], runs.x[live], runs.y[live], runs.radius[live]
        age = t_s - when
        clear = np.where(age > 0, 0.85 * np.exp(-age / _TRACK_FADE_S), 0.0)
        ramp = np.linspace(0.25, 1, when.shape[1])[None] ** 0.6
        # the last knot passed is moved down to the drop itself, so that the track never lags behind it
        y_now = np.array([np.interp(t_s, a, b) for a, b in zip(when, y, strict=True)]).reshape(-1, 1)
        x_now = np.array([np.interp(t_s, a, b) for a, b in zip(when, x, strict=True)]).reshape(-1, 1)
        ahead = age <= 0
        y, x = np.where(ahead, y_now, y), np.where(ahead, x_now, x)
        first = ahead & ~np.roll(ahead, 1, 1)
        clear = np.where(first, 0.85, clear)
        columns = (x, y, radius * 0.72, clear * ramp)
        return Tracks(*(np.ascontiguousarray(column, np.float32) for column in columns))
