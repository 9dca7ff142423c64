"""A Timeline performed by nano, with random networks of the real classes; the weights that ship are tried last."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from clapboard import engines, make, media  # noqa: E402
from clapboard.director import Options as Wishes  # noqa: E402
from clapboard.engines.nava.config import nano  # noqa: E402
from clapboard.engines.nava.nano import net, pictures, sounds  # noqa: E402
from clapboard.engines.nava.nano.performance import OPTIONS, WEIGHTS, Performer  # noqa: E402
from clapboard.errors import EngineError, InputError, WeightsError  # noqa: E402
from clapboard.media.wav import read_wav  # noqa: E402
from clapboard.progress import silent  # noqa: E402
from clapboard.timeline import Retake, Stem, Timeline  # noqa: E402

DRUM = {
    "id": "s1", "duration_s": 2.0, "place": "yard", "hour": "dusk", "cast": [{"id": "drum", "thing": "drum"}],
    "actions": [{"at_s": 1.0, "who": "drum", "does": "hit"}],
}  # fmt: skip


def film(*shots, **changes):
    return Timeline.parse({"size": [96, 64], "shots": list(shots or [DRUM])} | changes)


@pytest.fixture(scope="module")
def performer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    tiny = replace(nano(), dim=24, ffn_dim=32, num_heads=2, num_double_layers=1, num_single_layers=1, freq_dim=16)
    torch.manual_seed(0)  # the autoencoders draw their first weights from it
    net.save(net.fresh(tiny, 0), folder / "nano.safetensors")
    pictures.save(pictures.PictureCodec(), folder / "pictures.safetensors")
    sounds.save_sounds(sounds.SoundCodec(), folder / "sounds.safetensors", {})
    torch.set_num_threads(1)
    return Performer(folder, replace(OPTIONS, num_steps=2))


def samples(stems, stem):
    return [source.render(source.start, source.start + source.length) for source in stems[stem]]


@pytest.mark.parametrize(("fps", "size"), [("24", [96, 64]), ("30000/1001", [64, 114]), ("10", [162, 90])])
def test_frames_and_samples_are_as_planned(performer, fps, size):
    timeline = film(DRUM, DRUM | {"id": "s2", "duration_s": 1.2}, fps=fps, size=size)
    take = performer.perform(timeline, seed=1, progress=silent)
    frames = list(take.picture.frames(0, timeline.num_frames))
    assert len(frames) == take.picture.num_frames == timeline.num_frames
    assert {frame.shape for frame in frames} == {(size[1] * 3 // 2, size[0])}
    assert [np.array_equal(frame, frames[5 + k]) for k, frame in enumerate(take.picture.frames(5, 8))] == [True] * 3
    assert set(take.stems) == {Stem.EFFECTS, Stem.AMBIENCE}
    for sources in take.stems.values():
        assert sources[0].start == 0 and sources[-1].start + sources[-1].length == timeline.num_samples
        assert all(np.isfinite(x).all() and x.shape[0] == 1 for x in samples({"x": sources}, "x"))


def test_one_stem_again_leaves_picture_and_other_stem(performer):
    timeline = film()
    take = performer.perform(timeline, seed=1, progress=silent)
    again = performer.resound(timeline, take.picture, stems=frozenset({Stem.EFFECTS}), seed=2, progress=silent)
    assert set(again) == {Stem.EFFECTS}
    assert not np.array_equal(samples(again, Stem.EFFECTS)[0], samples(take.stems, Stem.EFFECTS)[0])
    assert performer.resound(timeline, take.picture, stems=frozenset({Stem.MUSIC}), seed=2, progress=silent) == {}


def test_sound_for_any_picture_and_a_picture_for_a_sound(performer):
    timeline = film(fps="12", size=[128, 72])
    other = engines.load("bars").perform(timeline, seed=0, progress=silent)
    stems = performer.resound(timeline, other.picture, stems=frozenset(Stem), seed=2, progress=silent)
    assert set(stems) == {Stem.EFFECTS, Stem.AMBIENCE}
    given = np.zeros((2, timeline.num_samples), np.float32)
    given[:, 24_000:24_500] = 0.2
    take = performer.illustrate(timeline, given, seed=3, progress=silent)
    assert np.array_equal(samples(take.stems, Stem.EFFECTS)[0], given)
    with pytest.raises(InputError, match=r"needs \(2, 96000\)"):
        performer.illustrate(timeline, given[:, :100], seed=3, progress=silent)


def test_what_it_cannot_do_is_said(performer):
    with pytest.raises(InputError, match="reuse_below=0"):
        Performer(options=replace(OPTIONS, reuse_below=0.1))
    with pytest.raises(EngineError, match=r"shot s1 lasts 5 s; nano films at most 4 s"):
        performer.perform(film(DRUM | {"duration_s": 5.0}), seed=0, progress=silent)
    spoken = DRUM | {"lines": [{"at_s": 0.5, "who": "drum", "text": "hello"}]}
    take = performer.perform(film(spoken, music={"mood": "calm"}), seed=0, progress=silent)
    assert [item.text for item in take.unstaged] == ["hello", "calm music"]


def test_a_prompt_gives_a_shot_that_it_can_film():
    engine = engines.load("nano")
    timeline = make.plan("a visitor knocks twice, then a car passes", engine="nano", options=Wishes())
    assert timeline.duration_s == 4.0 and not timeline.unstaged and not timeline.shots[0].camera.moves
    assert {member.thing for member in timeline.shots[0].cast} == {"visitor", "car"}
    assert {thing.name for thing in engine.vocabulary.things} >= {"drum", "stone", "rubber_ball", "thunder"}


def test_missing_weights_are_one_line(tmp_path):
    with pytest.raises(WeightsError, match="does not exist"):
        Performer(tmp_path)


@pytest.mark.slow
def test_the_shipped_weights_follow_the_timeline():
    """A drum and a knock are heard where they were asked for: the loudest instants of the stem, within 80 ms."""
    torch.set_num_threads(2)
    timeline = film(DRUM | {"actions": [DRUM["actions"][0] | {"at_s": 1.25}]})
    take = Performer().perform(timeline, seed=4, progress=silent)
    heard = np.abs(samples(take.stems, Stem.EFFECTS)[0][0])
    rises = np.diff(np.add.reduceat(heard**2, np.arange(0, len(heard), 480)))
    assert abs(rises.argmax() * 0.01 - 1.25) < 0.08
    assert heard.max() > 0.05


@pytest.mark.slow
def test_effects_again_leave_every_picture_and_the_ambience(tmp_path):
    torch.set_num_threads(2)
    timeline = film(mix={"master": "off", "duck_db": 0})  # these move a stem when another changes
    first = make.render(timeline, tmp_path / "a.mp4", engine="nano", stems=tmp_path / "a")
    second = make.retake(first.path, tmp_path / "b.mp4", Retake(stem=Stem.EFFECTS), stems=tmp_path / "b")
    assert media.video_digest(second.path) == media.video_digest(first.path)
    for stem in (Stem.AMBIENCE, Stem.EFFECTS):
        before, after = (read_wav(made.stems[stem]) for made in (first, second))
        assert np.array_equal(before, after) is (stem is Stem.AMBIENCE)
        assert np.abs(before).max() > 1e-4


def test_shipped_weights_are_small():
    assert sum(path.stat().st_size for path in WEIGHTS.glob("*.safetensors")) < 40e6
