import io
import struct

import av
import numpy as np
import pytest

from clapboard.errors import MediaError
from clapboard.media import boxes
from clapboard.media.film import video_digest
from clapboard.media.probe import decode_frames, decode_sound, read_header, read_slate


def test_frames_decode_as_they_were_drawn(shoot, film_path):
    shot = shoot()
    drawn = list(shot.take.picture.frames(0, 12))
    decoded = list(decode_frames(film_path))
    assert [frame.shape for frame in decoded] == [(96, 64)] * 12
    assert max(np.abs(a.astype(int) - b).mean() for a, b in zip(drawn, decoded, strict=True)) < 4


def test_sound_decodes_as_it_was_mixed(shoot, film_path):
    mixed = shoot().master.mix.read(0, 48000)
    decoded = np.concatenate(list(decode_sound(film_path)), axis=1)
    assert decoded.shape == (2, 48000)
    assert decoded.dtype == np.float32
    assert np.sqrt(np.mean((decoded - mixed) ** 2)) < 0.01 * np.abs(mixed).max()


READERS = [
    read_header,
    read_slate,
    video_digest,
    lambda path: list(decode_frames(path)),
    lambda path: list(decode_sound(path)),
]


@pytest.mark.parametrize("read", READERS)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path, film_path, read):
    data = film_path.read_bytes()
    missing, truncated, text, cut, folder, odd = (tmp_path / f"{name}.mp4" for name in "abcdef")
    odd.write_bytes(b"\0\0\0\2ftyp")  # a box shorter than its own header
    truncated.write_bytes(data[:-1000])
    cut.write_bytes(data[:300])
    text.write_text("not a film")
    folder.mkdir()
    for path, reason in [
        (missing, "No such file"),
        (truncated, "is truncated"),
        (cut, "is truncated"),
        (odd, "is truncated"),
        (text, "is not an MP4"),
        (folder, "cannot read"),
    ]:
        with pytest.raises(MediaError, match=reason) as caught:
            read(path)
        assert "\n" not in str(caught.value)


def test_damaged_media_is_one_line(tmp_path, film_path):
    data = bytearray(film_path.read_bytes())
    start = data.index(b"mdat") + 4
    data[start:] = np.random.default_rng(1).integers(0, 256, len(data) - start, np.uint8).tobytes()
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)
    with pytest.raises(MediaError, match="is damaged"):
        list(decode_frames(path))


def test_a_foreign_film_is_told_from_ours(tmp_path):
    path = tmp_path / "foreign.mp4"
    with av.open(path, "w") as output:
        stream = output.add_stream("mpeg4", rate=24, width=64, height=64, pix_fmt="yuv420p")
        output.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        output.mux(stream.encode(None))
    with pytest.raises(MediaError, match="was not made by Clapboard"):
        read_slate(path)
    with pytest.raises(MediaError, match="has no sound"):
        read_header(path)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"clapboard":1,', b'"clapboard":7,', "newer Clapboard"),
        (b'"seed":0,', b'"seed":x,', "is damaged"),
        (b'"fps":"12"', b'"fqs":"12"', "breaks the schema: .*fqs.* did you mean 'fps'"),
    ],
)
def test_a_record_that_cannot_be_used_says_why(tmp_path, film_path, old, new, reason):
    data = film_path.read_bytes()
    assert old in data
    path = tmp_path / "film.mp4"
    path.write_bytes(data.replace(old, new))
    with pytest.raises(MediaError, match=reason):
        read_slate(path)


def test_layout_is_read_from_boxes_of_any_size_field(tmp_path):
    ftyp = struct.pack(">I4s4s", 12, b"ftyp", b"isom")
    mvhd = struct.pack(">I4sB11xI", 24, b"mvhd", 0, 600)
    moov = struct.pack(">I4s", 8 + len(mvhd), b"moov") + mvhd
    mdat = struct.pack(">I4sQ", 1, b"mdat", 20) + b"data"
    path = tmp_path / "boxes.mp4"
    path.write_bytes(ftyp + mdat + moov)
    assert boxes.scan(path) == boxes.Layout(faststart=False, fragmented=False, movie_timescale=600)
    path.write_bytes(ftyp + moov + struct.pack(">I4s", 0, b"mdat") + b"until the end")
    assert boxes.scan(path).faststart


def test_sound_from_memory_is_the_sound_of_the_file(film_path):
    memory = io.BytesIO(film_path.read_bytes())
    for a, b in zip(decode_sound(memory), decode_sound(film_path), strict=True):
        assert np.array_equal(a, b)
