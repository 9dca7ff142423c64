"""Instruments that are struck or plucked once and then ring: keyboards, plucked strings, mallets, bells, drums.

Each is a function (note, rng) -> float32 [2, samples]. Numbers without a source were chosen by looking at spectrograms
and decays next to the ranges in Fletcher & Rossing, The Physics of Musical Instruments (2nd ed.); chapters are named.
"""

import math
from dataclasses import dataclass

import numpy as np

from clapboard.engines.stage.music import synth
from clapboard.engines.stage.music.score import Note
from clapboard.engines.stage.music.synth import Modes, Samples
from clapboard.engines.stage.music.theory import hz


@dataclass(frozen=True, kw_only=True, slots=True)
class Hammer:
    """How a piano is struck: `soft` has thick felt between hammer and strings, and its keys are heard."""

    corner_hz: float
    steepness: float
    attack_s: float
    knock_db: float
    decay_per_s: float
    """Of the fundamental at middle C, first stage: 10 dB a second on a grand, more on an upright."""
    air_decay: float
    """Extra decay per second and Hz: felt on the strings takes the treble away."""


GRAND = Hammer(corner_hz=750.0, steepness=1.1, attack_s=0.003, knock_db=-31.0, decay_per_s=1.15, air_decay=0.0005)
FELT = Hammer(corner_hz=330.0, steepness=1.35, attack_s=0.010, knock_db=-25.0, decay_per_s=1.7, air_decay=0.0011)

# Low soundboard and key-bed resonances of a piano, Hz and decay per second (chapter 12: first modes near 50..400 Hz).
_KNOCK_HZ = np.array([62.0, 97.0, 148.0, 207.0, 291.0, 389.0, 530.0, 712.0])
_KNOCK_DECAY = np.array([22.0, 26.0, 34.0, 40.0, 55.0, 60.0, 75.0, 90.0])


def piano(note: Note, rng: np.random.Generator) -> Samples:
    """A concert grand at a respectful distance."""
    return _piano(note, GRAND, rng)


def felt_piano(note: Note, rng: np.random.Generator) -> Samples:
    """An upright with the practice felt down, microphones close to it."""
    return _piano(note, FELT, rng)


def _piano(note: Note, hammer: Hammer, rng: np.random.Generator) -> Samples:
    f0, touch = hz(note.pitch), note.velocity
    # Inharmonicity of an average instrument (Rigaud, David, Daudet 2013: two exponentials over the compass).
    stiffness = math.exp(0.0926 * note.pitch - 13.64) + math.exp(-0.0847 * note.pitch - 5.82)
    number = np.arange(1, 49, dtype=np.float64)
    freq_hz = number * f0 * np.sqrt(1 + stiffness * number**2) / math.sqrt(1 + stiffness)
    corner_hz = (hammer.corner_hz + 1.1 * f0) * (0.45 + 1.0 * touch)
    strike = 0.122 - 0.05 * max(0.0, (note.pitch - 72) / 36)
    gain = np.abs(np.sin(np.pi * number * strike)) + 0.03
    gain *= (1 + (freq_hz / corner_hz) ** 2) ** -hammer.steepness * freq_hz**2 / (freq_hz**2 + 65.0**2)
    gain *= 10 ** (rng.uniform(-1.5, 1.5, len(gain)) / 20)
    decay = hammer.decay_per_s * 2.0 ** ((note.pitch - 60) / 17) + hammer.air_decay * freq_hz
    low = max(0.0, (60 - note.pitch) / 24)
    modes = Modes(
        freq_hz=freq_hz,
        gain=gain,
        decay_per_s=decay,
        slow_share=0.28,
        slow_ratio=0.32,
        beat_hz=0.22 + 0.12 * 2 ** ((note.pitch - 60) / 14),
        beat_depth=0.22 if note.pitch > 40 else 0.05,
        attack_s=hammer.attack_s * (1.25 - 0.5 * touch),
        release_s=note.release_s or 0.5 + 0.35 * low,
    )
    sound = _levelled(synth.ring(modes, note.duration_s, rng), modes, note.velocity)
    _knock(sound, hammer, note, rng)
    return sound * synth.pan_gains(note.pan + (note.pitch - 62) / 110)


def _knock(sound: Samples, hammer: Hammer, note: Note, rng: np.random.Generator) -> None:
    """Hammer, key bed and soundboard thud at the start, the key and damper coming back at the end."""
    level = synth.level_gain(0.35 + 0.65 * note.velocity) * 10 ** (hammer.knock_db / 20)
    body = Modes(
        freq_hz=_KNOCK_HZ * rng.uniform(0.96, 1.04, len(_KNOCK_HZ)),
        gain=2.8 * level * np.array([0.3, 0.8, 1.0, 0.9, 0.7, 0.6, 0.4, 0.3]) * rng.uniform(0.6, 1.2, len(_KNOCK_HZ)),
        decay_per_s=_KNOCK_DECAY,
        attack_s=0.003,
    )
    thud = synth.ring(body, 0.3, rng)
    count = min(thud.shape[1], sound.shape[1])
    sound[:, :count] += thud[:, :count]
    _touch(sound, (280.0, 2400.0), level, 0.011, rng)
    released = sound[:, synth.HOP * math.ceil((note.duration_s + 0.02) / synth.HOP_S) :]
    _touch(released, (280.0, 2400.0), 0.22 * level, 0.035, rng)


def _touch(
    sound: Samples, band_hz: tuple[float, float], level: float, decay_s: float, rng: np.random.Generator
) -> None:
    """The noise of a contact: up within two milliseconds, then gone with this time constant."""
    if sound.shape[1] < synth.HOP:
        return
    t = synth.hop_times(sound)
    course = level * np.exp(-t / np.float32(decay_s)) * (1 - np.exp(-t / np.float32(0.0015)))
    synth.add_noise(sound, band_hz, course * synth.fade(t, float(t[-1])), rng)


def _levelled(sound: Samples, modes: Modes, velocity: float, window_s: float = 0.4) -> Samples:
    """Scale to the level of the velocity, as heard over the first moments of the note."""
    t = np.linspace(0, window_s, 16)
    slow = modes.slow_share * np.exp(-modes.decay_per_s[:, None] * modes.slow_ratio * t)
    course = (1 - modes.slow_share) * np.exp(-modes.decay_per_s[:, None] * t) + slow
    weight = synth.loudness_weight(modes.freq_hz) * (modes.freq_hz < synth.MAX_HZ)
    power = 0.5 * float(np.sum(weight * (modes.gain**2) * np.mean(course**2, axis=1)))
    return sound * np.float32(synth.level_gain(velocity) / math.sqrt(power))


@dataclass(frozen=True, kw_only=True, slots=True)
class Pluck:
    """A plucked string on a body (chapter 9, 11)."""

    at: float
    """Where along the string, 0..0.5."""
    corner_hz: float
    decay_per_s: float
    """Of the fundamental at middle C; higher notes die sooner."""
    air_decay: float
    body_hz: tuple[float, ...]
    body_gain: float
    release_s: float
    finger_db: float
    slow_share: float = 0.25
    width: float = 0.0
    """How far the compass spreads over the picture, in pan per semitone."""


NYLON = Pluck(
    at=0.17,
    corner_hz=1700.0,
    decay_per_s=1.5,
    air_decay=0.0011,
    body_hz=(102.0, 204.0, 395.0, 560.0),
    body_gain=0.9,
    release_s=0.4,
    finger_db=-32.0,
)
HARP = Pluck(
    at=0.36,
    corner_hz=1500.0,
    decay_per_s=1.1,
    air_decay=0.0009,
    body_hz=(150.0, 255.0, 430.0),
    body_gain=0.5,
    release_s=2.0,
    finger_db=-36.0,
    width=0.012,
)
PIZZICATO = Pluck(
    at=0.2,
    corner_hz=750.0,
    decay_per_s=6.0,
    air_decay=0.004,
    body_hz=(275.0, 460.0, 700.0),
    body_gain=0.9,
    release_s=0.7,
    finger_db=-29.0,
    slow_share=0.06,
    width=0.01,
)
UPRIGHT = Pluck(
    at=0.27,
    corner_hz=420.0,
    decay_per_s=3.2,
    air_decay=0.004,
    body_hz=(62.0, 110.0, 190.0),
    body_gain=0.6,
    release_s=0.6,
    finger_db=-31.0,
    slow_share=0.15,
)


def plucked(spec: Pluck, note: Note, rng: np.random.Generator) -> Samples:
    """A plucked string. Its modes are known exactly, so they are summed instead of run round a delay line."""
    f0 = hz(note.pitch)
    number = np.arange(1, 41, dtype=np.float64)
    freq_hz = number * f0 * np.sqrt(1 + 4e-5 * number**2)
    corner_hz = (spec.corner_hz + f0) * (0.25 + 1.3 * note.velocity)
    gain = (np.abs(np.sin(np.pi * number * spec.at)) + 0.02) / number / (1 + (freq_hz / corner_hz) ** 2)
    body = sum(np.exp(-((np.log2(freq_hz / peak) / 0.22) ** 2)) for peak in spec.body_hz)
    gain *= (1 + spec.body_gain * body) * freq_hz**2 / (freq_hz**2 + 55.0**2)
    gain *= 10 ** (rng.uniform(-2, 2, len(gain)) / 20)
    modes = Modes(
        freq_hz=freq_hz,
        gain=gain,
        decay_per_s=spec.decay_per_s * 2.0 ** ((note.pitch - 60) / 20) + spec.air_decay * freq_hz,
        slow_share=spec.slow_share,
        slow_ratio=0.4,
        beat_hz=0.3,
        beat_depth=0.12,
        attack_s=0.004 - 0.002 * note.velocity,
        release_s=note.release_s or spec.release_s,
    )
    sound = _levelled(synth.ring(modes, note.duration_s, rng), modes, note.velocity)
    level = 3.0 * synth.level_gain(note.velocity) * 10 ** (spec.finger_db / 20)
    _touch(sound, (500.0, 3200.0), level, 0.012, rng)
    return sound * synth.pan_gains(note.pan + (note.pitch - 60) * spec.width)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """Tuned bars, tines and bells: a few modes with wide ratios (chapters 19, 21)."""

    ratios: tuple[float, ...]
    gains: tuple[float, ...]
    decays: tuple[float, ...]
    """Per second at middle C, one for each mode."""
    pitch_decay: float
    """Semitones up that double the decays."""
    corner_hz: float
    attack_s: float
    mallet_db: float
    mallet_hz: tuple[float, float]
    release_s: float
    tremolo: tuple[float, float] = (0.0, 0.0)


CELESTA = Bars(
    ratios=(1.0, 2.0, 4.02, 6.6, 10.9),
    gains=(1.0, 0.10, 0.20, 0.07, 0.03),
    decays=(1.7, 2.4, 4.5, 9.0, 16.0),
    pitch_decay=22.0,
    corner_hz=2200.0,
    attack_s=0.003,
    mallet_db=-35.0,
    mallet_hz=(900.0, 4000.0),
    release_s=2.0,
)
MUSIC_BOX = Bars(
    ratios=(1.0, 2.01, 3.0, 6.27, 9.4),
    gains=(1.0, 0.16, 0.10, 0.13, 0.04),
    decays=(1.3, 2.0, 3.2, 8.0, 14.0),
    pitch_decay=20.0,
    corner_hz=2800.0,
    attack_s=0.002,
    mallet_db=-33.0,
    mallet_hz=(1800.0, 6500.0),
    release_s=4.0,
)
VIBRAPHONE = Bars(
    ratios=(1.0, 4.0, 9.95, 17.0),
    gains=(1.0, 0.17, 0.035, 0.01),
    decays=(0.75, 2.2, 6.0, 12.0),
    pitch_decay=19.0,
    corner_hz=1500.0,
    attack_s=0.005,
    mallet_db=-38.0,
    mallet_hz=(250.0, 1800.0),
    release_s=2.0,
    tremolo=(4.6, 0.16),
)
MARIMBA = Bars(
    ratios=(1.0, 3.98, 9.7, 16.8),
    gains=(1.0, 0.22, 0.06, 0.015),
    decays=(4.2, 11.0, 26.0, 45.0),
    pitch_decay=15.0,
    corner_hz=1300.0,
    attack_s=0.003,
    mallet_db=-30.0,
    mallet_hz=(180.0, 1500.0),
    release_s=3.0,
)
BELLS = Bars(
    ratios=(0.5, 1.0, 1.5, 2.0, 2.99, 4.1, 5.4, 6.8),
    gains=(0.16, 1.0, 0.10, 0.42, 0.30, 0.14, 0.08, 0.04),
    decays=(0.45, 0.75, 1.2, 1.1, 1.7, 2.6, 3.8, 5.5),
    pitch_decay=26.0,
    corner_hz=2600.0,
    attack_s=0.003,
    mallet_db=-36.0,
    mallet_hz=(900.0, 5000.0),
    release_s=6.0,
)


def barred(spec: Bars, note: Note, rng: np.random.Generator) -> Samples:
    """A bar, a tine or a bell struck with a mallet; harder blows are brighter."""
    ratios = np.array(spec.ratios) * np.append(1.0, rng.uniform(0.998, 1.002, len(spec.ratios) - 1))
    freq_hz = hz(note.pitch) * ratios
    corner_hz = (spec.corner_hz + 1.5 * hz(note.pitch)) * (0.45 + 0.9 * note.velocity)
    gain = np.array(spec.gains) / (1 + (freq_hz / corner_hz) ** 2)
    modes = Modes(
        freq_hz=freq_hz,
        gain=gain,
        decay_per_s=np.array(spec.decays) * 2.0 ** ((note.pitch - 60) / spec.pitch_decay),
        beat_hz=0.35,
        beat_depth=0.06,
        attack_s=spec.attack_s * (1.3 - 0.5 * note.velocity),
        release_s=note.release_s or spec.release_s,
        tremolo=spec.tremolo,
    )
    sound = _levelled(synth.ring(modes, note.duration_s, rng), modes, note.velocity)
    level = 3.0 * synth.level_gain(note.velocity) * 10 ** (spec.mallet_db / 20)
    _touch(sound, spec.mallet_hz, level, 0.008, rng)
    return sound * synth.pan_gains(note.pan + (note.pitch - 72) / 130)


# Modes of a membrane with air behind it: 1, 1.59, 2.14, 2.30, 2.65, 2.92, the lowest pulled down (chapter 18).
_MEMBRANE = np.array([1.0, 1.62, 2.18, 2.36, 2.70, 2.98, 3.6, 4.3])
_MEMBRANE_GAIN = np.array([1.0, 0.55, 0.38, 0.22, 0.20, 0.14, 0.09, 0.06])


def frame_drum(note: Note, rng: np.random.Generator) -> Samples:
    """A large frame drum under soft hands; the pitch is its lowest mode's (MIDI 38 to 50), above it a brush."""
    if note.pitch > 55:
        return _brush(note, rng)
    freq_hz = hz(note.pitch) * _MEMBRANE * rng.uniform(0.985, 1.015, len(_MEMBRANE))
    bright = 0.35 + note.velocity
    modes = Modes(
        freq_hz=freq_hz,
        gain=_MEMBRANE_GAIN * bright ** np.arange(len(_MEMBRANE)) * rng.uniform(0.7, 1.3, len(_MEMBRANE)),
        decay_per_s=np.array([5.5, 9.0, 11.0, 13.0, 15.0, 17.0, 22.0, 28.0]) * 2.0 ** ((note.pitch - 43) / 24),
        attack_s=0.006,
        release_s=3.0,
    )
    sound = _levelled(synth.ring(modes, max(note.duration_s, 1.2), rng), modes, note.velocity, 0.25)
    _touch(sound, (140.0, 1500.0), 0.28 * synth.level_gain(note.velocity), 0.018, rng)
    return sound * synth.pan_gains(note.pan)


def _brush(note: Note, rng: np.random.Generator) -> Samples:
    sound = synth.silence(0.32)
    t = synth.hop_times(sound)
    shape = (1 - np.exp(-t / np.float32(0.018))) * np.exp(-t / np.float32(0.055)) * synth.fade(t, float(t[-1]))
    synth.add_noise(sound, (2600.0, 7500.0), 0.5 * synth.level_gain(note.velocity) * shape, rng)
    return sound * synth.pan_gains(note.pan)
