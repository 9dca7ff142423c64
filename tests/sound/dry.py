"""Tiny synthetic sources for the desk's tests."""

import numpy as np

from clapboard.sound.loudness import LoudnessMeter
from clapboard.take import Source, fixed
from clapboard.timeline import Shot, Timeline

RATE = 48_000


def timeline(seconds=3.5, **fields):
    return Timeline(shots=[Shot(id="s", duration_s=seconds, place="nowhere")], seed=5, **fields)


def given(samples, start=0, **fields):
    """A source of these samples, float32 [channels, n]."""
    samples = np.atleast_2d(samples).astype(np.float32)
    return Source(
        name="given",
        start=start,
        length=samples.shape[1],
        render=lambda a, b: samples[:, a - start : b - start],
        **fields,
    )


def noise(seconds, level=0.05, *, seed=1, channels=1, start=0, **fields):
    rng = np.random.default_rng([seed])
    return given(rng.normal(0, level, (channels, int(seconds * RATE))), start, **fields)


def tone(seconds, level=0.1, *, freq_hz=440.0, start=0, **fields):
    t = np.arange(int(seconds * RATE)) / RATE
    return given(level * np.sin(2 * np.pi * freq_hz * t), start, **fields)


def hit(start, level=0.5, *, freq_hz=1200.0, tau_s=0.04, **fields):
    t = np.arange(RATE // 4) / RATE
    return given(level * np.cos(2 * np.pi * freq_hz * t) * np.exp(-t / tau_s), start, **fields)


def whole(reel):
    return reel.read(0, reel.length)


def integrated_lufs(blocks):
    meter = LoudnessMeter()
    for block in blocks:
        meter.feed(block)
    return meter.integrated_lufs()


def rms_db(samples):
    return 10 * np.log10(np.mean(np.square(samples.astype(np.float64))) + 1e-20)


def near(distance_m=1.0, azimuth=0.0):
    return fixed(azimuth, distance_m)
