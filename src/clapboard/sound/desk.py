"""What the mix and the live stream share: the gains that a Timeline asks for, levels, and the goal of the master."""

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


class Desk:
    """The Timeline's mix settings, as gains. Only stems that are on are heard."""

    def __init__(self, mix: Mix) -> None:
        self._mix = mix
        self._gains = {s: np.float32(10 ** (mix.gains_db.get(s, 0.0) / 20)) for s in Stem if s not in mix.off}

    def hears(self, stem: Stem) -> bool:
        """Whether a stem is on."""
        return stem in self._gains

    def ducks(self, speech_power: NDArray[np.float32]) -> Ducks:
        """Gains of the stems that give way to dialogue of these powers per cell."""
        return {stem: gain.ducking(speech_power, self._mix.duck_db * share) for stem, share in _DUCK_SHARE.items()}

    def knots(self, stem: Stem, ducks: Ducks, master: Knots) -> Knots:
        """The whole gain of a stem."""
        return master * self._gains[stem] * ducks.get(stem, np.float32(1))

    def balanced(self, wet: Wet, ducks: Ducks, master: Knots) -> Wet:
        """The stems of a block under their whole gains; all knots are of this block."""
        return {stem: gain.applied(block, self.knots(stem, ducks, master)) for stem, block in wet.items()}


def summed(stems: Wet) -> Samples:
    """The mix of a block's stems, always added in the same order."""
    total = np.zeros((2, BLOCK), np.float32)
    for stem in Stem:
        if stem in stems:
            total += stems[stem]
    return total
