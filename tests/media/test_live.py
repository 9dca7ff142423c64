import io
import os
import threading
from pathlib import Path

import av
import numpy as np
import pytest
from av.error import InvalidDataError

from clapboard import clock
from clapboard.engines.bars import BEEP_PEAK, flash_frames
from clapboard.errors import Cancelled, EngineError, MediaError
from clapboard.media.live import stream_film
from clapboard.media.probe import decode_frames, decode_sound, read_header, read_slate
from clapboard.progress import silent


class Pipe:
    """A reader that cannot seek."""

    def __init__(self, data):
        self._file = io.BytesIO(data)

    def read(self, size):
        return self._file.read(size)


class Notes(io.BytesIO):
    """Notes how many frames were done at each write."""

    done = 0

    def __init__(self):
        super().__init__()
        self.writes = []

    def write(self, data):
        self.writes.append((self.done, len(data)))
        return super().write(data)

    def progress(self, step):
        self.done = step.done


def stream(shot, out, progress=silent, blocks=None):
    sound = blocks or shot.master.mix.blocks(5000)
    stream_film(out, shot.take.picture, sound, shot.slate, progress=progress)


@pytest.mark.parametrize(("num_frames", "fps"), [(60, "24"), (1, "60"), (50, "23.976"), (4, "0.5")])
def test_a_stream_decodes_to_the_planned_frames_and_samples(shoot, tmp_path, num_frames, fps):
    shot, out, path = shoot(num_frames, fps), io.BytesIO(), tmp_path / "live.mp4"
    stream(shot, out)
    path.write_bytes(out.getvalue())
    header, timeline = read_header(path), shot.timeline
    assert header.fragmented
    assert (header.video_start_s, header.audio_start_s, header.fps) == (0, 0, timeline.fps)
    luma = [frame[: header.height_px].mean() for frame in decode_frames(path)]
    assert len(luma) == num_frames
    flashes = [index for index, level in enumerate(luma) if level > 225]
    assert flashes == flash_frames(timeline)
    sound = np.concatenate(list(decode_sound(path)), axis=1)[0]
    assert len(sound) == timeline.num_samples
    for frame in flashes[1:]:  # the first 1024 samples fade in
        first = clock.first_sample(frame, timeline.fps)
        assert np.abs(sound[first - 480 : first - 48]).max() < BEEP_PEAK / 2
        assert np.abs(sound[first : first + 48]).max() > BEEP_PEAK / 2
    assert read_slate(path) == shot.slate


def test_fragments_leave_while_later_frames_are_still_to_be_rendered(shoot):
    out = Notes()
    stream(shoot(96, "24"), out, out.progress)
    assert out.writes[0][0] <= 2  # the header, at once
    sent = [done for done, _ in out.writes]
    assert max(np.diff(sent)) <= 24  # nothing is held back longer than a second


def test_every_beginning_of_a_stream_plays(shoot):
    shot, out = shoot(96, "24"), io.BytesIO()
    stream(shot, out)
    data = out.getvalue()
    for part, least in ((0.3, 12), (0.6, 36), (0.9, 72)):
        count = 0
        try:
            for _ in av.open(Pipe(data[: int(len(data) * part)]), "r").decode(video=0):
                count += 1
        except InvalidDataError:
            pass  # the packet that was cut
        assert count >= least


def test_a_reader_that_goes_away_cancels(shoot):
    read_end, write_end = os.pipe()
    reader = threading.Thread(target=lambda: (os.read(read_end, 3000), os.close(read_end)))
    reader.start()
    with pytest.raises(Cancelled, match="the reader"), os.fdopen(write_end, "wb", buffering=0) as out:
        stream(shoot(2000, "24"), out)
    reader.join()


def test_sound_of_another_length_is_an_error(shoot):
    with pytest.raises(EngineError, match="48000"):
        stream(shoot(), io.BytesIO(), blocks=iter([np.zeros((2, 47999), np.float32)]))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full is Linux's")
def test_a_full_disk_behind_the_stream_is_one_line(shoot):
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(MediaError, match="cannot write the stream: No space left"),
    ):
        stream(shoot(), full)
