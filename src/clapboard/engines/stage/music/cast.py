"""The instruments: their names, where they sit, how far they reach, which parts suit them, how they are played."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from clapboard.engines.stage.music import struck, sustained
from clapboard.engines.stage.music.score import Note
from clapboard.engines.stage.music.synth import Samples

Play = Callable[[Note, np.random.Generator], Samples]
"""(note, rng) -> the whole note as float32 [2, samples], from its start on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Instrument:
    """`low` and `high` bound its pitches (MIDI). The parts are ranks: who has the highest gets the part, 0 never."""

    words: tuple[str, ...]
    play: Play
    low: int
    high: int
    pan: float = 0.0
    melody: int = 0
    figure: int = 0
    pad: int = 0
    bass: int = 0
    pulse: int = 0
    """Percussion."""
    pedal: bool = False
    """Notes ring on until the harmony changes."""
    sustained: bool = False
    send: float = 0.3
    """Gain into the hall."""
    tessitura: int | None = None
    """Centre of the register where it sings best; none: as the mood wants."""
    trim: float = 0.0
    """Velocity added in an ensemble, so that nobody drowns or sticks out."""


def _plucked(spec: struck.Pluck) -> Play:
    return partial(struck.plucked, spec)


def _barred(spec: struck.Bars) -> Play:
    return partial(struck.barred, spec)


def _sung(voice: sustained.Voice) -> Play:
    return partial(sustained.sing, voice)


INSTRUMENT: dict[str, Instrument] = {
    "felt piano": Instrument(
        words=(
            "felt piano",
            "soft piano",
            "gentle piano",
            "quiet piano",
            "muted piano",
            "upright piano",
            "tender piano",
        ),
        play=struck.felt_piano,
        low=28,
        high=92,
        melody=5,
        figure=9,
        pedal=True,
        send=0.34,
    ),
    "piano": Instrument(
        words=("piano", "grand piano", "pianist", "keys"),
        play=struck.piano,
        low=26,
        high=100,
        melody=5,
        figure=9,
        pedal=True,
        send=0.28,
    ),
    "guitar": Instrument(
        words=(
            "guitar",
            "nylon guitar",
            "classical guitar",
            "acoustic guitar",
            "spanish guitar",
            "fingerpicked guitar",
        ),
        play=_plucked(struck.NYLON),
        low=40,
        high=83,
        pan=-0.15,
        melody=3,
        figure=8,
        pedal=True,
        send=0.26,
    ),
    "harp": Instrument(
        words=("harp", "harps", "harpist", "lyre"),
        play=_plucked(struck.HARP),
        low=30,
        high=98,
        pan=-0.2,
        melody=3,
        figure=8,
        pedal=True,
        send=0.34,
    ),
    "celesta": Instrument(
        words=("celesta", "celeste", "glockenspiel"),
        play=_barred(struck.CELESTA),
        tessitura=82,
        low=60,
        high=103,
        pan=0.2,
        melody=6,
        figure=5,
        pedal=True,
        send=0.40,
        trim=-0.04,
    ),
    "music box": Instrument(
        words=("music box", "musical box", "music-box", "toy piano"),
        play=_barred(struck.MUSIC_BOX),
        tessitura=82,
        low=60,
        high=100,
        pan=0.1,
        melody=6,
        figure=5,
        pedal=True,
        send=0.34,
        trim=-0.04,
    ),
    "vibraphone": Instrument(
        words=("vibraphone", "vibes"),
        play=_barred(struck.VIBRAPHONE),
        tessitura=75,
        low=53,
        high=89,
        pan=0.15,
        melody=5,
        figure=6,
        pedal=True,
        send=0.34,
    ),
    "marimba": Instrument(
        words=("marimba", "xylophone", "kalimba"),
        play=_barred(struck.MARIMBA),
        low=45,
        high=96,
        pan=-0.15,
        melody=4,
        figure=7,
        send=0.28,
    ),
    "bells": Instrument(
        words=("bells", "chimes", "handbells", "tubular bells"),
        play=_barred(struck.BELLS),
        tessitura=77,
        low=55,
        high=91,
        pan=0.2,
        melody=4,
        figure=2,
        pedal=True,
        send=0.40,
        trim=-0.06,
    ),
    "pizzicato": Instrument(
        words=("pizzicato", "pizzicato strings", "plucked strings"),
        play=_plucked(struck.PIZZICATO),
        low=36,
        high=88,
        melody=3,
        figure=7,
        bass=3,
        send=0.34,
    ),
    "strings": Instrument(
        words=(
            "strings",
            "violins",
            "string section",
            "string orchestra",
            "orchestra",
            "string ensemble",
            "string quartet",
        ),
        play=_sung(sustained.STRINGS),
        low=36,
        high=91,
        melody=4,
        figure=2,
        pad=9,
        bass=3,
        sustained=True,
        send=0.40,
        trim=-0.02,
    ),
    "violin": Instrument(
        words=("violin", "solo violin", "fiddle", "viola"),
        play=_sung(sustained.VIOLIN),
        tessitura=75,
        low=55,
        high=96,
        pan=-0.25,
        melody=9,
        sustained=True,
        send=0.38,
        trim=0.02,
    ),
    "cello": Instrument(
        words=("cello", "solo cello", "cellos", "violoncello"),
        play=_sung(sustained.CELLO),
        tessitura=62,
        low=36,
        high=76,
        pan=0.25,
        melody=8,
        bass=6,
        sustained=True,
        send=0.36,
        trim=0.03,
    ),
    "flute": Instrument(
        words=("flute", "flutes", "flautist", "panpipes", "recorder", "whistle"),
        play=_sung(sustained.FLUTE),
        tessitura=78,
        low=60,
        high=96,
        pan=-0.15,
        melody=8,
        sustained=True,
        send=0.40,
    ),
    "clarinet": Instrument(
        words=("clarinet", "oboe", "woodwinds", "woodwind"),
        play=_sung(sustained.CLARINET),
        tessitura=70,
        low=50,
        high=90,
        pan=0.15,
        melody=7,
        sustained=True,
        send=0.36,
    ),
    "horn": Instrument(
        words=("horn", "french horn", "horns", "brass", "trumpet", "trombone"),
        play=_sung(sustained.HORN),
        tessitura=62,
        low=41,
        high=77,
        pan=0.2,
        melody=7,
        pad=3,
        sustained=True,
        send=0.44,
    ),
    "pad": Instrument(
        words=("pad", "synth", "synth pad", "synthesizer", "pads", "drone", "electronic"),
        play=_sung(sustained.PAD),
        low=36,
        high=84,
        pad=8,
        bass=1,
        sustained=True,
        send=0.30,
        trim=-0.03,
    ),
    "choir": Instrument(
        words=("choir", "voices", "choral", "chorus", "chant", "humming"),
        play=_sung(sustained.CHOIR),
        low=43,
        high=84,
        melody=2,
        pad=7,
        sustained=True,
        send=0.46,
        trim=-0.03,
    ),
    "bass": Instrument(
        words=("bass", "double bass", "upright bass", "contrabass"),
        play=_plucked(struck.UPRIGHT),
        low=28,
        high=55,
        melody=1,
        bass=9,
        send=0.10,
    ),
    "drum": Instrument(
        words=("drum", "drums", "frame drum", "soft percussion", "percussion", "hand drum", "taiko"),
        play=struck.frame_drum,
        low=36,
        high=62,
        pulse=9,
        send=0.30,
        trim=-0.04,
    ),
}

INSTRUMENTS: dict[str, tuple[str, ...]] = {name: instrument.words for name, instrument in INSTRUMENT.items()}
"""Instrument name -> the words of a prompt that ask for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cast:
    """Who plays which part; one instrument may take several. Empty tuples and none are parts that nobody plays."""

    melody: str | None
    figure: str | None
    bass: str | None
    pads: tuple[str, ...]
    answer: str | None
    """Answers the melody and sings below it."""
    pulse: str | None


def assign(names: tuple[str, ...]) -> Cast:
    """Give every instrument a part: the accompaniment first, then the tune, then the rest."""
    pool = [name for name in names if not INSTRUMENT[name].pulse]
    figure = _best(pool, "figure", 5) or _best(pool, "figure", 1)
    beds = [name for name in pool if INSTRUMENT[name].pad and not (name == figure and INSTRUMENT[name].figure >= 5)]
    soloists = [name for name in pool if name != figure and INSTRUMENT[name].pad < 7]
    melody = _best(soloists, "melody", 3) or _best([figure] if figure else pool, "melody", 1)
    rest = [name for name in soloists if name != melody]
    bass = _best(rest, "bass", 3)
    return Cast(
        melody=melody,
        figure=figure,
        bass=bass,
        pads=tuple(name for name in beds if name != melody or name == figure or len(pool) == 1),
        answer=_best([name for name in rest if name != bass], "melody", 3),
        pulse=next((name for name in names if INSTRUMENT[name].pulse), None),
    )


def _best(names: list[str], part: str, at_least: int) -> str | None:
    ranked = [name for name in names if getattr(INSTRUMENT[name], part) >= at_least]
    return max(ranked, key=lambda name: getattr(INSTRUMENT[name], part), default=None)
