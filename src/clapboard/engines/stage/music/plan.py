"""The plan of a piece: how many bars at what tempo fill a stretch of film, so that the cadence lands before its end.

A film longer than `MAX_MOVEMENT_S` gets several movements with silence between them: silence is composed too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from clapboard.engines.stage.music.moods import Mood

MAX_MOVEMENT_S = 150.0
_USUAL_MOVEMENT_S = 100.0
_REST_S = 9.0
_HIT_REACH_S = 0.12
_HIT_SPREAD_BEATS = 4

_SHORT_METER = (2, 1)
"""For films too short for anything else."""

# Cost of a number of chords: phrases of four are natural, others are for films too short for one.
_CHORD_COUNT_COST = {1: 2.0, 2: 1.0, 3: 0.8, 4: 0.0, 6: 0.7, 8: 0.0, 12: 0.1, 16: 0.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of film that one movement fills, in seconds."""

    start_s: float
    end_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Meter and time of one movement. `beats_s` are the times of its beats; the last is the final chord's downbeat."""

    span: Span
    beats_per_bar: int
    chords_per_bar: int
    num_chords: int
    beats_s: NDArray[np.float64]

    @property
    def chord_beats(self) -> float:
        """Beats that a chord lasts."""
        return self.beats_per_bar / self.chords_per_bar

    @property
    def num_beats(self) -> int:
        """Beats before the final chord."""
        return len(self.beats_s) - 1

    @property
    def beat_s(self) -> float:
        """Mean length of a beat."""
        if self.num_beats == 0:
            return 0.5
        return float(self.beats_s[-1] - self.beats_s[0]) / self.num_beats

    def at(self, beat: float) -> float:
        """Film time of a beat, fractions allowed, also after the last."""
        last = self.num_beats
        if beat >= last:
            return float(self.beats_s[-1]) + (beat - last) * self.beat_s
        return float(np.interp(beat, np.arange(last + 1), self.beats_s))

    def bent(self, hits_s: Sequence[float]) -> "Plan":
        """The same plan with the beats near the film's strong moments pulled onto them, their neighbours with them."""
        beats_s = self.beats_s.copy()
        index = np.arange(len(beats_s))
        taken = -2 * _HIT_SPREAD_BEATS
        for hit_s in sorted(hits_s):
            near = int(np.argmin(np.abs(beats_s - hit_s)))
            reach = min(_HIT_SPREAD_BEATS, near, self.num_beats - near)
            if reach < 2 or near - taken < 2 * _HIT_SPREAD_BEATS or abs(beats_s[near] - hit_s) > _HIT_REACH_S:
                continue
            beats_s += (hit_s - beats_s[near]) * np.clip(1 - np.abs(index - near) / reach, 0, 1)
            taken = near
        return replace(self, beats_s=beats_s)


def spans(duration_s: float) -> tuple[Span, ...]:
    """The movements of a film, with rests between them."""
    if duration_s <= MAX_MOVEMENT_S:
        return (Span(start_s=0.0, end_s=duration_s),)
    count = round(duration_s / _USUAL_MOVEMENT_S)
    edges = np.linspace(0, duration_s + _REST_S, count + 1)
    return tuple(Span(start_s=float(a), end_s=float(b) - _REST_S) for a, b in pairwise(edges))


def make_plan(span: Span, mood: Mood, tempo_bpm: float | None, rng: np.random.Generator) -> Plan:
    """Choose meter, number of chords and tempo: the natural count nearest to the mood's pace wins."""
    length_s = span.end_s - span.start_s
    lead_s = min(0.45, 0.05 * length_s) if span.start_s == 0 else 0.0
    tail_s = min(0.55 * length_s, 1.1 + 0.17 * length_s, 4.2)
    low_bpm, high_bpm = mood.tempo_bpm if tempo_bpm is None else (tempo_bpm * 0.97, tempo_bpm * 1.03)
    wanted_bpm = float(rng.uniform(low_bpm, high_bpm)) if tempo_bpm is None else tempo_bpm
    best: tuple[float, Plan | None] = (math.inf, None)
    meters = (*mood.meters, _SHORT_METER)
    for rank, (beats, chords) in enumerate(meters):
        meter_cost = (0.0, 0.35)[min(1, rank)] + float(rng.uniform(0, 0.6)) + (beats == 2)
        for stretch in (0.86, 0.93, 1.0, 1.07, 1.14):
            body_s = length_s - lead_s - tail_s * stretch
            for count in _counts(body_s, beats / chords, (low_bpm, high_bpm), chords):
                bpm = 60 * count * beats / chords / body_s
                outside = max(0.0, math.log2(low_bpm / bpm), math.log2(bpm / high_bpm))
                cost = meter_cost + (math.log2(bpm / wanted_bpm) / 0.4) ** 2 + 9 * outside + abs(stretch - 1)
                cost += _CHORD_COUNT_COST.get(count, 0.12 if count % 4 == 0 else 0.5 if count > 16 else 1.2)
                cost += max(0.0, 1.15 - body_s / count) * 6
                if cost < best[0]:
                    plan = Plan(
                        span=span,
                        beats_per_bar=beats,
                        chords_per_bar=chords,
                        num_chords=count,
                        beats_s=span.start_s + lead_s + body_s * _beats(round(count * beats / chords)),
                    )
                    best = (cost, plan)
    if best[1] is not None:
        return best[1]
    return Plan(span=span, beats_per_bar=4, chords_per_bar=1, num_chords=0, beats_s=np.array([span.start_s + lead_s]))


def _counts(body_s: float, chord_beats: float, bpm: tuple[float, float], step: int) -> range:
    """Numbers of chords worth looking at: whole bars, within a third of the tempo's bounds."""
    if body_s < 0.7:
        return range(0)
    fewest = max(1, math.floor(body_s * bpm[0] * 0.75 / 60 / chord_beats))
    most = math.ceil(body_s * bpm[1] * 1.35 / 60 / chord_beats)
    first = math.ceil(fewest / step) * step
    return range(first, max(most, first) + 1, step)


def _beats(count: int) -> NDArray[np.float64]:
    """Places of the beats from 0 to 1: even, with a slight breath inside every 8 and a ritardando into the end."""
    index = np.arange(count)
    lengths = 1 + 0.012 * np.cos(2 * np.pi * index / 8)
    for back, slower in ((1, 1.16), (2, 1.09), (3, 1.04)):
        if count >= 6:
            lengths[count - back] *= slower
    return np.concatenate(([0.0], np.cumsum(lengths) / np.sum(lengths)))
