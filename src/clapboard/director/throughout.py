"""Weather that is said of the whole film: "rain throughout", or of nothing else behind the last shot ("...; rain")."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final

from clapboard.director.cuts import Part
from clapboard.director.facts import SceneFacts, WeatherFact
from clapboard.director.lexicon import by_word
from clapboard.director.read import Text, Token
from clapboard.director.tables import word_set
from clapboard.director.tables.grammar import ARTICLES
from clapboard.director.tables.manner import THROUGHOUT

_THROUGHOUT: Final = by_word(dict.fromkeys(THROUGHOUT, True))
_TIMES: Final = word_set("film clip video movie scene night day evening morning time")
_ENDS: Final = frozenset(".!?…\n;。！？；")
_SKY: Final = frozenset({"rain", "snow", "clouds"})
"""Kinds of weather that are one thing: who says one of them of a shot has told its sky."""


def share_weather(parts: Sequence[Part], scenes: Sequence[SceneFacts]) -> list[SceneFacts]:
    """The shots, each with the weather that is said of all of them, unless its own words say another."""
    found = [_said_of_all(part.text, facts) for part, facts in zip(parts, scenes, strict=True)]
    shared = [fact for weather, _ in found for fact in weather]
    if len(scenes) > 1:
        shared += _said_last(parts[-1], scenes[-1])
    return [
        replace(facts, weather=(*facts.weather, *_new(facts, shared)), understood=facts.understood | words)
        for facts, (_, words) in zip(scenes, found, strict=True)
    ]


def _said_of_all(text: Text, facts: SceneFacts) -> tuple[list[WeatherFact], frozenset[int]]:
    """Weather with "throughout" or the like in its clause, and the tokens that say so; of music it is always so."""
    weather: list[WeatherFact] = []
    words: set[int] = set()
    for hit in _THROUGHOUT.find(text):
        article, noun, *_ = [*text.after(hit.last, 2), None, None]
        if article is not None and article.word in ARTICLES and (noun is None or noun.word not in _TIMES):
            continue  # "fog throughout the valley"
        clause = {token.index for token in text.clause(hit.start)}
        meant = [fact for fact in (*facts.weather, *facts.music) if fact.words & clause]
        weather += [fact for fact in meant if isinstance(fact, WeatherFact) and fact.when is None]
        words |= set(hit.words) if meant else set()
    return weather, frozenset(words)


def _said_last(part: Part, facts: SceneFacts) -> list[WeatherFact]:
    """Weather of a last sentence that tells nothing else; in a list of numbered shots it is the last shot's."""
    tokens = list(reversed(part.text.tokens))
    while tokens and tokens[0].kind == "mark":
        tokens.pop(0)
    last = {token.index for token in takewhile(lambda token: not _is_end(token), tokens)}
    content = {token.index for token in tokens if token.index in last and token.is_content}
    plain = [fact for fact in facts.weather if fact.when is None and fact.words <= last]
    told = {index for fact in (*plain, *facts.music, *facts.hours, *facts.seasons) for index in fact.words}
    opener = part.text.at(min(part.cut)) if part.cut else None
    numbered = opener is not None and opener.word in ("shot", "scene")
    return plain if content <= told and not numbered else []


def _is_end(token: Token) -> bool:
    return token.kind == "mark" and token.text in _ENDS


def _new(facts: SceneFacts, shared: Sequence[WeatherFact]) -> Iterator[WeatherFact]:
    """What of the shared weather this shot does not say itself."""
    own = {fact.kind for fact in facts.weather}
    told = own | _SKY if own & _SKY else own
    for fact in shared:
        if fact.kind not in told:
            yield replace(fact, words=frozenset())
