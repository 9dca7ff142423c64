"""Arranges what a shot looks and sounds like all through: hour, season, weather and its curves, camera, beds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from clapboard.director.facts import (
    CameraFact,
    ChangeFact,
    HourFact,
    Missed,
    SceneFacts,
    WeatherFact,
    WeatherKind,
    When,
)
from clapboard.director.known import Known
from clapboard.director.tables.weather import CLOUDS_WITH
from clapboard.timeline import CurvePoints, Hour, Season, Weather

_HEAVY_RAIN: Final = 0.7  # from here on it drowns, or silences, what sings at this hour
_RAMP_S: Final = 1.0  # weather needs about this long to come and go, seen and heard
_CLEAR: Final = 0.3  # of clouds: under fewer there is nothing to fall
_INSTEAD: Final[tuple[tuple[WeatherKind, WeatherKind], ...]] = (("rain", "snow"), ("snow", "rain"))
_AUDIBLE_WIND: Final = 0.3  # above the Timeline's usual breeze
_AUDIBLE_RAIN: Final = 0.01
_DEFAULT_MOVE: Final = {"kind": "push_in", "amount": 0.25}  # a still picture with a little life, as films open


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """Hour, season and weather of a shot; the next one keeps what it does not say anew."""

    hour: Hour = "day"
    hour_said: bool = False
    season: Season | None = None
    weather: Weather = field(default_factory=Weather)


def setting_of(facts: SceneFacts, known: Known, before: Setting) -> tuple[Setting, list[Missed]]:
    """Hour, season and weather of a shot, and the words that contradict them."""
    hour, missed = _hour(facts.hours)
    place = known.vocabulary.place(facts.place)
    said = hour or (before.hour if before.hour_said else None)
    season = facts.seasons[0].season if facts.seasons else before.season
    setting = Setting(
        hour=said or (place.hour if place else "day"),
        hour_said=said is not None,
        season=season,
        weather=_weather(facts.weather, before.weather),
    )
    others = [fact for fact in facts.seasons if fact.season != season]
    missed += [Missed(words=fact.words, reason=f"a shot has one season, here {season}") for fact in others]
    return setting, missed


def _hour(facts: Sequence[HourFact]) -> tuple[Hour | None, list[Missed]]:
    """The first hour said outright, else the first that is suggested."""
    chosen = next((fact for fact in facts if fact.sure), facts[0] if facts else None)
    if chosen is None:
        return None, []
    others = [fact for fact in facts if fact.sure and fact.hour != chosen.hour]
    return chosen.hour, [Missed(words=fact.words, reason=f"a shot has one hour, here {chosen.hour}") for fact in others]


def _weather(facts: Sequence[WeatherFact], before: Weather) -> Weather:
    """The strongest of each kind that is named, 0 for what is denied, else as it was."""
    named: dict[WeatherKind, float] = {}
    for fact in facts:
        named[fact.kind] = max(named.get(fact.kind, 0.0), fact.strength)
    for kind, clouds in CLOUDS_WITH.items():
        if named.get(kind, 0.0) > 0 and not any(fact.kind == "clouds" for fact in facts):
            named["clouds"] = max(named.get("clouds", 0.0), clouds)
    return Weather.model_validate(before.model_dump() | _blown_over(named) | named)


def _blown_over(named: Mapping[WeatherKind, float]) -> dict[WeatherKind, float]:
    """What goes on no longer: rain where it snows, snow where it rains, both under a clear sky."""
    clear = named.get("clouds", 1.0) < _CLEAR
    return {fallen: 0.0 for fallen, other in _INSTEAD if clear or named.get(other, 0.0) > 0}


def weather_curves(facts: SceneFacts, weather: Weather, duration_s: float) -> dict[str, CurvePoints]:
    """Curves of the kinds of weather that change or are there for a time only, in the shot's time."""
    curves: dict[str, CurvePoints] = {}
    changing = {change.of for change in facts.changes}
    for fact in facts.weather:
        if fact.when is not None and fact.kind not in changing:
            curves[fact.kind] = _window(fact.when, fact.strength, duration_s)
    for change in facts.changes:
        if change.of == "music":
            continue
        level = getattr(weather, change.of) or 0.5
        curves[change.of] = change_points(change, level, duration_s, curves.get(change.of))
    return curves


def at_the_end(setting: Setting, curves: dict[str, CurvePoints]) -> Setting:
    """The setting that a shot hands on: its weather as the curves leave it."""
    last = {kind: points[-1][1] for kind, points in curves.items()}
    return replace(setting, weather=Weather.model_validate(setting.weather.model_dump() | last))


def _window(when: When, level: float, duration_s: float) -> CurvePoints:
    """Up to a level at a time, and down again at another."""
    start_s = min(when.at_s or 0.0, duration_s * 0.95)
    end_s = when.until_s or (start_s + when.length_s if when.length_s else duration_s)
    points = [(0.0, 0.0), (start_s, 0.0), (start_s + _RAMP_S, level), (end_s, level), (end_s + _RAMP_S, 0.0)]
    if start_s == 0:
        points = [(0.0, level), *points[3:]]
    return _rising(points, duration_s)


def change_points(
    change: ChangeFact, level: float, duration_s: float, before: CurvePoints | None = None
) -> CurvePoints:
    """Breakpoints of one change around a level; a second change begins where the first has come to."""
    at_s = _change_time(change, duration_s)
    low, high = round(level * 0.5, 2), round(min(1.0, level * 1.5), 2)
    ramp_s = duration_s * 0.3
    end = duration_s
    match change.change:
        case "grow":
            points = [(at_s or 0.0, low), (end, high)]
        case "fade":
            points = [(at_s or 0.0, level), (end, round(level * 0.15, 2))]
        case "start":
            begin = at_s if at_s is not None else duration_s * 0.25
            points = [(0.0, 0.0), (begin, 0.0), (min(end, begin + ramp_s), level)]
        case "stop":
            begin = at_s if at_s is not None else duration_s * 0.45
            points = [(0.0, level), (begin, level), (min(end, begin + ramp_s), 0.0)]
    if before:
        pressed = 0.5 if before[-1][0] >= duration_s else 1.0
        points = [*((time * pressed, value) for time, value in before), (duration_s, points[-1][1])]
    return _rising(points, duration_s)


def _rising(points: CurvePoints, duration_s: float) -> CurvePoints:
    """The points up to the end of the shot whose times rise."""
    rising: CurvePoints = []
    for time, value in points:
        if (not rising or round(time, 2) > rising[-1][0]) and time <= duration_s:
            rising.append((round(time, 2), value))
    return rising


def _change_time(change: ChangeFact, duration_s: float) -> float | None:
    if change.when is None:
        return None
    if change.when.position is not None:
        return {"start": 0.0, "middle": duration_s / 2, "end": duration_s * 0.75}[change.when.position]
    at_s = change.when.at_s
    return min(at_s, duration_s * 0.95) if at_s is not None else None


def camera(
    facts: Sequence[CameraFact], ids: dict[str, str], first: str | None, duration_s: float, *, is_still: bool
) -> dict[str, Any]:
    """Framing, focus and moves, with one of our own if none is named, unless `is_still`. `ids` are the members by
    thing; a close-up looks at the `first` unless told."""
    framing = next((fact.framing for fact in facts if fact.framing), "wide")
    focus = next((ids[fact.focus] for fact in facts if fact.focus in ids), first if framing == "close" else None)
    moves = list(_moves(facts, duration_s))
    if not moves and not is_still and not any(fact.still for fact in facts):
        moves = [_DEFAULT_MOVE]
    return {"framing": framing, "focus": focus, "moves": moves}


def _moves(facts: Sequence[CameraFact], duration_s: float) -> Iterator[dict[str, Any]]:
    """Moves one after the other over the shot, each from its own time where one is given; a hand is always held."""
    for fact in facts:
        if fact.move == "handheld":
            yield {"kind": "handheld", "amount": fact.amount}
    moves = [fact for fact in facts if fact.move not in (None, "handheld")]
    starts = [fact.when.at_s if fact.when and fact.when.at_s is not None else None for fact in moves]
    times = [start if start is not None else n * duration_s / len(moves) for n, start in enumerate(starts)]
    times = [round(min(time, duration_s * 0.9), 2) for time in times]
    for number, (fact, from_s) in enumerate(zip(moves, times, strict=True)):
        said_s = fact.when.until_s if fact.when else None
        to_s = said_s if said_s is not None else next(iter(times[number + 1 :]), None)
        yield {
            "kind": fact.move,
            "from_s": from_s,
            "to_s": to_s if to_s is not None and to_s > from_s else None,
            "amount": fact.amount,
        }


def beds(facts: SceneFacts, known: Known, setting: Setting) -> list[dict[str, Any]]:
    """Background sounds: those of the place, the weather and the hour, and those asked for by name."""
    place = known.vocabulary.place(facts.place)
    weather_beds = dict(place.weather_beds) if place else {}
    levels: dict[str, float] = {}
    denied = {fact.bed for fact in facts.beds if fact.denied}
    if "rain" not in weather_beds and (plain_rain := known.generic_bed("rain")):
        weather_beds["rain"] = plain_rain
    told = {index: named.kind for named in facts.weather for index in named.words}
    for fact in facts.beds:
        kinds = {told[index] for index in fact.words if index in told}
        # "Rain" alone sounds as it does here; "rain on a tin roof" says how it sounds.
        plain = told.keys() >= fact.words and any(kind in weather_beds for kind in kinds)
        if fact.denied or plain:
            continue
        for kind in kinds:
            weather_beds[kind] = fact.bed
        levels.setdefault(fact.bed, fact.level_db)
    usual = [
        *(place.beds if place else ()),
        *_weather_beds(weather_beds, setting.weather),
        *_hour_beds(facts, known, setting),
    ]
    names = [name for name in dict.fromkeys([*usual, *levels]) if name in known.vocabulary.beds and name not in denied]
    return [{"bed": name, "level_db": levels.get(name, 0.0)} for name in names]


def _weather_beds(by_kind: dict[str, str], weather: Weather) -> Iterator[str]:
    for kind, bed in by_kind.items():
        if getattr(weather, kind) > (_AUDIBLE_WIND if kind == "wind" else _AUDIBLE_RAIN):
            yield bed


def _hour_beds(facts: SceneFacts, known: Known, setting: Setting) -> Sequence[str]:
    place = known.vocabulary.place(facts.place)
    silenced = setting.weather.snow > 0 or setting.weather.rain >= _HEAVY_RAIN
    return place.hour_beds.get(setting.hour, ()) if place and not silenced else ()
