"""Offsets found without a plan, on clips whose offset is known, and none where there is none."""

import numpy as np
import pytest

from clapboard.engines.stage.curves import constant
from clapboard.engines.stage.sounds.beds import BEDS
from clapboard.quality.events import event_offset
from clapboard.quality.report import EventOffset
from quality.clips import FPS, bounces, flashes, outline, sounding

LENGTH_S = 10.0
CLIPS = {"flashes": flashes, "bounces": bounces, "pan": lambda seed: bounces(seed, pan_px=0.5)}


@pytest.fixture(scope="module")
def rain():
    return 0.3 * BEDS["rain_on_glass"].make(constant(0.5), 3)(0, 480_000)


@pytest.fixture(scope="module", params=CLIPS)
def clip(request):
    made = CLIPS[request.param](1)
    return made.events, made.novelty()


def heard_at(times_s, bed=None):
    return outline(sounding(list(times_s), LENGTH_S, bed))


@pytest.mark.parametrize(
    ("late_s", "verdict"),
    [(0, "in sync"), (0.1, "in sync"), (-0.1, "out of sync"), (0.15, "noticeable"), (0.25, "out of sync"),
     (-0.25, "out of sync"), (-0.07, "noticeable")],
)  # fmt: skip
def test_known_offsets_are_found(clip, rain, late_s, verdict):
    events, novelty = clip
    for bed in (None, rain):
        found = event_offset(novelty, FPS, heard_at((k / FPS + late_s for k in events), bed))
        assert found.verdict == verdict
        assert found.offset_ms == pytest.approx(1000 * late_s, abs=6)


def test_shuffled_sounds_are_undetermined(clip):
    events, novelty = clip
    gaps = np.diff(events, prepend=0)
    for seed in range(10):
        times = np.cumsum(np.random.default_rng(seed).permutation(gaps)) / FPS
        if not np.array_equal(times, np.array(events) / FPS):
            assert event_offset(novelty, FPS, heard_at(times)).verdict == "undetermined"


def test_other_sounds_are_undetermined(clip, rain):
    _, novelty = clip
    assert event_offset(novelty, FPS, outline(rain)).verdict == "undetermined"
    assert event_offset(novelty, FPS, outline(np.zeros((2, 480_000), np.float32))).verdict == "undetermined"
    assert event_offset(np.zeros(240), FPS, heard_at([1, 2, 3.3, 4, 5.1])).verdict == "undetermined"


def test_a_regular_beat_is_ambiguous():
    novelty = np.zeros(240)
    novelty[12::8] = 2
    times = np.flatnonzero(novelty) / FPS
    assert event_offset(novelty, FPS, heard_at(times)).verdict == "undetermined"


def test_too_few_events_are_undetermined():
    novelty = np.zeros(240)
    novelty[[20, 77, 150]] = 2
    found = event_offset(novelty, FPS, heard_at([20 / FPS, 77 / FPS, 150 / FPS]))
    assert found == EventOffset(verdict="undetermined")
