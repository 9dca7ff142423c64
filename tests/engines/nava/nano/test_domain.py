"""What nano reads of a shot, and the films that it learns from."""

import numpy as np
import pytest

from clapboard import engines
from clapboard.engines.nava.nano.domain import (
    CLOCK_HZ,
    KINDS,
    LONGEST_S,
    MAX_EVENTS,
    WIDTH,
    Event,
    Plan,
    clock_features,
    random_timeline,
    read,
)
from clapboard.timeline import Timeline


def shot(**changes):
    plan = {"id": "s1", "duration_s": 4.0, "place": "yard", "hour": "dusk"} | changes
    return Timeline.parse({"shots": [plan]}).shots[0]


def test_the_clock_tells_frames_apart():
    frames = clock_features(np.arange(96) / 24)
    distance = np.linalg.norm(frames[:, None] - frames, axis=2) + 9 * np.eye(96)
    assert frames.shape == (96, 2 * len(CLOCK_HZ)) and distance.min() > 0.9


def test_rows_tell_what_and_when():
    plan = Plan(hour="night", rain=0.3, events=(Event(kind="car", at_s=2.0, side=-1), Event(kind="drum", at_s=1.0)))
    timed, hidden = plan.rows(), plan.rows(timed=False)
    assert timed.shape == hidden.shape == (3, WIDTH)
    assert [KINDS[row.argmax()] for row in timed[1:, : len(KINDS)]] == ["drum", "car"]  # in order of time
    assert [KINDS[row.argmax()] for row in hidden[1:, : len(KINDS)]] == ["drum", "car"]  # in order of kind
    later = Plan(hour="night", rain=0.3, events=(Event(kind="car", at_s=2.5, side=-1), Event(kind="drum", at_s=0.7)))
    assert (later.rows() != timed).any() and (later.rows(timed=False) == hidden).all()


def test_a_window_moves_events_and_forgets_later_ones():
    plan = Plan(events=(Event(kind="drum", at_s=0.5), Event(kind="stone", at_s=2.5), Event(kind="car", at_s=3.9)))
    assert [(e.kind, e.at_s) for e in plan.window(2.0, 1.5).events] == [("drum", -1.5), ("stone", 0.5)]


def test_what_it_does_not_know_is_said():
    plan, left = read(
        shot(
            hour="day",
            cast=[{"id": "cat", "thing": "cat"}, {"id": "drum", "thing": "drum"}],
            actions=[{"at_s": 1, "who": "cat", "does": "meow"}]
            + [{"at_s": k / 10, "who": "drum", "does": "hit"} for k in range(MAX_EVENTS + 1)],
        )
    )
    assert len(plan.events) == MAX_EVENTS and plan.hour == "dusk"
    assert [item.text for item in left] == ["cat meow", "drum at 1.5 s", "day"]


def test_a_camera_that_moves_snow_and_things_that_wait_are_said_too():
    _, left = read(
        shot(
            camera={"framing": "close", "moves": [{"kind": "push_in"}]},
            weather={"rain": 0.3, "snow": 0.4},
            cast=[{"id": "drum", "thing": "drum"}],
        )
    )
    assert [item.text for item in left] == ["push in", "close", "snow", "a still drum"]


@pytest.mark.parametrize(
    ("curve", "rain", "at_s"),
    [([(0, 0), (1, 0), (2, 0.6)], 0.0, 1.5), ([(0, 0.5), (4, 0.5)], 0.5, None), ([(0, 0.4), (4, 0.5)], 0.5, None)],
)
def test_rain_starts_where_half_of_it_falls(curve, rain, at_s):
    plan, _ = read(shot(curves={"rain": curve}))
    assert plan.rain == rain and [e.at_s for e in plan.events] == ([] if at_s is None else [at_s])


def test_random_timelines_are_of_the_domain_and_repeat():
    words = engines.load("stage").vocabulary
    films = [random_timeline(seed, words) for seed in range(60)]
    plans = [read(film.shots[0]) for film in films]
    assert {event.kind for plan, _ in plans for event in plan.events} == set(KINDS)
    assert not any(left for _, left in plans)
    assert all(0 <= event.at_s < LONGEST_S for plan, _ in plans for event in plan.events)
    assert films[7] == random_timeline(7, words) and films[7] != films[8]
