"""Rain: every drop that falls near is heard alone, the rest is a wash.

The curve is read as an intensity in mm/h, and drops follow it as in nature: their sizes are exponential with a mean
that grows with intensity (Marshall and Palmer 1948), they fall at terminal speed (Atlas, Srivastava and Sekhon 1973),
and what they strike decides how each one sounds. So a drizzle is few, small, bright taps, a downpour many large, dull
ones.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clapboard.engines.stage.curves import Curve
from clapboard.engines.stage.sounds.grains import (
    Bank,
    Events,
    Grain,
    bank,
    bubble,
    burst,
    poisson_times,
    ringing,
    strew,
    tail_of,
    tick,
)
from clapboard.engines.stage.sounds.grid import CELL, HOP, Dice, Render, frame_times, on_grid
from clapboard.engines.stage.sounds.spectra import Magnitudes, db, noise_piece, spectrum
from clapboard.take import Samples

_CLASS_EDGES_MM = np.array([1.2, 2.0, 3.0])
_CLASS_MM = (0.9, 1.6, 2.5, 4.0)
_VARIANTS = 10
_MOST_DROPS_HZ = 1500.0
"""Above this many a second, single drops are no longer told apart (seen on spectrograms); cost stays flat."""

_FULL_MM_H = 80.0  # level 1 is a cloudburst
_LARGEST_MM = 5.5  # larger drops break up
_LOUDEST = 4.0  # a drop beside the ear does not break the bed apart


@dataclass(frozen=True, kw_only=True, slots=True)
class Surface:
    """What the rain falls on, and from where it is heard.

    `light` and `heavy` are the wash of a drizzle and of a downpour; `drop(rng, size_mm)` is one drop's sound.
    """

    name: str
    light: Magnitudes
    heavy: Magnitudes
    drop: Callable[[np.random.Generator, float], Grain]
    patch_m2: float
    smallest_mm: float
    drop_db: float
    wash_db: float
    gain_db: float
    """Brings level 0.6 to -30 LUFS (measured)."""


def intensity_mm_h(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rain of a curve's value: 0.1 is a drizzle of 0.5 mm/h, 0.3 rain of 6, 0.6 heavy rain of 26, 1 a cloudburst."""
    return _FULL_MM_H * np.clip(level, 0.0, 1.0) ** 2.2


def drops_per_s(mm_h: NDArray[np.float64], smallest_mm: float, patch_m2: float) -> NDArray[np.float64]:
    """Drops over a size that land on a patch in a second."""
    slope_per_mm = _slope_per_mm(mm_h)
    speed_m_s = 9.65 - 10.3 * np.exp(-0.6 * (smallest_mm + 1 / slope_per_mm))
    per_m3 = 8000.0 / slope_per_mm * np.exp(-slope_per_mm * smallest_mm)
    return patch_m2 * per_m3 * speed_m_s * np.minimum(1.0, mm_h / 0.05)


def _slope_per_mm(mm_h: NDArray[np.float64]) -> NDArray[np.float64]:
    return 4.1 * np.maximum(mm_h, 0.05) ** -0.21


def rain(level: Curve, seed: int, surface: Surface) -> Render:
    """A bed of rain whose `level` (0 none .. 1 cloudburst) sets the number, sizes and wash of its drops."""
    dice = Dice(seed, surface.name)
    drops = _drop_bank(surface, dice)
    tail = tail_of(drops)
    light_db, heavy_db = (np.log(np.maximum(shape, 1e-6)) for shape in (surface.light, surface.heavy))

    def piece(cell: int) -> Samples:
        rng, t_s = dice.rng(cell), frame_times(cell)
        # Rain comes in sheets: a few seconds of more, a few of less.
        now = np.clip(level(t_s) * (1 + 0.1 * dice.drift(t_s, 0.3) + 0.04 * dice.drift(t_s, 1.7, 1)), 0.0, 1.0)
        mm_h = intensity_mm_h(now)
        weight = now[:, None].astype(np.float32)
        wash = np.exp(light_db * (1 - weight) + heavy_db * weight, dtype=np.float32)
        wash *= (db(surface.wash_db) * (mm_h / _FULL_MM_H) ** 0.45)[:, None].astype(np.float32)
        out = np.zeros((2, CELL + tail), np.float32)
        out[:, : CELL + HOP] = noise_piece(rng, wash)
        strew(out, drops, _falling(rng, mm_h, surface))
        out *= np.float32(db(surface.gain_db))
        return out

    return on_grid(piece)


def _drop_bank(surface: Surface, dice: Dice) -> Bank:
    rng = dice.rng(-(2**20))
    return bank([surface.drop(rng, size_mm) for size_mm in _CLASS_MM for _ in range(_VARIANTS)])


def _falling(rng: np.random.Generator, mm_h: NDArray[np.float64], surface: Surface) -> Events:
    falling_hz = drops_per_s(mm_h, surface.smallest_mm, surface.patch_m2)
    heard_hz = np.minimum(_MOST_DROPS_HZ, falling_hz)
    at = poisson_times(rng, heard_hz)
    count = len(at)
    mean_mm = 1 / _slope_per_mm(mm_h)[at // HOP]
    size_mm = np.minimum(surface.smallest_mm + rng.exponential(1.0, count) * mean_mm, _LARGEST_MM)
    kind = np.digitize(size_mm, _CLASS_EDGES_MM)
    near = 1 / (0.6 + 2.4 * np.sqrt(rng.random(count)))  # evenly over a round patch, falling with distance
    loud = (size_mm / 2) ** 2 * near
    loud = _LOUDEST * (1 - np.exp(-loud / _LOUDEST)) * rng.choice([-1.0, 1.0], count)  # signs: pressure must not add up
    left_out = np.sqrt(falling_hz / np.maximum(heard_hz, 1e-9))  # their power is lent to those that are played
    gain = db(surface.drop_db) * loud * left_out[at // HOP]
    return Events(at, kind * _VARIANTS + rng.integers(0, _VARIANTS, count), gain, rng.uniform(-1, 1, count))


def _on_glass(rng: np.random.Generator, size_mm: float) -> Grain:
    # A pane is struck for about size / speed: larger drops excite lower modes, and the pane's own boom.
    lowest_hz = 1700 / size_mm**0.8 * rng.uniform(0.8, 1.3)
    small = tick(rng, lowest_hz, 5.5 * lowest_hz, 0.0028)
    boom = ringing(np.exp(rng.uniform(4.6, 6.3, 2)), np.array([0.008, 0.012]), np.full(2, 0.07 * size_mm / 2))
    edge = burst(rng, 0.0006, [(1500, -20), (5000, 0), (9000, -6), (18000, -24)])
    boom[: len(small)] += small[: len(boom)] / np.abs(small).max()
    boom[: len(edge)] += 0.35 * edge / np.abs(edge).max()
    return boom


def _on_roof(rng: np.random.Generator, size_mm: float) -> Grain:
    knock = tick(rng, 260 / size_mm**0.4, 1500 / size_mm**0.4, 0.011)
    slap = burst(rng, 0.0025, [(300, -12), (1200, 0), (3000, -8), (9000, -30)])
    knock[: len(slap)] += 0.6 * slap[: len(knock)] * np.abs(knock).max() / np.abs(slap).max()
    return knock


def _on_water(rng: np.random.Generator, size_mm: float) -> Grain:
    # Small drops trap bubbles near 14 kHz (Pumphrey and Crum 1989); larger ones trap larger bubbles and splash.
    radius_mm = rng.uniform(0.2, 0.32) if size_mm < 1.2 else rng.uniform(0.35, 0.45) * size_mm * rng.uniform(0.7, 1.8)
    body = bubble(radius_mm, rng.uniform(0.02, 0.14))
    hit = burst(rng, 0.0006, [(1500, -18), (5000, 0), (12000, -3)])
    out = np.zeros(max(len(body), len(hit) + 1) + 200, np.float32)
    out[: len(hit)] += 0.35 * hit / np.abs(hit).max()
    begin = int(rng.uniform(40, 180))  # the bubble pinches off a few ms after the drop touches
    out[begin : begin + len(body)] += body[: len(out) - begin]
    return out


def _on_leaves(rng: np.random.Generator, size_mm: float) -> Grain:
    center_hz = rng.uniform(1400, 3600) / size_mm**0.6
    curve = [(center_hz / 4, -24), (center_hz, 0), (2.2 * center_hz, -5), (8 * center_hz, -24)]
    return burst(rng, 0.0035 * rng.uniform(0.7, 1.6), curve)


def _on_canvas(rng: np.random.Generator, size_mm: float) -> Grain:
    hz = rng.uniform(150, 330, 3) * np.array([1.0, 1.6, 2.3]) / size_mm**0.25  # a slack membrane
    drum = ringing(hz, np.array([0.011, 0.008, 0.006]), np.array([1.0, 0.6, 0.4]))
    slap = burst(rng, 0.0022, [(400, -14), (1500, 0), (3500, -8), (9000, -26)])
    drum[: len(slap)] += 1.1 * slap[: len(drum)] * np.abs(drum).max() / np.abs(slap).max()
    return drum


def _on_ground(rng: np.random.Generator, size_mm: float) -> Grain:
    if rng.random() < 0.3:
        return _on_water(rng, size_mm)  # a puddle
    center_hz = rng.uniform(2200, 5500) / size_mm**0.4
    return burst(rng, 0.0014 * size_mm**0.5, [(center_hz / 5, -26), (center_hz, 0), (3 * center_hz, -10), (20000, -30)])


GLASS = Surface(
    name="rain_on_glass",
    light=spectrum((40, -22), (120, -6), (350, -6), (900, -20), (2500, -38), (8000, -52), (18000, -70)),
    heavy=spectrum((40, -14), (120, 0), (300, 0), (900, -12), (2500, -28), (8000, -44), (18000, -64)),
    drop=_on_glass,
    patch_m2=0.9,
    smallest_mm=1.3,
    drop_db=-9.0,
    wash_db=-7.0,
    gain_db=-13.8,
)
ROOF = Surface(
    name="rain_on_roof",
    light=spectrum((40, -26), (150, -10), (500, -4), (1200, -10), (3000, -24), (8000, -44), (18000, -64)),
    heavy=spectrum((40, -14), (150, -2), (450, 0), (1200, -7), (3000, -19), (8000, -38), (18000, -60)),
    drop=_on_roof,
    patch_m2=1.1,
    smallest_mm=1.2,
    drop_db=-9.0,
    wash_db=-8.0,
    gain_db=-17.6,
)
WATER = Surface(
    name="rain_on_water",
    light=spectrum((60, -50), (500, -36), (2000, -22), (6000, -8), (13000, 0), (17000, -6), (21000, -24)),
    heavy=spectrum((60, -30), (400, -14), (1500, -6), (5000, 0), (12000, -2), (17000, -10), (21000, -26)),
    drop=_on_water,
    patch_m2=0.6,
    smallest_mm=1.0,
    drop_db=-9.0,
    wash_db=-16.0,
    gain_db=-17.4,
)
LEAVES = Surface(
    name="rain_on_leaves",
    light=spectrum((60, -46), (300, -28), (1200, -10), (3500, 0), (7000, -6), (14000, -20), (20000, -34)),
    heavy=spectrum((60, -26), (250, -14), (900, -3), (2600, 0), (6000, -6), (14000, -18), (20000, -32)),
    drop=_on_leaves,
    patch_m2=0.8,
    smallest_mm=1.1,
    drop_db=-9.0,
    wash_db=-15.0,
    gain_db=-15.9,
)
CANVAS = Surface(
    name="rain_on_canvas",
    light=spectrum((40, -30), (140, -12), (350, -4), (1200, -6), (3000, -16), (8000, -34), (18000, -54)),
    heavy=spectrum((40, -16), (140, -3), (350, 0), (1100, -4), (3000, -14), (8000, -32), (18000, -52)),
    drop=_on_canvas,
    patch_m2=0.9,
    smallest_mm=1.1,
    drop_db=-9.0,
    wash_db=-9.0,
    gain_db=-14.9,
)
OPEN = Surface(
    name="rain_open",
    light=spectrum((60, -44), (300, -26), (1500, -10), (5000, 0), (9000, -3), (15000, -12), (20000, -26)),
    heavy=spectrum((60, -22), (250, -11), (900, -3), (3000, 0), (8000, -5), (15000, -14), (20000, -28)),
    drop=_on_ground,
    patch_m2=0.7,
    smallest_mm=1.1,
    drop_db=-9.0,
    wash_db=-14.0,
    gain_db=-16.3,
)
