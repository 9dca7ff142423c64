"""Puts doings in order: links from "then", "after", "while" and the like, one happening told twice, times."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from clapboard.director.facts import DoingFact, Link, TimeFact
from clapboard.director.lexicon import Hit, Lexicon
from clapboard.director.read import Text
from clapboard.director.tables.manner import ALWAYS_BACK, NOT_ORDER, ORDERS, Order

_ORDERS: Final = Lexicon[Order | None]([*ORDERS.items(), *((phrase, None) for phrase in NOT_ORDER)])

_BACK: Final[dict[Order, Link]] = {"then": "then", "before": "then", "after": "before", "with": "with"}
"""The link of the doing behind an order word to the doing before it: "A before B" is A, then B."""
_AHEAD: Final[dict[Order, Link]] = {"then": "then", "before": "before", "after": "then", "with": "with"}
"""At the start of a sentence, the link of the second doing to the first: "After A, B" is A, then B."""


def link(text: Text, doings: Sequence[DoingFact], taken: frozenset[int]) -> tuple[list[DoingFact], frozenset[int]]:
    """The doings with their links, told-twice ones merged; and the tokens of the order words that were used."""
    hits = [hit for hit in _ORDERS.find(text, taken) if hit.meaning is not None]
    kept: list[DoingFact] = []
    used: set[int] = set()
    pending: tuple[int, Link, int] | None = None
    for position, doing in enumerate(doings):
        sentence = _sentence(text, doing.at)
        if pending and pending[0] == sentence:
            doing, pending = replace(doing, link=pending[1], to=pending[2]), None
        word = _order_word(text, hits, doing)
        order = word.meaning if word else None
        if word:
            used.update(word.words)
        same = _told_before(kept, doing, order)
        here = same if same is not None else len(kept)
        following = doings[position + 1] if position + 1 < len(doings) else None
        if word and order and _looks_ahead(text, word, doings[:position], doing, following):
            pending = sentence, _AHEAD[order], here
        elif order and kept and same is None and doing.to is None:
            doing = replace(doing, link=_BACK[order], to=len(kept) - 1)
        if same is None:
            kept.append(doing)
        else:
            kept[same] = _joined(kept[same], doing)
    return kept, frozenset(used)


def _joined(first: DoingFact, again: DoingFact) -> DoingFact:
    """One happening that was told twice, with what either says of it."""
    return replace(
        first,
        words=first.words | again.words,
        force=first.force if first.force is not None else again.force,
        far=first.far or again.far,
        when=first.when or again.when,
        repeats=first.repeats or again.repeats,
        side=first.side or again.side,
        onto=first.onto or again.onto,
        material=first.material or again.material,
    )


def _sentence(text: Text, index: int) -> int:
    token = text.at(index)
    return token.sentence if token else -1


def _order_word(text: Text, hits: Sequence[Hit[Order | None]], doing: DoingFact) -> Hit[Order | None] | None:
    """The last order word in front of the doing: in its clause, or alone in the one before ("Then, the cat...")."""
    here = text.at(doing.at)
    for hit in reversed(hits):
        token = text.at(hit.start)
        if token is None or here is None or hit.start > doing.at:
            continue
        alone = all(other.index in hit.words or not other.is_content for other in text.clause(hit.start))
        if token.clause == here.clause or (alone and 0 <= here.clause - token.clause <= 1):
            return hit
    return None


def _looks_ahead(
    text: Text, word: Hit[Order | None], told: Sequence[DoingFact], doing: DoingFact, following: DoingFact | None
) -> bool:
    """Whether the order word opens its sentence, so that it ties this doing to the next one."""
    sentence = _sentence(text, doing.at)
    last, before = text.at(word.last), text.at(word.start - 1)
    if last is None or last.word in ALWAYS_BACK or following is None or _sentence(text, following.at) != sentence:
        return False
    opens = before is None or before.text == ";" or not any(_sentence(text, other.at) == sentence for other in told)
    return opens


def _told_before(kept: Sequence[DoingFact], doing: DoingFact, order: Order | None) -> int | None:
    """The doing that this one tells again: a ball that drops also bounces, and "when it lands" is the same."""
    for number, other in enumerate(kept):
        same = (other.member, other.does) == (doing.member, doing.does)
        same = same and (None in (other.side, doing.side) or other.side == doing.side)
        new = doing.again or doing.repeats or doing.denied or doing.when
        if same and other.when is None and min(doing.words) - max(other.words) == 1:
            return number  # "lightning strikes": the name and the verb of one doing
        if same and not new and (other.word != doing.word or order != "then"):
            return number
    return None


def nearest(text: Text, time: TimeFact, happenings: Sequence[int]) -> int | None:
    """Which happening, given by its token, a time belongs to: the nearest of its clause, else of its sentence."""
    here = text.at(min(time.words))
    if here is None:
        return None

    def far(index: int) -> tuple[bool, bool, int]:
        token = text.at(index)
        clause = token is not None and token.clause == here.clause
        behind = index < here.index
        return not clause, behind and not clause, abs(index - here.index)

    same = [index for index in happenings if _sentence(text, index) == here.sentence]
    return min(same, key=far, default=None)
