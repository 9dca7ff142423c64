"""The inner loops of all synthesized sounds. Serial, re-entrant, few: compile time is paid at the first sound."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

_ARRAY = NDArray[np.float32]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def scatter(
    out: _ARRAY,
    bank: _ARRAY,
    lengths: NDArray[np.int64],
    places: NDArray[np.int64],
    which: NDArray[np.int64],
    gains: _ARRAY,
) -> None:
    """Adds grain `which[e]` of `bank` [grains, samples] to out [sides, n] for each event e.

    `places` [sides, e] are first samples (left and right differ by the time between the ears), `gains` [sides, e].
    """
    for event in range(which.shape[0]):
        grain = bank[which[event]]
        length = lengths[which[event]]
        for side in range(out.shape[0]):
            gain = gains[side, event]
            row = out[side, places[side, event] : places[side, event] + length]
            for i in range(row.shape[0]):
                row[i] += gain * grain[i]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def sweep_filter(x: _ARRAY, cutoff_hz: _ARRAY, hop: int, damping: float, mix: tuple[float, float, float]) -> _ARRAY:
    """A state-variable filter (Zavalishin, The Art of VA Filter Design, 4.1) whose cutoff moves.

    `cutoff_hz` holds one value each `hop` samples and one more, linear between; damping is 1/Q; mix weighs the
    low, band and high outputs (band peaks at 1 when its weight is the damping).
    """
    out = np.empty_like(x)
    low_state = 0.0
    band_state = 0.0
    low_mix, band_mix, high_mix = mix
    for frame in range((x.shape[0] + hop - 1) // hop):
        warp = math.tan(math.pi * cutoff_hz[frame] / 48000.0)
        step = (math.tan(math.pi * cutoff_hz[frame + 1] / 48000.0) - warp) / hop
        for i in range(frame * hop, min(x.shape[0], (frame + 1) * hop)):
            high = (x[i] - (damping + warp) * band_state - low_state) / (1.0 + warp * (warp + damping))
            band = warp * high + band_state
            low = warp * band + low_state
            band_state = warp * high + band
            low_state = warp * band + low
            out[i] = low_mix * low + band_mix * band + high_mix * high
            warp += step
    return out


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def ring(out: _ARRAY, hz: _ARRAY, decay_per_s: _ARRAY, gain: _ARRAY, phase: _ARRAY) -> None:
    """Adds damped modes to out [n]: gain * exp(-decay t) * sin(2 pi hz t + phase), as turning and shrinking vectors."""
    modes = hz.shape[0]
    real = np.empty(modes, np.float32)
    imag = np.empty(modes, np.float32)
    cosine = np.empty(modes, np.float32)
    sine = np.empty(modes, np.float32)
    for k in range(modes):
        shrink = math.exp(-decay_per_s[k] / 48000.0)
        cosine[k] = np.float32(shrink * math.cos(2.0 * math.pi * hz[k] / 48000.0))
        sine[k] = np.float32(shrink * math.sin(2.0 * math.pi * hz[k] / 48000.0))
        real[k] = np.float32(gain[k] * math.cos(phase[k]))
        imag[k] = np.float32(gain[k] * math.sin(phase[k]))
    for i in range(out.shape[0]):
        total = np.float32(0.0)
        for k in range(modes):
            total += imag[k]
            turned = real[k] * cosine[k] - imag[k] * sine[k]
            imag[k] = real[k] * sine[k] + imag[k] * cosine[k]
            real[k] = turned
        out[i] += total


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def voice(turns: NDArray[np.float64], harmonics: _ARRAY, hop: int) -> _ARRAY:
    """A sum of harmonics: sin(2 pi k turns) weighted by `harmonics` [frames + 1, k], linear between frames of `hop`.

    sin(k x) comes from sin((k-1) x) and sin((k-2) x), so that forty harmonics cost little more than one.
    """
    out = np.empty(turns.shape[0], np.float32)
    count = harmonics.shape[1]
    for i in range(turns.shape[0]):
        frame = i // hop
        part = np.float32(i - frame * hop) / np.float32(hop)
        angle = 2.0 * math.pi * (turns[i] - math.floor(turns[i]))
        now = math.sin(angle)
        before = 0.0
        double_cosine = 2.0 * math.cos(angle)
        total = 0.0
        for k in range(count):
            weight = harmonics[frame, k] + part * (harmonics[frame + 1, k] - harmonics[frame, k])
            total += weight * now
            now, before = double_cosine * now - before, now
        out[i] = np.float32(total)
    return out
