"""The orchestra: a `Score` becomes one `Source` per instrument, all in the same hall.

Sound is made in blocks on a fixed grid of the film, each a pure function of the notes that reach into it, so any range
of samples is the same however it is asked for. Notes and blocks are kept only while they are likely to be needed again.
"""

import math
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.music import hall, synth
from clapboard.engines.stage.music.cast import INSTRUMENT
from clapboard.engines.stage.music.hall import BLOCK
from clapboard.engines.stage.music.score import Score
from clapboard.engines.stage.music.synth import Samples
from clapboard.take import Source

_LONGEST_RING_S = 6.5
"""No note sounds longer than this after its written end (bells: 6 s)."""
_KEPT_BYTES = 16 << 20
_LONGEST_FADE_S = 0.9
_FADE_SHARE = 0.3
"""Part of a short film that fades out."""
_TARGET_LUFS = -24.0
_POWER_TO_LUFS = 3.0
"""Loudness above the power that `_gain` adds up: two channels, K weighting, the hall. Measured over all moods."""
_STRUCK_S = 0.9
"""A struck note has the energy of its first level for at most this long. Measured."""


def sources(score: Score, *, num_samples: int, seed: int) -> tuple[Source, ...]:
    """One stereo source for each instrument that plays. Together they are near -24 LUFS before `gain_db`."""
    gain = _gain(score)
    return tuple(
        Source(
            name=name,
            start=0,
            length=num_samples,
            render=_Player(score, name, gain, num_samples, seed).render,
            gain_db=score.level_db,
        )
        for name in score.instruments
    )


def _gain(score: Score) -> float:
    """Linear gain that brings the whole to the target, from the notes alone: their levels, lengths and overlaps."""
    energy = 0.0
    sounding_s, end_s = 0.0, 0.0
    for note in score.notes:
        instrument = INSTRUMENT[note.instrument]
        tail_s = 0.3 * (note.release_s or 0.5)
        length_s = note.duration_s + tail_s if instrument.sustained else min(note.duration_s + tail_s, _STRUCK_S)
        energy += synth.level_gain(note.velocity) ** 2 * length_s
        sounding_s += max(0.0, note.end_s + tail_s - max(note.start_s, end_s))
        end_s = max(end_s, note.end_s + tail_s)
    if not energy:
        return 1.0
    loudness = 10 * math.log10(energy / sounding_s) + _POWER_TO_LUFS
    return 10 ** ((_TARGET_LUFS - loudness) / 20)


class _Kept:
    """The values used last, up to a number of bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._values: OrderedDict[int, Samples] = OrderedDict()
        self._most_bytes = most_bytes
        self._bytes = 0

    def get(self, key: int, make: Callable[[int], Samples]) -> Samples:
        """The value of `key`, made now if it is not kept."""
        value = self._values.pop(key, None)
        if value is None:
            value = make(key)
            self._bytes += value.nbytes
        self._values[key] = value
        while self._bytes > self._most_bytes and len(self._values) > 2:
            self._bytes -= self._values.popitem(last=False)[1].nbytes
        return value


class _Player:
    """One instrument's part of a score, sounding. Safe to call from several threads."""

    def __init__(self, score: Score, name: str, gain: float, num_samples: int, seed: int) -> None:
        self._instrument = INSTRUMENT[name]
        self._part = [note for note in score.notes if note.instrument == name]
        self._starts_s = [note.start_s for note in self._part]
        self._longest_s = max(note.duration_s for note in self._part) + _LONGEST_RING_S
        self._gain, self._num_samples, self._seed = np.float32(gain), num_samples, seed
        self._hall_s = score.hall_s
        self._notes, self._dry, self._done = _Kept(_KEPT_BYTES), _Kept(4 << 20), _Kept(4 << 20)
        self._lengths: dict[int, int] = {}
        self._lock = threading.Lock()

    def render(self, start: int, stop: int) -> Samples:
        """Film samples start..stop-1 as float32 [2, stop - start]."""
        out = np.empty((2, stop - start), np.float32)
        for index in range(start // BLOCK, -(-stop // BLOCK)):
            with self._lock:
                block = self._done.get(index, self._finished)
            begin, end = max(start, index * BLOCK), min(stop, (index + 1) * BLOCK)
            out[:, begin - start : end - start] = block[:, begin - index * BLOCK : end - index * BLOCK]
        return out

    def _finished(self, index: int) -> Samples:
        """One block with its hall, at its level, faded out at the end of the film."""
        dry = self._dry.get(index, self._played)
        before = self._dry.get(index - 1, self._played)
        block = dry + np.float32(self._instrument.send) * hall.wet(before, dry, self._hall_s)
        fade_s = min(_LONGEST_FADE_S, _FADE_SHARE * self._num_samples / SAMPLE_RATE)
        left = self._num_samples - index * BLOCK
        if left < BLOCK + fade_s * SAMPLE_RATE:
            from_end_s = (np.arange(BLOCK) - left) / SAMPLE_RATE
            block *= synth.fade(from_end_s.astype(np.float32), 0.0, fade_s)
        return np.asarray(block * self._gain, np.float32)

    def _played(self, index: int) -> Samples:
        """One dry block: every note that reaches into it, in the order of the score."""
        block = np.zeros((2, BLOCK), np.float32)
        first = bisect_left(self._starts_s, index * BLOCK / SAMPLE_RATE - self._longest_s)
        last = bisect_left(self._starts_s, (index + 1) * BLOCK / SAMPLE_RATE)
        for number in range(first, last):
            note = self._part[number]
            at = round(note.start_s * SAMPLE_RATE) - index * BLOCK
            if at >= BLOCK or at + self._lengths.get(number, BLOCK - at) <= 0:
                continue
            sound = self._notes.get(number, self._note)
            self._lengths[number] = sound.shape[1]
            begin, end = max(0, at), min(BLOCK, at + sound.shape[1])
            if end > begin:
                block[:, begin:end] += sound[:, begin - at : end - at]
        return block

    def _note(self, number: int) -> Samples:
        return self._instrument.play(self._part[number], np.random.default_rng([self._seed, number]))
