"""Where a film is to be played: how loud it has to be, and how high its peaks may reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from clapboard.timeline import MasterName

SHORTEST_GATED_S: Final = 3
"""Shorter films have too few gating blocks for a loudness: their peak is brought to the ceiling instead."""

CODEC_HEADROOM_DB: Final = 1.0
"""The mix stays this far under the ceiling, because AAC raises peaks (measured: 0.3 dB on foley, more on noise)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """A loudness target (none: the film stays as loud as it is) and the ceiling of the finished file's true peak."""

    target_lufs: float | None
    ceiling_dbtp: float = -1.0


# Web and Apple: what the platforms say; EBU R 128; ATSC A/85.
PRESETS: Final[Mapping[MasterName, Preset]] = {
    "web": Preset(target_lufs=-14.0),
    "apple": Preset(target_lufs=-16.0),
    "broadcast-eu": Preset(target_lufs=-23.0),
    "broadcast-us": Preset(target_lufs=-24.0, ceiling_dbtp=-2.0),
    "off": Preset(target_lufs=None),
}
