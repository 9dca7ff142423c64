"""Finds the things that are named: how many, whether another one is meant, and where they are."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from clapboard.director.facts import Missed, ThingFact
from clapboard.director.known import Known
from clapboard.director.lexicon import Hit, by_word
from clapboard.director.read import Text, Token
from clapboard.director.tables import word_set
from clapboard.director.tables.grammar import ARTICLES, BARE_PLURAL, MAX_COUNT, QUANTITIES
from clapboard.director.tables.irregular import IRREGULAR
from clapboard.director.tables.manner import ADJECTIVES, COMMON_VERBS
from clapboard.director.tables.rooms import BUILT, LANDINGS, SPACES, SURFACES
from clapboard.director.words import singular, stem, stem_set

_QUANTITIES: Final = by_word(QUANTITIES)
_ANOTHER: Final = word_set("another second other")
_AT: Final = word_set("on in at inside onto atop upon near by over above along across under beside behind")
_STRICTLY_AT: Final = word_set("on in at by beside inside atop upon")
_ONTO_OR_OF: Final = word_set("on onto upon against of")
# "Several drum beats" are beats; "some thunder rolls" is thunder that rolls.
_OF_A_MASS: Final = word_set("some lot lots")
_VERBS: Final = stem_set(" ".join(COMMON_VERBS))
_BUILT: Final = frozenset(stem(phrase.split()[-1]) for phrase in (*BUILT, *SPACES))
# "three small white gulls": adjectives between a number and its noun.
_MAX_ADJECTIVES: Final = 3
# A clause that names more spots than this is no sentence.
_MAX_SPOTS: Final = 4


def find_things(text: Text, known: Known, taken: frozenset[int], place: str | None = None) -> list[ThingFact]:
    """Every naming of a thing, in text order; a name of several things means the one that may be at the place."""
    quantities = {hit.last: hit for hit in _QUANTITIES.find(text, taken)}
    hits = [hit for hit in known.things.find(text, taken) if not _is_material(text, hit, known)]
    found = [_thing(text, hit, quantities, taken) for hit in hits]
    if place is None:
        return [fact for fact in found if not fact.vague]
    here = [[name for name in hit.meanings if known.can(name, place)] for hit in hits]
    named = [replace(fact, thing=names[0]) if names else fact for fact, names in zip(found, here, strict=True)]
    return [fact for fact in named if not fact.vague or known.can(fact.thing, place)]


def _is_material(text: Text, hit: Hit[str], known: Known) -> bool:
    """Whether a name only says what something else is made of: "the stone sill", "onto stone", "a wall of stone".

    Only names that are materials too can do that: a "cat window rain" is a list.
    """
    head, following = text.at(hit.last), text.at(hit.last + 1)
    if head is None or head.word not in LANDINGS.keys() | SURFACES.keys():
        return False
    if following is not None and _is_noun(following, known):
        return True
    for token in text.before(hit.start, _MAX_ADJECTIVES):
        if token.word not in ADJECTIVES:
            return token.word in _ONTO_OR_OF or (token.word == "the" and _is_landed_on(text, token))
    return False


def _is_landed_on(text: Text, article: Token) -> bool:
    before = text.at(article.index - 1)
    return before is not None and before.word in _ONTO_OR_OF - {"of"}


def _is_noun(token: Token, known: Known) -> bool:
    """Whether a word behind a material is what is made of it, and not what it does: no table lists all nouns."""
    if token.kind != "word" or not token.is_content or token.number is not None:
        return False
    if token.stem in _BUILT:
        return True
    inflected = token.word.endswith(("s", "ed", "ing", "ly")) or token.word in IRREGULAR
    verbal = token.stem in _VERBS or known.doings.find(Text((token,)))
    return not inflected and not verbal and token.word not in ADJECTIVES


def _thing(text: Text, hit: Hit[str], quantities: dict[int, Hit[int]], taken: frozenset[int]) -> ThingFact:
    head = text.at(hit.last)
    plural = head is not None and singular(head.word) != head.word
    said, another, used = BARE_PLURAL if plural else 1, False, set(hit.words)
    for distance, token in enumerate(text.before(hit.start)):
        if token.kind == "mark" or token.index in taken or distance > _MAX_ADJECTIVES:
            break
        another = token.word in _ANOTHER
        if token.index in quantities:
            words = {word.word for word in map(text.at, quantities[token.index].words) if word is not None}
            said = quantities[token.index].meaning if plural or words.isdisjoint(_OF_A_MASS) else 1
            used.update(quantities[token.index].words)
        elif token.number and token.number == int(token.number):
            said = int(token.number)
        elif not another and token.word not in ARTICLES:
            continue
        used.add(token.index)
        break
    said = min(MAX_COUNT, said)
    return ThingFact(
        words=frozenset(used),
        thing=hit.meaning,
        count=said if plural else 1,
        said=said,
        another=another,
        denied=hit.negated,
        vague=head is not None and not head.is_content,
    )


class Roll:
    """The things that are named, in text order, found again by their tokens."""

    def __init__(self, things: Sequence[ThingFact]) -> None:
        self.things: list[ThingFact] = []
        self._at: dict[int, int] = {}
        self._first: dict[str, int] = {}
        for fact in things:
            self.add(fact)

    def add(self, fact: ThingFact) -> int:
        """Put a thing at the end; its number."""
        number = len(self.things)
        self.things.append(fact)
        self._at |= dict.fromkeys(fact.words - self._at.keys(), number)
        if not fact.denied:
            self._first.setdefault(fact.thing, number)
        return number

    def at(self, index: int) -> int | None:
        """The number of the thing that this token names."""
        return self._at.get(index)

    def first_of(self, number: int) -> int:
        """The first naming of the same thing: "the cat" again is the cat, "another cat" is not."""
        fact = self.things[number]
        return number if fact.another else min(number, self._first.get(fact.thing, number))


def with_spots(
    text: Text, things: list[ThingFact], known: Known, place: str, taken: frozenset[int]
) -> tuple[list[ThingFact], list[Missed]]:
    """The things with the spots that the text gives them, and the spots where they cannot be."""
    hits = list(_prepositional(text, known.spots(place).find(text, taken)))
    names = {index for hit in known.places.find(text) if place in hit.meanings for index in hit.words}
    roll = Roll(things)
    by_clause: dict[int, list[tuple[Hit[str], str]]] = {}
    for hit, lead in hits:
        by_clause.setdefault(_clause(text, hit.start), []).append((hit, lead))
    placed: list[ThingFact] = []
    missed: list[Missed] = []
    for number, fact in enumerate(things):
        words = known.vocabulary.thing(fact.thing)
        allowed = words.places.get(place, ()) if words else ()
        near = by_clause.get(_clause(text, max(fact.words)), [])[:_MAX_SPOTS]
        beside = [(hit, lead) for hit, lead in near if _nothing_between(roll, number, max(fact.words), hit.start)]
        fitting = [hit.meaning for hit, _ in beside if hit.meaning in allowed]
        placed.append(replace(fact, spot=fitting[0]) if fitting else fact)
        if fitting or not allowed:
            continue
        missed += [
            Missed(words=frozenset(hit.words), reason=f"the {_spoken(fact.thing)} is at the {_spoken(allowed[0])} here")
            for hit, lead in beside
            if lead in _STRICTLY_AT and not names & set(hit.words)
        ]
    return placed, missed


def _prepositional(text: Text, hits: list[Hit[str]]) -> Iterator[tuple[Hit[str], str]]:
    """Spots behind a preposition, with it."""
    for hit in hits:
        for distance, token in enumerate(text.before(hit.start)):
            if token.word in _AT:
                yield hit, token.word
            if token.word in _AT or token.kind == "mark" or distance > _MAX_ADJECTIVES:
                break


def _clause(text: Text, index: int) -> int:
    token = text.at(index)
    return token.clause if token else -1


def _nothing_between(roll: Roll, number: int, thing: int, spot: int) -> bool:
    """Whether no other thing stands between two tokens."""
    low, high = sorted((thing, spot))
    return all(roll.at(index) in (None, number) for index in range(low + 1, high))


def _spoken(name: str) -> str:
    return name.replace("_", " ")
