"""Finds the phrases of a table in tokens: longest first, whatever their inflection, articles left out."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from clapboard.director.read import Text, Token, Tokens
from clapboard.director.tables import word_set
from clapboard.director.tables.grammar import ARTICLES
from clapboard.director.words import fold, stem

T = TypeVar("T")

_PARTICLES: Final = word_set("out off up down on in over away")
# "blows the old candle out": words that may stand between a verb and its particle.
_PARTICLE_GAP_TOKENS: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit(Generic[T]):
    """A phrase found: what it may mean, and the indices of its tokens, in order."""

    meanings: tuple[T, ...]
    words: tuple[int, ...]
    negated: bool

    @property
    def meaning(self) -> T:
        """The first meaning."""
        return self.meanings[0]

    @property
    def start(self) -> int:
        """Index of its first token."""
        return self.words[0]

    @property
    def last(self) -> int:
        """Index of its last token."""
        return self.words[-1]


class Lexicon(Generic[T]):
    """Phrases and what they mean; a phrase that is given twice has two meanings."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._phrases: dict[str, dict[tuple[str, ...], tuple[T, ...]]] = {}
        self.words: set[str] = set()
        for phrase, meaning in entries:
            parts = [fold(part) for part in re.findall(r"[^\W_]+|[^\s\w]", phrase.replace("-", " ").replace("_", " "))]
            self.words.update(parts)
            stems = tuple(stem(part) for part in parts if part not in ARTICLES) or tuple(stem(part) for part in parts)
            if stems:
                same = self._phrases.setdefault(stems[0], {})
                same[stems] = (*same.get(stems, ()), meaning)

    def find(self, text: Text, taken: Collection[int] = frozenset()) -> list[Hit[T]]:
        """Phrases in text order that do not overlap and touch none of the `taken` token indices."""
        hits: list[Hit[T]] = []
        done = -1
        for position, token in enumerate(text.tokens):
            if token.index <= done or token.kind not in ("word", "number"):
                continue
            hit = self._longest(text.tokens, position, taken)
            if hit:
                hits.append(hit)
                done = hit.last if hit.last - hit.start < len(hit.words) + 2 else hit.start
        return hits

    def _longest(self, tokens: Tokens, position: int, taken: Collection[int]) -> Hit[T] | None:
        """The phrase of most words that starts here, the tightest among equals."""
        best: Hit[T] | None = None
        for stems, meanings in self._phrases.get(tokens[position].stem, {}).items():
            if best is not None and len(stems) < len(best.words):
                continue
            found = list(_match(stems, tokens, position))
            if len(found) < len(stems) or any(token.index in taken for token in found):
                continue
            words = tuple(token.index for token in found)
            if best is None or (len(words), best.last) > (len(best.words), words[-1]):
                best = Hit(meanings=meanings, words=words, negated=any(token.negated for token in found))
        return best


def _match(stems: tuple[str, ...], tokens: Tokens, position: int) -> Iterator[Token]:
    """The tokens that spell this phrase from `position` on, fewer when it is not there."""
    gap = _PARTICLE_GAP_TOKENS if len(stems) == 2 and stems[1] in _PARTICLES else 0
    for wanted in stems:
        while position < len(tokens) and tokens[position].stem != wanted:
            token = tokens[position]
            if token.kind == "mark" or (token.word not in ARTICLES and not gap):
                return
            gap -= token.word not in ARTICLES
            position += 1
        if position == len(tokens):
            return
        yield tokens[position]
        position += 1


def by_word(table: Mapping[str, T]) -> "Lexicon[T]":
    """A lexicon of a table from phrase to meaning."""
    return Lexicon(table.items())


def by_name(table: Mapping[str, Iterable[str]]) -> Lexicon[str]:
    """A lexicon of a table from name to phrases; a name is a phrase of its own."""
    return Lexicon((phrase, name) for name, phrases in table.items() for phrase in (name, *phrases))
