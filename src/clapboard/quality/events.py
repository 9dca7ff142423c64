"""Do what moves and what sounds happen together? Found in the finished film alone, without its plan or a model.

offset = event_offset(meter.novelty(), fps, sound.outline())

Flashes and things that stop or turn at once (Davis and Agrawala, Visual Rhythm and Beat, 2018) are laid over sudden
sounds. Only when chance cannot explain how well they fit is there a verdict; most footage stays undetermined.
The sign follows the report: positive is sound late (ITU-R BT.1359 writes the opposite).
"""

from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.quality.report import EventOffset
from clapboard.quality.sound import CELL

Events = NDArray[np.int64]
"""Rising positions on a grid of 5 ms."""

# Detectability of sound early and late, and acceptability (ITU-R BT.1359-1, 1998).
DETECTABLE_MS: Final = (-45.0, 125.0)
ACCEPTABLE_MS: Final = (-90.0, 185.0)

_CELLS_A_S: Final = SAMPLE_RATE // CELL
_LAGS: Final = np.arange(-120, 121)  # within 0.6 s
_TOLERANCE: Final = 5
"""Cells: a seen event is known to a frame, so a sound up to 25 ms away still meets it, the less the farther."""
_SURROGATES: Final = 199
_LEAST_Z: Final = 5.0  # measured: of 144 clips with another clip's sounds none passes, of 54 with their own all do
_LEAST_SHARE: Final = 0.5  # of the seen events must meet a sound
_AMBIGUOUS: Final = 0.8  # another lag that fits this well, and the beat is regular
_FEWEST: Final = 4
_ONSET_RATIO: Final = 2.5  # a sound is sudden when its peak grows by 8 dB over the 30 ms before
_LOOK_BACK: Final = 6


def event_offset(picture: NDArray[np.float64], fps: float, outline: NDArray[np.float32], seed: int = 0) -> EventOffset:
    """Offset between sudden changes of the picture and sudden sounds.

    picture: novelty of each frame, 1 and above is an event; outline: peaks [kinds, cells] of each 5 ms of sound.
    Chance is the same sounds against as many events at other times, no closer than those seen, 199 times over.
    """
    seen, heard = _seen(picture, fps), _heard(outline)
    if len(seen) < _FEWEST or len(heard) < _FEWEST:
        return EventOffset(verdict="undetermined")
    score = _fit(seen, heard)
    rng = np.random.default_rng(seed)
    chance = np.array([_fit(other, heard).max() for other in _elsewhere(seen, outline.shape[1], rng)])
    z = round(float((score.max() - chance.mean()) / (chance.std() + 0.05)), 2)
    best = score >= 0.97 * score.max()
    lag = float(np.average(_LAGS[best], weights=score[best]))
    rivals = score[np.abs(_LAGS - lag) > 4 * _TOLERANCE]
    clear = score.max() > max(chance.max(), _LEAST_SHARE * len(seen)) and rivals.max() < _AMBIGUOUS * score.max()
    if z < _LEAST_Z or not clear:
        return EventOffset(verdict="undetermined", significance_z=z)
    offset_ms = round(lag * 1000 / _CELLS_A_S, 1)
    return EventOffset(verdict=_verdict(offset_ms), offset_ms=offset_ms, significance_z=z)


def _verdict(offset_ms: float) -> Literal["in sync", "noticeable", "out of sync"]:
    if DETECTABLE_MS[0] <= offset_ms <= DETECTABLE_MS[1]:
        return "in sync"
    return "noticeable" if ACCEPTABLE_MS[0] <= offset_ms <= ACCEPTABLE_MS[1] else "out of sync"


def _heard(outline: NDArray[np.float32]) -> Events:
    """Cells in which a peak, of the sound or of its slope, grows suddenly: at most one in 80 ms."""
    peaks = np.pad(outline.astype(np.float64) + 3e-4, ((0, 0), (_LOOK_BACK, 0)), constant_values=3e-4)
    before = np.lib.stride_tricks.sliding_window_view(peaks[:, :-1], _LOOK_BACK, axis=1).max(2)
    growth = peaks[:, _LOOK_BACK:] / before
    return _peaks(growth.max(0), _ONSET_RATIO, _CELLS_A_S * 80 // 1000)


def _seen(novelty: NDArray[np.float64], fps: float) -> Events:
    """Cells at which the frames with an event begin: at most one in 120 ms."""
    frames = _peaks(novelty, 1.0, max(1, round(fps * 0.12)))
    return np.round(frames / fps * _CELLS_A_S).astype(np.int64)


def _peaks(values: NDArray[np.float64], least: float, apart: int) -> Events:
    """The greatest values first, none within `apart` of a greater one."""
    order = np.argsort(values)[::-1]
    free = np.ones(len(values), np.bool_)
    found: list[int] = []
    for index in order[: int((values >= least).sum())]:
        if free[index]:
            found.append(int(index))
            free[max(0, index - apart + 1) : index + apart] = False
    return np.array(sorted(found), np.int64)


def _elsewhere(seen: Events, cells: int, rng: np.random.Generator) -> "list[Events]":
    """As many events at random times, with the closest ones as far apart as the closest seen."""
    apart = min((int(b - a) for a, b in pairwise(seen)), default=0)
    room = max(1, cells - apart * (len(seen) - 1))
    spread = np.arange(len(seen)) * min(apart, cells // len(seen))
    return [np.sort(rng.integers(0, room, len(seen))) + spread for _ in range(_SURROGATES)]


def _fit(seen: Events, heard: Events) -> NDArray[np.float64]:
    """For each lag, how many seen events meet a sound; each counts less the farther the nearest sound is."""
    at = seen[:, None] + _LAGS[None, :]
    right = np.searchsorted(heard, at).clip(1, len(heard) - 1)
    nearest = np.minimum(np.abs(heard[right] - at), np.abs(heard[right - 1] - at))
    return np.maximum(0.0, 1 - nearest / (_TOLERANCE + 1)).sum(0)
