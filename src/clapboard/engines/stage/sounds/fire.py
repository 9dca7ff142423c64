"""Fire and heat: a burning wood fire, and a kettle that comes to the boil."""

import numpy as np
from numpy.typing import NDArray

from clapboard.engines.stage.curves import Curve
from clapboard.engines.stage.sounds.grains import Events, bank, bubble, burst, poisson_times, ringing, strew, tail_of
from clapboard.engines.stage.sounds.grid import (
    CELL,
    FRAMES,
    HOP,
    Dice,
    Render,
    Turns,
    as_point,
    edge_times,
    frame_times,
    on_grid,
)
from clapboard.engines.stage.sounds.kernels import voice
from clapboard.engines.stage.sounds.spectra import db, layered, noise_piece, spectrum
from clapboard.take import Samples

_RUMBLE = spectrum((30, -10), (60, 0), (130, -2), (300, -14), (900, -34), (4000, -60))
_FLAMES = spectrum((80, -30), (250, -8), (500, 0), (1000, -4), (2500, -16), (8000, -36))
_HISS = spectrum((500, -44), (2000, -14), (5000, 0), (9000, -2), (16000, -12))

# Bring level 0.6 to -30 LUFS (measured).
_FIRE_GAIN_DB = -2.9
_KETTLE_GAIN_DB = -10.0

_SNAPS = 24
_POPS = 12


def fire(size: Curve, seed: int) -> Render:
    """A bed of a wood fire, [2, n]: `size` 0.2 embers, 0.5 a campfire, 1 a blaze.

    Rumble and flames flutter with the turbulence; crackles are rare large ones among many small ones (power-law sizes),
    in flurries, each a click of under a few ms with a woody ring.
    """
    dice = Dice(seed, "fire")
    rng = dice.rng(-(2**20))
    crackles = bank([_snap(rng) for _ in range(_SNAPS)] + [_pop(rng) for _ in range(_POPS)])

    def piece(cell: int) -> Samples:
        rng, t_s = dice.rng(cell), frame_times(cell)
        big = np.clip(size(t_s), 0.0, 1.0)
        flutter = 1 + 0.35 * dice.drift(t_s, 2.3) + 0.3 * dice.drift(t_s, 7.0, 1)
        rumble = 0.7 * big**1.4 * flutter
        flames = 0.2 * big**1.5 * (1 + 0.5 * dice.drift(t_s, 4.0, 2) + 0.3 * dice.drift(t_s, 11.0, 3))
        hiss = 0.03 * big**0.8 * (1 + 0.7 * dice.drift(t_s, 0.6, 4))
        out = np.zeros((2, CELL + tail_of(crackles)), np.float32)
        out[:, : CELL + HOP] = noise_piece(rng, layered([rumble, flames, hiss], [_RUMBLE, _FLAMES, _HISS]))
        flurry = np.exp(1.6 * dice.drift(t_s, 0.8, 5) + 0.9 * dice.drift(t_s, 3.0, 6))
        at_sample = poisson_times(rng, np.minimum(90.0, 14.0 * big**0.7 * flurry * (big > 0)))
        strew(out, crackles, _crackling(rng, at_sample, big))
        out *= np.float32(db(_FIRE_GAIN_DB))
        return out

    return on_grid(piece)


def _crackling(rng: np.random.Generator, at_sample: NDArray[np.int64], big: NDArray[np.float64]) -> Events:
    # Energies of crackling follow a power law over decades (as in crumpled paper: Houle and Sethna 1996).
    count = len(at_sample)
    strength = np.minimum((1 - rng.random(count)) ** (-1 / 1.35), 25.0)
    gain = 0.07 * strength**0.9 * (0.5 + 0.5 * big[at_sample // HOP]) * rng.choice([-1.0, 1.0], count)
    pops = (strength > 8) & (rng.random(count) < 0.6)
    which = np.where(pops, _SNAPS + rng.integers(0, _POPS, count), rng.integers(0, _SNAPS, count))
    return Events(at_sample, which, gain, rng.uniform(-0.35, 0.35, count))


def _snap(rng: np.random.Generator) -> NDArray[np.float32]:
    center_hz = rng.uniform(1800, 7000)
    return burst(rng, rng.uniform(0.0004, 0.0022), [(center_hz / 6, -18), (center_hz, 0), (4 * center_hz, -12)])


def _pop(rng: np.random.Generator) -> NDArray[np.float32]:
    hz = rng.uniform(450, 1300) * np.array([1.0, 1.9, 3.1])
    wood = ringing(hz, rng.uniform(0.002, 0.006) * np.array([1.0, 0.7, 0.5]), np.array([1.0, 0.6, 0.4]))
    snap = _snap(rng)
    out = np.zeros(max(len(wood), len(snap)), np.float32)
    out[: len(wood)] = 0.5 * wood / np.abs(wood).max()
    out[: len(snap)] += snap / np.abs(snap).max()
    return out


_SIMMER = spectrum((80, -20), (250, -5), (600, 0), (1500, -8), (4000, -22), (12000, -46))
_SEETHE = spectrum((100, -30), (500, -10), (1800, 0), (4500, -4), (9000, -16), (18000, -38))
_STEAM = spectrum((300, -40), (1500, -14), (4000, -2), (8000, 0), (14000, -8))


def kettle(heat: Curve, seed: int) -> Render:
    """A kettle on the stove, [1, n]: `heat` 0 cold, 0.4 it seethes, 0.7 it boils, from 0.8 on it whistles, and higher.

    Bubbles that collapse under the surface make a hiss that grows until shortly before the boil, then it sinks.
    """
    dice = Dice(seed, "kettle")
    rng = dice.rng(-(2**20))
    bubbles = bank([bubble(radius_mm, 0.15) for radius_mm in np.sort(rng.uniform(1.4, 9.0, 32))])
    turns = Turns(lambda t_s: _whistle_hz(dice, heat, t_s))

    def piece(cell: int) -> Samples:
        rng, t_s = dice.rng(cell), frame_times(cell)
        hot = np.clip(heat(t_s), 0.0, 1.0)
        seethe = 0.30 * np.exp(-(((hot - 0.52) / 0.17) ** 2)) * (1 + 0.15 * dice.drift(t_s, 8.0))
        simmer = 0.5 * np.clip((hot - 0.3) / 0.5, 0, 1) ** 2 * (1 + 0.25 * dice.drift(t_s, 9.0, 1))
        steam = 0.12 * _opening(hot)
        out = np.zeros((2, CELL + tail_of(bubbles)), np.float32)
        out[:, : CELL + HOP] = noise_piece(rng, layered([seethe, simmer, steam], [_SEETHE, _SIMMER, _STEAM]))
        rate_hz = 260.0 * np.clip((hot - 0.15) / 0.6, 0, 1) ** 1.5
        at_sample = poisson_times(rng, rate_hz)
        gain = 0.1 * (0.3 + hot[at_sample // HOP]) * rng.pareto(2.4, len(at_sample)).clip(0.1, 3.0)
        gain *= rng.choice([-1.0, 1.0], len(gain))
        # Bubbles grow as the water heats: pick from the smaller ones first.
        largest = np.clip(hot[at_sample // HOP] * 32, 4, 32)
        which = (rng.random(len(gain)) * largest).astype(np.int64)
        strew(out, bubbles, Events(at_sample, which, gain, np.zeros(len(gain))))
        out[:, :CELL] += _whistle(dice, heat, turns, cell)
        out *= np.float32(db(_KETTLE_GAIN_DB))
        return out

    return as_point(on_grid(piece))


def _opening(hot: NDArray[np.float64]) -> NDArray[np.float64]:
    part = np.clip((hot - 0.78) / 0.16, 0.0, 1.0)
    return part * part * (3 - 2 * part)


def _whistle_hz(dice: Dice, heat: Curve, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
    # Two plates with holes: the pitch rises with the steam's speed, up to some 2.3 kHz (Henrywood and Agarwal 2013).
    return 1250.0 + 1050.0 * _opening(heat(t_s)) ** 0.7 + 9.0 * dice.drift(t_s, 5.0, 2)


def _whistle(dice: Dice, heat: Curve, turns: Turns, cell: int) -> NDArray[np.float32]:
    t_s = edge_times(cell)
    strong = _opening(heat(t_s)) ** 1.5
    if not strong.any():
        return np.zeros(CELL, np.float32)
    unrest = 1 + 0.18 * dice.drift(t_s, 14.0, 3) + 0.1 * dice.drift(t_s, 3.0, 4)
    harmonics = (0.5 * strong * unrest)[:, None] * np.array([1.0, 0.09, 0.16, 0.02, 0.03])
    return voice(turns.of_cell(cell), harmonics.astype(np.float32), CELL // FRAMES)
