"""A lighthouse: a white tower with a gallery and a turning light, and the keeper's cottage beside it."""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba types its numbers more narrowly than numpy's stubs do

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numba import njit

from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.hearing import across_water
from clapboard.engines.stage.kernels import JIT, Plane, f32, smoothstep
from clapboard.engines.stage.raster import Mask, Path, ellipse
from clapboard.engines.stage.scene import Easel, Part, PointLight, Rgb, Scene, Spot
from clapboard.engines.stage.sounding import event
from clapboard.take import Cue, Source
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

_TURN_S: Final = 9.0
"""One turn of the lens; it has two faces, so a flash every 4.5 s (usual characters are 2.5 to 15 s)."""
_LAMP_M: Final = 20.6
_LAMP_RGB: Final[Rgb] = (1.0, 0.86, 0.60)
_WHITE: Final[Rgb] = (0.74, 0.72, 0.68)
_RED: Final[Rgb] = (0.46, 0.055, 0.040)
_IRON: Final[Rgb] = (0.055, 0.060, 0.065)
_REACH_M: Final = 330.0


@dataclass(frozen=True, slots=True)
class _Turning:
    """The beam's angle over time: pi points at the camera. It meets every wanted flash, turning evenly between."""

    times: np.ndarray
    angles: np.ndarray

    def angle(self, t_s: float) -> float:
        if t_s <= self.times[0]:
            return float(self.angles[0] + (t_s - self.times[0]) * 2 * math.pi / _TURN_S)
        if t_s >= self.times[-1]:
            return float(self.angles[-1] + (t_s - self.times[-1]) * 2 * math.pi / _TURN_S)
        return float(np.interp(t_s, self.times, self.angles))


def _turning(flashes_s: Sequence[float], phase: float) -> _Turning:
    if not flashes_s:
        return _Turning(np.array([0.0]), np.array([phase]))
    angles = [math.pi]
    for before, after in pairwise(flashes_s):
        angles.append(angles[-1] + math.pi * max(1, round((after - before) / (_TURN_S / 2))))
    return _Turning(np.array(flashes_s), np.array(angles))


@njit(**JIT)
def _add_shaft(img: Any, box: Any, shape: Any, rgb: Any) -> None:
    """Add a beam that widens and fades. shape: start x, y; direction x, y; 1 / length; half width, its growth."""
    for y in range(box[2], box[3]):
        py = f32(y) - shape[1]
        widest = (shape[5] + abs(shape[6])) / max(abs(shape[3]), f32(1e-4))
        middle = shape[0] + py * shape[2] / (shape[3] if abs(shape[3]) > f32(1e-4) else f32(1e-4))
        first = max(box[0], int(max(f32(-1e6), middle - widest)))
        last = min(box[1], int(min(f32(1e6), middle + widest)) + 1)
        for x in range(first, last):
            px = f32(x) - shape[0]
            along = (px * shape[2] + py * shape[3]) * shape[4]
            inside = min(f32(1), max(f32(0), along))
            across = (py * shape[2] - px * shape[3]) / (shape[5] + shape[6] * inside)
            core = max(f32(0), f32(1) - across * across)
            fade = f32(1) - inside
            light = core * core * fade * math.sqrt(fade) / (f32(1) + f32(5) * inside)
            light *= min(f32(1), max(f32(0), f32(1) + px * shape[2] + py * shape[3]))
            img[0, y, x] += light * rgb[0]
            img[1, y, x] += light * rgb[1]
            img[2, y, x] += light * rgb[2]


class _Lighthouse:
    """The drawing; pure in time."""

    def __init__(self, scene: Scene, spot: Spot, lit: float, turning: _Turning) -> None:
        self.scene, self.spot, self.lit, self.turning = scene, spot, lit, turning
        self.dim = 0.5 if scene.hour == "night" else 1.0
        """The night is exposed twice as long; the lamp is as bright as it is."""

    def paint(self, easel: Easel, t_s: float) -> None:
        if easel.view.lens.eye_m + easel.view.y_m > 0:  # the water's mirror is too rough to show it
            self._cottage(easel)
        self._tower(easel)
        self._lantern(easel)
        if self.lit > 0:
            self._beams(easel, t_s)
            self._lamp(easel, t_s)

    def lights(self, t_s: float) -> tuple[PointLight, ...]:
        """The lamp, brightest when it faces the camera."""
        if self.lit <= 0:
            return ()
        level = self.lit * (0.25 + 1.2 * self._facing(t_s))
        x, y, z = self._lamp_at()
        return (PointLight(x_m=x, y_m=y, z_m=z, rgb=_scaled(_LAMP_RGB, level), reach_m=9.0),)

    def _lamp_at(self) -> tuple[float, float, float]:
        return self.spot.x_m, self.spot.y_m + _LAMP_M * self.spot.scale, self.spot.z_m

    def _facing(self, t_s: float) -> float:
        """0..1: how straight one of the two beams points at the camera."""
        a = self.turning.angle(t_s)
        off = abs(math.atan2(math.sin(2 * a), math.cos(2 * a))) / 2  # both faces: angle modulo pi
        return math.exp(-((off / 0.11) ** 2))

    def _outline(self, easel: Easel, shape: np.ndarray) -> np.ndarray:
        return easel.outline(shape, (self.spot.x_m, self.spot.y_m, self.spot.z_m), self.spot.scale)

    def _local(self, easel: Easel, mask: Mask) -> tuple[Plane, Plane]:
        """Metres right of the foot [1, w] and above it [h, 1] of a mask's pixels."""
        column, row, per_m = easel.project(self.spot.x_m, self.spot.y_m, self.spot.z_m)
        height, width = mask.alpha.shape
        per_m *= self.spot.scale
        x = (np.arange(mask.left, mask.left + width, dtype=f32)[None] + f32(0.5 - column)) / f32(per_m)
        y = (f32(row - 0.5) - np.arange(mask.top, mask.top + height, dtype=f32)[:, None]) / f32(per_m)
        return x, y

    def _round(self, easel: Easel, shape: np.ndarray, half_width: float | Plane, albedo: list[Plane | float]) -> None:
        """Fill a body of revolution: light from the key's side falls off round it."""
        mask = easel.mask(self._outline(easel, shape))
        if mask is None:
            return
        x, y = self._local(easel, mask)
        side = np.clip(x / (half_width if isinstance(half_width, float) else self._half(y)), -1, 1)
        front = np.sqrt(np.clip(1 - side * side, 0, 1))
        kx = easel.light.key_from[0]
        grazing = smoothstep(side * f32(np.sign(kx) or 1.0), 0.35, 1.0) * f32(0.55)
        toward = np.clip(side * f32(kx) + front * f32(0.16), 0, 1) + grazing
        shown = f32(easel.haze(self.spot.z_m))
        planes = []
        for c in range(3):
            lit = f32(easel.light.ambient[c]) * (f32(0.58) + f32(0.42) * front) + f32(
                easel.light.key[c]
            ) * toward * f32(0.55)
            planes.append(albedo[c] * lit * shown + f32(easel.light.fog[c]) * (1 - shown))
        easel.blend(mask, planes)

    @staticmethod
    def _half(y: Plane | float) -> Plane | float:
        """Half width of the tower at a height: it narrows, quicker near the ground."""
        return 1.72 + 1.15 * np.exp(-np.maximum(y, 0) / 5.0) - 0.018 * y

    def _tower(self, easel: Easel) -> None:
        y = np.linspace(-1.2, 18.0, 24)
        half = self._half(y)
        shape = np.concatenate([np.stack([-half, y], 1), np.stack([half, y], 1)[::-1]])
        mask = easel.mask(self._outline(easel, shape))
        if mask is None:
            return
        _, up = self._local(easel, mask)
        _, _, per_m = easel.project(self.spot.x_m, self.spot.y_m, self.spot.z_m)
        soft = 0.6 / max(per_m, 0.1)
        band = smoothstep(up, 6.6 - soft, 6.6 + soft) * (1 - smoothstep(up, 10.2 - soft, 10.2 + soft))
        band = band + smoothstep(up, 14.2 - soft, 14.2 + soft)
        stain = f32(1) - f32(0.20) * np.exp(-np.maximum(up, 0) / f32(2.0))
        albedo: list[Plane | float] = [(f32(w) + f32(r - w) * band) * stain for w, r in zip(_WHITE, _RED, strict=True)]
        self._round(easel, shape, up, albedo)
        windows = [
            _pane(x - 0.26, height, x + 0.26, height + 1.1) for x, height in ((0.45, 4.2), (-0.35, 8.6), (0.30, 12.4))
        ]
        self._flat(easel, windows, _IRON, 0.85)

    def _flat(
        self, easel: Easel, shapes: Sequence[np.ndarray], albedo: Rgb, opacity: float = 1.0, glow: Rgb = (0.0, 0.0, 0.0)
    ) -> None:
        mask = easel.mask(*(self._outline(easel, shape) for shape in shapes))
        if mask is not None:
            shown = easel.haze(self.spot.z_m)
            light = easel.light
            rgb = [(a * (s + 0.25 * k) + g) * shown + f * (1 - shown) for a, s, k, g, f in
                   zip(albedo, light.ambient, light.key, glow, light.fog, strict=True)]  # fmt: skip
            easel.blend(mask, rgb, opacity)

    def _lantern(self, easel: Easel) -> None:
        """Gallery with rail and brackets, the glass room with its bars, the dome with ball and rod."""
        fine = easel.project(*self._lamp_at())[2] > 3.0  # bars thinner than a third of a pixel are left out
        iron: list[Plane | float] = list(_IRON)
        red: list[Plane | float] = list(_RED)
        corbel = np.array([(-1.45, 17.3), (-2.45, 18.35), (2.45, 18.35), (1.45, 17.3)])
        self._round(easel, corbel, 2.3, [0.5, 0.49, 0.46])
        self._round(easel, np.array([(-2.65, 18.3), (2.65, 18.3), (2.65, 18.72), (-2.65, 18.72)]), 2.65, iron)
        glass = _scaled(_LAMP_RGB, 0.55 * self.lit)
        self._flat(easel, [_pane(-1.28, 18.7, 1.28, 21.9)], (0.10, 0.12, 0.14), 0.96, glow=glass)
        bars = [
            _pane(x - 0.07, 18.7, x + 0.07, 21.9) for x in ((-1.28, -0.72, 0.0, 0.72, 1.28) if fine else (-1.28, 1.28))
        ]
        rails = [_pane(x - 0.05, 18.7, x + 0.05, 19.82) for x in np.linspace(-2.58, 2.58, 9)] if fine else []
        self._flat(easel, [*bars, *rails, _pane(-2.65, 19.82, 2.65, 19.98)], _IRON)
        dome = (
            Path()
            .move(-1.75, 21.85)
            .line(1.75, 21.85)
            .curve(1.6, 22.9, 0.75, 23.6, 0.0, 23.75)
            .curve(-0.75, 23.6, -1.6, 22.9, -1.75, 21.85)
        )
        self._round(easel, dome.points(), 1.75, red)
        self._flat(easel, [ellipse(0.0, 23.95, 0.30, 0.30, 14), _pane(-0.05, 24.2, 0.05, 25.9)], _IRON)

    def _cottage(self, easel: Easel) -> None:
        """Whitewashed walls, a slate roof with its chimney, one lit window in the dark hours."""
        self._flat(easel, [_pane(4.6, -1.6, 13.6, 2.9), _pane(11.9, 5.6, 12.9, 7.2)], _scaled(_WHITE, 0.72))
        self._flat(easel, [np.array([(4.0, 2.75), (14.2, 2.75), (12.6, 6.0), (5.6, 6.0)])], (0.075, 0.070, 0.075))
        warm = _scaled((2.6, 1.35, 0.42), self.lit)
        self._flat(easel, [_pane(x, 0.4, x + 1.25, 1.85) for x in (6.0, 10.6)], _IRON, 1.0, glow=warm)
        self._flat(easel, [_pane(8.5, -1.6, 9.6, 0.9)], (0.10, 0.045, 0.03))

    def _beams(self, easel: Easel, t_s: float) -> None:
        """Two shafts of light in the air, as bright as the air is thick; seen end on they are short and strong."""
        fog = easel.light.fog_per_m
        thick = (0.045 + min(0.75, 34.0 * fog)) * (0.6 if self.scene.hour == "night" else 1.2)
        carry = min(_REACH_M, 60 + 2.2 / max(fog, 1e-4)) if fog > 0.004 else _REACH_M
        x0, y0, z0 = self._lamp_at()
        angle = self.turning.angle(t_s)
        for a in (angle, angle + math.pi):
            dx, dz = math.sin(a), math.cos(a)
            reach = carry if dz > -0.2 else min(carry, (z0 - easel.view.z_m - 12.0) / -dz)
            start = easel.project(x0, y0, z0)
            end = easel.project(x0 + dx * reach, y0, z0 + dz * reach)
            strength = thick * self.lit * (1.0 + 0.9 * max(0.0, -dz) ** 3) * min(1.0, 0.15 + abs(dx) * 1.3)
            self._shaft(easel, start, end, strength)

    def _shaft(
        self, easel: Easel, start: tuple[float, float, float], end: tuple[float, float, float], strength: float
    ) -> None:
        half0, half1 = 0.55 * start[2] * self.spot.scale, (0.55 + 7.5) * end[2] * self.spot.scale
        if (
            easel.view.lens.eye_m + easel.view.y_m < 0
        ):  # the water smears a thin beam; sharp, it would draw contour lines
            half0, strength = max(half0, 7 * easel.unit), 0.35 * strength
        ax, ay = end[0] - start[0], end[1] - start[1]
        length = max(1.0, math.hypot(ax, ay))
        ux, uy = ax / length, ay / length
        pad = max(half0, half1) * 1.3
        height, width = easel.canvas.shape[1:]
        left, right = int(max(0, min(start[0], end[0]) - pad)), int(min(width, max(start[0], end[0]) + pad + 1))
        top, bottom = int(max(0, min(start[1], end[1]) - pad)), int(min(height, max(start[1], end[1]) + pad + 1))
        bottom = min(bottom, int(max(start[1] + half0, easel.view.horizon_px)))
        if right <= left or bottom <= top:
            return
        shape = np.array([start[0], start[1], ux, uy, 1 / length, half0, half1 - half0], f32)
        _add_shaft(easel.canvas, (left, right, top, bottom), shape, np.array(_scaled(_LAMP_RGB, strength), f32))

    def _lamp(self, easel: Easel, t_s: float) -> None:
        """The lamp itself, its halo in the air, and the flash when a beam sweeps over the camera."""
        column, row, per_m = easel.project(*self._lamp_at())
        facing = self._facing(t_s)
        unit, shown = easel.unit, easel.haze(self.spot.z_m * 0.35)
        fog = min(1.0, 40.0 * easel.light.fog_per_m)
        level = self.lit * shown * self.dim
        size = max(1.5 * unit, 1.0 * per_m)
        rgb, radius = [_scaled(_LAMP_RGB, level * (9.0 + 30.0 * facing))], [size * 1.2]
        # Halos by halves: together they fall off like light scattered in air, without an edge.
        for ring, share in ((9.0, 1.1), (20.0, 0.34), (45.0, 0.12), (100.0, 0.06)):
            radius.append(ring * unit * (1 + 0.6 * facing + 0.5 * fog))
            rgb.append(_scaled(_LAMP_RGB, level * share * (0.6 + 3.0 * facing + 1.6 * fog)))
        count = len(radius)
        add_glows(easel.canvas, Spots(x=[column] * count, y=[row] * count, radius_x=radius, radius_y=radius, rgb=rgb))
        if facing > 0.05:  # streak of the lens
            streak = Spots(
                x=column,
                y=row,
                radius_x=260 * unit * facing,
                radius_y=2.6 * unit,
                rgb=_scaled(_LAMP_RGB, 1.5 * facing * level),
            )
            add_glows(easel.canvas, streak)


def _pane(left: float, low: float, right: float, high: float) -> np.ndarray:
    return np.array([(left, low), (right, low), (right, high), (left, high)])


def _scaled(rgb: Rgb, share: float) -> Rgb:
    return rgb[0] * share, rgb[1] * share, rgb[2] * share


class Lighthouse:
    """See the top of the file."""

    words = ThingWords(
        name="lighthouse",
        words=("lighthouse", "light house", "beacon", "light tower"),
        doings={
            "shine": DoingWords(
                words=("shine", "shines", "glow", "sweep", "sweeps", "turn", "light up", "beam"),
                duration_s=6.0,
                lasting=True,
            ),
            "flash": DoingWords(
                words=("flash", "flashes", "blink", "blinks", "wink", "signal"), duration_s=1.0, every_s=4.5
            ),
            "foghorn": DoingWords(
                words=("foghorn", "fog horn", "horn", "sound its horn", "blow its horn"), duration_s=4.0, every_s=12.0
            ),
        },
        places={"ocean_coast": ("headland",)},
        material="stone",
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """It is lit in the dark hours, in thick weather, and whenever it is asked to shine or flash."""
        spot = scene.spots.get(member.at or "headland", scene.spots["headland"])
        dark = {"night": 1.0, "dusk": 0.85, "dawn": 0.6, "day": 0.0}[scene.hour]
        thick = max(scene.level("fog"), 0.8 * scene.level("rain"), 0.8 * scene.level("snow"))
        asked = any(action.does in ("shine", "flash") for action in actions)
        lit = max(dark, 0.55 if thick > 0.35 else 0.0, 0.6 if asked else 0.0)
        flashes = sorted(scene.action_s(action) for action in actions if action.does == "flash")
        drawing = _Lighthouse(scene, spot, lit, _turning(flashes, float(scene.rng("lighthouse").uniform(0.3, 1.2))))
        cues: list[Cue] = [scene.cue("lighthouse flash", member.id, t_s) for t_s in flashes]
        sources: list[tuple[Stem, Source]] = []
        for number, action in enumerate(actions):
            if action.does == "foghorn":
                cue = scene.cue("foghorn", member.id, scene.action_s(action), force=action.force)
                cues.append(cue)
                sources.append((Stem.EFFECTS, _horn(cue, scene, spot, number)))
        return Part(
            who=member.id,
            thing="lighthouse",
            depth_m=spot.z_m,
            paint=drawing.paint,
            cues=tuple(cues),
            sources=tuple(sources),
            lights=drawing.lights,
            layer="headland",
        )


def _horn(cue: Cue, scene: Scene, spot: Spot, number: int) -> Source:
    from clapboard.engines.stage.sounds.boat import foghorn

    seed = scene.sound_seed + number
    position = across_water(scene, lambda t_s: (spot.x_m, spot.y_m, spot.z_m))  # noqa: ARG005
    # A horn is made to be heard at sea, well above everything else.
    return event("foghorn", cue, lambda: foghorn(seed, 3.2, 400.0), position=position, gain_db=16.0, room=scene.room)


THING = Lighthouse()
