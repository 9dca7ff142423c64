"""Arranges who is there and what happens: cast, actions and lines of one shot, each with its time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from clapboard.clock import SPEED_OF_SOUND_M_S
from clapboard.director.facts import DoingFact, LineFact, Missed, SceneFacts, ThingFact, When
from clapboard.director.known import Known
from clapboard.director.schedule import Event, schedule
from clapboard.director.tables.manner import FORCE_AT
from clapboard.vocabulary import DoingWords

_WORDS_A_SECOND: Final = 2.5  # calm speech, 150 words a minute
_BREATH_S: Final = 0.4  # between repeats
_MIN_EVERY_S: Final = 0.15
_MAX_VOICES: Final = 6  # a flock of more calls no more often
_MAX_REPEATS: Final = 200
_LASTING_S: Final = 1.5  # how long a doing that goes on holds the stage when it begins
_TAIL_S: Final = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Cast:
    """Members of a shot. `ids` tells the member of each thing fact by its index; `by_thing` the first of each thing."""

    members: tuple[dict[str, Any], ...]
    ids: dict[int, str]
    counts: dict[str, int]
    usual: tuple[str, ...]
    """Things that only dress the place."""
    missed: tuple[Missed, ...]

    @property
    def by_thing(self) -> dict[str, str]:
        """Thing -> id of its first member."""
        found: dict[str, str] = {}
        for member in self.members:
            found.setdefault(member["thing"], member["id"])
        return found


def cast_of(facts: SceneFacts, known: Known) -> Cast:
    """Who is there: the things named, or the place's usual ones when none of those that dress it is named."""
    members: dict[str, dict[str, Any]] = {}
    ids: dict[int, str] = {}
    missed: list[Missed] = []
    for index, fact in enumerate(facts.things):
        if fact.denied or (fact.vague and all(doing.member != index for doing in facts.doings)):
            continue
        if not known.can(fact.thing, facts.place):
            done = (doing.words for doing in facts.doings if doing.member == index)
            reason = f"there is no {spoken(fact.thing)} at the {spoken(facts.place)}"
            missed.append(Missed(words=fact.words.union(*done), reason=reason))
            continue
        name = _id(fact, members)
        ids[index] = name
        member = members.setdefault(name, {"id": name, "thing": fact.thing, "at": None, "count": 1})
        member["at"] = member["at"] or fact.spot
        member["count"] = max(member["count"], fact.count)
    usual = (
        [] if any(_dresses(known, member["thing"]) for member in members.values()) else _usual(facts, known, members)
    )
    everyone = [*members.values(), *({"id": thing, "thing": thing} for thing in usual)]
    counts = {name: member["count"] for name, member in members.items()}
    return Cast(members=tuple(everyone), ids=ids, counts=counts, usual=tuple(usual), missed=tuple(missed))


def _id(fact: ThingFact, members: dict[str, dict[str, Any]]) -> str:
    """The thing's name, numbered for another one of them."""
    same = sum(member["thing"] == fact.thing for member in members.values())
    return f"{fact.thing}_{same + 1}" if fact.another and same else fact.thing


def _dresses(known: Known, thing: str) -> bool:
    words = known.vocabulary.thing(thing)
    return words is not None and words.dresses


def _usual(facts: SceneFacts, known: Known, members: dict[str, dict[str, Any]]) -> list[str]:
    place = known.vocabulary.place(facts.place)
    denied = {fact.thing for fact in facts.things if fact.denied}
    usual = place.usual_cast if place else ()
    return [thing for thing in usual if thing not in denied and thing not in members and known.can(thing, facts.place)]


def spoken(name: str) -> str:
    """A name as people say it."""
    return name.replace("_", " ")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Doing:
    """A doing with its member and what the vocabulary says of it."""

    fact: DoingFact
    who: str
    words: DoingWords
    material: str | None
    """What its thing is made of."""
    repeats: int

    @property
    def every_s(self) -> float:
        """Seconds between repeats."""
        given = self.fact.when.every_s if self.fact.when else None
        return given or self.words.every_s or self.words.duration_s + _BREATH_S

    @property
    def length_s(self) -> float:
        """Seconds for all of it."""
        one_s = _LASTING_S if self.words.lasting else self.words.duration_s
        return (self.repeats - 1) * self.every_s + one_s

    @property
    def from_the_start(self) -> bool:
        """Whether it goes on all through the shot."""
        when = self.fact.when or When()
        timed = when.at_s is not None or when.later_s is not None or when.position not in (None, "start")
        return self.words.lasting and not timed and self.fact.link != "then"


def happenings(
    facts: SceneFacts, cast: Cast, known: Known, duration_s: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[Missed]]:
    """Actions and lines of the shot in time order, and those whose given time is behind its end."""
    doings = {
        index: doing for index, fact in enumerate(facts.doings) if (doing := _doing(fact, cast, known, duration_s))
    }
    late = [doing.fact for doing in doings.values() if _starts(doing.fact.when) >= duration_s]
    late += [line for line in facts.lines if _starts(line.when) >= duration_s]
    missed = [Missed(words=fact.words, reason=f"the shot ends at {duration_s:g} s") for fact in late]
    whole = [doing for doing in doings.values() if doing.from_the_start]
    told: list[tuple[int, _Doing | LineFact]] = [
        *((index, doing) for index, doing in doings.items() if not doing.from_the_start and doing.fact not in late),
        *((-1, line) for line in facts.lines if line not in late),
    ]
    told.sort(key=lambda entry: _position(entry[1]))
    numbers = {index: number for number, (index, _) in enumerate(told) if index >= 0}
    events = [_event(happening, number, numbers, duration_s) for number, (_, happening) in enumerate(told)]
    starts = schedule(events, duration_s)
    actions = [_action(doing, 0.0, duration_s) for doing in whole]
    lines: list[dict[str, Any]] = []
    for (_, happening), start_s in zip(told, starts, strict=True):
        if isinstance(happening, LineFact):
            lines.append(_line(happening, start_s))
        else:
            actions += _repeated(happening, start_s, duration_s)
    usual = [_usual_action(thing, known, duration_s) for thing in cast.usual]
    actions += [action for action in usual if action is not None]
    return sorted(actions, key=lambda action: action["at_s"]), sorted(lines, key=lambda line: line["at_s"]), missed


def _starts(when: When | None) -> float:
    return when.at_s if when is not None and when.at_s is not None else 0.0


def _position(happening: "_Doing | LineFact") -> int:
    return happening.at if isinstance(happening, LineFact) else happening.fact.at


def _doing(fact: DoingFact, cast: Cast, known: Known, duration_s: float) -> _Doing | None:
    """The doing of a member, none when it is denied or its thing is not there."""
    thing, who = known.vocabulary.thing(fact.thing), cast.ids.get(fact.member)
    if fact.denied or thing is None or who is None:
        return None
    words = thing.doings[fact.does]
    every_s = fact.when.every_s if fact.when else None
    voices = min(cast.counts[who], _MAX_VOICES) if not words.lasting and not words.needs_onto else 1
    filling = min(_MAX_REPEATS, max(1, int(duration_s / every_s))) if every_s else voices
    return _Doing(fact=fact, who=who, words=words, material=thing.material, repeats=fact.repeats or filling)


def _event(happening: "_Doing | LineFact", number: int, numbers: dict[int, int], duration_s: float) -> Event:
    """The happening as the schedule sees it; `numbers` tells a doing's place in the schedule by its index."""
    if isinstance(happening, LineFact):
        length_s = 0.5 + len(happening.text.split()) / _WORDS_A_SECOND
        return Event(length_s=length_s, at_s=_given(happening.when, length_s, duration_s))
    fact, length_s = happening.fact, happening.length_s
    later_s = fact.when.later_s if fact.when else None
    to = numbers.get(fact.to) if fact.to is not None else None
    if later_s is not None and to is None and number > 0:
        to = number - 1
    if fact.link == "then" and number > 0:
        to = max(to or 0, number - 1)  # behind the lines in between, too
    at_s = _given(fact.when, length_s, duration_s)
    if at_s is None and fact.when and fact.when.every_s:
        at_s = min(fact.when.every_s, duration_s / 4)
    return Event(length_s=length_s, at_s=at_s, later_s=later_s, link=fact.link, to=to)


def _given(when: When | None, length_s: float, duration_s: float) -> float | None:
    """The start that the prompt gives in seconds or as a position."""
    if when is None or when.position is None:
        return when.at_s if when else None
    end_s = max(0.0, duration_s - length_s - _TAIL_S)
    return {"start": min(_TAIL_S, end_s), "middle": duration_s / 2, "end": end_s}[when.position]


def _repeated(doing: _Doing, start_s: float, duration_s: float) -> Iterator[dict[str, Any]]:
    """One action for each repeat, closer together when they would run over the end."""
    room_s = max(0.0, duration_s - _TAIL_S - doing.words.duration_s - start_s)
    gaps = doing.repeats - 1
    every_s = doing.every_s
    if gaps and not (doing.fact.when and doing.fact.when.every_s) and gaps * every_s > room_s:
        every_s = max(_MIN_EVERY_S, room_s / gaps)
    for number in range(doing.repeats):
        at_s = round(start_s + number * every_s, 2)
        if number == 0 or at_s < duration_s - _MIN_EVERY_S:
            yield _action(doing, at_s, duration_s)


def _action(doing: _Doing, at_s: float, duration_s: float) -> dict[str, Any]:
    """The action of the Timeline that starts at this time."""
    fact, words, when = doing.fact, doing.words, doing.fact.when or When()
    force = fact.force if fact.force is not None else FORCE_AT[fact.far] if fact.far else FORCE_AT["middle"]
    far = fact.far or "middle"
    until_s = at_s + when.length_s if when.length_s is not None else when.until_s
    if words.lasting and until_s is None:
        until_s = duration_s
    action: dict[str, Any] = {"at_s": at_s, "who": doing.who, "does": fact.does, "force": force}
    action["onto"] = far if words.distances_m else fact.side or fact.onto
    if fact.material is not None:
        action["material"] = f"{doing.material} on {fact.material}" if doing.material else fact.material
    if until_s is not None and until_s > at_s:
        action["until_s"] = round(min(until_s, duration_s), 2)
    distance_m = words.distances_m.get(far)
    if distance_m:
        heard_at_s = round(at_s + distance_m / SPEED_OF_SOUND_M_S, 3)
        action |= {"heard_at_s": heard_at_s} if heard_at_s < duration_s else {}
    return action


def _line(fact: LineFact, at_s: float) -> dict[str, Any]:
    return {"at_s": at_s, "who": fact.who, "text": fact.text, "lang": fact.lang, "delivery": fact.delivery}


def _usual_action(thing: str, known: Known, duration_s: float) -> dict[str, Any] | None:
    """What a thing that only dresses the place goes on doing."""
    words = known.vocabulary.thing(thing)
    if words is None or words.usual is None or not words.doings[words.usual].lasting:
        return None
    return {"at_s": 0.0, "who": thing, "does": words.usual, "until_s": duration_s}
