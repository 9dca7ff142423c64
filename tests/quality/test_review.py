"""The report of finished films: what it holds, what it finds wrong, and how it reads on a terminal."""

import json
import time
import tracemalloc

import numpy as np
import pytest

from clapboard import make, media
from clapboard.clock import SAMPLE_RATE
from clapboard.errors import MediaError
from clapboard.quality import Report, review
from clapboard.take import Cue
from clapboard.timeline import Stem, Timeline
from quality.clips import FPS, HEIGHT, WIDTH, sounding, write

KEYS = {
    "": [
        "file", "engine", "width_px", "height_px", "fps", "frames_planned", "frames_decoded", "samples_planned",
        "samples_decoded", "video_start_s", "audio_start_s", "length_difference_ms", "picture", "sound", "cues",
        "event_offset", "unstaged", "problems",
    ],
    "picture": ["black_frames", "frozen_frames", "longest_freeze", "mean_luma", "flicker"],
    "sound": ["loudness_lufs", "target_lufs", "true_peak_dbtp", "ceiling_dbtp", "clipped_samples", "silences"],
    "silences": ["from_s", "to_s"],
    "cues": ["label", "who", "stem", "planned_s", "impact", "error_ms"],
    "event_offset": ["verdict", "offset_ms", "significance_z"],
    "unstaged": ["text", "reason"],
    "problems": ["level", "text"],
}  # fmt: skip


def grainy(num_frames, level=90.0, seed=3):
    rng = np.random.default_rng(seed)
    return [np.clip(level + rng.normal(0, 3, (HEIGHT, WIDTH)), 16, 235) for _ in range(num_frames)]


def hit(at_s, impact=True, label="knock"):
    return Cue(label=label, who="hand", stem=Stem.EFFECTS, seen_frame=round(at_s * FPS), impact=impact,
               heard_sample=round(at_s * SAMPLE_RATE))  # fmt: skip


def texts(report, level):
    return [problem.text for problem in report.problems if problem.level == level]


def test_the_json_has_the_keys_that_programs_read(bars_film):
    body = json.loads(bars_film.report.model_dump_json())
    assert list(body) == KEYS[""]
    for name in ("picture", "sound", "event_offset"):
        assert list(body[name]) == KEYS[name]
    for name in ("cues", "unstaged"):
        assert body[name]
        assert all(list(item) == KEYS[name] for item in body[name])
    assert all(list(item) == KEYS["silences"] for item in body["sound"]["silences"])
    assert Report.model_validate(body) == bars_film.report


def test_a_test_card_is_in_sync(bars_film):
    report = bars_film.report
    assert report.passed
    assert report.problems == []
    assert (report.frames_decoded, report.samples_decoded) == (96, 4 * SAMPLE_RATE)
    assert [cue.planned_s for cue in report.cues] == [0, 1, 2, 3]
    assert np.abs([cue.error_ms for cue in report.cues]).max() <= 1
    assert report.picture.frozen_frames == report.picture.black_frames == 0


def test_flashes_and_beeps_are_in_sync_without_the_plan_too(tmp_path):
    plan = {"size": [96, 64], "shots": [{"id": "s", "duration_s": 8, "place": "test card"}]}
    film = make.render(Timeline.parse(plan), tmp_path / "bars.mp4", engine="bars")
    assert film.report.event_offset.verdict == "in sync"
    assert film.report.event_offset.offset_ms == pytest.approx(0, abs=6)


def test_the_lines_are_aligned_and_few(bars_film):
    lines = list(bars_film.report.lines())
    assert [line[:12].strip() for line in lines] == ["picture", "length", "sound", "sync", "unstaged"]
    assert all(line.startswith("  ") and line[11] == " " and line[12] != " " for line in lines)
    assert "96 frames, 192000 samples: as planned" in lines[1]
    assert "4 of 4 impacts heard" in lines[3]


def test_impacts_that_stray_are_loud(tmp_path):
    late = [1.0, 1.7, 2.5, 3.2, 4.1]
    cues = [hit(at_s) for at_s in late]
    path = write(tmp_path / "late.mp4", grainy(120), sounding([at_s + 0.03 for at_s in late], 5.0), cues)
    report = review(path)
    assert not report.passed
    assert [cue.error_ms for cue in report.cues] == pytest.approx([30] * 5, abs=1.5)
    (text,) = texts(report, "error")
    assert text.startswith("5 of 5 impacts are not heard where planned: knock at 1.00 s by +")
    assert text.endswith("and 2 more")
    lines = list(report.lines())
    assert any(line.startswith("  ERROR     5 of 5") for line in lines)
    assert lines[-1].startswith("  FAILED    1 error:")


def test_masked_and_soft_cues(tmp_path):
    cues = [hit(1.0), hit(2.0, impact=False, label="meow"), hit(3.0)]
    report = review(write(tmp_path / "film.mp4", grainy(96), sounding([1.0], 4.0), cues))
    assert report.passed
    assert [cue.error_ms is None for cue in report.cues] == [False, True, True]
    assert "1 of 2 impacts do not stand out in the sound: knock at 3.00 s" in texts(report, "warning")
    assert any(line.startswith("  warning   ") for line in report.lines())


def test_a_stem_that_is_off_has_no_errors(tmp_path):
    report = review(
        write(tmp_path / "film.mp4", grainy(48), sounding([1.0], 2.0), [hit(1.0)], mix={"off": ["effects"]})
    )
    assert report.cues[0].error_ms is None


def test_a_still_black_silent_film(tmp_path):
    report = review(write(tmp_path / "film.mp4", [16.0] * 72, np.zeros((2, 3 * SAMPLE_RATE), np.float32)))
    assert report.passed
    assert (report.picture.black_frames, report.picture.frozen_frames, report.picture.longest_freeze) == (72, 71, 71)
    assert report.sound.loudness_lufs is None
    assert texts(report, "warning") == [
        "the film is silent",
        "72 of 72 frames are black",
        "the picture stands still for 71 frames",
    ]
    assert "  sound     silent" in report.lines()


def test_a_strobe_and_full_scale_are_warned_of(tmp_path):
    noise = np.random.default_rng(1).uniform(-1, 1, (2, 2 * SAMPLE_RATE)).astype(np.float32)
    lumas = [frame + 40 * (k % 2) for k, frame in enumerate(grainy(48))]
    report = review(write(tmp_path / "film.mp4", lumas, noise))
    assert report.picture.flicker == pytest.approx(80, abs=3)
    assert report.picture.frozen_frames == 0
    assert any("flickers" in text for text in texts(report, "warning"))
    assert (report.sound.true_peak_dbtp or 0) <= -1


def test_a_film_of_one_frame(tmp_path):
    report = review(write(tmp_path / "film.mp4", grainy(1), sounding([], 0.1)))
    assert report.frames_decoded == 1
    assert report.samples_decoded == SAMPLE_RATE // FPS


def test_foreign_files_have_no_report(tmp_path):
    path = tmp_path / "x.mp4"
    path.write_bytes(b"no film")
    with pytest.raises(MediaError):
        review(path)


def test_the_same_file_has_the_same_report(bars_film):
    assert review(bars_film.path) == review(bars_film.path) == bars_film.report


def test_progress_counts_the_frames(bars_film):
    steps = []
    review(bars_film.path, progress=steps.append)
    assert [(step.done, step.total) for step in steps] == [(k, 96) for k in range(1, 97)]


@pytest.mark.slow
def test_eight_seconds_at_720p_take_little_more_than_their_decoding(tmp_path):
    plan = {"shots": [{"id": "s", "duration_s": 8, "place": "test card"}]}
    path = make.render(Timeline.parse(plan), tmp_path / "film.mp4", engine="bars").path

    def least_s(work):
        times_s = []
        for _ in range(3):
            start_s = time.perf_counter()
            work()
            times_s.append(time.perf_counter() - start_s)
        return min(times_s)

    decoding_s = least_s(lambda: [frame.shape for frame in media.decode_frames(path)])
    assert least_s(lambda: review(path)) < 8 * decoding_s  # 1.6 when nothing else runs


@pytest.mark.slow
def test_memory_does_not_grow_with_the_film(tmp_path):
    peaks = []
    for seconds in (8, 120):
        plan = {"fps": 10, "size": [320, 180], "shots": [{"id": "s", "duration_s": seconds, "place": "test card"}]}
        path = make.render(Timeline.parse(plan), tmp_path / f"{seconds}.mp4", engine="bars").path
        tracemalloc.start()
        review(path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 8e6
