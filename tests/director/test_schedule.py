"""The schedule: order and spacing of events."""

from itertools import pairwise

import pytest

from clapboard.director.schedule import FIRST_EVENT_S, Event, schedule


def test_one_event_leaves_time_before_and_after():
    (start,) = schedule([Event(length_s=2.0)], 8.0)
    assert start >= FIRST_EVENT_S and start + 2.0 < 7.7


def test_free_events_keep_the_order_of_the_text_and_do_not_overlap():
    starts = schedule([Event(length_s=1.0)] * 4, 8.0)
    assert starts == sorted(starts)
    assert min(b - a for a, b in pairwise(starts)) >= 1.0


def test_links():
    events = [Event(length_s=1.0), Event(length_s=1.0, link="before", to=0), Event(length_s=1.0, link="with", to=0)]
    first, before, together = schedule(events, 8.0)
    assert before < first == together


def test_given_times_stay_and_the_rest_goes_around_them():
    starts = schedule([Event(length_s=1.0), Event(length_s=1.0, at_s=4.0), Event(length_s=1.0)], 8.0)
    assert starts[1] == 4.0 and starts[0] < 3.0 and starts[2] >= 5.0


def test_given_times_out_of_order_are_kept():
    assert schedule([Event(length_s=1.0, at_s=6.0), Event(length_s=1.0, at_s=2.0)], 8.0) == [6.0, 2.0]


def test_later_is_counted_from_the_event_before():
    first, second = schedule([Event(length_s=1.0), Event(length_s=1.0, later_s=2.0, to=0)], 8.0)
    assert second == pytest.approx(first + 2.0)


def test_too_much_for_the_shot_is_squeezed_into_it():
    starts = schedule([Event(length_s=3.0)] * 10, 4.0)
    assert starts == sorted(starts) and all(0 <= start < 4.0 for start in starts)


@pytest.mark.parametrize("duration_s", [0.04, 0.2, 1.0])
def test_the_shortest_shots_work(duration_s: float):
    assert all(0 <= start < duration_s for start in schedule([Event(length_s=1.0)] * 3, duration_s))


def test_nothing_to_do():
    assert schedule([], 8.0) == []


def test_what_comes_between_two_given_times_starts_between_them():
    events = [
        Event(length_s=3.0, at_s=2.0),
        Event(length_s=4.0, link="then", to=0),
        Event(length_s=1.0, at_s=5.0, link="then", to=1),
    ]
    assert schedule(events, 8.0) == [2.0, 3.5, 5.0]
