"""Convolution of an endless mono signal with a stereo response, one partition at a time (uniformly partitioned
overlap-add: Stockham 1966, Kulp 1988). What rings on is carried from block to block, so memory depends on the response
only.
"""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clapboard.take import Samples

BLOCK: Final = 2**15
"""Samples a partition, and a block of the mix: 0.68 s. A room of 6 s has nine partitions."""

_Spectrum = NDArray[np.complex64]


def _spectrum(blocks: NDArray[np.float32]) -> _Spectrum:
    return np.fft.rfft(blocks, 2 * BLOCK).astype(np.complex64, copy=False)


class Convolver:
    """Feed blocks of `BLOCK` samples in order; each gives the block of the result at the same place."""

    def __init__(self, response: Samples) -> None:
        count = -(-response.shape[1] // BLOCK)
        padded = np.zeros((2, count * BLOCK), np.float32)
        padded[:, : response.shape[1]] = response
        self._parts = _spectrum(padded.reshape(2, count, BLOCK))
        self._past: deque[_Spectrum | None] = deque([None] * count, maxlen=count)
        self._ringing = np.zeros((2, BLOCK), np.float32)

    def feed(self, dry: NDArray[np.float32]) -> Samples | None:
        """Mono float32 [BLOCK] -> stereo float32 [2, BLOCK], or none while all is silent."""
        self._past.appendleft(_spectrum(dry) if dry.any() else None)
        total: _Spectrum | None = None
        for index, spectrum in enumerate(self._past):
            if spectrum is not None:
                product = spectrum * self._parts[:, index]
                total = product if total is None else np.add(total, product, out=total)
        if total is None:
            if not self._ringing.any():
                return None
            out, self._ringing = self._ringing, np.zeros((2, BLOCK), np.float32)
            return out
        result = np.fft.irfft(total).astype(np.float32, copy=False)
        out = result[:, :BLOCK] + self._ringing
        self._ringing = result[:, BLOCK:]
        return out
