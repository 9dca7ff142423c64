"""Melody: a motif of one bar, stated, moved, varied and answered by a cadence, on pitches that fit the harmony.

The motif gives rhythm and contour. The pitches of a phrase are then the cheapest path (Viterbi) through the scale:
close to the contour, chord tones on strong beats, singable steps, an arch towards its climax. So a motif that returns
over other chords becomes a sequence by itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clapboard.engines.stage.music.harmony import Phrase
from clapboard.engines.stage.music.moods import Mood
from clapboard.engines.stage.music.theory import Chord, Key

# Rhythms of a bar in beats, rests negative; by gait and by beats of the bar.
_RHYTHMS: dict[str, dict[int, tuple[tuple[float, ...], ...]]] = {
    "sparse": {
        4: ((2, 2), (3, 1), (-1, 3), (-1, 1, 2), (1, 3)),
        3: ((-1, 2), (2, 1), (1, 2)),
        2: ((2,), (-0.5, 1.5), (1.5, 0.5)),
    },
    "long": {
        4: ((2, 1, 1), (3, 1), (-1, 1, 2), (1.5, 0.5, 2), (1, 1, 2), (-0.5, 0.5, 1, 2)),
        3: ((2, 1), (1, 2), (1.5, 0.5, 1), (-1, 1, 1)),
        2: ((1.5, 0.5), (1, 1), (-0.5, 0.5, 1)),
    },
    "flowing": {
        4: ((1, 1, 2), (1.5, 0.5, 1, 1), (-1, 1, 1, 1), (1, 0.5, 0.5, 2), (-0.5, 0.5, 1, 1, 1), (0.5, 0.5, 1, 2)),
        3: ((1, 1, 1), (2, 1), (1.5, 0.5, 1), (1, 0.5, 0.5, 1), (-0.5, 0.5, 1, 1)),
        2: ((1, 1), (0.5, 0.5, 1), (-0.5, 0.5, 1), (1.5, 0.5)),
    },
    "lively": {
        4: ((0.5, 0.5, 1, 1, 1), (1, 0.5, 0.5, 1, 1), (-0.5, 0.5, 0.5, 0.5, 1, 1), (1, 0.5, 0.5, 0.5, 0.5, 1)),
        3: ((0.5, 0.5, 1, 1), (1, 0.5, 0.5, 1), (1, 1, 0.5, 0.5), (-0.5, 0.5, 1, 1)),
        2: ((0.5, 0.5, 1), (1, 0.5, 0.5), (-0.5, 0.5, 0.5, 0.5)),
    },
    "dotted": {
        4: ((1.5, 0.5, 2), (2, 1.5, 0.5), (1, 1, 1.5, 0.5), (1.5, 0.5, 1, 1)),
        3: ((1.5, 0.5, 1), (2, 0.5, 0.5), (2, 1)),
        2: ((1.5, 0.5), (1, 1), (0.75, 0.25, 1)),
    },
}

# What each bar of a phrase does: M(otif), S(equence), V(ariation), R(est), C(adence).
_BARS = {1: "C", 2: "MC", 3: "MSC", 4: "MSVC"}
_SPARSE_BARS = {1: "C", 2: "MC", 3: "MRC", 4: "MRSC"}

_LATE_BARS = "RMSC"

_SEMITONES_A_STEP = 1.75
_REACH = 13
"""How far from the centre a melody may go, in semitones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tone:
    """One melody note in beats of the movement."""

    beat: float
    beats: float
    pitch: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Motif:
    """Rhythm of a bar and the contour of its notes in scale steps (one less than notes, repeated if need be)."""

    rhythm: tuple[float, ...]
    steps: tuple[int, ...]

    def turned(self, rhythm: tuple[float, ...]) -> "Motif":
        """The contrasting motif: the contour upside down, to another rhythm."""
        return Motif(rhythm=rhythm, steps=tuple(-step for step in self.steps))


@dataclass(frozen=True, kw_only=True, slots=True)
class Meter:
    """What melody needs to know of the plan."""

    beats_per_bar: int
    chord_beats: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """The circumstances of one phrase: its motif, its centre (MIDI), the pitch before it, and how it ends."""

    motif: Motif
    centre: float
    before: int | None
    final: Chord | None
    """The chord that the last note lands on, or none inside the piece."""
    waits: bool = False
    """Whether the first bar belongs to the accompaniment alone."""


def rhythms(mood: Mood, beats: int) -> tuple[tuple[float, ...], ...]:
    """The mood's rhythms for a bar of this many beats."""
    return _RHYTHMS[mood.gait][beats]


def make_motif(mood: Mood, beats: int, rng: np.random.Generator) -> Motif:
    """A motif in the mood's gait: mostly steps, one leap, leaning as the mood does."""
    options = rhythms(mood, beats)
    rhythm = options[int(rng.integers(len(options)))]
    up = 0.5 + 0.4 * mood.lean
    steps = [int(rng.choice([1, 1, 2, 1])) * (1 if rng.random() < up else -1) for _ in range(5)]
    leap = int(rng.integers(2))
    steps[leap] = int(rng.choice([3, 4, 2])) * (1 if rng.random() < up + 0.15 else -1)
    if steps[leap] * steps[leap + 1] > 0:
        steps[leap + 1] = -steps[leap + 1]
    return Motif(rhythm=rhythm, steps=tuple(steps))


def sing_phrase(
    phrase: Phrase, setting: Setting, meter: Meter, mood: Mood, key: Key, rng: np.random.Generator
) -> list[Tone]:
    """The notes of one phrase, its last one on the final chord when the film ends after it."""
    begin = phrase.first * meter.chord_beats
    total = len(phrase.chords) * meter.chord_beats
    slots: list[tuple[float, float]] = []
    wishes: list[int | None] = []
    num_bars = max(1, min(4, round(total / meter.beats_per_bar + 0.01)))
    roles = (_SPARSE_BARS if mood.gait == "sparse" else _BARS)[num_bars]
    if setting.waits and num_bars == 4:
        roles = _LATE_BARS
    for bar, role in enumerate(roles):
        rhythm = _bar_rhythm(role, setting, meter, mood, rng)
        at = bar * meter.beats_per_bar
        sounded = 0
        for beats in rhythm:
            length = min(abs(beats), total - (at - 0.0))
            if beats > 0 and length > 0.2:
                slots.append((begin + at, length))
                wishes.append(setting.motif.steps[sounded - 1] if sounded and role in "MSC" else None)
                sounded += 1
            at += abs(beats)
    if setting.final is not None:
        slots.append((begin + total, 2 * meter.beats_per_bar))
        wishes.append(None)
    if not slots:
        return []
    return _pitched(slots, wishes, phrase, setting, meter, key)


def _bar_rhythm(role: str, setting: Setting, meter: Meter, mood: Mood, rng: np.random.Generator) -> tuple[float, ...]:
    beats = meter.beats_per_bar
    if role == "R":
        return (-float(beats),)
    if role == "V":
        options = rhythms(mood, beats)
        return options[int(rng.integers(len(options)))]
    if role == "C" and setting.final is None:
        return (beats - 0.5, -0.5) if beats == 2 else (beats - 1.0, -1.0)
    return setting.motif.rhythm


def _pitched(
    slots: list[tuple[float, float]],
    wishes: list[int | None],
    phrase: Phrase,
    setting: Setting,
    meter: Meter,
    key: Key,
) -> list[Tone]:
    """Viterbi over semitones: cheapest path through placing costs and step costs."""
    pitches = np.arange(round(setting.centre) - _REACH, round(setting.centre) + _REACH + 1)
    jumps = pitches[None, :] - pitches[:, None]
    score = np.zeros(len(pitches)) if setting.before is None else _step_cost(pitches - setting.before, None)
    trail: list[NDArray[np.int64]] = []
    begin, length = slots[0][0], max(slots[-1][0] - slots[0][0], 1.0)
    for index, ((beat, beats), wish) in enumerate(zip(slots, wishes, strict=True)):
        is_last = index == len(slots) - 1
        landing = setting.final if is_last else None
        harmony = (
            landing or phrase.chords[min(len(phrase.chords) - 1, int(beat / meter.chord_beats - phrase.first + 1e-6))]
        )
        strong = beat % 1 < 1e-6 and (beats >= 1 or beat % meter.chord_beats < 1e-6)
        arch = setting.centre + 4.5 * np.sin(np.pi * min(1.0, 0.15 + 0.75 * (beat - begin) / length)) - 2.0
        place = _place_cost(pitches, harmony, key, strong or is_last) + 0.13 * np.abs(pitches - arch)
        if landing is not None:
            place = place + np.select([pitches % 12 == key.tonic, pitches % 12 == landing.third], [0.0, 1.0], 3.0)
        if index == 0:
            score = score + place
            continue
        paths = score[:, None] + _step_cost(jumps, wish)
        trail.append(np.argmin(paths, axis=0))
        score = np.min(paths, axis=0) + place
    path = [int(np.argmin(score))]
    for back in reversed(trail):
        path.append(int(back[path[-1]]))
    found = [int(pitches[i]) for i in reversed(path)]
    return [Tone(beat=beat, beats=beats, pitch=p) for (beat, beats), p in zip(slots, found, strict=True)]


def _place_cost(pitches: NDArray[np.int64], harmony: Chord, key: Key, strong: bool) -> NDArray[np.float64]:
    """How ill each pitch sits on the chord."""
    cost = np.empty(len(pitches))
    altered = [tone for tone in harmony.tones if tone not in key.scale]
    for index, pitch in enumerate(pitches % 12):
        if pitch in harmony.tones:
            cost[index] = 0.4 if pitch in harmony.tones[3:] and strong else 0.0
        elif pitch not in key.scale or any((pitch - tone) % 12 in (1, 11) for tone in altered):
            cost[index] = 40.0
        else:
            clash = any((pitch - tone) % 12 == 1 for tone in harmony.tones)
            cost[index] = (4.0 if strong else 0.5) + 1.5 * clash
    return cost


def _step_cost(jumps: NDArray[np.int64], wish: int | None) -> NDArray[np.float64]:
    """How ill each interval sings; `wish` is the motif's step, none leaves it free."""
    size = np.abs(jumps)
    # A semitone is a spice: lines that rock on one are dull.
    cost = (
        0.25 * (size == 1) + 0.40 * np.maximum(0, size - 5) + 3.0 * (size > 9) + 1.5 * (size == 6) + 30.0 * (size > 12)
    )
    if wish is None:
        return cost + 0.18 * size + 1.3 * (size == 0)
    return cost + 0.5 * np.abs(jumps - _SEMITONES_A_STEP * wish) + 1.0 * ((size == 0) & (wish != 0))
