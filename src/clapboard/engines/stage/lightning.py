"""Lightning as a place sees it: parts of the thing "thunder" give their flashes as far, wide-reaching point lights.

flashes = flashes_at(parts, t_s)        # for Sky.draw: where the clouds are lit
level = flash_at(parts, t_s)            # 0 dark .. about 1: add level * FLASH_RGB to ambient light and still layers
"""

from collections.abc import Sequence
from typing import Final

from clapboard.engines.stage.scene import Part, Rgb
from clapboard.engines.stage.sky import Flash

THUNDER: Final = "thunder"
FLASH_RGB: Final[Rgb] = (0.72, 0.78, 1.0)


def flashes_at(parts: Sequence[Part], t_s: float) -> tuple[Flash, ...]:
    """The flashes of a film time, for `Sky.draw`; empty when it is dark."""
    found = []
    for part in parts:
        if part.thing == THUNDER:
            for light in part.lights(t_s):
                found.append(
                    Flash(level=max(light.rgb), azimuth=light.x_m / light.z_m, width=light.reach_m / light.z_m)
                )
    return tuple(found)


def flash_at(parts: Sequence[Part], t_s: float) -> float:
    """How much lightning lights the place at a film time: 0 dark, about 1 a bolt near by."""
    return min(1.6, sum(flash.level for flash in flashes_at(parts, t_s)))
