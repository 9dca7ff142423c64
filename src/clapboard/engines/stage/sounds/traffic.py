"""Cars that pass: an engine bent by Doppler, tyres on asphalt and the rush of air, swelling and falling as they go by.

samples = pass_by(speed_m_s=9.0, seed=3)     # mono float32; it is nearest to the ear at sample PASS_SAMPLE
"""

from typing import Final

import numpy as np

from clapboard.clock import SAMPLE_RATE, SPEED_OF_SOUND_M_S
from clapboard.engines.stage.sounds.foley import Sound
from clapboard.engines.stage.sounds.kernels import sweep_filter, voice
from clapboard.engines.stage.sounds.spectra import db, shaped

PASS_S: Final = 2.4
"""Seconds from the first sample to the passing, and from there to the end."""
PASS_SAMPLE: Final = round(PASS_S * SAMPLE_RATE)

_NEAREST_M: Final = 2.6
"""Microphones stand at the kerb: a car is heard to pass, not to hum along at the far side of a garden."""
_BEND: Final = 3.0
"""Doppler of a slow car is half a semitone each way; films and memory make more of it (judged by ear)."""
_ENGINE_HZ: Final = 74.0
"""Firing of four cylinders at 2200 turns a minute."""
_HARMONICS: Final = 20
_HOP: Final = 480
_LEVEL_DB: Final = -21.0
"""Of the rms round the passing, at force 0.6."""


def pass_by(speed_m_s: float, seed: int, force: float = 0.6) -> Sound:
    """One car going by, loudest at sample `PASS_SAMPLE`, silent at both ends; `force` 0..1 is how hard it is driven."""
    rng = np.random.default_rng([seed, 17])
    count = 2 * PASS_SAMPLE
    t_s = (np.arange(count) - PASS_SAMPLE) / SAMPLE_RATE
    along_m = speed_m_s * t_s
    away_m = np.hypot(along_m, _NEAREST_M)
    near = _NEAREST_M / away_m
    pitch = 1 / (1 + _BEND * speed_m_s * along_m / away_m / SPEED_OF_SOUND_M_S)

    engine_hz = _ENGINE_HZ * rng.uniform(0.88, 1.15) * (0.85 + 0.25 * force)
    turns = np.cumsum(engine_hz * pitch) / SAMPLE_RATE
    k = np.arange(1, _HARMONICS + 1)
    tone = (k**-0.75 * np.where(k % 2 == 0, 1.0, 0.55) * rng.uniform(0.6, 1.2, _HARMONICS)).astype(np.float32)
    engine = voice(turns, np.tile(tone, (count // _HOP + 2, 1)), _HOP)
    engine *= np.float32(0.9 / np.sqrt(0.5 * np.sum(tone**2)))

    rumble = shaped(rng, count, [(40, -10), (90, 0), (260, -4), (700, -16), (2000, -40)])
    tyres = shaped(rng, count, [(200, -18), (600, -3), (1100, 0), (2400, -6), (7000, -20), (16000, -36)])
    cutoff_hz = np.clip(7000.0 * near**1.1, 500.0, 12_000.0)[::_HOP]
    cutoff_hz = np.append(cutoff_hz, [cutoff_hz[-1]] * 2).astype(np.float32)
    tyres = sweep_filter(tyres, cutoff_hz, _HOP, 1.41, (1.0, 0.0, 0.0))

    out = 1.15 * engine * near**1.15 + 0.40 * rumble * near**1.2 + 0.75 * tyres * near**1.6
    fade = np.clip((PASS_S - np.abs(t_s)) / 0.6, 0, 1)
    out = out * fade * fade
    middle = out[PASS_SAMPLE - 4800 : PASS_SAMPLE + 4800]
    gain = db(_LEVEL_DB) * (max(force, 0.01) / 0.6) ** 0.75 / np.sqrt(np.mean(middle**2))
    return (out * gain).astype(np.float32)
