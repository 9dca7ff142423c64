"""Small shots at a place, staged and painted, for the tests of places."""

import numpy as np

from clapboard.engines.stage.kernels import f32
from clapboard.engines.stage.scene import Set
from clapboard.engines.stage.staging import StagedShot, stage_shot
from clapboard.timeline import Timeline

WEATHERS = ({}, {"rain": 0.8, "wind": 0.6}, {"snow": 0.7}, {"fog": 0.8}, {"clouds": 0.6, "aurora": 0.9})


class Stager:
    """Stages shots that are as usual but for what a test changes."""

    def __init__(self, usual: dict[str, object]) -> None:
        self.usual: dict[str, object] = {"id": "s1", "duration_s": 1.0} | usual

    def staged(self, size: tuple[int, int] = (96, 64), **shot: object) -> tuple[StagedShot, Timeline]:
        timeline = Timeline.parse({"shots": [self.usual | shot], "size": size, "seed": 3})
        return stage_shot(timeline, 0, 3), timeline

    def built(self, size: tuple[int, int] = (96, 64), **shot: object) -> Set:
        one, _ = self.staged(size, **shot)
        return one.place.build(one.scene, one.parts)


def painted(scene_set: Set, t_s: float, size: tuple[int, int] = (96, 64)) -> np.ndarray:
    canvas = np.full((3, size[1], size[0]), np.nan, f32)
    scene_set.paint(canvas, t_s)
    return canvas
