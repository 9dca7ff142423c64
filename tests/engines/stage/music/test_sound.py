"""The orchestra: notes in tune and at their level, ranges that join, an ending that dies before the film does."""

import threading
from itertools import pairwise

import numpy as np
import pytest

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.music import INSTRUMENTS, Note, compose, sources
from clapboard.engines.stage.music.cast import INSTRUMENT
from clapboard.engines.stage.music.theory import hz
from clapboard.timeline import Music


def level_db(sound: np.ndarray) -> float:
    return 20 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=np.float64))) + 1e-12)


def mix(music: Music, duration_s: float, seed: int = 7) -> np.ndarray:
    num_samples = round(duration_s * SAMPLE_RATE)
    score = compose(music, duration_s=duration_s, seed=seed)
    parts = sources(score, num_samples=num_samples, seed=seed)
    return np.sum([part.render(0, num_samples) * 10 ** (part.gain_db / 20) for part in parts], axis=0)


def play(name: str, pitch: float, velocity: float = 0.6, duration_s: float = 1.5) -> np.ndarray:
    note = Note(start_s=0, duration_s=duration_s, pitch=pitch, velocity=velocity, instrument=name)
    return INSTRUMENT[name].play(note, np.random.default_rng(1))


def middle(name: str) -> int:
    return 43 if name == "drum" else (INSTRUMENT[name].low + INSTRUMENT[name].high) // 2


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
def test_a_note_has_its_level_and_ends_silent(name: str):
    sound = play(name, middle(name))
    assert sound.dtype == np.float32 and sound.shape[0] == 2
    loud = sound[:, : int(0.4 * SAMPLE_RATE)] if not INSTRUMENT[name].sustained else sound[:, SAMPLE_RATE // 2 : 72_000]
    assert level_db(loud) == pytest.approx(-24, abs=4)
    assert np.abs(sound).max() < 0.5
    assert np.abs(sound[:, :2]).max() < 1e-3
    assert np.abs(sound[:, -2:]).max() < 1e-4


@pytest.mark.parametrize("name", sorted(set(INSTRUMENTS) - {"drum"}))
def test_a_note_is_in_tune_and_does_not_alias(name: str):
    pitch = middle(name)
    sound = play(name, pitch).mean(axis=0)[4800:76_800]
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 1 << 18)) ** 2
    freq_hz = np.fft.rfftfreq(1 << 18, 1 / SAMPLE_RATE)
    near = np.abs(np.log2(freq_hz.clip(1) / hz(pitch))) < 0.06
    cents = 1200 * np.log2(np.sum(freq_hz[near] * power[near]) / np.sum(power[near]) / hz(pitch))
    assert abs(cents) < 9
    assert np.sum(power[freq_hz > 17_000]) < 1e-6 * np.sum(power)


@pytest.mark.parametrize("name", ["felt piano", "piano", "strings", "guitar", "flute"])
def test_harder_is_louder_and_brighter(name: str):
    def centroid(sound: np.ndarray) -> float:
        power = np.abs(np.fft.rfft(sound[0, :24_000])) ** 2
        return float(np.sum(np.fft.rfftfreq(24_000, 1 / SAMPLE_RATE) * power) / np.sum(power))

    soft, hard = (play(name, 60, velocity)[:, :SAMPLE_RATE] for velocity in (0.25, 0.9))
    assert level_db(hard) > level_db(soft) + 10
    assert centroid(hard) > 1.05 * centroid(soft)


def test_any_range_is_the_same_bytes():
    score = compose(Music(mood="tender", instruments=["felt piano", "cello"]), duration_s=4.0, seed=3)
    length = 4 * SAMPLE_RATE
    for whole, again in zip(*(sources(score, num_samples=length, seed=3) for _ in range(2)), strict=True):
        expected = whole.render(0, length)
        assert expected.dtype == np.float32 and expected.shape == (2, length)
        edges = [0, 1, 1_000, 48_000, 65_535, 65_537, 131_073, length]
        spans = list(pairwise(edges))
        for begin, end in [spans[5], *spans, spans[2]]:
            np.testing.assert_array_equal(again.render(begin, end), expected[:, begin:end])
        assert again.render(500, 500).shape == (2, 0)


def test_threads_do_not_disturb_each_other():
    score = compose(Music(mood="calm", instruments=["harp"]), duration_s=6.0, seed=3)
    length = 6 * SAMPLE_RATE
    expected = sources(score, num_samples=length, seed=3)[0].render(0, length)
    (shared,) = sources(score, num_samples=length, seed=3)
    out = np.zeros_like(expected)

    def work(begin: int) -> None:
        out[:, begin : begin + 24_000] = shared.render(begin, begin + 24_000)

    threads = [threading.Thread(target=work, args=(begin,)) for begin in range(0, length, 24_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("duration_s", [1.0, 2.0, 8.0])
@pytest.mark.parametrize(("mood", "name"), [("calm", "soft piano"), ("tense", "strings"), ("dreamy", "bells")])
def test_the_ending_lands_and_dies(mood: str, name: str, duration_s: float):
    sound = mix(Music(mood=mood, instruments=[name]), duration_s)
    assert level_db(sound) > -36
    assert level_db(sound[:, -4_800:]) < (-50 if duration_s > 2 else level_db(sound) - 12)
    assert level_db(sound[:, -960:]) < -60
    assert np.abs(sound[:, -1]).max() < 1e-5
    assert np.abs(sound).max() < 0.7


def test_it_begins_softly_after_the_film():
    sound = mix(Music(mood="calm", instruments=["soft piano"]), 8.0)
    assert level_db(sound[:, : SAMPLE_RATE // 5]) < -70
    assert level_db(sound[:, SAMPLE_RATE // 2 : SAMPLE_RATE]) > -45


@pytest.mark.parametrize("mood", ["calm", "tense", "playful", "epic"])
def test_the_whole_is_near_minus_24_lufs(mood: str):
    """Plain power in place of K weighting: stereo at -24 LUFS is about -26.3 dB per channel; 3 dB either way."""
    sound = mix(Music(mood=mood), 12.0)[:, SAMPLE_RATE // 2 : 9 * SAMPLE_RATE]
    assert level_db(sound) == pytest.approx(-26.3, abs=3)


def test_level_is_handed_on_and_seeds_differ():
    music = Music(mood="calm", instruments=["guitar"], level_db=-7.0)
    score = compose(music, duration_s=2.0, seed=1)
    first, second = (sources(score, num_samples=96_000, seed=seed)[0] for seed in (1, 2))
    assert first.gain_db == -7.0
    assert not np.array_equal(first.render(0, 96_000), second.render(0, 96_000))


@pytest.mark.slow
def test_a_long_film_keeps_only_its_notes():
    """Two hours, a minute of it sounded: no array grows with the film."""
    score = compose(Music(mood="calm", instruments=["felt piano"]), duration_s=7200.0, seed=1)
    (part,) = sources(score, num_samples=7200 * SAMPLE_RATE, seed=1)
    last = part.render(7190 * SAMPLE_RATE, 7200 * SAMPLE_RATE)
    assert level_db(last[:, : 3 * SAMPLE_RATE]) > -50
    assert level_db(last[:, -480:]) < -60
    player = part.render.__self__  # type: ignore[attr-defined]
    for begin in range(3600, 3660, 2):
        part.render(begin * SAMPLE_RATE, (begin + 2) * SAMPLE_RATE)
    held = sum(array.nbytes for kept in (player._notes, player._dry, player._done) for array in kept._values.values())
    assert held < 30 << 20
