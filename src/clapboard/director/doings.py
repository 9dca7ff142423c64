"""Finds what happens: which thing does what, how often, how hard, how far off, and onto what.

A verb belongs to a thing that can do it: the one right behind it ("a purring cat"), else its subject, else the nearest
one. A verb whose subject is something else ("a dog flies past") is nobody's and stays for the list of what could not be
staged.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from clapboard.director.cast import Roll
from clapboard.director.facts import Distance, DoingFact, ThingFact
from clapboard.director.known import Doing, Known
from clapboard.director.lexicon import Hit, by_word
from clapboard.director.read import Text, Token
from clapboard.director.tables import word_set
from clapboard.director.tables.grammar import ARTICLES, CONJUNCTIONS, PREPOSITIONS, REPEATS
from clapboard.director.tables.manner import AGAIN, DISTANCES, DISTANCES_BEFORE, FORCES, SIDES
from clapboard.director.tables.rooms import LANDINGS
from clapboard.director.words import stem

_REPEATS: Final = by_word(REPEATS)
_DISTANCES: Final = by_word(DISTANCES)
_FORCES: Final = by_word(FORCES)
_SURFACES: Final = by_word(LANDINGS)
_SIDES: Final = by_word(SIDES)
_AGAIN: Final = by_word(dict.fromkeys(AGAIN, True))
_ADVERBS: Final = frozenset(stem(word) for word in (*FORCES, *DISTANCES))
_RELATIVES: Final = word_set("that which who")
_ONTO: Final = word_set("on onto upon in into to against over off across down")
# How many tokens from a doing its adverb, its count or the thing behind it may stand.
_REACH: Final = 4
_MAX_REPEATS: Final = 12
_NOBODY: Final = -2


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """What the search for doings knows: the text, who is there, and which tokens are already something else."""

    text: Text
    known: Known
    place: str
    roll: Roll
    taken: frozenset[int]
    """Tokens that are no verbs of things: times, camera, music, weather and what it does."""
    nouns: frozenset[int]
    """Tokens of weather, places and sounds: subjects that are not things."""
    aside: frozenset[int]
    """Tokens of times and camera work: neither subjects nor verbs."""
    verbs: frozenset[int] = frozenset()
    """Tokens of doings."""


def find_doings(stage: Stage) -> tuple[list[ThingFact], list[DoingFact]]:
    """The things, with those added that only their doings name ("a distant meow"), and what they do, in text order."""
    hits = stage.known.doings.find(stage.text, stage.taken)
    stage = replace(stage, verbs=frozenset(index for hit in hits for index in hit.words))
    doings: list[DoingFact] = []
    for hit in hits:
        able = {doing.thing: doing.does for doing in reversed(hit.meanings)}
        owner = _owner(stage, hit, frozenset(able))
        if owner is None:
            thing = _implied(stage, hit, able)
            if thing is None:
                continue
            named = ThingFact(words=frozenset(hit.words), thing=thing)
            owner = -1 if hit.negated else stage.roll.add(named)
        elif owner == _NOBODY:
            continue
        else:
            thing = stage.roll.things[owner].thing
        doings.append(_doing(stage, hit, Doing(thing, able[thing]), owner if owner < 0 else stage.roll.first_of(owner)))
    doings += _usual(stage, doings)
    return list(stage.roll.things), sorted(doings, key=lambda doing: doing.at)


def _usual(stage: Stage, doings: Sequence[DoingFact]) -> Iterator[DoingFact]:
    """What things that are only named do of themselves: "far thunder" rolls."""
    for number, fact in enumerate(stage.roll.things):
        thing = stage.known.vocabulary.thing(fact.thing)
        if thing is None or thing.usual is None or fact.denied or fact.vague:
            continue
        first = stage.roll.first_of(number)
        if first != number and not _is_told_next(stage, fact, stage.roll.things[first]):
            continue
        if first == number and any(
            doing.member == number or (doing.thing == fact.thing and doing.denied) for doing in doings
        ):
            continue
        at = max(fact.words)
        usual = DoingFact(words=fact.words, thing=thing.name, does=thing.usual, member=first, at=at, word="")
        yield with_manner(stage, _with_onto(stage, usual, at))


def _is_told_next(stage: Stage, fact: ThingFact, first: ThingFact) -> bool:
    """Whether a thing is named again as the next happening: "thunder, then louder thunder"."""
    name, before = stage.text.at(fact.head), stage.text.at(first.head)
    if name is None or before is None or name.stem != before.stem:
        return False
    for distance, token in enumerate(stage.text.before(min(fact.words))):
        if token.word == "then" or token.kind == "mark" or distance > _REACH:
            return token.word == "then"
    return False


def _owner(stage: Stage, hit: Hit[Doing], able: frozenset[str]) -> int | None:
    """Who does it, as an index into the things; `_NOBODY` when something that cannot is its subject; none if unsaid."""
    inside = next((number for number in map(stage.roll.at, hit.words) if number is not None), None)
    if inside is not None:
        return inside if stage.roll.things[inside].thing in able else _NOBODY
    behind = _behind(stage, hit)
    if behind is not None and stage.roll.things[behind].thing in able:
        return behind
    subject = _subject(stage, hit, able)
    if subject is not None:
        return subject
    named = [number for number, fact in enumerate(stage.roll.things) if fact.thing in able and not fact.denied]
    ahead = [number for number in named if max(stage.roll.things[number].words) < hit.start]
    return ahead[-1] if ahead else named[0] if named else None


def _behind(stage: Stage, hit: Hit[Doing]) -> int | None:
    """The thing right behind: "a purring black cat", "the crackle of the fire", "there hoots an owl"."""
    for distance, token in enumerate(stage.text.after(hit.last)):
        number = stage.roll.at(token.index)
        adjective = (
            token.word in ARTICLES or token.word == "of" or (token.is_content and token.index not in stage.nouns)
        )
        if number is not None or not adjective or token.kind == "mark" or distance >= _REACH:
            return number
    return None


def _subject(stage: Stage, hit: Hit[Doing], able: frozenset[str]) -> int | None:
    """The subject in front of the verb, within its clause."""
    first = stage.text.at(hit.start)
    lead = stage.text.at(hit.start - 1)
    if lead is not None and lead.word in ARTICLES:
        return None  # "a foghorn sounds": a noun, whose verb is another
    inflected = first is not None and first.word.endswith(("s", "ed", "ing"))
    # "Beside a candle flickering", "a candle that flickers": said of the nearest noun, whatever it hangs on.
    of_nearest = first is not None and (first.word.endswith("ing") or (lead is not None and lead.word in _RELATIVES))
    for token in stage.text.before(hit.start):
        if first is None or token.clause != first.clause or token.kind in ("mark", "quote"):
            return None
        number = stage.roll.at(token.index)
        thing = stage.roll.things[number] if number is not None else None
        can = thing is not None and thing.thing in able and not thing.denied
        if can and (of_nearest or not _is_governed(stage, token)):
            return number
        if not token.is_content or token.index in stage.verbs | stage.aside or _is_adverb(token):
            continue
        if _is_governed(stage, token):
            continue
        known = number is not None or token.index in stage.nouns
        if known or inflected or token.word.endswith("s"):
            return _NOBODY
    return None


def _is_adverb(token: Token) -> bool:
    return token.stem in _ADVERBS or token.word.endswith("ly")


def _is_governed(stage: Stage, token: Token) -> bool:
    """Whether a noun hangs on a preposition: "window" in "the cat at the night window purrs"."""
    articles = 0
    for before in stage.text.before(token.index):
        if before.word in PREPOSITIONS:
            return True
        articles += before.word in ARTICLES
        if articles > (before.word in ARTICLES) or before.kind == "mark":
            return False
        if before.word not in ARTICLES and not before.is_content:
            return False
    return False


def _implied(stage: Stage, hit: Hit[Doing], able: dict[str, str]) -> str | None:
    """The one thing of this place that could do it, when the doing stands as a noun: "a distant meow", "purring"."""
    here = [thing for thing in able if stage.known.can(thing, stage.place)]
    before = stage.text.at(hit.start - 1)
    noun = before is None or before.kind == "mark" or before.word in ARTICLES | {"of", "with", "and", "to", "no", "not"}
    noun = noun or before is None or before.number is not None or _is_adverb(before) or before.negated
    return here[0] if len(here) == 1 and noun else None


def _doing(stage: Stage, hit: Hit[Doing], doing: Doing, member: int) -> DoingFact:
    first = stage.text.at(hit.start)
    fact = DoingFact(
        words=frozenset(hit.words),
        thing=doing.thing,
        does=doing.does,
        member=member,
        at=hit.start,
        word=first.stem if first else "",
        denied=hit.negated,
    )
    return with_manner(stage, _with_onto(stage, fact, hit.last))


def with_manner(stage: Stage, fact: DoingFact) -> DoingFact:
    """The doing with the force, the distance and the repeats that the words around it give."""
    clause = _own_clause(stage, fact)
    near = [token for token in clause if min(abs(token.index - word) for word in fact.words) <= _REACH]
    forces = _FORCES.find(Text(tuple(near)), stage.taken | stage.nouns)
    distances = _DISTANCES.find(Text(tuple(clause)), stage.taken | stage.nouns)
    repeats, counted = _repeats(stage, fact, clause)
    again = _AGAIN.find(Text(tuple(clause)), stage.taken)
    before = [token for token in clause if token.word in DISTANCES_BEFORE and _is_adjective(stage, token, fact)]
    far: Distance | None = distances[0].meaning if distances else DISTANCES_BEFORE[before[0].word] if before else None
    sides = _sides(stage, fact, clause)
    used = {index for hit in (*forces[:1], *distances[:1], *again[:1], *sides[:1]) for index in hit.words}
    return replace(
        fact,
        words=fact.words | used | counted | {token.index for token in before},
        side=sides[0].meaning if sides else None,
        force=forces[0].meaning if forces else None,
        far=far,
        repeats=repeats,
        again=bool(again),
    )


def _sides(stage: Stage, fact: DoingFact, clause: Sequence[Token]) -> list[Hit[str]]:
    """Where a doing that crosses the picture comes from; "to the left of the wall" is a place."""
    thing = stage.known.vocabulary.thing(fact.thing)
    if thing is None or not thing.doings[fact.does].sides:
        return []
    hits = _SIDES.find(Text(tuple(clause)), stage.taken)
    behind = {hit.last: stage.text.at(hit.last + 1) for hit in hits}
    return [hit for hit in hits if (after := behind[hit.last]) is None or after.word != "of"]


def _is_adjective(stage: Stage, token: Token, fact: DoingFact) -> bool:
    """Whether "near" or "close" stands with a doing, and is no preposition: in front of it, or with no noun behind."""
    following = stage.text.at(token.index + 1)
    if token.index == min(fact.words) - 1 or following is None or following.kind == "mark":
        return True
    return following.index in stage.aside or following.word in CONJUNCTIONS


def _own_clause(stage: Stage, fact: DoingFact) -> list[Token]:
    """The tokens of its clause up to the next thing or doing on either side that is not its own."""
    clause = stage.text.clause(fact.at)
    names = {token.index: stage.roll.at(token.index) for token in clause}
    others = [index for index, number in names.items() if number is not None and not _is_same(stage, number, fact)]
    others += [token.index for token in clause if token.index in stage.verbs and token.index not in fact.words]
    low = max((index for index in others if index < min(fact.words)), default=-1)
    if low in stage.verbs:  # what stands behind the verb before is that verb's, up to "and"
        low = max(
            (token.index for token in clause if token.index < min(fact.words) and token.word == "and"), default=low
        )
    high = min((index for index in others if index > max(fact.words)), default=clause[-1].index + 1)
    return [token for token in clause if low < token.index < high]


def _is_same(stage: Stage, number: int, fact: DoingFact) -> bool:
    return stage.roll.things[number].thing == fact.thing


def _repeats(stage: Stage, fact: DoingFact, clause: Sequence[Token]) -> tuple[int | None, frozenset[int]]:
    """How often it happens: "twice", "four times" behind it, or a number in front of it ("three hoots", "three owl
    hoots")."""
    for hit in _REPEATS.find(Text(tuple(clause)), stage.taken):
        return hit.meaning, frozenset(hit.words)
    for token, following in pairwise(clause):
        if token.number and following.word == "times" and token.index not in stage.taken:
            return _count(token.number), frozenset({token.index, following.index})
    namer = stage.roll.at(fact.at - 1)
    if namer is not None and stage.roll.things[namer].count < stage.roll.things[namer].said:
        return _count(stage.roll.things[namer].said), frozenset()
    before = stage.text.at(min(fact.words) - 1)
    described = before is not None and before.number is None and _is_adverb(before)
    before = stage.text.at(before.index - 1) if before is not None and described else before
    if before is not None and before.number and stage.roll.at(before.index) is None and before.index not in stage.taken:
        return _count(before.number), frozenset({before.index})
    return None, frozenset()


def _count(number: float) -> int:
    return max(1, min(_MAX_REPEATS, round(number)))


def _with_onto(stage: Stage, fact: DoingFact, last: int) -> DoingFact:
    """The doing with what it lands on, for doings that need it."""
    thing = stage.known.vocabulary.thing(fact.thing)
    if thing is None or not thing.doings[fact.does].needs_onto:
        return fact
    usual = stage.roll.things[fact.member].spot if fact.member >= 0 else None
    target = _landing(stage.text, last)
    spots = stage.known.spots(stage.place).find(Text(tuple(target)))
    surfaces = _SURFACES.find(Text(tuple(target)))
    onto = spots[0].meaning if spots else usual or thing.places.get(stage.place, (None,))[0]
    used = {index for hit in (*spots[:1], *surfaces[:1]) for index in hit.words}
    return replace(fact, words=fact.words | used, onto=onto, material=surfaces[0].meaning if surfaces else None)


def _landing(text: Text, last: int) -> Iterable[Token]:
    """The noun phrase behind "onto": up to the next mark, clause or preposition."""
    landed: list[Token] = []
    opened = False
    for token in text.after(last):
        if token.kind == "mark" or (opened and token.word in PREPOSITIONS and landed):
            break
        if opened:
            landed.append(token)
        opened = opened or token.word in _ONTO
    return landed
