"""One name, several meanings: a ball here and another there, a drum or an instrument, a stone or what walls are of."""

import pytest

from clapboard.director import Options, direct
from clapboard.timeline import Acoustics, Shot, Timeline
from clapboard.vocabulary import DoingWords, PlaceWords, ThingWords, Vocabulary

DROP = {"drop": DoingWords(words=("drop", "fall"), duration_s=2.0)}
VOCABULARY = Vocabulary(
    places=(
        PlaceWords(name="room", words=("room",), spots=("table", "sill"), acoustics=Acoustics(), beds=()),
        PlaceWords(name="yard", words=("yard",), spots=("left", "middle"), acoustics=Acoustics(), beds=()),
    ),
    things=(
        ThingWords(
            name="drum",
            words=("drum",),
            doings={"hit": DoingWords(words=("hit", "beat"), every_s=0.5)},
            places={"yard": ("left",)},
            usual="hit",
        ),
        ThingWords(
            name="stone",
            words=("stone", "pebble"),
            doings={"splash": DoingWords(words=("splash", "fall"))},
            places={"yard": ("left",)},
            usual="splash",
        ),
        ThingWords(
            name="car",
            words=("car",),
            doings={"pass": DoingWords(words=("pass", "drive by"), every_s=2.5, sides=True)},
            places={"yard": ("left",)},
            usual="pass",
        ),
        ThingWords(
            name="visitor",
            words=("visitor", "someone", "somebody"),
            doings={"knock": DoingWords(words=("knock",), every_s=0.35)},
            places={"yard": ("left",)},
            usual="knock",
        ),
        ThingWords(
            name="glass_ball",
            words=("glass ball", "ball", "marble"),
            doings={"drop": DoingWords(words=("drop", "fall"), duration_s=2.0, needs_onto=True)},
            places={"room": ("table", "sill")},
            material="glass",
        ),
        ThingWords(name="rubber_ball", words=("rubber ball", "ball"), doings=DROP, places={"yard": ("middle",)}),
    ),
    instruments={"drum": ("drums", "hand drum"), "piano": ()},
)


def plan(prompt: str) -> tuple[Timeline, Shot]:
    timeline = direct(prompt, VOCABULARY, options=Options())
    return timeline, timeline.shots[0]


@pytest.mark.parametrize(
    ("prompt", "place", "thing"),
    [
        ("a ball falls", "room", "glass_ball"),
        ("a ball falls in the room", "room", "glass_ball"),
        ("a ball falls in the yard", "yard", "rubber_ball"),
        ("the yard. A ball drops", "yard", "rubber_ball"),
        ("a rubber ball falls", "yard", "rubber_ball"),
    ],
)
def test_a_shared_name_means_the_thing_of_the_place(prompt, place, thing):
    timeline, shot = plan(prompt)
    assert (shot.place, [member.thing for member in shot.cast]) == (place, [thing])
    assert [(action.who, action.does) for action in shot.actions] == [(thing, "drop")]
    assert timeline.unstaged == []


@pytest.mark.parametrize(
    ("prompt", "hits", "music"),
    [
        ("a drum is hit three times in the yard", 3, None),
        ("a ball drops in the yard, then a drum", 1, None),
        ("the drum beats twice", 2, None),
        ("three drum beats in the yard", 3, None),
        ("a couple of loud drum beats, yard", 2, None),
        ("a drum beat in the yard", 1, None),
        ("a drum is hit in the yard, soft piano", 1, ["piano"]),
        ("a room, slow drums", 0, ["drum"]),
        ("a yard, slow drums", 0, ["drum"]),
        ("a room, a slow drum beat", 0, ["drum"]),
    ],
)
def test_a_drum_is_a_thing_where_it_stands_and_music_elsewhere(prompt, hits, music):
    timeline, shot = plan(prompt)
    assert [action.does for action in shot.actions if action.who == "drum"] == ["hit"] * hits
    assert (timeline.music.instruments if timeline.music else None) == music


@pytest.mark.parametrize(
    ("prompt", "things"),
    [
        ("a stone falls in the yard", ["stone"]),
        ("a stone thrown in the yard", ["stone"]),
        ("two stones, yard", ["stone"]),
        ("a stone, a drum is hit once", ["stone", "drum"]),
        ("a yard with a stone wall, a car", ["car"]),
        ("old stone steps in the yard, a car", ["car"]),
        ("a car in a yard of stone", ["car"]),
        ("a ball drops onto stone in the room", ["glass_ball"]),
        ("a marble drops onto the marble sill", ["glass_ball"]),
        ("a glass ball drops on the stone sill", ["glass_ball"]),
    ],
)
def test_a_material_is_no_thing(prompt, things):
    assert [member.thing for member in plan(prompt)[1].cast] == things


def test_what_something_lands_on_is_its_material_and_nothing_is_left():
    timeline, shot = plan("A glass ball drops on the stone sill")
    assert [(action.onto, action.material) for action in shot.actions] == [("sill", "glass on stone")]
    assert timeline.unstaged == []


def test_a_wall_of_stone_is_reported_as_a_wall():
    timeline, _ = plan("a yard with a stone wall, a car passes")
    assert [(item.text, item.reason) for item in timeline.unstaged] == [("stone wall", "the engine has no wall")]


@pytest.mark.parametrize(
    ("prompt", "sides"),
    [
        ("a car passes", [None]),
        ("a car passes from the right", ["right"]),
        ("from the left a car passes", ["left"]),
        ("a car from the right", ["right"]),
        ("a car drives by from left to right in the yard", ["left"]),
        ("a car passes towards the left", ["right"]),
        ("a car passes to the right", ["left"]),
        ("A car passes from the left. Then a car passes from the right.", ["left", "right"]),
    ],
)
def test_what_crosses_the_picture_comes_from_its_side(prompt, sides):
    timeline, shot = plan(prompt)
    assert [action.onto for action in shot.actions] == sides
    assert timeline.unstaged == []


@pytest.mark.parametrize(
    ("prompt", "things"),
    [
        ("someone knocks", ["visitor"]),
        ("somebody knocks in the yard", ["visitor"]),
        ("someone hits a drum in the yard", ["drum"]),
        ("someone drops a ball in the room", ["glass_ball"]),
    ],
)
def test_someone_is_the_visitor_only_who_knocks(prompt, things):
    timeline, shot = plan(prompt)
    assert [member.thing for member in shot.cast] == things
    assert timeline.unstaged == []
