"""The composer: every film gets music that begins, goes somewhere and comes to rest in its key."""

import numpy as np
import pytest

from clapboard.engines.stage.music import INSTRUMENTS, MOODS, compose
from clapboard.engines.stage.music.cast import INSTRUMENT, assign
from clapboard.engines.stage.music.harmony import bass_pitch, voicing
from clapboard.engines.stage.music.moods import MOOD
from clapboard.engines.stage.music.theory import MODES, Key, chord, parse_key
from clapboard.errors import InputError
from clapboard.timeline import Music

LENGTHS_S = (0.4, 1.0, 2.0, 5.0, 8.0, 30.0, 120.0)

NAMED_MOODS = {
    "calm",
    "tender",
    "melancholy",
    "hopeful",
    "joyful",
    "tense",
    "mysterious",
    "epic",
    "dreamy",
    "playful",
    "dark",
}
NAMED_INSTRUMENTS = {
    "piano",
    "felt piano",
    "strings",
    "cello",
    "violin",
    "guitar",
    "harp",
    "flute",
    "clarinet",
    "celesta",
    "music box",
    "marimba",
    "vibraphone",
    "pad",
    "choir",
    "bass",
    "drum",
    "bells",
}


def test_vocabulary_has_the_promised_words():
    assert set(MOODS) >= NAMED_MOODS
    assert set(INSTRUMENTS) >= NAMED_INSTRUMENTS
    assert "soft piano" in INSTRUMENTS["felt piano"]
    words = [word for names in MOODS.values() for word in names]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("mood", sorted(MOODS))
@pytest.mark.parametrize("duration_s", LENGTHS_S)
def test_every_mood_fills_every_length(mood: str, duration_s: float):
    score = compose(Music(mood=mood), duration_s=duration_s, seed=5)
    assert score.notes
    assert all(note.start_s >= 0 and note.end_s <= duration_s + 1e-9 for note in score.notes)
    assert all(0 < note.velocity <= 1 and -1 <= note.pan <= 1 for note in score.notes)
    assert all(
        INSTRUMENT[note.instrument].low <= note.pitch <= INSTRUMENT[note.instrument].high for note in score.notes
    )
    assert [note.start_s for note in score.notes] == sorted(note.start_s for note in score.notes)


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
@pytest.mark.parametrize("duration_s", [1.0, 8.0])
def test_every_instrument_plays_alone(name: str, duration_s: float):
    score = compose(Music(mood="hopeful", instruments=[name]), duration_s=duration_s, seed=2)
    assert score.instruments == (name,)
    assert any(note.end_s > 0.25 * duration_s for note in score.notes)


@pytest.mark.parametrize("mood", sorted(MOODS))
@pytest.mark.parametrize("duration_s", [1.0, 2.0, 8.0, 45.0])
def test_the_last_chord_is_the_tonic(mood: str, duration_s: float):
    score = compose(Music(mood=mood), duration_s=duration_s, seed=11)
    last = score.chords[-1]
    final = [note for note in score.notes if note.start_s >= last.start_s - 0.01 and note.instrument != "drum"]
    assert {int(note.pitch) % 12 for note in final} <= last.pitch_classes
    low = min(final, key=lambda note: note.pitch)
    assert int(low.pitch) % 12 == score.key.tonic
    assert duration_s - last.start_s > 0.2 * min(duration_s, 8.0)


def test_final_melody_note_rests_on_the_tonic_chord_and_mostly_on_the_tonic():
    on_tonic = 0
    for seed in range(20):
        score = compose(Music(mood="calm", instruments=["flute"]), duration_s=12.0, seed=seed)
        last = score.notes[-1]
        assert int(last.pitch) % 12 in score.chords[-1].pitch_classes
        on_tonic += int(last.pitch) % 12 == score.key.tonic
    assert on_tonic >= 12


def test_same_seed_same_score_other_seed_other_score():
    music = Music(mood="melancholy", instruments=["soft piano"])
    scores = [compose(music, duration_s=8.0, seed=seed) for seed in range(30)]
    assert compose(music, duration_s=8.0, seed=3) == scores[3]
    assert len({score.notes for score in scores}) == 30


def test_velocity_follows_the_arc():
    arc = [(0.0, 0.1), (30.0, 0.9), (60.0, 0.2)]
    for mood in ("calm", "tense", "epic"):
        score = compose(Music(mood=mood, arc=arc), duration_s=60.0, seed=4)
        times, values = np.array(arc).T
        wanted = np.interp([note.start_s for note in score.notes], times, values)
        assert np.corrcoef(wanted, [note.velocity for note in score.notes])[0, 1] > 0.6


def test_a_rising_arc_brings_more_players_and_more_notes():
    music = Music(mood="epic", instruments=["piano", "strings", "horn", "drum"], arc=[(0.0, 0.0), (60.0, 1.0)])
    notes = compose(music, duration_s=60.0, seed=1).notes
    early = [note for note in notes if note.start_s < 18]
    late = [note for note in notes if 36 < note.start_s < 54]
    assert len({note.instrument for note in late}) > len({note.instrument for note in early})
    assert len(late) > 1.5 * len(early)


def test_named_key_and_tempo_are_kept():
    score = compose(Music(mood="calm", key="A minor", tempo_bpm=80), duration_s=60.0, seed=3)
    assert score.key == Key(tonic=9, mode="minor")
    assert score.tempo_bpm == pytest.approx(80, rel=0.05)
    outside = [note for note in score.notes if int(note.pitch) % 12 not in score.key.scale]
    assert len(outside) < 0.1 * len(score.notes)


@pytest.mark.parametrize("mood", ["calm", "tender", "hopeful", "nostalgic"])
def test_the_key_is_heard(mood: str):
    """Krumhansl's profiles, correlated with what sounds, find the tonic."""
    major = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]
    found = 0
    for seed in range(20):
        score = compose(Music(mood=mood), duration_s=30.0, seed=seed)
        heard = np.zeros(12)
        for note in score.notes:
            heard[int(note.pitch) % 12] += note.velocity * min(note.duration_s, 2.0)
        fits = [np.corrcoef(np.roll(major, tonic), heard)[0, 1] for tonic in range(12)]
        found += int(np.argmax(fits)) == score.key.tonic
    assert found >= 17


def test_chords_belong_to_the_key_but_for_borrowed_ones():
    for name in ("calm", "tender", "hopeful", "joyful", "melancholy", "dreamy"):
        mood = MOOD[name]
        key = Key(tonic=0, mode=mood.mode)
        tones = [tone for line in mood.opening for numeral in line.split() for tone in chord(numeral, 0).tones]
        assert sum(tone not in key.scale for tone in tones) <= 0.05 * len(tones)


def test_every_written_chord_can_be_voiced():
    for mood in MOOD.values():
        for line in (*mood.opening, *mood.bridge, *mood.closing, mood.final):
            for numeral in line.split() if " " in line else [mood.final]:
                for tonic in range(12):
                    harmony = chord(numeral, tonic)
                    pitches = voicing(harmony, (), 52, 69)
                    assert len(pitches) >= 3
                    assert {pitch % 12 for pitch in pitches} <= set(harmony.tones)
                    assert bass_pitch(harmony, None, 33, 46) % 12 == harmony.bass


def test_voices_move_little():
    before: tuple[int, ...] = ()
    moves = []
    for numeral in ["I", "vi", "IV", "V", "I", "IV", "ii", "V", "I"]:
        after = voicing(chord(numeral, 0), before, 52, 69)
        if before:
            moves += [abs(b - a) for a, b in zip(before, after, strict=True)]
        before = after
    assert max(moves) <= 5
    assert np.mean(moves) < 2.5


def test_a_beat_bends_to_a_strong_moment():
    music = Music(mood="calm", instruments=["felt piano"])
    plain = compose(music, duration_s=30.0, seed=9)
    hit_s = plain.chords[4].start_s + 0.09
    bent = compose(music, duration_s=30.0, seed=9, hits_s=(hit_s,))
    assert min(abs(span.start_s - hit_s) for span in bent.chords) < 1e-6
    assert bent.chords[-1].start_s == pytest.approx(plain.chords[-1].start_s)
    assert len(bent.notes) == len(plain.notes)


def test_a_long_film_has_movements_and_silence_between_them():
    score = compose(Music(mood="calm"), duration_s=600.0, seed=2)
    starts = np.array([note.start_s for note in score.notes])
    assert np.count_nonzero(np.diff(starts) > 8.0) >= 4
    assert sum(section.name == "ending" for section in score.sections) >= 5
    assert max(note.end_s for note in score.notes) <= 600.0


@pytest.mark.parametrize(
    ("text", "tonic", "mode"),
    [
        ("A minor", 9, "minor"),
        ("Bbm", 10, "minor"),
        ("F# major", 6, "major"),
        ("D dorian", 2, "dorian"),
        ("C", 0, "major"),
        ("e flat major", 3, "major"),
    ],
)
def test_keys_are_read(text: str, tonic: int, mode: str):
    assert parse_key(text) == Key(tonic=tonic, mode=mode)
    assert mode in MODES


@pytest.mark.parametrize(
    ("music", "words"),
    [
        (Music(mood="purple"), "no mood 'purple'"),
        (Music(instruments=["kazooo"]), "no instrument 'kazooo'"),
        (Music(key="H major"), "no key 'H major'"),
    ],
)
def test_unknown_words_are_one_clear_line(music: Music, words: str):
    with pytest.raises(InputError, match=words) as caught:
        compose(music, duration_s=8.0, seed=0)
    assert "\n" not in str(caught.value)


def test_parts_are_given_to_those_they_suit():
    duo = assign(("felt piano", "cello"))
    assert (duo.figure, duo.melody, duo.pads) == ("felt piano", "cello", ())
    band = assign(("piano", "strings", "horn", "drum"))
    assert (band.figure, band.melody, band.pads, band.pulse) == ("piano", "horn", ("strings",), "drum")
    assert assign(("strings",)).melody == "strings"
    assert assign(("drum",)).melody is None
