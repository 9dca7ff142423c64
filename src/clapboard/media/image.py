"""Single frames as RGB and as PNG."""

from pathlib import Path
from typing import Final, cast

import av
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray
from PIL import Image

from clapboard.media.codecs import BT709, LIMITED_RANGE
from clapboard.media.files import replacing
from clapboard.take import Frame

_EXACT: Final = (
    Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP | Interpolation.ACCURATE_RND
)


def to_rgb(frame: Frame) -> NDArray[np.uint8]:
    """uint8 I420 [height * 3 / 2, width] as uint8 RGB [height, width, 3], full range."""
    native = av.VideoFrame.from_ndarray(frame, format="yuv420p")
    native.colorspace, native.color_range = BT709, LIMITED_RANGE
    return cast(NDArray[np.uint8], native.reformat(format="rgb24", interpolation=_EXACT).to_ndarray())


def write_png(path: Path, frame: Frame) -> None:
    """The I420 frame as a PNG at `path`."""
    with replacing(path) as part:
        Image.fromarray(to_rgb(frame)).save(part, format="png", optimize=True)
