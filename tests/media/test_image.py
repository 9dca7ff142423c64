import numpy as np
import pytest
from PIL import Image

from clapboard.media.image import to_rgb, write_png


@pytest.mark.parametrize(
    ("yuv", "rgb"),
    [
        ((16, 128, 128), (0, 0, 0)),
        ((235, 128, 128), (255, 255, 255)),
        ((126, 128, 128), (128, 128, 128)),
        ((63, 102, 240), (255, 0, 0)),  # BT.709; the matrix of BT.601 would give another red
        ((32, 240, 118), (0, 0, 255)),
    ],
)
def test_colours_are_bt709(tmp_path, yuv, rgb):
    frame = np.empty((96, 32), np.uint8)
    frame[:64], frame[64:80], frame[80:] = yuv
    assert np.abs(to_rgb(frame) - np.array(rgb, int)).max() <= 2
    write_png(tmp_path / "a.png", frame)
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (32, 64)
        assert np.array_equal(np.asarray(image), to_rgb(frame))
