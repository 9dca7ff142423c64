"""The window room: finite and pure at every hour and weather, follows the rain, and keeps its budget of light."""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import pytest

from clapboard.engines.stage import camera, curves
from clapboard.engines.stage.drops import Pane, PaneRain
from clapboard.engines.stage.places.window_room import PLACE
from clapboard.engines.stage.scene import Easel, Part, PointLight, Scene
from clapboard.engines.stage.things import candle, cat
from clapboard.timeline import Camera, Hour, Member, Move

HOURS: tuple[Hour, ...] = ("dawn", "day", "dusk", "night")
CALM = {"rain": 0.0, "snow": 0.0, "fog": 0.0, "wind": 0.2, "clouds": 0.3, "aurora": 0.0}
PUSH = Camera(framing="medium", moves=[Move(kind="push_in"), Move(kind="handheld")])


def make_scene(
    hour: Hour = "night",
    size: tuple[int, int] = (96, 64),
    shot: Camera | None = None,
    weather: Mapping[str, float] = CALM,
) -> Scene:
    path = camera.camera_path(shot or Camera(), PLACE.lens, size, 4.0, focus=(0.0, 0.2, 1.42))
    return Scene(
        place="window_room",
        hour=hour,
        season=None,
        seed=3,
        fps=Fraction(24),
        first_frame=0,
        num_frames=96,
        size_px=size,
        weather={name: curves.constant(value) for name, value in (CALM | dict(weather)).items()},
        spots=PLACE.spots,
        lens=PLACE.lens,
        view=lambda t_s: path(t_s, 3),
        room=PLACE.words.acoustics,
    )


def paint(scene: Scene, t_s: float, with_cast: bool = True) -> np.ndarray:
    cast = [
        thing.block(Member(id=thing.words.name, thing=thing.words.name), [], scene)
        for thing in (candle.THING, cat.THING)
    ]
    canvas = np.full((3, scene.size_px[1], scene.size_px[0]), np.nan, np.float32)
    PLACE.build(scene, cast if with_cast else []).paint(canvas, t_s)
    return canvas


@pytest.mark.parametrize("hour", HOURS)
@pytest.mark.parametrize("weather", [{}, {"rain": 0.7}, {"snow": 0.7}, {"fog": 0.8}], ids=str)
def test_every_hour_and_weather_is_finite_light(hour: Hour, weather: Mapping[str, float]):
    canvas = paint(make_scene(hour, weather=weather), 1.5)
    assert np.isfinite(canvas).all()
    assert canvas.min() >= -1e-4
    assert canvas.std() > 0.01


@pytest.mark.parametrize("size", [(64, 64), (72, 128), (160, 64)])
def test_other_shapes_and_a_moving_camera(size: tuple[int, int]):
    assert np.isfinite(paint(make_scene("dusk", size, PUSH, {"rain": 0.5, "snow": 0.3}), 2.0)).all()


def test_a_frame_is_the_same_alone_and_after_others():
    scene = make_scene(shot=PUSH, weather={"rain": 0.6, "snow": 0.2})
    built = PLACE.build(scene, [cat.THING.block(Member(id="cat", thing="cat"), [], scene)])
    canvas, again = np.empty((2, 3, 64, 96), np.float32)
    built.paint(canvas, 2.0)
    built.paint(again, 0.5)
    built.paint(again, 2.0)
    np.testing.assert_array_equal(canvas, again)
    assert not np.array_equal(canvas, paint(scene, 2.5))


def test_day_is_brighter_than_night_and_a_candle_lights_the_table():
    day, night = (paint(make_scene(hour), 1.0, with_cast=False) for hour in ("day", "night"))
    assert day[:, :50].mean() > 5 * night[:, :50].mean()
    lit = paint(make_scene(), 1.0)
    table = (slice(None), slice(56, 64), slice(30, 66))
    assert lit[table].mean() > 1.3 * night[table].mean()  # a lamp is on when nobody brought a flame
    assert lit[0][table[1:]].mean() > 2 * lit[2][table[1:]].mean()  # and warmly


def test_more_rain_more_drops_and_none_when_dry():
    pane = Pane(left_m=-1.1, right_m=1.1, top_m=1.0)
    counts = []
    for level in (0.0, 0.2, 0.9):
        rain = PaneRain(pane, curves.constant(level), (0.0, 4.0), 5)
        counts.append(len(rain.drops(2.0).x))
    assert counts[0] == 0
    assert counts[1] > 200
    assert counts[2] > 1.5 * counts[1]


def test_drops_come_when_the_rain_rises():
    rain = PaneRain(
        Pane(left_m=-1.1, right_m=1.1, top_m=1.0), curves.from_points([(4.0, 0.0), (5.0, 0.9)]), (0.0, 20.0), 5
    )
    assert len(rain.drops(3.0).x) == 0
    assert len(rain.drops(19.0).x) > 5 * len(rain.drops(5.5).x) > 0


def test_running_drops_only_run_down_and_leave_a_track():
    rain = PaneRain(Pane(left_m=-1.1, right_m=1.1, top_m=1.0), curves.constant(0.8), (0.0, 6.0), 5)
    tracks = rain.tracks(3.0)
    assert len(tracks.x) > 3
    assert (np.diff(tracks.y, axis=1) <= 1e-6).all()
    assert tracks.clear.max() > 0.5
    assert ((tracks.clear >= 0) & (tracks.clear <= 1)).all()


def test_lightning_lights_the_sky():
    scene = make_scene()
    bolt = PointLight(x_m=100.0, y_m=900.0, z_m=3000.0, rgb=(1.0, 1.0, 1.0), reach_m=900.0)

    def no_bolt(easel: Easel, t_s: float) -> None:
        assert easel.canvas.shape[1] == 32 and t_s == 1.0  # it is shown the picture behind the glass

    part = Part(who="thunder", thing="thunder", depth_m=3000.0, paint=no_bolt, lights=lambda _: (bolt,))
    dark = paint(scene, 1.0, with_cast=False)
    lit = np.empty_like(dark)
    PLACE.build(scene, [part]).paint(lit, 1.0)
    assert lit[:, 4:12].mean() > 1.5 * dark[:, 4:12].mean()
