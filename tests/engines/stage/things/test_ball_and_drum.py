"""The yard's ball and drum: contacts on frames, sounds on contacts, and a picture that shows both."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from clapboard import clock
from clapboard.engines.stage import camera, curves
from clapboard.engines.stage.places.yard import PLACE
from clapboard.engines.stage.scene import Easel, Lighting, Part, PointLight, Scene
from clapboard.engines.stage.things import drum, rubber_ball
from clapboard.timeline import Action, Camera, Framing, Member

THINGS = {thing.words.name: thing for thing in (m.THING for m in (drum, rubber_ball))}
RATES = [Fraction(24), Fraction(30000, 1001), Fraction(12)]


def make_scene(fps: Fraction = Fraction(24), first_frame: int = 0, framing: Framing = "wide") -> Scene:
    size = (112, 64)
    path = camera.camera_path(Camera(framing=framing), PLACE.lens, size, 4.0, focus=(0.2, 0.4, 4.4))
    return Scene(
        place="yard",
        hour="dusk",
        season=None,
        seed=4,
        fps=fps,
        first_frame=first_frame,
        num_frames=clock.num_frames(4, fps),
        size_px=size,
        weather={name: curves.constant(0.2) for name in ("rain", "snow", "fog", "wind", "clouds", "aurora")},
        spots=PLACE.spots,
        lens=PLACE.lens,
        view=lambda t_s: path(t_s, 4),
        room=PLACE.words.acoustics,
    )


def block(name: str, scene: Scene, *deeds: tuple[float, str]) -> Part:
    actions = [Action(at_s=at_s, who=name, does=does, force=0.7) for at_s, does in deeds]
    return THINGS[name].block(Member(id=name, thing=name), actions, scene)


def painted(part: Part, scene: Scene, t_s: float) -> np.ndarray:
    canvas = np.full((3, scene.size_px[1], scene.size_px[0]), 0.03, np.float32)
    lamp = PointLight(x_m=-1.9, y_m=2.2, z_m=5.2, rgb=(1.0, 0.5, 0.2), reach_m=1.0)
    part.paint(Easel(canvas, scene.view(t_s), Lighting(ambient=(0.09, 0.09, 0.12), points=(lamp,))), t_s)
    return canvas


@pytest.mark.parametrize("name", sorted(THINGS))
def test_it_paints_finite_light_and_the_same_twice(name: str):
    scene = make_scene()
    for part in (block(name, scene), block(name, scene, (0.5, next(iter(THINGS[name].words.doings))))):
        for t_s in (0.0, 0.5, 1.3, 2.0, 3.9):
            canvas = painted(part, scene, t_s)
            assert np.isfinite(canvas).all()
            assert canvas.min() >= 0
            np.testing.assert_array_equal(canvas, painted(part, scene, t_s))
        assert (np.abs(painted(part, scene, 2.0) - 0.03).max(0) > 0.02).sum() >= 40


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("name", sorted(THINGS))
def test_cues_sit_on_frames_and_sounds_start_on_them(name: str, fps: Fraction):
    scene = make_scene(fps, first_frame=7)
    part = block(name, scene, *((t_s, next(iter(THINGS[name].words.doings))) for t_s in (0.51, 2.0)))
    assert len(part.cues) == len(part.sources) >= 2
    for cue, (_, source) in zip(part.cues, part.sources, strict=True):
        assert cue.seen_frame is not None
        assert source.start == cue.heard_sample == clock.first_sample(cue.seen_frame, fps)
        onset = np.abs(source.render(source.start, source.start + 480)).max()
        assert onset > 0.4 * np.abs(source.render(source.start, source.start + source.length)).max()


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("framing", ["wide", "close"])
def test_the_ball_falls_in_from_above_and_touches_the_ground_at_its_cues(fps: Fraction, framing: Framing):
    scene = make_scene(fps, framing=framing)
    part = block("rubber_ball", scene, (0.5, "drop"))
    ball = part.paint.__self__  # type: ignore[attr-defined]
    np.testing.assert_array_equal(painted(part, scene, 0.49), painted(part, scene, 0.1))
    _, row, per_m = scene.view(0.5).project(0.2, ball.lowest(scene.action_s(Action(at_s=0.5, who="", does="")))[1], 4.4)
    assert row <= 0.03 * per_m
    assert len(part.cues) >= 3
    assert all(a.force > b.force or b.force <= 0.06 for a, b in pairwise(part.cues))
    for cue in part.cues:
        at_s = float(clock.frame_time(cue.seen_frame or 0, fps))
        assert ball.lowest(at_s)[1] == pytest.approx(0.0, abs=1e-9)
        assert ball.lowest(at_s - 0.5 / float(fps))[1] > 1e-3
    first_s = float(clock.frame_time(part.cues[0].seen_frame or 0, fps))
    assert ball.flat(first_s) > 0.15
    assert ball.flat(first_s - 0.001) == 0.0


def test_a_ball_springs_again_from_where_it_touches_without_a_jump():
    scene = make_scene()
    part = block("rubber_ball", scene, (0.2, "drop"), (2.1, "drop"))
    ball = part.paint.__self__  # type: ignore[attr-defined]
    step_s = 1 / 960
    path = np.array([ball.lowest(0.2 + k * step_s) for k in range(3600)])
    assert np.abs(np.diff(path, axis=0)).max() < 8.0 * step_s  # as fast as a fall of 3 m: it never jumps
    frames = [cue.seen_frame or 0 for cue in part.cues]
    assert frames == sorted(set(frames))


def test_a_bounce_right_after_a_drop_is_that_drop_bouncing():
    scene = make_scene()
    one, both = (block("rubber_ball", scene, *deeds) for deeds in ([(0.2, "drop")], [(0.2, "drop"), (1.0, "bounce")]))
    assert one.cues == both.cues


def test_the_ball_lies_there_when_nothing_is_asked_of_it():
    scene = make_scene()
    part = block("rubber_ball", scene)
    assert not part.cues
    np.testing.assert_array_equal(painted(part, scene, 0.0), painted(part, scene, 3.0))


def test_the_mallet_meets_the_skin_at_its_cue_and_only_there():
    scene = make_scene()
    part = block("drum", scene, (1.0, "hit"), (1.5, "hit"))
    assert [cue.seen_frame for cue in part.cues] == [24, 36]
    assert all(cue.impact for cue in part.cues)
    struck = part.paint.__self__  # type: ignore[attr-defined]
    lowest = [struck.felt(t_s)[1] for t_s in (1.0, 1.5)]
    assert lowest[0] == pytest.approx(lowest[1], abs=1e-9)
    others = [struck.felt(k / 96)[1] for k in range(384) if k not in (96, 144)]
    assert min(others) > lowest[0] + 0.005
    assert max(others) > lowest[0] + 0.4  # it visibly swings
    turns = np.diff([struck.angle(k / 960) for k in range(3840)])
    assert np.abs(turns).max() < 0.06  # 58 radians a second: fast, and no jump


def test_in_a_quick_roll_the_mallet_still_meets_the_skin():
    struck = block("drum", make_scene(), *((1.0 + k / 6, "hit") for k in range(5))).paint.__self__  # type: ignore[attr-defined]
    slow = block("drum", make_scene(), (1.0, "hit")).paint.__self__  # type: ignore[attr-defined]
    for at_s, _ in struck.hits:
        assert struck.felt(at_s)[1] == pytest.approx(slow.felt(1.0)[1], abs=1e-6)
        assert struck.felt(at_s - 0.08)[1] > struck.felt(at_s)[1] + 0.1


def test_a_hit_changes_many_pixels_of_a_small_picture():
    scene = make_scene()
    part = block("drum", scene, (1.0, "hit"))
    before, at = (painted(part, scene, t_s) for t_s in (22 / 24, 1.0))
    assert (np.abs(at - before).max(0) > 0.02).sum() >= 40
