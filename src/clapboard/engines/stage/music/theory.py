"""The theory of harmony that the composer needs: keys, scales, chords written as Roman numerals.

Numerals count from the major scale of the tonic, so a minor key writes its sixth chord "bVI". Upper case is a major
triad, lower case a minor one; "/3" puts scale degree 3 in the bass: "V/7" is the dominant over its leading note.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from clapboard.errors import InputError

MODES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
"""Semitones above the tonic."""

TONIC_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ROMANS = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}
_ACCIDENTALS = {"": 0, "b": -1, "#": 1}
_NUMERAL = re.compile(r"([b#]?)([IV]+|[iv]+)(maj7|maj9|7sus4|sus4|add9|ø7|dim|7|6)?(?:/([b#]?)([1-7]))?")
_KEY = re.compile(r"([a-g])\s*(#|b|sharp|flat|♯|♭)?\s*(m|min|minor|maj|major|dorian|phrygian|lydian|mixolydian)?", re.I)

# Intervals above the root, the ones that carry the colour first after root and third.
_SUFFIXES = {
    None: (),
    "7": (10,),
    "maj7": (11,),
    "maj9": (11, 2),
    "6": (9,),
    "add9": (2,),
}
_WHOLE_CHORDS = {
    "sus4": (0, 5, 7),
    "7sus4": (0, 5, 7, 10),
    "dim": (0, 3, 6),
    "ø7": (0, 3, 6, 10),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A tonic (pitch class 0..11) and a mode of `MODES`."""

    tonic: int
    mode: str

    @property
    def name(self) -> str:
        """As musicians write it: "A minor"."""
        return f"{TONIC_NAMES[self.tonic]} {self.mode}"

    @property
    def is_minor(self) -> bool:
        """Whether its third is minor."""
        return MODES[self.mode][2] == 3

    @property
    def scale(self) -> frozenset[int]:
        """Pitch classes of the scale."""
        return frozenset((self.tonic + step) % 12 for step in MODES[self.mode])


@dataclass(frozen=True, kw_only=True, slots=True)
class Chord:
    """Pitch classes in a key: root, bass, and all tones, root first, then by importance."""

    symbol: str
    root: int
    bass: int
    tones: tuple[int, ...]

    @property
    def third(self) -> int:
        """The tone that says what chord it is: its third, or what is suspended in its place."""
        return self.tones[1]


def parse_key(text: str) -> Key:
    """A key from "A minor", "F# major", "Bbm" or "D dorian"; a bare capital is major, a bare small letter minor."""
    match = _KEY.fullmatch(text.strip())
    if not match:
        raise InputError(f"no key {text!r}; write it like 'A minor', 'Eb major' or 'D dorian'")
    letter, accidental, mode = match.groups()
    shift = {"#": 1, "sharp": 1, "♯": 1, "b": -1, "flat": -1, "♭": -1}.get((accidental or "").lower(), 0)
    if mode is None:
        mode = "minor" if letter.islower() and not accidental else "major"
    if mode == "m":
        mode = "minor"
    mode = {"min": "minor", "maj": "major"}.get(mode.lower(), mode.lower())
    return Key(tonic=(_LETTERS[letter.upper()] + shift) % 12, mode="major" if mode == "m" else mode)


@lru_cache(maxsize=2048)
def chord(symbol: str, tonic: int) -> Chord:
    """The chord of a numeral such as "bVImaj7" or "V7/7" in a key with this tonic."""
    match = _NUMERAL.fullmatch(symbol)
    assert match, f"not a numeral: {symbol}"
    accidental, numeral, suffix, bass_accidental, bass_degree = match.groups()
    root = tonic + _ROMANS[numeral.upper()] + _ACCIDENTALS[accidental]
    if suffix in _WHOLE_CHORDS:
        intervals = _WHOLE_CHORDS[suffix]
    else:
        intervals = (0, 4 if numeral.isupper() else 3, 7, *_SUFFIXES[suffix])
    bass = root
    if bass_degree:
        bass = tonic + MODES["major"][int(bass_degree) - 1] + _ACCIDENTALS[bass_accidental]
    tones = tuple((root + step) % 12 for step in intervals)
    return Chord(symbol=symbol, root=root % 12, bass=bass % 12, tones=tones)


def hz(pitch: float) -> float:
    """Frequency of a MIDI pitch, A4 = 440 Hz (ISO 16)."""
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
