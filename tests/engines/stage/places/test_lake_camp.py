"""The camp by the lake: paints finite light at all hours and weathers, at any size, the same for any range."""

import numpy as np
import pytest

from clapboard.engines.stage.staging import StagePicture, stage_shot
from engines.stage.staged_places import WEATHERS, Stager, painted

CAST = [{"id": name, "thing": name} for name in ("campfire", "owl", "thunder")]
HERE = Stager({"place": "lake_camp", "hour": "night", "cast": CAST})


@pytest.mark.parametrize("hour", ["dawn", "day", "dusk", "night"])
def test_every_weather_paints_all_of_the_frame(hour: str) -> None:
    for weather in WEATHERS:
        canvas = painted(HERE.built(hour=hour, weather=weather), 0.5)
        assert np.isfinite(canvas).all() and canvas.min() > -1e-4 and 0.001 < canvas.mean() < 5, (hour, weather)


@pytest.mark.parametrize("size", [(64, 96), (72, 72), (160, 90)])
@pytest.mark.parametrize("framing", ["wide", "medium", "close"])
def test_every_size_and_framing_paints_all_of_the_frame(size: tuple[int, int], framing: str) -> None:
    camera = {"framing": framing, "focus": "campfire", "moves": [{"kind": "push_in"}, {"kind": "tilt_up"}]}
    assert np.isfinite(painted(HERE.built(size, camera=camera), 0.9, size)).all()


def test_frames_do_not_depend_on_the_range_they_are_asked_in() -> None:
    one, timeline = HERE.staged()
    together = list(StagePicture(timeline, [one]).frames(3, 6))
    for index, frame in zip(range(3, 6), together, strict=True):
        alone = next(StagePicture(timeline, [stage_shot(timeline, 0, 3)]).frames(index, index + 1))
        assert (alone == frame).all()


def test_the_lake_mirrors_the_sky() -> None:
    canvas = painted(HERE.built((160, 90), hour="dusk", cast=[]), 0.0, (160, 90))
    horizon = round(0.585 * 90)
    above, below = canvas[:, horizon - 12 : horizon - 1, 70:95], canvas[:, horizon + 1 : horizon + 12, 70:95]
    assert 0.4 < below.mean() / above.mean() < 1.2


def test_the_fire_lights_the_ground_round_it_at_night() -> None:
    with_fire, without = (
        painted(HERE.built((160, 90), cast=cast), 0.0, (160, 90)) for cast in ([{"id": "f", "thing": "campfire"}], [])
    )
    gain = with_fire[0, 78:] / np.maximum(without[0, 78:], 1e-6)
    assert np.median(gain[:, 80:90]) > 4 * np.median(gain[:, :8]) > 0


def test_lightning_lights_the_place() -> None:
    thunder = [{"id": "thunder", "thing": "thunder"}]
    bolt = {"who": "thunder", "does": "strike", "at_s": 0.0, "onto": "near"}
    dark, lit = (painted(HERE.built(cast=thunder, actions=actions), 0.02) for actions in ([], [bolt]))
    assert lit.mean() > 1.5 * dark.mean()
