"""The picture's meter on films whose answers are known."""

import numpy as np
import pytest

from clapboard.quality.picture import PictureMeter
from quality.clips import FPS, bounces, flashes, grey


def metered(frames):
    meter = PictureMeter()
    for frame in frames:
        meter.feed(frame)
    return meter


def test_black_frames_are_counted_and_a_dark_picture_is_not_black():
    night = np.full((108, 192), 16.0)
    night[40:60, 40:60] = 90  # a lit window
    meter = metered([grey(16), grey(16), grey(night), grey(20), grey(120)])
    assert meter.black_frames == 3
    assert meter.num_frames == 5


def test_the_mean_is_of_the_luma_alone():
    assert metered([grey(100), grey(140)]).mean_luma == 120
    assert metered([]).mean_luma == 0


@pytest.mark.parametrize(
    ("levels", "frozen", "longest"),
    [
        ([50, 51, 52], 0, 0),
        ([50, 50, 50, 51, 51, 60], 3, 2),
        ([50] * 7, 6, 6),
        ([50, 60, 60, 60, 60], 3, 3),
        ([], 0, 0),
    ],
)
def test_frozen_runs(levels, frozen, longest):
    assert metered(grey(level) for level in levels).freezes() == (frozen, longest)


def test_grain_is_not_frozen():
    rng = np.random.default_rng(1)
    still = [grey(np.clip(60 + rng.normal(0, 0.6, (108, 192)), 16, 235)) for _ in range(5)]
    assert metered(still).freezes() == (0, 0)


def test_flicker_of_alternating_light_is_four_times_its_swing():
    assert metered(grey(110 if k % 2 else 90) for k in range(24)).flicker == 40
    assert metered(grey(100) for _ in range(24)).flicker == 0
    assert metered(grey(50 + k) for k in range(24)).flicker == 0  # a steady fade
    assert metered([grey(100), grey(50)]).flicker == 0


def test_a_flash_a_second_is_no_flicker():
    assert metered(grey(235 if k % 24 == 0 else 60) for k in range(96)).flicker == 0


@pytest.mark.parametrize("make", [flashes, bounces])
def test_events_stand_out_on_their_frame(make):
    clip = make(1)
    events = np.flatnonzero(clip.novelty() >= 1)
    assert len(events) >= 0.6 * len(clip.events)
    assert set(events) <= set(clip.events)


def test_steady_motion_has_no_events():
    """A camera that pans over a still picture for two seconds."""
    x = np.arange(192)[None, :] + np.zeros((108, 1))
    luma = [100 + 40 * np.sin((x + 2 * k) * 0.12) for k in range(2 * FPS)]
    assert (metered(grey(frame) for frame in luma).novelty(FPS) < 1).all()


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_the_shortest_films_have_no_events(count):
    novelty = metered(grey(60 + k) for k in range(count)).novelty(FPS)
    assert len(novelty) == count
    assert (novelty < 1).all()
