"""The yard: paints finite light at all hours and weathers, at any size, the same for any range; it grows wet."""

import numpy as np
import pytest

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.registry import all_places, all_things
from clapboard.engines.stage.staging import StagePicture, stage_shot
from clapboard.engines.stage.yard_ground import _homography
from engines.stage.staged_places import WEATHERS, Stager, painted

CAST = [{"id": name, "thing": name} for name, thing in all_things().items() if "yard" in thing.words.places]
HERE = Stager({"place": "yard", "hour": "dusk", "cast": CAST})


@pytest.mark.parametrize("hour", ["dawn", "day", "dusk", "night"])
def test_every_weather_paints_all_of_the_frame(hour: str) -> None:
    for weather in WEATHERS:
        canvas = painted(HERE.built(hour=hour, weather=weather), 0.5)
        assert np.isfinite(canvas).all() and canvas.min() > -1e-4 and 0.001 < canvas.mean() < 5, (hour, weather)


@pytest.mark.parametrize("size", [(64, 96), (72, 72), (112, 64)])
@pytest.mark.parametrize("framing", ["wide", "medium", "close"])
def test_every_size_and_framing_paints_all_of_the_frame(size: tuple[int, int], framing: str) -> None:
    camera = {"framing": framing, "moves": [{"kind": "push_in"}, {"kind": "tilt_up"}, {"kind": "handheld"}]}
    assert np.isfinite(painted(HERE.built(size, camera=camera), 0.9, size)).all()


def test_a_close_view_of_the_pond_has_its_horizon_above_the_frame() -> None:
    camera = {"framing": "close", "focus": "stone"}
    one, _ = HERE.staged((160, 90), camera=camera)
    assert one.scene.view(0.0).horizon_px < 0
    assert np.isfinite(painted(one.place.build(one.scene, one.parts), 0.5, (160, 90))).all()


def test_frames_do_not_depend_on_the_range_they_are_asked_in() -> None:
    one, timeline = HERE.staged(weather={"rain": 0.6})
    together = list(StagePicture(timeline, [one]).frames(3, 6))
    for index, frame in zip(range(3, 6), together, strict=True):
        alone = next(StagePicture(timeline, [stage_shot(timeline, 0, 3)]).frames(index, index + 1))
        assert (alone == frame).all()


def test_ground_points_stay_under_the_things_that_stand_on_them() -> None:
    lens = all_places()["yard"].lens
    home = View(width_px=320, height_px=180, lens=lens)
    moved = View(width_px=320, height_px=180, lens=lens, zoom=1.3, x_m=0.1, z_m=0.5, pan=0.05, tilt=-0.03)
    for x, z in ((0.2, 4.4), (-1.75, 5.0), (1.45, 11.0)):
        column, row, _ = home.project(x, 0.0, z)
        seen = _homography(home, moved) @ np.array([column, row, 1.0])
        assert seen[:2] / seen[2] == pytest.approx(moved.project(x, 0.0, z)[:2], abs=1e-6)


def test_rain_that_starts_wets_the_ground_and_fills_the_air() -> None:
    scene_set = HERE.built(cast=[], curves={"rain": [[0, 0], [0.3, 0], [0.6, 0.8]]}, duration_s=2.0)
    dry, still_dry, wet = (painted(scene_set, t_s) for t_s in (0.0, 0.29, 1.5))
    assert np.abs(still_dry - dry)[:, 20:, :56].max() < 0.02  # the pond moves, and the moths and the smoke above
    assert (np.abs(wet - dry).max(0) > 0.02).sum() > 200  # pixels of 96x64 that changed clearly
    assert np.median(wet[:, 58:, :40] / dry[:, 58:, :40]) < 0.9


def test_lightning_lights_sky_ground_and_house() -> None:
    thunder = [{"id": "thunder", "thing": "thunder"}]
    bolt = {"who": "thunder", "does": "strike", "at_s": 0.0, "onto": "near"}
    dark, lit = (painted(HERE.built(cast=thunder, actions=actions), 0.02) for actions in ([], [bolt]))
    for part in (np.s_[:, :14, 40:], np.s_[:, 50:, :], np.s_[:, :40, :12]):
        assert lit[part].mean() > 1.3 * dark[part].mean()


def test_the_lamps_are_out_by_day_and_lit_at_dusk() -> None:
    lamp = np.s_[:, 3:9, 8:20]
    day, dusk = (painted(HERE.built(cast=[], hour=hour), 0.0) for hour in ("day", "dusk"))
    assert dusk[lamp].max() > 2 * day[lamp].max()
