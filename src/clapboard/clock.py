"""Exact time: the only module that turns seconds into frames, samples or latents.

Rates are `Fraction`s (frames per second), positions are integers, and seconds are exact decimals as the user wrote
them: 0.1 is 1/10, not the nearest binary float. Frame k lasts from k / fps to (k + 1) / fps; its sound starts at
sample `first_sample(k, fps)`.
"""

import math
import re
from fractions import Fraction
from typing import Final

from clapboard.errors import InputError

SAMPLE_RATE: Final = 48_000
"""Samples a second of every sound that we write."""

MAX_DURATION_S: Final = 6 * 3600
"""Longest film: six hours keep every sample index and MP4 timestamp within 32 bits at the movie timescale."""

MAX_FPS: Final = 240

SPEED_OF_SOUND_M_S: Final = 343.0
"""In dry air at 20 degrees C: how late a distance is heard."""

MAX_RATE_TERM: Final = 2**31 - 1
"""Largest numerator and denominator of a rate: FFmpeg keeps both in 32 bits with a sign."""

_MAX_RATE_CHARS: Final = 50
"""Twice as many as two terms of 32 bits or a float's digits need."""

# Broadcast rates are written as decimals but mean these fractions (SMPTE ST 2036-1).
_NTSC: Final = {
    "23.976": Fraction(24000, 1001),
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "47.952": Fraction(48000, 1001),
    "59.94": Fraction(60000, 1001),
    "119.88": Fraction(120000, 1001),
}

Seconds = float | int | Fraction


def exact(seconds: Seconds) -> Fraction:
    """Seconds as the fraction that their decimal form says: `exact(0.1) == Fraction(1, 10)`."""
    return seconds if isinstance(seconds, Fraction) else Fraction(repr(seconds))


def parse_rate(value: object) -> Fraction:
    """A frame rate from `24`, `23.976`, `"24000/1001"` or a `Fraction`; raises `InputError` outside (0, 240]."""
    text = str(value).strip()
    try:
        if len(text) > _MAX_RATE_CHARS or re.search(r"e[+-]?\d{4}", text, re.IGNORECASE):
            raise ValueError  # Fraction would work out every digit of 1e999999999
        rate = value if isinstance(value, Fraction) else _NTSC.get(text) or Fraction(text)
    except (ValueError, ZeroDivisionError):
        short = repr(text[:_MAX_RATE_CHARS])
        raise InputError(f"frame rate {short} is not a number or a fraction; write 24, 29.97 or 24000/1001") from None
    if not 0 < rate <= MAX_FPS:
        raise InputError(f"frame rate {text} is outside (0, {MAX_FPS}]; choose for example 24")
    if max(rate.numerator, rate.denominator) > MAX_RATE_TERM:
        raise InputError(f"frame rate {text} is too fine for a film's file; write a simpler one such as 24000/1001")
    return rate


def rate_text(rate: Fraction) -> str:
    """The rate as it is written in a Timeline: `"24"` or `"24000/1001"`; `parse_rate` reads it back exactly."""
    return str(rate)


def num_frames(duration_s: Seconds, fps: Fraction) -> int:
    """Frames of a film of this duration, at least one."""
    return max(1, frame_at(duration_s, fps))


def frame_at(seconds: Seconds, fps: Fraction) -> int:
    """The frame whose start is nearest to this time (halves go up)."""
    return math.floor(exact(seconds) * fps + Fraction(1, 2))


def frame_shown(seconds: Seconds, fps: Fraction) -> int:
    """The frame that is on the screen at this time."""
    return math.floor(exact(seconds) * fps)


def frame_time(frame_index: int, fps: Fraction) -> Fraction:
    """Exact start of a frame in seconds."""
    return frame_index / fps


def num_samples(frames: int, fps: Fraction) -> int:
    """Samples of a film of this many frames: `round(frames * 48000 / fps)`."""
    return round(frames * SAMPLE_RATE / fps)


def first_sample(frame_index: int, fps: Fraction) -> int:
    """First sample that belongs to a frame."""
    return num_samples(frame_index, fps)


def sample_at(seconds: Seconds) -> int:
    """The sample nearest to this time."""
    return round(exact(seconds) * SAMPLE_RATE)


def sample_time(sample_index: int) -> Fraction:
    """Exact time of a sample in seconds."""
    return Fraction(sample_index, SAMPLE_RATE)
