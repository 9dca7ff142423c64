"""From dry stems to a finished Master: rooms, places, balance, loudness.

master = mix(take.stems, timeline)
for block in live_blocks(take.stems, timeline): ...
"""

from clapboard.sound.live import live_blocks
from clapboard.sound.mix import mix
from clapboard.sound.presets import PRESETS, Preset

__all__ = ["PRESETS", "Preset", "live_blocks", "mix"]
