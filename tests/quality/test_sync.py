"""Planned cues found in the decoded sound: impacts over silence, rain and music, after AAC, shifted by known times."""

import io

import numpy as np
import pytest

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.curves import constant
from clapboard.engines.stage.sounds.beds import BEDS
from clapboard.engines.stage.sounds.foley import impact
from clapboard.media import decode_sound, encode_sound
from clapboard.quality.sync import CueMeter
from clapboard.take import Master, Reel
from quality.clips import blocks

MS = SAMPLE_RATE // 1000
HARD = [
    ("glass", "wood"),
    ("wood", "glass"),
    ("stone", "metal"),
    ("metal", "glass"),
    ("porcelain", "wood"),
    ("ice", "stone"),
]
SOFT = [
    ("cloth", "cloth"),
    ("earth", "shoe"),
    ("gravel", "shoe"),
    ("snow", "shoe"),
    ("water", "stone"),
    ("door", "knuckle"),
]
SHIFTS_MS = [0, 5, -5, 20, -20, 40, -40]


def codec(stereo):
    """The sound after a real AAC encoder and decoder."""
    reel = Reel(stereo.shape[1])
    reel.write(0, stereo)
    master = Master(num_samples=reel.length, stems={}, mix=reel,
                    ceiling_dbtp=-1.0, static_gain_db=0.0)  # fmt: skip
    return np.concatenate(list(decode_sound(io.BytesIO(encode_sound(master).mp4))), 1)


def bed(name, level, gain_db, num_samples):
    return BEDS[name].make(constant(level), 11)(0, num_samples) * np.float32(10 ** (gain_db / 20))


def chords(num_samples):
    """Plucked chords every 0.35 s: music with onsets of its own."""
    rng, t_s = np.random.default_rng(4), np.arange(SAMPLE_RATE) / SAMPLE_RATE
    out = np.zeros(num_samples + SAMPLE_RATE, np.float32)
    for start in range(0, num_samples, int(0.35 * SAMPLE_RATE)):
        for midi in rng.choice([48, 52, 55, 60, 64, 67], 3, replace=False):
            turns = 2 * np.pi * 440 * 2 ** ((midi - 69) / 12) * t_s
            pluck = (
                sum(np.sin(k * turns) / k**1.5 for k in range(1, 8)) * np.exp(-t_s / 0.4) * np.minimum(1, t_s / 0.008)
            )
            out[start : start + SAMPLE_RATE] += (0.05 * pluck).astype(np.float32)
    return np.tile(out[:num_samples], (2, 1))


def struck(pairs: list[tuple[str, str]], under, force=0.6, seconds=6):
    """(decoded sound, samples of its hits): a hit of each pair every 0.8 s or so over `under`."""
    rng = np.random.default_rng(8)
    stereo = under(seconds * SAMPLE_RATE).astype(np.float32)
    starts = [int((0.9 + 0.8 * k + rng.uniform(0, 0.05)) * SAMPLE_RATE) for k in range(int(seconds / 0.8) - 1)]
    for k, start in enumerate(starts):
        sound = impact(*pairs[k % len(pairs)], force=force, seed=k)[: stereo.shape[1] - start]
        stereo[:, start : start + len(sound)] += sound
    return codec(stereo), starts


def errors(decoded, starts, shift_ms=0):
    """Error of each cue when it was planned `shift_ms` before its hit; NaN where none is reported."""
    meter = CueMeter([start - shift_ms * MS for start in starts])
    for block in blocks(decoded):
        meter.feed(block)
    meter.finish()
    return np.array([meter.errors_ms[start - shift_ms * MS] for start in starts], float)


def silent(num_samples):
    return np.zeros((2, num_samples), np.float32)


CLEAR = {
    "silence": silent,
    "light rain": lambda n: bed("rain_on_glass", 0.3, -6, n),
    "soft rain": lambda n: bed("rain_on_glass", 0.6, -12, n),
    "waves": lambda n: bed("waves", 0.6, -12, n),
    "music": chords,
}


@pytest.mark.parametrize("under", CLEAR)
@pytest.mark.parametrize("pairs", [HARD, SOFT], ids=["hard", "soft"])
def test_clear_hits_are_found_within_2_ms(under, pairs):
    decoded, starts = struck(pairs, CLEAR[under])
    for shift_ms in SHIFTS_MS:
        found = errors(decoded, starts, shift_ms)
        assert np.isnan(found).sum() <= (0 if pairs is HARD else 1)
        assert np.nanmax(np.abs(found - shift_ms)) <= 2


@pytest.mark.parametrize(("level", "gain_db"), [(0.6, 0), (0.6, 12), (1.0, 3)])
def test_hits_under_rain_are_found_right_or_not_at_all(level, gain_db):
    decoded, starts = struck(HARD, lambda n: bed("rain_on_glass", level, gain_db, n), force=0.35)
    for shift_ms in (0, 20, -40):
        wrong = np.abs(errors(decoded, starts, shift_ms) - shift_ms) > 10
        assert not wrong.any()


def test_rain_alone_has_no_impacts():
    decoded = codec(bed("rain_on_glass", 0.6, 0, 10 * SAMPLE_RATE))
    found = errors(decoded, list(range(SAMPLE_RATE, 9 * SAMPLE_RATE, SAMPLE_RATE // 3)))
    assert np.isfinite(found).sum() <= 1


def test_bounces_that_follow_one_another_are_told_apart():
    gaps_s = [0.45 * 0.75**k for k in range(7)]
    starts = [SAMPLE_RATE + round(at * SAMPLE_RATE) for at in np.cumsum([0, *gaps_s])]
    stereo = bed("rain_on_glass", 0.3, -12, 4 * SAMPLE_RATE)
    for k, start in enumerate(starts):
        sound = impact("wood", "glass", 0.8 * 0.85**k, k)[: stereo.shape[1] - start]
        stereo[:, start : start + len(sound)] += sound
    decoded = codec(stereo)
    found = errors(decoded, starts)
    assert np.abs(found).max() <= 3  # and none is NaN


def test_hits_at_both_ends_of_the_film():
    sound = impact("wood", "wood", 0.6, 1)
    stereo = silent(2 * SAMPLE_RATE)
    stereo[:, : len(sound)] += sound[: 2 * SAMPLE_RATE]
    stereo[:, -2400:] += sound[:2400]
    found = errors(codec(stereo), [0, 2 * SAMPLE_RATE - 2400])
    assert np.abs(found).max() <= 2


def test_nothing_in_silence_and_nothing_past_the_end():
    meter = CueMeter([SAMPLE_RATE, 10 * SAMPLE_RATE])
    meter.feed(silent(2 * SAMPLE_RATE))
    meter.finish()
    assert meter.errors_ms == {SAMPLE_RATE: None, 10 * SAMPLE_RATE: None}


def test_the_size_of_blocks_changes_nothing():
    decoded, starts = struck(HARD, CLEAR["light rain"], seconds=4)
    several = []
    for size in (700, 1 << 15, 1 << 20):
        meter = CueMeter(starts)
        for block in blocks(decoded, size):
            meter.feed(block)
        meter.finish()
        several.append(meter.errors_ms)
    assert several[0] == several[1] == several[2]
