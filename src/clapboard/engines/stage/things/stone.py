"""A stone that falls into the pond: a crown of water, a jet, drops that fly and fall back, rings that run to the rim.

The action's time is the instant at which the stone meets the water; it has fallen from above the picture by then.
"""

# numba and OpenCV type their numbers more narrowly than numpy's stubs do
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import cv2
import numpy as np
from numba import njit

from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.kernels import JIT, f32, fbm, smoothstep
from clapboard.engines.stage.raster import Mask, ellipse
from clapboard.engines.stage.scene import Easel, Part, Rgb, Scene, Spot, Surface, plus, times
from clapboard.engines.stage.sounding import event
from clapboard.engines.stage.sounds.foley import impact
from clapboard.engines.stage.tumble import GRAVITY
from clapboard.engines.stage.yard import Pond, pond
from clapboard.take import Cue, Source
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

_RADIUS_M: Final = 0.115
_FALL_M: Final = 2.9
"""From this height above the water: out of a wide picture's top."""
_MEETING_M_S: Final = math.sqrt(2 * GRAVITY * _FALL_M)

_CROWN_S: Final = 0.44
_CROWN_M: Final = 0.46
_JET_S: Final = (0.17, 0.80)
_JET_M: Final = 0.55
_NUM_DROPS: Final = 34
_FINE_UNIT: Final = 0.3
"""Pictures below this share of 720 lines are too small for flecks and the roundness of a jet."""
_LIP_S: Final = 0.16
_FOAM_S: Final = 0.55

_WAVE_M: Final = 0.26
_WAVE_M_S: Final = 0.64
"""Deep water: waves of 0.26 m run at sqrt(g * length / 2 pi) = 0.64 m/s, their group at half of it."""
_RINGS_FADE_S: Final = 1.1
_RINGS_S: Final = 3.6
_TABLE: Final = 160
_TABLE_M: Final = 1.6


@njit(**JIT)
def _paint_rings(img: Any, back: Any, lens: Any, pond: Any, table: Any, look: Any) -> None:
    """Bend the pond's picture by rings round one point and light their near and far sides.

    back: copy of rows from lens[5]; lens: horizon, centre, focal (px), eye above the water, x, first row, z of the eye;
    pond: x, z, half axes, x and z of the hit; table: slope by
    distance; look: rgb that crests show, shift in pixels a slope, share of light that troughs lose.
    """
    height = img.shape[1]
    width = img.shape[2]
    rows = back.shape[1]
    top = int(lens[5])
    per_m = f32(table.shape[0] - 1) / f32(1.6)
    for y in range(top, min(height, top + rows)):
        below = f32(y) + f32(0.5) - lens[0]
        if below < f32(0.5):
            continue
        away = lens[3] * lens[2] / below
        dz = away + lens[6] - pond[1]
        across = f32(1) - dz * dz / (pond[3] * pond[3])
        if across <= f32(0):
            continue
        for x in range(width):
            dx = (f32(x) + f32(0.5) - lens[1]) * away / lens[2] + lens[4] - pond[0]
            inside = across - dx * dx / (pond[2] * pond[2])
            if inside <= f32(0):
                continue
            edge = min(f32(1), inside * f32(8))
            ox = dx + pond[0] - pond[4]
            oz = dz + pond[1] - pond[5]
            r = math.sqrt(ox * ox + oz * oz)
            at = min(f32(table.shape[0] - 2), r * per_m)
            k = int(at)
            slope = (table[k] + (table[k + 1] - table[k]) * (at - f32(k))) * edge
            toward = slope * (f32(0.55) + f32(0.45) * abs(oz) / max(r, f32(0.02)))
            row = f32(y - top) + slope * look[3]
            row = min(f32(rows - 2), max(f32(0), row))
            j = int(row)
            part = row - f32(j)
            for c in range(3):
                seen = back[c, j, x] + (back[c, j + 1, x] - back[c, j, x]) * part
                lit = seen * (f32(1) - look[4] * max(f32(-0.9), -toward)) if toward < f32(0) else seen
                lit += look[c] * max(f32(0), toward)
                img[c, y, x] = lit


def _slopes(age_s: float, force: float) -> np.ndarray:
    """Slope of the surface by distance from the hit, [table] over `_TABLE_M`; about +-1 when fresh."""
    r = np.linspace(0, _TABLE_M, _TABLE)
    front = 0.10 + 0.62 * _WAVE_M_S * age_s
    wide = 0.14 + 0.20 * age_s
    shape = np.exp(-(((r - front) / wide) ** 2))
    wave = np.cos(2 * math.pi * (r - _WAVE_M_S * age_s) / _WAVE_M)
    size = (0.45 + 0.9 * force) * math.exp(-age_s / _RINGS_FADE_S) * min(1.0, age_s / 0.06 + 0.3)
    return (size * shape * wave).astype(f32)


@dataclass(frozen=True, slots=True)
class _Drops:
    """Drops of one splash: launch speeds (across, up, away), sizes."""

    across_m_s: np.ndarray
    up_m_s: np.ndarray
    away_m_s: np.ndarray
    radius_m: np.ndarray


@dataclass(frozen=True, slots=True)
class _Splash:
    """One stone: when and how hard it meets the water, its shape, the crown's teeth and the drops."""

    met_s: float
    force: float
    x_m: float
    z_m: float
    stone: np.ndarray
    turn_per_s: float
    teeth: np.ndarray
    drops: _Drops

    @property
    def size(self) -> float:
        """How high the water goes: 1 at force 0.6."""
        return 0.6 + 0.667 * self.force


def _splash(rng: np.random.Generator, met_s: float, force: float, spot: Spot) -> _Splash:
    turn = np.linspace(0, 2 * math.pi, 14, endpoint=False)
    stone = np.stack([np.cos(turn), 0.86 * np.sin(turn)], 1) * rng.uniform(0.84, 1.12, (14, 1))
    way = rng.uniform(0, 2 * math.pi, _NUM_DROPS)
    out = rng.uniform(0.25, 1.05, _NUM_DROPS)
    up = rng.uniform(1.3, 3.3, _NUM_DROPS) * (1.12 - 0.25 * out)
    drops = _Drops(
        out * np.cos(way), up * (0.7 + 0.5 * force), 0.6 * out * np.sin(way), rng.uniform(0.011, 0.030, _NUM_DROPS)
    )
    x_m = spot.x_m + float(rng.uniform(-0.10, 0.10)) * spot.scale
    return _Splash(met_s, force, x_m, spot.z_m, stone, float(rng.uniform(-4, 4)), rng.uniform(0.72, 1.0, 48), drops)


class _Stone:
    """The drawing; pure in time."""

    def __init__(self, spot: Spot, pool: Pond, splashes: Sequence[_Splash]) -> None:
        self.spot, self.pool, self.splashes = spot, pool, splashes

    def paint(self, easel: Easel, t_s: float) -> None:
        """Rings under everything, then each splash or the stone that still falls."""
        ages = [(splash, t_s - splash.met_s + 1e-6) for splash in self.splashes]
        for splash, age_s in ages:
            if 0 <= age_s < _RINGS_S:
                self._rings(easel, splash, age_s)
        for splash, age_s in ages:
            if -_MEETING_M_S / GRAVITY < age_s < 0:
                self._falling(easel, splash, -age_s)
            elif 0 <= age_s < 1.6:
                self._thrown(easel, splash, age_s)

    def _water_rgb(self, easel: Easel) -> Rgb:
        """Light of water in the air: it gathers the sky and every lamp round it."""
        rgb = times(easel.light.ambient, 1.15)
        for point in easel.light.points:
            far2 = (point.x_m - self.spot.x_m) ** 2 + (point.z_m - self.spot.z_m) ** 2 + (point.y_m - 0.3) ** 2
            rgb = plus(rgb, point.rgb, 1.6 / (1 + far2 / point.reach_m**2))
        return rgb

    def _rings(self, easel: Easel, splash: _Splash, age_s: float) -> None:
        view, pool = easel.view, self.pool
        top = max(0, math.floor(easel.project(0.0, 0.0, pool.z_m + pool.rz_m)[1]) - 1)
        bottom = min(view.height_px, math.ceil(easel.project(0.0, 0.0, pool.z_m - pool.rz_m)[1]) + 2)
        if bottom - top < 3:
            return
        back = np.ascontiguousarray(easel.canvas[:, top:bottom])
        eye_m = view.lens.eye_m + view.y_m
        lens = np.array([view.horizon_px, view.centre_px, view.focal_px, eye_m, view.x_m, top, view.z_m], f32)
        hit = np.array([pool.x_m, pool.z_m, pool.rx_m, pool.rz_m, splash.x_m, splash.z_m], f32)
        light = times(self._water_rgb(easel), 0.8)
        look = np.array([*light, 9.0 * easel.unit * view.zoom, 0.75], f32)
        _paint_rings(easel.canvas, back, lens, hit, _slopes(age_s, splash.force), look)

    def _falling(self, easel: Easel, splash: _Splash, before_s: float) -> None:
        lift = _MEETING_M_S * before_s - 0.5 * GRAVITY * before_s**2
        turn = splash.turn_per_s * before_s
        c, s = math.cos(turn), math.sin(turn)
        shape = splash.stone @ np.array([[c, s], [-s, c]]) * _RADIUS_M
        foot = (splash.x_m, self.spot.y_m + lift * self.spot.scale, splash.z_m)
        easel.shape(
            [easel.outline(shape, foot, self.spot.scale)],
            Surface(albedo=(0.30, 0.29, 0.28), rim=0.5, rim_px=2.0),
            splash.z_m,
        )

    def _thrown(self, easel: Easel, splash: _Splash, age_s: float) -> None:
        rgb = self._water_rgb(easel)
        foam = 0.85 * math.exp(-age_s / _FOAM_S)
        if foam > 0.03:
            radius = (0.16 + 0.20 * (1 - math.exp(-age_s / 0.15))) * splash.size
            disc = [self._point(easel, splash, radius * math.cos(a), 0.0, radius * math.sin(a)) for a in _TURN]
            self._foam(easel, np.array(disc), rgb, foam)
        self._crown(easel, splash, age_s, rgb)
        self._jet(easel, splash, age_s, rgb)
        self._drops(easel, splash, age_s, rgb)

    def _foam(self, easel: Easel, outline: np.ndarray, rgb: Rgb, opacity: float) -> None:
        """White water round the hit: it ends softly, and is torn into flecks as it thins out."""
        mask = easel.mask(outline)
        if mask is None:
            return
        alpha = mask.alpha
        if easel.unit > _FINE_UNIT:
            rows, columns = (np.arange(n, dtype=f32) / f32(easel.unit) for n in alpha.shape)
            flecks = fbm(columns[None] * f32(0.07) + 40, rows[:, None] * f32(0.16) + 40, octaves=4)
            torn = smoothstep(flecks, 0.55 - 0.60 * opacity, 0.95 - 0.45 * opacity)
            size = (round(36 * easel.unit), round(16 * easel.unit))
            alpha = np.clip(2 * cv2.blur(alpha, size, borderType=cv2.BORDER_CONSTANT) - 1, 0, 1) * torn
        easel.blend(Mask(mask.left, mask.top, alpha), rgb, opacity)

    def _point(self, easel: Easel, splash: _Splash, x: float, y: float, z: float) -> tuple[float, float]:
        scale = self.spot.scale
        column, row, _ = easel.project(splash.x_m + x * scale, self.spot.y_m + y * scale, splash.z_m + z * scale)
        return column, row

    def _crown(self, easel: Easel, splash: _Splash, age_s: float, rgb: Rgb) -> None:
        """A wall of water that rises, opens and sinks: its far side, then its near side with teeth."""
        share = (age_s + 0.05) / (_CROWN_S + 0.05)
        if share >= 1:
            return
        high = 4 * share * (1 - share) * _CROWN_M * splash.size
        foot = (0.13 + 0.20 * (1 - math.exp(-age_s / 0.14))) * splash.size
        lip = foot * (1.10 + 0.55 * share)
        for start, light, opacity in ((0.0, 0.62, 0.75), (math.pi, 1.0, 0.80 - 0.35 * share)):
            turn = start + np.linspace(0, math.pi, 24)
            teeth = splash.teeth[:24] if start == 0.0 else splash.teeth[24:]
            zigzag = np.where(np.arange(24) % 2 == 0, 1.0, 0.62 + 0.2 * (1 - share)) * teeth
            low = [self._point(easel, splash, foot * math.cos(a), 0.0, foot * math.sin(a)) for a in turn]
            top = [
                self._point(easel, splash, lip * math.cos(a), high * tooth, lip * math.sin(a))
                for a, tooth in zip(turn, zigzag, strict=True)
            ]
            self._sheet(easel, np.array([*low, *top[::-1]]), times(rgb, light), opacity * (1 - share**3))

    def _sheet(self, easel: Easel, outline: np.ndarray, rgb: Rgb, opacity: float) -> None:
        """Thin water: threads run up it; it is dense at its foot and its torn edge and lets light through between."""
        mask = easel.mask(outline)
        if mask is None:
            return
        rows, columns = mask.alpha.shape
        up = np.linspace(1, 0, rows)[:, None]
        fine = np.arange(mask.left, mask.left + columns)[None] / easel.unit
        threads = np.sin(fine * 0.55 + 2.0 * np.sin(fine * 0.17)) * np.sin(fine * 0.21 + 1.0)
        inner = cv2.blur(mask.alpha, (max(1, round(7 * easel.unit)),) * 2)
        edge = np.clip(2 * (mask.alpha - inner), 0, 1)
        dense = np.clip(0.62 + 0.30 * (1 - up) ** 2 + 0.20 * threads * up + 0.6 * edge, 0, 1)
        bright = (0.72 + 0.28 * up + 0.22 * threads + 0.5 * edge).astype(f32)
        thin = Mask(mask.left, mask.top, (mask.alpha * dense).astype(f32))
        easel.blend(thin, [bright * f32(value) for value in rgb], opacity)

    def _jet(self, easel: Easel, splash: _Splash, age_s: float, rgb: Rgb) -> None:
        """The column that the closing hollow throws up, with a drop on its tip."""
        share = (age_s - _JET_S[0]) / (_JET_S[1] - _JET_S[0])
        if not 0 < share < 1:
            return
        high = 4 * share * (1 - share) * _JET_M * splash.size
        y = high * np.linspace(0, 1, 22) ** 1.6
        half = 0.020 + 0.085 * np.exp(-y / 0.05) * (1 - 0.5 * share) + 0.006 * np.sin(y * 38 - age_s * 20) * y / high
        half[-1] = 0.012
        side = [self._point(easel, splash, w, h, 0.0) for w, h in zip(half, y, strict=True)]
        other = [self._point(easel, splash, -w, h, 0.0) for w, h in zip(half, y, strict=True)]
        column, row = self._point(easel, splash, 0.004, high + 0.02, 0.0)
        radius = 0.036 * self.spot.scale * easel.project(splash.x_m, self.spot.y_m, splash.z_m)[2]
        tip = ellipse(column, row, radius, 1.15 * radius, 20)[::-1]  # the same way round as the column
        mask = easel.mask(np.array([*side, *other[::-1]]), tip)
        if mask is None:
            return
        if easel.unit < _FINE_UNIT:
            easel.blend(mask, rgb, 0.88)
            return
        inner = cv2.blur(mask.alpha, (round(11 * easel.unit),) * 2)  # clear inside, bright where it curves away
        light = (0.62 + 1.1 * np.clip(1 - inner, 0, 0.7)).astype(f32)
        easel.blend(mask, [light * f32(value) for value in rgb], 0.82)

    def _drops(self, easel: Easel, splash: _Splash, age_s: float, rgb: Rgb) -> None:
        drops = splash.drops
        y = drops.up_m_s * age_s - 0.5 * GRAVITY * age_s**2
        flying = y > 0
        if not flying.any():
            return
        run_s = age_s + _LIP_S  # they leave from the crown's lip, not from its middle
        places = [
            self._point(easel, splash, x * run_s, high, z * run_s)
            for x, high, z in zip(drops.across_m_s[flying], y[flying], drops.away_m_s[flying], strict=True)
        ]
        column, row = np.array(places).T
        per_m = easel.project(splash.x_m, self.spot.y_m, splash.z_m)[2] * self.spot.scale
        exact = 1.5 * drops.radius_m[flying] * per_m
        crisp = np.clip((exact - 1) / 2, 0, 1)  # drops larger than a pixel have edges
        radius = np.maximum(exact * (1 - 0.3 * crisp), 0.9)
        light = np.array(rgb)[None] * (1.1 * np.minimum(1.0, (exact / radius) ** 2) * (1 + 0.6 * crisp))[:, None]
        add_glows(easel.canvas, Spots(x=column, y=row, radius_x=radius, radius_y=1.25 * radius, rgb=light))


_TURN: Final = np.linspace(0, 2 * math.pi, 28, endpoint=False)


class _Thing:
    words = ThingWords(
        name="stone",
        words=("stone", "pebble"),
        doings={"splash": DoingWords(words=("splash", "plop", "plunge", "drop", "fall"), duration_s=1.6, every_s=1.2)},
        places={"yard": ("pond",)},
        usual="splash",
        material="stone",
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """See `Thing.block`."""
        spot = scene.spot(member, self.words)
        splashes: list[_Splash] = []
        cues: list[Cue] = []
        sources: list[tuple[Stem, Source]] = []
        for number, action in enumerate(actions):
            at_s = scene.action_s(action)
            splash = _splash(scene.rng("stone", member.id, number), at_s, action.force, spot)
            cue = scene.cue("stone hits the water", member.id, at_s, impact=True, force=action.force)
            where = scene.position(lambda t_s, x_m=splash.x_m: (x_m, spot.y_m, spot.z_m))  # noqa: ARG005
            sound = partial(impact, "water", "stone", action.force, scene.sound_seed + number, size=1.5)
            sources.append((Stem.EFFECTS, event(cue.label, cue, sound, position=where, gain_db=10.0, room=scene.room)))
            splashes.append(splash)
            cues.append(cue)
        return Part(
            who=member.id,
            thing="stone",
            depth_m=spot.z_m,
            paint=_Stone(spot, pond(scene), splashes).paint,
            cues=tuple(cues),
            sources=tuple(sources),
            layer="pond",
        )


THING = _Thing()
