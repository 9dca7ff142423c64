"""Harmony: which phrases a movement has, which chords they use, and how the voices lead from chord to chord."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np

from clapboard.engines.stage.music.moods import MOOD, Mood
from clapboard.engines.stage.music.theory import Chord, Key, chord

# One letter for each phrase of four chords: o(pening), b(ridge), c(losing), i(ntro). Sections are named by their label.
_FORMS = {
    1: ("A:c",),
    2: ("A:o", "A:c"),
    3: ("A:o", "B:b", "A:c"),
    4: ("A:o", "A:c", "B:b", "A:c"),
    5: ("intro:i", "A:o", "A:c", "B:b", "A:c"),
    6: ("A:o", "A:c", "B:b", "B:b", "A:o", "A:c"),
    7: ("intro:i", "A:o", "A:c", "B:b", "B:b", "A:o", "A:c"),
    8: ("A:o", "A:c", "A:o", "A:c", "B:b", "B:b", "A:o", "A:c"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase:
    """Four chords (fewer in a short film) from chord `first` of the movement on; `label` is its section."""

    label: str
    kind: str
    first: int
    chords: tuple[Chord, ...]


def phrases(mood: Mood, key: Key, num_chords: int, rng: np.random.Generator) -> tuple[Phrase, ...]:
    """The movement's phrases; a section that returns brings its harmony back."""
    lender = mood if key.is_minor == (mood.mode in ("minor", "dorian", "phrygian")) else MOOD[mood.other]
    chosen: dict[tuple[str, str], tuple[str, ...]] = {}
    result: list[Phrase] = []
    first = 0
    for size, label, kind in _shape(num_chords):
        if (label, kind) not in chosen:
            chosen[label, kind] = _progression(lender, kind, rng)
        numerals = chosen[label, kind][-size:] if kind == "c" else chosen[label, kind][:size]
        chords = tuple(chord(numeral, key.tonic) for numeral in numerals)
        result.append(Phrase(label=label, kind=kind, first=first, chords=chords))
        first += size
    return tuple(result)


def final_chord(mood: Mood, key: Key) -> Chord:
    """The tonic that the piece comes to rest on."""
    lender = mood if key.is_minor == (mood.mode in ("minor", "dorian", "phrygian")) else MOOD[mood.other]
    return chord(lender.final, key.tonic)


def _progression(mood: Mood, kind: str, rng: np.random.Generator) -> tuple[str, ...]:
    if kind == "i":
        opening = mood.opening[int(rng.integers(len(mood.opening)))].split()
        return (opening[0], opening[1], opening[0], opening[3])
    options = {"o": mood.opening, "b": mood.bridge, "c": mood.closing}[kind]
    return tuple(options[int(rng.integers(len(options)))].split())


def _shape(num_chords: int) -> list[tuple[int, str, str]]:
    """(chords, label, kind) of each phrase. Chords that do not fill a phrase become an introduction or a pickup."""
    fours, extra = divmod(num_chords, 4)
    if fours == 0:
        return [(extra, "A", "c")] if extra else []
    names = list(_FORMS.get(fours, ()))
    if not names:
        lead = ["intro:i"] if fours % 2 else []
        middle = ["A:o", "A:c", "B:b", "B:b", "A:o", "A:c", "C:b", "C:b"]
        cycles = [middle[i % 8] for i in range((fours - len(lead)) - 4)]
        names = [*lead, *cycles, *(("D:b", "D:b") if cycles[-1] == "A:c" else ("A:o", "A:c")), "A:o", "A:c"]
    shape = [(4, *name.split(":")) for name in names]
    lead_in = [(extra, "intro" if fours > 1 else "A", "i" if fours > 1 else "o")] if extra else []
    return [*lead_in, *((size, label, kind) for size, label, kind in shape)]


@lru_cache(maxsize=8192)
def voicing(harmony: Chord, before: tuple[int, ...], low: int, high: int) -> tuple[int, ...]:
    """Three or four pitches in [low, high] that hold the chord's character and move least from the voicing before."""
    tones = harmony.tones
    size = len(before) if before else (4 if len(tones) > 3 else 3)
    pool = [pitch for pitch in range(low, high + 1) if pitch % 12 in tones]
    # With four tones or more the root may stay in the bass alone; colour and third may not be left out.
    wanted = {harmony.third} | ({tones[3]} if len(tones) > 3 else set())
    best, best_cost = tuple(pool[:size]), float("inf")
    for voices in combinations(pool, size):
        classes = {pitch % 12 for pitch in voices}
        gaps = [b - a for a, b in pairwise(voices)]
        if not wanted <= classes or max(gaps) > 10 or (voices[0] < 52 and gaps[0] < 3):
            continue
        cost = 2.5 * (size - len(classes)) + 1.5 * sum(gap < 2 for gap in gaps)
        cost += 0.04 * abs(sum(voices) / size - (low + high) / 2) ** 1.5
        if before:
            cost += _motion_cost(before, voices)
        if cost < best_cost:
            best, best_cost = voices, cost
    return best


def _motion_cost(before: tuple[int, ...], after: tuple[int, ...]) -> float:
    """Semitones moved, more for leaps; parallel fifths and octaves between any two voices are dear."""
    moves = [b - a for a, b in zip(before, after, strict=True)]
    cost = sum(abs(move) + 0.5 * max(0, abs(move) - 4) ** 1.5 for move in moves)
    for i, j in combinations(range(len(after)), 2):
        interval = (before[j] - before[i]) % 12
        if interval in (0, 7) and (after[j] - after[i]) % 12 == interval and moves[i] == moves[j] != 0:
            cost += 6
    return cost


def bass_pitch(harmony: Chord, before: int | None, low: int, high: int) -> int:
    """The chord's bass note in [low, high], nearest to the one before."""
    options = [pitch for pitch in range(low, high + 1) if pitch % 12 == harmony.bass]
    return min(options, key=lambda pitch: abs(pitch - (before if before is not None else low + 6)))


def ladder(harmony: Chord, bass: int, steps: int) -> tuple[int, ...]:
    """Chord tones upwards from the bass, wide at the bottom: what the left hand of a pianist reaches for."""
    result = [bass]
    pitch = bass
    while len(result) < steps:
        pitch += 1
        wide = 12 if result[-1] < 37 else 7 if result[-1] < 43 else 5 if result[-1] < 50 else 3
        if pitch % 12 in harmony.tones and pitch - result[-1] >= wide:
            result.append(pitch)
    return tuple(result)
