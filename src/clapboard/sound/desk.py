"""What the mix and the live stream share: the gains that a Timeline asks for, levels, and the goal of the master."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clapboard import clock
from clapboard.sound import gain
from clapboard.sound.convolve import BLOCK
from clapboard.sound.gain import CELL, Knots
from clapboard.sound.loudness import CellEnergy, Energies, PeakMeter
from clapboard.sound.presets import CODEC_HEADROOM_DB, PRESETS, SHORTEST_GATED_S
from clapboard.take import Samples
from clapboard.timeline import Mix, Stem, Timeline

BALANCE_DB: Final = {Stem.DIALOGUE: 0.0, Stem.EFFECTS: 0.0, Stem.AMBIENCE: -3.0, Stem.MUSIC: -5.0}
"""Faders at rest: what is told stands before what surrounds it. `Mix.gains_db` comes on top."""

_HEAVY_DB = 12.0  # limiting beyond this changes what a sound is
_HOLDS_DB: Final = (-6.0, -12.0, -18.0, -24.0)

KEYS: Final = (Stem.DIALOGUE, Stem.EFFECTS)
"""The stems that others give way to."""

_STRIKE_DUCK_DB = 4.0  # not heard as a change of level, but strikes stand out of rain and music
_DUCK_SHARE: Final = {Stem.MUSIC: 1.0, Stem.AMBIENCE: 0.5}

Ducks = dict[Stem, Knots]
Wet = dict[Stem, Samples]


@dataclass(frozen=True, kw_only=True, slots=True)
class Levels:
    """A film before its master gain, per cell: K-weighted energies and true peaks (linear)."""

    energies: Energies
    peaks: NDArray[np.float32]
    num_samples: int


class LevelMeter:
    """Measures `Levels` from successive blocks float32 [2, cells * CELL]."""

    def __init__(self) -> None:
        self._energy, self._peak = CellEnergy(CELL), PeakMeter(CELL)
        self._energies: list[Energies] = []
        self._late_peaks: list[NDArray[np.float32]] = []

    def feed(self, block: Samples) -> None:
        """Add a block."""
        self._energies.append(self._energy.feed(block))
        self._late_peaks.append(self._peak.feed(block))

    def levels(self, num_samples: int) -> Levels:
        """Levels of all that was fed; ends the measurement."""
        self.feed(np.zeros((2, CELL), np.float32))
        late = np.concatenate(self._late_peaks)
        # The peak meter is late, so a cell's last peaks are read in the next one.
        peaks = np.maximum(late[:-1], late[1:])
        return Levels(energies=np.concatenate(self._energies)[:-1], peaks=peaks, num_samples=num_samples)


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """A loudness, or a peak to normalise to, or neither; and a linear true-peak ceiling before the codec."""

    target_lufs: float | None
    normalise_peak: bool
    ceiling: float

    @classmethod
    def of(cls, timeline: Timeline) -> "Goal":
        """The goal of a Timeline's preset."""
        preset = PRESETS[timeline.mix.master]
        short = timeline.num_samples < SHORTEST_GATED_S * clock.SAMPLE_RATE
        return cls(
            target_lufs=None if short else preset.target_lufs,
            normalise_peak=short and preset.target_lufs is not None,
            ceiling=10 ** ((preset.ceiling_dbtp - CODEC_HEADROOM_DB) / 20),
        )

    def corrected(self, more_lu: float, over: float) -> "Goal":
        """Aim `more_lu` louder, with a ceiling lower by the factor `over`."""
        target_lufs = None if self.target_lufs is None else self.target_lufs + more_lu
        return replace(self, target_lufs=target_lufs, ceiling=self.ceiling / over)

    def static_gain(self, levels: Levels) -> float:
        """Linear gain before the limiter; 1 for silence."""
        loudest = float(levels.peaks.max(initial=0.0))
        if loudest == 0:
            return 1.0
        if self.normalise_peak:
            return self.ceiling / loudest
        if self.target_lufs is None:
            return 1.0

        def loudness(knots: Knots) -> float:
            return gain.cell_loudness(levels.energies, knots, levels.num_samples)

        return gain.gain_for(self.target_lufs, loudness, levels.peaks, self.ceiling)

    def limiting_db(self, levels: Levels) -> float:
        """How far the limiter goes down, at most, in a film of these levels."""
        static_gain = self.static_gain(levels)
        return -20 * math.log10(float(gain.limiting(levels.peaks, static_gain, self.ceiling).min()) / static_gain)


def key_powers(wet: Wet) -> NDArray[np.float32]:
    """Powers of the keys in a block, float32 [KEYS, cells]."""
    silent = np.zeros(BLOCK // CELL, np.float32)
    return np.stack([gain.cell_power(wet[stem]) if stem in wet else silent for stem in KEYS])


def held_back(goal: Goal, measure: Callable[[float], Levels]) -> tuple[float, Levels]:
    """How far ambience is held back in the whole film, as a gain, and the levels with it.

    A film of few, short sounds in a quiet room meets its loudness only under heavy limiting, which would lift the
    room's hush to a roar. Then the ambience stays behind: as much as makes the limiter work least. `measure` gives the
    levels for a gain of the ambience.
    """
    best = 1.0, measure(1.0)
    least = goal.limiting_db(best[1])
    for hold_db in _HOLDS_DB if least > _HEAVY_DB else ():
        hold = 10 ** (hold_db / 20)
        levels = measure(hold)
        heavy = goal.limiting_db(levels)
        if heavy < least - 1:
            best, least = (hold, levels), heavy
    return best


def ambience_held(ducks: Ducks, hold: float) -> Ducks:
    """The same gains with the ambience held back in all of the film."""
    return ducks | {Stem.AMBIENCE: ducks[Stem.AMBIENCE] * np.float32(hold)}


class Desk:
    """The Timeline's mix settings, as gains. Only stems that are on are heard."""

    def __init__(self, mix: Mix) -> None:
        self._mix = mix
        faders_db = {stem: rest_db + mix.gains_db.get(stem, 0.0) for stem, rest_db in BALANCE_DB.items()}
        self._gains = {stem: np.float32(10 ** (db / 20)) for stem, db in faders_db.items() if stem not in mix.off}

    def hears(self, stem: Stem) -> bool:
        """Whether a stem is on."""
        return stem in self._gains

    def ducks(self, powers: NDArray[np.float32]) -> Ducks:
        """Gains of the stems that give way to the keys, whose powers per cell are [KEYS, cells]."""
        speech, strikes = powers
        struck = gain.ducking(strikes, min(_STRIKE_DUCK_DB, self._mix.duck_db), gain.STRIKES)
        return {
            stem: gain.ducking(speech, self._mix.duck_db * share, gain.SPEECH) * struck
            for stem, share in _DUCK_SHARE.items()
        }

    def balanced(self, wet: Wet, ducks: Ducks, master: Knots) -> Wet:
        """The stems of a block under their whole gains; all knots are of this block."""
        whole = {stem: master * self._gains[stem] * ducks.get(stem, np.float32(1)) for stem in wet}
        return {stem: gain.applied(block, whole[stem]) for stem, block in wet.items()}


def summed(stems: Wet) -> Samples:
    """The mix of a block's stems, always added in the same order."""
    total = np.zeros((2, BLOCK), np.float32)
    for stem in Stem:
        if stem in stems:
            total += stems[stem]
    return total
