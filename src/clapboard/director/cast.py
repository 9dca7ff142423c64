"""Finds the things that are named: how many, whether another one is meant, and where they are."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from clapboard.director.facts import Missed, ThingFact
from clapboard.director.known import Known
from clapboard.director.lexicon import Hit, by_word
from clapboard.director.read import Text
from clapboard.director.tables import word_set
from clapboard.director.tables.grammar import ARTICLES, BARE_PLURAL, MAX_COUNT, QUANTITIES
from clapboard.director.words import singular

_QUANTITIES: Final = by_word(QUANTITIES)
_ANOTHER: Final = word_set("another second other")
_AT: Final = word_set("on in at inside onto atop upon near by over above along across under beside behind")
_STRICTLY_AT: Final = word_set("on in inside atop upon")
# "three small white gulls": adjectives between a number and its noun.
_MAX_ADJECTIVES: Final = 3
# A clause that names more spots than this is no sentence.
_MAX_SPOTS: Final = 4


def find_things(text: Text, known: Known, taken: frozenset[int]) -> list[ThingFact]:
    """Every naming of a thing, in text order."""
    quantities = {hit.last: hit for hit in _QUANTITIES.find(text, taken)}
    return [_thing(text, hit, quantities, taken) for hit in known.things.find(text, taken)]


def _thing(text: Text, hit: Hit[str], quantities: dict[int, Hit[int]], taken: frozenset[int]) -> ThingFact:
    head = text.at(hit.last)
    plural = head is not None and singular(head.word) != head.word
    count, another, used = BARE_PLURAL if plural else 1, False, set(hit.words)
    for distance, token in enumerate(text.before(hit.start)):
        if token.kind == "mark" or token.index in taken or distance > _MAX_ADJECTIVES:
            break
        another = token.word in _ANOTHER
        if token.index in quantities:
            count = quantities[token.index].meaning
            used.update(quantities[token.index].words)
        elif token.number and token.number == int(token.number):
            count = int(token.number)
        elif not another and token.word not in ARTICLES:
            continue
        used.add(token.index)
        break
    count = min(MAX_COUNT, count) if plural else 1
    return ThingFact(words=frozenset(used), thing=hit.meaning, count=count, another=another, denied=hit.negated)


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
