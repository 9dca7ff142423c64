"""The story from Timeline to report, and everything that is made of a finished film."""

import hashlib

import numpy as np
import pytest

import clapboard
from clapboard import make, media
from clapboard.errors import InputError, MediaError
from clapboard.media.wav import read_wav
from clapboard.timeline import Retake, Stem, Timeline


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def decoded(path):
    return np.concatenate(list(media.decode_sound(path)), 1)


def test_a_film_has_what_was_planned(stage_film, stage_timeline):
    report = stage_film.report
    assert report.frames_decoded == stage_timeline.num_frames == 96
    assert report.samples_decoded == stage_timeline.num_samples == 192_000
    assert report.video_start_s == report.audio_start_s == 0
    assert report.passed, report.problems
    assert report.loudness_lufs == pytest.approx(-14, abs=0.5)
    assert report.sound.true_peak_dbtp <= -1


def test_the_stems_sum_to_the_mix(stage_film):
    stems = [read_wav(stage_film.stems[stem]) for stem in Stem]
    mix = read_wav(stage_film.path.with_name("film.mix.wav"))
    assert all(stem.shape == (2, 192_000) for stem in stems)
    residue = np.abs(sum(stems) - mix).max()
    assert 20 * np.log10(residue + 1e-12) < -90
    assert np.abs(stems[list(Stem).index(Stem.EFFECTS)]).max() > 0.01


def test_every_impact_is_heard_on_its_frame(stage_film):
    slate = media.read_slate(stage_film.path)
    impacts = [cue for cue in slate.cues if cue.impact]
    effects = np.abs(read_wav(stage_film.stems[Stem.EFFECTS])).max(0)
    assert len(impacts) >= 2
    for cue in impacts:
        around = effects[cue.heard_sample - 480 : cue.heard_sample + 480]
        onset = int(np.argmax(around > 0.5 * around[480:].max())) - 480
        assert abs(onset) <= 96, f"{cue.label} starts {onset / 48} ms away"
    found = [cue.error_ms for cue in stage_film.report.cues if cue.impact and cue.error_ms is not None]
    assert found
    assert max(map(abs, found)) <= 10


def test_the_same_timeline_gives_the_same_bytes(stage_film, stage_timeline, tmp_path):
    again = make.render(stage_timeline, tmp_path / "film.mp4")
    assert digest(again.path) == digest(stage_film.path)


def test_a_film_is_rendered_again_from_the_file_alone(stage_film, tmp_path):
    slate = media.read_slate(stage_film.path)
    again = make.render(slate.timeline, tmp_path / "film.mp4", engine=slate.engine)
    assert media.video_digest(again.path) == media.video_digest(stage_film.path)


@pytest.mark.parametrize("stem", [None, Stem.AMBIENCE, Stem.EFFECTS])
def test_a_retake_keeps_the_picture(stage_film, tmp_path, stem):
    again = make.retake(stage_film.path, tmp_path / "again.mp4", Retake(stem=stem), stems=tmp_path)
    assert media.video_digest(again.path) == media.video_digest(stage_film.path)
    assert again.report.passed, again.report.problems
    changed = read_wav(again.stems[stem or Stem.AMBIENCE])
    assert np.abs(changed - read_wav(stage_film.stems[stem or Stem.AMBIENCE])).max() > 1e-3
    assert len(again.timeline.retakes) == 1


def test_a_window_leaves_all_samples_outside_as_they_were(stage_film, tmp_path):
    window = Retake(stem=Stem.AMBIENCE, from_s=2.0, to_s=3.0, note="short reverb, furnished room")
    again = make.retake(stage_film.path, tmp_path / "again.mp4", window, stems=tmp_path)
    assert again.timeline.retakes[0].acoustics is not None
    for stem in Stem:
        before, after = read_wav(stage_film.stems[stem]), read_wav(again.stems[stem])
        assert np.array_equal(before[:, :96_000], after[:, :96_000])
        assert np.array_equal(before[:, 144_000:], after[:, 144_000:])
    ambience = [read_wav(film.stems[Stem.AMBIENCE])[:, 96_000:144_000] for film in (stage_film, again)]
    assert np.abs(ambience[0] - ambience[1]).max() > 1e-3


def test_retakes_add_up(stage_film, tmp_path):
    first = make.retake(stage_film.path, tmp_path / "a.mp4", Retake(stem=Stem.MUSIC))
    second = make.retake(first.path, tmp_path / "b.mp4", Retake(stem=Stem.AMBIENCE))
    assert [again.stem for again in second.timeline.retakes] == [Stem.MUSIC, Stem.AMBIENCE]
    assert len({again.seed for again in second.timeline.retakes}) == 2
    assert media.video_digest(second.path) == media.video_digest(stage_film.path)


def test_only_a_retake_that_names_no_seed_is_given_a_new_one(bars_film, tmp_path):
    film = bars_film
    for asked in (Retake(seed=2), Retake(), Retake(), Retake(seed=2)):
        film = make.retake(film.path, tmp_path / "again.mp4", asked)
    assert [again.seed for again in film.timeline.retakes] == [2, 1, 3, 2]


def test_a_mix_changes_the_balance_and_nothing_else(stage_film, tmp_path):
    quiet = make.mix(
        stage_film.path, tmp_path / "quiet.mp4", gains_db={Stem.MUSIC: None}, master="broadcast-eu", stems=tmp_path
    )
    assert media.video_digest(quiet.path) == media.video_digest(stage_film.path)
    assert quiet.report.loudness_lufs == pytest.approx(-23, abs=0.5)
    assert quiet.report.passed
    assert not read_wav(quiet.stems[Stem.MUSIC]).any()
    back = make.mix(quiet.path, tmp_path / "back.mp4", gains_db={Stem.MUSIC: 0.0}, master="web")
    assert back.timeline.mix.off == []
    assert np.abs(decoded(back.path) - decoded(stage_film.path)).max() < 1e-3


def test_a_film_may_be_mixed_onto_itself(stage_film, tmp_path):
    copy = tmp_path / "film.mp4"
    copy.write_bytes(stage_film.path.read_bytes())
    make.mix(copy, copy, gains_db={Stem.MUSIC: -6.0})
    assert media.read_slate(copy).timeline.mix.gains_db == {Stem.MUSIC: -6.0}


def test_a_window_outside_the_film_is_refused(stage_film, tmp_path):
    with pytest.raises(InputError, match="lasts 4 s"):
        make.retake(stage_film.path, tmp_path / "x.mp4", Retake(from_s=3, to_s=9))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"not a film", bytes(5000)])
def test_foreign_files_are_refused(tmp_path, content):
    source = tmp_path / "foreign.mp4"
    source.write_bytes(content)
    with pytest.raises(MediaError) as error:
        make.retake(source, tmp_path / "x.mp4", Retake())
    assert "\n" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["foreign.mp4"]


def test_a_truncated_film_is_refused(stage_film, tmp_path):
    source = tmp_path / "cut.mp4"
    source.write_bytes(stage_film.path.read_bytes()[:-5000])
    with pytest.raises(MediaError):
        make.retake(source, tmp_path / "x.mp4", Retake())


def test_an_unwritable_target_is_refused_before_the_work(stage_timeline, tmp_path):
    with pytest.raises(MediaError, match="does not exist"):
        make.render(stage_timeline, tmp_path / "missing" / "film.mp4")


def test_a_still_is_a_frame_of_the_film(stage_timeline, tmp_path):
    path = make.still(stage_timeline, tmp_path / "still.png", at_s=1.0)
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="outside the film"):
        make.still(stage_timeline, tmp_path / "late.png", at_s=4.0)


def test_the_page_stands_alone(stage_film, tmp_path):
    page = tmp_path / "page.html"
    make.report_page(stage_film.path, page)
    text = page.read_text()
    assert text.count("<svg") == 4  # effects, ambience, music, mix
    assert "data:image/jpeg;base64," in text
    assert "http" not in text


def test_the_public_names_are_there():
    assert all(getattr(clapboard, name) is not None for name in clapboard.__all__)
    assert clapboard.load_engine("bars").name == "bars"


def test_a_prompt_becomes_a_film(tmp_path):
    options = clapboard.Options(duration_s=1.0, size=(96, 64))
    film = clapboard.generate("a lighthouse at dusk, three gulls, a dragon", tmp_path / "film.mp4", options=options)
    assert film.report.frames_decoded == 24
    assert any("dragon" in item.text for item in film.report.unstaged)
    assert film.timeline.prompt.startswith("a lighthouse")


def test_a_film_cut_in_two_shots_has_no_gap(tmp_path):
    shots = [
        {"id": "a", "duration_s": 0.52, "place": "ocean_coast", "ambience": [{"bed": "waves"}]},
        {"id": "b", "duration_s": 0.61, "place": "lake_camp", "ambience": [{"bed": "waves"}]},
    ]
    film = make.render(Timeline.parse({"shots": shots, "size": [96, 64], "fps": 25}), tmp_path / "film.mp4")
    assert film.report.frames_decoded == 28
    sound = np.abs(decoded(film.path)).max(0)
    cut = 13 * 1920
    assert sound[cut - 480 : cut + 480].max() > 0.3 * sound.max() * 0.2
