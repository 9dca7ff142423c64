"""A shot of the film in the model's units: its pictures, its latents, its sound.

    grid = fit(shot_id="s1", num_frames=192, fps=Fraction(24), size=(1280, 720))

The model films 24 pictures a second on a grid of 32 pixels. A shot at another rate shows the model's picture nearest in
time to each frame; at another size it is cut from the middle of the next larger grid, and above the largest area that
the model was trained for it is enlarged. Imports no torch.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from clapboard import clock
from clapboard.errors import EngineError

FPS: Final = Fraction(24)
GRID_PX: Final = 32
"""Sides are multiples of this: 16 pixels a latent, 2 latents a token."""
LATENT_PX: Final = 16
PICTURES_PER_LATENT: Final = 4
AUDIO_LATENTS_PER_S: Final = 25
MAX_FRAMES: Final = 61
"""Latent frames of the longest shot, 10 s: what its authors give as the longest."""
MAX_AREA_PX: Final = 1280 * 736
"""The largest picture that is filmed as it is: the grid around 1280x720, next to the largest that it was trained on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """Sizes of one shot."""

    width_px: int
    height_px: int
    num_frames: int
    """Latent frames."""
    num_audio: int
    """Audio latents."""

    @property
    def num_pictures(self) -> int:
        """Pictures that the latent frames decode to."""
        return PICTURES_PER_LATENT * (self.num_frames - 1) + 1

    @property
    def video_shape(self) -> tuple[int, int, int]:
        """Frames, rows and columns of the video latent."""
        return self.num_frames, self.height_px // LATENT_PX, self.width_px // LATENT_PX

    @property
    def num_tokens(self) -> int:
        """Tokens of picture and sound together."""
        return self.num_frames * self.width_px * self.height_px // GRID_PX**2 + self.num_audio


def picture_at(frame_index: int, fps: Fraction) -> int:
    """The model's picture nearest in time to a frame of the shot."""
    return clock.frame_at(clock.frame_time(frame_index, fps), FPS)


def native_size(size: tuple[int, int]) -> tuple[int, int]:
    """Width and height that the model films for a film of this size."""
    width, height = (math.ceil(side / GRID_PX) * GRID_PX for side in size)
    if width * height > MAX_AREA_PX:
        scale = math.sqrt(MAX_AREA_PX / (width * height))
        width, height = (max(int(side * scale) // GRID_PX, 1) * GRID_PX for side in (width, height))
    return width, height


def fit(*, shot_id: str, num_frames: int, fps: Fraction, size: tuple[int, int]) -> Grid:
    """Sizes for a shot of so many film frames; raises `EngineError` when it is too long."""
    pictures = picture_at(num_frames - 1, fps) + 1
    frames = math.ceil((pictures - 1) / PICTURES_PER_LATENT) + 1
    if frames > MAX_FRAMES:
        length_s, max_s = float(num_frames / fps), MAX_FRAMES * PICTURES_PER_LATENT / float(FPS)
        raise EngineError(
            f"shot {shot_id} lasts {length_s:g} s but nava films at most {max_s:.0f} s in one shot;"
            " cut it into shots or shorten it"
        )
    width, height = native_size(size)
    film_s = Fraction(PICTURES_PER_LATENT * (frames - 1) + 1) / FPS
    # L latents sound for (4 L - 3) / 100 s, a little less than L / 25: one more where the film would outlast them
    by_rule, by_film = math.ceil(film_s * AUDIO_LATENTS_PER_S), math.ceil((num_frames / fps * 100 + 3) / 4)
    return Grid(width_px=width, height_px=height, num_frames=frames, num_audio=max(by_rule, by_film))
