"""Songbirds: a bed of morning song from several birds, each with its own few phrases and its own branch."""

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.curves import Curve
from clapboard.engines.stage.sounds.grains import Events, bank, strew, tail_of
from clapboard.engines.stage.sounds.grid import CELL, FRAME_S, FRAMES, Dice, Render, on_grid
from clapboard.engines.stage.sounds.spectra import db
from clapboard.take import Samples

_BIRDS = 7
_PHRASES = 4
_LONGEST_S = 0.98  # a phrase rings into one cell at most
# Bring level 0.6 to -30 LUFS (measured).
_GAIN_DB = -5.9


def birdsong(level: Curve, seed: int) -> Render:
    """A bed of songbirds, [2, n]; `level` is how many sing and how often: 0.2 a single bird, 1 a dawn chorus."""
    dice = Dice(seed, "birdsong")
    rng = dice.rng(-(2**20))
    phrases = bank([phrase for _ in range(_BIRDS) for phrase in _repertoire(rng)])
    distance_m = 4.0 * 1.45 ** np.arange(_BIRDS) * rng.uniform(0.8, 1.25, _BIRDS)
    period_s, side = rng.uniform(2.6, 5.5, _BIRDS), rng.uniform(-1, 1, _BIRDS)

    def piece(cell: int) -> Samples:
        out = np.zeros((2, CELL + tail_of(phrases)), np.float32)
        start_s = cell * FRAMES * FRAME_S
        for bird in range(_BIRDS):
            number = np.arange(
                int(start_s // period_s[bird]) - 2, int((start_s + CELL / SAMPLE_RATE) // period_s[bird]) + 3
            )
            t_s = (number + 0.7 * dice.uniform(number, 3 * bird)) * period_s[bird]
            at_sample = np.rint(t_s * SAMPLE_RATE).astype(np.int64) - cell * CELL
            eager = level(t_s) * 1.15 + 0.2 * dice.drift(t_s, 0.05, 3 * bird + 1)
            sung = (at_sample >= 0) & (at_sample < CELL) & (eager > 0.1 + 0.8 * bird / _BIRDS) & (level(t_s) > 0)
            which = bird * _PHRASES + (dice.uniform(number, 3 * bird + 2) * _PHRASES).astype(np.int64)
            count = int(sung.sum())
            gains, sides = np.full(count, 0.8 / distance_m[bird]), np.full(count, side[bird])
            strew(out, phrases, Events(at_sample[sung], which[sung], gains, sides))
        out *= np.float32(db(_GAIN_DB))
        return out

    return on_grid(piece)


def _repertoire(rng: np.random.Generator) -> list[NDArray[np.float32]]:
    """The phrases of one bird: rows of syllables from its own small alphabet, as whistles, trills and sweeps."""
    middle_hz = rng.uniform(2400, 5200)
    alphabet = [_syllable(rng, middle_hz) for _ in range(5)]
    phrases = []
    for _ in range(_PHRASES):
        gap = rng.uniform(0.015, 0.06)
        parts: list[NDArray[np.float32]] = []
        length = 0
        while True:
            repeats = int(rng.choice([1, 1, 2, 3, 5]))
            letter = alphabet[int(rng.integers(5))]
            added = repeats * (len(letter) + int(gap * SAMPLE_RATE))
            if length + added > _LONGEST_S * SAMPLE_RATE or (length > 0.35 * SAMPLE_RATE and rng.random() < 0.25):
                break
            rest = np.zeros(int(gap * SAMPLE_RATE), np.float32)
            parts += [letter, rest] * repeats
            length += added
        phrases.append(np.concatenate(parts) if parts else alphabet[0])
    return phrases


def _syllable(rng: np.random.Generator, middle_hz: float) -> NDArray[np.float32]:
    length = int(rng.uniform(0.04, 0.16) * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    part = np.arange(length) / length
    bend = rng.uniform(-0.35, 0.35) * (part - 0.5) + rng.uniform(-0.2, 0.2) * np.sin(np.pi * part)
    trill = rng.choice([0.0, 0.0, 0.03, 0.08]) * np.sin(2 * np.pi * rng.uniform(25, 70) * t_s)
    hz = middle_hz * rng.uniform(0.75, 1.35) * 2 ** (bend + trill)
    turns = np.cumsum(hz) / SAMPLE_RATE
    tone = np.sin(2 * np.pi * turns) + rng.uniform(0.02, 0.12) * np.sin(4 * np.pi * turns)
    return (tone * np.sin(np.pi * part**0.8) ** 1.3 * rng.uniform(0.6, 1.0)).astype(np.float32)
