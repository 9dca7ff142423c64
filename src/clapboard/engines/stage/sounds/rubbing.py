"""Things that rub: rolling, creaking, striking a match, blowing out a candle.

Rolling follows a curve for as long as it lasts; the others are events, mono float32 [n] from their first sample on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.curves import Curve
from clapboard.engines.stage.sounds.foley import Sound, impact, peak_gain, scaled
from clapboard.engines.stage.sounds.grains import Bank, Events, bank, burst, poisson_times, strew, tail_of
from clapboard.engines.stage.sounds.grid import CELL, HOP, Dice, Render, Turns, as_point, frame_times, on_grid
from clapboard.engines.stage.sounds.kernels import scatter
from clapboard.engines.stage.sounds.spectra import bump, db, noise_piece, shaped
from clapboard.take import Samples

_CONTACTS_PER_M = 1600.0  # asperities of a planed board that lift a ball, one every 0.6 mm
_ROLL_GAIN_DB = -6.0


def rolling(
    speed_m_s: Curve, seed: int, *, radius_m: float = 0.02, struck: str = "wood", striker: str = "glass"
) -> Render:
    """A ball that rolls, [1, n]: many tiny impacts, the faster the more, the harder and the brighter, never two alike.

    The ball is not quite round: loudness swells once a turn, so its slowing is heard as a slowing pulse.
    """
    dice = Dice(seed, "rolling")
    taps = bank([impact(struck, striker, 0.4, seed + number, size=0.6)[:4800] for number in range(16)])
    taps = Bank(taps.data, np.minimum(taps.lengths, 4800))
    turns = Turns(lambda t_s: np.abs(speed_m_s(t_s)) / (2 * np.pi * radius_m))

    def piece(cell: int) -> Samples:
        rng, t_s = dice.rng(cell), frame_times(cell)
        fast = np.abs(speed_m_s(t_s))
        at = poisson_times(rng, np.minimum(_CONTACTS_PER_M * fast, 1400.0))
        phase = turns.of_cell(cell)
        swell = 1 + 0.45 * np.sin(2 * np.pi * phase[at]) + 0.2 * np.sin(2 * np.pi * (2 * phase[at] + 0.3))
        now = fast[at // HOP]
        gain = 0.10 * now**0.6 * swell * rng.pareto(2.6, len(at)).clip(0.05, 4.0) * rng.choice([-1.0, 1.0], len(at))
        out = np.zeros((2, CELL + tail_of(taps)), np.float32)
        # Below the taps the board itself hums, higher as the ball goes faster.
        hum = bump(180.0 + 500.0 * np.minimum(fast, 2.0), 0.9) * (0.05 * np.minimum(fast, 2.0) ** 0.8)[:, None].astype(
            np.float32
        )
        out[:, : CELL + HOP] = noise_piece(rng, hum)
        out[:, :CELL] *= (1 + 0.5 * np.sin(2 * np.pi * phase)).astype(np.float32)
        strew(out, taps, Events(at, rng.integers(0, 16, len(at)), gain, np.zeros(len(at))))
        out *= np.float32(db(_ROLL_GAIN_DB))
        return out

    return as_point(on_grid(piece))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Creak:
    """Stick and slip: slips a second (slowest, fastest), the body that each one strikes, and how irregular they are."""

    slips_hz: tuple[float, float]
    body_hz: tuple[float, ...]
    ring_s: float
    jitter: float
    rub_db: float


_CREAKS: Mapping[str, _Creak] = {
    "door": _Creak(slips_hz=(18, 85), body_hz=(310, 620, 980, 1500, 2300), ring_s=0.012, jitter=0.10, rub_db=-34),
    "floor": _Creak(slips_hz=(14, 45), body_hz=(180, 390, 720, 1250), ring_s=0.014, jitter=0.18, rub_db=-38),
    "chair": _Creak(slips_hz=(55, 170), body_hz=(260, 540, 900, 1700, 2800), ring_s=0.009, jitter=0.14, rub_db=-24),
    "rope": _Creak(slips_hz=(9, 34), body_hz=(240, 430, 690, 1150), ring_s=0.009, jitter=0.30, rub_db=-22),
    "boat": _Creak(slips_hz=(8, 30), body_hz=(120, 210, 370, 640, 1000), ring_s=0.022, jitter=0.22, rub_db=-32),
}
CREAKS: tuple[str, ...] = tuple(_CREAKS)


def creak(kind: str, duration_s: float, force: float, seed: int) -> Sound:
    """A creak of one of `CREAKS`: slips that quicken and slow, each one striking the wood or the rope's strands."""
    rng, spec = np.random.default_rng([seed, 4]), _CREAKS[kind]
    slips = bank([_slip(rng, spec) for _ in range(10)])
    times = [0.0]
    slow_hz, fast_hz = spec.slips_hz
    peak_at = rng.uniform(0.3, 0.75)
    while times[-1] < duration_s:
        part = times[-1] / duration_s
        push = np.exp(-(((part - peak_at) / 0.35) ** 2)) * rng.uniform(0.85, 1.0)
        rate_hz = slow_hz * (fast_hz / slow_hz) ** push
        times.append(times[-1] + max(0.2, 1 + spec.jitter * rng.normal()) / rate_hz)
    at = (np.array(times[:-1]) * SAMPLE_RATE).astype(np.int64)
    length = int(at[-1] + slips.data.shape[1] + 1)
    part = at / (duration_s * SAMPLE_RATE)
    # What is loaded longer slips further: slow slips are loud.
    waited = np.diff(np.append(at, at[-1] + at.max() // max(len(at), 1) + 1)) / SAMPLE_RATE
    gain = (
        (0.4 + 0.6 * np.sin(np.pi * np.clip(part, 0, 1)) ** 0.5)
        * (waited * fast_hz) ** 0.35
        * rng.uniform(0.6, 1.0, len(at))
    )
    gain[0] = max(gain[0], 0.7 * gain.max())
    out = np.zeros((1, length), np.float32)
    scatter(out, slips.data, slips.lengths, at[None], rng.integers(0, 10, len(at)), gain.astype(np.float32)[None])
    rub = shaped(rng, length, [(150, -24), (600, -4), (1400, 0), (4000, -10), (12000, -34)])
    swell = np.interp(np.arange(length), at, np.convolve(gain, np.ones(3) / 3, "same"))
    out[0] += rub * swell.astype(np.float32) * np.float32(db(spec.rub_db))
    return scaled(out[0], peak_gain(force, -16.0))


def _slip(rng: np.random.Generator, spec: _Creak) -> NDArray[np.float32]:
    length = int(6 * spec.ring_s * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    out = burst(rng, 0.0009, [(300, -18), (1200, 0), (4000, -6), (12000, -24)])
    out = np.pad(0.5 * out / np.abs(out).max(), (0, max(0, length - len(out))))[:length]
    for number, hz in enumerate(spec.body_hz):
        pitch_hz = hz * rng.uniform(0.96, 1.04)
        decay_s = spec.ring_s * (spec.body_hz[0] / hz) ** 0.6 * rng.uniform(0.8, 1.2)
        out += rng.uniform(0.4, 1.0) * 0.85**number * np.sin(2 * np.pi * pitch_hz * t_s) * np.exp(-t_s / decay_s)
    return out.astype(np.float32)


def match_strike(seed: int, force: float = 0.6) -> Sound:
    """A match: a quick gritty scratch that ends in the flare of the head, then the small flame settles (1.6 s)."""
    rng = np.random.default_rng([seed, 5])
    length = int(1.6 * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    scratch_s = rng.uniform(0.16, 0.24)
    grit = np.repeat(rng.random(length // 60 + 1) ** 3, 60)[:length]
    scratch = shaped(rng, length, [(500, -24), (2000, -6), (4500, 0), (9000, -4), (18000, -20)]) * (0.35 + 2.2 * grit)
    dragged = np.minimum(1, t_s / 0.0008 + 0.3) * (0.45 + 0.55 * t_s / scratch_s)
    scratch *= np.where(t_s < scratch_s, dragged, np.exp(-(t_s - scratch_s) / 0.02))
    since_s = np.maximum(t_s - 0.8 * scratch_s, 0.0)
    swell = (1 - np.exp(-since_s / 0.035)) * (np.exp(-since_s / 0.16) + 0.12 * np.exp(-since_s / 0.5))
    flare = shaped(rng, length, [(80, -6), (250, -3), (900, 0), (3000, -2), (9000, -8), (18000, -22)])
    flutter = 1 + 0.5 * np.interp(t_s * 30, np.arange(60), rng.uniform(-1, 1, 60))
    return scaled(0.5 * scratch + 1.5 * flare * swell * flutter, peak_gain(force))


def candle_puff(seed: int, force: float = 0.5) -> Sound:
    """A breath that blows out a candle: a short puff, and the flame's flutter as it goes (0.5 s)."""
    rng = np.random.default_rng([seed, 6])
    length = int(0.5 * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    breath = shaped(rng, length, [(80, -10), (300, -2), (900, 0), (2200, -8), (6000, -18), (14000, -36)])
    breath *= np.minimum(1, t_s / 0.03 + 0.25) * np.exp(-((t_s / 0.17) ** 2))
    flame = shaped(rng, length, [(40, -4), (90, 0), (250, -8), (900, -30)])
    flutter_turns = 24 * t_s - 14 * t_s**2
    flame *= (0.5 + 0.5 * np.sin(2 * np.pi * flutter_turns)) ** 2 * np.exp(-t_s / 0.09)
    return scaled(breath + 1.1 * flame, peak_gain(force, -18.0))
