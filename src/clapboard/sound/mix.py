"""The mix: dry stems in, a finished Master out.

    master = mix(take.stems, timeline)

Stems become wet sound one after the other, kept on disk in Reels. What comes after is gain alone, computed once from
the whole and put on every stem: music and ambience duck under dialogue, a static gain meets the preset's loudness, a
limiter keeps its ceiling. So the finished stems add up to the mix.

No source is normalised. The desk expects, at 1 m and before any gain: dialogue near -23 LUFS, a normal impact (force
0.6) peaking at -12 dBFS, ambience near -30 LUFS, music near -24 LUFS; then `desk.BALANCE_DB` puts them in order.

A retake of a window leaves every sample outside of it as it was: there its gains are those of the film before it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clapboard import clock
from clapboard.progress import Progress, Step, silent
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
from clapboard.sound.gain import CELL, Knots
from clapboard.sound.loudness import LoudnessMeter, PeakMeter
from clapboard.sound.place import WetStem
from clapboard.sound.presets import PRESETS
from clapboard.take import Master, Reel, Samples, Source, Stems
from clapboard.timeline import Retake, Stem, Timeline

_CELLS = BLOCK // CELL
_CROSSFADE = clock.SAMPLE_RATE // 100  # 10 ms at both ends of a retake's window, inside of it
_PRE_ROLL = 6 * clock.SAMPLE_RATE  # the longest response: a window's rooms begin to ring this long before it
_MASTER_JOIN = 4  # cells over which the master gain of a window meets the one outside: 2.7 ms, while it fades in
_DUCK_JOIN = gain.STRIKES.motion.ahead  # the same for what ducks

_PASSES = 3
_NEAR_LU = 0.03
_NEAR_PEAK = 1.005
_REACHABLE_LU = 2.0  # a film further off has no loudness to give: a lone click


@dataclass(frozen=True, kw_only=True, slots=True)
class _Curves:
    # Every gain of the film, as knots: what ducks, and the master's static gain with its limiter.
    ducks: Ducks
    hold: float
    master: Knots
    static_gain: float
    ceiling: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _Window:
    # Samples start..stop-1 of a film; an end that is also the film's has nothing to join.
    start: int
    stop: int
    length: int

    @property
    def blocks(self) -> range:
        return range(self.start // BLOCK, -(-self.stop // BLOCK))

    @classmethod
    def of(cls, again: Retake, length: int) -> "_Window | None":
        """The window of a retake; none when it is of the whole film."""
        if again.from_s is None and again.to_s is None:
            return None
        start = clock.sample_at(again.from_s or 0.0)
        stop = length if again.to_s is None else min(length, clock.sample_at(again.to_s))
        return cls(start=min(start, stop), stop=stop, length=length)

    def share(self, first: int, stop: int) -> Samples:
        """How much of samples first..stop-1 is new, float32 [1, stop - first]."""
        fade = max(1, min(_CROSSFADE, (self.stop - self.start) // 2))
        at = np.arange(first, stop) + 0.5
        rise = (at - self.start) / fade if self.start > 0 else np.ones(len(at))
        fall = (self.stop - at) / fade if self.stop < self.length else np.ones(len(at))
        return np.clip(np.minimum(rise, fall), 0, 1).astype(np.float32)[None]

    def joined(self, outside: Knots, inside: Knots, join: int) -> Knots:
        """The lower of two gains inside the window, reached over `join` cells; the first gain, untouched, outside."""
        first = -(-self.start // CELL)
        last = self.stop // CELL if self.stop < self.length else len(outside) - 1
        if last <= first:
            return outside
        k = np.arange(first, last + 1)
        rise = (k - first) / join if self.start > 0 else np.ones(len(k))
        fall = (last - k) / join if self.stop < self.length else np.ones(len(k))
        share = np.clip(np.minimum(rise, fall), 0, 1).astype(np.float32)
        out, old = outside.copy(), outside[first : last + 1]
        out[first : last + 1] = old - share * np.maximum(0, old - inside[first : last + 1])
        return out


class _Mixing:
    # One film on the desk: its wet stems so far, and the gains that follow from them.

    def __init__(self, timeline: Timeline, progress: Progress, jobs: int) -> None:
        self._length = timeline.num_samples
        self._blocks = range(-(-self._length // BLOCK))
        self._desk, self._goal = Desk(timeline.mix), Goal.of(timeline)
        self._wet: dict[Stem, Reel] = {}
        self._progress, self._jobs, self._job = progress, jobs, 0

    def add(self, stem: Stem, sources: Sequence[Source], *, seed: int, window: _Window | None = None) -> None:
        """Render a stem from its sources: the whole of it, or a window spliced into what it was."""
        if window is None:
            self._wet.pop(stem, None)
        if self._desk.hears(stem) and (sources or stem in self._wet):
            reel = self._wet.setdefault(stem, Reel(self._length))
            wet = WetStem(tuple(sources), num_samples=self._length, seed=seed)
            new = window or _Window(start=0, stop=self._length, length=self._length)
            for block in range(max(0, new.start - _PRE_ROLL) // BLOCK, new.blocks.stop):
                sound = wet.block(block)
                first, stop = max(new.start, block * BLOCK), min(new.stop, (block + 1) * BLOCK)
                if first < stop:
                    share = new.share(first, stop)
                    sound = sound[:, first - block * BLOCK : stop - block * BLOCK]
                    old = reel.read(first, stop)
                    reel.write(first, np.add(old * (1 - share), sound * share, dtype=np.float32))
                self._tick(block)
        self._job += 1

    def curves(self) -> _Curves:
        """The gains of the whole film."""
        given = self._desk.ducks(self._keys())
        hold, levels = held_back(self._goal, lambda hold: self._levels(ambience_held(given, hold), self._blocks))
        ducks = ambience_held(given, hold)
        goal, curves = self._goal, self._limited(ducks, hold, levels, self._goal)
        for _ in range(_PASSES):
            # Levels per cell foretell what a gain does, nearly: what it did is measured, and the rest put right.
            lufs, peak = self._measured(curves)
            missing_lu = self._goal.target_lufs - lufs if self._goal.target_lufs is not None else 0.0
            if abs(missing_lu) <= _NEAR_LU or abs(missing_lu) > _REACHABLE_LU:
                missing_lu = 0.0
            over = max(1.0, peak / self._goal.ceiling)
            if missing_lu == 0 and over <= _NEAR_PEAK:
                break
            goal = goal.corrected(missing_lu, over)
            curves = self._limited(ducks, hold, levels, goal)
        return curves

    @staticmethod
    def _limited(ducks: Ducks, hold: float, levels: Levels, goal: Goal) -> _Curves:
        static_gain = goal.static_gain(levels)
        master = gain.limiting(levels.peaks, static_gain, goal.ceiling)
        return _Curves(ducks=ducks, hold=hold, master=master, static_gain=static_gain, ceiling=goal.ceiling)

    def narrowed(self, curves: _Curves, window: _Window) -> _Curves:
        """The gains after a retake of a window: lower in it where the new sound needs it, and the same outside."""
        given = ambience_held(self._desk.ducks(self._keys()), curves.hold)
        ducks = {stem: window.joined(knots, given[stem], _DUCK_JOIN) for stem, knots in curves.ducks.items()}
        at = np.arange(len(curves.master) - 1) * CELL
        peaks = np.zeros(len(at), np.float32)
        peaks[window.blocks.start * _CELLS : window.blocks.stop * _CELLS] = self._levels(ducks, window.blocks).peaks
        peaks[(at < window.start) | (at + CELL > window.stop)] = 0
        limited = gain.limiting(peaks, curves.static_gain, curves.ceiling)
        return replace(curves, ducks=ducks, master=window.joined(curves.master, limited, _MASTER_JOIN))

    def master(self, curves: _Curves, ceiling_dbtp: float) -> Master:
        """The finished film's sound."""
        stems, whole = {stem: Reel(self._length) for stem in Stem}, Reel(self._length)
        for block, balanced in self._played(curves):
            for stem, sound in balanced.items():
                self._write(stems[stem], block, sound)
            self._write(whole, block, summed(balanced))
            self._tick(block)
        return Master(
            num_samples=self._length,
            stems=stems,
            mix=whole,
            ceiling_dbtp=ceiling_dbtp,
            static_gain_db=20 * math.log10(curves.static_gain),
        )

    def _played(self, curves: _Curves) -> Iterator[tuple[int, Wet]]:
        # Each block's stems under all their gains.
        for block in self._blocks:
            here = slice(block * _CELLS, (block + 1) * _CELLS + 1)
            ducks = {stem: knots[here] for stem, knots in curves.ducks.items()}
            yield block, self._desk.balanced(self._wet_block(block), ducks, curves.master[here])

    def _measured(self, curves: _Curves) -> tuple[float, float]:
        # Loudness (LUFS) and true peak (linear) of the mix.
        loudness, peaks, highest = LoudnessMeter(), PeakMeter(CELL), 0.0
        for block, balanced in self._played(curves):
            total = summed(balanced)
            loudness.feed(total[:, : self._length - block * BLOCK])
            highest = max(highest, float(peaks.feed(total).max()))
        return loudness.integrated_lufs(), highest

    def _tick(self, block: int) -> None:
        total = self._jobs * len(self._blocks)
        self._progress(Step(stage="sound", done=min(total, self._job * len(self._blocks) + block + 1), total=total))

    def _read(self, reel: Reel, block: int) -> Samples:
        samples = reel.read(block * BLOCK, min(self._length, (block + 1) * BLOCK))
        return np.pad(samples, ((0, 0), (0, BLOCK - samples.shape[1])))

    def _write(self, reel: Reel, block: int, samples: Samples) -> None:
        reel.write(block * BLOCK, samples[:, : self._length - block * BLOCK])

    def _wet_block(self, block: int) -> Wet:
        return {stem: self._read(self._wet[stem], block) for stem in self._wet}

    def _keys(self) -> NDArray[np.float32]:
        return np.concatenate([key_powers(self._wet_block(block)) for block in self._blocks], axis=-1)

    def _levels(self, ducks: Ducks, blocks: range) -> Levels:
        meter, flat = LevelMeter(), np.ones(_CELLS + 1, np.float32)
        for block in blocks:
            here = {stem: knots[block * _CELLS : (block + 1) * _CELLS + 1] for stem, knots in ducks.items()}
            meter.feed(summed(self._desk.balanced(self._wet_block(block), here, flat)))
        return meter.levels(self._length)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Layer:
    # A Take's stems, or a retake's over those before it; a layer without a window replaces its stems.
    stems: Stems
    seed: int
    window: _Window | None


def mix(
    stems: Stems, timeline: Timeline, *, retaken: Sequence[tuple[Retake, Stems]] = (), progress: Progress = silent
) -> Master:
    """The Master of a Take's stems, with retakes spliced over them in order; each with the stems it made again.

    A retake without a window replaces its stems and sets all gains anew. Peaks stay 1 dB under the preset's ceiling,
    for the codec.
    """
    layers = [_Layer(stems=stems, seed=timeline.seed, window=None)]
    for again, new in retaken:
        made = {stem: sources for stem, sources in new.items() if again.stem in (None, stem)}
        layers.append(_Layer(stems=made, seed=again.seed, window=_Window.of(again, timeline.num_samples)))
    last_whole = max(index for index, layer in enumerate(layers) if layer.window is None)
    kept = [
        {stem: sources for stem, sources in layer.stems.items() if not _replaced(stem, layers[index + 1 :])}
        for index, layer in enumerate(layers)
    ]
    mixing = _Mixing(timeline, progress, jobs=sum(map(len, kept)) + 1)
    curves = None
    for index, (layer, heard) in enumerate(zip(layers, kept, strict=True)):
        for stem, sources in heard.items():
            mixing.add(stem, sources, seed=layer.seed, window=layer.window)
        if index == last_whole:
            curves = mixing.curves()
        elif curves is not None and layer.window is not None:
            curves = mixing.narrowed(curves, layer.window)
    assert curves is not None
    return mixing.master(curves, PRESETS[timeline.mix.master].ceiling_dbtp)


def _replaced(stem: Stem, later: Sequence[_Layer]) -> bool:
    return any(stem in layer.stems and layer.window is None for layer in later)
