"""The promises, tried on many films of the stage. Small pictures, whole sound; slow."""

import hashlib
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from clapboard import make, media
from clapboard.director import Options
from clapboard.media.wav import read_wav
from clapboard.timeline import Retake, Stem

pytestmark = pytest.mark.slow

PROMPTS = (
    "rain on a night window, soft piano, far thunder",
    "A glass ball drops onto a wooden table at night while rain runs down the window; tense strings.",
    "a glass ball bounces on the table, no rain, no music",
    "heavy snow outside the window, a cat purrs beside a candle, a kettle whistles at four seconds, close-up, handheld",
    "Dusk at the ocean coast: a sailing boat passes the lighthouse, three gulls cry, calm strings",
    "a storm at sea at night, near thunder, the buoy rings twice, epic choir and drums",
    "dawn fog over the coast, a foghorn, mysterious harp, slow pan left",
    "A campfire crackles by a mountain lake at night under the aurora; an owl hoots twice, then far thunder, no music.",
    "a snowy camp by the lake at day, the fire flares up, playful marimba and flute",
    "drizzle on the tent by the lake at dusk, melancholy cello building to a crescendo",
)


def film_of(prompt, folder, **options):
    chosen = {"duration_s": 6.0, "size": (160, 90)} | options
    return make.generate(prompt, folder / "film.mp4", options=Options(**chosen), stems=folder)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_every_film_passes_its_report(prompt, tmp_path):
    film = film_of(prompt, tmp_path)
    report = film.report
    assert report.passed, report.problems
    assert report.frames_decoded == 144
    assert report.samples_decoded == 288_000
    assert report.loudness_lufs == pytest.approx(-14, abs=0.5)
    assert report.sound.true_peak_dbtp is not None
    assert report.sound.true_peak_dbtp <= -1
    assert report.picture.black_frames == report.picture.frozen_frames == 0
    mix = read_wav(tmp_path / "film.mix.wav")
    assert np.abs(sum(read_wav(film.stems[stem]) for stem in Stem) - mix).max() < 10 ** (-90 / 20)


@pytest.mark.parametrize("prompt", [p for p in PROMPTS if "ball" in p or "crackles" in p or "buoy" in p])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_impact_is_on_its_frame(prompt, seed, tmp_path):
    film = film_of(prompt, tmp_path, seed=seed, fps=Fraction(24000, 1001))
    slate = media.read_slate(film.path)
    # first differences: a strike is bright, what it may ring over (thunder) is not
    effects = np.abs(np.diff(read_wav(film.stems[Stem.EFFECTS]), prepend=0)).max(0)
    impacts = [cue for cue in slate.cues if cue.impact]
    assert impacts
    for cue in impacts:
        start = cue.heard_sample
        rise = effects[start - 96 : start + 240]
        before = effects[max(0, start - 480) : start - 96].max(initial=0)
        assert rise.max() > 1.5 * before, f"{cue.label} at {start} does not rise"
        onset = int(np.argmax(rise >= 0.5 * rise.max())) - 96
        assert abs(onset) <= 96, f"{cue.label} starts {onset / 48:.1f} ms away"
    for cue in film.report.cues:
        if cue.impact and cue.error_ms is not None:
            assert abs(cue.error_ms) <= 10, cue


@pytest.mark.parametrize("master", ["apple", "broadcast-eu", "broadcast-us", "off"])
def test_every_preset_is_met(master, tmp_path):
    film = film_of(PROMPTS[4], tmp_path, master=master)
    assert film.report.passed, film.report.problems
    if film.report.sound.target_lufs is not None:
        assert film.report.loudness_lufs == pytest.approx(film.report.sound.target_lufs, abs=0.5)


@pytest.mark.parametrize("fps", ["10", "23.976", "29.97", "50", "59.94"])
def test_the_stage_keeps_exact_time_at_every_rate(fps, tmp_path):
    timeline = make.plan("a lighthouse at dusk", options=Options(duration_s=1.7, size=(96, 64)))
    timeline = timeline.change(fps=fps)
    report = make.render(timeline, tmp_path / "film.mp4").report
    assert (report.frames_decoded, report.samples_decoded) == (timeline.num_frames, timeline.num_samples)
    assert report.video_start_s == report.audio_start_s == 0


def test_two_processes_make_the_same_bytes(tmp_path):
    digests = set()
    for name in ("a.mp4", "b.mp4"):
        command = [sys.executable, "-m", "clapboard", "generate", PROMPTS[1], "-o", str(tmp_path / name)]
        subprocess.run([*command, "--seconds", "2", "--size", "200x112"], check=True, capture_output=True)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_a_whole_retake_and_a_mix_pass_their_reports(tmp_path):
    film = film_of(PROMPTS[1], tmp_path)
    digest = media.video_digest(film.path)
    again = make.retake(film.path, tmp_path / "again.mp4", Retake(note="short reverb, furnished room"))
    louder = make.mix(again.path, tmp_path / "louder.mp4", gains_db={Stem.EFFECTS: 6.0, Stem.MUSIC: None})
    for made in (again, louder):
        assert media.video_digest(made.path) == digest
        assert made.report.passed, made.report.problems
