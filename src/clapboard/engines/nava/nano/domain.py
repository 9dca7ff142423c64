"""What nano knows: one place, seven events, and how a shot's events become the rows that the model reads.

    plan = read(shot)                      # Plan: the scene, its events with their times, and what is left out
    rows = plan.rows()                     # [N, WIDTH] numbers: the model's "text"
    timeline = random_timeline(seed)       # a film to learn from, for the stage engine

nano reads no words: the director turns the prompt into a Timeline, and a row says what an event is and when. A row
whose time is hidden leaves the instant to the model, which must then agree with itself. Imports no torch.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from clapboard.timeline import Bed, Shot, Timeline, Unstaged
from clapboard.vocabulary import Vocabulary

if TYPE_CHECKING:
    from torch import Tensor

PLACE: Final = "yard"
SIZE: Final = (112, 64)
"""Width and height of the picture in pixels."""
FPS: Final = 24
SHORTEST_S, LONGEST_S = 2.0, 4.0
STEMS: Final = ("effects", "ambience")
"""The stems that nano makes, each a stream of its own."""

KINDS: Final = ("rubber_ball", "stone", "visitor", "drum", "thunder", "car", "rain")
"""Things of the yard, by the stage's names, and the rain that starts."""
HOURS: Final = ("dusk", "night")
MAX_EVENTS: Final = 15
CLOCK_HZ: Final = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0)
"""The slowest turns half a turn in the longest clip, the fastest once in two frames."""
WIDTH: Final = len(KINDS) + len(HOURS) + 2 * len(CLOCK_HZ) + 4


def clock_features(t_s: Sequence[float] | np.ndarray) -> np.ndarray:
    """Times in seconds [n] as sines and cosines [n, 16], the same for events and for the model's tokens."""
    angles = 2 * math.pi * np.outer(np.asarray(t_s, np.float64), CLOCK_HZ)
    return np.concatenate([np.sin(angles), np.cos(angles)], 1).astype(np.float32)


def told_times(rows: "Tensor") -> "tuple[Tensor, Tensor]":
    """Seconds [...] that the rows [..., WIDTH] tell, between -4 and 4, and 1 where they tell a time, else 0."""
    first = len(KINDS) + len(HOURS)
    sine, cosine = rows[..., first].float(), rows[..., first + len(CLOCK_HZ)].float()
    return sine.atan2(cosine) / (2 * math.pi * CLOCK_HZ[0]), rows[..., -1].float()


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One event of a shot. `side` is where a car comes from: -1 left, 1 right, 0 not said."""

    kind: str
    at_s: float
    strength: float = 0.6
    side: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """All that nano is told of a shot."""

    hour: Literal["dusk", "night"] = "dusk"
    rain: float = 0.0
    """Rain at the start, 0..1."""
    events: tuple[Event, ...] = ()

    def rows(self, *, timed: bool = True) -> np.ndarray:
        """One row for the scene, one per event in order of time, [1 + events, WIDTH] float32; without times, in order
        of kind."""
        found = np.zeros((1 + len(self.events), WIDTH), np.float32)
        hour, time = len(KINDS), len(KINDS) + len(HOURS)
        last = time + 2 * len(CLOCK_HZ)
        found[:, hour + HOURS.index(self.hour)] = 1
        found[0, last : last + 2] = 1, self.rain
        order = sorted(self.events, key=lambda e: e.at_s if timed else KINDS.index(e.kind))
        for row, event in zip(found[1:], order, strict=True):
            row[KINDS.index(event.kind)] = 1
            row[last + 1 : last + 3] = event.strength, event.side
            if timed:
                row[time:last] = clock_features([event.at_s])[0]
                row[last + 3] = 1
        return found

    def window(self, start_s: float, length_s: float) -> "Plan":
        """What is told of a part of the shot: later events are not, earlier ones are, at times before 0."""
        moved = [replace(event, at_s=event.at_s - start_s) for event in self.events]
        return replace(self, events=tuple(event for event in moved if event.at_s < length_s))


def read(shot: Shot) -> tuple[Plan, list[Unstaged]]:
    """The plan of a shot, and what of it nano does not show."""
    things = {member.id: member.thing for member in shot.cast}
    left: list[Unstaged] = []
    events: list[Event] = []
    for action in shot.actions:
        kind = things[action.who]
        if kind not in KINDS:
            left.append(Unstaged(text=f"{action.who} {action.does}", reason=f"nano knows {', '.join(KINDS)} only"))
            continue
        side = {"left": -1.0, "right": 1.0}.get(action.onto or "", 0.0) if kind == "car" else 0.0
        events.append(Event(kind=kind, at_s=action.at_s, strength=action.force, side=side))
    rain, start = rain_of(shot)
    events += [start] if start is not None else []
    if len(events) > MAX_EVENTS:
        reason = f"nano follows {MAX_EVENTS} events a shot"
        left += [Unstaged(text=f"{e.kind} at {e.at_s:g} s", reason=reason) for e in events[MAX_EVENTS:]]
    if shot.hour not in HOURS:
        left.append(Unstaged(text=shot.hour, reason="nano knows dusk and night only; it is dusk"))
    left += _not_shown(shot)
    hour = "night" if shot.hour == "night" else "dusk"
    return Plan(hour=hour, rain=rain, events=tuple(events[:MAX_EVENTS])), left


def _not_shown(shot: Shot) -> list[Unstaged]:
    """What is not an event and not in nano's pictures either."""
    still = "nano's camera stands still and sees the whole yard"
    moves = [move.kind for move in shot.camera.moves] + [shot.camera.framing] * (shot.camera.framing != "wide")
    falling = {name for name in ("snow", "fog", "aurora") if getattr(shot.weather, name) > 0 or name in shot.curves}
    acting = {action.who for action in shot.actions}
    return [
        *(Unstaged(text=move.replace("_", " "), reason=still) for move in moves),
        *(Unstaged(text=name, reason="of weather nano knows rain and lightning only") for name in sorted(falling)),
        *(
            Unstaged(text=f"a still {member.thing.replace('_', ' ')}", reason="nano shows things that do something")
            for member in shot.cast
            if member.id not in acting
        ),
    ]


def rain_of(shot: Shot) -> tuple[float, Event | None]:
    """How much it rains at the start, and the event of the rain's start, when half of its full strength is passed."""
    points = shot.curves.get("rain", [(0.0, shot.weather.rain)])
    first, most = points[0][1], max(value for _, value in points)
    if most - first < 0.2:
        return most, None
    for (a_s, low), (b_s, high) in pairwise(points):
        half = (first + most) / 2
        if low < half <= high:
            return first, Event(kind="rain", at_s=a_s + (b_s - a_s) * (half - low) / (high - low), strength=most)
    return first, None


# ------------------------------------------------------------------------------------------- films to learn from

_TIMES: Final[Mapping[str, tuple[float, float, int, tuple[float, float]]]] = {
    "rubber_ball": (0.05, 2.6, 1, (1, 1)),
    "stone": (0.2, 3.6, 2, (0.7, 1.6)),
    "visitor": (0.4, 3.4, 3, (0.35, 0.7)),
    "drum": (0.3, 3.5, 4, (0.25, 0.9)),
    "thunder": (0.2, 3.0, 1, (1, 1)),
    "car": (0.9, 3.2, 1, (1, 1)),
    "rain": (0.4, 3.0, 1, (1, 1)),
}
"""Of each kind: its earliest and latest time in seconds, how often at most, and the pauses between."""


def random_timeline(seed: int, vocabulary: Vocabulary, seconds: float = LONGEST_S) -> Timeline:
    """A shot in the yard with one to three kinds of events at random times."""
    rng = np.random.default_rng([seed, 20])
    place = vocabulary.place(PLACE)
    assert place is not None
    kinds = [str(kind) for kind in rng.choice(KINDS, int(rng.choice([1, 2, 3], p=[0.4, 0.4, 0.2])), replace=False)]
    cast, actions, curves = [], [], {}
    rain = float(rng.uniform(0.35, 0.65)) if "rain" in kinds or rng.random() < 0.12 else 0.0
    for kind in kinds:
        earliest, latest, most, pause = _TIMES[kind]
        t_s = float(rng.uniform(earliest, min(latest, seconds - 0.3)))
        if kind == "rain":
            curves["rain"] = [(0.0, 0.0), (t_s, 0.0), (t_s + float(rng.uniform(0.2, 1.2)), rain)]
            continue
        thing = vocabulary.thing(kind)
        assert thing is not None
        cast.append({"id": kind, "thing": kind, "at": thing.places[PLACE][0]})
        for _ in range(int(rng.integers(1, most + 1))):
            action = {"at_s": t_s, "who": kind, "does": thing.usual, "force": float(rng.uniform(0.45, 0.85))}
            onto = {"car": str(rng.choice(["left", "right"])), "thunder": "near"}.get(kind)
            actions.append(action | ({"onto": onto} if onto else {}))
            t_s += float(rng.uniform(*pause))
            if t_s > seconds - 0.2:
                break
    beds = [Bed(bed=name) for name in place.beds] + ([Bed(bed=place.weather_beds["rain"])] if rain else [])
    shot = {
        "id": "s1", "duration_s": seconds, "place": PLACE, "hour": str(rng.choice(HOURS, p=[0.65, 0.35])),
        "weather": {"rain": 0.0 if curves else rain, "wind": float(rng.uniform(0.05, 0.3))}, "cast": cast,
        "actions": sorted(actions, key=lambda action: action["at_s"]), "curves": curves,
        "ambience": [bed.model_dump() for bed in beds],
    }  # fmt: skip
    return Timeline.parse({"seed": seed, "fps": str(FPS), "size": SIZE, "shots": [shot]})
