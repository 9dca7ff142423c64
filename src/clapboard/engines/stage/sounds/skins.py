"""Skins under tension: a drum under a felt mallet, and a big rubber ball that meets the ground.

samples = drum_hit(0.7, seed=3)      # float32 [n], 48 kHz, its first sample is the contact

A drum's skin is stretched over a frame and rings low and long; a ball's skin holds air that rings short and higher.
Levels are those of `foley.impact`.
"""

from typing import Final

import numpy as np

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.sounds.foley import Sound, peak_gain, scaled
from clapboard.engines.stage.sounds.spectra import shaped

_DRUM_HZ: Final = 112.0
"""Lowest mode of a hand drum of 45 cm; chosen more than an octave below the ball's, so that the two differ."""
_SKIN_RATIOS: Final = np.array([1.0, 1.594, 2.136, 2.296, 2.653, 2.918, 3.156, 3.501, 4.060, 4.601])
"""Modes of an ideal round membrane: zeros of Bessel functions over the first, 2.405 (Rayleigh, Theory of Sound)."""
_SKIN_GAINS: Final = np.array([1.0, 0.70, 0.48, 0.30, 0.26, 0.22, 0.17, 0.13, 0.10, 0.08])
"""Chosen: struck between the middle, where only every third mode answers, and the rim, which has no lowest one."""
_SKIN_DECAYS_S: Final = np.array([0.19, 0.16, 0.12, 0.10, 0.085, 0.07, 0.06, 0.05, 0.045, 0.04])
"""Seconds to 1/e; the lowest mode moves all of the air below it at once."""

_BALL_RATIOS: Final = np.array([1.0, 1.47, 2.09, 2.74, 3.6])
"""Bending of a thin inflated shell and the air inside it; chosen, between those of a membrane and of a tube."""
_BALL_HZ: Final = 330.0
"""Lowest of them for a play ball of 34 cm: the "pung" that tells it from a stone or a box."""
_BALL_DECAYS_S: Final = np.array([0.075, 0.050, 0.032, 0.020, 0.012])


def _modes(t_s: np.ndarray, turns: np.ndarray, ratios: np.ndarray, gains: np.ndarray, decays_s: np.ndarray) -> Sound:
    """Damped cosines and sines on the same bent clock: `turns` [n] are the lowest mode's. The higher begin sharper."""
    out = np.zeros(len(t_s))
    for k, (ratio, gain, decay_s) in enumerate(zip(ratios, gains, decays_s, strict=True)):
        start = 0.25 * np.pi if k % 2 else 0.0
        out += gain * np.exp(-t_s / decay_s) * np.sin(2 * np.pi * ratio * turns + start)
    return out.astype(np.float32)


def _slap(rng: np.random.Generator, length: int, decay_s: float, curve: list[tuple[float, float]]) -> Sound:
    """The contact: noise under a curve of (Hz, dB) that begins at full strength, peak 1."""
    noise = shaped(rng, length, curve) * np.exp(-np.arange(length) / (decay_s * SAMPLE_RATE))
    return (noise / np.abs(noise).max()).astype(np.float32)


def drum_hit(force: float, seed: int) -> Sound:
    """One stroke of a felt mallet on a hand drum; hard strokes begin higher, because they stretch the skin."""
    rng = np.random.default_rng([seed, 41])
    length = int(1.2 * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    bend = 0.05 + 0.14 * force
    turns = _DRUM_HZ * (t_s + bend * 0.05 * (1 - np.exp(-t_s / 0.05)))
    tilt = _SKIN_RATIOS ** (-0.9 * (0.6 - force))
    gains = _SKIN_GAINS * tilt * rng.uniform(0.8, 1.2, len(_SKIN_GAINS))
    detune = np.exp(rng.normal(0, 0.006, len(_SKIN_RATIOS)))
    out = _modes(t_s, turns, _SKIN_RATIOS * detune, gains, _SKIN_DECAYS_S * rng.uniform(0.9, 1.1))
    shell = _modes(t_s, t_s * 410, np.array([1.0, 1.52, 2.31]), np.array([0.12, 0.08, 0.05]), np.full(3, 0.018))
    felt = _slap(rng, length, 0.0035, [(90, -10), (350, 0), (1800, -3), (5000, -16), (14000, -36)])
    peak = float(np.abs(out).max())
    return scaled(out + shell + felt * (peak * (0.55 + 0.35 * force)), peak_gain(force))


def ball_bounce(force: float, seed: int) -> Sound:
    """A rubber ball of 34 cm hits hard ground: a slap, and the air in it that rings."""
    rng = np.random.default_rng([seed, 42])
    length = int(0.45 * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    hz = _BALL_HZ * float(np.exp(rng.normal(0, 0.012)))
    # Flattened on the ground the ball is stiffer: the pitch starts higher and falls within some 15 ms.
    turns = hz * (t_s + 0.30 * force * 0.015 * (1 - np.exp(-t_s / 0.015)))
    gains = np.array([1.0, 0.55, 0.42, 0.24, 0.14]) * _BALL_RATIOS ** (0.8 * (force - 0.6)) * rng.uniform(0.85, 1.15, 5)
    out = _modes(t_s, turns, _BALL_RATIOS, gains, _BALL_DECAYS_S)
    thump = 0.55 * np.cos(2 * np.pi * 105 * t_s) * np.exp(-t_s / 0.022)
    skin = _slap(rng, length, 0.0022, [(200, -14), (900, -2), (2600, 0), (6500, -10), (15000, -26)])
    return scaled(out + thump + skin * (0.7 + 0.4 * force), peak_gain(force))
