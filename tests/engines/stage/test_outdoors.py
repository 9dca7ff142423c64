"""Light, sky and water: what every outdoor place leans on."""

import math
from dataclasses import replace

import numpy as np
import pytest

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.kernels import f32
from clapboard.engines.stage.light import cloud_cover, sun_light
from clapboard.engines.stage.places.ocean_coast import PLACE
from clapboard.engines.stage.sky import Flash, build_sky, paint_sky
from clapboard.engines.stage.water import WaterLook, lake_waves, mirror_view, paint_water, sea_waves, surface_at
from engines.stage.coast_scenes import coast

VIEW = View(width_px=128, height_px=72, lens=PLACE.lens)
LOOK = WaterLook(deep=(0.0, 0.0, 0.0), crest=(0.0, 0.0, 0.0), far=(0.0, 0.0, 0.0))


def test_rain_brings_its_own_clouds():
    assert cloud_cover({"clouds": 0.1, "rain": 0.5}) > 0.9
    assert cloud_cover({"clouds": 0.1}) == 0.1
    assert max(sun_light("day", None, {"rain": 0.8}).colours.body) < 0.05 * max(sun_light("day", None, {}).colours.body)


def test_the_sun_is_the_brightest_thing_where_the_light_says():
    light = sun_light("dusk", None, {"clouds": 0.0})
    sky = paint_sky(VIEW, light, {"clouds": 0.0}, seed=3, rows=40)
    column, row = light.place(VIEW)
    brightest = np.unravel_index(sky.sum(0).argmax(), sky.shape[1:])
    assert math.dist((column, row), (brightest[1], brightest[0])) < light.radius * VIEW.focal_px + 1


def test_key_light_comes_from_the_sun():
    light = sun_light("dawn", None, {})
    x, y = light.key_from(VIEW, VIEW.width_px, VIEW.horizon_px)
    assert x < 0
    assert math.hypot(x, y) == pytest.approx(1)


def test_clouds_drift_and_turn_back_in_endless_shots():
    scene = replace(coast("day", "rain"), num_frames=24 * 7200)
    sky = build_sky(scene, sun_light("day", None, {"rain": 0.8}))
    canvases = []
    for t_s in (scene.start_s, scene.start_s + 60, scene.end_s):
        canvas = np.zeros((3, 64, 96), f32)
        sky.draw(canvas, scene.view(t_s), t_s)
        canvases.append(canvas)
    assert np.abs(canvases[1] - canvases[0]).mean() > 1e-3
    assert all(np.abs(np.diff(canvas[1, :30], axis=1)).mean() > 1e-3 for canvas in canvases)


def test_lightning_lights_the_clouds():
    scene = coast("night", "rain")
    sky = build_sky(scene, sun_light("night", None, {"rain": 0.8}))
    dark, lit = (np.zeros((3, 64, 96), f32) for _ in range(2))
    sky.draw(dark, scene.view(5.0), 5.0)
    sky.draw(lit, scene.view(5.0), 5.0, (Flash(level=1.0),))
    assert lit[:, :30].mean() > 3 * dark[:, :30].mean()


def test_still_water_mirrors_the_sky():
    waves = replace(lake_waves(0.0, 1), height_m=1e-6)
    canvas = np.zeros((3, 72, 128), f32)
    mirror = np.zeros((3, 36, 64), f32)
    mirror[0, :, 20:24] = 1.0  # a red post
    paint_water(canvas, mirror, VIEW, 0.0, waves, LOOK)
    seen = mirror_view(VIEW, 64, 36)
    column = (22 - seen.centre_px) / seen.focal_px * VIEW.focal_px + VIEW.centre_px
    rows = slice(int(VIEW.horizon_px) + 3, 60)
    assert abs(canvas[0, rows].sum(0).argmax() - column) <= 5
    assert canvas[1].max() == 0


def test_wind_makes_the_sea_rise():
    times = np.linspace(0, 60, 200)
    heights = {wind: [surface_at(sea_waves(wind, 2), 0.0, 60.0, float(t))[0] for t in times] for wind in (0.1, 0.9)}
    assert np.std(heights[0.9]) > 2 * np.std(heights[0.1])
    assert abs(np.mean(heights[0.9])) < 0.3


def test_slopes_are_the_derivatives_of_the_height():
    waves, t_s, step = sea_waves(0.5, 4), 3.0, 1e-3
    _, slope_x, slope_z = surface_at(waves, 5.0, 40.0, t_s)
    by_x = (surface_at(waves, 5 + step, 40.0, t_s)[0] - surface_at(waves, 5 - step, 40.0, t_s)[0]) / (2 * step)
    by_z = (surface_at(waves, 5.0, 40 + step, t_s)[0] - surface_at(waves, 5.0, 40 - step, t_s)[0]) / (2 * step)
    assert slope_x == pytest.approx(by_x, abs=1e-3)
    assert slope_z == pytest.approx(by_z, abs=1e-3)
