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
        ("sea for 10 seconds, cut to window", [("ocean_coast", "dusk", 10), ("window_room", "night", 4)]),
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


@pytest.mark.parametrize(
    ("prompt", "lengths_s"),
    [
        ("a window; at 3 seconds cut to the lake", [3, 5]),
        ("A window. At 0:03 we then cut to the lake.", [3, 5]),
        ("a window, cut to the lake at 3 seconds", [3, 5]),
        ("a window; at 10 s cut to the lake", [10, 4]),
        ("a window, cut to the lake, at 6 s cut to the sea", [3, 3, 6]),
        ("a window; after 2 s cut to the lake; after 3 s cut to the sea", [2, 3, 7]),
        ("a window for 3 s, cut to the lake, at 5 s cut to the sea", [3, 2, 7]),
        ("the cat meows at 3 s, cut to the lake", [4, 4]),  # the time is the cat's
        ("a window, cut to a cat that meows at 6 s", [4, 4]),
    ],
)
def test_a_cut_at_a_given_time(plan, prompt: str, lengths_s: list[float]):
    timeline = plan(prompt)
    assert [float(shot.duration_s) for shot in timeline.shots] == lengths_s
    assert timeline.unstaged == []


def test_a_cut_that_cannot_be_at_its_time_is_reported(plan):
    timeline = plan("a window; at 4 seconds cut to the lake", duration_s=3.0)
    assert [float(shot.duration_s) for shot in timeline.shots] == [1.5, 1.5]
    assert [(item.text, item.reason) for item in timeline.unstaged] == [("at 4 seconds", "this shot begins at 1.5 s")]


@pytest.mark.parametrize(
    ("prompt", "rains"),
    [
        ("the sea; cut to a window; cut to the lake; rain", [0.55, 0.55, 0.55]),
        ("the sea. Cut to the lake. Heavy rain.", [0.85, 0.85]),
        ("rain throughout: the sea, cut to the lake", [0.55, 0.55]),
        ("the sea, cut to the lake, it rains the whole time", [0.55, 0.55]),
        ("the sea, cut to the lake, rain", [0, 0.55]),
        ("the sea. Cut to the lake. Rain and thunder.", [0, 0.55]),
        ("Shot 1: the sea. Shot 2: the lake. Rain.", [0, 0.55]),
        ("a sunny beach. Cut to the lake. Rain.", [0, 0.55]),
        ("a rainy window. Cut to a sunny beach.", [0.55, 0]),
        ("a rainy window. Cut to the lake, snow.", [0.55, 0]),
    ],
)
def test_weather_said_last_is_the_films(plan, prompt: str, rains: list[float]):
    timeline = plan(prompt)
    assert [shot.weather.rain for shot in timeline.shots] == rains
    assert timeline.unstaged == []
