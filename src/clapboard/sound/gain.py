"""Gains over time, computed once and shared by all stems: ducking, the limiter, the static gain that meets a target.

A gain curve is a row of knots, float32 [cells + 1], one every `CELL` samples and linear between them, so it is small
enough to hold for a whole film. Levels of a signal are measured per cell.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.sound.loudness import HOP, Energies, gated_lufs
from clapboard.take import Samples

CELL: Final = 32
"""Samples between knots: 0.67 ms."""

Knots = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Motion:
    """How a gain moves: it is down `ahead` cells after it begins to fall, and recovers exponentially.

    From a short dip it recovers within `brief_s`, so that what rings after a strike is heard; as far as it has been low
    for longer than that, within `long_s`, so that sustained sound is not distorted.
    """

    ahead: int
    brief_s: float
    long_s: float


# 8 ms of look-ahead keeps onsets clean; recovery times are usual ones of mastering limiters.
LIMITER: Final = Motion(ahead=12, brief_s=0.03, long_s=0.3)
_SETTLING_S = 0.12  # what is low for longer counts as sustained


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """What makes other stems give way: mean power over some cells counts from `from_db` on and rules at `to_db`."""

    from_db: float
    to_db: float
    over_cells: int
    motion: Motion


def _cells(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE / CELL)


# The desk expects dialogue near -23 LUFS, and impacts that peak near -12 dBFS (their power over 5 ms is 10 dB less).
SPEECH: Final = Key(
    from_db=-50, to_db=-38, over_cells=_cells(0.05), motion=Motion(ahead=_cells(0.08), brief_s=0.4, long_s=0.4)
)
STRIKES: Final = Key(
    from_db=-44, to_db=-30, over_cells=_cells(0.005), motion=Motion(ahead=_cells(0.01), brief_s=0.15, long_s=0.15)
)

_MOST_LIMITING_DB = 60.0
_STEP_DB = 1.0
_NEAR_LU = 0.05


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def _move(need, weights, rates, out):  # noqa: ANN001, ANN202 - numba kernel
    # need [k + ahead + 2]: gains that may not be exceeded. out [k + 1]: knots under them, falling along `weights`.
    ahead = weights.shape[0] - 1
    n = out.shape[0]
    level = np.empty(n + ahead, np.float32)
    level[ahead:] = need[:n]
    for j in range(1, ahead + 2):
        for k in range(n):
            level[ahead + k] = min(level[ahead + k], need[k + j])
    settling, brief, long = rates[0], rates[1], rates[2]
    gain = level[ahead]
    settled = np.float32(1)
    for k in range(n):
        floor = level[ahead + k]
        settled += (floor - settled) * (settling if floor < settled else long)
        gain = min(floor, gain + (np.float32(1) - gain) * (brief if gain < settled else long))
        level[ahead + k] = gain
    level[:ahead] = level[ahead]
    out[:] = np.float32(0)
    for j in range(ahead + 1):
        weight = weights[j]
        for k in range(n):
            out[k] += weight * level[k + j]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def _apply(samples, knots, out):  # noqa: ANN001, ANN202 - numba kernel
    # samples float32 [2, cells * CELL] times knots [cells + 1] -> out.
    for c in range(samples.shape[0]):
        for k in range(knots.shape[0] - 1):
            first = knots[k]
            slope = (knots[k + 1] - first) * np.float32(1.0 / CELL)
            for i in range(CELL):
                out[c, k * CELL + i] = samples[c, k * CELL + i] * (first + slope * np.float32(i))


def applied(samples: Samples, knots: Knots) -> Samples:
    """float32 [2, cells * CELL] times the gain of [cells + 1] knots."""
    out = np.empty_like(samples)
    _apply(samples, knots, out)
    return out


def moved(need: NDArray[np.float32], motion: Motion) -> Knots:
    """Knots [n + 1] of the gain that stays at or under need [n] in every cell and moves as `motion` says."""
    padded = np.pad(need, (1, motion.ahead + 1), mode="edge")
    weights = np.hanning(motion.ahead + 3)[1:-1]
    times_s = np.array([_SETTLING_S, motion.brief_s, motion.long_s])
    rates = (1 - np.exp(-CELL / (SAMPLE_RATE * times_s))).astype(np.float32)
    out = np.empty(len(need) + 1, np.float32)
    _move(padded, (weights / weights.sum()).astype(np.float32), rates, out)
    return out


def cell_power(samples: Samples) -> NDArray[np.float32]:
    """Mean square of each cell of float32 [2, cells * CELL], over both channels."""
    cells = samples.reshape(2, -1, CELL)
    power = np.einsum("cki,cki->k", cells, cells)
    return power / np.float32(2 * CELL)


def ducking(power: NDArray[np.float32], duck_db: float, key: Key) -> Knots:
    """Knots of the gain that goes down by `duck_db` under sound of these powers per cell."""
    if not power.any():
        return np.ones(len(power) + 1, np.float32)
    mean = np.convolve(power, np.ones(key.over_cells, np.float32) / np.float32(key.over_cells), "full")
    level_db = 10 * np.log10(mean[key.over_cells // 2 :][: len(power)] + 1e-12)
    presence = np.clip((level_db - key.from_db) / (key.to_db - key.from_db), 0, 1)
    return moved((10 ** (-duck_db / 20 * presence)).astype(np.float32), key.motion)


def limiting(peaks: NDArray[np.float32], static_gain: float, ceiling: float) -> Knots:
    """Knots of the whole master gain: `static_gain`, held where cells of these true peaks would pass the ceiling."""
    need = np.minimum(1.0, ceiling / np.maximum(peaks * static_gain, 1e-9)).astype(np.float32)
    return moved(need, LIMITER) * np.float32(static_gain)


def cell_loudness(energies: Energies, knots: Knots, num_samples: int) -> float:
    """Integrated loudness of a film with these K-weighted energies per cell, under this gain."""
    middle = 0.5 * (knots[1:] + knots[:-1])
    hops = num_samples // HOP
    cells = hops * (HOP // CELL)
    return gated_lufs((energies[:cells] * np.square(middle[:cells])).reshape(hops, -1).sum(axis=1))


def gain_for(
    target_lufs: float, loudness: Callable[[Knots], float], peaks: NDArray[np.float32], ceiling: float
) -> float:
    """The static gain with which the limited film is as loud as the target; 1 for silence.

    `loudness` says how loud the film is under a gain. More gain may measure softer, where it lifts quiet passages over
    the meter's gate, so the first gain that is enough is looked for from below. A lone click never gets there.
    """

    def limited_lufs(gain_db: float) -> float:
        return loudness(limiting(peaks, 10 ** (gain_db / 20), ceiling))

    plain_lufs = loudness(np.ones(len(peaks) + 1, np.float32))
    if plain_lufs == -math.inf:
        return 1.0
    low_db = high_db = target_lufs - plain_lufs
    most_db = low_db + _MOST_LIMITING_DB
    while limited_lufs(high_db) < target_lufs - _NEAR_LU and high_db < most_db:
        low_db, high_db = high_db, high_db + _STEP_DB
    while high_db - low_db > 0.01:
        middle_db = (low_db + high_db) / 2
        low_db, high_db = (middle_db, high_db) if limited_lufs(middle_db) < target_lufs else (low_db, middle_db)
    return 10 ** (high_db / 20)
