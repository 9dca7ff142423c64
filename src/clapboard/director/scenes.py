"""Splits a prompt into shots and gathers the facts of each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from clapboard.director.camera import find_camera, with_focus
from clapboard.director.cast import Roll, find_things, with_spots
from clapboard.director.changes import Named, find_changes
from clapboard.director.doings import Stage, find_doings
from clapboard.director.facts import (
    Fact,
    LengthFact,
    Missed,
    SceneFacts,
    TimeFact,
    When,
)
from clapboard.director.known import Known
from clapboard.director.lexicon import Hit, Lexicon
from clapboard.director.lines import find_lines
from clapboard.director.music import bed_hits, find_beds, find_music, find_silence
from clapboard.director.order import link, nearest
from clapboard.director.read import Text, Token
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
from clapboard.director.tables import word_set
from clapboard.director.tables.camera import BLENDS, CUTS, NO_SHOT
from clapboard.director.tables.grammar import ARTICLES
from clapboard.director.tables.rooms import OUTDOORS
from clapboard.director.times import find_times
from clapboard.director.words import stem_set

_CUTS: Final = Lexicon[bool]([*((phrase, False) for phrase in CUTS), *((phrase, True) for phrase in BLENDS)])
_PAUSES: Final = stem_set("hold pause wait silence")
_AT: Final = word_set("in at on by inside to beside")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """The text of one shot, and what its cut says."""

    text: Text
    cut: frozenset[int] = frozenset()
    missed: tuple[Missed, ...] = ()


def split(text: Text, known: Known) -> list[Part]:
    """One part for each shot: at "cut to", at "shot 2:", and where a sentence moves to another place."""
    starts: dict[int, tuple[frozenset[int], tuple[Missed, ...]]] = {}
    for hit in _CUTS.find(text):
        following = text.at(hit.last + 1)
        if following is None or following.word in NO_SHOT:
            continue
        words = frozenset(hit.words)
        blend = (Missed(words=words, reason="made as a cut; blends between shots are not made yet"),)
        starts[hit.start] = words, blend if hit.meaning else ()
    starts |= {token.index: (frozenset({token.index, token.index + 1}), ()) for token in _numbered(text)}
    for token in _moves(text, known):
        starts.setdefault(token.index, (frozenset(), ()))
    first = text.tokens[0].index
    heads = sorted({first, *starts})
    ends = [*heads[1:], text.tokens[-1].index + 1]
    parts = [
        Part(
            text=Text(tuple(token for token in text.tokens if head <= token.index < end)),
            cut=starts.get(head, (frozenset[int](), ()))[0],
            missed=starts.get(head, (frozenset[int](), ()))[1],
        )
        for head, end in zip(heads, ends, strict=True)
    ]
    return _without_empty(parts)


def _without_empty(parts: Sequence[Part]) -> list[Part]:
    """Parts of nothing but grammar ("Shot 1:", "then") belong to the part behind them."""
    kept: list[Part] = []
    waiting: tuple[Token, ...] = ()
    for part in parts:
        full = any(token.is_content and token.index not in part.cut for token in part.text.tokens)
        if full or part is parts[-1]:
            kept.append(replace(part, text=Text((*waiting, *part.text.tokens))))
        waiting = () if full else (*waiting, *part.text.tokens)
    return kept


def _numbered(text: Text) -> Iterator[Token]:
    """ "Shot 2: ..." and "Scene two - ..." at the start of a sentence."""
    for token in text.tokens:
        before, number = text.at(token.index - 1), text.at(token.index + 1)
        opens = before is None or before.sentence != token.sentence
        if token.word in ("shot", "scene") and opens and number is not None and number.number is not None:
            yield token


def _moves(text: Text, known: Known) -> Iterator[Token]:
    """First tokens of sentences that are set in a place other than the one before ("In a room, ...")."""
    here: str | None = None
    for _, tokens in groupby(text.tokens, key=lambda token: token.sentence):
        own = Text(tuple(tokens))
        hits = [hit for hit in known.places.find(own) if not hit.negated and _is_at(own, hit)]
        spots = {index for hit in (known.spots(here).find(own) if here else []) for index in hit.words}
        names = [name for hit in hits if not spots & set(hit.words) for name in hit.meanings]
        if here is not None and names and here not in names and not _names(own, known, here):
            yield own.tokens[0]
        if names and here not in names:
            here = names[0]


def _is_at(text: Text, hit: Hit[str]) -> bool:
    """Whether a place is where the sentence happens: "in a room", "by a mountain lake"."""
    for distance, token in enumerate(text.before(hit.start)):
        if token.word not in ARTICLES and (not token.is_content or distance > 2):
            return token.word in _AT
    return False


def _names(text: Text, known: Known, place: str) -> bool:
    return any(place in hit.meanings for hit in known.places.find(text))


def words_of(*groups: Iterable[Fact]) -> frozenset[int]:
    """All tokens of these facts."""
    return frozenset(index for group in groups for fact in group for index in fact.words)


def find_scene(part: Part, known: Known, before: str | None) -> SceneFacts:
    """All facts of one shot; `before` is the place of the shot before it, if there is one."""
    text = part.text
    lines, written = find_lines(text)
    shown = frozenset(index for hit in known.places.find(text) for index in hit.words)
    room = find_room(text, words_of(lines), shown=shown)
    times, lengths = find_times(text, words_of(lines, written, [room] if room else []))
    named = frozenset(index for hit in known.instruments.find(text) for index in hit.words)
    camera, cannot = find_camera(text, words_of(lines, written, times), named)
    busy = words_of(lines, written, times, lengths, camera, cannot) | part.cut
    weather = find_weather(text, busy)
    music = find_music(text, known, busy | words_of(weather) | _verbs_of_named(text, known, busy))
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
        all_sound_off=bool(silence),
        missed=(*part.missed, *written, *cannot),
        understood=words_of(times) | silence | part.cut | _denied(text),
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
    things = find_things(text, known, busy | _longer_beds(text, known, busy))
    beds = find_beds(text, known, busy | words_of(things) | named_verbs, describing_words(text, facts.weather))
    clues = Clues(things=things, beds=beds, doings=known.doings.find(text, busy | words_of(facts.weather)))
    place = choose_place(text, known, clues, busy) or before or _usual_place(facts, known)
    placing = _placing(text, known, place, busy)
    nouns = words_of(facts.weather, facts.hours, beds) | placing
    verbs = sky_verbs(text, facts.weather, nouns)
    things, nowhere = with_spots(text, things, known, place, busy)
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
