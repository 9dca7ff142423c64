"""Splits a prompt into shots, and finds the times that are given for the cuts between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from clapboard.director.facts import CutFact, Missed, TimeFact
from clapboard.director.known import Known
from clapboard.director.lexicon import Hit, Lexicon
from clapboard.director.read import Text, Token
from clapboard.director.tables import word_set
from clapboard.director.tables.camera import BLENDS, CUTS, NO_SHOT
from clapboard.director.tables.grammar import ARTICLES, CLAUSE_STARTERS, CONJUNCTIONS
from clapboard.director.times import find_times

_CUTS: Final = Lexicon[bool]([*((phrase, False) for phrase in CUTS), *((phrase, True) for phrase in BLENDS)])
_AT: Final = word_set("in at on by inside to beside")
# "At four and a half seconds we then cut to": how many tokens from a cut its time may begin.
_REACH: Final = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """The text of one shot, and what its cut says."""

    text: Text
    cut: frozenset[int] = frozenset()
    missed: tuple[Missed, ...] = ()
    time: CutFact | None = None


def split(text: Text, known: Known) -> list[Part]:
    """One part for each shot: at "cut to", at "shot 2:", and where a sentence moves to another place."""
    cuts: dict[int, Part] = {}
    for hit in _CUTS.find(text):
        following = text.at(hit.last + 1)
        if following is None or following.word in NO_SHOT:
            continue
        words = frozenset(hit.words)
        blend = (Missed(words=words, reason="made as a cut; blends between shots are not made yet"),)
        time = _time(text, hit, known)
        head = min(time.words) if time else hit.start
        cuts[min(head, hit.start)] = Part(text=text, cut=words, missed=blend if hit.meaning else (), time=time)
    for token in _numbered(text):
        cuts[token.index] = Part(text=text, cut=frozenset({token.index, token.index + 1}))
    for token in _moves(text, known):
        cuts.setdefault(token.index, Part(text=text))
    cuts.setdefault(text.tokens[0].index, Part(text=text))
    heads = sorted(cuts)
    ends = [*heads[1:], text.tokens[-1].index + 1]
    parts = [
        replace(cuts[head], text=Text(tuple(token for token in text.tokens if head <= token.index < end)))
        for head, end in zip(heads, ends, strict=True)
    ]
    return _without_empty(parts)


def _time(text: Text, cut: Hit[bool], known: Known) -> CutFact | None:
    """The time of a cut: right in front of it ("at 4 s we cut to"), else behind the place that it shows."""
    near = [*reversed(list(text.before(cut.start, _REACH))), *text.after(cut.start - 1, _REACH)]
    times = [fact for fact in find_times(Text(tuple(near)), frozenset())[0] if _seconds(fact) is not None]
    for fact in reversed(times):
        if max(fact.words) < cut.start and _opens(text, fact):
            between = text.before(cut.start, cut.start - max(fact.words) - 1)
            if all(token.text == "," if token.kind == "mark" else not token.is_content for token in between):
                return _cut_at(text, fact)
    for fact in times:
        shown = Text(tuple(text.after(cut.last, max(0, min(fact.words) - cut.last - 1))))
        plain = all(token.kind == "word" and token.word not in CONJUNCTIONS for token in shown.tokens)
        if min(fact.words) > cut.last and plain and not known.doings.find(shown) and not known.things.find(shown):
            return _cut_at(text, fact)
    return None


def _seconds(time: TimeFact) -> float | None:
    return time.when.at_s if time.when.at_s is not None else time.when.later_s


def _opens(text: Text, time: TimeFact) -> bool:
    """Whether a time opens its clause: "the cat meows at 4 s, cut to" tells when the cat meows."""
    before = text.at(min(time.words) - 1)
    return before is None or before.kind == "mark" or before.word in CONJUNCTIONS | CLAUSE_STARTERS


def _cut_at(text: Text, time: TimeFact) -> CutFact:
    opener = text.at(min(time.words))
    relative = time.when.at_s is None or (opener is not None and opener.word == "after")
    return CutFact(words=time.words, at_s=_seconds(time) or 0.0, relative=relative)


def _without_empty(parts: Sequence[Part]) -> list[Part]:
    """Parts of nothing but grammar ("Shot 1:", "then") belong to the part behind them."""
    kept: list[Part] = []
    waiting: tuple[Token, ...] = ()
    for part in parts:
        cut = part.cut | (part.time.words if part.time else frozenset[int]())
        full = any(token.is_content and token.index not in cut for token in part.text.tokens)
        if full or part is parts[-1]:
            kept.append(replace(part, text=Text((*waiting, *part.text.tokens))))
        waiting = () if full else (*waiting, *part.text.tokens)
    return kept


def _numbered(text: Text) -> Iterator[Token]:
    """ "Shot 2: ..." and "Scene two - ..." at the start of a sentence."""
    for token in text.tokens:
        before, number = text.at(token.index - 1), text.at(token.index + 1)
        opens = before is None or before.sentence != token.sentence
        if token.word in ("shot", "scene") and opens and number is not None and number.number is not None:
            yield token


def _moves(text: Text, known: Known) -> Iterator[Token]:
    """First tokens of sentences that are set in a place other than the one before ("In a room, ...")."""
    here: str | None = None
    for _, tokens in groupby(text.tokens, key=lambda token: token.sentence):
        own = Text(tuple(tokens))
        hits = [hit for hit in known.places.find(own) if not hit.negated and _is_at(own, hit)]
        spots = {index for hit in (known.spots(here).find(own) if here else []) for index in hit.words}
        names = [name for hit in hits if not spots & set(hit.words) for name in hit.meanings]
        if here is not None and names and here not in names and not _names(own, known, here):
            yield own.tokens[0]
        if names and here not in names:
            here = names[0]


def _is_at(text: Text, hit: Hit[str]) -> bool:
    """Whether a place is where the sentence happens: "in a room", "by a mountain lake"."""
    for distance, token in enumerate(text.before(hit.start)):
        if token.word not in ARTICLES and (not token.is_content or distance > 2):
            return token.word in _AT
    return False


def _names(text: Text, known: Known, place: str) -> bool:
    return any(place in hit.meanings for hit in known.places.find(text))
