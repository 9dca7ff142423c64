"""Finds camera work: framings, moves and how far they go, what is in focus, and what the camera cannot do."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from clapboard.director.facts import CameraFact, Missed, ThingFact
from clapboard.director.lexicon import Hit, Lexicon, by_word
from clapboard.director.read import Text
from clapboard.director.tables import word_set
from clapboard.director.tables.camera import (
    AMBIGUOUS,
    AMOUNTS,
    CAMERA_NOUNS,
    DIRECTIONS,
    FOCUS,
    FRAMINGS,
    MOVEMENT,
    MOVES,
    NORMAL_AMOUNT,
    STILL,
    UNSUPPORTED,
)
from clapboard.director.tables.grammar import ARTICLES
from clapboard.director.words import stem

_WORK: Final = Lexicon[CameraFact](
    [
        *((phrase, CameraFact(words=frozenset(), framing=framing)) for phrase, framing in FRAMINGS.items()),
        *((phrase, CameraFact(words=frozenset(), move=move)) for phrase, move in MOVES.items()),
        *((phrase, CameraFact(words=frozenset(), still=True)) for phrase in STILL),
    ]
)
_MOVEMENT: Final = by_word(dict.fromkeys(MOVEMENT, True))
_UNSUPPORTED: Final = by_word(dict.fromkeys(UNSUPPORTED, True))
_FOCUS: Final = by_word(dict.fromkeys(FOCUS, True))
_DIRECTIONS: Final = by_word(DIRECTIONS)
_AMOUNTS: Final = by_word(AMOUNTS)
_CAMERA: Final = frozenset(stem(noun) for noun in CAMERA_NOUNS)
_TOWARDS: Final = word_set("on of to at toward towards into in from")
_FOLLOW: Final = frozenset({stem("follow")})
_OVER: Final = word_set("across over")
# "Close-up of the old black cat": tokens between a camera word and what it looks at.
_FOCUS_REACH: Final = 4
# An ambiguous word is a camera word in a clause that has hardly anything else ("static", "slow pan").
_BARE_CLAUSE_TOKENS: Final = 3


def find_camera(text: Text, taken: frozenset[int], named: frozenset[int]) -> tuple[list[CameraFact], list[Missed]]:
    """Camera work in text order, and camera words that are known and cannot be done.

    `named` tokens are instruments; a drone among them does not fly.
    """
    facts: list[CameraFact] = []
    used = set(taken)
    amounts = {index: found for found in _AMOUNTS.find(text) for index in found.words}
    for hit in _WORK.find(text, taken):
        if not _is_meant(text, hit):
            continue
        if hit.negated:
            fact = CameraFact(words=frozenset(hit.words), still=hit.meaning.move is not None)
        else:
            fact = _with_direction(text, _with_amount(text, hit, amounts))
        facts.append(fact)
        used |= fact.words
    for hit in _MOVEMENT.find(text, frozenset(used)):
        if hit.negated:
            facts.append(CameraFact(words=frozenset(hit.words), still=True))
            used.update(hit.words)
    cannot = [hit for hit in _UNSUPPORTED.find(text, frozenset(used) | named) if _is_meant(text, hit)]
    reason = "the camera cannot do this yet"
    missed = [Missed(words=frozenset(hit.words), reason=reason) for hit in cannot if not hit.negated]
    nouns = [token.index for token in text.tokens if token.stem in _CAMERA]
    if nouns:
        facts.append(CameraFact(words=frozenset(nouns)))
    return facts, missed


def _is_meant(text: Text, hit: Hit[CameraFact] | Hit[bool]) -> bool:
    """Whether a word such as "pan" is the camera's and not the kitchen's."""
    first, last = text.at(hit.start), text.at(hit.last)
    if first is None or last is None or first.word not in AMBIGUOUS or (first is not last and last.word not in _OVER):
        return True
    passed = ARTICLES | AMOUNTS.keys()
    lead = next((token for token in text.before(hit.start) if token.word not in passed), None)
    if first is not last and (lead is None or lead.kind == "mark" or not lead.is_content):
        return True
    clause = [token for token in text.clause(hit.start) if token.kind != "mark" and token.word not in ARTICLES]
    return len(clause) <= _BARE_CLAUSE_TOKENS or any(token.stem in _CAMERA for token in clause)


def _with_amount(text: Text, hit: Hit[CameraFact], amounts: Mapping[int, Hit[float]]) -> CameraFact:
    """The work with the words around it that say how far it goes ("slow, gentle pan left", "pans left quickly")."""
    inside = [amounts[index] for index in range(hit.start, hit.last + 1) if index in amounts]
    before: list[Hit[float]] = []
    for token in text.before(hit.start):
        if token.index in amounts:
            before.append(amounts[token.index])
        elif token.text != "," and token.word not in ("and", "very", "camera", "shot", "with"):
            break
    after = [amounts[token.index] for token in text.after(hit.last, 1) if token.index in amounts]
    found = [*inside, *before, *after]
    words = frozenset({*hit.words, *(index for amount in found for index in amount.words)})
    amount = found[0].meaning if found else NORMAL_AMOUNT
    return replace(hit.meaning, words=words, amount=amount)


def _with_direction(text: Text, fact: CameraFact) -> CameraFact:
    """A pan with the direction that its clause gives further on."""
    if fact.move not in ("pan_left", "pan_right"):
        return fact
    last = max(fact.words)
    behind = Text(tuple(token for token in text.clause(last) if token.index > last))
    for hit in _DIRECTIONS.find(behind):
        return replace(fact, move=hit.meaning, words=fact.words | set(hit.words))
    return fact


def with_focus(text: Text, facts: Sequence[CameraFact], things: Sequence[ThingFact]) -> list[CameraFact]:
    """The camera work with the things that it looks at ("close-up of the cat", "focus on the candle")."""
    names = {index: fact.thing for fact in things for index in fact.words}
    focused = [replace(fact, focus=_looked_at(text, max(fact.words), names, inside=fact.words)) for fact in facts]
    for hit in _FOCUS.find(text):
        thing = _looked_at(text, hit.last, names, inside=frozenset(hit.words))
        if thing:
            focused.append(CameraFact(words=frozenset(hit.words), focus=thing))
    return focused


def _looked_at(text: Text, last: int, names: Mapping[int, str], *, inside: frozenset[int]) -> str | None:
    """The thing behind a preposition, which may be the last word of the camera's own phrase ("zoom in on")."""
    end = text.at(last)
    opened = end is not None and last in inside and (end.word in _TOWARDS or end.stem in _FOLLOW)
    for distance, token in enumerate(text.after(last)):
        if token.kind == "mark" or distance > _FOCUS_REACH:
            return None
        if opened and token.index in names:
            return names[token.index]
        opened = opened or token.word in _TOWARDS
        if not opened:
            return None
    return None
