"""Is the sound where the picture says? Planned cues against onsets, and, without a plan, events against onsets.

The sign follows the report: positive is sound late (ITU-R BT.1359 writes the opposite).
"""

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.quality.report import EventOffset
from clapboard.quality.sound import CELL, REACH

# Detectability of sound early and late, ITU-R BT.1359-1 (1998), and acceptability.
DETECTABLE_MS = (-45.0, 125.0)
ACCEPTABLE_MS = (-90.0, 185.0)

_BANDS_HZ = ((150, 900), (900, 3000), (3000, 8000), (8000, 16000))
_SEARCH = SAMPLE_RATE // 20  # an onset is looked for within 50 ms of its cue
_STEP = SAMPLE_RATE // 2000  # 0.5 ms
_LEAST_RISE_DB = 8.0  # an onset raises a band's level at least this far over the 12 ms before it
_DOUBT_DB_A_MS = (
    0.6  # how much more a rise must be for each millisecond that it lies away: patter of rain is no late ball
)


def _bands(mono: NDArray[np.float32]) -> list[NDArray[np.float64]]:
    """The signal in each band, zero phase."""
    spectrum = np.fft.rfft(mono)
    frequency = np.fft.rfftfreq(len(mono), 1 / SAMPLE_RATE)
    bands = []
    for low, high in _BANDS_HZ:
        slope = 1 / (1 + (low / np.maximum(frequency, 1)) ** 8) / (1 + (frequency / high) ** 8)
        bands.append(np.fft.irfft(spectrum * slope, len(mono)))
    return bands


def _level(band: NDArray[np.float64]) -> NDArray[np.float64]:
    """Root mean square of each 0.5 ms."""
    whole = len(band) // _STEP * _STEP
    return np.sqrt((band[:whole].reshape(-1, _STEP) ** 2).mean(1) + 1e-14)


def cue_error_ms(around: NDArray[np.float32]) -> float | None:
    """Onset nearest to the middle of a cue's surroundings, in milliseconds after it; none when nothing stands out.

    Each band's level is compared with its own loudest moment in the 12 ms before; the largest rise in any band, less a
    doubt that grows with its distance from the cue, is the event. Its onset is where the band first passes half-way (in dB) from the level before to the peak after, and
    no more than 10 dB below that peak.
    """
    best_score, best_at = -np.inf, None
    centre = REACH // _STEP
    for band in _bands(around):
        level = _level(band)
        for at in range(centre - _SEARCH // _STEP, centre + _SEARCH // _STEP + 1):
            before = level[at - 24 : at - 1].max()
            after = level[at : at + 8].max()
            rise_db = 20 * np.log10(after / before)
            score = rise_db - _DOUBT_DB_A_MS * abs(at - centre) * _STEP * 1000 / SAMPLE_RATE
            if rise_db >= _LEAST_RISE_DB and score > best_score:
                half_way = max(np.sqrt(before * after), 0.3 * after)  # a codec's pre-echo lies lower
                first = at + int(np.argmax(level[at : at + 8] >= half_way))
                best_score, best_at = score, first
    return None if best_at is None else (best_at - centre) * _STEP * 1000 / SAMPLE_RATE


def event_offset(picture: NDArray[np.float64], fps: float, outline: NDArray[np.float32], seed: int = 0) -> EventOffset:
    """Offset between sudden changes of the picture and onsets of the sound, when chance cannot explain their fit.

    picture: novelty of each frame; outline: peak of each 5 ms of sound. Both become event trains on a 5 ms grid; their
    cross-correlation within +-0.5 s is compared with 199 shuffles of the gaps between the picture's events. Flashes and
    hits decide; ordinary footage stays undetermined.
    """
    sounds = _sound_events(outline)
    seen = _picture_events(picture, fps)
    if len(seen) < 3 or len(sounds) < 3:
        return EventOffset(verdict="undetermined")
    lags = np.arange(-100, 101)
    score = _fit(seen, sounds, lags)
    rng = np.random.default_rng(seed)
    gaps, chance = np.diff(seen, prepend=0), []
    for _ in range(199):
        shuffled = np.cumsum(rng.permutation(gaps)) + rng.integers(-40, 41)
        chance.append(_fit(shuffled, sounds, lags).max())
    z = (score.max() - np.mean(chance)) / (np.std(chance) + 1e-9)
    if z < 3 or score.max() <= max(chance):
        return EventOffset(verdict="undetermined", significance_z=round(float(z), 2))
    offset_ms = float(np.mean(lags[score >= score.max() - 1e-9])) * 5.0
    return EventOffset(verdict=_verdict(offset_ms), offset_ms=offset_ms, significance_z=round(float(z), 2))


def _verdict(offset_ms: float) -> str:
    if DETECTABLE_MS[0] <= offset_ms <= DETECTABLE_MS[1]:
        return "in sync"
    return "noticeable" if ACCEPTABLE_MS[0] <= offset_ms <= ACCEPTABLE_MS[1] else "out of sync"


def _sound_events(outline: NDArray[np.float32]) -> NDArray[np.int64]:
    """Cells in which the peak level rises by 12 dB over the 30 ms before, at most one in 80 ms."""
    level = np.log(outline.astype(np.float64) + 1e-4)
    before = np.max([np.roll(level, shift) for shift in range(1, 7)], axis=0)
    rise = level - before
    rise[:6] = level[:6] - np.log(1e-4)  # before the film there was silence
    return _peaks(rise, np.log(4.0), 16)


def _picture_events(novelty: NDArray[np.float64], fps: float) -> NDArray[np.int64]:
    """Cells at which frames with a novelty far above the usual begin."""
    usual = np.median(novelty)
    frames = _peaks(novelty, max(6.0, float(usual) * 5), max(1, round(fps * 0.08)))
    return np.round(frames / fps * SAMPLE_RATE / CELL).astype(np.int64)


def _peaks(values: NDArray[np.float64], least: float, apart: int) -> NDArray[np.int64]:
    found: list[int] = []
    for index in np.argsort(values)[::-1]:
        if values[index] < least:
            break
        if all(abs(int(index) - other) >= apart for other in found):
            found.append(int(index))
    return np.array(sorted(found), np.int64)


def _fit(seen: NDArray[np.int64], sounds: NDArray[np.int64], lags: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many seen events meet a sound at each lag (in cells), with a tolerance of two cells that falls off."""
    gaps = sounds[None, :] - seen[:, None]
    nearest = np.abs(gaps[:, :, None] - lags[None, None, :]).min(1)
    return np.maximum(0.0, 1 - nearest / 3).sum(0)
