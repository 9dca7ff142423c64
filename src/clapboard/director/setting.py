"""Finds where and when: weather with its strength, hour, season, and the place that fits all words best."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from clapboard.director.facts import BedFact, HourFact, SeasonFact, ThingFact, WeatherFact, WeatherKind
from clapboard.director.known import Doing, Known
from clapboard.director.lexicon import Hit, by_word
from clapboard.director.read import Text, Token
from clapboard.director.tables import word_set
from clapboard.director.tables.grammar import ARTICLES, FUNCTION
from clapboard.director.tables.weather import (
    HOURS,
    LYING_SNOW,
    NOT_WEATHER,
    SEASONS,
    SKY,
    STRENGTHS,
    VEILS,
    WEATHER,
    WEATHER_VERBS,
)
from clapboard.director.words import stem, stem_set

_WEATHER: Final = by_word(WEATHER)
_HOURS: Final = by_word(HOURS)
_SEASONS: Final = by_word(SEASONS)
_NOT_WEATHER: Final = by_word(dict.fromkeys(NOT_WEATHER, True))
_LYING_SNOW: Final = by_word(dict.fromkeys(LYING_SNOW, True))
_STRENGTHS: Final = {stem(word): factor for word, factor in STRENGTHS.items()}
_VEILS: Final = {stem(word): factor for word, factor in VEILS.items()}
_VERBS: Final = {kind: stem_set(verbs) for kind, verbs in WEATHER_VERBS.items()}
_SKY: Final = {stem(noun): stem_set(verbs) for noun, verbs in SKY.items()}

_PASSED: Final = word_set("of is are and that very so starts begins starting to keeps")
_DEGREES: Final = frozenset({"too", "very", "so", "that"})
_NOT_VERY: Final = 0.6

# A place named outright outweighs any number of things that are usual elsewhere; one more word in its name decides
# between two that are named ("mountain lake" against "sea").
_NAMED_SCORE: Final = 4.0
_WORD_SCORE: Final = 1.0
_ONLY_HERE_SCORE: Final = 1.5
_ALSO_HERE_SCORE: Final = 0.4
_DOING_SCORE: Final = 0.3
_SPOT_SCORE: Final = 0.7
_BED_SCORE: Final = 1.0


def find_weather(text: Text, taken: frozenset[int]) -> list[WeatherFact]:
    """Every kind of weather named or denied, in text order."""
    facts: list[WeatherFact] = []
    other = [*_LYING_SNOW.find(text, taken), *_NOT_WEATHER.find(text, taken)]
    for hit in _WEATHER.find(text, taken | {index for phrase in other for index in phrase.words}):
        kinds = hit.meaning
        main = next(iter(kinds))
        factor, around = _around(text, hit, _VERBS[main], taken)
        for kind, strength in kinds.items():
            value = 0.0 if hit.negated else round(min(1.0, strength * (factor if kind == main else 1.0)), 2)
            facts.append(WeatherFact(words=frozenset({*hit.words, *around}), kind=kind, strength=value))
    return facts


def _around(
    text: Text, hit: Hit[dict[WeatherKind, float]], verbs: frozenset[str], taken: frozenset[int]
) -> tuple[float, set[int]]:
    """The strength factor, and the tokens, of the words around a weather word that describe it."""
    factor, used = 1.0, set[int]()
    for token in _describing(text.before(hit.start), taken):
        if token.stem in _STRENGTHS:
            factor *= _NOT_VERY if _is_played_down(text, token) else _STRENGTHS[token.stem]
        elif token.stem in _VEILS:
            factor *= _VEILS[token.stem]
        elif not (token.stem in verbs and (token.word.endswith("ing") or _is_of(text, token))):
            break
        used.add(token.index)
    for token in _describing(takewhile(lambda token: token.kind != "mark", text.after(hit.last)), taken):
        if token.stem in _STRENGTHS:
            factor *= _STRENGTHS[token.stem]
        elif token.stem not in verbs:
            break
        used.add(token.index)
    return factor, used


def _is_played_down(text: Text, token: Token) -> bool:
    """Whether it is "not too" or "not very" much so."""
    degree, denial = text.at(token.index - 1), text.at(token.index - 2)
    return degree is not None and denial is not None and degree.word in _DEGREES and denial.word == "not"


def describing_words(text: Text, facts: Iterable[WeatherFact]) -> frozenset[int]:
    """Of the words that tell of weather, those that only say what it does and how."""
    plain = {verb for verbs in _VERBS.values() for verb in verbs} | set(_STRENGTHS)
    words = {index for fact in facts for index in fact.words}
    telling = {token.index for token in text.tokens if token.index in words and token.stem in plain}
    passed = {token.index for token in text.tokens if token.word in _PASSED and token.index + 1 in telling}
    return frozenset(telling | passed)


def _describing(tokens: Iterable[Token], taken: frozenset[int]) -> Iterator[Token]:
    """Content words next to a word, through articles, "of" and the like; a comma only between two of them."""
    passed_mark, described = False, False
    for token in tokens:
        if token.index in taken or (token.kind == "mark" and (passed_mark or not described or token.text != ",")):
            return
        passed_mark = token.kind == "mark"
        if token.is_content:
            described = True
            yield token
        elif not passed_mark and token.word not in ARTICLES | _PASSED:
            return


def _is_of(text: Text, token: Token) -> bool:
    following = text.at(token.index + 1)
    return following is not None and following.word == "of"


def find_hours(text: Text, taken: frozenset[int]) -> list[HourFact]:
    """Times of day, in text order."""
    return [
        HourFact(words=frozenset(hit.words), hour=hit.meaning[0], sure=hit.meaning[1])
        for hit in _HOURS.find(text, taken)
        if not hit.negated
    ]


def find_seasons(text: Text, taken: frozenset[int]) -> list[SeasonFact]:
    """Seasons, in text order."""
    hits = [hit for hit in _SEASONS.find(text, taken) if not hit.negated]
    lying = [hit for hit in _LYING_SNOW.find(text, taken) if not hit.negated]
    named = [SeasonFact(words=frozenset(hit.words), season=hit.meaning) for hit in hits]
    return [*named, *(SeasonFact(words=frozenset(hit.words), season="winter") for hit in lying)]


def sky_verbs(text: Text, weather: Iterable[WeatherFact], understood: frozenset[int]) -> frozenset[int]:
    """Verbs of what is there anyway: "stars twinkle", "waves roll in", and of weather, "it drums on the roof"."""
    used: set[int] = set()
    falling = {verb for fact in weather for verb in _VERBS[fact.kind]}
    for token in text.tokens:
        following = text.at(token.index + 1)
        if token.word in ("it", "which", "that") and following is not None and following.stem in falling:
            used.add(following.index)
            used.update(near.index for near in text.after(following.index, 1) if near.stem in _STRENGTHS)
        verbs = _SKY.get(token.stem)
        if not verbs or token.index not in understood:
            continue
        beside = [
            *_near(text.after(token.index)),
            *(near for near in _near(text.before(token.index)) if _is_verbal(near)),
        ]
        used.update(near.index for near in beside if near.stem in verbs)
    return frozenset(used)


def _near(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.kind == "mark":
            return
        if token.word not in FUNCTION:
            yield token
            return


def _is_verbal(token: Token) -> bool:
    return token.word.endswith(("ing", "ed"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Clues:
    """What points to a place without naming it."""

    things: Sequence[ThingFact]
    beds: Sequence[BedFact]
    doings: Sequence[Hit[Doing]]


def choose_place(text: Text, known: Known, clues: Clues, taken: frozenset[int]) -> str | None:
    """The place that the words fit best, the first named among equals; none when nothing points anywhere."""
    scores = {place.name: 0.0 for place in known.vocabulary.places}
    for hit in known.places.find(text, taken):
        if not hit.negated:
            for name in hit.meanings:
                scores[name] += _NAMED_SCORE + _WORD_SCORE * len(hit.words) - 0.01 * (hit.start / (hit.start + 100))
    for fact in clues.things:
        homes = () if fact.denied else known.homes(fact.thing)
        for name in homes:
            scores[name] += _ONLY_HERE_SCORE if len(homes) == 1 else _ALSO_HERE_SCORE
    for place in known.vocabulary.places:
        beds_here = {
            *place.beds,
            *place.weather_beds.values(),
            *(bed for beds in place.hour_beds.values() for bed in beds),
        }
        scores[place.name] += _BED_SCORE * sum(fact.bed in beds_here and not fact.denied for fact in clues.beds)
        spots = {hit.meaning for hit in known.spots(place.name).find(text, taken) if not hit.negated}
        scores[place.name] += _SPOT_SCORE * len(spots)
    for hit in clues.doings:
        homes = {place for doing in hit.meanings for place in known.homes(doing.thing)}
        if len(homes) == 1:
            scores[homes.pop()] += _DOING_SCORE
    best = max(scores, key=lambda name: scores[name], default=None)
    return best if best is not None and scores[best] > 0 else None
