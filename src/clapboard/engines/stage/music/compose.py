"""The composer: a Timeline's music, a length and a seed in, a `Score` out.

    score = compose(Music(mood="calm", instruments=["felt piano"]), duration_s=8.0, seed=7)

Each movement is planned (bars and tempo that fill its span), harmonised phrase by phrase, given a melody from one
motif, orchestrated for the cast, and performed: the arc shapes loudness, density, register and who plays; times and
touches differ a little, as hands do.
"""

import difflib
from collections.abc import Mapping, Sequence

import numpy as np

from clapboard.engines.stage.music import parts
from clapboard.engines.stage.music.cast import INSTRUMENTS, assign
from clapboard.engines.stage.music.harmony import Phrase, final_chord, phrases
from clapboard.engines.stage.music.melody import Meter, Motif, Setting, Tone, make_motif, rhythms, sing_phrase
from clapboard.engines.stage.music.moods import MOOD, MOODS
from clapboard.engines.stage.music.parts import Arc, Harmony, Setup
from clapboard.engines.stage.music.perform import perform
from clapboard.engines.stage.music.plan import Plan, make_plan, spans
from clapboard.engines.stage.music.score import ChordSpan, Note, Score, Section
from clapboard.engines.stage.music.theory import Key, parse_key
from clapboard.errors import InputError
from clapboard.timeline import Music

_LONG_S = 45.0
"""From here on a movement has room for a real build."""
_AWAY = (0, 5, 0, 7, 0, -3)
"""Semitones from home of the movements of a long film: subdominant, dominant and third below alternate with home."""


def compose(music: Music, *, duration_s: float, seed: int, hits_s: Sequence[float] = ()) -> Score:
    """Music for a film of this length. Raises `InputError` for a mood, an instrument or a key that it does not know."""
    name = _known(music.mood, MOODS, "mood")
    rng = np.random.default_rng([seed, *name.encode()])
    mood = MOOD[name]
    key = parse_key(music.key) if music.key else Key(tonic=int(rng.integers(12)), mode=mood.mode)
    players = tuple(dict.fromkeys(_known(word, INSTRUMENTS, "instrument") for word in music.instruments))
    if not players:
        players = mood.ensembles[int(rng.integers(len(mood.ensembles)))]
        players = players[: 1 if duration_s < 3 else 2 if duration_s < 12 else None]
    movements = spans(duration_s)
    setups: list[Setup] = []
    notes: list[Note] = []
    motifs: dict[str, Motif] = {}
    for index, span in enumerate(movements):
        plan = make_plan(span, mood, music.tempo_bpm, rng).bent(hits_s)
        away = _AWAY[index % len(_AWAY)] if index + 1 < len(movements) else 0
        local = Key(tonic=(key.tonic + away) % 12, mode=key.mode)
        verses = phrases(mood, local, plan.num_chords, rng)
        arc = _arc(music, plan)
        setup = Setup(
            name=name,
            mood=mood,
            key=local,
            cast=assign(players),
            plan=plan,
            arc=arc,
            verses=verses,
            harmonies=_harmonies(verses, plan, arc),
            final=final_chord(mood, local),
        )
        setups.append(setup)
        notes += _movement(setup, motifs, rng)
    notes.sort(key=lambda note: (note.start_s, note.pitch))
    sounding = {note.instrument for note in notes}
    return Score(
        duration_s=duration_s,
        key=key,
        tempo_bpm=60 / setups[0].plan.beat_s,
        notes=tuple(notes),
        chords=tuple(chord for setup in setups for chord in _chord_spans(setup)),
        sections=tuple(section for setup in setups for section in _sections(setup)),
        instruments=tuple(player for player in players if player in sounding),
        hall_s=mood.hall_s,
        level_db=music.level_db,
    )


def _known(word: str, table: Mapping[str, tuple[str, ...]], kind: str) -> str:
    """The name in `table` that a word stands for."""
    wanted = word.strip().lower()
    for name, words in table.items():
        if wanted == name or wanted in words:
            return name
    near = difflib.get_close_matches(wanted, list(table), 1, 0.0)[0]
    raise InputError(f"no {kind} {word!r}; did you mean {near!r}? known: {', '.join(table)}")


def _arc(music: Music, plan: Plan) -> Arc:
    """The Timeline's arc; without one, a gentle hill whose top lies past the middle of the movement."""
    if music.arc:
        times, values = zip(*sorted(music.arc), strict=True)
        return lambda t_s: float(np.interp(t_s, times, values))
    begin_s, end_s = plan.span.start_s, plan.span.end_s
    hill_s = (begin_s, begin_s + 0.62 * (end_s - begin_s), end_s)
    heights = (0.34, 0.66, 0.36) if end_s - begin_s < _LONG_S else (0.22, 0.74, 0.34)
    return lambda t_s: float(np.interp(t_s, hill_s, heights))


def _harmonies(verses: Sequence[Phrase], plan: Plan, arc: Arc) -> tuple[Harmony, ...]:
    return tuple(
        Harmony(
            beat=(verse.first + i) * plan.chord_beats,
            beats=plan.chord_beats,
            chord=chord,
            intensity=arc(plan.at((verse.first + i) * plan.chord_beats)),
            phrase=number,
        )
        for number, verse in enumerate(verses)
        for i, chord in enumerate(verse.chords)
    )


def _movement(setup: Setup, motifs: dict[str, Motif], rng: np.random.Generator) -> list[Note]:
    """All notes of one movement. `motifs` are the film's, by section: later movements speak of the same things."""
    tones = _melody(setup, motifs, rng)
    events = [
        *parts.figure_part(setup),
        *parts.pad_part(setup),
        *parts.bass_part(setup),
        *parts.pulse_part(setup),
        *parts.melody_part(setup, tones),
        *parts.answer_part(setup, tones),
        *parts.ending_part(setup),
    ]
    return perform(setup, events, rng)


def _melody(setup: Setup, motifs: dict[str, Motif], rng: np.random.Generator) -> list[Tone]:
    """The tune of the movement: none in introductions, a contrasting motif in the sections that are not the first."""
    plan, mood = setup.plan, setup.mood
    meter = Meter(beats_per_bar=plan.beats_per_bar, chord_beats=plan.chord_beats)
    tones: list[Tone] = []
    for number, verse in enumerate(setup.verses):
        is_last = number == len(setup.verses) - 1
        if verse.kind == "i":
            continue
        main = f"{plan.beats_per_bar}A"
        if main not in motifs:
            motifs[main] = make_motif(mood, plan.beats_per_bar, rng)
        name = f"{plan.beats_per_bar}{verse.label}"
        if name not in motifs:
            options = rhythms(mood, plan.beats_per_bar)
            motifs[name] = motifs[main].turned(options[int(rng.integers(len(options)))])
        level = setup.arc(plan.at(verse.first * plan.chord_beats))
        setting = Setting(
            motif=motifs[name],
            centre=setup.melody_centre + 7 * (level - 0.45) + (3 if verse.label != "A" else 0),
            before=tones[-1].pitch if tones else None,
            final=setup.final if is_last else None,
            waits=number == 0 and len(setup.verses) > 1,
        )
        tones += sing_phrase(verse, setting, meter, mood, setup.key, rng)
    if not tones:
        pitch = next(p for p in range(setup.melody_centre - 5, setup.melody_centre + 7) if p % 12 == setup.key.tonic)
        tones.append(Tone(beat=float(plan.num_beats), beats=2.0, pitch=pitch))
    return tones


def _chord_spans(setup: Setup) -> list[ChordSpan]:
    plan = setup.plan
    spans_s = [(plan.at(item.beat), plan.at(item.beat + item.beats), item.chord) for item in setup.harmonies]
    spans_s.append((plan.at(plan.num_beats), plan.span.end_s, setup.final))
    return [
        ChordSpan(start_s=begin, end_s=end, symbol=chord.symbol, pitch_classes=frozenset((*chord.tones, chord.bass)))
        for begin, end, chord in spans_s
    ]


def _sections(setup: Setup) -> list[Section]:
    """Neighbouring phrases of one label are one section; the last chord is the ending."""
    plan = setup.plan
    sections: list[Section] = []
    for verse in setup.verses:
        begin_s = plan.at(verse.first * plan.chord_beats)
        end_s = plan.at((verse.first + len(verse.chords)) * plan.chord_beats)
        if sections and sections[-1].name == verse.label:
            begin_s = sections.pop().start_s
        sections.append(Section(name=verse.label, start_s=begin_s, end_s=end_s))
    sections.append(Section(name="ending", start_s=plan.at(plan.num_beats), end_s=plan.span.end_s))
    return sections
