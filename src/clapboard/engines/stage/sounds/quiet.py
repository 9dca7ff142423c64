"""Quiet: what is heard when nothing happens. A room's air and hum, snow, fog, forest and mountain air."""

from dataclasses import dataclass

import numpy as np

from clapboard.engines.stage.curves import Curve
from clapboard.engines.stage.sounds.grains import Events, bank, burst, poisson_times, strew, tail_of
from clapboard.engines.stage.sounds.grid import CELL, HOP, Dice, Render, frame_times, on_grid
from clapboard.engines.stage.sounds.spectra import Magnitudes, db, noise_piece, spectrum
from clapboard.take import Samples


@dataclass(frozen=True, kw_only=True, slots=True)
class Air:
    """A stillness: the air's spectrum, how far it wanders (dB) and how often, mains hum, and faint ticks a second."""

    name: str
    shape: Magnitudes
    wander_db: float = 2.0
    wander_hz: float = 0.15
    hum_db: float | None = None
    ticks_hz: float = 0.0
    gain_db: float
    """Brings level 0.6 to -30 LUFS (measured)."""


def air(level: Curve, seed: int, kind: Air) -> Render:
    """A bed of stillness, [2, n]; `level` is its loudness, 0 silence."""
    dice = Dice(seed, kind.name)
    rng = dice.rng(-(2**20))
    ticks = bank([burst(rng, 0.0008, [(2500, -20), (6500, 0), (12000, -6), (20000, -24)]) for _ in range(12)])

    def piece(cell: int) -> Samples:
        rng, t_s = dice.rng(cell), frame_times(cell)
        loud = np.clip(level(t_s), 0.0, 1.0)
        # Left and right wander apart a little, so that the stillness is a space and not a hiss.
        moods = [dice.drift(t_s, kind.wander_hz) + 0.5 * dice.drift(t_s, 3 * kind.wander_hz, lane) for lane in (1, 2)]
        gains = [(loud * 10 ** (kind.wander_db * mood / 20)).astype(np.float32)[:, None] for mood in moods]
        out = np.zeros((2, CELL + tail_of(ticks)), np.float32)
        out[:, : CELL + HOP] = noise_piece(rng, *(kind.shape * gain for gain in gains))
        if kind.ticks_hz:
            at = poisson_times(rng, kind.ticks_hz * loud)
            gain = 0.012 * rng.pareto(2.5, len(at)).clip(0.1, 3.0)
            strew(out, ticks, Events(at, rng.integers(0, 12, len(at)), gain, rng.uniform(-1, 1, len(at))))
        if kind.hum_db is not None:
            out[:, :CELL] += _hum(cell, dice) * np.float32(db(kind.hum_db)) * np.repeat(loud.astype(np.float32), HOP)
        out *= np.float32(db(kind.gain_db))
        return out

    return on_grid(piece)


def _hum(cell: int, dice: Dice) -> Samples:
    # Mains and its harmonics, all whole numbers of hertz: the sample index modulo one second keeps the phase exact.
    at_sample = (cell * CELL + np.arange(CELL)) % 48_000
    t_s = at_sample.astype(np.float32) / np.float32(48_000)
    parts = ((50.0, 0.5), (100.0, 1.0), (150.0, 0.25), (200.0, 0.35), (300.0, 0.12))
    phases = dice.uniform(np.arange(len(parts)), 9)
    out = np.zeros(CELL, np.float32)
    for (hz, gain), phase in zip(parts, phases, strict=True):
        out += np.float32(gain) * np.sin(np.float32(2 * np.pi) * (np.float32(hz) * t_s + np.float32(phase)))
    return out


ROOM_TONE = Air(
    name="room_tone",
    shape=spectrum((30, -8), (70, 0), (160, -5), (500, -19), (2000, -33), (8000, -44), (20000, -54)),
    wander_db=0.8,
    hum_db=-27.0,
    gain_db=-4.4,
)
SNOW_HUSH = Air(
    name="snow_hush",
    shape=spectrum((40, -8), (110, 0), (260, -3), (600, -14), (1500, -30), (5000, -46), (9000, -44), (18000, -58)),
    wander_db=2.5,
    wander_hz=0.08,
    ticks_hz=14.0,
    gain_db=-7.1,
)
FOG_HUSH = Air(
    name="fog_hush",
    shape=spectrum((40, -10), (90, 0), (220, 0), (450, -8), (1200, -26), (5000, -48), (18000, -64)),
    wander_db=2.0,
    wander_hz=0.06,
    gain_db=-8.8,
)
MOUNTAIN_AIR = Air(
    name="mountain_air",
    shape=spectrum((40, -14), (120, -3), (350, 0), (800, -5), (2000, -13), (5000, -24), (12000, -40)),
    wander_db=3.5,
    wander_hz=0.1,
    gain_db=-14.0,
)
FOREST_AIR = Air(
    name="forest_air",
    shape=spectrum((60, -22), (250, -9), (700, -5), (2000, 0), (4500, -3), (9000, -12), (18000, -34)),
    wander_db=3.0,
    wander_hz=0.2,
    ticks_hz=4.0,
    gain_db=-23.4,
)
