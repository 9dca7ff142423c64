"""Wet sound: dry sources put where they are heard from, in their rooms, added up to one stem.

    wet = WetStem(sources, num_samples=timeline.num_samples, seed=timeline.seed)
    for index in range(wet.num_blocks):
        block = wet.block(index)                # float32 [2, BLOCK], blocks in order

A point falls off as 1 / distance, loses highs to the air and outside of the picture, and is panned with constant power;
its sound is never late: cues say when it is heard. A wide sound (two channels) stays as it is.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE
from clapboard.sound.convolve import BLOCK, Convolver
from clapboard.sound.room import impulse, resolve
from clapboard.take import Samples, Source

CONTROL: Final = 1024
"""Samples between the points at which positions are read: 21 ms, half a frame of film; linear between them."""

NEAREST_M: Final = 0.5
"""Closer than this a source gets no louder: +6 dB over 1 m."""

_WIDEST = 0.92  # pan at the picture's edge: a sound in one ear only is unpleasant on headphones
_OPEN_HZ = 20_000.0
_WIDE_SEND = 0.25  # -12 dB: a wide sound brings its own space along
_FADE_OUT = SAMPLE_RATE * 80 // 1000  # an owl that still calls is not chopped; a beep on the last frame still rises
_FADE_IN = SAMPLE_RATE * 5 // 1000
_STRIKE_FADE_IN = SAMPLE_RATE // 2000
_LATER = slice(SAMPLE_RATE // 10, SAMPLE_RATE // 5)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Controls:
    # At every CONTROL samples, and at the block's end: gains, and the low-pass coefficient (1 lets everything pass).
    left: NDArray[np.float32]
    right: NDArray[np.float32]
    send: NDArray[np.float32]
    smooth: NDArray[np.float32]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def _place(dry, left, right, send, smooth, state, out, room):  # noqa: ANN001, ANN202 - numba kernel
    # dry float32 [n]; adds to out [2, n] and room [n]; state [1] is the low-pass filter's memory.
    y = state[0]
    step = dry.shape[0] // (left.shape[0] - 1)
    scale = np.float32(1.0 / step)
    for k in range(left.shape[0] - 1):
        coefficient = smooth[k]
        for i in range(k * step, (k + 1) * step):
            u = np.float32(i - k * step) * scale
            y += coefficient * (dry[i] - y)
            out[0, i] += y * (left[k] + (left[k + 1] - left[k]) * u)
            out[1, i] += y * (right[k] + (right[k + 1] - right[k]) * u)
            room[i] += y * (send[k] + (send[k + 1] - send[k]) * u)
    state[0] = y


def _cutoff_hz(azimuth: NDArray[np.float64], distance_m: NDArray[np.float64]) -> NDArray[np.float64]:
    # Air: ISO 9613-2 (table 2, 15 degrees C, 50 %) loses 36.2 dB/km at 4 kHz, growing as f^1.8; the cutoff is where
    # 3 dB are gone. Outside of the picture the head and the scene's edge shade: down to 2.5 kHz far behind (judged).
    air = 4000.0 * (83.0 / distance_m) ** 0.556
    aside = np.clip(np.abs(azimuth) - 1, 0, 2)
    return np.minimum(air, np.where(aside > 0, 14_000.0 * 2.0 ** (-1.25 * aside), np.inf))


class _Voice:
    # One source as it moves, in order.

    def __init__(self, source: Source, reach_m: float) -> None:
        self._source = source
        self._reach_m = reach_m
        self._gain = 10 ** (source.gain_db / 20)
        self._state = np.zeros(1, np.float32)

    def _heard(self, distance_m: NDArray[np.float64]) -> NDArray[np.float64]:
        # A diffuse field does not care where in the room a source is. What is outside of the room comes in as if it
        # were close by, already weakened; in the open all that the place adds falls with the sound itself.
        return np.maximum(1 / np.maximum(1.0, distance_m), np.minimum(1.0, (self._reach_m / distance_m) ** 2))

    def _controls(self, start: int, here: slice) -> _Controls:
        # Engines walk their scene for every point, so points are read only where the source sounds.
        points = np.arange(BLOCK // CONTROL + 1)
        read = np.clip(points, here.start // CONTROL, -(-here.stop // CONTROL))
        azimuth, distance_m = (
            values[read - read[0]]
            for values in self._source.position((start + CONTROL * np.unique(read)) / SAMPLE_RATE)
        )
        near_m = np.maximum(distance_m, NEAREST_M)
        angle = (np.clip(azimuth, -1, 1) * _WIDEST + 1) * (math.pi / 4)
        cutoff = _cutoff_hz(azimuth, near_m)
        smooth = np.where(cutoff < _OPEN_HZ, 1 - np.exp(-2 * math.pi * cutoff / SAMPLE_RATE), 1.0)
        return _Controls(
            left=(self._gain / near_m * np.cos(angle)).astype(np.float32),
            right=(self._gain / near_m * np.sin(angle)).astype(np.float32),
            send=(self._gain * self._heard(near_m)).astype(np.float32),
            smooth=smooth.astype(np.float32),
        )

    def add(self, start: int, out: Samples, room: NDArray[np.float32]) -> None:
        """Add film samples start..start+BLOCK-1 to the direct sound [2, BLOCK] and to what the room hears [BLOCK]."""
        first = max(start, self._source.start)
        last = min(start + BLOCK, self._source.start + self._source.length)
        if first >= last:
            return
        sound = self._source.render(first, last)
        here = slice(first - start, last - start)
        if len(sound) == 2:
            out[:, here] += sound * np.float32(self._gain)
            room[here] += (sound[0] + sound[1]) * np.float32(self._gain * _WIDE_SEND / 2)
            return
        dry = np.zeros(BLOCK, np.float32)
        dry[here] = sound[0]
        controls = self._controls(start, here)
        _place(dry, controls.left, controls.right, controls.send, controls.smooth, self._state, out, room)


class _Space:
    # The sources that share a room.

    def __init__(self, sources: list[Source], seed: int) -> None:
        acoustics = sources[0].room
        room = resolve(acoustics) if acoustics else None
        response = impulse(room, seed) if room else np.zeros((2, 0), np.float32)
        self._convolver = Convolver(response) if response.any() else None
        self._voices = [_Voice(source, room.reach_m if room else 1.0) for source in sources]

    def add(self, start: int, out: Samples) -> None:
        heard = np.zeros(BLOCK, np.float32)
        for voice in self._voices:
            voice.add(start, out, heard)
        reverb = self._convolver.feed(heard) if self._convolver else None
        if reverb is not None:
            out += reverb


class WetStem:
    """The wet sound of a stem, block by block in order; the first asked may be any (its rooms then start silent)."""

    def __init__(self, sources: tuple[Source, ...], *, num_samples: int, seed: int) -> None:
        rooms: dict[str, list[Source]] = {}
        for source in sources:
            rooms.setdefault(source.room.model_dump_json() if source.room else "", []).append(source)
        self._spaces = [_Space(shared, seed) for shared in rooms.values()]
        self._num_samples = num_samples
        self.num_blocks = -(-num_samples // BLOCK)

    def block(self, index: int) -> Samples:
        """Film samples index * BLOCK .. + BLOCK - 1, float32 [2, BLOCK], silent after the film's end."""
        start = index * BLOCK
        out = np.zeros((2, BLOCK), np.float32)
        for space in self._spaces:
            space.add(start, out)
        self._fade(start, out)
        return out

    def _fade(self, start: int, out: Samples) -> None:
        # The film's very ends: no click, but a strike on the first frame keeps its edge.
        if start == 0:
            begun, later = np.square(out[:, :_FADE_IN]).mean(), np.square(out[:, _LATER]).mean()
            strikes = begun > 4 * later  # it falls by 6 dB at once: no bed or tone does
            length = _STRIKE_FADE_IN if strikes else _FADE_IN
            out[:, :length] *= (np.arange(length, dtype=np.float32) + np.float32(0.5)) / np.float32(length)
        left = self._num_samples - start - np.arange(BLOCK) - 0.5
        if left[-1] < _FADE_OUT:
            out *= np.clip(left / _FADE_OUT, 0, 1).astype(np.float32)
