"""Finds what grows, fades, starts or stops: the rain, the wind, the music."""

from collections.abc import Iterator, Mapping
from typing import Final

from clapboard.director.facts import Change, ChangeFact, Changing, When
from clapboard.director.lexicon import Hit, by_word
from clapboard.director.read import Text, Token
from clapboard.director.tables.grammar import ARTICLES
from clapboard.director.tables.manner import ADJECTIVES
from clapboard.director.tables.weather import CHANGES, TURNS

_CHANGES: Final = by_word(CHANGES)
_TURNS: Final = by_word(dict.fromkeys(TURNS, True))
_MUSICAL: Final = frozenset({"crescendo", "decrescendo", "diminuendo"})


def find_changes(text: Text, subjects: Mapping[int, Changing | None], taken: frozenset[int]) -> list[ChangeFact]:
    """Changes of weather and music, in text order.

    `subjects` says what tokens name; none stands for a thing, whose changes are its own doings.
    """
    facts: list[ChangeFact] = []
    for hit in _CHANGES.find(text, taken):
        if _is_adjective(text, hit):
            continue
        of = _subject(text, hit, subjects)
        if of is not None and not hit.negated:
            facts.append(ChangeFact(words=frozenset(hit.words), of=of, at=hit.start, change=hit.meaning))
    for hit in _TURNS.find(text, taken):
        before, after = _turning(text, hit, subjects)
        if before is None or after is None or before == after:
            continue
        words, when = frozenset(hit.words), When(position="middle")
        facts.append(ChangeFact(words=words, of=before, at=hit.start, change="stop", when=when))
        facts.append(ChangeFact(words=words, of=after, at=hit.start, change="start", when=when))
    return facts


def _is_adjective(text: Text, hit: Hit[Change]) -> bool:
    """Whether it is a plain "clear" or "slow", and no verb."""
    first = text.at(hit.start)
    return len(hit.words) == 1 and first is not None and first.word in ADJECTIVES


def _turning(
    text: Text, hit: Hit[bool], subjects: Mapping[int, Changing | None]
) -> tuple[Changing | None, Changing | None]:
    """What turns into what: the subjects right in front of and right behind "turns to"."""
    return _named_first(text.before(hit.start), subjects), _named_first(text.after(hit.last), subjects)


def _named_first(tokens: Iterator[Token], subjects: Mapping[int, Changing | None]) -> Changing | None:
    for token in tokens:
        if token.is_content:
            return subjects.get(token.index)
    return None


def _subject(text: Text, hit: Hit[Change], subjects: Mapping[int, Changing | None]) -> Changing | None:
    """The nearest subject: right behind ("building rain"), else in front within the sentence."""
    words = {token.word for token in map(text.at, hit.words) if token is not None}
    if words & _MUSICAL and "music" in subjects.values():
        return "music"
    return next(_candidates(text, hit, subjects), None)


def _candidates(text: Text, hit: Hit[Change], subjects: Mapping[int, Changing | None]) -> Iterator[Changing | None]:
    for token in text.after(hit.last):
        if token.index in subjects:
            yield subjects[token.index]
        if token.word not in ARTICLES:
            break
    first, bare = text.at(hit.start), True
    for token in text.before(hit.start):
        # A mark is crossed only by a clause without a subject of its own: "..., building to a crescendo".
        if first is None or token.sentence != first.sentence or (token.kind == "mark" and not bare):
            break
        if token.index in subjects:
            yield subjects[token.index]
        bare = bare and not token.is_content
