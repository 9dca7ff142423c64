"""From a Timeline to a film with the real networks at tiny size, from a folder laid out like the release."""

import wave
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from clapboard.errors import Cancelled, EngineError, InputError, MediaError, WeightsError
from clapboard.progress import silent
from clapboard.timeline import Retake, Stem, Timeline

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from clapboard import make, media  # noqa: E402
from clapboard.engines.bars import Bars  # noqa: E402
from clapboard.engines.nava import Nava  # noqa: E402
from clapboard.engines.nava.picture import cover, from_i420, to_i420, uncover  # noqa: E402
from clapboard.engines.nava.sampler import Options  # noqa: E402
from clapboard.engines.nava.settings import Settings  # noqa: E402
from engines.nava.tiny_release import forget_speaker, write_speaker  # noqa: E402

PLAN = """
prompt: 'A woman says "Good evening." while rain falls'
seed: 3
fps: 24
size: [64, 64]
shots:
  - {id: a, duration_s: 0.3, place: anywhere, lines: [{at_s: 0.1, who: woman, text: Good evening.}]}
  - {id: b, duration_s: 0.2, place: cave, curves: {rain: [[0, 1]]}}
"""


@pytest.fixture(scope="module")
def timeline():
    return Timeline.from_text(PLAN)


@pytest.fixture(scope="module")
def engine(release_folder, tmp_path_factory):
    return Nava(
        release_folder, Settings(options=Options(num_steps=3), device="cpu", takes=tmp_path_factory.mktemp("takes"))
    )


@pytest.fixture(scope="module")
def take(engine, timeline):
    return engine.perform(timeline, seed=3, progress=silent)


def heard(stems):
    return [source.render(source.start, source.start + source.length) for source in stems[Stem.EFFECTS]]


@pytest.mark.slow
def test_a_film_from_text_through_the_whole_system(release_folder, timeline, tmp_path, monkeypatch):
    monkeypatch.setenv("CLAPBOARD_NAVA", str(release_folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    steps = []
    film = make.render(timeline, tmp_path / "film.mp4", engine="nava", stems=tmp_path, progress=steps.append)
    frames = list(media.decode_frames(film.path))
    assert len(frames) == timeline.num_frames == 12
    assert frames[0].shape == (96, 64)
    assert sum(block.shape[1] for block in media.decode_sound(film.path)) == timeline.num_samples == 24_000
    assert np.ptp(frames[0][:64].astype(int)) > 50  # random weights, but a picture
    assert media.read_slate(film.path).engine == "nava"
    assert [item.text for item in film.timeline.unstaged] == ["curve rain"]
    sampled = [step for step in steps if step.stage == "sampling"]
    assert (sampled[-1].done, sampled[-1].total) == (100, 100)
    effects = media.read_wav(film.stems[Stem.EFFECTS])
    assert np.abs(effects).max() > 1e-3
    again = make.retake(film.path, tmp_path / "again.mp4", Retake(stem=Stem.EFFECTS), stems=tmp_path)
    assert media.video_digest(again.path) == media.video_digest(film.path)
    assert np.abs(media.read_wav(again.stems[Stem.EFFECTS]) - effects).max() > 1e-3


def test_frames_are_the_shots_in_order_and_no_range_changes_them(take):
    frames = list(take.picture.frames(0, 12))
    assert [frame.shape for frame in frames] == [(96, 64)] * 12
    assert all(np.array_equal(frame, frames[k]) for k, frame in enumerate(take.picture.frames(5, 9), 5))
    frames[3][:] = 0  # the caller's to keep
    assert next(take.picture.frames(3, 4)).any()
    sounds = heard(take.stems)
    assert [sound.shape for sound in sounds] == [(2, 14_000), (2, 10_000)]
    assert [source.start for source in take.stems[Stem.EFFECTS]] == [0, 14_000]


def test_another_rate_shows_the_nearest_pictures_and_the_same_sound_starts(engine, timeline):
    alone = timeline.change(shots=[timeline.shots[0].model_dump(mode="json")])
    at_24, at_48 = (engine.perform(alone.change(fps=fps), seed=3, progress=silent) for fps in ("24", "48"))
    frames, doubled = (list(t.picture.frames(0, t.picture.num_frames)) for t in (at_24, at_48))
    assert len(doubled) == 2 * len(frames)
    for k in range(len(frames)):
        assert np.array_equal(doubled[2 * k], frames[k])


def test_sound_again_with_its_seed_is_the_same_and_with_another_differs_under_the_same_picture(engine, timeline, take):
    stems = frozenset(Stem)
    same = engine.resound(timeline, take.picture, stems=stems, seed=3, progress=silent)
    assert all(np.array_equal(a, b) for a, b in zip(heard(same), heard(take.stems), strict=True))
    other = engine.resound(timeline, take.picture, stems=stems, seed=4, progress=silent)
    assert not np.allclose(heard(other)[0], heard(take.stems)[0], atol=1e-4)
    louder = timeline.change(prompt="piano")
    reworded = engine.resound(louder, take.picture, stems=stems, seed=3, progress=silent)
    assert not np.array_equal(heard(reworded)[0], heard(take.stems)[0])
    assert engine.resound(timeline, take.picture, stems=frozenset({Stem.MUSIC}), seed=9, progress=silent) == {}


def test_any_film_can_be_given_a_sound(engine, timeline):
    film = Bars().perform(timeline, seed=0, progress=silent).picture
    stems = engine.resound(timeline, film, stems=frozenset(Stem), seed=4, progress=silent)
    assert [sound.shape for sound in heard(stems)] == [(2, 14_000), (2, 10_000)]
    dark = Bars().perform(timeline.change(size=[96, 64]), seed=0, progress=silent).picture
    other = engine.resound(timeline.change(size=[96, 64]), dark, stems=frozenset(Stem), seed=4, progress=silent)
    assert not np.array_equal(heard(stems)[0], heard(other)[0])


def test_any_sound_can_be_given_a_picture(engine, timeline):
    rng = np.random.default_rng(0)
    sound = rng.normal(0, 0.1, (2, timeline.num_samples)).astype(np.float32)
    take = engine.illustrate(timeline, sound, seed=4, progress=silent)
    assert np.array_equal(heard(take.stems)[0], sound)
    quiet = engine.illustrate(timeline, sound * 0, seed=4, progress=silent)
    first, second = (next(t.picture.frames(7, 8)) for t in (take, quiet))
    assert not np.array_equal(first, second)
    with pytest.raises(InputError, match=r"\(2, 24000\)"):
        engine.illustrate(timeline, sound[:, 1:], seed=4, progress=silent)


def test_a_voice_changes_the_sound_and_a_missing_encoder_is_an_error(release_folder, engine, timeline, tmp_path):
    path = tmp_path / "anna.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes((np.random.default_rng(1).normal(0, 3000, 16_000)).astype("<i2").tobytes())

    def said_by(voice):
        line = {"at_s": 0.1, "who": "woman", "text": "Good evening.", "voice": voice}
        return timeline.change(shots=[timeline.shots[0].model_dump(mode="json") | {"lines": [line]}])

    with pytest.raises(WeightsError, match=r"redimnet.*remove the voice"):
        engine.perform(said_by(str(path)), seed=3, progress=silent)
    folder = tmp_path / "release"
    folder.mkdir()
    for entry in release_folder.iterdir():
        (folder / entry.name).symlink_to(entry)
    voiced = Nava(write_speaker(folder), Settings(options=Options(num_steps=3), device="cpu", takes=tmp_path / "takes"))
    sounds = [heard(voiced.perform(said_by(voice), seed=3, progress=silent).stems)[0] for voice in (None, str(path))]
    forget_speaker()
    assert np.abs(sounds[1] - sounds[0]).max() > 1e-5
    with pytest.raises(InputError, match="does not exist"):
        voiced.perform(said_by("nobody.wav"), seed=3, progress=silent)


def test_lines_and_the_rest_can_be_made_apart(release_folder, timeline, take, tmp_path):
    settings = Settings(options=Options(num_steps=3), device="cpu", takes=tmp_path, separate=True)
    engine = Nava(release_folder, settings)
    apart = engine.perform(timeline, seed=3, progress=silent)
    assert set(apart.stems) == {Stem.DIALOGUE, Stem.EFFECTS}
    assert np.array_equal(next(apart.picture.frames(0, 1)), next(take.picture.frames(0, 1)))
    again = engine.resound(timeline, apart.picture, stems=frozenset({Stem.DIALOGUE}), seed=3, progress=silent)
    assert again == {Stem.DIALOGUE: apart.stems[Stem.DIALOGUE]}
    other = engine.resound(timeline, apart.picture, stems=frozenset({Stem.DIALOGUE}), seed=4, progress=silent)
    assert set(other) == {Stem.DIALOGUE}
    speechless = timeline.change(prompt="rain", shots=[{"id": "s", "duration_s": 0.1, "place": "cave"}])
    assert set(engine.perform(speechless, seed=3, progress=silent).stems) == {Stem.EFFECTS}


@pytest.mark.slow
def test_a_take_is_remembered_by_all_that_decided_it(release_folder, timeline, tmp_path):
    steps, options = [], Options(num_steps=2)

    @cache
    def engine_of(options):
        return Nava(release_folder, Settings(options=options, device="cpu", takes=tmp_path / "takes"))

    def performed(seed=3, prompt=timeline.prompt, options=options):
        steps.clear()
        return engine_of(options).perform(timeline.change(prompt=prompt), seed=seed, progress=steps.append)

    first = performed()
    assert len(steps) == 4
    again = performed()
    assert steps == []
    assert all(np.array_equal(a, b) for a, b in zip(heard(first.stems), heard(again.stems), strict=True))
    assert np.array_equal(next(first.picture.frames(9, 10)), next(again.picture.frames(9, 10)))
    elsewhere = Nava(release_folder, Settings(options=Options(num_steps=2), device="cpu", takes=tmp_path / "others"))
    anew = elsewhere.perform(timeline, seed=3, progress=silent)
    assert all(np.array_equal(a, b) for a, b in zip(heard(first.stems), heard(anew.stems), strict=True))
    for another in (
        lambda: performed(seed=4), lambda: performed(prompt="piano"),
        lambda: performed(options=replace(options, solver="euler")),
    ):  # fmt: skip
        another()
        assert len(steps) == 4
    files = sorted((tmp_path / "takes").iterdir())
    assert len(files) == 4
    for file in files:
        file.write_bytes(file.read_bytes()[:100])
    performed()
    assert len(steps) == 4  # a damaged one is made again


def test_a_folder_that_cannot_keep_takes_is_told_before_the_work(release_folder, timeline, tmp_path):
    (tmp_path / "file").touch()
    engine = Nava(release_folder, Settings(device="cpu", takes=tmp_path / "file" / "takes"))
    with pytest.raises(MediaError, match="XDG_CACHE_HOME"):
        engine.perform(timeline, seed=0, progress=silent)


def test_it_is_cancelled_between_steps(engine, timeline):
    def stop(step):
        if step.done == 2:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        engine.perform(timeline, seed=77, progress=stop)


def test_what_it_cannot_film_is_told_before_anything_is_loaded(tmp_path, release_folder, timeline):
    long = timeline.change(shots=[{"id": "s", "duration_s": 30, "place": "anywhere"}])
    with pytest.raises(EngineError, match="shot s lasts 30 s"):
        Nava(release_folder).perform(long, seed=0, progress=silent)
    with pytest.raises(WeightsError, match="does not exist"):
        Nava(tmp_path / "nowhere").perform(timeline, seed=0, progress=silent)


def test_words_past_the_512_tokens_are_told(engine, timeline):
    wordy = timeline.change(prompt="rain " * 600, shots=[{"id": "s", "duration_s": 0.1, "place": "anywhere"}])
    take = engine.perform(wordy, seed=0, progress=silent)
    assert "512 tokens" in take.unstaged[0].reason
    assert take.unstaged[0].text.startswith("rain")


def test_colours_and_sizes_go_there_and_back():
    grey = torch.linspace(-1, 1, 32).expand(1, 3, 16, 32)
    frame = to_i420(grey)[0]
    assert frame[0, 0] == 16
    assert frame[0, -1] == 235
    assert (frame[16:] == 128).all()
    assert (from_i420(frame) - grey[0]).abs().max() < 0.01
    red = torch.tensor([1.0, -1.0, -1.0])[None, :, None, None].expand(1, 3, 16, 16)
    planes = to_i420(red)[0]
    assert planes[0, 0] == 63  # BT.709 red at full strength: Y 63, Cb 102, Cr 240
    assert set(planes[16:20].ravel()) == {102}
    assert set(planes[20:].ravel()) == {240}
    picture = torch.rand(1, 3, 36, 64) * 2 - 1
    assert torch.equal(cover(uncover(picture, (64, 64)), (64, 36)), picture)
    assert cover(picture, (128, 100)).shape == (1, 3, 100, 128)
    assert uncover(picture, (32, 32)).shape == (1, 3, 32, 32)
