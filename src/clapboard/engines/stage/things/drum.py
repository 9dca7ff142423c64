"""A hand drum beside a post on which a felt mallet is hinged: it lifts, swings down and meets the skin at its cue."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from clapboard.engines.stage.kernels import Plane, f32, smoothstep
from clapboard.engines.stage.raster import Mask, ellipse, stroke
from clapboard.engines.stage.scene import Easel, Part, Rgb, Scene, Spot, plus, times
from clapboard.engines.stage.sounding import event
from clapboard.engines.stage.sounds.skins import drum_hit
from clapboard.engines.stage.spheres import Skin, paint_sphere
from clapboard.engines.stage.turned import Material, Turned, contact_shadow, paint_turned, tilt_ratio
from clapboard.take import Cue, Source
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

_GAIN_DB: Final = 12.0
"""What the air between takes off at 4 m, as for the rubber ball."""
_HEAD_M: Final = 0.50
_RADIUS_M: Final = 0.225
_FELT_M: Final = 0.075
"""Radius of the mallet's head."""
_HINGE: Final = (0.40, 0.68)
"""Where the mallet is hinged: right of the drum's axis, above the ground."""
_ARM_M: Final = 0.40
_MEETS: Final = -math.asin((_HINGE[1] - _HEAD_M - _FELT_M + 0.008) / _ARM_M)
"""The arm's angle above the level when the felt presses 8 mm into the skin."""
_RESTS: Final = math.radians(48)
_LIFTED: Final = math.radians(82)
_LIFT_S: Final = 0.36
_STROKE_S: Final = 0.125
"""Three frames at 24 frames a second: fast, and still seen to swing."""

_BODY_RGB: Final[Rgb] = (0.80, 0.40, 0.055)
_BODY_M: Final = ((0.02, 0.206), (0.15, 0.220), (0.30, 0.227), (0.48, 0.227))
"""Heights and radii of the body."""
_HOOP_RGB: Final[Rgb] = (0.34, 0.075, 0.055)
_HOOP_M: Final = 0.240
"""Radius of the two hoops, a little more than the body's."""
_POST: Final = Turned(
    profile=((0.0, 0.085), (0.025, 0.080), (0.035, 0.026), (0.30, 0.022), (0.66, 0.019), (0.69, 0.027), (0.72, 0.006)),
    material=Material(albedo=(0.30, 0.19, 0.10), rim=0.35, edge=3.0, gloss=0.08, sharp=4),
)
_FELT: Final = Skin(albedo=(1.0, 0.93, 0.76), rim=0.4, gloss=0.0, fuzz=0.3)
_HUB: Final = Skin(albedo=(0.75, 0.50, 0.18), rim=0.6, gloss=0.5)
_SKIN_RGB: Final[Rgb] = (0.90, 0.80, 0.60)
_ROPE_RGB: Final[Rgb] = (0.92, 0.84, 0.64)
_STICK_RGB: Final[Rgb] = (0.85, 0.58, 0.28)
_TRACE: Final = 10
"""Positions of the felt that its blurred trace is made of."""
_GRAINS: Final = 16
_FINE_PX: Final = 60.0
"""Pixels a metre below which ropes and seeds are thinner than half a pixel and left out."""
_GRAVITY: Final = 9.81


def _swing(since_s: float, until_s: float) -> float:
    """The arm's angle above the level, `since_s` after the last hit and `until_s` before the next (inf for none)."""
    window_s = min(_LIFT_S, since_s + until_s)  # in a quick roll it lifts less, and still rests on the skin at each hit
    stroke_s = min(_STROKE_S, 0.5 * window_s)
    bounce = math.exp(-since_s / 0.075) * math.cos(since_s * 7.5)
    angle = _RESTS + (_MEETS - _RESTS) * bounce
    if until_s < window_s:
        angle += (_LIFTED - angle) * float(smoothstep(window_s - until_s, 0.0, window_s - stroke_s))
    if until_s < stroke_s:
        angle = _MEETS + (angle - _MEETS) * (1 - (1 - until_s / stroke_s) ** 2)
    return angle


def _light_at(easel: Easel, place: tuple[float, float, float]) -> Rgb:
    """Light on a level surface at a world point: from the sky, and from the lamps above it."""
    light = times(easel.light.ambient, 1.05)
    for lamp in easel.light.points:
        away = (lamp.x_m - place[0], lamp.y_m - place[1], lamp.z_m - place[2])
        gap2 = sum(part * part for part in away)
        faces = 0.25 + 0.75 * max(0.0, away[1]) / math.sqrt(gap2 + 1e-4)
        light = plus(light, lamp.rgb, faces / (1 + gap2 / lamp.reach_m**2))
    return light


@dataclass(frozen=True, slots=True)
class _Drum:
    spot: Spot
    hits: tuple[tuple[float, float], ...]
    """Film time and force, in order."""
    grains: np.ndarray
    """[n, 4]: place on the skin (share of its radius, right and away), share of the hop, drift."""

    def _near(self, t_s: float) -> tuple[float, float, float]:
        """Seconds since the last hit, its force, seconds until the next."""
        past = [(t_s - at_s, force) for at_s, force in self.hits if at_s <= t_s + 1e-6]
        since_s, force = past[-1] if past else (math.inf, 0.0)
        until_s = min((at_s - t_s for at_s, _ in self.hits if at_s > t_s + 1e-6), default=math.inf)
        return max(0.0, since_s), force, until_s

    def angle(self, t_s: float) -> float:
        """The arm's angle above the level, in radians."""
        since_s, _, until_s = self._near(t_s)
        return _swing(min(since_s, 9.0), until_s)

    def felt(self, t_s: float) -> tuple[float, float]:
        """Centre of the mallet's head, right of the drum's axis and above the ground."""
        angle = self.angle(t_s)
        return _HINGE[0] - _ARM_M * math.cos(angle), _HINGE[1] + _ARM_M * math.sin(angle)

    def paint(self, easel: Easel, t_s: float) -> None:
        """Shadows, post, drum, skin, what hops on it, and the mallet over it."""
        x, y, z = self.spot.x_m, self.spot.y_m, self.spot.z_m
        contact_shadow(easel, (x + _HINGE[0], y, z + 0.02), 0.085, 0.6)
        contact_shadow(easel, (x, y, z), 0.21, 0.8)
        paint_turned(easel, (x + _HINGE[0], y, z + 0.02), _POST)
        since_s, force, _ = self._near(t_s)
        light = _light_at(easel, (x, y + 0.3, z))
        self._paint_side(easel, _BODY_M, times(light, _BODY_RGB))
        self._paint_ropes(easel, times(light, _ROPE_RGB))
        for low, high in ((0.0, 0.040), (_HEAD_M - 0.042, _HEAD_M)):
            self._paint_side(easel, ((low, _HOOP_M), (high, _HOOP_M)), times(light, _HOOP_RGB))
        self._paint_skin(easel, since_s, force)
        self._paint_grains(easel, since_s, force)
        self._paint_mallet(easel, t_s)

    def _paint_side(self, easel: Easel, profile: Sequence[tuple[float, float]], rgb: Rgb) -> None:
        """The front of something round between its lowest and highest level; `profile` holds heights and radii."""
        column, foot, per_m = easel.project(self.spot.x_m, self.spot.y_m, self.spot.z_m)
        turn = np.linspace(-math.pi / 2, math.pi / 2, 24)
        rims = []
        for high, radius in (profile[0], profile[-1]):
            down = radius * tilt_ratio(easel, high, self.spot.z_m) * np.cos(turn) - high
            rims.append(np.stack([radius * np.sin(turn), down], 1))
        right = np.array([(radius, -high) for high, radius in profile[1:-1]]).reshape(-1, 2)
        outline = np.concatenate([rims[0], right, rims[1][::-1], (right * [-1, 1])[::-1]])
        mask = easel.mask(outline * per_m + [column, foot])
        if mask is not None:
            shade = self._roundness(easel, mask) * self._under_hoop(easel, mask, profile[-1][0])
            easel.blend(mask, [shade * f32(c) for c in rgb])

    def _under_hoop(self, easel: Easel, mask: Mask, top_m: float) -> Plane:
        """Share of the light down the rows of a mask: the upper hoop shades what is right under it."""
        if top_m == _HEAD_M:
            return np.ones((1, 1), f32)
        _, row, per_m = easel.project(self.spot.x_m, self.spot.y_m + _HEAD_M - 0.042, self.spot.z_m)
        rows = np.arange(mask.box[0].start, mask.box[0].stop, dtype=f32)
        row += _HOOP_M * per_m * tilt_ratio(easel, _HEAD_M, self.spot.z_m)
        return (1 - 0.45 * np.exp(-np.clip(rows - f32(row), 0, None) / f32(0.035 * per_m))).astype(f32)[:, None]

    def _roundness(self, easel: Easel, mask: Mask) -> Plane:
        """Share of the light across the columns of a mask: less at the sides, least on the one away from the house."""
        column, _, per_m = easel.project(self.spot.x_m, self.spot.y_m, self.spot.z_m)
        columns = mask.box[1]
        across = (np.arange(columns.start, columns.stop, dtype=f32) + f32(0.5 - column)) / f32(_HOOP_M * per_m)
        facing = 0.89 * np.sqrt(np.clip(1 - across**2, 0, 1)) - 0.45 * across
        sheen = 0.22 * np.exp(-(((across + 0.47) / 0.10) ** 2))
        return (0.14 + 0.80 * np.clip(facing, 0, 1) + sheen).astype(f32)[None]

    def _paint_ropes(self, easel: Easel, rgb: Rgb) -> None:
        """The lacing that holds the skin, on the side that we see."""
        column, foot, per_m = easel.project(self.spot.x_m, self.spot.y_m, self.spot.z_m)
        if per_m < _FINE_PX:
            return
        ratio = tilt_ratio(easel, 0.25, self.spot.z_m)
        turns = np.linspace(-1.35, 1.35, 12)
        ropes = []
        for k in range(len(turns) - 1):
            high = np.array([0.06, 0.27, 0.46]) if k % 2 else np.array([0.46, 0.27, 0.06])
            radius = np.array([0.193, 0.227, 0.231]) if k % 2 else np.array([0.231, 0.227, 0.193])
            turn = np.linspace(turns[k], turns[k + 1], 3)
            right = radius * np.sin(turn)
            up = high - radius * np.cos(turn) * ratio
            line = np.stack([column + right * per_m, foot - up * per_m], 1)
            ropes.append(stroke(line, max(1.0, 0.008 * per_m)))
        for rope in ropes:
            mask = easel.mask(rope)
            if mask is not None:
                shade = self._roundness(easel, mask)
                easel.blend(mask, [shade * f32(c) for c in rgb])

    def _paint_skin(self, easel: Easel, since_s: float, force: float) -> None:
        """The skin, which gleams as it swings."""
        place = (self.spot.x_m, self.spot.y_m + _HEAD_M, self.spot.z_m)
        column, row, per_m = easel.project(*place)
        ratio = tilt_ratio(easel, place[1], place[2])
        light = _light_at(easel, place)
        gleam = 1 + (0.4 + 0.9 * force) * math.exp(-since_s / 0.085)
        for radius_m, rgb in ((_HOOP_M, _HOOP_RGB), (0.92 * _HOOP_M, _SKIN_RGB)):
            radius = radius_m * per_m
            mask = easel.mask(ellipse(column, row, radius, max(0.6, radius * ratio)))
            if mask is not None:
                easel.blend(mask, times(times(rgb, light), gleam if rgb is _SKIN_RGB else 1.0))

    def _paint_grains(self, easel: Easel, since_s: float, force: float) -> None:
        """A few seeds that lie on the skin and hop when it is struck."""
        column, row, per_m = easel.project(self.spot.x_m, self.spot.y_m + _HEAD_M, self.spot.z_m)
        if per_m < _FINE_PX:
            return
        age = min(since_s, 2.0)
        speed = (0.9 + 1.9 * force) * self.grains[:, 2]
        up = np.maximum(0.0, speed * age - 0.5 * _GRAVITY * age * age)
        ratio = tilt_ratio(easel, _HEAD_M, self.spot.z_m)
        x = column + (_RADIUS_M * self.grains[:, 0] + self.grains[:, 3] * up) * per_m
        y = row - (_RADIUS_M * self.grains[:, 1] * ratio + up) * per_m
        seed = ellipse(0, 0, 0.0070 * per_m, 0.0046 * per_m, 10)
        mask = easel.mask(*(np.stack([x, y], 1)[:, None] + seed))
        if mask is not None:
            light = _light_at(easel, (self.spot.x_m, self.spot.y_m + _HEAD_M, self.spot.z_m))
            easel.blend(mask, times(light, (0.30, 0.15, 0.06)))

    def _paint_mallet(self, easel: Easel, t_s: float) -> None:
        """Stick and felt, with the trace that they leave while the shutter is open, half a frame at 24 a second."""
        x, y, z = self.spot.x_m, self.spot.y_m, self.spot.z_m
        hinge = np.array(easel.project(x + _HINGE[0], y + _HINGE[1], z)[:2])
        _, _, per_m = easel.project(x, y + _HEAD_M, z)
        angles = np.array([self.angle(t_s - back / (48 * _TRACE)) for back in range(_TRACE + 1)])
        arc = hinge + _ARM_M * per_m * np.stack([-np.cos(angles), -np.sin(angles)], 1)
        light = _light_at(easel, (x, y + 0.7, z))
        if float(np.ptp(angles)) > 0.04:
            radius = 0.95 * _FELT_M * per_m
            for centre in arc[1:]:
                mask = easel.mask(ellipse(centre[0], centre[1], radius, radius, 24))
                if mask is not None:
                    easel.blend(mask, times(light, _FELT.albedo), 0.9 / _TRACE)
        tail = hinge + (hinge - arc[0]) * 0.14
        stick = stroke(np.stack([tail, hinge, arc[0]]), np.array([0.036, 0.030, 0.025]) * per_m + 0.35)
        mask = easel.mask(stick)
        if mask is not None:
            easel.blend(mask, times(light, _STICK_RGB))
        right, up = self.felt(t_s)
        paint_sphere(easel, (x + right, y + up, z), (_FELT_M, _FELT_M), _FELT)
        paint_sphere(easel, (x + _HINGE[0], y + _HINGE[1], z), (0.032, 0.032), _HUB)


class _Thing:
    words = ThingWords(
        name="drum",
        words=("drum", "hand drum", "toy drum", "tom tom", "tabor"),
        doings={
            "hit": DoingWords(
                words=("hit", "beat", "strike", "struck", "bang", "thump", "sound"),
                duration_s=0.6,
                every_s=0.5,
            ),
        },
        places={"yard": ("left",)},
        usual="hit",
        dresses=False,
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """See `Thing.block`."""
        spot = scene.spot(member, self.words)
        ordered = sorted(actions, key=lambda a: a.at_s)
        rng = scene.rng("drum", member.id)
        radius, turn = 0.82 * np.sqrt(rng.random(_GRAINS)), rng.uniform(0, 2 * math.pi, _GRAINS)
        hop, drift = rng.uniform(0.35, 1.0, _GRAINS), rng.normal(0, 0.18, _GRAINS)
        drum = _Drum(
            spot=spot,
            hits=tuple((scene.action_s(action), action.force) for action in ordered),
            grains=np.stack([radius * np.cos(turn), radius * np.sin(turn), hop, drift], 1),
        )
        cues: list[Cue] = []
        sources: list[tuple[Stem, Source]] = []
        where = scene.position(lambda _: (spot.x_m, spot.y_m + _HEAD_M, spot.z_m))
        for number, action in enumerate(ordered):
            cue = scene.cue("drum hit", member.id, scene.action_s(action), impact=True, force=action.force)
            cues.append(cue)
            make = partial(drum_hit, action.force, scene.sound_seed + number)
            source = event(cue.label, cue, make, position=where, gain_db=_GAIN_DB, room=scene.room)
            sources.append((Stem.EFFECTS, source))
        return Part(
            who=member.id,
            thing="drum",
            depth_m=spot.z_m,
            paint=drum.paint,
            cues=tuple(cues),
            sources=tuple(sources),
            layer="ground",
        )


THING = _Thing()
