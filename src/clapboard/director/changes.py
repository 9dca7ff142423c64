"""Finds what grows, fades, starts or stops: the rain, the wind, the music."""

from collections.abc import Iterator, Mapping
from typing import Final

from clapboard.director.facts import Change, ChangeFact, Changing
from clapboard.director.lexicon import Hit, by_word
from clapboard.director.read import Text
from clapboard.director.tables.grammar import ARTICLES
from clapboard.director.tables.weather import CHANGES

_CHANGES: Final = by_word(CHANGES)
_MUSICAL: Final = frozenset({"crescendo", "decrescendo", "diminuendo"})


def find_changes(text: Text, subjects: Mapping[int, Changing | None], taken: frozenset[int]) -> list[ChangeFact]:
    """Changes of weather and music, in text order.

    `subjects` says what tokens name; none stands for a thing, whose changes are its own doings.
    """
    facts: list[ChangeFact] = []
    for hit in _CHANGES.find(text, taken):
        of = _subject(text, hit, subjects)
        if of is not None and not hit.negated:
            facts.append(ChangeFact(words=frozenset(hit.words), of=of, at=hit.start, change=hit.meaning))
    return facts


def _subject(text: Text, hit: Hit[Change], subjects: Mapping[int, Changing | None]) -> Changing | None:
    """The nearest subject: right behind ("building rain"), else in front within the sentence."""
    words = {token.word for token in map(text.at, hit.words) if token is not None}
    if words & _MUSICAL:
        return "music"
    return next(_candidates(text, hit, subjects), None)


def _candidates(text: Text, hit: Hit[Change], subjects: Mapping[int, Changing | None]) -> Iterator[Changing | None]:
    first = text.at(hit.start)
    for token in text.after(hit.last):
        if token.index in subjects:
            yield subjects[token.index]
        if token.word not in ARTICLES:
            break
    for token in text.before(hit.start):
        if first is None or token.sentence != first.sentence:
            break
        if token.index in subjects:
            yield subjects[token.index]
