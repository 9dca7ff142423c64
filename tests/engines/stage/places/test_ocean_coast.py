"""The ocean coast paints every hour and weather, the same on every asking, and answers to its camera and its light."""

import numpy as np
import pytest

from clapboard.engines.stage.kernels import f32
from clapboard.engines.stage.places.ocean_coast import PLACE
from engines.stage.coast_scenes import WEATHERS, coast, painted


@pytest.mark.parametrize("weather", WEATHERS)
@pytest.mark.parametrize("hour", ["dawn", "day", "dusk", "night"])
def test_every_hour_and_weather_is_painted_whole(hour: str, weather: str):
    canvas = painted(coast(hour, weather))
    assert np.isfinite(canvas).all()
    assert canvas.max() < 100


def test_any_frame_alone_is_the_same():
    scene = coast("night", "rain", moves=[{"kind": "handheld"}])
    built = PLACE.build(scene, ())
    times = [scene.start_s + k / 24 for k in (0, 7, 40)]
    forward, backward = [], []
    for order, out in ((times, forward), (times[::-1], backward)):
        for t_s in order:
            canvas = np.empty((3, 64, 96), f32)
            built.paint(canvas, t_s)
            out.append(canvas)
    for one, other in zip(forward, backward[::-1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_sea_moves_a_little_from_frame_to_frame():
    scene = coast("day")
    first, second, later = (painted(scene, t_s=scene.start_s + t_s) for t_s in (0.0, 1 / 24, 1.0))
    sea = slice(40, 64)
    step, second_step = np.abs(second - first)[:, sea].mean(), np.abs(later - first)[:, sea].mean()
    assert 0 < step < second_step


def test_day_is_brighter_than_dusk_and_dusk_than_night():
    day, dusk, night = (painted(coast(hour)).mean() for hour in ("day", "dusk", "night"))
    assert day > dusk > 3 * night


@pytest.mark.parametrize("size_px", [(64, 114), (96, 96), (320, 96)])
def test_other_shapes_of_picture(size_px: tuple[int, int]):
    scene = coast("dusk", size_px=size_px, framing="close", moves=[{"kind": "pan_left"}, {"kind": "push_in"}])
    for t_s in (scene.start_s, scene.start_s + 3.9):
        assert np.isfinite(painted(scene, t_s=t_s)).all()


def test_fog_hides_the_headland():
    clear, fog = (painted(coast("day", weather, size_px=(192, 108))) for weather in ("clear", "fog"))
    land, sky = (slice(52, 58), slice(172, 190)), (slice(30, 40), slice(172, 190))
    contrast = [abs(canvas[1][land].mean() / canvas[1][sky].mean() - 1) for canvas in (clear, fog)]
    assert contrast[1] < 0.5 * contrast[0]
