"""From generators to the Sources of a Take: events that start at a cue, and beds that run through a shot."""

from collections.abc import Callable

import numpy as np

from clapboard import clock
from clapboard.take import CENTRE, Cue, Position, Samples, Source
from clapboard.timeline import Acoustics


def event(
    name: str,
    start: Cue | int,
    samples: Callable[[], np.ndarray],
    *,
    position: Position = CENTRE,
    gain_db: float = 0.0,
    room: Acoustics | None = None,
) -> Source:
    """A short sound that begins at a cue's heard sample (or at a film sample). `samples` makes it: mono float32 [n]."""
    first = start.heard_sample if isinstance(start, Cue) else start
    made = np.atleast_2d(np.asarray(samples(), np.float32))

    def render(a: int, b: int) -> Samples:
        return made[:, a - first : b - first]

    return Source(
        name=name, start=first, length=made.shape[1], render=render, position=position, gain_db=gain_db, room=room
    )


def running(
    name: str,
    render: Callable[[int, int], Samples],
    span_s: tuple[float, float],
    *,
    position: Position = CENTRE,
    gain_db: float = 0.0,
    fade_s: float = 0.02,
    room: Acoustics | None = None,
) -> Source:
    """A continuous sound of film samples through a span of film time, faded in and out."""
    start, stop = (clock.sample_at(float(t)) for t in span_s)
    fade = max(1, min(clock.sample_at(fade_s), (stop - start) // 2))

    def faded(a: int, b: int) -> Samples:
        t = np.arange(a, b, dtype=np.float32)
        gain = np.clip(np.minimum((t - start) / fade, (stop - t) / fade), 0, 1)
        return np.atleast_2d(render(a, b)) * gain

    return Source(
        name=name, start=start, length=stop - start, render=faded, position=position, gain_db=gain_db, room=room
    )
