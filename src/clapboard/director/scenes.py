"""Gathers the facts of one shot."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from clapboard.director.camera import find_camera, with_focus
from clapboard.director.cast import Roll, find_things, with_spots
from clapboard.director.changes import Named, find_changes
from clapboard.director.cuts import Part
from clapboard.director.doings import Stage, find_doings
from clapboard.director.facts import (
    Fact,
    LengthFact,
    SceneFacts,
    TimeFact,
    When,
)
from clapboard.director.known import Known
from clapboard.director.lines import find_lines
from clapboard.director.music import bed_hits, find_beds, find_music, find_silence
from clapboard.director.order import link, nearest
from clapboard.director.read import Text
from clapboard.director.room import find_room
from clapboard.director.setting import (
    Clues,
    choose_place,
    describing_words,
    find_hours,
    find_seasons,
    find_weather,
    sky_verbs,
)
from clapboard.director.tables.rooms import OUTDOORS
from clapboard.director.times import find_times
from clapboard.director.words import stem_set

_PAUSES: Final = stem_set("hold pause wait silence")


def words_of(*groups: Iterable[Fact]) -> frozenset[int]:
    """All tokens of these facts."""
    return frozenset(index for group in groups for fact in group for index in fact.words)


def find_scene(part: Part, known: Known, before: str | None) -> SceneFacts:
    """All facts of one shot; `before` is the place of the shot before it, if there is one."""
    text = part.text
    lines, written = find_lines(text)
    shown = frozenset(index for hit in known.places.find(text) for index in hit.words)
    room = find_room(text, words_of(lines), shown=shown)
    cut = part.cut | (part.time.words if part.time else frozenset[int]())
    times, lengths = find_times(text, cut | words_of(lines, written, [room] if room else []))
    named = frozenset(index for hit in known.instruments.find(text) for index in hit.words)
    camera, cannot = find_camera(text, words_of(lines, written, times), named)
    busy = words_of(lines, written, times, lengths, camera, cannot) | cut
    weather = find_weather(text, busy)
    played, struck = _instruments_named(text, known, busy)
    verbs = _verbs_of_named(text, known, busy | played)
    music = find_music(text, known, busy | words_of(weather) | verbs | struck)
    silence = find_silence(text)
    busy |= words_of(music) | silence
    facts = SceneFacts(
        hours=tuple(find_hours(text, busy)),
        seasons=tuple(find_seasons(text, busy)),
        weather=tuple(weather),
        music=tuple(music),
        camera=tuple(camera),
        room=room,
        lines=tuple(lines),
        lengths=tuple(lengths),
        cut=part.time,
        all_sound_off=bool(silence),
        missed=(*part.missed, *written, *cannot),
        understood=words_of(times) | silence | cut | _denied(text),
    )
    facts = _with_happenings(text, facts, known, busy, before)
    facts = _with_times(text, facts, times)
    doings, ordering = link(text, facts.doings, busy)
    return replace(facts, doings=tuple(doings), understood=facts.understood | ordering)


def _with_happenings(
    text: Text, facts: SceneFacts, known: Known, busy: frozenset[int], before: str | None
) -> SceneFacts:
    """The facts with the place, the things, what they do, and what changes. `busy` tokens name and do nothing."""
    named_verbs = _verbs_of_named(text, known, busy)
    taken = busy | _longer_beds(text, known, busy)
    things = find_things(text, known, taken)
    beds = find_beds(text, known, busy | words_of(things) | named_verbs, describing_words(text, facts.weather))
    clues = Clues(things=things, beds=beds, doings=known.doings.find(text, busy | words_of(facts.weather)))
    place = choose_place(text, known, clues, busy) or before or _usual_place(facts, known)
    placing = _placing(text, known, place, busy)
    nouns = words_of(facts.weather, facts.hours, beds) | placing
    verbs = sky_verbs(text, facts.weather, nouns)
    things, nowhere = with_spots(text, find_things(text, known, taken, place), known, place, busy)
    stage = Stage(
        text=text,
        known=known,
        place=place,
        roll=Roll(things),
        taken=busy | words_of(facts.weather) | verbs,
        nouns=nouns - words_of(things),
        aside=words_of(facts.camera, facts.lengths) | facts.understood,
    )
    things, doings = find_doings(stage)
    subjects: dict[int, Named] = dict.fromkeys(words_of(things, facts.hours), ())
    subjects |= {token.index: ("clouds",) for token in text.tokens if token.word == "sky"}
    for fact in facts.weather:
        subjects |= {index: (*subjects.get(index, ()), fact.kind) for index in fact.words}
    subjects |= {index: ("music",) for index in words_of(facts.music)}
    return replace(
        facts,
        place=place,
        things=tuple(things),
        doings=tuple(doings),
        changes=tuple(find_changes(text, subjects, busy - words_of(facts.music) | words_of(doings, facts.weather))),
        beds=tuple(beds),
        camera=tuple(with_focus(text, facts.camera, things)),
        missed=(*facts.missed, *nowhere),
        understood=facts.understood | placing | verbs,
    )


def _usual_place(facts: SceneFacts, known: Known) -> str:
    """The place of a prompt that points to none: the first, or the first indoors for what is heard in a room."""
    space = facts.room.acoustics.space if facts.room else None
    indoors = space is not None and not any(space.endswith(outdoors) for outdoors in OUTDOORS)
    fitting = [place.name for place in known.vocabulary.places if place.indoors or not indoors]
    return next(iter([*fitting, *(place.name for place in known.vocabulary.places)]), "anywhere")


def _verbs_of_named(text: Text, known: Known, busy: frozenset[int]) -> frozenset[int]:
    """Verbs of things that the text names, which are then no instruments: "the kettle whistles"."""
    named = {fact.thing for fact in find_things(text, known, busy)}
    hits = known.doings.find(text, busy)
    return frozenset(i for hit in hits if any(doing.thing in named for doing in hit.meanings) for i in hit.words)


def _instruments_named(text: Text, known: Known, busy: frozenset[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Tokens of names that are instruments and things: those that mean music, those that mean the thing.

    "Soft drums" is music. "A drum beats in the yard" is a thing: one, with a verb of its own or at its home, and not
    where the text names another place.
    """
    places = {name for hit in known.places.find(text) if not hit.negated for name in hit.meanings}
    verbs = {doing.thing for hit in known.doings.find(text, busy) for doing in hit.meanings}
    instruments = {index for hit in known.instruments.find(text, busy) for index in hit.words}
    played: set[int] = set()
    struck: set[int] = set()
    for fact in find_things(text, known, busy):
        if instruments & fact.words:
            homes = set(known.homes(fact.thing))
            here = bool(places & homes) or (not places and fact.thing in verbs)
            (struck if here and fact.count == 1 else played).update(fact.words)
    return frozenset(played), frozenset(struck)


def _longer_beds(text: Text, known: Known, busy: frozenset[int]) -> frozenset[int]:
    """Tokens of background sounds that have a thing's name in them: "birds singing" is no bird of ours."""
    beds = [hit for hit in bed_hits(text, known, busy, frozenset()) if len(hit.words) > 1]
    own = _verbs_of_named(text, known, busy) | words_of(find_things(text, known, busy))
    return frozenset(index for hit in beds if not own.issuperset(hit.words) for index in hit.words)


def _placing(text: Text, known: Known, place: str, busy: frozenset[int]) -> frozenset[int]:
    """Tokens that name the chosen place or a spot of it."""
    hits = [hit for hit in known.places.find(text, busy) if place in hit.meanings]
    spots = known.spots(place).find(text, busy)
    return frozenset(index for hit in (*hits, *spots) for index in hit.words)


def _denied(text: Text) -> frozenset[int]:
    """Tokens under a "no": what is denied is staged by its absence."""
    return frozenset(token.index for token in text.tokens if token.negated)


def _with_times(text: Text, facts: SceneFacts, times: Sequence[TimeFact]) -> SceneFacts:
    """The facts with each time given to the doing, change, move or line that it belongs to."""
    happenings = {doing.at: "doings" for doing in facts.doings if not doing.denied}
    happenings |= {change.at: "changes" for change in facts.changes} | {line.at: "lines" for line in facts.lines}
    happenings |= {min(fact.words): "camera" for fact in facts.camera if fact.move}
    happenings = {min(fact.words): "weather" for fact in facts.weather if fact.strength} | happenings
    whens: dict[int, When] = {}
    again: list[tuple[int, When]] = []
    lengths = list(facts.lengths)
    for time in times:
        at = nearest(text, time, list(happenings))
        if at in whens and None not in (whens[at].at_s, time.when.at_s):
            again.append((at, time.when))
        elif at is not None and (time.when.length_s is None or _same_clause(text, at, min(time.words))):
            whens[at] = time.when.joined(whens.get(at))
        elif time.when.length_s is not None and not _is_pause(text, time):
            lengths.append(LengthFact(words=time.words, duration_s=time.when.length_s, whole=False))
    return replace(
        facts,
        doings=tuple(
            replace(doing, when=when)
            for doing in facts.doings
            for when in [whens.get(doing.at), *(when for at, when in again if at == doing.at)]
        ),
        weather=tuple(replace(fact, when=whens.get(min(fact.words))) for fact in facts.weather),
        changes=tuple(replace(change, when=whens.get(change.at, change.when)) for change in facts.changes),
        lines=tuple(replace(line, when=whens.get(line.at)) for line in facts.lines),
        camera=tuple(replace(fact, when=whens.get(min(fact.words, default=-1))) for fact in facts.camera),
        lengths=tuple(lengths),
    )


def _is_pause(text: Text, time: TimeFact) -> bool:
    """Whether nothing is to happen for this time: "hold for two seconds"."""
    before = text.at(min(time.words) - 1)
    return before is not None and before.stem in _PAUSES


def _same_clause(text: Text, a: int, b: int) -> bool:
    first, second = text.at(a), text.at(b)
    return first is not None and second is not None and first.clause == second.clause
