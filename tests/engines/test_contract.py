"""What every engine promises, whoever wrote it. `pytest tests/engines/test_contract.py -k yours`"""

import hashlib
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from clapboard import clock, engines
from clapboard.progress import silent
from clapboard.sound import mix
from clapboard.timeline import Action, Bed, Member, Music, Shot, Stem, Timeline

SIZE, SHOT_S, SEED = (96, 64), 0.5, 3


def demand(engine) -> Timeline:
    """Half a second in each of the engine's places, where everything that may be there does its usual doing."""
    words = engine.vocabulary
    shots = []
    for place in words.places:
        cast, actions = [], []
        for thing in (thing for thing in words.things if place.name in thing.places):
            cast.append(Member(id=thing.name, thing=thing.name, at=(*thing.places[place.name], None)[0]))
            does = thing.usual or next((name for name, doing in thing.doings.items() if not doing.needs_onto), None)
            if does:
                actions.append(Action(at_s=0.2, who=thing.name, does=does))
        beds = [Bed(bed=name) for name in place.beds]
        shots.append(
            Shot(
                id=place.name,
                duration_s=SHOT_S,
                place=place.name,
                hour=place.hour,
                cast=cast,
                actions=actions,
                ambience=beds,
            )
        )
    music = Music(mood=next(iter(words.moods))) if words.moods else None
    return Timeline(seed=SEED, fps=Fraction(12), size=SIZE, shots=shots, music=music)


@pytest.fixture(scope="module", params=engines.names())
def engine(request, tmp_path_factory):
    if request.param not in {"nano", "nava"}:
        return engines.load(request.param)
    for package in ("diffusers", "torch"):
        found = pytest.importorskip(package, reason=f"nava needs {package}; pip install 'clapboard[nava]' to try it")
    found.set_num_threads(1)  # such small products are quickest on one
    if request.param == "nano":
        return engines.load("nano")
    # nava performs with its real networks at tiny size
    from clapboard.engines.nava import Nava
    from clapboard.engines.nava.sampler import Options
    from clapboard.engines.nava.settings import Settings
    from engines.nava.tiny_release import write_release

    weights, takes = write_release(tmp_path_factory.mktemp("release")), tmp_path_factory.mktemp("takes")
    return Nava(weights, Settings(options=Options(num_steps=2), device="cpu", takes=takes))


@pytest.fixture(scope="module")
def timeline(engine):
    return demand(engine)


@pytest.fixture(scope="module")
def take(engine, timeline):
    return engine.perform(timeline, seed=SEED, progress=silent)


@pytest.fixture(scope="module")
def frames(take):
    return list(take.picture.frames(0, take.picture.num_frames))


def sounds(stems):
    """(stem, source, all its samples) of every source."""
    return [(stem, s, s.render(s.start, s.start + s.length)) for stem in Stem for s in stems.get(stem, ())]


def digest(frames, stems):
    parts = [*frames, *(samples for _, _, samples in sounds(stems))]
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()


def test_it_says_who_it_is_and_what_it_knows(engine):
    assert engine.name in engines.names()
    assert engine.summary
    assert "\n" not in engine.summary
    assert engine.vocabulary.places


def test_the_picture_has_the_asked_size_and_length(take, timeline, frames):
    picture = take.picture
    assert (picture.width_px, picture.height_px, picture.num_frames) == (*SIZE, timeline.num_frames)
    assert len(frames) == timeline.num_frames == 6 * len(timeline.shots)
    for frame in frames:
        assert frame.shape == (96, 96)
        assert frame.dtype == np.uint8
        assert frame.flags.c_contiguous


def test_a_frame_never_depends_on_the_range_it_was_asked_in(take, frames):
    last = len(frames)
    for start, stop in [(last - 1, last), (2, 5), (0, 1), (3, 3), (last // 2, last)]:
        again = list(take.picture.frames(start, stop))
        assert len(again) == stop - start
        for index, frame in enumerate(again, start):
            assert np.array_equal(frame, frames[index]), f"frame {index} differs in the range {start}..{stop}"


def test_frames_are_the_callers_to_keep(take):
    kept = []
    for frame in take.picture.frames(0, 3):
        kept.append((frame, frame.copy()))
    for frame, copy in kept:
        assert np.array_equal(frame, copy)


def test_every_source_gives_what_it_promises(take, timeline):
    assert set(take.stems) <= set(Stem)
    for _, source, samples in sounds(take.stems):
        assert source.start >= 0  # it may ring on past the end: the desk ends every stem with the picture
        assert samples.shape in {(1, source.length), (2, source.length)}
        assert samples.dtype == np.float32
        assert np.isfinite(samples).all()
        azimuth, distance_m = source.position(np.linspace(0, float(timeline.duration_s), 4))
        assert azimuth.shape == distance_m.shape == (4,)
        assert (distance_m > 0).all()


def test_mixed_stems_are_exactly_as_long_as_the_picture_and_add_up(take, timeline):
    master = mix(take.stems, timeline)
    length = timeline.num_samples
    assert master.num_samples == master.mix.length == length == 24_000 * len(timeline.shots)
    assert {reel.length for reel in master.stems.values()} <= {length}
    total = sum(reel.read(0, length).astype(np.float64) for reel in master.stems.values())
    assert np.abs(total - master.mix.read(0, length)).max() < 10 ** (-90 / 20)


def test_any_range_of_a_source_is_the_same_alone(take):
    for _, source, samples in sounds(take.stems):
        cuts = sorted({0, 1, source.length // 3, source.length // 2 + 7, source.length})
        for a, b in reversed(list(pairwise(cuts))):
            if b <= source.length:
                alone = source.render(source.start + a, source.start + b)
                assert np.array_equal(alone, samples[:, a:b]), f"{source.name} differs in {a}..{b}"


def test_cues_lie_within_the_film_and_are_heard_no_sooner_than_seen(take, timeline):
    for cue in take.cues:
        assert 0 <= cue.heard_sample < timeline.num_samples
        if cue.seen_frame is not None:
            assert 0 <= cue.seen_frame < timeline.num_frames
            assert cue.heard_sample >= clock.first_sample(cue.seen_frame, timeline.fps)


def test_the_same_seed_gives_the_same_bytes(engine, timeline, take, frames):
    again = engine.perform(timeline, seed=SEED, progress=silent)
    assert digest(again.picture.frames(0, timeline.num_frames), again.stems) == digest(frames, take.stems)
    assert again.cues == take.cues


@pytest.mark.parametrize("stem", list(Stem))
def test_a_stem_sounded_again_with_its_seed_is_the_same_stem(engine, timeline, take, stem):
    again = engine.resound(timeline, take.picture, stems=frozenset({stem}), seed=SEED, progress=silent)
    assert set(again) <= {stem}
    assert digest([], again) == digest([], {stem: take.stems.get(stem, ())})
