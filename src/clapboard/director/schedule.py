"""Gives times to what happens: given times stay, the rest is spread with room to see and hear each of them.

Events form beats (those whose times are tied to each other); beats keep the order that links ask for, else that of the
text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from clapboard.director.facts import Link

FIRST_EVENT_S: Final = 0.8
"""A viewer needs about this long to take in a new picture before something happens in it."""
_TAIL_S: Final = 0.3
"""After the last sound has ended."""
_BREATH_S: Final = 0.3
"""Between an event with a given time and the next."""
_LAST_START_S: Final = 0.1
"""Before the end; nothing starts later."""
# Of the free time of a beat, this part comes in front of it: events a little early leave their echo.
_LEAD: Final = 0.35
_FIRST_LEAD_S: Final = 5.0
"""In front of the first beat at most, however long the film is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that takes `length_s`. It is tied to the event of index `to`, at once or `later_s` after it."""

    length_s: float
    at_s: float | None = None
    later_s: float | None = None
    link: Link = "free"
    to: int | None = None


@dataclass(slots=True, eq=False)
class _Beat:
    """Events that start together, or at fixed distances: index -> seconds after the beat's start."""

    offsets_s: dict[int, float] = field(default_factory=dict[int, float])
    length_s: float = 0.0
    at_s: float | None = None

    def add(self, number: int, event: Event, offset_s: float) -> None:
        self.offsets_s[number] = offset_s
        self.length_s = max(self.length_s, offset_s + event.length_s)
        if event.at_s is not None and self.at_s is None:
            self.at_s = event.at_s - offset_s


def schedule(events: Sequence[Event], duration_s: float) -> list[float]:
    """The start of each event in seconds, within the shot."""
    starts = [0.0] * len(events)
    free: list[_Beat] = []
    now_s, before_s = min(FIRST_EVENT_S, duration_s / 4), 0.0
    for beat in _in_order(_beats(events)):
        if beat.at_s is None:
            free.append(beat)
            continue
        _spread(free, (_opening(now_s, before_s, beat.at_s, len(free)), beat.at_s - _BREATH_S), starts)
        _start(beat, beat.at_s, starts)
        free, now_s, before_s = [], beat.at_s + beat.length_s + _BREATH_S, beat.at_s
    _spread(free, (_opening(now_s, before_s, duration_s, len(free)), duration_s - _TAIL_S), starts)
    last_s = max(0.0, duration_s - _LAST_START_S)
    return [round(max(0.0, min(start, last_s)), 2) for start in starts]


def _opening(now_s: float, before_s: float, next_s: float, num_free: int) -> float:
    """When free beats may begin: as soon as the last one is over, or within it where the next comes too early."""
    fits = now_s < next_s - _BREATH_S
    return now_s if fits or next_s <= before_s else before_s + (next_s - before_s) / (num_free + 1)


def _beats(events: Sequence[Event]) -> list[_Beat]:
    beats: list[_Beat] = []
    for number, event in enumerate(events):
        home = next((beat for beat in beats if event.to in beat.offsets_s), None)
        if home is not None and event.to is not None and (event.link == "with" or event.later_s is not None):
            home.add(number, event, home.offsets_s[event.to] + (event.later_s or 0.0))
            continue
        beat = _Beat()
        beat.add(number, event, 0.0)
        place = len(beats) if home is None or event.link == "free" else beats.index(home) + (event.link == "then")
        beats.insert(place, beat)
    return beats


def _in_order(beats: list[_Beat]) -> list[_Beat]:
    """The beats, those with given times sorted among their places."""
    fixed = iter(sorted((beat for beat in beats if beat.at_s is not None), key=lambda beat: beat.at_s or 0.0))
    return [beat if beat.at_s is None else next(fixed) for beat in beats]


def _start(beat: _Beat, at_s: float, starts: list[float]) -> None:
    for number, offset_s in beat.offsets_s.items():
        starts[number] = at_s + offset_s


def _spread(beats: Sequence[_Beat], window_s: tuple[float, float], starts: list[float]) -> None:
    """Start the beats within the window: spaced evenly, or squeezed when they are too long for it."""
    if not beats:
        return
    low_s, high_s = window_s
    total_s = sum(beat.length_s for beat in beats)
    slack_s = high_s - low_s - total_s
    squeeze = 1.0 if slack_s >= 0 else max(0.0, high_s - low_s) / total_s
    before_s = 0.0
    for number, beat in enumerate(beats):
        lead_s = max(0.0, slack_s) * (number + _LEAD) / len(beats)
        lead_s = min(lead_s, _FIRST_LEAD_S) if number == 0 else lead_s
        _start(beat, low_s + lead_s + squeeze * before_s, starts)
        before_s += beat.length_s
