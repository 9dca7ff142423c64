"""Wind: noise whose loudness, pitch and brightness follow the gusts, in the open, from a room, at sea or in trees.

The curve is the wind's mean strength; gusts are drawn round it and pass from left to right. Aerodynamic noise grows
with a high power of speed (Curle 1955: the sixth in power for dipoles), which is why a gust opens the sound up.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clapboard.engines.stage.curves import Curve
from clapboard.engines.stage.sounds.grains import Events, bank, burst, poisson_times, strew, tail_of
from clapboard.engines.stage.sounds.grid import (
    CELL,
    FRAMES,
    HOP,
    Dice,
    Render,
    edge_times,
    frame_times,
    on_grid,
    over_samples,
)
from clapboard.engines.stage.sounds.kernels import sweep_filter
from clapboard.engines.stage.sounds.spectra import BINS, Magnitudes, bump, db, noise_piece
from clapboard.take import Samples

_CROSSING_S = 0.3  # a gust passes from the left of the picture to the right
_PRE_ROLL = 12 * HOP  # a howl's filter forgets by 140 dB in 0.256 s at the narrowest damping used


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """A bell of noise: its middle moves from calm to storm, its gain grows with wind speed to the power `growth`."""

    calm_hz: float
    storm_hz: float
    octaves: float
    gain_db: float
    growth: float
    flutter: float = 0.0
    """Depth of quick unrest (5 Hz): leaves and flags, not the air itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """Where the wind is heard: its layers, howls (lowest Hz, gain dB) through gaps, and rustling leaves a second."""

    name: str
    layers: tuple[Layer, ...]
    howls: tuple[tuple[float, float], ...] = ()
    rustles_hz: float = 0.0
    gustiness: float = 0.5
    gain_db: float
    """Brings level 0.6 to -30 LUFS (measured)."""


def wind(level: Curve, seed: int, setting: Setting) -> Render:
    """A bed of wind of mean strength `level` (0 still air .. 1 storm)."""
    dice = Dice(seed, setting.name)
    rng = dice.rng(-(2**20))
    leaves = bank([_rustle(rng) for _ in range(24)])

    def piece(cell: int) -> Samples:
        rng, t_s = dice.rng(cell), frame_times(cell)
        left, right = (_speed(level, dice, t_s - late_s, setting.gustiness) for late_s in (0.0, _CROSSING_S))
        out = np.zeros((2, CELL + tail_of(leaves)), np.float32)
        out[:, : CELL + HOP] = noise_piece(
            rng, _magnitudes(setting, dice, t_s, left), _magnitudes(setting, dice, t_s - _CROSSING_S, right)
        )
        for number, (lowest_hz, gain_db) in enumerate(setting.howls):
            out[:, :CELL] += _howl(level, dice, cell, number, lowest_hz) * np.float32(db(gain_db))
        if setting.rustles_hz:
            at = poisson_times(rng, setting.rustles_hz * left**2)
            gain = 0.12 * rng.pareto(2.5, len(at)).clip(0.1, 4.0) * left[at // HOP]
            strew(out, leaves, Events(at, rng.integers(0, 24, len(at)), gain, rng.uniform(-1, 1, len(at))))
        out *= np.float32(db(setting.gain_db))
        return out

    return on_grid(piece)


def _speed(level: Curve, dice: Dice, t_s: NDArray[np.float64], gustiness: float) -> NDArray[np.float64]:
    # Gusts come at every scale between a breath and half a minute.
    gusts = 0.35 * dice.drift(t_s, 0.09) + 0.5 * dice.drift(t_s, 0.31, 1) + 0.25 * dice.drift(t_s, 1.1, 2)
    return np.clip(level(t_s), 0.0, 1.0) * np.clip(1 + gustiness * gusts, 0.05, None)


def _magnitudes(setting: Setting, dice: Dice, t_s: NDArray[np.float64], speed: NDArray[np.float64]) -> Magnitudes:
    power = np.zeros((FRAMES, BINS), np.float32)
    for lane, layer in enumerate(setting.layers):
        center_hz = (
            layer.calm_hz * (layer.storm_hz / layer.calm_hz) ** speed * 2 ** (0.12 * dice.drift(t_s, 0.7, 10 + lane))
        )
        unrest = 1 + layer.flutter * dice.drift(t_s, 5.0, 20 + lane)
        gain = db(layer.gain_db) * speed**layer.growth * unrest
        power += (bump(center_hz, layer.octaves) * gain[:, None].astype(np.float32)) ** 2
    return np.sqrt(power)


def _howl(level: Curve, dice: Dice, cell: int, number: int, lowest_hz: float) -> Samples:
    """A narrow moving tone of air in a gap, [2, CELL]; it sings only in the stronger gusts."""
    t_s = np.concatenate([edge_times(cell - 1)[-1 - _PRE_ROLL // HOP : -1], edge_times(cell)])
    speed = _speed(level, dice, t_s, 0.4)
    pitch_hz = lowest_hz * (1 + 0.9 * speed) * 2 ** (0.25 * dice.drift(t_s, 0.4, 40 + number))
    sings = np.clip(speed * (1 + 0.4 * dice.drift(t_s, 0.23, 50 + number)) - 0.15, 0.0, None) ** 1.2
    lane = f"{dice.name}/howl{number}"
    air = [Dice(dice.seed, lane).rng(index).random(CELL, np.float32) for index in (cell - 1, cell)]
    x = np.concatenate([air[0][CELL - _PRE_ROLL :], air[1]]) * np.float32(12**0.5) - np.float32(3**0.5)
    tone = sweep_filter(x, pitch_hz.astype(np.float32), HOP, 0.07, (0.0, 0.07, 0.0))[_PRE_ROLL:]
    tone = tone * over_samples(sings[_PRE_ROLL // HOP :])
    side = 0.5 * (-1) ** number
    return np.stack([tone * np.float32(1 - side), tone * np.float32(1 + side)])


def _rustle(rng: np.random.Generator) -> NDArray[np.float32]:
    center_hz = rng.uniform(2500, 6500)
    return burst(rng, rng.uniform(0.004, 0.02), [(center_hz / 3, -24), (center_hz, 0), (3 * center_hz, -14)])


OPEN = Setting(
    name="wind",
    layers=(
        Layer(calm_hz=55, storm_hz=80, octaves=1.0, gain_db=-4, growth=1.6, flutter=0.25),
        Layer(calm_hz=220, storm_hz=620, octaves=1.1, gain_db=0, growth=2.0),
        Layer(calm_hz=900, storm_hz=2400, octaves=1.0, gain_db=-11, growth=3.0, flutter=0.15),
    ),
    howls=((340.0, -4.0),),
    gain_db=-8.5,
)
INDOORS = Setting(
    name="wind_indoors",
    layers=(
        Layer(calm_hz=60, storm_hz=90, octaves=1.1, gain_db=0, growth=1.5, flutter=0.2),
        Layer(calm_hz=160, storm_hz=320, octaves=0.9, gain_db=-6, growth=2.0),
    ),
    howls=((290.0, 11.0), (480.0, 8.0), (730.0, 3.0)),
    gain_db=-14.6,
)
SEA = Setting(
    name="wind_sea",
    layers=(
        Layer(calm_hz=60, storm_hz=95, octaves=1.1, gain_db=0, growth=1.5, flutter=0.35),
        Layer(calm_hz=300, storm_hz=800, octaves=1.2, gain_db=0, growth=2.0, flutter=0.1),
        Layer(calm_hz=1300, storm_hz=3800, octaves=1.2, gain_db=-9, growth=2.8, flutter=0.2),
    ),
    howls=((520.0, -6.0),),
    gustiness=0.4,
    gain_db=-10.9,
)
PINES = Setting(
    name="wind_pines",
    layers=(
        Layer(calm_hz=180, storm_hz=300, octaves=1.2, gain_db=-12, growth=1.8),
        Layer(calm_hz=900, storm_hz=1900, octaves=0.9, gain_db=0, growth=2.0),
        Layer(calm_hz=2300, storm_hz=5200, octaves=1.0, gain_db=-8, growth=2.6, flutter=0.1),
    ),
    gustiness=0.65,
    gain_db=-16.2,
)
LEAVES = Setting(
    name="wind_leaves",
    layers=(
        Layer(calm_hz=400, storm_hz=700, octaves=1.7, gain_db=-13, growth=1.8),
        Layer(calm_hz=2600, storm_hz=4200, octaves=0.9, gain_db=-2, growth=2.0, flutter=0.35),
        Layer(calm_hz=5500, storm_hz=8000, octaves=0.8, gain_db=-6, growth=2.4, flutter=0.4),
    ),
    rustles_hz=420.0,
    gustiness=0.6,
    gain_db=-20.7,
)
