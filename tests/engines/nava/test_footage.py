"""Films of any format as pictures at given times and sound to the sample."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from clapboard.engines.nava import footage
from clapboard.errors import MediaError
from clapboard.media.codecs import SLATE_KEY
from engines.nava.tiny_films import Look, write_film

FORMATS = {
    "a.mp4": Look(),
    "b.mov": Look(fps=Fraction(30000, 1001), sample_rate=44_100),
    "c.mkv": Look(fps=Fraction(25), sound="flac"),
    "d.webm": Look(fps=Fraction(30), size=(128, 64), video="libvpx-vp9", sound="libopus"),
}


def times(count: int) -> list[Fraction]:
    return [Fraction(k, 24) for k in range(count)]


def red(picture_3HW) -> float:
    return (float(picture_3HW[0].mean()) + 1) / 2 * 255


@pytest.mark.parametrize("name", FORMATS)
def test_pictures_and_sound_of_every_format(name: str, tmp_path: Path):
    path, look = write_film(tmp_path / name, FORMATS[name]), FORMATS[name]
    facts = footage.probe(path)
    assert (facts.width_px, facts.height_px) == look.size
    assert facts.fps == look.fps and facts.duration_s == pytest.approx(1.1, abs=0.05)
    pictures = list(footage.pictures(path, times(200), (64, 64)))
    assert len(pictures) in (26, 27)  # 1.1 s, then it ends
    total = round(1.1 * look.fps)
    for k, picture in enumerate(pictures):
        assert picture.shape == (3, 64, 64)
        shown = min(round(k / 24 * look.fps), total - 1)
        assert red(picture) == pytest.approx(255 * shown / total, abs=8 + 255 / total / 2)
    green, blue = ((pictures[5][c] + 1) / 2 * 255 for c in (1, 2))
    assert float(green[10].mean()) == pytest.approx(200, abs=6) and float(green[50].mean()) == pytest.approx(0, abs=6)
    assert float(blue[50, :24].mean()) == pytest.approx(100, abs=6)
    sound = footage.Sound(path)
    samples = np.concatenate([sound.read(0, 30_000), sound.read(30_000, 50_000)], 1)
    loud = np.abs(samples[0]) > 0.05
    assert np.argmax(loud) < 100  # a codec may spread it over a millisecond
    assert 40_000 + np.argmax(loud[40_000:]) == pytest.approx(48_000, abs=100)
    assert not samples[:, 60_000:].any()


def test_sound_can_be_entered_anywhere(tmp_path: Path):
    path = write_film(tmp_path / "a.mp4", Look())
    whole = footage.Sound(path).read(0, 52_800)
    late = footage.Sound(path)
    assert np.array_equal(late.read(20_000, 500), whole[:, 20_000:20_500])
    assert np.array_equal(late.read(47_000, 2_000), whole[:, 47_000:49_000])


def test_a_turned_film_stands_upright(tmp_path: Path):
    path = write_film(tmp_path / "phone.mp4", Look(rotation=90))
    picture = next(footage.pictures(path, times(1), (64, 96)))
    assert picture.shape == (3, 96, 64)
    green = (picture[1] + 1) / 2 * 255  # a quarter turn against the clock: what was above is now at the left
    assert float(green[:, 2:20].mean()) == pytest.approx(200, abs=6)
    assert float(green[:, 44:62].mean()) == pytest.approx(0, abs=6)


def test_what_is_no_film_is_one_line(tmp_path: Path):
    with pytest.raises(MediaError, match="no sound"):
        footage.probe(write_film(tmp_path / "still.mp4", Look(tone_hz=0)))
    for junk in (b"", b"junk" * 100, (tmp_path / "still.mp4").read_bytes()[:900]):
        (tmp_path / "junk.mp4").write_bytes(junk)
        with pytest.raises(MediaError, match="cannot be read"):
            footage.probe(tmp_path / "junk.mp4")


@pytest.mark.parametrize(("codec", "kind"), [(b"V_MPEG4/ISO/AVC", "picture"), (b"A_AAC", "sound")])
def test_an_unknown_codec_is_one_line(tmp_path: Path, codec: bytes, kind: str):
    path = write_film(tmp_path / "odd.mkv", Look(seconds=0.3))
    path.write_bytes(path.read_bytes().replace(codec, codec[:2] + b"Z" * (len(codec) - 2)))
    with pytest.raises(MediaError, match=f"the codec of its {kind} is unknown"):
        footage.probe(path)


def test_the_key_of_the_slate_is_the_one_that_films_are_written_with():
    assert footage.SLATE_KEY == SLATE_KEY
