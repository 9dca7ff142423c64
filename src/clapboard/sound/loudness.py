"""Loudness and peaks, measured block by block: ITU-R BS.1770-4 integrated loudness and true peak.

    meter = LoudnessMeter()
    for block in reel.blocks(2**17):
        meter.feed(block)
    meter.integrated_lufs()

Blocks are float32 [channels, n] at 48 kHz with one or two channels, of any length. Silence measures -inf.
"""

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.take import Samples

Energies = NDArray[np.float64]

HOP = SAMPLE_RATE // 10
"""Samples between the starts of two measuring blocks: 400 ms blocks that overlap by 75 % (BS.1770-4 annex 1)."""

_HOPS_A_BLOCK = 4
_OFFSET_LU = -0.691  # BS.1770-4 eq. 2: cancels the K-weighting's gain at 997 Hz
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0

# BS.1770-4 annex 1 tables 1 and 2, for 48 kHz: the head's high shelf, then the RLB high-pass; b0 b1 b2 a1 a2.
_SHELF: Final = (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585)
_HIGH_PASS: Final = (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621)

OVERSAMPLING = 4
_TAPS = 12  # a phase, as in BS.1770-4 annex 2; the coefficients are our own Kaiser-windowed sinc
PEAK_DELAY = _TAPS // 2
"""Samples by which `PeakMeter` looks back: it needs as many after each point that it measures."""

_CHUNK = 512  # samples a pass, so that the accumulator stays in the first-level cache


def _phases() -> NDArray[np.float32]:
    # Row p interpolates at p / 4 of a sample; beta 6 keeps the gain within 0.05 dB up to 15 kHz (measured).
    distance = np.arange(_TAPS)[None, :] - (_TAPS // 2 - 1) - np.arange(1, OVERSAMPLING)[:, None] / OVERSAMPLING
    inside = np.clip(1.0 - (distance / (_TAPS / 2)) ** 2, 0.0, None)
    taps = np.sinc(distance) * np.i0(6.0 * np.sqrt(inside))
    return (taps / taps.sum(axis=1, keepdims=True)).astype(np.float32)


_PHASES: Final = _phases()


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def _weighted_energy(samples, state, carry, cell, out):  # noqa: ANN001, ANN202 - numba kernel
    # K-weights float32 [c, n] and sums its squares over cells of `cell` samples. state: float64 [c, 4]; carry: float64
    # [2], the energy and the count of the cell that is not yet full. Returns how many cells were put in `out`.
    channels, n = samples.shape
    sb0, sb1, sb2, sa1, sa2 = _SHELF
    hb0, hb1, hb2, ha1, ha2 = _HIGH_PASS
    cells = 0
    done = 0
    while done < n:
        stop = min(n, done + cell - int(carry[1]))
        for c in range(channels):
            s0, s1, h0, h1 = state[c, 0], state[c, 1], state[c, 2], state[c, 3]
            energy = 0.0
            for i in range(done, stop):
                x = np.float64(samples[c, i])
                y = sb0 * x + s0
                s0 = sb1 * x - sa1 * y + s1
                s1 = sb2 * x - sa2 * y
                z = hb0 * y + h0
                h0 = hb1 * y - ha1 * z + h1
                h1 = hb2 * y - ha2 * z
                energy += z * z
            state[c, 0], state[c, 1], state[c, 2], state[c, 3] = s0, s1, h0, h1
            carry[0] += energy
        carry[1] += stop - done
        done = stop
        if int(carry[1]) == cell:
            out[cells] = carry[0]
            carry[0] = 0.0
            carry[1] = 0.0
            cells += 1
    return cells


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def _true_peaks(padded, phases, cell, out):  # noqa: ANN001, ANN202 - numba kernel
    # padded: float32 [c, taps + n], n a multiple of `cell`; out[k] = greatest |interpolated sample| of cell k.
    channels = padded.shape[0]
    num_phases, taps = phases.shape
    n = padded.shape[1] - taps
    first = taps // 2 - 1
    acc = np.empty(_CHUNK, np.float32)
    peaks = np.empty(_CHUNK, np.float32)
    out[:] = np.float32(0)
    for start in range(0, n, _CHUNK):
        count = min(_CHUNK, n - start)
        for c in range(channels):
            line = padded[c, start : start + count + taps]
            for i in range(count):
                peaks[i] = abs(line[i + first])
            for p in range(num_phases):
                for i in range(count):
                    acc[i] = np.float32(0)
                for t in range(taps):
                    h = phases[p, t]
                    for i in range(count):
                        acc[i] += h * line[i + t]
                for i in range(count):
                    peaks[i] = max(peaks[i], abs(acc[i]))
            for i in range(count):
                k = (start + i) // cell
                out[k] = max(out[k], peaks[i])


class CellEnergy:
    """K-weighted energy of successive cells: `feed` gives the sum of squares, over channels, of each finished cell."""

    def __init__(self, cell: int) -> None:
        self._cell = cell
        self._state = np.zeros((2, 4))
        self._carry = np.zeros(2)

    def feed(self, block: Samples) -> Energies:
        """Energies float64 [cells finished by this block]."""
        out = np.empty(block.shape[1] // self._cell + 1)
        count = _weighted_energy(block, self._state, self._carry, self._cell, out)
        return out[:count]


class PeakMeter:
    """True peaks of successive cells of a signal, `PEAK_DELAY` samples late; feed multiples of `cell` samples."""

    def __init__(self, cell: int) -> None:
        self._cell = cell
        self._past: Samples | None = None

    def feed(self, block: Samples) -> NDArray[np.float32]:
        """Peaks float32 [n / cell], linear: entry k covers samples k * cell - PEAK_DELAY onwards."""
        past = np.zeros((len(block), _TAPS), np.float32) if self._past is None else self._past
        padded = np.concatenate((past, block), axis=1)
        self._past = padded[:, -_TAPS:]
        out = np.empty(block.shape[1] // self._cell, np.float32)
        _true_peaks(padded, _PHASES, self._cell, out)
        return out


def decibels(power: float) -> float:
    """Power as decibels; -inf for none."""
    return 10.0 * math.log10(power) if power > 0 else -math.inf


def gated_lufs(hop_energy: Energies) -> float:
    """Integrated loudness from K-weighted energies of successive hops of 100 ms; -inf under 400 ms or in silence."""
    if len(hop_energy) < _HOPS_A_BLOCK:
        return -math.inf
    sums = np.convolve(hop_energy, np.ones(_HOPS_A_BLOCK), "valid")
    blocks = sums / (_HOPS_A_BLOCK * HOP)
    loud = blocks[blocks > 10.0 ** ((_ABSOLUTE_GATE_LUFS - _OFFSET_LU) / 10)]
    if not len(loud):
        return -math.inf
    kept = loud[loud > loud.mean() * 10.0 ** (_RELATIVE_GATE_LU / 10)]
    return _OFFSET_LU + decibels(float(kept.mean()))


class LoudnessMeter:
    """Integrated loudness of everything fed so far."""

    def __init__(self) -> None:
        self._cells = CellEnergy(HOP)
        self._hops: list[float] = []

    def feed(self, block: Samples) -> None:
        """Add float32 [1 or 2, n]."""
        self._hops.extend(self._cells.feed(block))

    def integrated_lufs(self) -> float:
        """LUFS so far; -inf for silence or less than 400 ms."""
        return gated_lufs(np.array(self._hops))


def true_peak_dbtp(blocks: Iterable[Samples]) -> float:
    """Greatest true peak of a signal given in blocks, dBTP; -inf for silence."""
    meter, peak, channels = PeakMeter(1), 0.0, 2
    for block in blocks:
        peak, channels = max(peak, float(meter.feed(block).max(initial=0.0))), len(block)
    rest = meter.feed(np.zeros((channels, _TAPS), np.float32))
    return decibels(max(peak, float(rest.max())) ** 2)
