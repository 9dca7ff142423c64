"""The click-and-flash test: what was planned is what decodes, to the frame and to the sample."""

import numpy as np
import pytest

from clapboard import clock
from clapboard.engines.bars import BEEP_PEAK, flash_frames
from clapboard.media.probe import decode_frames, decode_sound, read_header

RATES = ["10", "12", "15", "16", "23.976", "24", "25", "29.97", "30", "48", "50", "59.94", "60"]
_PICK = np.random.default_rng(200)
PAIRS = [(int(_PICK.integers(1, 151)), str(_PICK.choice(RATES))) for _ in range(200)]
MILLISECOND = clock.SAMPLE_RATE // 1000


def beep_starts(mono):
    """Samples where the sound rises after a silence longer than a beep's period."""
    loud = np.flatnonzero(np.abs(mono) > BEEP_PEAK / 2)
    return loud[np.diff(loud, prepend=-clock.SAMPLE_RATE) > 5 * MILLISECOND]


def check(shoot, path, num_frames, fps):
    shot = shoot(num_frames, fps)
    shot.write(path)
    header, timeline = read_header(path), shot.timeline
    luma = [frame[: header.height_px].mean() for frame in decode_frames(path)]
    sound = np.concatenate(list(decode_sound(path)), axis=1)
    assert len(luma) == num_frames
    assert sound.shape == (2, round(num_frames * 48000 / timeline.fps))
    assert header.fps == timeline.fps
    assert header.video_start_s == header.audio_start_s == 0
    flashes = [index for index, level in enumerate(luma) if level > 225]
    assert flashes == flash_frames(timeline)
    beeps = beep_starts(sound[0])
    planned = [clock.first_sample(frame, timeline.fps) for frame in flashes]
    assert len(beeps) == len(planned)
    assert np.abs(beeps - planned).max() <= MILLISECOND


@pytest.mark.parametrize(("num_frames", "fps"), [(1, "60"), (1, "0.5"), (2, "240"), *PAIRS[:10]])
def test_flash_and_beep_decode_where_planned(shoot, tmp_path, num_frames, fps):
    check(shoot, tmp_path / "film.mp4", num_frames, fps)


@pytest.mark.slow
def test_flash_and_beep_decode_where_planned_for_200_lengths_and_rates(shoot, tmp_path):
    for num_frames, fps in PAIRS:
        check(shoot, tmp_path / "film.mp4", num_frames, fps)
