"""Thunder, as it is made: every piece of a long crooked spark sounds at once, and is heard when its sound arrives.

Near, the nearest pieces come first and together, a crack; then the channel's far ends, a boom that rolls. Far, all of
it comes late, dull and spread out (Few 1969; Ribner and Roy 1982 on tortuous lightning).
"""

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.sounds.foley import Sound, scaled
from clapboard.engines.stage.sounds.spectra import db, shaped

SOUND_M_S = 340.0
LONGEST_S = 12.0

_SLOW_RATE = 12_000  # the roll holds nothing above a few kHz
_PIECE_M = 6.0
_PIECES = 2000  # 12 km of channel: the stroke to the ground and the branches within the cloud
_PATHS = 5
_BANDS_M = np.array([1000.0, 2500.0, 5000.0])

# Spectra of a piece's sound near and 8 km away: the N-wave of the spark, then what air and ground have taken from it.
_NEAR = ((15, -22), (30, -9), (60, -2), (120, 0), (300, -6), (1000, -16), (3000, -28), (5900, -40))
_FAR = ((15, -14), (30, -3), (50, 0), (90, -4), (180, -16), (500, -40), (1500, -80), (5900, -120))
_FAR_M = 8000.0


def peak_db(distance_m: float) -> float:
    """Peak of thunder: -5 dBFS up to 300 m, then 8 dB softer for each tenfold distance (in the open: 20)."""
    return -5.0 - 8.0 * np.log10(max(distance_m, 300.0) / 300.0)


def thunder(distance_m: float, seed: int) -> Sound:
    """Thunder of lightning `distance_m` away, float32 [n], up to 12 s; its first sample is the first arrival."""
    rng = np.random.default_rng([seed, 30])
    arrival_s, strength, range_m = _channel(rng, max(distance_m, 30.0))
    roll = _roll(rng, arrival_s, strength, range_m)
    t_s = np.arange(len(roll)) / SAMPLE_RATE
    build_s = 0.12 * (distance_m / 1000.0) ** 1.3  # turbulence smears what comes from far
    roll *= ((1 - np.exp(-t_s / max(build_s, 0.0005))) * np.exp(-t_s / 7.0)).astype(np.float32)
    roll *= np.clip((len(roll) / SAMPLE_RATE - t_s) / 2.5, 0, 1).astype(np.float32) ** 1.5
    roll = _levelled(roll)
    nearness = 1.0 / (1.0 + (distance_m / 450.0) ** 2)
    if nearness > 0.02:
        crack = _crack(rng, nearness)
        roll[: len(crack)] += crack * np.float32(1.2 * nearness**0.5)
    return scaled(roll, db(peak_db(distance_m)))


def _levelled(roll: Sound) -> Sound:
    """Peak 1, with the quiet parts brought up by a third of their decibels, as a recording of thunder would be."""
    block = SAMPLE_RATE // 20
    blocks = len(roll) // block
    loud = np.abs(roll[: blocks * block]).reshape(blocks, block).max(axis=1) / np.abs(roll).max()
    loud = np.convolve(np.pad(loud, 2, mode="edge"), np.full(5, 0.2), "valid")
    gain = (loud + 0.01) ** -0.35
    roll = roll * np.interp(np.arange(len(roll)), (np.arange(blocks) + 0.5) * block, gain).astype(np.float32)
    return roll / np.abs(roll).max()


def _channel(
    rng: np.random.Generator, distance_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Pieces of the spark: seconds after the first arrival, strength and range in metres, [pieces] each."""
    # A crooked way up: the heading wanders, and above the cloud base (1.5 km) it turns to run along the cloud.
    up = _PIECES // 4
    steep = np.concatenate([np.full(up, 1.35), rng.uniform(-0.15, 0.25, 1)[0] * np.ones(_PIECES - up)])
    tilt = steep + 0.5 * _walk(rng, _PIECES, 12) + 0.35 * rng.normal(size=_PIECES)
    course = rng.uniform(0, 2 * np.pi) + 0.9 * _walk(rng, _PIECES, 120)
    step = _PIECE_M * np.stack([np.cos(tilt) * np.cos(course), np.cos(tilt) * np.sin(course), np.sin(tilt)])
    place = np.cumsum(step, axis=1) + np.array([distance_m, 0.0, 0.0])[:, None]
    place[2] = np.abs(place[2])
    range_m = np.linalg.norm(place, axis=0)
    # A piece seen broadside is loud, one seen end on is not.
    broadside = 1 - np.abs((step * place).sum(axis=0)) / (_PIECE_M * range_m)
    # By the law of distance the nearest piece would drown the rest; the root keeps crack and roll in one recording.
    strength = broadside**1.5 * rng.gamma(0.7, 1.0, _PIECES) / range_m**0.5
    return (range_m - range_m.min()) / SOUND_M_S, strength, range_m


def _walk(rng: np.random.Generator, count: int, every: int) -> NDArray[np.float64]:
    points = count // every + 2
    return np.interp(np.arange(count) / every, np.arange(points), rng.normal(size=points))


def _roll(
    rng: np.random.Generator,
    arrival_s: NDArray[np.float64],
    strength: NDArray[np.float64],
    range_m: NDArray[np.float64],
) -> Sound:
    heard = arrival_s < LONGEST_S - 2.5
    last_s = min(LONGEST_S, float(arrival_s[heard].max()) + 2.5 + range_m.min() / 2500.0)
    length = int(last_s * SAMPLE_RATE)
    size = 1 << (int(last_s * _SLOW_RATE) - 1).bit_length()
    hz = np.maximum(np.fft.rfftfreq(size, 1 / _SLOW_RATE), 1.0)
    total = np.zeros(len(hz), np.complex64)
    bands = np.digitize(range_m, _BANDS_M)
    for band in np.unique(bands[heard]):
        chosen = heard & (bands == band)
        pulses = np.zeros(size, np.float32)
        # On its way a sound is split by turbulence into many that arrive some ms apart, the more the further.
        count = int(chosen.sum()) * _PATHS
        late_s = np.abs(rng.normal(size=count)) * np.repeat(0.003 + 1.5e-5 * range_m[chosen], _PATHS)
        at = ((np.repeat(arrival_s[chosen], _PATHS) + late_s) * _SLOW_RATE).astype(int)
        sign = rng.choice([-1.0, 1.0], count)
        np.add.at(pulses, np.minimum(at, size - 1), (np.repeat(strength[chosen], _PATHS) * sign).astype(np.float32))
        total += np.fft.rfft(pulses) * _air(hz, float(np.median(range_m[chosen])))
    total *= 1 + np.fft.rfft(_echo(rng, size, float(range_m.min())))
    ratio = SAMPLE_RATE // _SLOW_RATE
    spread = np.zeros(ratio * size // 2 + 1, np.complex64)
    spread[: len(total)] = total
    return np.fft.irfft(spread, ratio * size)[:length].astype(np.float32)


def _echo(rng: np.random.Generator, size: int, nearest_m: float) -> NDArray[np.float32]:
    """What hills, ground and layers of air send back; it fills the gaps between the pieces, the more the further."""
    lasting_s = 0.5 + 0.9 * min(1.0, nearest_m / 4000.0)
    t_s = np.arange(int(4 * lasting_s * _SLOW_RATE)) / _SLOW_RATE
    strength = (0.5 + 1.0 * min(1.0, nearest_m / 2500.0)) / np.sqrt(0.05 * _SLOW_RATE)
    sent = rng.standard_normal(len(t_s), np.float32) * strength * np.exp(-t_s / lasting_s) * (1 - np.exp(-t_s / 0.04))
    out = np.zeros(size, np.float32)
    out[: len(sent)] = sent[:size]
    return out


def _air(hz: NDArray[np.float64], range_m: float) -> NDArray[np.float32]:
    part = np.clip(np.log(range_m / 100.0) / np.log(_FAR_M / 100.0), 0.0, 1.0)
    curves = [
        np.interp(np.log2(hz), np.log2(points[:, 0]), points[:, 1]) for points in (np.array(_NEAR), np.array(_FAR))
    ]
    return (10 ** ((curves[0] * (1 - part) + curves[1] * part) / 20)).astype(np.float32)


def _crack(rng: np.random.Generator, nearness: float) -> Sound:
    """The tearing of the nearest channel: dense sharp snaps that thin out within half a second, peak 1."""
    length = int((0.25 + 0.45 * nearness) * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    snaps = np.zeros(length)
    count = int(60 + 240 * nearness)
    at = np.minimum(rng.exponential(0.055, count), 0.9 * length / SAMPLE_RATE)
    at[0] = 0.0
    np.add.at(snaps, (at * SAMPLE_RATE).astype(int), rng.pareto(1.6, count).clip(0.1, 4.0) * np.exp(-at / 0.12))
    snaps[0] = 4.0
    decay = np.exp(-np.arange(96) / 14.0) * rng.normal(size=96)
    decay[0] = 2.0
    torn = np.convolve(snaps, decay)[:length]
    hiss = shaped(rng, length, [(150, -6), (600, 0), (2500, -4), (8000, -12), (18000, -24)])
    out = torn / np.abs(torn).max() + 0.5 * hiss * np.exp(-t_s / 0.07)
    return (out * np.exp(-t_s / 0.16) / np.abs(out).max()).astype(np.float32)
