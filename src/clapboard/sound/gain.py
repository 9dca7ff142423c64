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

    Recovery takes `shallow_s` from small reductions and `deep_s` from 10 dB and more: deep ones would pump.
    """

    ahead: int
    shallow_s: float
    deep_s: float


# 8 ms of look-ahead keeps onsets clean; recovery times are usual ones of mastering limiters.
LIMITER: Final = Motion(ahead=12, shallow_s=0.08, deep_s=0.3)
DUCKER: Final = Motion(ahead=round(0.08 * SAMPLE_RATE / CELL), shallow_s=0.4, deep_s=0.4)

_DEEP = 0.3  # -10 dB, as a gain

# Dialogue is there from -50 dBFS and rules from -38 dBFS, over 50 ms; the desk expects it near -23 LUFS.
_SPEECH_DB = (-50.0, -38.0)
_SPEECH_CELLS = round(0.05 * SAMPLE_RATE / CELL)

_MOST_LIMITING_DB = 60.0


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def _move(need, weights, shallow, deep, out):  # noqa: ANN001, ANN202 - numba kernel
    # need [k + ahead + 2]: gains that may not be exceeded. out [k + 1]: knots under them, falling along `weights`.
    ahead = weights.shape[0] - 1
    n = out.shape[0]
    level = np.empty(n + ahead, np.float32)
    level[ahead:] = need[:n]
    for j in range(1, ahead + 2):
        for k in range(n):
            level[ahead + k] = min(level[ahead + k], need[k + j])
    gain = level[ahead]
    for k in range(n):
        depth = min(np.float32(1), (np.float32(1) - gain) / np.float32(1 - _DEEP))
        rate = shallow + (deep - shallow) * depth
        gain = min(level[ahead + k], gain + (np.float32(1) - gain) * rate)
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
    rates = [1 - math.exp(-CELL / (SAMPLE_RATE * seconds)) for seconds in (motion.shallow_s, motion.deep_s)]
    out = np.empty(len(need) + 1, np.float32)
    _move(padded, (weights / weights.sum()).astype(np.float32), np.float32(rates[0]), np.float32(rates[1]), out)
    return out


def cell_power(samples: Samples) -> NDArray[np.float32]:
    """Mean square of each cell of float32 [2, cells * CELL], over both channels."""
    cells = samples.reshape(2, -1, CELL)
    power = np.einsum("cki,cki->k", cells, cells)
    return power / np.float32(2 * CELL)


def ducking(speech_power: NDArray[np.float32], duck_db: float) -> Knots:
    """Knots of the gain that goes down by `duck_db` under speech of these powers per cell."""
    if not speech_power.any():
        return np.ones(len(speech_power) + 1, np.float32)
    near = np.ones(_SPEECH_CELLS, np.float32) / np.float32(_SPEECH_CELLS)
    level_db = 10 * np.log10(np.convolve(speech_power, near, "full")[_SPEECH_CELLS // 2 :][: len(speech_power)] + 1e-12)
    low_db, high_db = _SPEECH_DB
    presence = np.clip((level_db - low_db) / (high_db - low_db), 0, 1)
    return moved((10 ** (-duck_db / 20 * presence)).astype(np.float32), DUCKER)


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

    `loudness` says how loud the film is under a gain. More gain is never softer, so halving an interval finds it. Where
    even the most gain is too soft (a lone click), the most is given.
    """

    def limited_lufs(gain_db: float) -> float:
        return loudness(limiting(peaks, 10 ** (gain_db / 20), ceiling))

    plain_lufs = loudness(np.ones(len(peaks) + 1, np.float32))
    if plain_lufs == -math.inf:
        return 1.0
    low_db = target_lufs - plain_lufs
    high_db = low_db + _MOST_LIMITING_DB
    if limited_lufs(low_db) >= target_lufs - 0.005:
        return 10 ** (low_db / 20)
    while high_db - low_db > 0.01:
        middle_db = (low_db + high_db) / 2
        low_db, high_db = (middle_db, high_db) if limited_lufs(middle_db) < target_lufs else (low_db, middle_db)
    return 10 ** (high_db / 20)
