"""Instruments that sing as long as they are fed: bowed, blown, sung and electronic.

Each note is a small group of players, every one with its own tuning, vibrato, drift and place; the partials pass a body
(wood, formants, a filter), and the breath or bow is heard behind them. Ranges after Fletcher & Rossing, chapters 10,
15, 16, and Sundberg, The Science of the Singing Voice (formants).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from clapboard.engines.stage.music import synth
from clapboard.engines.stage.music.score import Note
from clapboard.engines.stage.music.synth import Floats, Samples
from clapboard.engines.stage.music.theory import hz

_f32 = np.float32

_SHARED_FROM = 12

Spectrum = Callable[[Floats, Floats, Note], Floats]
"""(harmonic numbers [P], frequencies in Hz [P], note) -> linear gains [P]."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """How a group sounds; times in seconds, pitch deviations in cents (rms for the drift, peak for the vibrato)."""

    spectrum: Spectrum
    players: int = 1
    detune_cents: float = 0.0
    attack_s: float = 0.1
    release_s: float = 0.35
    vibrato_hz: float = 5.3
    vibrato_cents: float = 0.0
    vibrato_delay_s: float = 0.35
    drift_cents: float = 2.0
    tremor: float = 0.04
    lag: float = 0.08
    """How much later and earlier the high harmonics come and go than the fundamental."""
    motion: float = 0.0
    """Slow opening and closing of the filter, in nepers for each harmonic."""
    noise_hz: tuple[float, float] = (1200.0, 5000.0)
    noise_db: float = -40.0
    lead: float = 1.0
    """How much louder the middle player is than the others: keeps slow beats shallow."""
    spread: float = 0.0
    """How far the players sit apart: pan of the outermost."""


def sing(voice: Voice, note: Note, rng: np.random.Generator) -> Samples:
    """The whole note with its attack and release."""
    release_s = note.release_s or min(voice.release_s, 0.12 + 0.5 * note.duration_s)
    end_s = note.duration_s + release_s
    sound = synth.silence(end_s)
    t = synth.hop_times(sound)
    envelope = _envelope(voice, note, release_s, t)
    number, freq_hz = synth.harmonics(note.pitch, 48)
    gain = voice.spectrum(number, freq_hz, note)
    heard = gain > 1e-3 * gain.max()
    number, freq_hz, gain = number[heard], freq_hz[heard], gain[heard]
    bend = np.log(voice.spectrum(number, freq_hz * 1.01, note) / gain) / 0.01
    power = 0.5 * float(np.sum(synth.loudness_weight(freq_hz) * gain**2)) * voice.players
    gain = gain * (synth.level_gain(note.velocity) / math.sqrt(power))
    wanted = 0.5 * float(np.sum(gain**2)) * voice.players * float(np.mean(envelope**2))
    # In a group the high harmonics are shared out, every second one to every second player: half the work, same sound.
    shared = (number > _SHARED_FROM) & (voice.players > 1)
    gain = np.where(shared, math.sqrt(2) * gain, gain)
    for player in range(voice.players):
        mine = ~shared | ((number + player) % 2 == 0)
        own = np.random.default_rng(rng.integers(1 << 62))
        late_s = own.uniform(0, 0.03) if voice.players > 1 else 0.0
        loudness = np.interp(t - late_s, t, envelope).astype(np.float32) * _wobble(t, 2.5, voice.tremor, own)
        place = 2 * (player + 0.5) / voice.players - 1
        cents = _tuning(voice, note, place, t, own)
        phase = np.concatenate(([0.0], np.cumsum(2.0 ** (cents[:-1] / 1200)) * hz(note.pitch) * synth.HOP_S))
        dark = voice.lag * np.maximum(1 - loudness, 0) + voice.motion * (1 + _slow(t, 0.13, own))
        amps = _column(1 - number[mine]) * dark + _column(bend[mine]) * (cents * _f32(math.log(2) / 1200))
        weight = voice.lead if player == voice.players // 2 else 1.0
        amps = np.exp(amps, out=amps) * loudness * _column(weight * gain[mine])
        turns = own.uniform(0, 1, len(number))[mine]
        pan = note.pan + voice.spread * place * own.uniform(0.8, 1.0)
        synth.add_partials(sound, phase, number[mine], turns, synth.pan_gains(pan)[:, :, None] * amps)
    # Slow beats can pile the players up or cancel them: the note keeps its level all the same.
    sound *= _f32(np.clip(math.sqrt(wanted / (float(np.mean(sound**2)) + 1e-12)), 0.5, 2.0))
    hiss = synth.level_gain(note.velocity) * 10 ** (voice.noise_db / 20)
    start = 1 + 1.6 * np.exp(-t / _f32(0.05))
    synth.add_noise(sound, voice.noise_hz, _f32(hiss) * np.sqrt(envelope) * start * synth.fade(t, end_s), rng)
    return sound


def _column(values: Floats) -> Samples:
    return values.astype(np.float32)[:, None]


def _envelope(voice: Voice, note: Note, release_s: float, t: Samples) -> Samples:
    """Attack, a breath of swell over the note, release down to exactly nothing."""
    attack_s = min(voice.attack_s * (1.4 - 0.7 * note.velocity), 0.22 * note.duration_s + 0.02)
    rise = np.clip(t / _f32(attack_s), 0, 1)
    rise = rise * rise * (3 - 2 * rise)
    course = np.clip(t / _f32(note.duration_s), 0, 1)
    swell = 0.84 + 0.16 * np.sin(np.pi * np.minimum(course * 0.9 + 0.1, 1)) if note.duration_s > 0.6 else _f32(1.0)
    fall = 0.5 + 0.5 * np.cos(np.pi * np.clip((t - _f32(note.duration_s)) / _f32(release_s), 0, 1))
    return (rise * swell * fall**1.5).astype(np.float32)


def _tuning(voice: Voice, note: Note, place: float, t: Samples, rng: np.random.Generator) -> Samples:
    """Cents from the written pitch; players at `place` -1..1 differ, on low notes more, lest they beat slowly."""
    own = 1.5 * voice.detune_cents * math.sqrt(max(1.0, 220 / hz(note.pitch))) * (place + rng.normal(0, 0.15))
    rate_hz = voice.vibrato_hz * rng.uniform(0.92, 1.08)
    onset = np.clip((t - voice.vibrato_delay_s * rng.uniform(0.8, 1.2)) / 0.5, 0, 1)
    wave = np.sin(2 * np.pi * (rate_hz * t + rng.uniform() + 0.04 * _slow(t, 0.9, rng)))
    depth = voice.vibrato_cents * rng.uniform(0.8, 1.15) * onset * (1 + 0.15 * _slow(t, 0.6, rng))
    scoop = -8.0 * np.exp(-t / _f32(0.05)) if voice.vibrato_cents else 0.0
    return (own + depth * wave + voice.drift_cents * _slow(t, 1.1, rng) + scoop).astype(np.float32)


def _slow(t: Samples, rate_hz: float, rng: np.random.Generator) -> Samples:
    """A smooth random course between about -1.5 and 1.5: three incommensurate sines."""
    rates = rate_hz * np.array([0.61, 1.0, 1.47]) * rng.uniform(0.85, 1.15, 3)
    starts = rng.uniform(0, 2 * np.pi, 3)
    waves = [np.sin(_f32(2 * np.pi * rate) * t + _f32(start)) for rate, start in zip(rates, starts, strict=True)]
    return np.asarray(_f32(0.55) * (waves[0] + waves[1] + waves[2]), np.float32)


def _wobble(t: Samples, rate_hz: float, depth: float, rng: np.random.Generator) -> Samples:
    return 1 + _f32(depth) * _slow(t, rate_hz, rng)


@lru_cache(maxsize=8)
def _wood(seed: int) -> Floats:
    """Gains in dB of an instrument's body at 8 points an octave from 20 Hz: dense resonances of about +-5 dB."""
    return np.random.default_rng([seed, 8]).normal(0, 3.2, 90)


def _body(freq_hz: Floats, seed: int) -> Floats:
    return 10 ** (np.interp(np.log2(freq_hz / 20.0) * 8, np.arange(90), _wood(seed)) / 20)


def _peak(freq_hz: Floats, centre_hz: float, octaves: float, gain: float) -> Floats:
    """1 + a bump of this height on a logarithmic frequency axis."""
    return 1 + gain * np.exp(-((np.log2(freq_hz / centre_hz) / octaves) ** 2))


def _bowed(low_hz: float, bridge_hz: float, corner_hz: float, seed: int) -> Spectrum:
    """Helmholtz motion (1 / n), body with its lowest resonance, bridge hill, duller when soft."""

    def spectrum(number: Floats, freq_hz: Floats, note: Note) -> Floats:
        corner = corner_hz * (0.35 + 1.1 * note.velocity)
        gain = _body(freq_hz, seed) / number / (1 + (freq_hz / corner) ** 2)
        gain *= _peak(freq_hz, low_hz, 0.45, 0.9) * _peak(freq_hz, bridge_hz, 0.5, 1.2)
        return gain * freq_hz**2 / (freq_hz**2 + (0.55 * low_hz) ** 2)

    return spectrum


def _flute(number: Floats, freq_hz: Floats, note: Note) -> Floats:
    slope_db = 8.0 + 0.28 * (note.pitch - 60) - 6.0 * note.velocity
    second = np.where(number == 2, 1.4, 1.0)
    return second * 10 ** (-slope_db * (number - 1) / 20) * _peak(freq_hz, 900.0, 0.8, 0.3)


def _clarinet(number: Floats, freq_hz: Floats, note: Note) -> Floats:
    even = 0.06 + 0.25 * max(0.0, (note.pitch - 68) / 24) + 0.03 * np.minimum(number, 10)
    gain = np.where(number % 2 == 1, 1.0, even) / number**0.6
    return gain / (1 + (freq_hz / (1100.0 + 1500.0 * note.velocity)) ** 2.2)


def _horn(number: Floats, freq_hz: Floats, note: Note) -> Floats:
    corner = 420.0 + 1100.0 * note.velocity**1.5
    return _peak(freq_hz, 380.0, 0.7, 0.8) / (1 + (freq_hz / corner) ** 2.6) / number**0.35


def _pad(number: Floats, freq_hz: Floats, note: Note) -> Floats:
    return 1 / number**0.9 / (1 + (freq_hz / (450.0 + 900.0 * note.velocity)) ** 2)


def _choir(number: Floats, freq_hz: Floats, note: Note) -> Floats:
    """Formants between "oo" and "ah": louder singing opens the mouth."""
    opening = float(np.clip(note.velocity * 1.3 - 0.2, 0, 1))
    first, second = 380 + 320 * opening, 780 + 420 * opening
    formants = 0.08 + np.exp(-(((freq_hz - first) / 170) ** 2)) + 0.55 * np.exp(-(((freq_hz - second) / 210) ** 2))
    formants += 0.10 * np.exp(-(((freq_hz - 2750) / 420) ** 2)) + 0.05 * np.exp(-(((freq_hz - 3500) / 500) ** 2))
    return formants / number**1.1


STRINGS = Voice(
    spectrum=_bowed(290.0, 2400.0, 2300.0, 1),
    players=5,
    detune_cents=6.0,
    attack_s=0.32,
    release_s=0.55,
    vibrato_hz=5.4,
    vibrato_cents=14.0,
    vibrato_delay_s=0.2,
    drift_cents=3.0,
    lag=0.10,
    noise_hz=(1500.0, 5500.0),
    noise_db=-42.0,
    spread=0.6,
)
VIOLIN = Voice(
    spectrum=_bowed(440.0, 2700.0, 3000.0, 2),
    attack_s=0.13,
    release_s=0.32,
    vibrato_hz=5.7,
    vibrato_cents=20.0,
    vibrato_delay_s=0.28,
    tremor=0.06,
    lag=0.06,
    noise_hz=(1800.0, 6000.0),
    noise_db=-39.0,
)
CELLO = Voice(
    spectrum=_bowed(190.0, 1600.0, 1900.0, 3),
    attack_s=0.16,
    release_s=0.4,
    vibrato_hz=5.1,
    vibrato_cents=18.0,
    vibrato_delay_s=0.3,
    tremor=0.06,
    lag=0.06,
    noise_hz=(900.0, 3500.0),
    noise_db=-40.0,
)
FLUTE = Voice(
    spectrum=_flute,
    attack_s=0.10,
    release_s=0.2,
    vibrato_hz=4.9,
    vibrato_cents=9.0,
    vibrato_delay_s=0.4,
    tremor=0.07,
    lag=0.25,
    noise_hz=(1400.0, 6500.0),
    noise_db=-36.0,
)
CLARINET = Voice(
    spectrum=_clarinet,
    attack_s=0.08,
    release_s=0.18,
    drift_cents=1.5,
    tremor=0.03,
    lag=0.12,
    noise_hz=(1500.0, 5000.0),
    noise_db=-44.0,
)
HORN = Voice(
    spectrum=_horn,
    players=2,
    detune_cents=3.0,
    attack_s=0.14,
    release_s=0.35,
    drift_cents=2.0,
    lag=0.30,
    noise_hz=(500.0, 2500.0),
    noise_db=-46.0,
    spread=0.25,
)
PAD = Voice(
    spectrum=_pad,
    players=5,
    detune_cents=5.5,
    attack_s=0.8,
    release_s=1.2,
    drift_cents=1.5,
    lag=0.18,
    motion=0.08,
    lead=1.8,
    noise_hz=(600.0, 4000.0),
    noise_db=-52.0,
    spread=0.8,
)
CHOIR = Voice(
    spectrum=_choir,
    players=6,
    detune_cents=7.0,
    attack_s=0.45,
    release_s=0.7,
    vibrato_hz=5.2,
    vibrato_cents=16.0,
    vibrato_delay_s=0.3,
    drift_cents=4.0,
    tremor=0.08,
    lag=0.10,
    noise_hz=(700.0, 4500.0),
    noise_db=-40.0,
    spread=0.7,
)
