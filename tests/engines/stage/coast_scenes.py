"""Small scenes of the ocean coast for the tests of its place and things."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from clapboard.engines.stage.camera import camera_path
from clapboard.engines.stage.curves import constant
from clapboard.engines.stage.kernels import f32
from clapboard.engines.stage.places.ocean_coast import PLACE
from clapboard.engines.stage.scene import Part, Scene
from clapboard.timeline import Acoustics, Camera, Weather

WEATHERS = {
    "clear": Weather(),
    "rain": Weather(rain=0.8, wind=0.9),
    "snow": Weather(snow=0.7),
    "fog": Weather(fog=0.7),
}


def coast(hour: str = "dusk", weather: str = "clear", size_px: tuple[int, int] = (96, 64), **camera: object) -> Scene:
    """A scene of four seconds at 24 frames a second that starts a hundred frames into the film."""
    start_s = 100 / 24
    path = camera_path(Camera.model_validate(camera), PLACE.lens, size_px, 4.0, focus=None)
    return Scene(
        place="ocean_coast",
        hour=hour,  # type: ignore[arg-type]
        season=None,
        seed=5,
        fps=Fraction(24),
        first_frame=100,
        num_frames=96,
        size_px=size_px,
        weather={name: constant(value) for name, value in WEATHERS[weather].model_dump().items()},
        spots=PLACE.spots,
        lens=PLACE.lens,
        view=lambda t_s: path(t_s - start_s, 5),
        room=Acoustics(),
    )


def painted(scene: Scene, parts: Sequence[Part] = (), t_s: float | None = None) -> np.ndarray:
    """The canvas of a film time (the shot's first frame)."""
    canvas = np.full((3, scene.size_px[1], scene.size_px[0]), np.nan, f32)
    PLACE.build(scene, parts).paint(canvas, scene.start_s if t_s is None else t_s)
    return canvas
