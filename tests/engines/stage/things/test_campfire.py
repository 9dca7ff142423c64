"""The campfire: its cracks are seen and heard on their frame, its light follows its size."""

import numpy as np

from clapboard import clock
from clapboard.engines.stage.scene import Part, Scene
from clapboard.engines.stage.staging import stage_shot
from clapboard.timeline import Stem, Timeline


def blocked(*actions: dict[str, object], duration_s: float = 2.0) -> tuple[Part, Scene]:
    shot = {
        "id": "s1", "duration_s": duration_s, "place": "lake_camp", "hour": "night",
        "cast": [{"id": "fire", "thing": "campfire"}], "actions": [{"who": "fire", **action} for action in actions],
    }  # fmt: skip
    timeline = Timeline.parse({"shots": [shot], "size": [160, 90], "fps": "24000/1001", "seed": 5})
    staged = stage_shot(timeline, 0, 5)
    return staged.parts[0], staged.scene


def test_a_crack_is_heard_on_the_first_sample_of_its_frame_above_the_fire() -> None:
    part, scene = blocked({"does": "crackle", "at_s": 1.0, "force": 0.5})
    (cue,) = part.cues
    assert cue.impact and cue.heard_sample == clock.first_sample(cue.seen_frame or 0, scene.fps)
    stem = np.zeros(clock.sample_at(2.0), np.float32)
    for kind, source in part.sources:
        assert kind is Stem.EFFECTS
        stop = min(len(stem), source.start + source.length)
        stem[source.start : stop] += source.render(source.start, stop)[0] * 10 ** (source.gain_db / 20)
    before, after = stem[cue.heard_sample - 2400 : cue.heard_sample], stem[cue.heard_sample : cue.heard_sample + 96]
    assert np.abs(after).max() > 2.5 * np.abs(before).max()


def test_sparks_fly_on_the_frame_of_the_crack_and_not_before() -> None:
    def frame(actions: tuple[dict[str, object], ...], t_s: float) -> np.ndarray:
        part, scene = blocked(*actions)
        built = _set(part, scene)
        canvas = np.zeros((3, 90, 160), np.float32)
        built.paint(canvas, t_s)
        return canvas

    crack = ({"does": "crackle", "at_s": 1.0},)
    part, scene = blocked(*crack)
    seen = part.cues[0].seen_frame or 0
    before, on = (float(clock.frame_time(index, scene.fps)) for index in (seen - 1, seen))
    assert (frame(crack, before) == frame((), before)).all()
    assert (frame(crack, on) - frame((), on)).max() > 0.5


def _set(part: Part, scene: Scene):
    from clapboard.engines.stage.places.lake_camp import PLACE

    return PLACE.build(scene, [part])


def test_cues_and_sounds_after_the_shots_end_are_dropped() -> None:
    part, scene = blocked({"does": "crackle", "at_s": 0.99}, {"does": "flare", "at_s": 0.99}, duration_s=1.0)
    assert scene.num_frames == 24 and not part.cues and len(part.sources) == 1


def test_the_light_follows_the_size() -> None:
    part, _ = blocked({"does": "flare", "at_s": 0.5, "force": 0.8}, {"does": "die_down", "at_s": 1.2})
    usual, flared, ember = (part.lights(t_s)[0].rgb[0] for t_s in (0.0, 0.65, 12.0))
    assert flared > 1.4 * usual > 4 * ember > 0
