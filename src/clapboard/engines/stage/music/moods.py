"""The moods: what each one means in scale, tempo, harmony, touch and forces.

A progression is four chords in Roman numerals (see `theory`). Opening phrases ask, bridges look elsewhere, closing
phrases lead to the tonic that follows them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Mood:
    """One mood. Times in seconds, pitches in MIDI numbers, velocities 0..1."""

    words: tuple[str, ...]
    mode: str
    tempo_bpm: tuple[float, float]
    meters: tuple[tuple[int, int], ...]
    """(beats in a bar, chords in a bar), the usual one first."""
    opening: tuple[str, ...]
    bridge: tuple[str, ...]
    closing: tuple[str, ...]
    final: str
    ensembles: tuple[tuple[str, ...], ...]
    """Casts for a music whose instruments nobody named."""
    textures: tuple[str, ...]
    """Accompaniments of `figures`, calmest first; the arc chooses."""
    gait: str
    """Family of melody rhythms in `melody`."""
    lean: float
    """Which way motifs tend: -1 down .. 1 up."""
    stroke_s: float
    """Time between the strokes of an accompaniment that feels right."""
    velocity: tuple[float, float]
    """At arc 0 and at arc 1."""
    centre: int
    """Where the melody lives."""
    legato: float
    """Part of its written length that a melody note sounds."""
    hall_s: float
    """Reverberation time."""
    other: str
    """The mood that lends its harmony when a key of the other gender is asked for."""


MOOD: dict[str, Mood] = {
    "calm": Mood(
        words=("calm", "peaceful", "serene", "gentle", "quiet", "relaxing", "soothing", "ambient", "tranquil", "still"),
        mode="major",
        tempo_bpm=(62, 92),
        meters=((4, 1), (4, 2), (3, 1)),
        opening=(
            "Iadd9 vi7 IVmaj7 Vsus4",
            "Iadd9 V/7 vi7 IVadd9",
            "Imaj7 iii7 IVmaj7 Iadd9/3",
            "IVmaj7 Iadd9/3 ii7 Vsus4",
        ),
        bridge=("vi7 iii7 IVmaj7 Iadd9/3", "ii7 iii7 IVmaj7 Vsus4", "IVmaj7 iii7 ii7 Vsus4"),
        closing=("vi7 IVmaj7 ii7 V7sus4", "IVmaj7 I/3 ii7 V7sus4", "Iadd9/3 IVmaj7 I/5 V7sus4", "vi7 iii7 IVmaj7 V7sus4"),
        final="Iadd9",
        ensembles=(("felt piano",), ("felt piano", "strings"), ("guitar", "flute"), ("felt piano", "pad")),
        textures=("broken", "rolling", "rolling"),
        gait="flowing",
        lean=0.0,
        stroke_s=0.42,
        velocity=(0.28, 0.62),
        centre=72,
        legato=1.0,
        hall_s=1.9,
        other="melancholy",
    ),
    "tender": Mood(
        words=("tender", "loving", "warm", "romantic", "intimate", "affectionate", "sweet", "heartfelt", "lullaby"),
        mode="major",
        tempo_bpm=(58, 84),
        meters=((3, 1), (4, 1), (4, 2)),
        opening=(
            "Iadd9 V/7 vi7 I/5",
            "I iii7 IVadd9 iv6",
            "Iadd9 I/3 IVmaj7 ii7",
            "Imaj7 vi7 ii7 Vsus4",
        ),
        bridge=("vi7 V/7 Iadd9 IVmaj7", "vi iii IVmaj7 I/3", "IVmaj7 iii7 vi7 ii7"),
        closing=("IVmaj7 I/3 ii7 V7sus4", "IVmaj7 iv6 I/5 V7", "ii7 I/3 IVadd9 V7sus4"),
        final="Iadd9",
        ensembles=(("felt piano", "cello"), ("felt piano", "strings"), ("guitar", "violin"), ("harp", "flute", "strings")),
        textures=("broken", "waltz", "rolling"),
        gait="long",
        lean=0.1,
        stroke_s=0.42,
        velocity=(0.28, 0.64),
        centre=71,
        legato=1.0,
        hall_s=1.8,
        other="melancholy",
    ),
    "melancholy": Mood(
        words=(
            "melancholy",
            "melancholic",
            "sad",
            "sorrowful",
            "lonely",
            "wistful",
            "mournful",
            "bittersweet",
            "longing",
            "sombre",
            "somber",
        ),
        mode="minor",
        tempo_bpm=(60, 90),
        meters=((4, 1), (4, 2), (3, 1)),
        opening=(
            "iadd9 bVImaj7 bIIImaj7 bVII",
            "iadd9 v7/b7 bVImaj7 iv7",
            "i i/b7 bVImaj7 bVIIadd9",
            "iadd9 iv7 bVII bIIImaj7",
        ),
        bridge=("bIIImaj7 bVII/2 iv7 bVImaj7", "bVImaj7 bIII/5 iv7 bVII", "iv7 bVII bIIImaj7 bVImaj7"),
        closing=("bVImaj7 iv7 i/5 V7sus4", "iv7 i/b3 iiø7 V7", "bVImaj7 bIII/5 iv7 V7sus4", "iv7 bVImaj7 i/5 V7"),
        final="iadd9",
        ensembles=(("felt piano",), ("felt piano", "cello"), ("cello", "harp"), ("felt piano", "strings")),
        textures=("broken", "rolling", "rolling"),
        gait="long",
        lean=-0.35,
        stroke_s=0.40,
        velocity=(0.28, 0.64),
        centre=70,
        legato=1.0,
        hall_s=2.0,
        other="tender",
    ),
    "nostalgic": Mood(
        words=("nostalgic", "nostalgia", "memories", "old-fashioned", "vintage", "childhood", "reminiscent"),
        mode="major",
        tempo_bpm=(76, 104),
        meters=((3, 1), (4, 1), (4, 2)),
        opening=("Imaj7 III7 vi7 IVmaj7", "Iadd9 vi7 ii7 V7sus4", "I iii7 IV iv6"),
        bridge=("vi7 iii7 IVmaj7 Iadd9/3", "IVmaj7 V iii7 vi7"),
        closing=("IVmaj7 iv6 I/5 V7", "ii7 I/3 IVmaj7 V7sus4", "vi7 ii7 I/5 V7"),
        final="Iadd9",
        ensembles=(("felt piano", "music box"), ("guitar", "clarinet"), ("piano", "strings"), ("music box", "strings")),
        textures=("broken", "waltz", "rolling"),
        gait="long",
        lean=-0.1,
        stroke_s=0.38,
        velocity=(0.3, 0.64),
        centre=72,
        legato=0.97,
        hall_s=1.6,
        other="melancholy",
    ),
    "hopeful": Mood(
        words=("hopeful", "uplifting", "optimistic", "inspiring", "inspirational", "promising", "encouraging", "bright"),
        mode="major",
        tempo_bpm=(84, 118),
        meters=((4, 1), (4, 2)),
        opening=("Iadd9 V/7 vi7 IVadd9", "Iadd9 IVadd9/1 vi7 V", "IVadd9 vi7 I/3 V", "vi7 IVadd9 I V/7"),
        bridge=("vi7 iii7 IVadd9 V", "ii7 vi7 bVII IV", "IVadd9 V vi7 I/3"),
        closing=("ii7 I/3 IVadd9 V", "IVadd9 I/3 ii7 V7sus4", "vi7 I/5 IVadd9 V"),
        final="Iadd9",
        ensembles=(("piano", "strings"), ("guitar", "piano", "strings"), ("piano", "cello", "strings", "drum")),
        textures=("broken", "rolling", "pulse"),
        gait="flowing",
        lean=0.45,
        stroke_s=0.30,
        velocity=(0.34, 0.74),
        centre=73,
        legato=0.97,
        hall_s=1.8,
        other="melancholy",
    ),
    "joyful": Mood(
        words=("joyful", "happy", "cheerful", "merry", "festive", "upbeat", "celebratory", "jolly", "sunny", "lively"),
        mode="major",
        tempo_bpm=(108, 138),
        meters=((4, 1), (4, 2), (3, 1)),
        opening=("I IV I/3 V", "I vi7 IV V", "I V/7 vi7 IV", "I I/3 IV V"),
        bridge=("vi iii IV I/3", "IV I/3 ii7 V", "vi7 IV ii7 V"),
        closing=("IV I/3 ii7 V7", "vi7 ii7 I/5 V7", "IV ii7 V7sus4 V7"),
        final="I",
        ensembles=(("guitar", "flute", "drum"), ("piano", "pizzicato", "clarinet", "drum"), ("guitar", "violin", "bass", "drum")),
        textures=("waltz", "rolling", "stab"),
        gait="lively",
        lean=0.35,
        stroke_s=0.24,
        velocity=(0.42, 0.76),
        centre=75,
        legato=0.8,
        hall_s=1.2,
        other="playful",
    ),
    "playful": Mood(
        words=("playful", "whimsical", "quirky", "mischievous", "comical", "funny", "cheeky", "light-hearted", "bouncy"),
        mode="major",
        tempo_bpm=(100, 132),
        meters=((4, 1), (4, 2)),
        opening=("I vi7 ii7 V7", "I bVII IV I/3", "I V/7 I V7", "I I/3 IV V7"),
        bridge=("iii7 VI7 ii7 V7", "IV iii7 ii7 V7", "vi7 II7 V7sus4 V7"),
        closing=("IV I/3 ii7 V7", "vi7 II7 V7sus4 V7", "ii7 iii7 IV V7"),
        final="I",
        ensembles=(("pizzicato", "clarinet"), ("marimba", "flute", "bass"), ("pizzicato", "celesta", "clarinet", "drum")),
        textures=("stab", "stab", "ostinato"),
        gait="lively",
        lean=0.1,
        stroke_s=0.26,
        velocity=(0.40, 0.72),
        centre=75,
        legato=0.55,
        hall_s=1.1,
        other="mysterious",
    ),
    "mysterious": Mood(
        words=("mysterious", "enigmatic", "curious", "magical", "mystical", "secretive", "strange", "otherworldly"),
        mode="dorian",
        tempo_bpm=(64, 92),
        meters=((4, 1), (3, 1), (4, 2)),
        opening=("iadd9 IVadd9/1 iadd9 bVII/1", "iadd9 bIIImaj7 IVadd9 i7", "i7 IV i7 bVIadd9", "iadd9 v7 IVadd9 bVII/1"),
        bridge=("bVImaj7 bVII iv7 IV", "bIIImaj7 ii7 i7 IV", "bVIadd9 iadd9 bVIadd9 IV"),
        closing=("bIIImaj7 IV bVImaj7 bVII", "bVImaj7 iv7 bVII V7sus4", "IV bIIImaj7 ii7 V7sus4"),
        final="iadd9",
        ensembles=(("celesta", "pad"), ("harp", "clarinet", "pad"), ("vibraphone", "strings"), ("celesta", "choir", "cello")),
        textures=("broken", "ostinato", "ostinato"),
        gait="sparse",
        lean=0.0,
        stroke_s=0.36,
        velocity=(0.30, 0.62),
        centre=73,
        legato=0.97,
        hall_s=2.2,
        other="dreamy",
    ),
    "dreamy": Mood(
        words=("dreamy", "ethereal", "floating", "dreamlike", "hazy", "weightless", "celestial", "airy", "wonder"),
        mode="lydian",
        tempo_bpm=(58, 84),
        meters=((4, 1), (3, 1), (4, 2)),
        opening=("Imaj9 II/1 vi7 Vmaj7", "Imaj7 iii7 II/1 Imaj9", "vi7 Vmaj7 Imaj9 II/1"),
        bridge=("iii7 vi7 vii7 II", "vi7 iii7 Vmaj7 II", "vii7 iii7 vi7 II"),
        closing=("vi7 iii7 II V7sus4", "iii7 vi7 Vmaj7 II/1", "vi7 Vmaj7/7 iii7 II/1"),
        final="Imaj9",
        ensembles=(("pad", "vibraphone"), ("harp", "choir"), ("pad", "felt piano", "flute"), ("celesta", "strings", "pad")),
        textures=("broken", "rolling", "rolling"),
        gait="sparse",
        lean=0.15,
        stroke_s=0.44,
        velocity=(0.28, 0.60),
        centre=74,
        legato=1.0,
        hall_s=2.4,
        other="mysterious",
    ),
    "tense": Mood(
        words=("tense", "suspenseful", "suspense", "anxious", "nervous", "urgent", "thriller", "uneasy", "dramatic", "tension"),
        mode="minor",
        tempo_bpm=(84, 116),
        meters=((4, 1), (4, 2)),
        opening=("i bVI/1 i ivadd9/1", "i iv/1 bII/1 i", "i bII/1 i bVII/1", "iadd9 bVImaj7 i bII"),
        bridge=("bVI iv/b6 bII V7", "iv bII bVI V", "bVI bVII iv V7"),
        closing=("bVI iv bII V7", "iv6 i/b3 bII V7", "bVI bII iv V7"),
        final="i",
        ensembles=(("strings",), ("strings", "cello", "drum"), ("piano", "strings", "drum"), ("cello", "pad", "drum")),
        textures=("drone", "ostinato", "pulse"),
        gait="sparse",
        lean=0.2,
        stroke_s=0.26,
        velocity=(0.34, 0.78),
        centre=67,
        legato=0.92,
        hall_s=1.7,
        other="mysterious",
    ),
    "dark": Mood(
        words=("dark", "ominous", "sinister", "menacing", "foreboding", "brooding", "scary", "creepy", "eerie", "horror", "grim"),
        mode="minor",
        tempo_bpm=(52, 76),
        meters=((4, 1), (4, 2)),
        opening=("i bII/1 i bVI/1", "i bVI bII i", "i5 bVI/1 iv/1 i", "i #ivdim bVI iv"),
        bridge=("bVI iv bII bVI", "iv bVI #ivdim V", "bVI bV bII V"),
        closing=("iv bVI bII V7", "bVI iv bII V", "iv i/b3 bII V7"),
        final="i",
        ensembles=(("cello", "pad", "drum"), ("strings", "choir", "drum"), ("piano", "strings"), ("cello", "choir")),
        textures=("drone", "held", "ostinato"),
        gait="sparse",
        lean=-0.3,
        stroke_s=0.5,
        velocity=(0.32, 0.74),
        centre=62,
        legato=1.0,
        hall_s=2.3,
        other="mysterious",
    ),
    "epic": Mood(
        words=("epic", "heroic", "majestic", "triumphant", "grand", "powerful", "cinematic", "orchestral", "glorious", "adventurous"),
        mode="minor",
        tempo_bpm=(88, 124),
        meters=((4, 1), (4, 2), (3, 1)),
        opening=("i bVI bIII bVII", "i bVI iv bVII", "i v/b7 bVI bVII", "iadd9 bIII/b3 bVI bVII"),
        bridge=("bIII bVII iv bVI", "bVI bIII/5 iv bVII", "iv bVI bIII bVII"),
        closing=("iv bVI bVII V", "bVI bVII Vsus4 V", "bVI iv i/5 V"),
        final="i",
        ensembles=(("strings", "horn", "drum"), ("strings", "choir", "horn", "drum"), ("piano", "strings", "horn", "drum")),
        textures=("held", "ostinato", "pulse"),
        gait="dotted",
        lean=0.4,
        stroke_s=0.26,
        velocity=(0.36, 0.86),
        centre=70,
        legato=0.95,
        hall_s=2.2,
        other="hopeful",
    ),
}

MOODS: dict[str, tuple[str, ...]] = {name: mood.words for name, mood in MOOD.items()}
"""Mood name -> the words of a prompt that ask for it."""
