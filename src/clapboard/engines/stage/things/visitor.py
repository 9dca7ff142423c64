"""A visitor at the house door: coat and hat in silhouette against the lamplight, an arm that rises and knocks.

The knuckles meet the door exactly on a knock's frame; between two knocks they swing back and strike again.
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba and OpenCV type their numbers more narrowly than numpy's stubs do

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import cv2
import numpy as np

from clapboard.engines.stage.kernels import smoothstep
from clapboard.engines.stage.raster import Path, ellipse, stroke
from clapboard.engines.stage.scene import Easel, Lighting, Part, Rgb, Scene, Spot, Surface, plus, times
from clapboard.engines.stage.sounding import event
from clapboard.engines.stage.sounds.foley import knock
from clapboard.engines.stage.turned import contact_shadow
from clapboard.take import Cue, Source
from clapboard.timeline import Action, Hour, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

Point = np.ndarray
"""x right, y up in metres from the feet: [2], or an outline [n, 2]."""

_BESIDE_M: Final = 0.43
"""The visitor stands this far right of the door's middle, so that the arm is seen against the door."""
_UPPER_ARM_M: Final = 0.31
_FOREARM_M: Final = 0.31
_SHOULDER: Final = np.array([-0.13, 1.36])
_AT_REST: Final = np.array([-0.19, 0.78])
_ON_DOOR: Final = np.array([-0.55, 1.46])
_DRAWN_BACK: Final = np.array([-0.31, 1.53])
_STRIKE_S: Final = 0.125
"""Three frames at 24 a second from drawn back to the door."""
_RECOIL_S: Final = 0.14
_RAISE_S: Final = (0.75, 0.22)
"""Before a knock: when the arm starts to rise, and when it is up."""
_LOWER_S: Final = (0.30, 0.95)
_TOGETHER_S: Final = 1.2
"""The arm stays up between knocks that are no further apart."""
_COATS: Final[tuple[Rgb, ...]] = ((0.042, 0.031, 0.024), (0.028, 0.031, 0.040), (0.034, 0.036, 0.026))
"""Dark brown, blue and olive: a silhouette before the lamplit door."""
_HAIR_RGB: Final[Rgb] = (0.030, 0.020, 0.014)
_SEEN: Final[dict[Hour, float]] = {"dawn": 1.4, "day": 2.6, "dusk": 1.0, "night": 1.0}
"""By day the coat is seen as cloth; a black figure would be a hole in the picture."""
_LAMP_NEAR_M: Final = 2.5
_SHADE_TO_M: Final = 1.30
"""What is higher throws its shadow too far to be seen."""
_SKIN: Final[Rgb] = (0.20, 0.12, 0.085)


@dataclass(frozen=True, slots=True)
class _Pose:
    fist: Point
    lean: float
    """Tangent of the body's lean towards the door."""
    breath: float


def _clockwise(outline: Point) -> Point:
    """The outline in one direction round, so that shapes filled together add up instead of cancelling."""
    x, y = outline[:, 0], outline[:, 1]
    area = float(x[:-1] @ y[1:] - x[1:] @ y[:-1] + x[-1] * y[0] - x[0] * y[-1])
    return outline if area < 0 else outline[::-1]


def _elbow(fist: Point) -> Point:
    """Where the elbow is: below a raised arm, behind a hanging one."""
    reach = fist - _SHOULDER
    span = min(float(np.linalg.norm(reach)), 0.999 * (_UPPER_ARM_M + _FOREARM_M))
    along = (span * span + _UPPER_ARM_M**2 - _FOREARM_M**2) / (2 * span)
    aside = math.sqrt(max(0.0, _UPPER_ARM_M**2 - along * along))
    way = reach / np.linalg.norm(reach)
    return _SHOULDER + way * along + np.array([-way[1], way[0]]) * aside


def _limb(start: Point, end: Point, wide_m: tuple[float, float]) -> Point:
    """A straight part of an arm, clockwise, with its widths at both ends."""
    way = (end - start) / max(1e-6, float(np.linalg.norm(end - start)))
    aside = np.array([-way[1], way[0]]) / 2
    near, far = aside * wide_m[0], aside * wide_m[1]
    return np.array([start + near, end + far, end - far, start - near])


def _legs() -> list[Point]:
    """Trousers and boots, one foot a little ahead."""
    far = Path().move(0.00, 0.62).line(0.19, 0.62).curve(0.18, 0.40, 0.16, 0.25, 0.15, 0.10)
    far.curve(0.17, 0.05, 0.17, 0.02, 0.16, 0.0).line(-0.02, 0.0).curve(-0.04, 0.04, 0.02, 0.08, 0.04, 0.10)
    near = Path().move(-0.18, 0.62).line(0.04, 0.62).curve(0.03, 0.40, 0.0, 0.25, -0.02, 0.11)
    near.curve(0.00, 0.05, 0.00, 0.0, -0.01, -0.02).line(-0.24, -0.02).curve(-0.26, 0.03, -0.17, 0.08, -0.15, 0.11)
    return [far.points(), near.points()]


def _coat() -> Point:
    """A long coat from collar to hem, seen half from behind."""
    path = Path().move(-0.075, 1.53).curve(-0.12, 1.47, -0.20, 1.46, -0.225, 1.38)
    path.curve(-0.245, 1.24, -0.205, 1.12, -0.20, 1.02).curve(-0.215, 0.84, -0.25, 0.68, -0.265, 0.50)
    path.curve(-0.12, 0.465, 0.12, 0.465, 0.275, 0.515).curve(0.255, 0.70, 0.215, 0.86, 0.20, 1.02)
    return path.curve(0.225, 1.14, 0.255, 1.26, 0.235, 1.37).curve(0.21, 1.46, 0.12, 1.47, 0.07, 1.53).points()


def _head() -> list[Point]:
    """The head turned to the door: face and nose to the left, collar up behind."""
    face = Path().move(-0.035, 1.50).curve(-0.09, 1.515, -0.125, 1.53, -0.115, 1.575)
    face.curve(-0.118, 1.59, -0.128, 1.60, -0.148, 1.605).curve(-0.140, 1.635, -0.118, 1.65, -0.115, 1.73)
    face.line(0.095, 1.73).curve(0.115, 1.61, 0.10, 1.55, 0.065, 1.50)
    return [face.points()]


def _hat() -> list[Point]:
    """A felt hat: a brim that dips in front, a crown with a pinch."""
    brim = Path().move(-0.215, 1.668).curve(-0.10, 1.700, 0.08, 1.705, 0.185, 1.690)
    brim.curve(0.19, 1.725, 0.13, 1.735, 0.09, 1.735).curve(-0.02, 1.745, -0.14, 1.735, -0.215, 1.668)
    crown = Path().move(-0.118, 1.705).curve(-0.125, 1.78, -0.10, 1.835, -0.06, 1.842)
    crown.curve(-0.02, 1.825, 0.02, 1.835, 0.055, 1.838).curve(0.10, 1.82, 0.112, 1.77, 0.112, 1.712)
    return [brim.points(), crown.points()]


def _hair() -> Point:
    """The back of the head: hair from the temple to the nape."""
    hair = Path().move(-0.045, 1.72).curve(-0.05, 1.68, -0.035, 1.66, -0.02, 1.645)
    hair.curve(-0.01, 1.625, 0.0, 1.60, 0.015, 1.575).curve(0.03, 1.545, 0.05, 1.53, 0.075, 1.525)
    return hair.curve(0.11, 1.57, 0.112, 1.64, 0.095, 1.73).points()


def _trim() -> list[Point]:
    """What lies on the coat: its collar turned up, the half belt behind, a pocket's flap."""
    collar = (
        Path()
        .move(-0.105, 1.475)
        .curve(-0.11, 1.52, -0.085, 1.555, -0.06, 1.55)
        .curve(-0.02, 1.525, 0.04, 1.53, 0.082, 1.565)
    )
    collar.curve(0.11, 1.54, 0.125, 1.50, 0.12, 1.47).curve(0.05, 1.445, -0.04, 1.445, -0.105, 1.475)
    belt = Path().move(-0.06, 1.055).curve(0.02, 1.035, 0.12, 1.035, 0.203, 1.05)
    belt.line(0.203, 1.002).curve(0.12, 0.985, 0.02, 0.985, -0.06, 1.003)
    flap = Path().move(-0.185, 0.855).line(-0.085, 0.835).line(-0.083, 0.785).line(-0.187, 0.805)
    return [collar.points(), belt.points(), flap.points()]


def _folds() -> list[Point]:
    """Dark lines on the coat: the seam down the back, its vent, the folds at the waist, two buttons on the belt."""
    seam = stroke(np.array([(0.035, 1.44), (0.045, 1.25), (0.04, 1.06)]), [0.004, 0.006, 0.005])
    vent = stroke(np.array([(0.045, 0.98), (0.055, 0.75), (0.075, 0.485)]), [0.004, 0.010, 0.020])
    fold = stroke(np.array([(0.19, 1.10), (0.13, 1.13), (0.09, 1.20)]), [0.009, 0.007, 0.002])
    under = stroke(np.array([(0.19, 0.97), (0.15, 0.88), (0.145, 0.78)]), [0.008, 0.006, 0.002])
    front = stroke(np.array([(-0.14, 1.00), (-0.16, 0.80), (-0.17, 0.50)]), [0.003, 0.007, 0.010])
    return [
        seam,
        vent,
        fold,
        under,
        front,
        ellipse(-0.03, 1.027, 0.011, 0.011, 10),
        ellipse(0.13, 1.015, 0.011, 0.011, 10),
    ]


def _band() -> Point:
    """The ribbon round the hat."""
    band = Path().move(-0.118, 1.728).curve(-0.04, 1.742, 0.06, 1.742, 0.113, 1.728)
    return band.line(0.113, 1.762).curve(0.06, 1.776, -0.04, 1.776, -0.121, 1.762).points()


def _fist(end: Point, elbow: Point) -> Point:
    """A closed hand at the end of the forearm, knuckles ahead, the thumb along its upper side."""
    way = (end - elbow) / max(1e-6, float(np.linalg.norm(end - elbow)))
    aside = np.array([-way[1], way[0]])
    return end + _HAND[:, :1] * way + _HAND[:, 1:] * aside


_HAND: Final = np.array(
    [
        *((-0.060, -0.034), (-0.060, 0.034), (-0.030, 0.046), (0.006, 0.056), (0.024, 0.050), (0.034, 0.040)),
        *((0.054, 0.036), (0.058, 0.022), (0.052, 0.016), (0.058, 0.006), (0.052, -0.002), (0.055, -0.012)),
        *((0.048, -0.018), (0.048, -0.030), (0.030, -0.046), (-0.010, -0.048)),
    ]
)
"""Ahead and to the side, in metres, clockwise."""
_SHADOW: Final = [_coat()]
_ROUND: Final = _clockwise(ellipse(0.0, 0.0, 1.0, 1.0, 16))
_CUFF: Final = 0.30
"""Where the cuff begins, as a share of the forearm from the hand."""
_FACE: Final = [_clockwise(shape) for shape in _head()]
_HAIR: Final = [_clockwise(_hair())]
_EAR: Final = _clockwise(ellipse(0.012, 1.612, 0.016, 0.026, 14))
_HAT: Final = [_clockwise(shape) for shape in _hat()]
_TRIM: Final = [_clockwise(shape) for shape in _trim()]
_FOLDS: Final = [_clockwise(shape) for shape in (*_folds(), _band())]
_BODY: Final = [_clockwise(shape) for shape in (*_legs(), _coat(), *_head(), *_hat())]


class _Visitor:
    """The drawing; pure in time."""

    def __init__(self, spot: Spot, coat: Rgb, knocks_s: Sequence[float]) -> None:
        self.spot, self.coat = spot, coat
        self.knocks_s = sorted(knocks_s)

    @property
    def foot(self) -> tuple[float, float, float]:
        """World place of the feet."""
        return self.spot.x_m + _BESIDE_M * self.spot.scale, self.spot.y_m, self.spot.z_m

    def fist_at(self) -> tuple[float, float, float]:
        """World place where the knuckles meet the door."""
        x, y, z = self.foot
        return x + float(_ON_DOOR[0]) * self.spot.scale, y + float(_ON_DOOR[1]) * self.spot.scale, z

    def pose(self, t_s: float) -> _Pose:
        """Arm, lean and breath of a film time."""
        now = t_s + 1e-6
        last = max((k for k in self.knocks_s if k <= now), default=-math.inf)
        coming = min((k for k in self.knocks_s if k > now), default=math.inf)
        since, until = max(0.0, t_s - last), coming - t_s
        raised = float(1 - smoothstep(until, _RAISE_S[1], _RAISE_S[0])) if until < _RAISE_S[0] else 0.0
        held = float(1 - smoothstep(since, *_LOWER_S)) if since < _LOWER_S[1] else 0.0
        up = 1.0 if coming - last <= _TOGETHER_S else max(raised, held)
        recoil_s = min(_RECOIL_S, 0.5 * (coming - last)) if math.isfinite(coming - last) else _RECOIL_S
        away = float(smoothstep(since, 0.0, recoil_s)) if since < recoil_s else 1.0
        if until < _STRIKE_S:
            away = min(away, 1 - (1 - until / _STRIKE_S) ** 2)
        breath = math.sin(2 * math.pi * 0.24 * t_s)
        raised_fist = _ON_DOOR + (_DRAWN_BACK - _ON_DOOR) * away
        fist = _AT_REST + (raised_fist - _AT_REST) * up + np.array([0.0, 0.004 * breath])
        lean = 0.010 * math.sin(2 * math.pi * 0.11 * t_s + 1.0) + up * (0.012 + 0.030 * (1 - away))
        return _Pose(fist, lean, breath)

    def paint(self, easel: Easel, t_s: float) -> None:
        """Shadow on the step, body, raised arm with its fist."""
        pose = self.pose(t_s)
        self._shadow(easel, pose)
        lit = Easel(easel.canvas, easel.view, self._light(easel), easel.behind)
        cloth, skin = self._cloth(1.0), Surface(albedo=_SKIN, rim=0.0)
        lit.shape(self._placed(easel, _BODY, pose), cloth, self.foot[2])
        fine = easel.unit > 0.3  # smaller pictures do not show folds
        if fine:
            self._details(lit, pose)
        elbow = _elbow(pose.fist)
        sleeve_end = pose.fist + (elbow - pose.fist) * 0.13
        sleeve = (_limb(_SHOULDER, elbow, (0.165, 0.135)), _limb(elbow, sleeve_end, (0.135, 0.118)))
        joints = (_SHOULDER + 0.083 * _ROUND, elbow + 0.068 * _ROUND)
        arm = self._placed(easel, [*sleeve, *joints], pose)
        lit.shape(self._placed(easel, [_fist(pose.fist, elbow)], pose), skin, self.foot[2])
        lit.shape(arm, cloth, self.foot[2])
        if fine:
            cuff = _limb(pose.fist + (elbow - pose.fist) * _CUFF, sleeve_end, (0.132, 0.130))
            lit.shape(self._placed(easel, [cuff], pose), self._cloth(1.1), self.foot[2])

    def _cloth(self, share: float) -> Surface:
        return Surface(albedo=times(self.coat, share), rim=0.0)

    def _details(self, lit: Easel, pose: _Pose) -> None:
        """Face, hair, hat, and what lies on the coat."""
        face = Surface(albedo=times(_SKIN, 0.55), rim=0.0)
        for shapes, surface in (
            (_FACE, face),
            (_HAIR, Surface(albedo=_HAIR_RGB, rim=0.0)),
            ([_EAR], Surface(albedo=times(_SKIN, 0.22), rim=0.0)),
            (_HAT, self._cloth(0.8)),
            (_TRIM, self._cloth(1.1)),
            (_FOLDS, self._cloth(0.25)),
        ):
            lit.shape(self._placed(lit, shapes, pose), surface, self.foot[2])

    def _placed(self, easel: Easel, shapes: Sequence[Point], pose: _Pose) -> list[Point]:
        """Shapes of the body as pixels, leaning and breathing."""
        points = np.concatenate(shapes)
        points[:, 0] *= 1 + 0.006 * pose.breath * smoothstep(points[:, 1], 0.9, 1.2)
        points[:, 0] -= pose.lean * points[:, 1]
        ends = np.cumsum([len(shape) for shape in shapes])[:-1]
        return np.split(easel.outline(points, self.foot, self.spot.scale), ends)

    def _light(self, easel: Easel) -> Lighting:
        """The set's light with the lamps as its key: they draw the edges of hat, shoulder and sleeve that face them.

        A key brightens the edge that `key_from` points away from, so the lamps' directions count backwards.
        """
        x, y, z = self.foot
        key: Rgb = easel.light.key
        way = np.array(easel.light.key_from) * sum(key)
        for point in easel.light.points:
            to = np.array([point.x_m - x, y + 1.5 - point.y_m])
            far2 = float(to @ to) + (point.z_m - z) ** 2
            fall = 5.0 / (1 + far2 / point.reach_m**2)
            key = plus(key, times(point.rgb, fall))
            way = way - to / max(0.2, math.hypot(*to)) * fall * sum(point.rgb)
        length = math.hypot(*way)
        if length < 1e-6:
            return easel.light
        return replace(easel.light, key=key, key_from=(float(way[0]) / length, float(way[1]) / length))

    def _shadow(self, easel: Easel, pose: _Pose) -> None:
        """Where the body keeps the door's lamp off the ground: a soft shape that lies away from it and fades."""
        contact_shadow(easel, self.foot, 0.30 * self.spot.scale, 0.7)
        x, y, z = self.foot
        for point in easel.light.points:
            if math.hypot(point.x_m - x, point.z_m - z) > _LAMP_NEAR_M or point.y_m < y + 1.9:
                continue
            body = np.concatenate([shape[shape[:, 1] < _SHADE_TO_M] for shape in _SHADOW]) * self.spot.scale
            body[:, 0] -= pose.lean * body[:, 1]
            away = point.y_m / (point.y_m - body[:, 1])
            on_x, on_z = point.x_m + (x + body[:, 0] - point.x_m) * away, point.z_m + (z - point.z_m) * away
            pixels = [easel.project(a, y, b)[:2] for a, b in zip(on_x, on_z, strict=True)]
            mask = easel.mask(np.array(pixels))
            if mask is None:
                continue
            begin, end = easel.project(x, y, z)[0], max(column for column, _ in pixels)
            columns = np.arange(mask.left, mask.left + mask.alpha.shape[1])
            fade = 1 - smoothstep(columns, begin, max(end, begin + 1))
            soft = cv2.blur(mask.alpha, (max(1, round(9 * easel.unit)),) * 2)
            rows, box = mask.box
            easel.canvas[:, rows, box] *= 1 - 0.42 * soft * fade.astype(np.float32)


class _Thing:
    words = ThingWords(
        name="visitor",
        words=("visitor", "caller", "guest", "stranger", "someone", "somebody"),
        doings={"knock": DoingWords(words=("knock", "rap"), duration_s=0.4, every_s=0.35)},
        places={"yard": ("porch",)},
        usual="knock",
        material="wood",
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """See `Thing.block`."""
        spot = scene.spot(member, self.words)
        coat = times(_COATS[int(scene.rng("visitor", member.id).integers(len(_COATS)))], _SEEN[scene.hour])
        visitor = _Visitor(spot, coat, [scene.action_s(action) for action in actions])
        where = scene.position(lambda t_s: visitor.fist_at())  # noqa: ARG005 - the door stays where it is
        cues: list[Cue] = []
        sources: list[tuple[Stem, Source]] = []
        for number, action in enumerate(actions):
            cue = scene.cue("knock on the door", member.id, scene.action_s(action), impact=True, force=action.force)
            sound = partial(knock, action.force, scene.sound_seed + number)
            sources.append((Stem.EFFECTS, event(cue.label, cue, sound, position=where, gain_db=13.0, room=scene.room)))
            cues.append(cue)
        return Part(
            who=member.id,
            thing="visitor",
            depth_m=spot.z_m,
            paint=visitor.paint,
            cues=tuple(cues),
            sources=tuple(sources),
            layer="porch",
        )


THING = _Thing()
