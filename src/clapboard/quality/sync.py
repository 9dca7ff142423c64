"""Is each planned cue heard where it was planned? The surroundings of each in the decoded sound are searched.

    meter = CueMeter([cue.heard_sample for cue in slate.cues])
    for block in decode_sound(path): meter.feed(block)
    meter.finish()
    meter.errors_ms[cue.heard_sample]        # positive: the sound is late; none: no onset stands out

Measured on 1,600 impacts of 20 kinds over silence, rain, fire, waves, city and music after AAC at 192 kbit/s: of those
12 dB above everything around them 98 % are found, 99 % of these within 2 ms; where nothing was struck, one in a
thousand is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.quality.report import IMPACT_TOLERANCE_MS
from clapboard.take import Samples

Levels = NDArray[np.float32]
"""Decibels [bands, steps]."""

REACH: Final = SAMPLE_RATE // 2
"""Samples looked at on each side of a cue: the longer, the better it is known what the place sounds like without it."""

_STEP_HZ: Final = 4000
"""Levels a second: 0.25 ms a step. A band must be narrower than this, for its envelope is one complex number a step."""
_MS: Final = _STEP_HZ // 1000
_BANDS_HZ: Final = (
    *((100, 400), (250, 800), (500, 1600), (1000, 3000)),
    *((2000, 5000), (3800, 7400), (6000, 9800), (8500, 12400), (11500, 15400)),
)

_SEARCH: Final = 50 * _MS  # how far from its cue an onset is looked for
_AFTER: Final = 5 * _MS  # a hit is louder than what was before for longer than a raindrop's tick
_BEFORE: Final = 20 * _MS
_GAP: Final = _MS // 2  # between before and after: the filters' own width
_RANGE_DB: Final = 60.0  # what is softer than this under the loudest is the codec's noise, as is all under -90 dBFS
_FLOOR_DB: Final = -90.0
_MOST_DB: Final = 30.0  # no single band decides alone
_ENOUGH: Final = 300 * _MS  # of surroundings, to know what is usual
_USUAL_PERCENTILE: Final = 95.0  # level that the surroundings rarely pass
# Least strength, and how far it must lie above the surroundings' strongest moment (measured, see above).
_LEAST_DB: Final = 3.0
_STANDS_OUT: Final = 1.3
_ASTRAY_STANDS_OUT: Final = 1.6  # to say that a film is out of sync needs more than to say that it is in sync
_FALL_DB: Final = 10.0  # an onset is no more than this below the peak that follows; a codec's pre-echo lies lower


@cache
def _windows(length: int) -> list[tuple[int, NDArray[np.float32]]]:
    """For each band the first bin of a spectrum of `length` samples, and its weights: half a sine."""
    hz = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    windows: list[tuple[int, NDArray[np.float32]]] = []
    for low, high in _BANDS_HZ:
        inside = np.flatnonzero((hz > low) & (hz < high))
        weights = np.sin(np.pi * (hz[inside] - low) / (high - low))
        windows.append((int(inside[0]), weights.astype(np.float32)))
    return windows


def _powers(mono: NDArray[np.float32]) -> NDArray[np.float32]:
    """Power of each band at each step, zero phase: a band's bins alone, transformed back, are its complex envelope."""
    steps = len(mono) * _STEP_HZ // SAMPLE_RATE
    spectrum = np.fft.rfft(mono)
    envelopes = np.zeros((len(_BANDS_HZ), steps), np.complex64)
    for envelope, (first, window) in zip(envelopes, _windows(len(mono)), strict=True):
        envelope[: len(window)] = spectrum[first : first + len(window)] * window
    envelopes = np.fft.ifft(envelopes) * (steps / len(mono))
    return (envelopes.real**2 + envelopes.imag**2).astype(np.float32, copy=False)


def _decibels(power: NDArray[np.floating]) -> Levels:
    return (10 * np.log10(power + 1e-10)).astype(np.float32)


def _level_after(powers: NDArray[np.float32]) -> Levels:
    """Mean level of the 5 ms that follow each step."""
    sums = np.cumsum(np.pad(powers.astype(np.float64), ((0, 0), (1, _AFTER))), axis=1)
    level = _decibels(np.maximum(sums[:, _AFTER:] - sums[:, :-_AFTER], 0)[:, : powers.shape[1]] / _AFTER)
    return np.maximum(level, max(_FLOOR_DB, float(level.max()) - _RANGE_DB))


def _loudest_before(level: Levels) -> Levels:
    """The greatest of the 5 ms levels that end between 20 ms and a moment before each step."""
    width = _BEFORE - _AFTER
    loudest = cv2.dilate(level, np.ones((1, width), np.uint8), anchor=(width - 1, 0), borderType=cv2.BORDER_REPLICATE)
    return np.roll(loudest, _AFTER + _GAP, axis=1).astype(np.float32)


def _search_and_surroundings(steps: int, others: Sequence[int]) -> tuple[slice, NDArray[np.bool_]]:
    """Where the onset may be, half-way to the next cue at most, and which steps no planned cue accounts for."""
    centre = steps // 2
    apart = [other * _STEP_HZ // SAMPLE_RATE for other in others]
    first = max([-_SEARCH, *(step // 2 for step in apart if step < 0)])
    last = min([_SEARCH, *(step // 2 for step in apart if step > 0)])
    unplanned = np.zeros(steps, np.bool_)
    for margin in (_SEARCH, 12 * _MS):  # other cues may be late too, but where they are dense something must be left
        unplanned[_BEFORE + _GAP : -_AFTER] = True
        for step in (0, *apart):
            reach = _SEARCH + 10 * _MS if step == 0 else margin
            unplanned[max(0, centre + step - reach) : max(0, centre + step + reach + 2 * _AFTER)] = False
        if unplanned.sum() >= _ENOUGH:
            break
    return slice(centre + first, centre + last + 1), unplanned


def cue_error_ms(around: NDArray[np.float32], others: Sequence[int] = ()) -> float | None:
    """Where the onset of the cue in the middle of `around` is, in milliseconds after it; none when none stands out.

    around: float32 [2 * REACH] mono; others: samples from this cue to the cues near it. A step's strength, in each of
    nine bands, is how far the 5 ms after it rise above the 20 ms before, or above what the surroundings rarely pass,
    whichever is less. The strongest step near the cue must pass the strongest of the surroundings; its onset is where
    the bands that rise, weighed by their strength, first pass half-way (in dB) from the level before to the peak after.
    """
    powers = _powers(around)
    level = _level_after(powers)
    before = _loudest_before(level)
    search, unplanned = _search_and_surroundings(level.shape[1], others)
    usual = np.percentile(level[:, unplanned], _USUAL_PERCENTILE, axis=1, keepdims=True)
    rise = np.clip(np.minimum(level - before, level - usual), 0, _MOST_DB)
    strength = np.sqrt((rise**2).mean(0))
    at = search.start + int(np.argmax(strength[search]))
    strongest = float(strength[unplanned].max())
    if strength[at] < max(_LEAST_DB, _STANDS_OUT * strongest):
        return None
    weights = rise[:, at] ** 2 / (rise[:, at] ** 2).sum()
    moment = _decibels(powers[:, at - _BEFORE // 2 - 1 : at + 6 * _MS + 1])
    onset = np.convolve(weights @ moment, (0.25, 0.5, 0.25), "valid")
    near = _BEFORE // 2
    peak, past = onset[near:].max(), onset[: near - _MS].max()
    start = near - 3 * _MS
    found = at - near + start + int(np.argmax(onset[start:] >= max((past + peak) / 2, peak - _FALL_DB)))
    error_ms = (found - level.shape[1] // 2) / _MS
    astray = abs(error_ms) > IMPACT_TOLERANCE_MS and strength[at] < _ASTRAY_STANDS_OUT * strongest
    return None if astray else error_ms


@dataclass(frozen=True, slots=True)
class _Open:
    """A cue that is still waiting for its surroundings."""

    sample: int
    others: tuple[int, ...]


class CueMeter:
    """Feed all blocks in order, then read `errors_ms`. Keeps one second of sound, whatever the film's length."""

    def __init__(self, cue_samples: Sequence[int]) -> None:
        cues = sorted(set(cue_samples))
        self._open = [_Open(cue, tuple(o - cue for o in cues if o != cue and abs(o - cue) < REACH)) for cue in cues]
        self._open.reverse()
        self._kept = np.zeros(REACH, np.float32)  # mono; before the film there was silence
        self._end = 0
        self.errors_ms: dict[int, float | None] = {}
        """Error by the cue's sample, complete after `finish`."""

    def feed(self, block: Samples) -> None:
        """Add float32 [2, n]."""
        self._kept = np.concatenate([self._kept, block.mean(0)])
        self._end += block.shape[1]
        while self._open and self._open[-1].sample + REACH <= self._end:
            cue = self._open.pop()
            first = len(self._kept) - self._end + cue.sample - REACH
            self.errors_ms[cue.sample] = cue_error_ms(self._kept[first : first + 2 * REACH], cue.others)
        self._kept = self._kept[-2 * REACH :]

    def finish(self) -> None:
        """Measure the cues of the last half second as if silence followed."""
        self.feed(np.zeros((2, REACH), np.float32))
        for cue in self._open:
            self.errors_ms[cue.sample] = None  # planned after the sound's end
        self._open.clear()
