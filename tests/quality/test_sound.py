"""The sound's meter on sounds whose answers are known."""

import numpy as np
import pytest

from clapboard.clock import SAMPLE_RATE
from clapboard.quality.sound import CELL, SoundMeter
from quality.clips import blocks, outline


def metered(stereo, size=32_768):
    meter = SoundMeter()
    for block in blocks(stereo, size):
        meter.feed(block)
    meter.finish()
    return meter


def tone(level_dbfs, length_s, hz=997):
    t_s = np.arange(round(length_s * SAMPLE_RATE)) / SAMPLE_RATE
    return np.tile((10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hz * t_s)).astype(np.float32), (2, 1))


def test_a_tone_of_minus_23_dbfs_measures_minus_23_lufs():
    meter = metered(tone(-23, 4))
    assert meter.loudness_lufs == pytest.approx(-23.0, abs=0.1)  # EBU Tech 3341, case 1
    assert meter.true_peak_dbtp == pytest.approx(-23.0, abs=0.1)


def test_the_size_of_blocks_changes_nothing():
    sound = tone(-6, 1.003, hz=3001) * np.linspace(0.2, 1, round(1.003 * SAMPLE_RATE), dtype=np.float32)
    one, other = metered(sound, 1 << 17), metered(sound, 1000)
    assert one.num_samples == other.num_samples == round(1.003 * SAMPLE_RATE)
    assert one.loudness_lufs == pytest.approx(other.loudness_lufs, abs=1e-6)
    assert one.true_peak_dbtp == pytest.approx(other.true_peak_dbtp, abs=1e-5)
    np.testing.assert_array_equal(one.outline(), other.outline())


def test_a_peak_between_samples_is_seen():
    wave = 0.5 * np.sin(2 * np.pi * (np.arange(SAMPLE_RATE) + 0.5) / 4).astype(np.float32)
    wave[:48] *= np.linspace(0, 1, 48, dtype=np.float32)
    wave[-48:] *= np.linspace(1, 0, 48, dtype=np.float32)
    assert metered(np.tile(wave, (2, 1))).true_peak_dbtp == pytest.approx(-6.02, abs=0.2)  # its samples reach -9.03


def test_a_peak_on_the_last_sample_counts():
    sound = np.zeros((2, 5000), np.float32)
    sound[0, -1] = 0.5
    assert metered(sound).true_peak_dbtp == pytest.approx(-6.02, abs=0.01)


def test_silences_of_half_a_second_and_more_are_listed():
    sound = tone(-20, 5)
    sound[:, : SAMPLE_RATE // 2] = 0
    sound[:, 2 * SAMPLE_RATE : int(2.4 * SAMPLE_RATE)] = 0  # too short
    sound[:, int(3.5 * SAMPLE_RATE) :] *= 1e-4  # below -60 dBFS
    assert [(span.from_s, span.to_s) for span in metered(sound).silences()] == [(0, 0.5), (3.5, 5)]


def test_silence_has_no_levels():
    meter = metered(np.zeros((2, 3 * SAMPLE_RATE + 7), np.float32))
    assert meter.loudness_lufs is None
    assert meter.true_peak_dbtp is None
    assert [(span.from_s, span.to_s) for span in meter.silences()] == [(0, 3)]
    assert meter.clipped_samples == 0


def test_no_sound_at_all():
    meter = metered(np.zeros((2, 0), np.float32))
    assert meter.silences() == []
    assert meter.outline().shape == (2, 0)


def test_clipped_samples_are_counted_on_both_channels():
    sound = tone(-20, 1)
    sound[0, 100:103] = 1.0
    sound[1, 5000] = -1.0
    assert metered(sound).clipped_samples == 4


def test_the_outline_has_the_peak_of_each_cell_and_of_its_slope():
    sound = np.zeros((2, 10 * CELL + 5), np.float32)
    sound[1, 3 * CELL] = -0.25
    sound[0, 10 * CELL + 2] = 0.5
    level, slope = outline(sound)
    assert np.flatnonzero(level).tolist() == [3, 10]
    assert (level[3], level[10]) == (0.25, 0.5)
    assert (slope[3], slope[10]) == (0.25, 0.5)
