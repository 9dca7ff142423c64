"""The score: what the composer hands to the players, as plain values.

Pitches are MIDI numbers (60 = middle C, fractions allowed), times are seconds of the film.
Notes are sorted by their start.
"""

from dataclasses import dataclass

from clapboard.engines.stage.music.theory import Key


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """One note. Velocity 0..1 (0.6 is mezzo-forte), pan -1 (left) .. 1 (right)."""

    start_s: float
    duration_s: float
    pitch: float
    velocity: float
    instrument: str
    pan: float = 0.0
    release_s: float | None = None
    """How long it takes to die after its duration; none: as the instrument does by itself."""

    @property
    def end_s(self) -> float:
        """When the player lets go."""
        return self.start_s + self.duration_s


@dataclass(frozen=True, kw_only=True, slots=True)
class ChordSpan:
    """One harmony, as written ("bVImaj7" relative to the key) and as pitch classes 0..11."""

    start_s: float
    end_s: float
    symbol: str
    pitch_classes: frozenset[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A named stretch: "intro", "A", "B", "ending" or "rest"."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """A composed piece. `instruments` keeps the order of the cast; `hall_s` is the reverberation time of its hall."""

    duration_s: float
    key: Key
    tempo_bpm: float
    notes: tuple[Note, ...]
    chords: tuple[ChordSpan, ...]
    sections: tuple[Section, ...]
    instruments: tuple[str, ...]
    hall_s: float
    level_db: float = 0.0
