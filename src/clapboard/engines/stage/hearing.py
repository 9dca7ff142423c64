"""How far things sound in a film: microphones go where the story is, so distances over water are heard compressed."""

from collections.abc import Callable

import numpy as np

from clapboard.engines.stage.scene import Scene
from clapboard.take import Position

_NEAR_M = 3.0
_POWER = 0.42
"""60 m are heard as 11 m, 200 m as 17 m: far enough to be far, near enough to be heard over the surf."""


def across_water(scene: Scene, track: Callable[[float], tuple[float, float, float]]) -> Position:
    """Where a moving world point is heard: panned as the camera sees it, at a compressed distance."""
    exact = scene.position(track)

    def place(t_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        azimuth, distance_m = exact(t_s)
        return azimuth, _NEAR_M * np.maximum(distance_m / _NEAR_M, 1e-3) ** _POWER

    return place
