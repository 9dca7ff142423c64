"""Finds times: "at two seconds", "3 s later", "for 12 seconds", "every second", "from 2 to 5 s", "at the end"."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from clapboard.director.facts import LengthFact, TimeFact, When
from clapboard.director.lexicon import by_word
from clapboard.director.read import CLOCK, Text, Token
from clapboard.director.tables import word_set
from clapboard.director.tables.grammar import CLAUSE_STARTERS, CONJUNCTIONS
from clapboard.director.tables.manner import POSITIONS

_UNITS_S: Final = {
    "s": 1.0,
    "sec": 1.0,
    "secs": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "min": 60.0,
    "mins": 60.0,
    "minute": 60.0,
    "minutes": 60.0,
    "hour": 3600.0,
    "hours": 3600.0,
    "ms": 0.001,
    "moment": 1.0,
    "beat": 1.0,
}
_FEW: Final = {"few": 3.0, "couple": 2.0, "several": 4.0, "a": 1.0, "an": 1.0}
_ROUGHLY: Final = word_set("about around roughly exactly approximately another just only the")
_FILM_NOUNS: Final = word_set("film video clip movie loop piece animation")
_SHOT_NOUNS: Final = word_set("shot scene take long")
_POSITIONS: Final = by_word(POSITIONS)


class _Amount(NamedTuple):
    """Seconds, and the tokens that say them, in order."""

    seconds: float
    tokens: list[Token]
    vague: bool
    """"A second": a time only where the words around make it one."""


def find_times(text: Text, taken: frozenset[int]) -> tuple[list[TimeFact], list[LengthFact]]:
    """Times of doings, and lengths of the film, in text order."""
    times = [
        TimeFact(words=frozenset(hit.words), when=When(position=hit.meaning)) for hit in _POSITIONS.find(text, taken)
    ]
    lengths: list[LengthFact] = []
    done = -1
    for token in text.tokens:
        if token.index <= done or token.index in taken:
            continue
        amount = _amount(text, token)
        fact = _fact(text, amount) if amount else _ordinal(text, token) or _bare(text, token, times)
        if fact:
            (times if isinstance(fact, TimeFact) else lengths).append(fact)  # pyright: ignore[reportArgumentType]
            done = max(fact.words)
    return times, lengths


def _amount(text: Text, token: Token) -> _Amount | None:
    """An amount of time that starts at this token: "2 s", "two and a half seconds", "half a second", "0:04"."""
    if token.word == CLOCK:
        return _Amount(token.number or 0.0, [token], vague=False)
    value = token.number if token.number is not None else _FEW.get(token.word)
    if value is None:
        return None
    tokens = [token]
    for following in text.after(token.index):
        tokens.append(following)
        if following.word in _UNITS_S:
            vague = token.word in ("a", "an") or following.word in ("moment", "beat")
            return _Amount(value * _UNITS_S[following.word], tokens, vague)
        if following.word == "half" and len(tokens) > 1:
            value += 0.5
        elif following.word == "few":
            value = _FEW["few"]
        elif following.word not in ("and", "a", "of", "couple") or len(tokens) > 4:
            return None
        elif following.word == "couple":
            value = _FEW["couple"]
    return None


def _fact(text: Text, amount: _Amount) -> TimeFact | LengthFact | None:
    seconds, tokens, vague = amount
    used = {token.index for token in tokens}
    before: list[Token] = []
    for token in text.before(tokens[0].index):
        before.append(token)
        if token.word not in _ROUGHLY or len(before) > 2:
            break
    leader, after = before[-1] if before else None, _words_after(text, tokens[-1].index)
    lead = leader.word if leader else ""
    used_before = {token.index for token in before}
    if after[0] in ("later", "apart"):
        when = When(later_s=seconds) if after[0] == "later" else When(every_s=seconds)
        return TimeFact(words=frozenset(used | {tokens[-1].index + 1}), when=when)
    if start := _range_start(text, leader):
        when = When(at_s=start.number, until_s=seconds)
        return TimeFact(words=frozenset(range(start.index - 1, tokens[-1].index + 1)), when=when)
    if lead in ("every", "each"):
        return TimeFact(words=frozenset(used | used_before), when=When(every_s=seconds))
    if lead in ("for", "lasting", "lasts"):
        return TimeFact(words=frozenset(used | used_before), when=When(length_s=seconds))
    if lead in ("last", "final"):
        return TimeFact(words=frozenset(used | used_before), when=When(position="end"))
    if vague:
        return None
    if lead in ("until", "till"):
        return TimeFact(words=frozenset(used | used_before), when=When(until_s=seconds))
    if lead == "after" and _is_relative(text, leader):
        return TimeFact(words=frozenset(used | used_before), when=When(later_s=seconds))
    if lead in ("at", "by", "after", "in", "from", "since") or tokens[0].word == CLOCK:
        return TimeFact(words=frozenset(used | used_before), when=When(at_s=seconds))
    if after[0] == "into" or (after[0] == "in" and after[1] in ("", "the")):
        return TimeFact(words=frozenset(used | {tokens[-1].index + 1}), when=When(at_s=seconds))
    named = {tokens[-1].index + 1} if after[0] in _FILM_NOUNS | _SHOT_NOUNS else set[int]()
    return LengthFact(words=frozenset(used | named), duration_s=seconds, whole=after[0] not in _SHOT_NOUNS)


def _is_relative(text: Text, after: Token | None) -> bool:
    """Whether this "after" counts from the doing before it: "then after 2 s"."""
    return after is not None and any(token.word == "then" for token in text.before(after.index, 1))


def _words_after(text: Text, index: int) -> tuple[str, str]:
    """The next two words, empty where there is a mark or nothing."""
    first, second, *_ = [*("" if token.kind == "mark" else token.word for token in text.after(index, 2)), "", ""]
    return first, second


def _range_start(text: Text, leader: Token | None) -> Token | None:
    """The number in front of "to 5 seconds", when "from" or "between" is in front of it."""
    if leader is None or leader.word not in ("to", "and", "until"):
        return None
    numbers = [token for token in text.before(leader.index, 2) if token.number is not None]
    for number in numbers:
        opener = text.at(number.index - 1)
        if opener and opener.word in ("from", "between"):
            return number
    return None


def _bare(text: Text, token: Token, before: Sequence[TimeFact]) -> TimeFact | None:
    """ "At 5" where a time in seconds was given before it, with nothing behind that it could count."""
    number, following, *_ = [*text.after(token.index, 2), None, None]
    if token.word != "at" or number is None or number.number is None:
        return None
    if all(time.when.at_s is None for time in before):
        return None
    if following is not None and following.kind != "mark" and following.word not in CONJUNCTIONS | CLAUSE_STARTERS:
        return None
    return TimeFact(words=frozenset({token.index, number.index}), when=When(at_s=number.number))


def _ordinal(text: Text, token: Token) -> TimeFact | None:
    """ "At second 3", "every second"."""
    if token.word not in ("at", "every"):
        return None
    unit, number, *_ = [*text.after(token.index, 2), None, None]
    if unit is None or unit.word not in ("second", "minute"):
        return None
    scale = _UNITS_S[unit.word]
    if token.word == "every":
        return TimeFact(words=frozenset({token.index, unit.index}), when=When(every_s=scale))
    if number is None or number.number is None:
        return None
    return TimeFact(words=frozenset({token.index, unit.index, number.index}), when=When(at_s=number.number * scale))
