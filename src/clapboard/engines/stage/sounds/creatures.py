"""Animals: gull, cat, owl, loon, dog. Calls are events, mono float32 [n]; a purr goes on for as long as its curve says.

Contours follow published sonagrams of each call; peaks are near -12 dBFS at force 0.6, like impacts.
"""

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.engines.stage.curves import Curve
from clapboard.engines.stage.sounds.foley import Sound, peak_gain, scaled
from clapboard.engines.stage.sounds.grains import Events, bank, strew, tail_of
from clapboard.engines.stage.sounds.grid import CELL, Dice, Render, Turns, as_point, on_grid
from clapboard.engines.stage.sounds.spectra import db, shaped
from clapboard.engines.stage.sounds.voices import FRAME, Throat, contour, num_frames, sung, wander
from clapboard.take import Samples

GULL_CALLS: tuple[str, ...] = ("long", "mew", "keow")
CAT_CALLS: tuple[str, ...] = ("meow", "chirp")

_PURR_GAIN_DB = -8.0


def _in_a_row(notes: list[tuple[float, Sound]]) -> NDArray[np.float32]:
    """Notes that begin at their own seconds."""
    length = max(int(start_s * SAMPLE_RATE) + len(note) for start_s, note in notes)
    out = np.zeros(length, np.float32)
    for start_s, note in notes:
        begin = int(start_s * SAMPLE_RATE)
        out[begin : begin + len(note)] += note
    return out


def gull(call: str, seed: int, force: float = 0.6) -> Sound:
    """A herring gull: "keow" (one falling cry), "long" (drawn notes, then a laughing row), "mew" (a wail)."""
    rng = np.random.default_rng([seed, 20])
    bird_hz = rng.uniform(0.92, 1.1)
    if call == "mew":
        notes = [(0.0, _gull_note(rng, 0.95, [(0, 430), (0.25, 610), (0.6, 650), (1, 470)], bird_hz))]
    elif call == "keow":
        notes = [(0.0, _gull_note(rng, rng.uniform(0.34, 0.46), _KEOW, bird_hz))]
    else:
        notes, start_s = [], 0.0
        for duration_s in (0.50, 0.62):
            notes.append(
                (start_s, 0.75 * _gull_note(rng, duration_s, [(0, 520), (0.2, 830), (0.7, 790), (1, 560)], bird_hz))
            )
            start_s += duration_s + 0.12
        for number in range(int(rng.integers(5, 9))):
            duration_s = 0.31 - 0.012 * number
            higher = 1.06 - 0.022 * number  # the row sinks and quickens
            notes.append((start_s, (1 - 0.06 * number) * _gull_note(rng, duration_s, _KEOW, bird_hz * higher)))
            start_s += duration_s + 0.05
    return scaled(_in_a_row(notes), peak_gain(force))


_KEOW = ((0.0, 640.0), (0.12, 1010.0), (0.4, 960.0), (1.0, 640.0))


def _gull_note(
    rng: np.random.Generator,
    duration_s: float,
    pitch: list[tuple[float, float]] | tuple[tuple[float, float], ...],
    bird: float,
) -> Sound:
    frames = num_frames(duration_s)
    t_s = np.arange(frames) * FRAME / SAMPLE_RATE
    vibrato = 1 + 0.013 * np.sin(2 * np.pi * rng.uniform(24, 32) * t_s) + 0.006 * wander(rng, frames, 60)
    pitch_hz = contour(pitch, frames) * bird * rng.uniform(0.98, 1.02) * vibrato
    level = contour([(0, 0), (0.06, 0.75), (0.3, 1), (0.75, 0.8), (1, 0)], frames)
    level *= 1 + 0.18 * np.sin(2 * np.pi * rng.uniform(55, 75) * t_s) * contour([(0, 0.3), (0.2, 1), (1, 0.6)], frames)
    throat = Throat(
        formants=(
            ([(0, 1500), (0.2, 2100), (1, 1700)], 900, 0),
            ([(0, 2800), (0.25, 3500), (1, 2900)], 1000, -3),
            ([(0, 5200), (1, 5000)], 1500, -12),
        ),
        tilt=0.25,
        breath_db=-30,
        floor_db=-14,
    )
    return sung(rng, pitch_hz, level, throat)


def cat(call: str, seed: int, force: float = 0.6) -> Sound:
    """A cat: "meow" (opens m-e-a, closes o-w, over a pitch that rises and falls) or "chirp" (a rolled greeting)."""
    rng = np.random.default_rng([seed, 21])
    size = rng.uniform(0.9, 1.12)
    if call == "chirp":
        duration_s = rng.uniform(0.24, 0.34)
        frames = num_frames(duration_s)
        t_s = np.arange(frames) * FRAME / SAMPLE_RATE
        pitch_hz = contour([(0, 330), (0.5, 400), (1, 620)], frames) * size
        roll = 0.55 + 0.45 * np.cos(2 * np.pi * rng.uniform(26, 31) * t_s) * contour(
            [(0, 1), (0.6, 0.9), (1, 0.1)], frames
        )
        level = contour([(0, 0.2), (0.1, 0.9), (0.7, 1), (1, 0)], frames) * roll
        throat = Throat(
            formants=(([(0, 700), (1, 900)], 400, 0), ([(0, 1600), (1, 2100)], 500, -6)), tilt=0.7, breath_db=-32
        )
        return scaled(sung(rng, pitch_hz, level, throat), peak_gain(force, -15.0))
    duration_s = rng.uniform(0.62, 0.9)
    frames = num_frames(duration_s)
    pitch_hz = contour([(0, 430), (0.28, 640), (0.55, 610), (1, 400)], frames) * size
    pitch_hz *= 1 + 0.012 * wander(rng, frames, 18) + 0.004 * wander(rng, frames, 90)
    level = contour([(0, 0.0), (0.05, 0.22), (0.16, 0.4), (0.34, 1.0), (0.62, 0.85), (0.88, 0.3), (1, 0)], frames)
    throat = Throat(
        formants=(
            ([(0, 300), (0.15, 450), (0.38, 1050), (0.6, 950), (0.85, 560), (1, 400)], 260, 0),
            ([(0, 1100), (0.15, 2500), (0.38, 1900), (0.6, 1500), (0.85, 950), (1, 800)], 380, -4),
            ([(0, 3000), (0.2, 3700), (0.5, 3500), (1, 2900)], 600, -10),
            ([(0, 5200), (1, 4900)], 900, -18),
        ),
        tilt=0.35,
        breath_db=-34,
        floor_db=-26,
    )
    return scaled(sung(rng, pitch_hz, level, throat), peak_gain(force))


def purr(level: Curve, seed: int) -> Render:
    """A cat that purrs, [1, n]: pulses 24 to 28 times a second, a little faster and brighter on each breath in."""
    dice = Dice(seed, "purr")
    rng = dice.rng(-(2**20))
    breath_s = rng.uniform(2.1, 2.7)
    pulses = bank([_purr_pulse(rng, brighter) for brighter in (0.0, 1.0) for _ in range(8)])
    turns = Turns(lambda t_s: 24.5 + 2.5 * (_breathing_in(t_s, breath_s) > 0) + 0.7 * dice.drift(t_s, 1.5))

    def piece(cell: int) -> Samples:
        rng = dice.rng(cell)
        turned = turns.of_cell(cell)
        at = np.flatnonzero(np.diff(np.floor(turned), prepend=np.floor(turned[0]))).astype(np.int64)
        t_s = (cell * CELL + at) / SAMPLE_RATE
        inward = _breathing_in(t_s, breath_s)
        gain = np.clip(level(t_s), 0, 1) * np.abs(inward) ** 0.6 * np.where(inward > 0, 0.75, 1.0)
        gain *= 1 + 0.12 * dice.drift(t_s, 11.0, 1)
        which = rng.integers(0, 8, len(at)) + 8 * (inward > 0)
        out = np.zeros((2, CELL + tail_of(pulses)), np.float32)
        strew(out, pulses, Events(at, which, gain * db(_PURR_GAIN_DB), np.zeros(len(at))))
        return out

    return as_point(on_grid(piece))


def _breathing_in(t_s: NDArray[np.float64], breath_s: float) -> NDArray[np.float64]:
    """Flow of breath: positive in, negative out, zero between."""
    return np.sin(2 * np.pi * t_s / breath_s)


def _purr_pulse(rng: np.random.Generator, brighter: float) -> Sound:
    length = int(0.05 * SAMPLE_RATE)
    t_s = np.arange(length) / SAMPLE_RATE
    chest_hz = rng.uniform(105, 135) * (1 + 0.1 * brighter)
    out = np.zeros(length)
    for hz, decay_s, gain in ((chest_hz, 0.009, 1.0), (2.3 * chest_hz, 0.006, 0.5)):
        # This phase makes the swings of a pulse cancel: all pulses push the same way, and no DC may build up.
        phase = -np.arctan(2 * np.pi * hz * decay_s)
        out += gain * np.sin(2 * np.pi * hz * t_s + phase) * np.exp(-t_s / decay_s)
    air = shaped(rng, length, [(120, -4), (400, 0), (900 + 900 * brighter, -6), (4000, -26), (12000, -50)])
    return (out + 0.35 * air * np.exp(-t_s / 0.008) * np.minimum(1, t_s / 0.001)).astype(np.float32)


_HOLLOW = Throat(
    formants=(([(0, 420), (1, 420)], 500, 0), ([(0, 900), (1, 900)], 700, -22)), tilt=2.2, breath_db=-34, floor_db=-40
)


def owl(seed: int, force: float = 0.6) -> Sound:
    """A tawny owl's song: one long hoot, a pause, then a short one that opens into a long wavering one (about 4 s)."""
    rng = np.random.default_rng([seed, 22])
    bird_hz = rng.uniform(0.93, 1.06)
    notes = []
    for start_s, duration_s, pitch, waver in (
        (0.0, 0.75, [(0, 740), (0.25, 830), (0.8, 815), (1, 740)], 0.0),
        (2.2, 0.16, [(0, 760), (0.5, 800), (1, 770)], 0.0),
        (2.6, 1.45, [(0, 760), (0.2, 850), (0.75, 830), (1, 720)], 0.75),
    ):
        frames = num_frames(duration_s)
        t_s = np.arange(frames) * FRAME / SAMPLE_RATE
        shake = np.sin(2 * np.pi * 13.0 * t_s) * contour([(0, 1), (0.5, 0.7), (0.75, 0), (1, 0)], frames) * waver
        pitch_hz = contour(pitch, frames) * bird_hz * (1 + 0.012 * shake + 0.003 * wander(rng, frames, 12))
        level = contour([(0, 0), (0.12, 0.8), (0.6, 1), (1, 0)], frames) * (1 + 0.5 * shake) / (1 + 0.5 * waver)
        notes.append((start_s, sung(rng, pitch_hz, level, _HOLLOW)))
    return scaled(_in_a_row(notes), peak_gain(force))


def loon(seed: int, force: float = 0.6) -> Sound:
    """A loon's wail over a lake: it rises in two clean steps, holds, and falls back (about 2.4 s)."""
    rng = np.random.default_rng([seed, 23])
    frames = num_frames(rng.uniform(2.2, 2.6))
    low_hz = rng.uniform(620, 700)
    pitch = [
        (0, 0.94),
        (0.07, 1),
        (0.24, 1.0),
        (0.3, 1.46),
        (0.55, 1.5),
        (0.66, 1.46),
        (0.73, 1.02),
        (0.92, 1.0),
        (1, 0.9),
    ]
    pitch_hz = low_hz * contour(pitch, frames) * (1 + 0.003 * wander(rng, frames, 9))
    level = contour(
        [(0, 0), (0.06, 0.45), (0.25, 0.6), (0.34, 1), (0.62, 0.95), (0.75, 0.5), (0.93, 0.3), (1, 0)], frames
    )
    throat = Throat(
        formants=(([(0, 900), (1, 900)], 900, 0), ([(0, 2000), (1, 2000)], 900, -16)), tilt=1.6, breath_db=-38
    )
    return scaled(sung(rng, pitch_hz, level, throat), peak_gain(force))


def dog_bark(seed: int, force: float = 0.6) -> Sound:
    """One bark: a rough burst whose pitch leaps up and drops (0.2 s)."""
    rng = np.random.default_rng([seed, 24])
    frames = num_frames(rng.uniform(0.17, 0.23))
    size = rng.uniform(0.8, 1.25)
    pitch_hz = (
        contour([(0, 240), (0.25, 430), (0.55, 380), (1, 190)], frames) * size * (1 + 0.05 * wander(rng, frames, 130))
    )
    level = contour([(0, 0.15), (0.09, 1), (0.45, 0.85), (1, 0)], frames) * (1 + 0.25 * wander(rng, frames, 160))
    throat = Throat(
        formants=(
            ([(0, 450), (0.3, 820), (1, 480)], 350, 0),
            ([(0, 1100), (0.3, 1500), (1, 1000)], 450, -3),
            ([(0, 2700), (1, 2500)], 700, -12),
        ),
        tilt=0.5,
        breath_db=-16,
        floor_db=-22,
    )
    return scaled(sung(rng, pitch_hz, level, throat), peak_gain(force))
