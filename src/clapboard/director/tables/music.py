"""The words of music. Moods and instruments come from the vocabulary."""

from typing import Final

from clapboard.director.tables import word_set

MUSIC_NOUNS: Final = (
    "music",
    "score",
    "soundtrack",
    "melody",
    "tune",
    "theme",
    "chords",
    "song",
    "orchestra",
    "orchestral",
    "ensemble",
    "duet",
    "trio",
    "quartet",
    "solo",
    "underscore",
    "lullaby",
    "waltz",
    "accompaniment",
    "arpeggio",
    "notes",
    "underneath",
)
"""Ask for music. "Underneath" and the forms only ever stand beside one of the others or an instrument."""

WEAK_NOUNS: Final = word_set("underneath notes solo theme")
"""Understood beside other words of music, never asking for it alone."""

SILENCE: Final = ("silent", "silence", "in silence", "a cappella", "unscored")
"""Ask for no music."""

ALL_SOUND: Final = ("sound", "audio", "mute", "muted")
"""Denied ("no sound"), or the two last said plainly: every stem is off."""

LEVELS_DB: Final[dict[str, float]] = {
    "soft": -4.0,
    "softly": -4.0,
    "quiet": -6.0,
    "quietly": -6.0,
    "gentle": -4.0,
    "gently": -4.0,
    "delicate": -4.0,
    "faint": -9.0,
    "faintly": -9.0,
    "subtle": -6.0,
    "sparse": -4.0,
    "minimal": -4.0,
    "simple": 0.0,
    "distant": -8.0,
    "low": -4.0,
    "loud": 4.0,
    "loudly": 4.0,
    "strong": 3.0,
    "powerful": 4.0,
    "booming": 5.0,
    "roaring": 5.0,
    "big": 3.0,
    "full": 2.0,
    "live": 0.0,
    "lone": -2.0,
    "warm": 0.0,
}
"""Beside an instrument, music or a background sound; relative to the usual level. 4 dB is a clear step, not a jump."""

TEMPOS_BPM: Final[dict[str, float]] = {
    "slow": 60.0,
    "very slow": 48.0,
    "slowly": 60.0,
    "adagio": 66.0,
    "andante": 84.0,
    "moderato": 108.0,
    "fast": 132.0,
    "upbeat": 124.0,
    "driving": 128.0,
    "allegro": 132.0,
    "presto": 176.0,
}
"""Beside an instrument or music; the Italian ones are the middle of a metronome's usual marks."""

MUSIC_VERBS: Final = word_set(
    "play sound accompany rise sing drift float linger underscore ring chime toll join support hold"
)
"""What music does when it is simply there; compared by stem."""

BED_NOUNS: Final = word_set("hum murmur roar rustle hiss patter din rumble chatter noise ambience ambiance drone")
"""Behind the name of a background sound, they add nothing to it."""

WEAK_MOODS: Final = word_set("dark bright light warm soft quiet gentle slow still deep low cold")
"""Ask for a mood only beside an instrument or music; elsewhere they describe what is seen."""
