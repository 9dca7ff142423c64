"""A visitor, a stone and a car in the yard: seen on the frame of their cue, heard from its first sample."""

from fractions import Fraction

import numpy as np
import pytest

from clapboard import clock
from clapboard.engines.stage.scene import Part
from clapboard.engines.stage.sounds.traffic import PASS_SAMPLE, pass_by
from clapboard.engines.stage.staging import StagedShot, stage_shot
from clapboard.engines.stage.things import car, stone, visitor
from clapboard.take import Source
from clapboard.timeline import Timeline

DOINGS = {"visitor": "knock", "stone": "splash", "car": "pass"}
RATES = ["24", "30000/1001", "12"]


def staged(thing: str, at_s: list[float], *, fps: str = "24", size: tuple[int, int] = (112, 64), **shot) -> StagedShot:
    onto = shot.pop("onto", None)
    actions = [{"at_s": t_s, "who": thing, "does": DOINGS[thing], "onto": onto} for t_s in at_s]
    body = {"id": "s1", "duration_s": 4.0, "place": "yard", "cast": [{"id": thing, "thing": thing}]}
    shots = [body | {"hour": "dusk", "actions": actions} | shot]
    return stage_shot(Timeline.parse({"shots": shots, "fps": fps, "size": size, "seed": 3}), 0, 3)


def part_of(thing: str, at_s: list[float], **options) -> Part:
    return staged(thing, at_s, **options).parts[0]


def painted(shot: StagedShot, t_s: list[float]) -> np.ndarray:
    """Canvases [times, 3, h, w] of the film times."""
    built = shot.place.build(shot.scene, shot.parts)
    width, height = shot.scene.size_px
    canvases = np.empty((len(t_s), 3, height, width), np.float32)
    for canvas, time_s in zip(canvases, t_s, strict=True):
        built.paint(canvas, time_s)
    return canvases


def sound_of(part: Part, index: int = 0) -> tuple[Source, np.ndarray]:
    _, source = part.sources[index]
    return source, source.render(source.start, source.start + source.length)[0]


@pytest.mark.parametrize("thing", DOINGS)
@pytest.mark.parametrize("hour", ["dawn", "day", "dusk", "night"])
def test_paints_finite_light_and_the_same_twice(thing: str, hour: str):
    shot = staged(thing, [1.0], hour=hour, size=(96, 64), weather={"rain": 0.6, "fog": 0.3})
    times = [0.5, 1.0, 1.25, 1.6]
    canvases = painted(shot, times)
    assert np.isfinite(canvases).all()
    assert canvases.min() >= 0
    np.testing.assert_array_equal(canvases[::-1], painted(shot, times[::-1]))


@pytest.mark.parametrize("size", [(64, 96), (64, 64), (128, 72)])
@pytest.mark.parametrize("thing", DOINGS)
def test_is_seen_in_every_shape_of_picture(thing: str, size: tuple[int, int]):
    with_it, without = (painted(staged(thing, at_s, size=size), [1.0])[0] for at_s in ([1.0], []))
    assert (np.abs(with_it - without).max(0) > 0.02).sum() > 8


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("thing", ["visitor", "stone"])
def test_contact_is_the_sample_of_its_frame(thing: str, fps: str):
    part = part_of(thing, [1.02], fps=fps)
    (cue,) = part.cues
    frame = clock.frame_at(1.02, Fraction(fps))
    assert (cue.seen_frame, cue.heard_sample) == (frame, clock.first_sample(frame, Fraction(fps)))
    assert cue.impact
    source, sound = sound_of(part)
    assert source.start == cue.heard_sample
    assert np.argmax(np.abs(sound) > 0.1 * np.abs(sound).max()) < 48


def test_each_knock_meets_the_door_on_its_frame_and_only_then():
    at_s = [1.0, 1.35, 1.7]
    shot = staged("visitor", at_s)
    knocks = [cue.seen_frame / 24 for cue in shot.parts[0].cues if cue.seen_frame is not None]
    drawn = visitor._Visitor(shot.scene.spots["porch"], (0.03, 0.03, 0.03), knocks)
    fist_x = np.array([drawn.pose(k / 24).fist[0] for k in range(96)])
    nearest = np.flatnonzero(fist_x < visitor._ON_DOOR[0] + 0.02).tolist()
    assert nearest == [24, 32, 41]
    np.testing.assert_allclose(fist_x[nearest], visitor._ON_DOOR[0], atol=1e-6)
    assert fist_x[[28, 36, 47]].min() > visitor._ON_DOOR[0] + 0.15  # well away from the door between and after
    assert fist_x[90] == pytest.approx(visitor._AT_REST[0], abs=0.01)


def test_a_knock_is_seen_at_the_smallest_size():
    canvases = painted(staged("visitor", [1.0, 1.35]), [23 / 24, 1.0, 28 / 24])
    for other in (0, 2):
        assert (np.abs(canvases[1] - canvases[other]).max(0) > 0.02).sum() >= 35


def test_the_stone_reaches_the_water_on_its_frame_as_gravity_draws_it():
    shot = staged("stone", [1.0])
    canvases = painted(shot, [0.2, 23 / 24, 1.0, 1.25])
    pond = shot.scene.spots["pond"]
    column, row, per_m = shot.scene.view(0.0).project(pond.x_m, pond.y_m, pond.z_m)
    above = slice(int(row - 0.5 * per_m), int(row - 0.1 * per_m)), slice(int(column - 5), int(column + 6))
    change = np.abs(canvases - canvases[0]).max(1)
    assert change[1][above].max() > 0.01  # still falling one frame before
    assert change[3][above].max() > 5 * change[2][above].min()  # the crown stands where nothing was
    assert (change[2] > 0.02).sum() >= 20
    assert np.sqrt(2 * 9.81 * stone._FALL_M) == pytest.approx(stone._MEETING_M_S)


def test_rings_run_outwards_and_fade():
    fronts = [int(np.abs(stone._slopes(age_s, 0.6)).argmax()) for age_s in (0.1, 0.8, 1.8)]
    sizes = [float(np.abs(stone._slopes(age_s, 0.6)).max()) for age_s in (0.1, 0.8, 1.8)]
    assert fronts == sorted(fronts)
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(("onto", "way"), [("left", 1.0), ("right", -1.0)])
def test_the_car_comes_from_the_side_that_was_asked_and_is_in_the_middle_on_its_frame(onto: str, way: float):
    shot = staged("car", [2.0], onto=onto)
    part = shot.parts[0]
    (cue,) = part.cues
    assert (cue.seen_frame, cue.heard_sample, cue.impact) == (48, 96_000, False)
    nose_m = [light.x_m for t_s in (1.5, 2.0, 2.5) for light in part.lights(t_s)]
    np.testing.assert_allclose(np.diff(nose_m), 0.5 * car.SPEED_M_S * way)
    source, _ = sound_of(part)
    azimuth, distance_m = source.position(np.array([1.5, 2.0, 2.5]))
    assert np.all(np.diff(azimuth) * way > 0.5)
    assert azimuth[1] == pytest.approx(0.0, abs=0.02)
    assert np.ptp(distance_m) == 0
    assert part.lights(0.0) == () == part.lights(3.99)


def test_a_passing_car_swells_to_its_cue_bends_down_and_is_silent_at_its_ends():
    sound = pass_by(car.SPEED_M_S, 3)
    level = np.sqrt(np.convolve(sound**2, np.ones(9600) / 9600, "same"))
    assert abs(int(level.argmax()) - PASS_SAMPLE) < 4800
    assert level[PASS_SAMPLE] > 4 * max(level[PASS_SAMPLE - 48_000], level[PASS_SAMPLE + 48_000])
    assert np.abs(sound[[0, -1]]).max() < 1e-4
    spectra = [np.abs(np.fft.rfft(sound[a : a + 48_000] * np.hanning(48_000)))[55:110] for a in (48_000, 134_400)]
    assert spectra[0].argmax() > spectra[1].argmax()  # the engine's note falls as it goes by
    np.testing.assert_array_equal(sound, pass_by(car.SPEED_M_S, 3))


def test_the_cars_sound_is_cut_to_the_shot_and_the_same_in_any_range():
    source, sound = sound_of(part_of("car", [0.5]))
    assert source.start == 0
    assert source.start + source.length == round((0.5 + 2.4) * 48_000)
    np.testing.assert_array_equal(source.render(9_000, 12_000)[0], sound[9_000:12_000])
