"""A mug of something hot: glazed clay, a handle, steam that curls."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clapboard.engines.stage.raster import ellipse, stroke
from clapboard.engines.stage.scene import Easel, Part, Scene, Spot, Surface, plus, times
from clapboard.engines.stage.turned import Material, Turned, contact_shadow, paint_disc, paint_turned, tilt_ratio
from clapboard.engines.stage.vapour import Plume, paint_plume
from clapboard.timeline import Action, Member
from clapboard.vocabulary import DoingWords, ThingWords

_HEIGHT_M, _RADIUS_M = 0.098, 0.044
_GLAZE = Material(albedo=(0.115, 0.165, 0.185), rim=0.9, edge=3.2, gloss=0.55, sharp=5)
_PROFILE = (
    (0.0, 0.034),
    (0.004, 0.037),
    (0.014, 0.041),
    (0.05, 0.0435),
    (_HEIGHT_M - 0.004, 0.0442),
    (_HEIGHT_M, 0.0436),
)


@dataclass(frozen=True, slots=True)
class _Mug:
    spot: Spot
    seed: int

    def paint(self, easel: Easel, t_s: float) -> None:
        """Handle behind, body, rim, tea, steam."""
        x, y, z = foot = (self.spot.x_m, self.spot.y_m, self.spot.z_m)
        contact_shadow(easel, foot, _RADIUS_M, 0.7)
        turn = np.linspace(-1.75, 1.75, 22)
        bow = np.stack(
            [_RADIUS_M * 0.86 + 0.030 * np.cos(turn), 0.052 + 0.029 * np.sin(turn) + 0.003 * np.cos(turn)], 1
        )
        handle = easel.outline(stroke(bow, 0.0105), foot)
        easel.shape([handle], Surface(albedo=_GLAZE.albedo, rim=0.8, rim_px=2.2, warm=0.7), z)
        paint_turned(easel, foot, Turned(profile=_PROFILE, material=_GLAZE))
        self._mouth(easel, (x, y + _HEIGHT_M, z))
        light = plus((0.035, 0.035, 0.035), easel.light.ambient, 0.30)
        plume = Plume(height_m=0.26, width_m=0.085, rgb=light, rise=0.42, mouth=0.55, seed=self.seed)
        paint_plume(easel, (x, y + _HEIGHT_M - 0.004, z), plume, t_s, 0.75)

    def _mouth(self, easel: Easel, top: tuple[float, float, float]) -> None:
        """The open top: the far inner wall, the tea with a little of the window in it, a bright lip."""
        x, y, z = top
        wall = times(easel.light.ambient, (0.225, 0.248, 0.255))
        paint_disc(easel, top, _RADIUS_M * 0.985, wall)
        tea = times(easel.light.ambient, (0.20, 0.135, 0.112))
        paint_disc(easel, (x, y - 0.009, z), _RADIUS_M * 0.93, tea)
        column, row, per_m = easel.project(*top)
        radius, ratio = _RADIUS_M * 0.985 * per_m, tilt_ratio(easel, y, z)
        lip = ellipse(column, row, radius, radius * ratio, 48)
        mask = easel.mask(stroke(np.concatenate([lip, lip[:1]]), max(0.8, 0.0030 * per_m)))
        if mask is not None:
            glow = times(easel.light.ambient, 0.16)
            for point in easel.light.points:
                gap = ((point.x_m - x) ** 2 + (point.z_m - z) ** 2) / point.reach_m**2
                glow = plus(glow, point.rgb, 0.14 / (1 + gap))
            easel.blend(mask, glow, 0.85)


class _Thing:
    words = ThingWords(
        name="mug",
        words=("mug", "cup", "cup of tea", "cup of coffee", "tea", "coffee", "cocoa"),
        doings={"steam": DoingWords(words=("steam",), duration_s=4.0, lasting=True)},
        places={"window_room": ("sill_left", "table_left", "table_right", "sill", "table")},
        usual="steam",
        material="ceramic",
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """See `Thing.block`."""
        del actions  # it steams all the time
        spot = scene.spot(member, self.words)
        mug = _Mug(spot, scene.seed % 13)
        return Part(who=member.id, thing="mug", depth_m=spot.z_m, paint=mug.paint, layer="sill")


THING = _Thing()
