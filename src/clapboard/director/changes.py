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

Named = tuple[Changing, ...]
"""What a word names: kinds of weather (a storm is several), the music, or nothing that changes by itself."""
Subjects = Mapping[int, Named]


def find_changes(text: Text, subjects: Subjects, taken: frozenset[int]) -> list[ChangeFact]:
    """Changes of weather and music, in text order.

    `subjects` says what tokens name; a thing stands for nothing, as its changes are its own doings.
    """
    facts: list[ChangeFact] = []
    for hit in _CHANGES.find(text, taken):
        if not hit.negated and not _is_adjective(text, hit):
            words = frozenset(hit.words)
            subject = _subject(text, hit, subjects)
            facts += [ChangeFact(words=words, of=of, at=hit.start, change=hit.meaning) for of in subject]
    for hit in _TURNS.find(text, taken):
        before = _named_first(text.before(hit.start), subjects)
        after = _named_first(text.after(hit.last), subjects)
        words, when = frozenset(hit.words), When(position="middle")
        if before and after:
            facts += [ChangeFact(words=words, of=of, at=hit.start, change="stop", when=when) for of in before]
            facts += [ChangeFact(words=words, of=of, at=hit.start, change="start", when=when) for of in after]
    return facts


def _is_adjective(text: Text, hit: Hit[Change]) -> bool:
    """Whether it is a plain "clear" or "slow", and no verb."""
    first = text.at(hit.start)
    return len(hit.words) == 1 and first is not None and first.word in ADJECTIVES


def _named_first(tokens: Iterator[Token], subjects: Subjects) -> Named:
    for token in tokens:
        if token.is_content:
            return subjects.get(token.index, ())
    return ()


def _subject(text: Text, hit: Hit[Change], subjects: Subjects) -> Named:
    """The nearest subject: right behind ("building rain"), else in front within the sentence."""
    words = {token.word for token in map(text.at, hit.words) if token is not None}
    if words & _MUSICAL and ("music",) in subjects.values():
        return ("music",)
    return next(_candidates(text, hit, subjects), ())


def _candidates(text: Text, hit: Hit[Change], subjects: Subjects) -> Iterator[Named]:
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
