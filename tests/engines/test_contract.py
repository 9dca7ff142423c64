"""What every engine promises, whoever wrote it. `pytest tests/engines/test_contract.py -k yours`"""

import hashlib
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from clapboard import clock, engines
from clapboard.progress import silent
from clapboard.timeline import Action, Bed, Member, Music, Shot, Stem, Timeline

FPS, SIZE, FRAMES = Fraction(12), (96, 64), 6


def demand(engine) -> Timeline:
    """Half a second of the engine's first place with all its beds, and one thing of that place at its usual doing."""
    words = engine.vocabulary
    place = words.places[0]
    cast, actions = [], []
    for thing in (thing for thing in words.things if place.name in thing.places and thing.doings):
        does = thing.usual or next(iter(thing.doings))
        if not thing.doings[does].needs_onto:
            cast = [Member(id=thing.name, thing=thing.name, at=(*thing.places[place.name], None)[0])]
            actions = [Action(at_s=0.2, who=thing.name, does=does)]
            break
    beds = [Bed(bed=name) for name in place.beds]
    shot = Shot(id="s", duration_s=0.5, place=place.name, hour=place.hour, cast=cast, actions=actions, ambience=beds)
    music = Music(mood=next(iter(words.moods))) if words.moods else None
    return Timeline(fps=FPS, size=SIZE, shots=[shot], music=music)


@pytest.fixture(scope="module", params=engines.names())
def engine(request):
    return engines.load(request.param)


@pytest.fixture(scope="module")
def timeline(engine):
    return demand(engine)


@pytest.fixture(scope="module")
def take(engine, timeline):
    return engine.perform(timeline, seed=3, progress=silent)


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


def test_the_picture_has_the_asked_size_and_length(take, frames):
    picture = take.picture
    assert (picture.width_px, picture.height_px, picture.num_frames) == (*SIZE, FRAMES)
    assert len(frames) == FRAMES
    for frame in frames:
        assert frame.shape == (96, 96)
        assert frame.dtype == np.uint8
        assert frame.flags.c_contiguous


def test_a_frame_never_depends_on_the_range_it_was_asked_in(take, frames):
    for start, stop in [(5, 6), (2, 5), (0, 1), (3, 3), (1, 6)]:
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


def test_every_source_lies_within_the_picture_and_is_sound(take, timeline):
    assert set(take.stems) <= set(Stem)
    for _, source, samples in sounds(take.stems):
        assert 0 <= source.start <= source.start + source.length <= timeline.num_samples == 24_000
        assert samples.shape in {(1, source.length), (2, source.length)}
        assert samples.dtype == np.float32
        assert np.isfinite(samples).all()
        azimuth, distance_m = source.position(np.linspace(0, 0.5, 4))
        assert azimuth.shape == distance_m.shape == (4,)
        assert (distance_m > 0).all()


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
            assert 0 <= cue.seen_frame < FRAMES
            assert cue.heard_sample >= clock.first_sample(cue.seen_frame, timeline.fps)


def test_the_same_seed_gives_the_same_bytes(engine, timeline, take, frames):
    again = engine.perform(timeline, seed=3, progress=silent)
    assert digest(again.picture.frames(0, FRAMES), again.stems) == digest(frames, take.stems)
    assert again.cues == take.cues


@pytest.mark.parametrize("stem", list(Stem))
def test_a_stem_sounded_again_with_its_seed_is_the_same_stem(engine, timeline, take, stem):
    again = engine.resound(timeline, take.picture, stems=frozenset({stem}), seed=3, progress=silent)
    assert set(again) <= {stem}
    assert digest([], again) == digest([], {stem: take.stems.get(stem, ())})
