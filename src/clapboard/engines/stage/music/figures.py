"""Accompaniment figures: what a hand does with one harmony. All times in beats from the start of the chord."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Stroke:
    """One note of a figure; `accent` is added to its velocity, `beats` none lets it ring to the end of the harmony."""

    beat: float
    beats: float | None
    pitch: int
    accent: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One harmony to fill: its length, the ladder of chord tones from the bass up, and close upper voices."""

    beats: float
    step: float
    """Beats between strokes."""
    ladder: tuple[int, ...]
    voices: tuple[int, ...]
    low: bool = True
    """Whether this hand also plays the bass."""


Figure = Callable[[Slot], list[Stroke]]


def _grid(slot: Slot) -> list[float]:
    count = max(1, round(slot.beats / slot.step))
    return [index * slot.beats / count for index in range(count)]


def _bass(slot: Slot, beats: float | None = None) -> list[Stroke]:
    return [Stroke(beat=0.0, beats=beats, pitch=slot.ladder[0], accent=0.03)] if slot.low else []


def held(slot: Slot) -> list[Stroke]:
    """The chord, once, softly."""
    return [*_bass(slot), *(Stroke(beat=0.0, beats=None, pitch=pitch, accent=-0.04) for pitch in slot.voices)]


def drone(slot: Slot) -> list[Stroke]:
    """Root and fifth under everything."""
    return [Stroke(beat=0.0, beats=None, pitch=pitch) for pitch in slot.ladder[:2]]


def broken(slot: Slot) -> list[Stroke]:
    """An arpeggio that rises and then rests on its top: the quietest movement there is."""
    tones = slot.ladder if slot.low else slot.ladder[1:]
    grid = _grid(slot)
    upto = max(2, min(len(tones), (len(grid) + 1) // 2 + 1))
    return [
        Stroke(beat=beat, beats=None, pitch=tones[i], accent=0.03 if i == 0 else -0.05 - 0.01 * i)
        for i, beat in enumerate(grid[:upto])
    ]


def rolling(slot: Slot) -> list[Stroke]:
    """Up and down the chord without end."""
    tones = slot.ladder if slot.low else slot.ladder[1:]
    grid = _grid(slot)
    top = min(len(tones) - 1, max(2, len(grid) // 2))
    cycle = [*range(top + 1), *range(top - 1, 0, -1)]
    return [
        Stroke(beat=beat, beats=None, pitch=tones[cycle[i % len(cycle)]], accent=0.03 if i == 0 else -0.05)
        for i, beat in enumerate(grid)
    ]


def waltz(slot: Slot) -> list[Stroke]:
    """Bass, then the chord on the other beats."""
    after = [
        Stroke(beat=float(beat), beats=None, pitch=pitch, accent=-0.09)
        for beat in range(1, max(2, round(slot.beats)))
        for pitch in slot.voices[-2:]
        if beat < slot.beats
    ]
    return [*_bass(slot), *after]


def pulse(slot: Slot) -> list[Stroke]:
    """The chord repeated, with a heartbeat's accent."""
    strokes = _bass(slot)
    for i, beat in enumerate(_grid(slot)):
        accent = -0.02 if i == 0 else -0.10 if i % 2 == 0 else -0.14
        strokes += [Stroke(beat=beat, beats=slot.step * 0.85, pitch=pitch, accent=accent) for pitch in slot.voices]
    return strokes


def ostinato(slot: Slot) -> list[Stroke]:
    """A restless cell of the close voices."""
    cell = (0, 2, 1, 2) if len(slot.voices) > 2 else (0, 1)
    notes = [
        Stroke(
            beat=beat,
            beats=slot.step * 0.9,
            pitch=slot.voices[cell[i % len(cell)]],
            accent=0.04 if i == 0 else 0.0 if i % len(cell) == 0 else -0.05,
        )
        for i, beat in enumerate(_grid(slot))
    ]
    return [*_bass(slot), *notes]


def stab(slot: Slot) -> list[Stroke]:
    """Bass on the beat, short chords off it."""
    strokes: list[Stroke] = []
    for beat in range(max(1, int(slot.beats))):
        if slot.low:
            tone = slot.ladder[0] if beat % 2 == 0 else slot.ladder[1]
            strokes.append(Stroke(beat=float(beat), beats=0.45, pitch=tone, accent=0.02))
        strokes += [Stroke(beat=beat + 0.5, beats=0.3, pitch=pitch, accent=-0.06) for pitch in slot.voices[-2:]]
    return strokes


FIGURES: dict[str, Figure] = {
    "held": held,
    "drone": drone,
    "broken": broken,
    "rolling": rolling,
    "waltz": waltz,
    "pulse": pulse,
    "ostinato": ostinato,
    "stab": stab,
}
"""Figure name -> its maker, as the moods name them."""


def walking(slot: Slot, following: int, scale: frozenset[int]) -> list[Stroke]:
    """A bass line that walks on every beat and reaches the next harmony's bass from beside it."""
    root, fifth = slot.ladder[0], slot.ladder[1]
    approach = next(following + step for step in (2, 1, -2, -1) if (following + step) % 12 in scale)
    line = {1: [root], 2: [root, approach], 3: [root, fifth, approach]}.get(
        int(slot.beats), [root, fifth, root, approach]
    )
    return [Stroke(beat=float(i), beats=0.85, pitch=p, accent=0.02 if i == 0 else -0.04) for i, p in enumerate(line)]
