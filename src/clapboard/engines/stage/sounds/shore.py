"""Water that moves: surf on a shore and small waves that lap at a lake's edge.

Surf is a row of waves at the period of a swell (6 to 9 s). Each one builds with a low rush, breaks along the shore,
runs up and draws back with a hiss of foam. The curve is the sea's size: it makes waves louder, lower and longer.
"""

import numpy as np
from numpy.typing import NDArray

from clapboard.engines.stage.curves import Curve, at
from clapboard.engines.stage.sounds.grains import Events, bank, bubble, burst, poisson_times, strew, tail_of
from clapboard.engines.stage.sounds.grid import CELL, HOP, Dice, Render, frame_times, on_grid
from clapboard.engines.stage.sounds.spectra import db, layered, noise_piece, spectrum
from clapboard.take import Samples

_FAR_SURF = spectrum((40, -16), (120, -4), (350, 0), (900, -7), (3000, -22), (12000, -48))
_BUILD = spectrum((40, -10), (110, 0), (300, -3), (800, -15), (3000, -34), (12000, -60))
_BREAK = spectrum((40, -6), (90, 0), (300, -1), (1000, -3), (2500, -7), (6000, -15), (14000, -32))
_RUN_UP = spectrum((100, -34), (400, -14), (1200, -2), (2500, 0), (5000, -4), (10000, -14), (18000, -32))
_HISS = spectrum((300, -50), (1200, -24), (3000, -7), (6000, 0), (9000, -1), (14000, -9), (20000, -26))

# Bring level 0.6 to -30 LUFS (measured).
_WAVES_GAIN_DB = -8.1
_LAPPING_GAIN_DB = 4.0

_WAVE_S = (-8.0, 12.0)  # before and after its break a wave is silent


def waves(level: Curve, seed: int, beat_seed: int | None = None) -> Render:
    """A bed of surf; `level` is the size of the sea, 0.2 a calm beach, 1 heavy surf.

    `beat_seed` sets when the waves break (`break_times`), so that another take of the sound meets the same foam.
    """
    dice, beat = Dice(seed, "waves"), Dice(seed if beat_seed is None else beat_seed, "waves")
    rng = beat.rng(-(2**20))
    period_s = rng.uniform(6.4, 8.4)
    fizz = bank(
        [bubble(rng.uniform(0.25, 0.8), 0.1) for _ in range(20)]
        + [bubble(rng.uniform(1.2, 4.5), 0.1) for _ in range(20)]
    )

    def piece(cell: int) -> Samples:
        rng, t_s = dice.rng(cell), frame_times(cell)
        rush = [_rush(level, beat, t_s, period_s, ear) for ear in (-1, 1)]
        size = np.clip(level(t_s), 0.0, 1.0)
        far = 0.16 * size * (1 + 0.3 * dice.drift(t_s, 0.2, 5))
        layers = [layered([far, *envelopes], [_FAR_SURF, _BUILD, _BREAK, _RUN_UP, _HISS]) for envelopes in rush]
        out = np.zeros((2, CELL + tail_of(fizz)), np.float32)
        out[:, : CELL + HOP] = noise_piece(rng, *layers)
        for first, rate_hz, loud, envelope in ((0, 700.0, 0.4, rush[0][3]), (20, 400.0, 0.15, rush[0][1])):
            at_sample = poisson_times(rng, rate_hz * np.minimum(1.0, 4 * envelope))
            gain = loud * envelope[at_sample // HOP] * rng.pareto(2.0, len(at_sample)).clip(0.2, 5.0)
            signed = gain * rng.choice([-1.0, 1.0], len(gain))
            strew(
                out,
                fizz,
                Events(at_sample, first + rng.integers(0, 20, len(gain)), signed, rng.uniform(-1, 1, len(gain))),
            )
        out *= np.float32(db(_WAVES_GAIN_DB))
        return out

    return on_grid(piece)


def break_times(seed: int, start_s: float, stop_s: float) -> NDArray[np.float64]:
    """Film seconds at which the waves of `waves` break in mid-picture, so that foam can be drawn with them."""
    dice = Dice(seed, "waves")
    period_s = dice.rng(-(2**20)).uniform(6.4, 8.4)
    _, breaks_s = _row(dice, period_s, start_s, stop_s)
    return breaks_s[(breaks_s >= start_s) & (breaks_s < stop_s)]


def _row(dice: Dice, period_s: float, start_s: float, stop_s: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Numbers and break times of all waves that may sound in a range of time."""
    first, last = int((start_s - _WAVE_S[1]) // period_s) - 1, int((stop_s - _WAVE_S[0]) // period_s) + 1
    number = np.arange(first, last + 1)
    return number, (number + 0.5 * (dice.uniform(number, 1) - 0.5) + 0.4) * period_s


def _rush(level: Curve, dice: Dice, t_s: NDArray[np.float64], period_s: float, ear: int) -> list[NDArray[np.float64]]:
    """Levels of build, break, run-up and hiss at these times, heard on the left (-1) or right (1) of the shore."""
    total = [np.zeros(len(t_s)) for _ in range(4)]
    for number, break_s in zip(*_row(dice, period_s, t_s[0], t_s[-1]), strict=True):
        chance = [float(dice.uniform(np.array([number]), lane)[0]) for lane in (2, 3, 7)]
        size = np.clip(at(level, break_s), 0.0, 1.0)
        # Waves come in sets: several small ones, then two or three large.
        swell = 0.65 + 0.25 * dice.drift(np.array([break_s]), 0.022, 4)[0] + 0.35 * (chance[0] - 0.5)
        height = size * swell
        since_s = (t_s - break_s - ear * 0.9 * (chance[1] - 0.5)) / ((0.75 + 0.5 * size) * (0.75 + 0.5 * chance[2]))
        before, after = np.minimum(since_s, 0.0), np.maximum(since_s, 0.0)
        total[0] += 0.55 * height**1.1 * np.exp(before / 1.3) * np.exp(-after / 0.5)
        crash = np.exp(-((before / 0.22) ** 2)) * np.exp(-after / 0.75)
        total[1] += 1.1 * height**1.6 * crash * (1 + 0.3 * dice.drift(t_s, 11.0, 6 + ear))
        total[2] += 0.5 * height**1.2 * _swell(since_s, 0.9, 0.7, 1.3) * (1 + 0.15 * dice.drift(t_s, 5.0, 9 + ear))
        total[3] += 0.2 * height * _swell(since_s, 2.6, 1.1, 1.7)
    return total


def _swell(since_s: NDArray[np.float64], peak_s: float, rise_s: float, fall_s: float) -> NDArray[np.float64]:
    away = since_s - peak_s
    return np.exp(-((np.minimum(away, 0.0) / rise_s) ** 2) - (np.maximum(away, 0.0) / fall_s) ** 1.5)


_SWISH = spectrum((60, -36), (200, -14), (450, -7), (900, -9), (2500, -20), (8000, -42))
_STILL = spectrum((60, -24), (250, -10), (800, -6), (3000, -12), (9000, -28))


def lake_lapping(level: Curve, seed: int) -> Render:
    """A bed of small waves at a lake's edge or a boat's side: soft swishes, each with a few gurgling bubbles."""
    dice = Dice(seed, "lake_lapping")
    rng = dice.rng(-(2**20))
    drops = bank([bubble(radius_mm, rng.uniform(0.05, 0.25)) for radius_mm in rng.uniform(1.6, 7.0, 30)])
    splash = burst(rng, 0.006, [(500, -12), (1500, 0), (4000, -8), (12000, -30)])
    drops = bank([*(row[:length] for row, length in zip(drops.data, drops.lengths, strict=True)), splash])

    def piece(cell: int) -> Samples:
        rng, t_s = dice.rng(cell), frame_times(cell)
        swish = [_laps(level, dice, t_s, ear) for ear in (-1, 1)]
        still = 0.05 * np.clip(level(t_s), 0, 1)
        out = np.zeros((2, CELL + tail_of(drops)), np.float32)
        out[:, : CELL + HOP] = noise_piece(rng, *(layered([lap, still], [_SWISH, _STILL]) for lap in swish))
        gurgle = (swish[0] + swish[1]) / 2
        at_sample = poisson_times(rng, 130.0 * gurgle**1.3)
        gain = 0.45 * gurgle[at_sample // HOP] * rng.pareto(2.2, len(at_sample)).clip(0.1, 1.6)
        gain *= rng.choice([-1.0, 1.0], len(gain))
        strew(out, drops, Events(at_sample, rng.integers(0, 31, len(gain)), gain, rng.uniform(-0.8, 0.8, len(gain))))
        out *= np.float32(db(_LAPPING_GAIN_DB))
        return out

    return on_grid(piece)


def _laps(level: Curve, dice: Dice, t_s: NDArray[np.float64], ear: int) -> NDArray[np.float64]:
    period_s = 1.55
    number = np.arange(int(t_s[0] // period_s) - 2, int(t_s[-1] // period_s) + 3)
    laps_s = (number + 0.8 * (dice.uniform(number, 1) - 0.5)) * period_s
    height = 0.2 + 0.8 * dice.uniform(number, 2) ** 1.6
    since_s = t_s[:, None] - laps_s - ear * 0.25 * (dice.uniform(number, 3) - 0.5)
    shape = np.where(since_s < 0, np.exp(-((since_s / 0.13) ** 2)), np.exp(-since_s / 0.28))
    return np.clip(level(t_s), 0.0, 1.0) ** 1.2 * (shape * height).sum(axis=1)
