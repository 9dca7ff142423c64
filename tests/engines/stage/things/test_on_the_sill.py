"""Things on the sill: cues on frame boundaries, the ball's contacts, flames that go out, sounds on their cue."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from clapboard import clock
from clapboard.engines.stage import camera, curves
from clapboard.engines.stage.places.window_room import PLACE
from clapboard.engines.stage.scene import Easel, Lighting, Part, PointLight, Scene
from clapboard.engines.stage.things import book, candle, cat, glass_ball, kettle, mug
from clapboard.engines.stage.tumble import GRAVITY, Throw, contacts, fall
from clapboard.engines.stage.turned import highlight
from clapboard.timeline import Action, Camera, Member

THINGS = {thing.words.name: thing for thing in (m.THING for m in (book, candle, cat, glass_ball, kettle, mug))}
RATES = [Fraction(24), Fraction(30000, 1001), Fraction(12)]


def make_scene(fps: Fraction = Fraction(24), first_frame: int = 0, size: tuple[int, int] = (160, 90)) -> Scene:
    path = camera.camera_path(Camera(), PLACE.lens, size, 8.0, focus=None)
    return Scene(
        place="window_room",
        hour="night",
        season=None,
        seed=4,
        fps=fps,
        first_frame=first_frame,
        num_frames=clock.num_frames(8, fps),
        size_px=size,
        weather={name: curves.constant(0.2) for name in ("rain", "snow", "fog", "wind", "clouds", "aurora")},
        spots=PLACE.spots,
        lens=PLACE.lens,
        view=lambda t_s: path(t_s, 4),
        room=PLACE.words.acoustics,
    )


def block(name: str, scene: Scene, *actions: Action) -> Part:
    return THINGS[name].block(Member(id=name, thing=name), list(actions), scene)


def painted(part: Part, scene: Scene, t_s: float) -> np.ndarray:
    canvas = np.full((3, scene.size_px[1], scene.size_px[0]), 0.1, np.float32)
    flame = PointLight(x_m=0.1, y_m=0.15, z_m=1.3, rgb=(1.0, 0.5, 0.2), reach_m=0.3)
    part.paint(Easel(canvas, scene.view(t_s), Lighting(ambient=(0.05, 0.05, 0.06), points=(flame,))), t_s)
    return canvas


@pytest.mark.parametrize("name", sorted(THINGS))
def test_every_thing_paints_finite_light_and_the_same_twice(name: str):
    scene = make_scene()
    doings = THINGS[name].words.doings
    part = block(name, scene, *(Action(at_s=1.0 + 2 * i, who=name, does=does) for i, does in enumerate(doings)))
    for t_s in (0.0, 1.2, 3.3, 5.1):
        canvas = painted(part, scene, t_s)
        assert np.isfinite(canvas).all()
        np.testing.assert_array_equal(canvas, painted(part, scene, t_s))
    assert np.abs(painted(part, scene, 3.3) - 0.1).max() > 0.02


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("name", ["candle", "cat", "kettle", "glass_ball"])
def test_cues_sit_on_frames_and_sounds_start_on_them(name: str, fps: Fraction):
    scene = make_scene(fps, first_frame=7)
    doings = [does for does in THINGS[name].words.doings if does not in ("sit", "burn", "light")]
    part = block(name, scene, *(Action(at_s=0.51 + 2 * i, who=name, does=does) for i, does in enumerate(doings)))
    assert part.cues
    for cue in part.cues:
        assert cue.seen_frame is not None
        assert cue.heard_sample == clock.first_sample(cue.seen_frame, fps)
    starts = {source.start for _, source in part.sources if source.name in {cue.label for cue in part.cues}}
    assert starts <= {cue.heard_sample for cue in part.cues}


@pytest.mark.parametrize("fps", RATES)
def test_the_ball_touches_the_table_exactly_at_its_impacts(fps: Fraction):
    scene = make_scene(fps)
    part = block("glass_ball", scene, Action(at_s=1.0, who="glass_ball", does="drop", force=0.7))
    hits = [cue for cue in part.cues if "hits" in cue.label]
    assert len(hits) >= 2
    assert hits[0].force == pytest.approx(0.7)
    assert all(a.force > b.force for a, b in pairwise(hits))
    centre = part.paint.__self__.centre  # type: ignore[attr-defined]
    table = centre(scene.end_s)[1]
    for cue in hits:
        assert cue.seen_frame is not None
        at_s = float(clock.frame_time(cue.seen_frame, fps))
        assert centre(at_s)[1] == pytest.approx(table, abs=1e-9)
        assert centre(at_s - 0.5 / float(fps))[1] > table + 1e-3


def test_flights_are_parabolas_of_gravity_and_the_path_has_no_jump():
    throw = Throw(height_m=0.9, sideways_m_s=0.1, radius_m=0.04, bounce=0.5)
    legs, impacts = fall(throw, 24, Fraction(24), 0.2)
    assert impacts[0][1] == 1.0
    for before, after in pairwise(legs):
        assert before.end_s == after.start_s
        assert before.x(before.end_s) == pytest.approx(after.x(after.start_s), abs=1e-9)
        assert before.y(before.end_s) == pytest.approx(0.0, abs=1e-9)
    bounce = legs[1]
    apex = bounce.y((bounce.start_s + bounce.end_s) / 2)
    assert apex == pytest.approx(GRAVITY * (bounce.end_s - bounce.start_s) ** 2 / 8)


@pytest.mark.parametrize("fps", RATES)
def test_a_lying_ball_that_bounces_springs_from_where_it_lies(fps: Fraction):
    scene = make_scene(fps)
    drop, bounce = (Action(at_s=t, who="glass_ball", does=does) for t, does in ((0.5, "drop"), (5.0, "bounce")))
    centre = block("glass_ball", scene, drop, bounce).paint.__self__.centre  # type: ignore[attr-defined]
    step_s = 1 / 960
    path = np.array([centre(4.5 + k * step_s) for k in range(1900)])
    assert 0.12 < np.ptp(path[:, 1]) < 0.25  # 0.2 m, in whole frames
    assert np.abs(np.diff(path, axis=0)).max() < 3.0 * step_s  # slower than 3 m/s everywhere: it never jumps


def test_a_bounce_right_after_a_drop_is_that_drop_bouncing():
    scene = make_scene()
    drop = Action(at_s=0.5, who="glass_ball", does="drop")
    dull = block("glass_ball", scene, drop)
    lively = block("glass_ball", scene, drop, Action(at_s=3.8, who="glass_ball", does="bounce"))
    assert lively.cues[0] == dull.cues[0]
    assert len(lively.cues) > len(dull.cues)
    assert lively.cues[-1].heard_sample < clock.sample_at(3.8)


def test_a_highlight_at_a_soft_edge_stays_a_highlight():
    beyond = tuple(np.float32(v) for v in (-1.23, 0.19, 0.01))  # half a pixel outside a ball of two pixels
    assert highlight(beyond, tuple(np.float32(v) for v in (-0.28, 0.16, -0.95)), 7) <= 1


def test_the_simulated_fall_takes_the_time_of_a_free_fall():
    met, _ = contacts(Throw(height_m=0.9, sideways_m_s=0.0, radius_m=0.04, bounce=0.5))
    assert met[0].t_s == pytest.approx((2 * 0.9 / GRAVITY) ** 0.5, abs=0.002)
    kept = (met[1].speed_m_s / met[0].speed_m_s) ** 2
    assert kept == pytest.approx(0.25, abs=0.03)


def test_a_candle_goes_out_at_its_cue_and_lights_again():
    scene = make_scene()
    part = block(
        "candle", scene, Action(at_s=2.0, who="candle", does="go_out"), Action(at_s=5.0, who="candle", does="light")
    )
    assert part.lights(1.9) and not part.lights(2.5) and part.lights(6.0)
    assert [cue.seen_frame for cue in part.cues] == [48, 120]


def test_a_cat_opens_its_mouth_at_the_cue():
    scene = make_scene()
    part = block("cat", scene, Action(at_s=3.0, who="cat", does="meow"))
    pose = part.paint.__self__.pose  # type: ignore[attr-defined]
    assert pose(2.99).jaw == 0
    assert pose(3.2).jaw > 0.5
    assert pose(3.0).head_yaw < -0.8  # it has turned its head by then
    assert part.cues[0].label == "cat meow"


def test_a_kettle_whistles_only_when_told():
    scene = make_scene()
    quiet, loud = block("kettle", scene), block("kettle", scene, Action(at_s=4.0, who="kettle", does="whistle"))
    level = loud.paint.__self__.level  # type: ignore[attr-defined]
    assert level(3.9) < 0.8 < 0.95 < level(4.6)
    assert quiet.paint.__self__.level(4.6) < 0.6  # type: ignore[attr-defined]
    (_, source), *_ = loud.sources
    assert source.length == clock.sample_at(8.0)


def test_several_candles_give_several_flames():
    scene = make_scene()
    one, three = (THINGS["candle"].block(Member(id="c", thing="candle", count=n), [], scene) for n in (1, 3))
    assert (len(one.lights(1.0)), len(three.lights(1.0))) == (1, 3)
    assert np.isfinite(painted(three, scene, 1.0)).all()
