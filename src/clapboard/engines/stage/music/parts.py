"""The parts: what each member of the cast plays over the harmonies of a movement, still in beats."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from clapboard.engines.stage.music import figures, harmony
from clapboard.engines.stage.music.cast import INSTRUMENT, Cast
from clapboard.engines.stage.music.figures import FIGURES, Slot, Stroke
from clapboard.engines.stage.music.harmony import Phrase
from clapboard.engines.stage.music.melody import Tone
from clapboard.engines.stage.music.moods import Mood
from clapboard.engines.stage.music.plan import Plan
from clapboard.engines.stage.music.theory import Chord, Key

# Arc value from which a part joins in.
_ENTRY = {"pads": 0.12, "bass": 0.22, "answer": 0.40, "pulse": 0.34, "second pad": 0.5}
_WALKERS = ("joyful", "playful")


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One note before performance: beats of the movement, and `lift` on top of the velocity of the moment."""

    beat: float
    beats: float
    pitch: int
    instrument: str
    lift: float = 0.0
    late_s: float = 0.0
    leads: bool = False
    """Whether it is the melody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Harmony:
    """One chord on its beats; `intensity` is the arc there, `phrase` the number of its phrase."""

    beat: float
    beats: float
    chord: Chord
    intensity: float
    phrase: int


Arc = Callable[[float], float]
"""Film time in seconds -> intensity 0..1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """What all parts of a movement know."""

    name: str
    mood: Mood
    key: Key
    cast: Cast
    plan: Plan
    arc: Arc
    verses: tuple[Phrase, ...]
    harmonies: tuple[Harmony, ...]
    final: Chord

    @property
    def tail_s(self) -> float:
        """From the final chord to the end of the movement."""
        return self.plan.span.end_s - self.plan.at(self.plan.num_beats)

    @property
    def melody_centre(self) -> int:
        """Where the tune lies: the mood's place, drawn into the register where the instrument sings."""
        sings = INSTRUMENT[self.cast.melody].tessitura if self.cast.melody else None
        return self.mood.centre if sings is None else sings + round(0.5 * (self.mood.centre - 71))

    def joins(self, part: str, intensity: float) -> bool:
        """Whether a part plays at this intensity; at the height of the piece everybody does."""
        return intensity >= min(_ENTRY[part], 0.95 * self.height)

    @property
    def height(self) -> float:
        """The arc's highest value at a chord."""
        return max((item.intensity for item in self.harmonies), default=0.5)

    @property
    def to_the_end(self) -> tuple[Harmony, ...]:
        """The harmonies and the final chord, as intense as the one before so that nobody misses it."""
        before = self.harmonies[-1].intensity if self.harmonies else self.height
        beat = float(self.plan.num_beats)
        return (*self.harmonies, Harmony(beat=beat, beats=4.0, chord=self.final, intensity=before, phrase=-1))


def voices_of(chords: Sequence[Chord], low: int, high: int) -> list[tuple[int, ...]]:
    """The upper voices of a chord sequence, each led from the one before."""
    result: list[tuple[int, ...]] = []
    before: tuple[int, ...] = ()
    for chord in chords:
        before = harmony.voicing(chord, before, low, high)
        result.append(before)
    return result


def basses_of(chords: Sequence[Chord], low: int) -> list[int]:
    """The bass line of a chord sequence, within an octave and a bit above `low`."""
    result: list[int] = []
    before = None
    for chord in chords:
        before = harmony.bass_pitch(chord, before, low, low + 13)
        result.append(before)
    return result


def figure_part(setup: Setup) -> list[Event]:
    """The accompaniment of the keyboard, harp, guitar or mallets, its texture chosen phrase by phrase by the arc."""
    name = setup.cast.figure
    if name is None or not setup.harmonies:
        return []
    instrument = INSTRUMENT[name]
    chords = [item.chord for item in setup.harmonies]
    low = max(33, instrument.low)
    centre = max(low + 12, 52)
    voices = voices_of(chords, centre, centre + 17)
    basses = basses_of(chords, low)
    events: list[Event] = []
    for i, item in enumerate(setup.harmonies):
        level = _phrase_intensity(setup, item.phrase)
        texture = setup.mood.textures[min(2, int(level * 3))]
        if instrument.sustained and texture in ("broken", "rolling", "waltz", "held", "drone"):
            continue
        slot = Slot(
            beats=item.beats,
            step=_step(setup, level),
            ladder=harmony.ladder(item.chord, basses[i], 6),
            voices=voices[i],
            low=setup.cast.bass is None or level < 0.5,
        )
        ring_on = instrument.pedal and texture not in ("pulse", "ostinato", "stab")
        events += [_event(stroke, item, name, ring_on) for stroke in FIGURES[texture](slot)]
    return events


def _event(stroke: Stroke, item: Harmony, instrument: str, ring_on: bool) -> Event:
    rest = item.beats - stroke.beat
    beats = rest if stroke.beats is None else min(stroke.beats, rest)
    if not ring_on and stroke.beats is None:
        beats = min(beats, 1.0)
    return Event(
        beat=item.beat + stroke.beat, beats=beats, pitch=stroke.pitch, instrument=instrument, lift=stroke.accent
    )


def _phrase_intensity(setup: Setup, phrase: int) -> float:
    values = [item.intensity for item in setup.harmonies if item.phrase == phrase]
    return sum(values) / len(values)


def _step(setup: Setup, level: float) -> float:
    """Beats between strokes: the power of two whose length is nearest to the mood's, quicker when the arc is high."""
    wanted = setup.mood.stroke_s * (1.25 - 0.5 * level) / setup.plan.beat_s
    return 2.0 ** round(math.log2(min(2.0, max(0.2, wanted))))


def pad_part(setup: Setup) -> list[Event]:
    """Sustained chords, the final one too; the first pad alone while the music is quiet."""
    events: list[Event] = []
    harmonies = setup.to_the_end
    chords = [item.chord for item in harmonies]
    lift = round(6 * setup.height)
    figure = setup.cast.figure
    has_bass = figure is not None and figure not in setup.cast.pads and INSTRUMENT[figure].low <= 45
    for rank, name in enumerate(setup.cast.pads):
        part = "pads" if rank == 0 else "second pad"
        low = max(48 + lift // 2 + 3 * rank, INSTRUMENT[name].low)
        voices = voices_of(chords, low, low + 19)
        basses = basses_of(chords, max(36, INSTRUMENT[name].low))
        for i, item in enumerate(harmonies):
            if not setup.joins(part, item.intensity) and (has_bass or rank):
                continue
            pitches = voices[i]
            if rank == 0 and setup.cast.bass is None and (not has_bass or item.intensity > 0.75):
                pitches = (basses[i], *pitches)
            events += [Event(beat=item.beat, beats=item.beats, pitch=p, instrument=name, lift=-0.10) for p in pitches]
    return events


def bass_part(setup: Setup) -> list[Event]:
    """The bass instrument: held or walking, and the last root."""
    name = setup.cast.bass
    if name is None:
        return []
    harmonies = setup.to_the_end
    basses = basses_of([item.chord for item in harmonies], max(31, INSTRUMENT[name].low))
    events: list[Event] = []
    for i, item in enumerate(harmonies):
        if not setup.joins("bass", item.intensity):
            continue
        if setup.name in _WALKERS and not INSTRUMENT[name].sustained and i + 1 < len(harmonies):
            slot = Slot(beats=item.beats, step=1.0, ladder=harmony.ladder(item.chord, basses[i], 2), voices=())
            strokes = figures.walking(slot, basses[i + 1], setup.key.scale)
            events += [_event(stroke, item, name, False) for stroke in strokes]
        else:
            events.append(Event(beat=item.beat, beats=item.beats, pitch=basses[i], instrument=name, lift=-0.02))
    return events


def pulse_part(setup: Setup) -> list[Event]:
    """Soft drums: the more, the higher the arc."""
    name = setup.cast.pulse
    if name is None or not setup.harmonies:
        return []
    events: list[Event] = []
    bar = setup.plan.beats_per_bar
    last = setup.harmonies[-1]
    for beat in np.arange(0, last.beat + last.beats, 0.5):
        item = next(h for h in reversed(setup.harmonies) if h.beat <= beat + 1e-6)
        if not setup.joins("pulse", item.intensity):
            continue
        place = float(beat % bar)
        if place == 0:
            pitch, lift = 40, 0.05
        elif place == bar / 2 and item.intensity > 0.45:
            pitch, lift = 45, -0.04
        elif place in (bar - 1, bar - 0.5) and item.intensity > 0.62:
            pitch, lift = 47, -0.10
        elif item.intensity > 0.55:
            pitch, lift = 60, -0.16 if place % 1 else -0.10
        else:
            continue
        events.append(Event(beat=float(beat), beats=0.5, pitch=pitch, instrument=name, lift=lift))
    return events


def melody_part(setup: Setup, tones: Sequence[Tone]) -> list[Event]:
    """The tune; when the arc is high and the player has two hands, sixths or thirds below it on strong beats."""
    name = setup.cast.melody
    if name is None:
        return []
    instrument = INSTRUMENT[name]
    events: list[Event] = []
    for i, tone in enumerate(tones):
        gap = tones[i + 1].beat - tone.beat if i + 1 < len(tones) else tone.beats
        beats = min(tone.beats, gap) * setup.mood.legato
        if instrument.pedal and setup.mood.legato > 0.9:
            beats = max(beats, min(gap, tone.beats + 1.0))
        pitch = _fold(tone.pitch, instrument.low, instrument.high)
        events.append(Event(beat=tone.beat, beats=beats, pitch=pitch, instrument=name, lift=0.10, leads=True))
        item = next((h for h in setup.harmonies if h.beat - 1e-6 <= tone.beat < h.beat + h.beats - 1e-6), None)
        if instrument.pedal and item and item.intensity > 0.5 and tone.beat % 2 == 0 and tone.beats >= 1:
            below = [p for p in range(pitch - 9, pitch - 2) if p % 12 in item.chord.tones and p >= instrument.low]
            if below:
                events.append(Event(beat=tone.beat, beats=beats, pitch=below[0], instrument=name, lift=-0.04))
    return events


def _fold(pitch: int, low: int, high: int) -> int:
    """The pitch in an octave that the instrument has."""
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch


def answer_part(setup: Setup, tones: Sequence[Tone]) -> list[Event]:
    """A second voice: long guide tones under the tune, and a short echo where the tune takes breath."""
    name = setup.cast.answer
    if name is None:
        return []
    instrument = INSTRUMENT[name]
    busy = [(tone.beat, tone.beat + min(tone.beats, 1.0)) for tone in tones]
    low = max(instrument.low, min(instrument.high - 14, round(setup.mood.centre) - 12))
    harmonies = setup.to_the_end
    voices = voices_of([item.chord for item in harmonies], low, min(instrument.high, low + 17))
    events: list[Event] = []
    for item, pitches in zip(harmonies, voices, strict=True):
        if not setup.joins("answer", item.intensity):
            continue
        half = item.beat + item.beats / 2
        free = not any(begin < item.beat + item.beats and end > half for begin, end in busy)
        if free and item.beats >= 2:
            step = item.beats / 4
            echo = [(half - item.beat + i * step, pitch) for i, pitch in enumerate(sorted(pitches, reverse=True)[:2])]
            events += [
                Event(beat=item.beat + at, beats=step, pitch=pitch, instrument=name, lift=0.02) for at, pitch in echo
            ]
        elif instrument.sustained:
            events.append(Event(beat=item.beat, beats=item.beats, pitch=pitches[1], instrument=name, lift=-0.06))
    return events


def ending_part(setup: Setup) -> list[Event]:
    """The last chord of those who strike or pluck: low root, rolled upwards, one high echo if there is time."""
    events: list[Event] = []
    cast, final, beat, tail_s = setup.cast, setup.final, float(setup.plan.num_beats), setup.tail_s
    is_slow = setup.mood.stroke_s > 0.3
    if cast.figure and not INSTRUMENT[cast.figure].sustained:
        instrument = INSTRUMENT[cast.figure]
        root = basses_of([final], max(33, instrument.low))[0]
        root -= 12 if root - 12 >= instrument.low and instrument.low < 40 else 0
        rungs = [p for p in harmony.ladder(final, root, 6) if p <= min(instrument.high, setup.mood.centre - 2)][:5]
        roll_s = min(0.11, 0.022 * tail_s + 0.01) * (1.0 if is_slow else 0.35)
        events += [
            Event(beat=beat, beats=0, pitch=p, instrument=cast.figure, lift=-0.04 - 0.01 * i, late_s=i * roll_s)
            for i, p in enumerate(rungs)
        ]
        echo = next(p for p in range(setup.mood.centre + 7, setup.mood.centre + 19) if p % 12 == final.tones[2])
        if tail_s > 2.2 and is_slow and echo <= instrument.high:
            events.append(
                Event(beat=beat, beats=0, pitch=echo, instrument=cast.figure, lift=-0.13, late_s=0.36 * tail_s)
            )
    if cast.pulse:
        events.append(Event(beat=beat, beats=0, pitch=40, instrument=cast.pulse, lift=0.0))
    return events
