"""Reads a prompt into tokens: words with their stems and places in the text, marks, numbers, and quotes.

    read('No rain. "Hold on," she whispers.', Spelling(()))

Every later step points at tokens by index, so that in the end it is known which words of the prompt were understood.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile, zip_longest
from typing import Final, Literal

from clapboard.director.tables.grammar import (
    CLAUSE_STARTERS,
    CONTRACTIONS,
    EMOJI,
    FUNCTION,
    NEGATORS,
    NUMBERS,
    PREPOSITIONS,
)
from clapboard.director.tables.speech import SPEECH_STEMS, WRITTEN_STEMS
from clapboard.director.words import Spelling, fold, stem

Kind = Literal["word", "number", "mark", "quote", "sign", "foreign"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """One word, number, mark or quotation; `start` and `end` are character offsets in the prompt."""

    index: int
    text: str
    start: int
    end: int
    kind: Kind
    word: str
    """Folded and with its spelling corrected; for a sign that means a word, that word."""
    stem: str
    sentence: int = 0
    clause: int = 0
    negated: bool = False
    number: float | None = None

    @property
    def is_content(self) -> bool:
        """Whether leaving it out would lose something that the prompt asks for."""
        if self.kind == "word":
            return self.word not in FUNCTION and self.number is None
        return self.kind != "mark"


Tokens = Sequence[Token]
CLOCK: Final = "clock"
"""The word of a number such as 0:04."""
CLAUSE_REACH: Final = 30
"""Longer clauses than this on each side are texts without punctuation."""


@dataclass(frozen=True, slots=True)
class Text:
    """A run of tokens: a prompt, or one shot's part of it. Indices are those of the prompt."""

    tokens: tuple[Token, ...]

    def at(self, index: int) -> Token | None:
        """The token of this index, if it is in this text."""
        position = index - self.tokens[0].index if self.tokens else -1
        return self.tokens[position] if 0 <= position < len(self.tokens) else None

    def before(self, index: int, limit: int | None = None) -> Iterator[Token]:
        """Tokens in front of `index`, nearest first, at most `limit`."""
        return self._walk(index, -1, limit)

    def after(self, index: int, limit: int | None = None) -> Iterator[Token]:
        """Tokens behind `index`, nearest first, at most `limit`."""
        return self._walk(index, 1, limit)

    def _walk(self, index: int, step: int, limit: int | None) -> Iterator[Token]:
        while (token := self.at(index := index + step)) and limit != 0:
            yield token
            limit = None if limit is None else limit - 1

    def clause(self, index: int) -> list[Token]:
        """Tokens of the same clause, up to `CLAUSE_REACH` on each side."""
        here = self.at(index)
        if here is None:
            return []
        own = here.clause
        left = takewhile(lambda token: token.clause == own, self.before(index, CLAUSE_REACH))
        right = takewhile(lambda token: token.clause == own, self.after(index, CLAUSE_REACH))
        return [*reversed(list(left)), here, *right]


_PIECES: Final = re.compile(
    r"(?P<clock>\d{1,2}:\d{2}(?:\.\d+)?)|(?P<number>\d+(?:\.\d+)?)|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)"
    r"|(?P<mark>[.,;:!?…\n()—–。，、！？；：]|(?<=\s)-(?=\s))|(?P<other>[^\s\w])"
)
_QUOTES: Final = re.compile(
    r"\"([^\"]+)\"|“([^”]+)”|«([^»]+)»|「([^」]+)」|(?<![^\s(,:])['‘]([^'’]{2,}(?:['’]\w[^'’]*)*)['’](?!\w)"
)
_SENTENCE_ENDS: Final = frozenset(".!?…\n。！？")
# How far from a quotation its speech verb may be ("says the old man with the lamp").
_SPEECH_REACH_CHARS: Final = 40
# Shorter quotations without a speech verb are words used with a wink: a "vintage" room.
_SPEECH_MIN_WORDS: Final = 3


def read(prompt: str, spelling: Spelling) -> Text:
    """All tokens of the prompt, in order."""
    tokens = [replace(token, index=index) for index, token in enumerate(_tokens(prompt, spelling))]
    return Text(tuple(_with_negation(list(_with_clauses(tokens)))))


def _tokens(prompt: str, spelling: Spelling) -> Iterator[Token]:
    position = 0
    for quote in _QUOTES.finditer(prompt):
        if not _is_said_or_written(prompt, quote):
            continue
        yield from _pieces(prompt, position, quote.start(), spelling)
        text = next(group for group in quote.groups() if group)
        yield Token(index=0, text=text, start=quote.start(), end=quote.end(), kind="quote", word='"', stem='"')
        position = quote.end()
    yield from _pieces(prompt, position, len(prompt), spelling)


def _is_said_or_written(prompt: str, quote: re.Match[str]) -> bool:
    around = prompt[max(0, quote.start() - _SPEECH_REACH_CHARS) : quote.start()], prompt[quote.end() :]
    near = f"{around[0]} {around[1][:_SPEECH_REACH_CHARS]}"
    stems = {stem(fold(word)) for word in re.findall(r"[^\W\d_]+", near)}
    said = bool(stems & (SPEECH_STEMS | WRITTEN_STEMS)) or around[0].rstrip().endswith(":")
    return said or len(quote.group().split()) >= _SPEECH_MIN_WORDS


def _pieces(prompt: str, start: int, stop: int, spelling: Spelling) -> Iterator[Token]:
    for piece in _PIECES.finditer(prompt, start, stop):
        text, offset = piece.group(), piece.start()
        if piece.lastgroup == "word":
            for part in CONTRACTIONS.get(text.lower().replace("’", "'"), text.replace("’", "'")).split():
                yield from _words(text, part, offset, spelling)
        elif piece.lastgroup == "mark":
            yield _token(text, offset, "mark", text)
        elif piece.lastgroup == "other":
            if text in EMOJI:
                yield _token(text, offset, "word", EMOJI[text])
            elif unicodedata.category(text) == "So":
                yield _token(text, offset, "sign", text)
        else:
            minutes, _, seconds = text.rpartition(":")
            value = float(minutes or 0) * 60 + float(seconds)
            yield replace(_token(text, offset, "number", CLOCK if minutes else text), number=value)


def _words(text: str, part: str, offset: int, spelling: Spelling) -> Iterator[Token]:
    """One word, or two for a shortened "not"; a possessive or another shortened ending is left off."""
    root, apostrophe, ending = part.partition("'")
    if apostrophe and root.endswith("n") and ending == "t":
        yield _token(text, offset, "word", fold(root[:-1]))
        yield _token(text, offset, "word", "not")
        return
    word = fold(root)
    if not all(ord(letter) < 0x250 for letter in word):  # end of the Latin blocks
        yield _token(text, offset, "foreign", text)
        return
    word = word if word in FUNCTION else spelling.correct(word)
    yield replace(_token(text, offset, "word", word), number=NUMBERS.get(word))


def _token(text: str, start: int, kind: Kind, word: str) -> Token:
    return Token(index=0, text=text, start=start, end=start + len(text), kind=kind, word=word, stem=stem(word))


def _with_clauses(tokens: Tokens) -> Iterator[Token]:
    sentence = clause = 0
    for token, following in zip_longest(tokens, tokens[1:]):
        timed = following is not None and following.number is not None
        if token.word in CLAUSE_STARTERS and token.kind == "word" and not timed:
            clause += 1
        yield replace(token, sentence=sentence, clause=clause)
        if token.kind == "mark":
            clause += 1
            sentence += token.text in _SENTENCE_ENDS


def _with_negation(tokens: Tokens) -> Iterator[Token]:
    """A negator reaches to the next mark, preposition or conjunction; "or" carries it on, "and" only after "without".

    "Not too heavy" and "not only" deny nothing.
    """
    negator: str | None = None
    for token, following in zip_longest(tokens, tokens[1:]):
        if token.kind == "word" and token.word in NEGATORS:
            lifted = following is not None and following.word in ("too", "very", "so", "only", "quite", "just")
            negator = None if lifted else negator if token.word in ("or", "nor") and negator else token.word
            yield token
            continue
        carried = token.word in ("or", "nor", "of", "any") or (token.word == "and" and negator == "without")
        ends = token.kind == "mark" or token.word in PREPOSITIONS or token.word in CLAUSE_STARTERS
        if (ends or token.word in ("and", "yet")) and not carried:
            negator = None
        yield replace(token, negated=negator is not None)
