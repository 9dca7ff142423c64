import io
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from clapboard.errors import Cancelled, EngineError, MediaError
from clapboard.media.film import encode_sound, replace_sound, video_digest, write_film
from clapboard.media.probe import decode_sound, read_header, read_slate
from clapboard.progress import silent
from clapboard.sound.loudness import true_peak_dbtp
from clapboard.take import Cue, Master, Reel
from clapboard.timeline import Stem


def test_the_file_is_what_players_and_editors_expect(film_path):
    facts = read_header(film_path)
    assert (facts.video_codec, facts.video_profile, facts.pixel_format) == ("h264", "High", "yuv420p")
    assert (facts.color_range, facts.color_primaries, facts.color_transfer, facts.color_matrix) == (1, 1, 1, 1)
    assert (facts.audio_codec, facts.audio_profile, facts.audio_rate, facts.audio_channels) == ("aac", "LC", 48000, 2)
    assert facts.faststart
    assert not facts.fragmented
    assert facts.movie_timescale == 48000
    assert facts.video_duration_s == facts.audio_duration_s == facts.file_duration_s == 1
    assert facts.size_bytes == film_path.stat().st_size


def test_the_same_film_has_the_same_bytes(shoot, tmp_path, film_path):
    shoot().write(tmp_path / "again.mp4")
    assert (tmp_path / "again.mp4").read_bytes() == film_path.read_bytes()


def test_the_record_survives_long_prompts_of_any_script_and_many_cues(shoot, tmp_path):
    prompt = ("🎬 雨が窓に降る; 'quoted' \"twice\" \\ مطر\n\t👩‍👩‍👧 " * 400)[:10_000]
    shot = shoot(prompt=prompt)
    cues = tuple(
        Cue(label=f"drop {i} 💧", who="雨", stem=Stem.EFFECTS, seen_frame=i, heard_sample=4000 * i) for i in range(500)
    )
    slate = shot.slate.model_copy(update={"cues": cues})
    path = tmp_path / "film.mp4"
    write_film(path, shot.take.picture, encode_sound(shot.master), slate, progress=silent)
    assert read_slate(path) == slate


def test_new_sound_leaves_every_video_packet_as_it_was(shoot, tmp_path):
    shot = shoot(30, "23.976")
    old, new = tmp_path / "old.mp4", tmp_path / "new.mp4"
    shot.write(old)
    tone = Reel(shot.timeline.num_samples)
    tone.write(0, np.full((2, shot.timeline.num_samples), 0.25, np.float32))
    sound = encode_sound(master(tone))
    slate = shot.slate.model_copy(update={"engine": "another"})
    digest = video_digest(old)
    replace_sound(old, new, sound, slate)
    replace_sound(old, old, sound, slate)  # in place
    assert video_digest(new) == video_digest(old) == digest
    assert new.read_bytes() == old.read_bytes()
    header = read_header(new)
    assert (header.video_start_s, header.audio_start_s, header.fps) == (0, 0, shot.timeline.fps)
    assert read_slate(new) == slate
    heard = np.concatenate(list(decode_sound(new)), axis=1)
    assert heard.shape == (2, shot.timeline.num_samples)
    assert np.abs(heard[:, 5000:-5000] - 0.25).max() < 0.01


def test_the_digest_sees_one_other_pixel(shoot, tmp_path, film_path):
    shot = shoot()
    shot.take.picture._card[0, 0] ^= 255
    shot.write(tmp_path / "other.mp4")
    assert video_digest(tmp_path / "other.mp4") != video_digest(film_path)


def master(mix: Reel, ceiling_dbtp: float = -1.0) -> Master:
    return Master(
        num_samples=mix.length,
        stems={Stem.EFFECTS: mix},
        mix=mix,
        ceiling_dbtp=ceiling_dbtp,
        static_gain_db=0.0,
    )


def test_peaks_that_the_codec_raises_are_lowered_below_the_ceiling():
    mix = Reel(48000)
    square = np.sign(np.sin(np.arange(48000) * 2 * np.pi * 97 / 48000)) * 10 ** (-1 / 20)
    mix.write(0, np.stack([square, -square]).astype(np.float32))
    sound = encode_sound(master(mix))
    decoded = list(decode_sound(io.BytesIO(sound.mp4)))
    assert sum(block.shape[1] for block in decoded) == sound.num_samples == 48000
    assert sound.gain_db < 0
    assert true_peak_dbtp(decoded) == sound.true_peak_dbtp <= -1.0


def test_quiet_and_silent_sound_keeps_its_level():
    mix = Reel(24000)
    assert encode_sound(master(mix)).gain_db == 0
    assert encode_sound(master(mix)).true_peak_dbtp == -np.inf


def stop_at(frame, error):
    def progress(step):
        if step.done == frame:
            raise error

    return progress


@pytest.mark.parametrize("error", [Cancelled("stop"), KeyboardInterrupt(), RuntimeError("bug")])
def test_a_stopped_film_leaves_nothing_and_harms_no_older_one(shoot, tmp_path, error):
    shot, old = shoot(), tmp_path / "old.mp4"
    old.write_bytes(b"an older film")
    for path in (old, tmp_path / "new.mp4"):
        with pytest.raises(type(error)):
            shot.write(path, stop_at(7, error))
    assert [p.name for p in tmp_path.iterdir()] == ["old.mp4"]
    assert old.read_bytes() == b"an older film"


@pytest.mark.parametrize("part", [0.02, 0.5, 0.9, 0.999])
def test_a_full_disk_is_one_line_and_leaves_nothing(shoot, tmp_path, film_path, part):
    resource = pytest.importorskip("resource")
    shot, old = shoot(), tmp_path / "old.mp4"
    old.write_bytes(b"an older film")
    sound = encode_sound(shot.master)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(film_path.stat().st_size * part), hard))
    try:
        with pytest.raises(MediaError, match=r"^no space left to write \S*old\.mp4; free some space"):
            write_film(old, shot.take.picture, sound, shot.slate, progress=silent)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [p.name for p in tmp_path.iterdir()] == ["old.mp4"]
    assert old.read_bytes() == b"an older film"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_in_the_middle_leaves_nothing(tmp_path):
    script = """
import signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job starts with Ctrl-C ignored
sys.path.insert(0, sys.argv[2])
from conftest import shoot
def progress(step):
    print(step.done, flush=True)
shoot(3000, "24", size=(320, 240)).write(Path(sys.argv[1]), progress)
"""
    old = tmp_path / "old.mp4"
    old.write_bytes(b"an older film")
    run = subprocess.Popen(
        [sys.executable, "-c", script, str(old), str(Path(__file__).parent)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert run.stdout is not None
    while int(run.stdout.readline()) < 100:
        pass
    assert len(list(tmp_path.iterdir())) == 2  # the film so far has another name
    time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=30)
    assert b"KeyboardInterrupt" in errors
    assert [p.name for p in tmp_path.iterdir()] == ["old.mp4"]
    assert old.read_bytes() == b"an older film"


class Short:
    """A picture that breaks its promise."""

    width_px, height_px, num_frames = 64, 64, 5

    def __init__(self, shape, count):
        self.shape, self.count = shape, count

    def frames(self, start, stop):
        del start, stop
        for _ in range(self.count):
            yield np.zeros(self.shape, np.uint8)


@pytest.mark.parametrize(
    ("picture", "line"),
    [(Short((96, 64), 4), "gave 4 frames; it promised 5"), (Short((64, 64), 5), r"promised uint8 \(96, 64\)")],
)
def test_a_picture_that_breaks_its_promise_is_an_error(shoot, tmp_path, picture, line):
    shot = shoot(5)
    with pytest.raises(EngineError, match=line):
        write_film(tmp_path / "film.mp4", picture, encode_sound(shot.master), shot.slate, progress=silent)
    assert not list(tmp_path.iterdir())


def test_the_finest_rate_makes_a_film(shoot, tmp_path):
    shoot(5, "239760239/10000003").write(tmp_path / "film.mp4")
    assert [p.name for p in tmp_path.iterdir()] == ["film.mp4"]
