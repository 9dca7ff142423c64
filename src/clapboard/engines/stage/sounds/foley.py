"""Things that touch: impacts of every material on every other, knocks, clinks, steps and small switches.

    samples = impact("wood", "glass", force=0.7, seed=3)      # float32 [n], 48 kHz, its first sample is the contact

Levels: at force 0.6 every hit peaks at -12 dBFS; force 1 is 6.6 dB louder, force 0.2 is 14 dB softer.
"""

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.sounds.grains import bank, bubble, burst
from clapboard.engines.stage.sounds.kernels import ring, scatter, sweep_filter
from clapboard.engines.stage.sounds.materials import BODIES, LOOSE, STRIKER_CONTACT_S, STRUCK, Body, Loose
from clapboard.engines.stage.sounds.spectra import db, shaped

Sound = NDArray[np.float32]
"""Mono, from its first sample on."""

REFERENCE_DB = -12.0
_LONGEST_S = 2.4
_STRIKER_RINGS = 0.25  # a small hard striker rings too, higher and softer than what it strikes
_STRIKER_PITCH = 2.1


def peak_gain(force: float, reference_db: float = REFERENCE_DB) -> float:
    """Peak of a hit of this force: pressure grows with force to the power 1.5."""
    return db(reference_db) * (max(force, 0.01) / 0.6) ** 1.5


def scaled(sound: NDArray[np.floating], peak: float) -> Sound:
    """The sound with this peak, without what lies under 18 Hz, its end faded over 5 ms so that nothing is cut."""
    fade = min(len(sound), 240)
    out = sweep_filter(sound.astype(np.float32), np.full(2, 18.0, np.float32), len(sound), 1.41, (0.0, 0.0, 1.0))
    out *= peak / np.abs(out).max()
    out[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return out


def impact(struck: str, striker: str, force: float, seed: int, *, size: float = 1.0) -> Sound:
    """One hit: `struck` of `STRUCK`, `striker` of `STRIKER_CONTACT_S`, force 0..1, `size` 1 for everyday things."""
    if struck not in STRUCK or striker not in STRIKER_CONTACT_S:
        raise ValueError(
            f"cannot strike {struck!r} with {striker!r}; materials are {', '.join(STRUCK)},"
            f" strikers are {', '.join(STRIKER_CONTACT_S)}"
        )
    rng = np.random.default_rng([seed, 1])
    if struck == "water":
        return scaled(_splash(rng, force, size), peak_gain(force))
    if struck in LOOSE:
        return scaled(_give_way(rng, LOOSE[struck], force, size), peak_gain(force))
    body = BODIES[struck]
    contact_s = np.hypot(body.contact_s, STRIKER_CONTACT_S[striker]) * (0.6 / max(force, 0.05)) ** 0.2 * size**0.3
    sound = _ringing(rng, body, contact_s, size)
    if striker in BODIES and BODIES[striker].loss < 0.01:
        other = _ringing(rng, BODIES[striker], contact_s, size / _STRIKER_PITCH)[: len(sound)]
        sound[: len(other)] += other * (_STRIKER_RINGS * np.abs(sound).max() / np.abs(other).max())
    click = _click(rng, contact_s)
    sound[: len(click)] += click * (body.click * np.abs(sound[:1024]).max())
    return scaled(sound, peak_gain(force))


def _ringing(rng: np.random.Generator, body: Body, contact_s: float, size: float) -> Sound:
    ratios = body.ratios
    if body.twins:
        ratios = np.repeat(ratios, 2) * np.tile([1.0, 1.0 + rng.uniform(0.002, 0.006)], len(ratios))
    hz = body.lowest_hz / size * ratios * np.exp(rng.normal(0, 0.004, len(ratios)))
    hz = hz[hz < 0.42 * SAMPLE_RATE]
    # Where it is struck decides which modes take part; the contact's length decides how high they reach.
    gain = rng.uniform(0.3, 1.0, len(hz)) * (hz / hz[0]) ** body.slope / (1 + (hz * contact_s / 0.8) ** 2)
    decay_per_s = np.pi * hz * body.loss * rng.uniform(0.8, 1.25, len(hz)) + body.support_per_s
    length = int(min(_LONGEST_S, 6.9 / decay_per_s.min()) * SAMPLE_RATE)
    out = np.zeros(max(length, 2400), np.float32)
    # Neighbouring modes start against each other; twins start together, or a beat would begin with silence.
    signs = np.pi * (np.arange(len(hz)) // (2 if body.twins else 1) % 2)
    ring(out, *(part.astype(np.float32) for part in (hz, decay_per_s, gain, signs)))
    return out


def _click(rng: np.random.Generator, contact_s: float) -> Sound:
    """The contact itself, peak 1: air pushed aside by the sudden stop, over before the modes have swung once."""
    length = max(24, int(4 * contact_s * SAMPLE_RATE))
    t_s = np.arange(length) / SAMPLE_RATE
    push = np.cos(np.pi * t_s / contact_s) * np.exp(-((t_s / contact_s) ** 2))
    top_hz = 0.5 / contact_s
    rough = burst(rng, 0.7 * contact_s + 0.0001, [(top_hz / 8, -18), (top_hz, 0), (4 * top_hz, -14)])[:length]
    push[: len(rough)] += 0.35 * rough / np.abs(rough).max()
    return (push / np.abs(push).max()).astype(np.float32)


def _give_way(rng: np.random.Generator, loose: Loose, force: float, size: float) -> Sound:
    length = int((loose.spread_s * 2.2 + 5 * loose.thud_s) * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    # The thud falls in pitch as the ground takes up the load.
    turns = loose.thud_hz / size * (t_s + 0.4 * loose.thud_s * (1 - np.exp(-t_s / loose.thud_s)))
    thud = np.cos(2 * np.pi * turns) * np.exp(-t_s / loose.thud_s) * np.minimum(1, t_s / 0.0006 + 0.3)
    body = shaped(rng, length, [(loose.thud_hz, 0), (4 * loose.thud_hz, -6), (16 * loose.thud_hz, -26)])
    out = loose.thud * (thud + 0.5 * body * np.exp(-t_s / (0.6 * loose.thud_s)))
    low_hz, high_hz = loose.grain_hz
    rub = shaped(rng, length, [(low_hz / 3, -24), (low_hz, -3), (high_hz, 0), (3 * high_hz, -20)])
    out += loose.rub * rub * np.exp(-t_s / (0.5 * loose.spread_s)) * np.minimum(1, t_s / 0.002 + 0.4)
    cracks = bank([_crack(rng, low_hz, high_hz, loose.grain_s) for _ in range(12)])
    count = int(loose.grains * (0.5 + 0.8 * force))
    at = np.minimum(rng.exponential(0.5 * loose.spread_s, count), 2 * loose.spread_s) * SAMPLE_RATE
    at[0] = 0.0  # the first one is the contact
    gain = np.minimum(0.14 * (1 - rng.random(count)) ** -0.6, 0.8) * rng.choice([-1.0, 1.0], count)
    gain *= np.exp(-at / (0.9 * loose.spread_s * SAMPLE_RATE))
    gain[0] = 1.0
    mono = out.astype(np.float32)[None]
    which = rng.integers(0, 12, count)
    scatter(mono, cracks.data, cracks.lengths, at.astype(np.int64)[None], which, gain.astype(np.float32)[None])
    return mono[0]


def _crack(rng: np.random.Generator, low_hz: float, high_hz: float, decay_s: float) -> Sound:
    center_hz = np.exp(rng.uniform(np.log(low_hz), np.log(high_hz)))
    return burst(rng, decay_s * rng.uniform(0.5, 1.5), [(center_hz / 4, -20), (center_hz, 0), (4 * center_hz, -18)])


def _splash(rng: np.random.Generator, force: float, size: float) -> Sound:
    """Slap, then the cavity's bubble, then spray that falls back."""
    length = int((0.55 + 0.7 * force * size) * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    slap = shaped(rng, length, [(80, -6), (300, 0), (1500, -2), (6000, -10), (16000, -26)])
    out = 0.5 * slap * np.exp(-t_s / (0.012 + 0.02 * force)) * np.minimum(1, t_s / 0.0003 + 0.3)
    rush = shaped(rng, length, [(300, -16), (1200, -2), (3000, 0), (8000, -8), (18000, -26)])
    out += 0.10 * force * rush * (1 - np.exp(-t_s / 0.05)) * np.exp(-t_s / (0.12 + 0.25 * force))
    # The cavity closes some tens of ms after the hit; its bubble is as large as what fell in.
    cavity = [bubble(radius_mm, 0.12) for radius_mm in rng.uniform(4.0, 8.0, 3) * size * (0.6 + 0.6 * force)]
    spray = [bubble(radius_mm, 0.15) for radius_mm in rng.uniform(0.5, 3.0, 24)]
    ticks = [burst(rng, 0.001, [(1500, -14), (5000, 0), (14000, -8)]) for _ in range(8)]
    sounds = bank([*cavity, *spray, *ticks])
    count = int(30 + 110 * force * size)
    late = np.minimum(0.05 + rng.gamma(2.0, 0.09 + 0.1 * force, count), 0.8 * length / SAMPLE_RATE)
    at = np.concatenate([[0.03, 0.045, 0.08] * rng.uniform(0.8, 1.3, 3), late]) * SAMPLE_RATE
    loud = np.minimum(0.05 * (1 - rng.random(count)) ** -0.6, 0.4) * np.exp(-late / 0.4)
    gain = np.concatenate([[0.55, 0.4, 0.3], loud])
    which = np.concatenate([[0, 1, 2], rng.integers(3, len(sounds.lengths), count)])
    mono = out.astype(np.float32)[None]
    scatter(mono, sounds.data, sounds.lengths, at.astype(np.int64)[None], which, gain.astype(np.float32)[None])
    return mono[0]


def _together(length: int, parts: list[tuple[float, Sound]]) -> Sound:
    """Sounds laid over one another from their own starts in seconds."""
    out = np.zeros(length, np.float32)
    for start_s, sound in parts:
        begin = int(start_s * SAMPLE_RATE)
        out[begin : begin + len(sound)] += sound[: length - begin]
    return out


def knock(force: float, seed: int, struck: str = "door") -> Sound:
    """One knock of the knuckles; a door is the usual one."""
    return impact(struck, "knuckle", force, seed)


def clink(force: float, seed: int, material: str = "glass") -> Sound:
    """Two vessels touch, and both ring."""
    rng = np.random.default_rng([seed, 2])
    one = impact(material, material, force, seed, size=rng.uniform(0.85, 1.0))
    other = impact(material, material, force, seed + 1, size=rng.uniform(1.0, 1.2))
    return scaled(_together(max(len(one), len(other)), [(0.0, one), (0.0, 0.8 * other)]), peak_gain(force))


def footstep(ground: str, force: float, seed: int) -> Sound:
    """Heel, then the ball of the foot."""
    rng = np.random.default_rng([seed, 3])
    heel = impact(ground, "shoe", force, seed, size=1.3)
    toe = impact(ground, "shoe", 0.55 * force, seed + 1, size=1.1)
    later_s = rng.uniform(0.07, 0.12)
    length = max(len(heel), len(toe) + int(later_s * SAMPLE_RATE) + 1)
    return scaled(_together(length, [(0.0, heel), (later_s, toe)]), peak_gain(force))


def switch_click(seed: int, force: float = 0.5) -> Sound:
    """A light switch: the finger's push, and the spring that snaps over."""
    push = impact("plastic", "plastic", 0.35, seed, size=0.35)
    snap = impact("plastic", "metal", 0.6, seed + 1, size=0.25)
    parts = [(0.0, snap), (0.011, 0.35 * push), (0.019, 0.3 * snap)]
    return scaled(_together(int(0.12 * SAMPLE_RATE), parts), peak_gain(force))
