"""The performance: events in beats become notes in seconds, as loud as the arc wants, as uneven as hands are."""

from collections.abc import Sequence

import numpy as np

from clapboard.engines.stage.music.cast import INSTRUMENT
from clapboard.engines.stage.music.parts import Event, Setup
from clapboard.engines.stage.music.score import Note

# Players of an ensemble differ by 30 ms (Rasch 1979); the sound of a film is held closer to its picture.
_JITTER_S = 0.004
_MOST_JITTER_S = 0.008
_TOUCH = 0.018
"""Standard deviation of the velocities."""
_HAIRPIN = 0.05
"""Swell of the velocity towards the middle of a phrase."""
_PEDAL_OVERLAP_S = 0.06


def perform(setup: Setup, events: Sequence[Event], rng: np.random.Generator) -> list[Note]:
    """The notes of a movement, unsorted; all of them begin and end inside its span."""
    plan = setup.plan
    notes: list[Note] = []
    struck: set[tuple[float, str, int]] = set()
    for event in sorted(events, key=lambda e: (e.beat, e.instrument, e.pitch, not e.leads, e.late_s)):
        if (event.beat, event.instrument, event.pitch) in struck:
            continue
        struck.add((event.beat, event.instrument, event.pitch))
        jitter_s = float(np.clip(rng.normal(0, _JITTER_S), -_MOST_JITTER_S, _MOST_JITTER_S))
        start_s = max(plan.span.start_s, plan.at(event.beat) + event.late_s + jitter_s)
        touch = float(rng.normal(0, _TOUCH))
        velocity = _velocity(setup, event, start_s) + touch
        if event.beat >= plan.num_beats - 1e-6:
            notes.append(_last(setup, event, start_s, velocity))
            continue
        duration_s = plan.at(event.beat + event.beats) - plan.at(event.beat)
        if INSTRUMENT[event.instrument].pedal:
            duration_s += _PEDAL_OVERLAP_S
        notes.append(_note(event, start_s, duration_s, velocity, None))
    return notes


def _velocity(setup: Setup, event: Event, start_s: float) -> float:
    """From the arc, the part, the instrument and the place in the phrase."""
    softest, loudest = setup.mood.velocity
    velocity = softest + (loudest - softest) * setup.arc(start_s) + event.lift + INSTRUMENT[event.instrument].trim
    verse = next((v for v in reversed(setup.verses) if v.first * setup.plan.chord_beats <= event.beat + 1e-6), None)
    if verse is not None and event.beat < setup.plan.num_beats:
        place = (event.beat / setup.plan.chord_beats - verse.first) / len(verse.chords)
        velocity += _HAIRPIN * (np.sin(np.pi * place) - 0.5)
    return float(velocity)


def _last(setup: Setup, event: Event, start_s: float, velocity: float) -> Note:
    """A note of the final chord: it has died before the film ends, by itself or fading to nothing."""
    left_s = setup.plan.span.end_s - start_s
    if INSTRUMENT[event.instrument].sustained:
        return _note(event, start_s, 0.28 * left_s, velocity - 0.03, 0.52 * left_s)
    return _note(event, start_s, 0.72 * left_s, velocity - 0.03, 0.25 * left_s)


def _note(event: Event, start_s: float, duration_s: float, velocity: float, release_s: float | None) -> Note:
    return Note(
        start_s=start_s,
        duration_s=max(0.05, duration_s),
        pitch=float(event.pitch),
        velocity=min(1.0, max(0.06, velocity)),
        instrument=event.instrument,
        pan=INSTRUMENT[event.instrument].pan,
        release_s=release_s,
    )
