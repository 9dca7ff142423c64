"""A bell buoy: a red can with a lattice tower, a bell and a small lamp; it nods on the waves and rings."""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba types its numbers more narrowly than numpy's stubs do

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.hearing import across_water
from clapboard.engines.stage.raster import Path, ellipse, stroke
from clapboard.engines.stage.scene import Easel, Part, Rgb, Scene, Spot, Surface
from clapboard.engines.stage.sounding import event
from clapboard.engines.stage.water import sea_waves, surface_at
from clapboard.take import Cue, Source
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

_RED: Final[Rgb] = (0.42, 0.050, 0.035)
_DARK: Final[Rgb] = (0.045, 0.030, 0.028)
_BRASS: Final[Rgb] = (0.42, 0.27, 0.08)
_LAMP_PERIOD_S: Final = 4.0


class _Buoy:
    """The drawing; pure in time."""

    def __init__(self, scene: Scene, spot: Spot, rings_s: tuple[float, ...]) -> None:
        self.scene, self.spot, self.rings_s = scene, spot, rings_s
        self.waves = sea_waves(scene.level("wind"), scene.seed)
        self.lit = scene.hour != "day"

    def paint(self, easel: Easel, t_s: float) -> None:
        """The can rides the water, the tower nods after it; a ring swings the bell."""
        lift, slope, _ = surface_at(self.waves, self.spot.x_m, self.spot.z_m, t_s, 2.5)
        since = [t_s - r for r in self.rings_s if t_s >= r]
        shove = sum(math.exp(-age / 0.9) * math.cos(age * 4.6) for age in since)
        tilt = 1.1 * math.atan(slope) + 0.05 * math.sin(t_s * 1.35) + 0.10 * shove
        foot = (self.spot.x_m, self.spot.y_m + lift, self.spot.z_m)
        swing = sum(math.exp(-age / 1.1) * math.cos(age * 9.0) for age in since)
        self._can(easel, foot, tilt)
        self._tower(easel, foot, tilt, 0.35 * swing - 0.6 * tilt)
        if self.lit:
            self._lamp(easel, foot, tilt, t_s)

    def _turned(self, easel: Easel, foot: tuple[float, float, float], shape: np.ndarray, tilt: float) -> np.ndarray:
        c, s = math.cos(tilt), math.sin(tilt)
        shape = np.asarray(shape, float)
        return easel.outline(
            np.stack([shape[:, 0] * c - shape[:, 1] * s, shape[:, 0] * s + shape[:, 1] * c], 1), foot, self.spot.scale
        )

    def _can(self, easel: Easel, foot: tuple[float, float, float], tilt: float) -> None:
        hull = Path().move(-1.05, 0.62).line(1.05, 0.62).curve(1.22, 0.4, 1.2, 0.1, 1.12, -0.06)
        hull.curve(0.7, -0.22, -0.7, -0.22, -1.12, -0.06).curve(-1.2, 0.1, -1.22, 0.4, -1.05, 0.62)
        easel.shape(
            [self._turned(easel, foot, hull.points(), tilt)], Surface(albedo=_RED, rim=0.3, rim_px=2.0), foot[2]
        )
        wet = Path().move(-1.17, 0.13).line(1.17, 0.13).line(1.12, -0.06).curve(0.7, -0.22, -0.7, -0.22, -1.12, -0.06)
        easel.shape([self._turned(easel, foot, wet.points(), tilt)], Surface(albedo=_DARK, rim=0.0), foot[2])
        deck = ellipse(0.0, 0.62, 1.05, 0.10, 24)
        easel.shape([self._turned(easel, foot, deck, tilt)], Surface(albedo=(0.30, 0.045, 0.035), rim=0.0), foot[2])

    def _tower(self, easel: Easel, foot: tuple[float, float, float], tilt: float, swing: float) -> None:
        bars = []
        for x0, x1 in ((-0.78, -0.26), (0.78, 0.26), (-0.26, -0.10), (0.30, 0.12)):
            bars.append(stroke(np.array([(x0, 0.6), (x1, 2.9)]), 0.085))
        for y, half in ((1.25, 0.66), (2.05, 0.46)):
            bars.append(stroke(np.array([(-half, y), (half, y)]), 0.065))
        bars.append(stroke(np.array([(-0.66, 1.25), (0.46, 2.05)]), 0.05))
        for bar in bars:
            easel.shape([self._turned(easel, foot, bar, tilt)], Surface(albedo=_RED, rim=0.10, rim_px=1.4), foot[2])
        bell = Path().move(0.0, 0.0).curve(0.14, -0.02, 0.15, -0.22, 0.19, -0.36).line(0.25, -0.44).line(-0.25, -0.44)
        bell.line(-0.19, -0.36).curve(-0.15, -0.22, -0.14, -0.02, 0.0, 0.0)
        c, s = math.cos(swing), math.sin(swing)
        shape = bell.points() @ np.array([[c, s], [-s, c]]) + [0.0, 1.92]
        easel.shape([self._turned(easel, foot, shape, tilt)], Surface(albedo=_BRASS, rim=0.5, rim_px=1.4), foot[2])
        cap = np.array(
            [
                (-0.34, 2.85),
                (0.34, 2.85),
                (0.30, 3.0),
                (0.14, 3.05),
                (0.14, 3.35),
                (-0.14, 3.35),
                (-0.14, 3.05),
                (-0.30, 3.0),
            ]
        )
        easel.shape([self._turned(easel, foot, cap, tilt)], Surface(albedo=_DARK, rim=0.3, rim_px=1.4), foot[2])

    def _lamp(self, easel: Easel, foot: tuple[float, float, float], tilt: float, t_s: float) -> None:
        age = math.fmod(t_s + self.scene.seed % 7 * 0.37 + 100, _LAMP_PERIOD_S)
        level = math.exp(-(((age - 0.35) / 0.22) ** 2)) * easel.haze(foot[2])
        column, row = self._turned(easel, foot, np.array([(0.0, 3.42)]), tilt)[0]
        unit = easel.unit
        for radius, share in ((3.5, 6.0), (20.0, 0.35)):
            light = (2.0 * share * level, 0.16 * share * level, 0.07 * share * level)
            add_glows(
                easel.canvas,
                Spots(x=float(column), y=float(row), radius_x=radius * unit, radius_y=radius * unit, rgb=light),
            )


class BellBuoy:
    """See the top of the file."""

    words = ThingWords(
        name="buoy",
        words=("buoy", "bell buoy", "fishing buoy", "sea bell", "channel marker"),
        doings={
            "ring": DoingWords(
                words=("ring", "rings", "clang", "clangs", "toll", "tolls", "chime", "bell"),
                duration_s=3.0,
                every_s=3.5,
            ),
            "bob": DoingWords(words=("bob", "bobs", "float", "floats", "rock", "sway"), duration_s=6.0, lasting=True),
        },
        places={"ocean_coast": ("near_sea", "sea", "far_sea")},
        material="metal",
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """It nods; each ring strikes on its frame."""
        spot = scene.spots.get(member.at or "near_sea", scene.spots["near_sea"])
        rings = [action for action in actions if action.does == "ring"]
        drawing = _Buoy(scene, spot, tuple(scene.action_s(action) for action in rings))
        cues: list[Cue] = []
        sources: list[tuple[Stem, Source]] = []
        for number, action in enumerate(rings):
            cue = scene.cue("bell rings", member.id, scene.action_s(action), impact=True, force=action.force)
            cues.append(cue)
            sources.append((Stem.EFFECTS, _bell(cue, scene, spot, number)))
        return Part(
            who=member.id,
            thing="buoy",
            depth_m=spot.z_m,
            paint=drawing.paint,
            cues=tuple(cues),
            sources=tuple(sources),
            layer="sea",
        )


def _bell(cue: Cue, scene: Scene, spot: Spot, number: int) -> Source:
    from clapboard.engines.stage.sounds.boat import bell_buoy

    seed = scene.sound_seed + number
    position = across_water(scene, lambda t_s: (spot.x_m, spot.y_m, spot.z_m))  # noqa: ARG005
    return event("bell", cue, lambda: bell_buoy(cue.force, seed), position=position, gain_db=8.0, room=scene.room)


THING = BellBuoy()
