"""The synthesizer: every tone is a sum of partials, plus a little noise where hammers, bows and breath touch.

Partials follow closed forms (no feedback loops), so tuning is exact, nothing aliases (partials above `MAX_HZ` are not
played), and a note is a pure value. Sound is float32 [2, samples] at 48 kHz; control values come every `HOP` samples.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.music.theory import hz

Floats = NDArray[np.float64]
Samples = NDArray[np.float32]

HOP = 64
HOP_S = HOP / SAMPLE_RATE
MAX_HZ = 16_000.0
MEZZO_FORTE = 0.6
MEZZO_FORTE_DB = -24.0
DYNAMIC_RANGE_DB = 30.0
"""Level difference between velocity 0 and 1; orchestral instruments span 20 to 35 dB (Meyer, Acoustics, ch. 3)."""

_f32 = np.float32
_NOISE_SAMPLES = 1 << 17


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def add_partials(out, phase, ratios, offsets, amps) -> None:  # noqa: ANN001
    """out[c, t] += sum over p of amps[c, p, t] cos(2 pi (ratios[p] phase[t] + offsets[p])); phase in cycles per hop."""
    wave = np.empty(64, np.float32)
    for p in range(ratios.shape[0]):
        for k in range(phase.shape[0] - 1):
            loudest = _f32(0.0)
            for c in range(out.shape[0]):
                loudest = max(loudest, abs(amps[c, p, k]), abs(amps[c, p, k + 1]))
            if loudest < _f32(1e-5):
                continue
            begin = ratios[p] * phase[k] + offsets[p]
            step = _f32(ratios[p] * (phase[k + 1] - phase[k]) / 64)
            begin32 = _f32(begin - math.floor(begin))
            for i in range(64):
                x = begin32 + step * _f32(i)
                x = abs(x - np.floor(x + _f32(0.5))) - _f32(0.25)
                y = x * x
                # -sin(2 pi x) on a quarter turn: least squares on Chebyshev nodes, error 6e-7
                wave[i] = x * (_f32(-6.283164) + y * (_f32(41.33713) + y * (_f32(-81.34039) + y * _f32(70.98993))))
            for c in range(out.shape[0]):
                level = amps[c, p, k]
                slope = (amps[c, p, k + 1] - level) * _f32(1 / 64)
                for i in range(64):
                    out[c, k * 64 + i] += wave[i] * (level + slope * _f32(i))


@dataclass(frozen=True, kw_only=True, slots=True)
class Modes:
    """What rings after a blow or a pluck: frequencies, gains and two-stage decays of each mode [P]."""

    freq_hz: Floats
    gain: Floats
    decay_per_s: Floats
    slow_share: float = 0.0
    """Part of each mode that decays at `slow_ratio` of its rate: strings have two polarisations (Weinreich 1977)."""
    slow_ratio: float = 0.3
    beat_hz: float = 0.0
    """Beating of the fundamental's unison strings; partial p beats p times as fast."""
    beat_depth: float = 0.0
    attack_s: float = 0.002
    release_s: float = 0.5
    """Time the damper takes for 60 dB."""
    tremolo: tuple[float, float] = (0.0, 0.0)
    """Rate in Hz and depth 0..1 of the vibraphone's turning discs, left against right."""


def silence(duration_s: float) -> Samples:
    """Stereo zeros, a whole number of hops."""
    return np.zeros((2, HOP * max(1, math.ceil(duration_s / HOP_S))), np.float32)


def hop_times(out: Samples) -> Samples:
    """Times in seconds of the control points of `out`, both ends included."""
    return (np.arange(out.shape[1] // HOP + 1) * HOP_S).astype(np.float32)


def ring(modes: Modes, duration_s: float, rng: np.random.Generator) -> Samples:
    """The modes from their blow until they have died, damped after `duration_s`."""
    heard = (modes.freq_hz < MAX_HZ) & (modes.gain > 1e-4 * modes.gain.max())
    freq_hz, gain, decay = modes.freq_hz[heard], modes.gain[heard], modes.decay_per_s[heard].astype(np.float32)
    slowest = decay.min() * (modes.slow_ratio if modes.slow_share > 0.02 else 1.0)
    total_s = min(duration_s + modes.release_s, 7.5 / float(slowest) + modes.attack_s)
    out = silence(total_s)
    t = hop_times(out)
    damper = np.exp(np.maximum(t - _f32(duration_s), 0) * _f32(-6.9 / modes.release_s))
    attack = 1 - np.exp(-t / _f32(modes.attack_s / 2))
    envelope = np.exp(-decay[:, None] * t)
    if modes.slow_share:
        slow = np.exp(-decay[:, None] * _f32(modes.slow_ratio) * t)
        envelope = envelope * _f32(1 - modes.slow_share) + slow * _f32(modes.slow_share)
    envelope = envelope * (attack * damper * fade(t, total_s)) * gain[:, None].astype(np.float32)
    sides = rng.uniform(0.85, 1.15, (2, len(gain), 1)).astype(np.float32)
    if modes.beat_hz:
        rate = (2 * np.pi * modes.beat_hz * freq_hz / freq_hz[0] * rng.uniform(0.7, 1.3, len(gain))).astype(np.float32)
        start = rng.uniform(-0.9, 0.9, (2, len(gain), 1)).astype(np.float32)
        sides = sides * (1 + _f32(modes.beat_depth) * (np.cos(rate[:, None] * t + start) - 1))
    if modes.tremolo[1]:
        turn = np.sin(_f32(2 * np.pi * modes.tremolo[0]) * t + _f32(rng.uniform(0, 6.28)))
        sides = sides * (1 + _f32(modes.tremolo[1]) * np.stack((turn, -turn))[:, None, :])
    add_partials(out, t.astype(np.float64), freq_hz, np.full(len(freq_hz), -0.25), envelope[None] * sides)
    return out


def fade(t: Samples, end_s: float, length_s: float = 0.02) -> Samples:
    """Raised cosine down to zero at `end_s`, so that nothing ends with a click."""
    return (0.5 - 0.5 * np.cos(np.pi * np.clip((_f32(end_s) - t) / _f32(length_s), 0, 1))).astype(np.float32)


@lru_cache(maxsize=32)
def noise_loop(low_hz: float, high_hz: float) -> Samples:
    """Seamless noise of unit rms between two soft band edges (second order), [2, 2^17]; rotate it to draw another."""
    rng = np.random.default_rng([int(low_hz), int(high_hz)])
    spectrum = np.fft.rfft(rng.standard_normal((2, _NOISE_SAMPLES)))
    freq_hz = np.maximum(np.fft.rfftfreq(_NOISE_SAMPLES, 1 / SAMPLE_RATE), 1.0)
    spectrum *= 1 / (1 + (low_hz / freq_hz) ** 4) / (1 + (freq_hz / high_hz) ** 4)
    noise = np.fft.irfft(spectrum, _NOISE_SAMPLES)
    return (noise / np.sqrt(np.mean(noise**2))).astype(np.float32)


def add_noise(
    out: Samples, band_hz: tuple[float, float], envelope: NDArray[np.floating], rng: np.random.Generator
) -> None:
    """Add band-limited noise under an envelope given at the hops ([K + 1], its level is the rms)."""
    loop = noise_loop(*band_hz)
    turn = int(rng.integers(loop.shape[1]))
    heard = np.flatnonzero(envelope > 1e-5)
    if not len(heard):
        return
    first, last = max(0, int(heard[0]) - 1), min(len(envelope) - 1, int(heard[-1]) + 1)
    ramp = np.arange(HOP, dtype=np.float32) / _f32(HOP)
    start, change = envelope[first:last, None], np.diff(envelope[first : last + 1])[:, None]
    level = (start + change * ramp).astype(np.float32).ravel()
    noise = np.take(loop, np.arange(turn, turn + len(level)), axis=1, mode="wrap")
    out[:, first * HOP : last * HOP] += noise * level


def level_gain(velocity: float) -> float:
    """Linear level of a velocity: mezzo-forte is `MEZZO_FORTE_DB`."""
    return 10.0 ** ((MEZZO_FORTE_DB + DYNAMIC_RANGE_DB * (velocity - MEZZO_FORTE)) / 20.0)


def loudness_weight(freq_hz: Floats) -> Floats:
    """How much a partial counts for loudness: low ones less (the ISO 226 contours near 60 phon, simplified)."""
    return freq_hz**2 / (freq_hz**2 + 60.0**2)


def harmonics(pitch: float, most: int) -> tuple[Floats, Floats]:
    """Numbers 1.. and frequencies of the harmonics below `MAX_HZ`, at most so many."""
    count = max(1, min(most, int(MAX_HZ / hz(pitch))))
    numbers = np.arange(1, count + 1, dtype=np.float64)
    return numbers, numbers * hz(pitch)


def pan_gains(pan: float) -> Samples:
    """Gains [2, 1] of constant power for -1 (left) .. 1 (right); the centre keeps its level."""
    angle = (min(1.0, max(-1.0, pan)) + 1) * math.pi / 4
    return np.array([[math.cos(angle)], [math.sin(angle)]], np.float32) * _f32(math.sqrt(2))
