"""Shots: cuts, and what one shot hands on to the next."""

import pytest

from clapboard.timeline import Timeline


def shots(timeline: Timeline) -> list[tuple[str, str, float]]:
    return [(shot.place, shot.hour, shot.duration_s) for shot in timeline.shots]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("campfire at the lake. Cut to a window at dawn", [("lake_camp", "night", 4), ("window_room", "dawn", 4)]),
        ("the sea, then cut to the sea at night", [("ocean_coast", "dusk", 4), ("ocean_coast", "night", 4)]),
        ("Shot 1: a camp. Shot 2: the sea. Shot 3: a window",
         [("lake_camp", "night", 4), ("ocean_coast", "dusk", 4), ("window_room", "night", 4)]),
        ("In a room a candle burns. At the coast a boat passes.",
         [("window_room", "night", 4), ("ocean_coast", "dusk", 4)]),
        ("At night in a room a candle burns. At the coast a boat passes.",
         [("window_room", "night", 4), ("ocean_coast", "night", 4)]),
        ("A lighthouse by the sea. Mountains in the back.", [("ocean_coast", "dusk", 8)]),
        ("A camp by the lake. Mist over the water near the shore.", [("lake_camp", "night", 8)]),
        ("a 12 second film: sea, cut to window", [("ocean_coast", "dusk", 6), ("window_room", "night", 6)]),
        ("sea for 3 seconds, cut to window for 2 s", [("ocean_coast", "dusk", 3), ("window_room", "night", 2)]),
        ("sea for 3 seconds, cut to window", [("ocean_coast", "dusk", 3), ("window_room", "night", 5)]),
        ("sea. Fade to black.", [("ocean_coast", "dusk", 8)]),
    ],
)  # fmt: skip
def test_shots(plan, prompt: str, expected: list[tuple[str, str, float]]):
    assert shots(plan(prompt)) == expected


def test_numbers_of_shots_are_understood(plan):
    assert plan("Shot 1: a camp. Shot 2: the sea.").unstaged == []


def test_weather_goes_on_and_the_camera_does_not(plan):
    first, second = plan("heavy rain at the camp, pan left. Cut to the window.").shots
    assert first.weather == second.weather and first.weather.rain == 0.85
    assert [move.kind for move in second.camera.moves] == ["push_in"]


def test_a_time_of_the_film_lies_in_its_shot(plan):
    _, second = plan("sea, cut to a window, the cat meows at 6 s").shots
    assert [(action.at_s, action.who) for action in second.actions] == [(2, "cat")]


def test_a_blend_is_made_as_a_cut_and_reported(plan):
    timeline = plan("camp at night, dissolve to the beach")
    assert len(timeline.shots) == 2
    assert [item.text for item in timeline.unstaged] == ["dissolve to"]


def test_the_asked_duration_wins(plan):
    assert plan("a 10 second film of the sea", duration_s=6.0).duration_s == 6
    assert plan("a 10 second film of the sea").duration_s == 10
    assert plan("the sea for 12 seconds").duration_s == 12
    assert plan("the sea").duration_s == 8
