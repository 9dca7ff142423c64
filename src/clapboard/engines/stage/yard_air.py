"""What moves in the yard's air when nothing happens: smoke from a far chimney, moths round the door lamp."""

import math
from typing import Final

import numpy as np

from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.scene import Easel, times
from clapboard.engines.stage.vapour import Plume, paint_plume
from clapboard.engines.stage.yard_light import LAMP_RGB, Yard

_MOTHS: Final = 4


def paint_smoke(yard: Yard, easel: Easel, t_s: float, wind: float, strength: float) -> None:
    """A thin plume over the far house, leaning with the wind."""
    light = times(yard.light.colours.mid, 0.7)
    plume = Plume(height_m=3.2, width_m=1.1, rgb=light, rise=0.10, lean_m=0.5 + 2.2 * wind, mouth=0.2, seed=5)
    paint_plume(easel, yard.far_chimney, plume, t_s, 0.9 * strength)


def paint_moths(yard: Yard, easel: Easel, t_s: float, strength: float) -> None:
    """Small lights that flutter round a lit lamp on loops which never quite close."""
    if strength * yard.lamp <= 0:
        return
    x, y, z = yard.door_lamp
    columns, rows, light = [], [], []
    for moth in range(_MOTHS):
        pace, phase = 1.1 + 0.37 * moth, 1.9 * moth
        wide = 0.16 + 0.05 * moth + 0.05 * math.sin(0.7 * t_s + phase)
        right = wide * math.sin(pace * 2.1 * t_s + phase) + 0.05 * math.sin(7.3 * pace * t_s)
        up = 0.6 * wide * math.sin(pace * 2.9 * t_s + 2 * phase) + 0.03 * math.sin(9.1 * pace * t_s + phase) - 0.05
        column, row, _ = easel.project(x + right, y + up, z)
        flutter = 0.55 + 0.45 * math.sin(2 * math.pi * 9.7 * t_s + phase)
        columns.append(column)
        rows.append(row)
        light.append(times(LAMP_RGB, 1.5 * strength * yard.lamp * flutter))
    radius = max(0.8, 3.2 * easel.unit * easel.view.zoom)
    # a moth smaller than a pixel is as much dimmer
    size = min(1.0, (3.2 * easel.unit * easel.view.zoom / 0.8) ** 2)
    add_glows(easel.canvas, Spots(x=columns, y=rows, radius_x=radius, radius_y=radius, rgb=np.array(light) * size))
