"""The mix in order, for a film that is streamed while it is rendered.

    for block in live_blocks(take.stems, timeline): ...      # float32 [2, n]

The wet path, the ducking and the limiter are those of the mix, looking ahead by a block instead of over the whole film.
The static gain is set from the first 8 s, so a film that grows louder later is limited more than its mix.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from clapboard import clock
from clapboard.sound import gain
from clapboard.sound.convolve import BLOCK
from clapboard.sound.desk import (
    Desk,
    Ducks,
    Goal,
    LevelMeter,
    Levels,
    Wet,
    ambience_held,
    held_back,
    key_powers,
    summed,
)
from clapboard.sound.gain import CELL
from clapboard.sound.loudness import PeakMeter
from clapboard.sound.place import WetStem
from clapboard.take import Samples, Stems
from clapboard.timeline import Timeline

_HEARD_FIRST_S: Final = 8
_PAST = 6  # blocks that gains are computed from: after 4 s a recovery is within 0.01 % of its end, so blocks join
_CELLS = BLOCK // CELL
_FLAT = np.ones(_CELLS + 1, np.float32)

_Item = TypeVar("_Item")
_Row = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ducked:
    # A block before its master gain: its wet stems and their ducking.
    wet: Wet
    ducks: Ducks

    def total(self, desk: Desk, hold: float) -> Samples:
        """Sum of the stems, with the ambience held back."""
        return summed(desk.balanced(self.wet, ambience_held(self.ducks, hold), _FLAT))


def live_blocks(stems: Stems, timeline: Timeline) -> Iterator[Samples]:
    """The film's sound in order, float32 [2, BLOCK] (the last one shorter), together as long as the film."""
    left = timeline.num_samples
    for sound in _mixed(stems, timeline):
        yield sound[:, :left]
        left -= BLOCK


def _mixed(stems: Stems, timeline: Timeline) -> Iterator[Samples]:
    # Blocks of the mix, float32 [2, BLOCK].
    desk, goal, length = Desk(timeline.mix), Goal.of(timeline), timeline.num_samples
    ducked = _ducked(stems, timeline, desk)
    first = deque(islice(ducked, -(-_HEARD_FIRST_S * clock.SAMPLE_RATE // BLOCK)))

    def measure(hold: float) -> Levels:
        meter = LevelMeter()
        for block in first:
            meter.feed(block.total(desk, hold))
        return meter.levels(min(length, len(first) * BLOCK))

    hold, levels = held_back(goal, measure)
    static_gain = goal.static_gain(levels)
    peaks = PeakMeter(CELL)
    measured = ((block, peaks.feed(block.total(desk, hold))) for block in chain(_drained(first), ducked))
    for block, late, here in _with_past(measured):
        # The peak meter is late, so a cell's last peaks are read in the next one.
        highest = np.maximum(late[:-1], late[1:])
        master = gain.limiting(highest, static_gain, goal.ceiling)[here]
        yield summed(desk.balanced(block.wet, ambience_held(block.ducks, hold), master))


def _ducked(stems: Stems, timeline: Timeline, desk: Desk) -> Iterator[_Ducked]:
    keyed = ((wet, key_powers(wet)) for wet in _wet(stems, timeline, desk))
    for wet, powers, here in _with_past(keyed):
        ducks = {stem: knots[here] for stem, knots in desk.ducks(powers).items()}
        yield _Ducked(wet=wet, ducks=ducks)


def _wet(stems: Stems, timeline: Timeline, desk: Desk) -> Iterator[Wet]:
    length = timeline.num_samples
    heard = {
        stem: WetStem(sources, num_samples=length, seed=timeline.seed)
        for stem, sources in stems.items()
        if sources and desk.hears(stem)
    }
    for index in range(-(-length // BLOCK)):
        yield {stem: source.block(index) for stem, source in heard.items()}


def _drained(items: deque[_Item]) -> Iterator[_Item]:
    while items:
        yield items.popleft()


def _with_past(rows: Iterator[tuple[_Item, _Row]]) -> Iterator[tuple[_Item, _Row, slice]]:
    # Each item with its row of cells between those of the last blocks and the next one, and where its knots are.
    past: deque[_Row] = deque(maxlen=_PAST)
    current = next(rows, None)
    while current is not None:
        item, row = current
        current = next(rows, None)
        coming = current[1] if current is not None else np.zeros_like(row)
        first = len(past) * _CELLS
        yield item, np.concatenate((*past, row, coming), axis=-1), slice(first, first + _CELLS + 1)
        past.append(row)
