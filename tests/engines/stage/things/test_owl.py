"""The owl: it moves on its hoot, is heard from its branch, and does not hoot unless it is asked to."""

import numpy as np

from clapboard import clock
from clapboard.engines.stage.scene import Easel, Lighting, Part, Scene
from clapboard.engines.stage.staging import stage_shot
from clapboard.timeline import Timeline


def blocked(*actions: dict[str, object]) -> tuple[Part, Scene]:
    shot = {
        "id": "s1", "duration_s": 2.0, "place": "lake_camp", "hour": "night",
        "cast": [{"id": "owl", "thing": "owl"}], "actions": [{"who": "owl", **action} for action in actions],
        "camera": {"framing": "close", "focus": "owl"},
    }  # fmt: skip
    timeline = Timeline.parse({"shots": [shot], "size": [320, 180], "seed": 5})
    staged = stage_shot(timeline, 0, 5)
    return staged.parts[0], staged.scene


def drawn(part: Part, scene: Scene, t_s: float) -> np.ndarray:
    canvas = np.full((3, 180, 320), 0.02, np.float32)
    part.paint(Easel(canvas, scene.view(t_s), Lighting(ambient=(0.2, 0.2, 0.25), key=(0.3, 0.3, 0.3))), t_s)
    return canvas


def test_it_is_seen_and_silent_when_nothing_is_asked() -> None:
    part, scene = blocked()
    assert not part.cues and not part.sources
    assert np.abs(drawn(part, scene, 0.5) - 0.02).max() > 0.05


def test_its_throat_swells_on_the_frame_that_its_hoot_is_heard() -> None:
    hooting, scene = blocked({"does": "hoot", "at_s": 1.0})
    quiet, _ = blocked()
    (cue,) = hooting.cues
    ((_, source),) = hooting.sources
    assert source.start == cue.heard_sample == clock.first_sample(24, scene.fps)
    assert (drawn(hooting, scene, 23 / 24) == drawn(quiet, scene, 23 / 24)).all()
    assert np.abs(drawn(hooting, scene, 1.0) - drawn(quiet, scene, 1.0)).max() > 0.02


def test_it_is_heard_from_where_it_sits() -> None:
    part, scene = blocked({"does": "hoot", "at_s": 0.5})
    azimuth, distance_m = part.sources[0][1].position(np.array([0.5]))
    spot = scene.spots["trees"]
    assert abs(float(azimuth[0]) - scene.view(0.5).azimuth(spot.x_m, spot.z_m)) < 1e-9 and distance_m[0] > 1
