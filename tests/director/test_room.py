"""Rooms, from notes about sound and from prompts."""

import pytest

from clapboard.director import read_room
from clapboard.director.tables.rooms import SPACES
from clapboard.sound.spaces import SPACES as SOUND_SPACES
from clapboard.timeline import Acoustics


@pytest.mark.parametrize(
    ("note", "acoustics"),
    [
        ("short reverb, furnished room", Acoustics(space="furnished room, short reverb")),
        ("tiled hallway", Acoustics(space="tiled hallway", surfaces=["tile"])),
        ("an echoing canyon", Acoustics(space="echoing canyon")),
        ("like in a church", Acoustics(space="church")),
        (
            "a large stone cathedral, from far away",
            Acoustics(space="large stone cathedral", surfaces=["stone"], distance_m=20),
        ),
        (
            "a reverb of 2 seconds in a small wooden room",
            Acoustics(space="small wooden room", surfaces=["wood"], rt60_s=2),
        ),
        ("1.2 s reverb", Acoustics(rt60_s=1.2)),
        ("drier", Acoustics(rt60_s=0.2)),
        ("no reverb", Acoustics(rt60_s=0)),
        ("carpet and curtains", Acoustics(surfaces=["carpet", "curtain"])),
        ("close mic", Acoustics(distance_m=0.3)),
        ("outside", Acoustics(space="outdoors")),
    ],
)
def test_notes(note: str, acoustics: Acoustics):
    assert read_room(note) == acoustics


@pytest.mark.parametrize("note", ["", "make it warmer", "louder thunder please"])
def test_notes_without_a_room(note: str):
    assert read_room(note) is None


def test_every_space_is_known_to_the_sound_department():
    known = {word for space in SOUND_SPACES for word in space.words}
    assert set(SPACES) <= known


@pytest.mark.parametrize(
    ("prompt", "space"),
    [
        ("a cat in a furnished room", "furnished room"),
        ("a kettle whistles in a tiled hallway", "tiled hallway"),
        ("a campfire, canyon reverb", "canyon, reverberant"),
        ("a cat in the living room", "living room"),  # the place's own
        ("a dry leaf by the window", "living room"),
    ],
)
def test_prompts(plan, prompt: str, space: str):
    assert plan(prompt).shots[0].acoustics.space == space


def test_a_space_that_is_only_heard_is_reported(plan):
    timeline = plan("a cat meows in a stone church")
    assert timeline.shots[0].acoustics == Acoustics(space="stone church", surfaces=["stone"])
    assert [(item.text, item.reason) for item in timeline.unstaged] == [
        ("church", "heard as the room; the engine has no such place to show")
    ]
