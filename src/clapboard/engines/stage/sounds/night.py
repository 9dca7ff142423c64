"""Night: insects in the grass, each with its own place and song, and a city heard from a window."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.curves import Curve, at
from clapboard.engines.stage.sounds.grains import Events, bank, strew, tail_of
from clapboard.engines.stage.sounds.grid import CELL, FRAME_S, FRAMES, HOP, Dice, Render, frame_times, on_grid
from clapboard.engines.stage.sounds.spectra import bump, db, layered, noise_piece, spectrum
from clapboard.take import Samples

# Bring level 0.6 to -30 LUFS (measured).
_INSECTS_GAIN_DB = -6.0
_CITY_GAIN_DB = -4.0

_CRICKETS = 9
_TREE_CRICKETS = 3


@dataclass(frozen=True, slots=True)
class _Singer:
    grain: int
    period_s: float
    begin_s: float
    distance_m: float
    side: float
    shyness: float
    """It sings only where the evening's level and its own whim are above this."""
    rest_hz: float


def insects(level: Curve, seed: int) -> Render:
    """A bed of night insects, [2, n]; `level` is how many sing: 0.2 one cricket at times, 0.6 a warm night, 1 a chorus.

    Field crickets chirp three or four pulses at 4 to 5 kHz, about twice a second; tree crickets trill at 2 to 3 kHz;
    the rest of the meadow is a band of shimmer.
    """
    dice = Dice(seed, "insects")
    rng = dice.rng(-(2**20))
    singers = [_field_cricket(rng, index) for index in range(_CRICKETS)]
    singers += [_tree_cricket(rng, _CRICKETS + index) for index in range(_TREE_CRICKETS)]
    songs = bank([_chirp(rng) for _ in range(_CRICKETS)] + [_trill_pulse(rng) for _ in range(_TREE_CRICKETS)])
    meadow = (
        bump(np.array([4700.0]), 0.16)[0]
        + 0.4 * bump(np.array([2700.0]), 0.1)[0]
        + 0.25 * bump(np.array([7800.0]), 0.25)[0]
    )

    def piece(cell: int) -> Samples:
        rng, t_s = dice.rng(cell), frame_times(cell)
        many = np.clip(level(t_s), 0.0, 1.0)
        shimmer = [
            0.022 * many**1.5 * (1 + 0.25 * dice.drift(t_s, 6.5, lane) + 0.2 * dice.drift(t_s, 0.4, lane + 2))
            for lane in (1, 2)
        ]
        out = np.zeros((2, CELL + tail_of(songs)), np.float32)
        out[:, : CELL + HOP] = noise_piece(rng, *(meadow * gain.astype(np.float32)[:, None] for gain in shimmer))
        for singer in singers:
            strew(out, songs, _singing(dice, singer, level, cell))
        out *= np.float32(db(_INSECTS_GAIN_DB))
        return out

    return on_grid(piece)


def _field_cricket(rng: np.random.Generator, index: int) -> _Singer:
    distance_m = 2.0 * 1.5**index * rng.uniform(0.8, 1.3)
    return _Singer(
        index,
        rng.uniform(0.36, 0.60),
        rng.uniform(0, 1),
        distance_m,
        rng.uniform(-1, 1),
        0.15 + 0.7 * index / _CRICKETS,
        0.09,
    )


def _tree_cricket(rng: np.random.Generator, index: int) -> _Singer:
    shyness = rng.uniform(0.5, 0.75)
    return _Singer(
        index, 1 / rng.uniform(34, 52), rng.uniform(0, 1), rng.uniform(20, 50), rng.uniform(-1, 1), shyness, 0.12
    )


def _chirp(rng: np.random.Generator) -> NDArray[np.float32]:
    """Three or four pulses of one wing stroke each, every one louder and a little lower than the last."""
    hz, pulses = rng.uniform(4150, 5100), int(rng.integers(3, 5))
    spacing, length = int(rng.uniform(0.030, 0.040) * SAMPLE_RATE), int(rng.uniform(0.016, 0.021) * SAMPLE_RATE)
    out = np.zeros(spacing * pulses, np.float32)
    t_s = np.arange(length) / SAMPLE_RATE
    rise = np.sin(np.pi * (np.arange(length) / length) ** 0.7) ** 1.5
    for pulse in range(pulses):
        turns = (hz - 40 * pulse) * t_s - 900 * t_s**2
        tone = np.sin(2 * np.pi * turns) + 0.12 * np.sin(4 * np.pi * turns) + 0.05 * np.sin(6 * np.pi * turns)
        out[pulse * spacing : pulse * spacing + length] = tone * rise * (0.55 + 0.45 * (pulse + 1) / pulses)
    return out


def _trill_pulse(rng: np.random.Generator) -> NDArray[np.float32]:
    hz, length = rng.uniform(2300, 3200), int(0.014 * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    return (np.sin(2 * np.pi * hz * t_s) * np.sin(np.pi * np.arange(length) / length) ** 2).astype(np.float32)


def _singing(dice: Dice, singer: _Singer, level: Curve, cell: int) -> Events:
    """The chirps of one insect that begin in a cell."""
    start_s = cell * FRAMES * FRAME_S
    lane = 100 + 4 * singer.grain
    number = np.arange(
        np.floor(start_s / singer.period_s) - 3, np.ceil((start_s + CELL / SAMPLE_RATE) / singer.period_s) + 3
    )
    number = number.astype(np.int64)
    t_s = (number + singer.begin_s + 0.10 * dice.uniform(number, lane)) * singer.period_s
    whim = 0.32 * dice.drift(t_s, singer.rest_hz, lane + 1)
    eager = np.clip((level(t_s) + whim - singer.shyness) / 0.06, 0.0, 1.0)
    at_sample = np.rint(t_s * SAMPLE_RATE).astype(np.int64) - cell * CELL
    sung = (at_sample >= 0) & (at_sample < CELL) & (eager > 0)
    gain = (0.3 + 0.35 * level(t_s)) / singer.distance_m * eager * (0.85 + 0.15 * dice.drift(t_s, 0.9, lane + 2))
    count = int(sung.sum())
    return Events(at_sample[sung], np.full(count, singer.grain), gain[sung], np.full(count, singer.side))


_TRAFFIC = spectrum((35, -8), (70, 0), (160, -2), (400, -8), (900, -13), (2500, -26), (8000, -46))
_ENGINE = spectrum((40, -10), (90, 0), (180, -3), (420, -12), (1200, -30), (6000, -56))
_TYRES = spectrum((150, -28), (500, -8), (1000, 0), (2000, -3), (5000, -14), (12000, -34))
_WET = spectrum((400, -34), (1200, -10), (3000, 0), (6500, -2), (11000, -12), (18000, -28))


def city_night(level: Curve, seed: int, wet: Curve | None = None) -> Render:
    """A bed of a city at night, [2, n]: a far wash of traffic, and single cars that pass from side to side.

    `level` is how busy it is; `wet` (a rain curve) turns the tyres' rumble into a hiss.
    """
    dice = Dice(seed, "city_night")

    def piece(cell: int) -> Samples:
        rng, t_s = dice.rng(cell), frame_times(cell)
        busy = np.clip(level(t_s), 0.0, 1.0)
        wetness = np.zeros(FRAMES) if wet is None else np.clip(4 * wet(t_s), 0.0, 1.0)
        wash = 0.5 * busy**0.7 * 10 ** (0.18 * dice.drift(t_s, 0.07) + 0.08 * dice.drift(t_s, 0.4, 1))
        sides = []
        for car in _cars(dice, level, t_s):
            layers = [wash, 0.6 * car, 0.4 * car * (1 - 0.6 * wetness), 0.42 * car * wetness]
            sides.append(layered(layers, [_TRAFFIC, _ENGINE, _TYRES, _WET]))
        return noise_piece(rng, *sides) * np.float32(db(_CITY_GAIN_DB))

    return on_grid(piece)


def _cars(dice: Dice, level: Curve, t_s: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How loud passing cars are on the left and on the right."""
    period_s = 5.5
    sides = np.zeros(len(t_s)), np.zeros(len(t_s))
    for number in range(int(t_s[0] // period_s) - 3, int(t_s[-1] // period_s) + 4):
        place, speed, nearness, way, driven = (
            float(dice.uniform(np.array([number]), lane)[0]) for lane in range(10, 15)
        )
        pass_s = (number + place) * period_s
        if driven > at(level, pass_s):
            continue
        road_m = 14 + 60 * (1 - nearness) ** 0.7
        along_m = (t_s - pass_s) * (10 + 9 * speed) * (1 if way < 0.5 else -1)
        gain = 14.0 / np.hypot(road_m, along_m) * np.exp(-((along_m / 45.0) ** 2))  # houses hide it further off
        angle = (np.clip(along_m / 35.0, -1, 1) + 1) * np.pi / 4
        for side, pan in zip(sides, (np.cos(angle), np.sin(angle)), strict=True):
            side += gain * pan
    return sides
