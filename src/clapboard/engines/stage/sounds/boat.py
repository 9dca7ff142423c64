"""A boat and the sea's signals: sail, halyard, hull; foghorn and bell buoy. Events, mono float32 [n]."""

import numpy as np

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.sounds.foley import Sound, impact, peak_gain, scaled
from clapboard.engines.stage.sounds.grains import bank, bubble, burst, ringing
from clapboard.engines.stage.sounds.kernels import scatter, voice
from clapboard.engines.stage.sounds.spectra import shaped

_FRAME = 128  # control values of the horn change this often


def sail_flap(force: float, seed: int) -> Sound:
    """Canvas that luffs: three to six heavy flaps, each a low whump with a crack where the cloth snaps tight."""
    rng = np.random.default_rng([seed, 10])
    flaps = int(rng.integers(3, 6 + round(2 * force)))
    gaps = rng.uniform(0.09, 0.2, flaps) / (0.7 + 0.6 * force)
    at = (np.concatenate([[0.0], np.cumsum(gaps)[:-1]]) * SAMPLE_RATE).astype(np.int64)
    grains = bank([_flap(rng) for _ in range(6)])
    gain = np.exp(-np.arange(flaps) / 3.0) * rng.uniform(0.6, 1.0, flaps)
    gain[0] = 1.0
    out = np.zeros((1, int(at[-1]) + grains.data.shape[1]), np.float32)
    scatter(out, grains.data, grains.lengths, at[None], rng.integers(0, 6, flaps), gain.astype(np.float32)[None])
    return scaled(out[0], peak_gain(force))


def _flap(rng: np.random.Generator) -> Sound:
    length = int(0.25 * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    whump = shaped(rng, length, [(50, -6), (110, 0), (260, -3), (700, -16), (2500, -34)])
    whump *= np.exp(-t_s / 0.045) * np.minimum(1, t_s / 0.004 + 0.2)
    cloth = shaped(rng, length, [(300, -16), (1200, 0), (3000, -3), (8000, -14), (16000, -28)])
    cloth *= 0.35 * np.exp(-t_s / 0.03) * np.minimum(1, t_s / 0.003 + 0.3)
    crack = burst(rng, 0.0015, [(600, -12), (2200, 0), (7000, -5), (16000, -18)])
    out = whump + cloth
    out[: len(crack)] += 1.6 * crack / np.abs(crack).max()
    return out.astype(np.float32)


def halyard(force: float, seed: int) -> Sound:
    """A rope slaps a hollow metal mast: one or two pings with a long tail."""
    rng = np.random.default_rng([seed, 11])
    ping = impact("mast", "rope", force, seed, size=rng.uniform(0.85, 1.1))
    if rng.random() < 0.5:
        again = int(rng.uniform(0.08, 0.22) * SAMPLE_RATE)
        second = np.zeros(again + len(ping), np.float32)
        second[: len(ping)] += ping
        second[again:] += 0.5 * ping
        ping = second
    return scaled(ping, peak_gain(force, -18.0))


def hull_slap(force: float, seed: int) -> Sound:
    """A small wave slaps the hull: a hollow wooden boom, a smack of water and bubbles that gurgle off."""
    rng = np.random.default_rng([seed, 12])
    length = int((0.6 + 0.4 * force) * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    boom_hz = np.array([72.0, 118.0, 171.0, 246.0]) * rng.uniform(0.92, 1.1)
    boom = ringing(boom_hz, np.array([0.075, 0.06, 0.045, 0.035]), np.array([1.0, 0.8, 0.6, 0.45]))[:length]
    smack = shaped(rng, length, [(120, -10), (400, 0), (1200, -2), (3500, -10), (12000, -30)])
    out = 0.42 * smack * np.exp(-t_s / 0.035) * np.minimum(1, t_s / 0.0005 + 0.4)
    out[: len(boom)] += 0.5 * boom / np.abs(boom).max()
    trickle = shaped(rng, length, [(300, -20), (900, -4), (2200, 0), (6000, -8), (14000, -26)])
    out += 0.05 * trickle * (1 - np.exp(-t_s / 0.06)) * np.exp(-t_s / 0.2)
    bubbles = bank([bubble(radius_mm, rng.uniform(0.05, 0.25)) for radius_mm in rng.uniform(1.5, 7.0, 20)])
    count = int(14 + 26 * force)
    late_s = np.minimum(rng.gamma(2.0, 0.09, count), 0.75 * length / SAMPLE_RATE)
    gain = (0.09 * rng.pareto(2.2, count).clip(0.2, 3.0) * np.exp(-late_s / 0.35)).astype(np.float32)
    mono = out.astype(np.float32)[None]
    at = (late_s * SAMPLE_RATE).astype(np.int64)
    scatter(mono, bubbles.data, bubbles.lengths, at[None], rng.integers(0, 20, count), gain[None])
    return scaled(mono[0], peak_gain(force))


def foghorn(seed: int, duration_s: float = 3.0, distance_m: float = 800.0) -> Sound:
    """A ship's or lighthouse's horn: a low reed of many partials that swells, holds and grunts off, dull from afar.

    Peaks near -12 dBFS at any distance: level with distance is the mix's work, dullness is the air's and done here.
    """
    rng = np.random.default_rng([seed, 13])
    length = int((duration_s + 0.6) * SAMPLE_RATE)
    frames = length // _FRAME + 2
    t_s = np.arange(frames) * _FRAME / SAMPLE_RATE
    base_hz = rng.uniform(92, 118)
    swell = np.clip(t_s / 0.12, 0, 1) ** 1.5 * np.clip((duration_s - t_s) / 0.08, 0, 1)
    grunt = np.exp(-np.maximum(duration_s - 0.25 - t_s, 0) / 0.1)  # the pressure falls at the end: pitch drops
    pitch_hz = base_hz * (1 - 0.05 * np.exp(-t_s / 0.1) - 0.12 * grunt)
    pitch_hz *= 1 + 0.004 * np.interp(t_s * 9, np.arange(60), rng.uniform(-1, 1, 60))
    partial = np.arange(1, 21)
    reed = partial**-0.7 * (1 + 0.8 * np.exp(-(((partial * base_hz - 520) / 180) ** 2)))
    dull = np.exp(
        -partial * base_hz * distance_m / 6e5
    )  # chosen so that at 800 m 2 kHz has lost 23 dB to air, ground and fog
    bright = (0.35 + 0.65 * swell)[:, None] ** (partial / 6.0)
    turns = np.cumsum(np.interp(np.arange(length), np.arange(frames) * _FRAME, pitch_hz)) / SAMPLE_RATE
    tone = voice(turns, (swell[:, None] * reed * dull * bright).astype(np.float32), _FRAME)
    breath = shaped(rng, length, [(80, -4), (200, 0), (600, -8), (2000, -26)])
    level = np.interp(np.arange(length), np.arange(frames) * _FRAME, swell)
    return scaled(tone + 0.02 * breath * level.astype(np.float32) * np.abs(tone).max(), peak_gain(0.6))


def bell_buoy(force: float, seed: int) -> Sound:
    """A bell buoy that the swell rings: hum, prime, minor tierce, quint, nominal (Fletcher and Rossing, ch. 21)."""
    rng = np.random.default_rng([seed, 14])
    prime_hz = 430.0
    ratio = np.array([0.5, 1.0, 1.19, 1.5, 2.0, 2.51, 2.66, 3.01, 4.1, 5.4])
    decay_s = np.array([1.6, 1.1, 0.9, 0.5, 0.8, 0.3, 0.3, 0.25, 0.18, 0.1])
    gain = np.array([0.45, 0.7, 0.8, 0.35, 1.0, 0.5, 0.5, 0.6, 0.45, 0.35]) * rng.uniform(0.6, 1.0, 10)
    doubled = np.repeat(prime_hz * ratio, 2) * np.tile([1.0, 1.0018], 10)  # a cast bell is never quite round
    tone = ringing(doubled, np.repeat(decay_s, 2), np.repeat(gain * (0.5 + force), 2) * np.tile([0.6, 0.4], 10))
    strike = burst(rng, 0.004, [(500, -14), (2500, 0), (7000, -6), (16000, -24)])
    out = tone[: int(5.0 * SAMPLE_RATE)] / np.abs(tone).max()
    out[: len(strike)] += 0.5 * strike / np.abs(strike).max()
    return scaled(out, peak_gain(force))
