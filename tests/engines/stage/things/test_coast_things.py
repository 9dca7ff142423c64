"""Sailboat, gull, lighthouse, buoy, thunder: what is seen moves on the cue's frame, what is heard starts with it."""

import numpy as np
import pytest

from clapboard import clock
from clapboard.engines.stage.lightning import flash_at
from clapboard.engines.stage.scene import Part, Scene
from clapboard.engines.stage.things import buoy, gull, lighthouse, sailboat, thunder
from clapboard.timeline import Action, Member
from engines.stage.coast_scenes import coast, painted

THINGS = {thing.THING.words.name: thing.THING for thing in (buoy, gull, lighthouse, sailboat, thunder)}


def blocked(name: str, scene: Scene, *actions: dict[str, object], count: int = 1) -> Part:
    """The part of one member."""
    doings = [Action.model_validate({"who": name, **action}) for action in actions]
    return THINGS[name].block(Member(id=name, thing=name, count=count), doings, scene)


@pytest.mark.parametrize("name", ["buoy", "gull", "lighthouse", "sailboat"])
@pytest.mark.parametrize("hour", ["day", "night"])
def test_it_is_seen(name: str, hour: str):
    scene = coast(hour, size_px=(192, 108))
    part = blocked(name, scene, count=3)
    without, with_it = painted(scene), painted(scene, [part])
    assert np.isfinite(with_it).all()
    assert (np.abs(with_it - without).max(0) > 0.01).sum() > 8


@pytest.mark.parametrize(
    ("name", "does"), [("buoy", "ring"), ("gull", "call"), ("lighthouse", "foghorn"), ("sailboat", "creak")]
)
def test_sound_starts_on_the_first_sample_of_its_frame(name: str, does: str):
    scene = coast()
    part = blocked(name, scene, {"at_s": 1.013, "does": does})
    (cue,) = part.cues
    ((_, source),) = part.sources
    assert cue.seen_frame == 100 + 24
    assert cue.heard_sample == source.start == clock.first_sample(cue.seen_frame, scene.fps)
    samples = source.render(source.start, source.start + source.length)
    assert samples.shape == (1, source.length)
    assert np.abs(samples).max() > 0.01
    halves = [source.render(source.start, source.start + 500), source.render(source.start + 500, source.start + 900)]
    np.testing.assert_array_equal(np.concatenate(halves, 1), samples[:, :900])


@pytest.mark.parametrize(("onto", "late_s"), [("near", 0.3), ("middle", 2.0), ("far", 0.0)])
def test_thunder_is_heard_late_by_its_distance(onto: str, late_s: float):
    scene = coast("night", "rain")
    part = blocked("thunder", scene, {"at_s": 1.0, "does": "strike", "onto": onto})
    (cue,) = part.cues
    assert cue.seen_frame == 124
    assert cue.heard_sample == clock.first_sample(124, scene.fps) + round(late_s * 48_000)
    assert part.sources[0][1].start == cue.heard_sample


def test_thunder_is_heard_when_the_timeline_says():
    scene = coast("night")
    part = blocked("thunder", scene, {"at_s": 0.5, "does": "strike", "heard_at_s": 3.25})
    assert part.cues[0].heard_sample == clock.first_sample(100 + 78, scene.fps)


def test_lightning_begins_on_its_frame_and_is_gone_after_a_second():
    scene = coast("night", "rain")
    part = blocked("thunder", scene, {"at_s": 1.0, "does": "strike", "onto": "near"})
    frame = [float(clock.frame_time(k, scene.fps)) for k in (123, 124, 125, 160)]
    levels = [flash_at([part], t_s) for t_s in frame]
    assert levels[0] == 0
    assert levels[1] > 0.8
    assert levels[1] > levels[2] > 0
    assert levels[3] < 0.01
    before, lit = (painted(scene, [part], t_s) for t_s in frame[:2])
    assert lit.mean() > 2 * before.mean()


def test_the_lighthouse_flashes_on_its_cue():
    scene = coast("night")
    part = blocked("lighthouse", scene, {"at_s": 1.0, "does": "flash"}, {"at_s": 3.0, "does": "flash"})
    assert [cue.seen_frame for cue in part.cues] == [124, 172]
    times = scene.start_s + np.arange(96) / 24
    level = np.array([max(part.lights(float(t))[0].rgb) for t in times])
    peaks = [k for k in range(1, 95) if level[k] > 0.9 * level.max() and level[k - 1] < level[k] >= level[k + 1]]
    assert peaks == [24, 72]


def test_a_call_opens_the_beak_on_its_frame():
    scene = coast("day")
    part = blocked("gull", scene, {"at_s": 1.0, "does": "call"})
    flock = part.paint.__self__  # type: ignore[attr-defined]
    frames = [float(clock.frame_time(k, scene.fps)) for k in (123, 124)]
    assert [round(flock.birds[0].gape(t_s), 2) for t_s in frames] == [0.0, 1.0]


def test_a_sailing_boat_makes_way():
    scene = coast("day")
    still, sailing = blocked("sailboat", scene), blocked("sailboat", scene, {"at_s": 0, "does": "sail"})
    way = []
    for part in (still, sailing):
        boat = part.paint.__self__  # type: ignore[attr-defined]
        way.append(boat.pose(scene.end_s).x_m - boat.pose(scene.start_s).x_m)
    assert 0 < way[0] < way[1]


def test_a_boat_that_comes_from_the_right_sails_to_the_left_with_its_bow_ahead():
    scene = coast()
    boats = [
        blocked("sailboat", scene, {"at_s": 0, "does": "sail", "onto": side}).paint.__self__  # type: ignore[attr-defined]
        for side in ("left", "right")
    ]
    ways = [boat.pose(scene.end_s).x_m - boat.pose(scene.start_s).x_m for boat in boats]
    assert ways[0] == pytest.approx(-ways[1]) and ways[0] > 0
    assert [boat.course.way for boat in boats] == [1.0, -1.0]
