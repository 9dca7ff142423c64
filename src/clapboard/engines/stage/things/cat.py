"""A cat that sits on the sill and looks out: it breathes, flicks its tail, turns its head, mews and purrs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from clapboard.engines.stage.kernels import smoothstep
from clapboard.engines.stage.plush import Blobs, Coat, paint_plush
from clapboard.engines.stage.raster import stroke
from clapboard.engines.stage.scene import Easel, Part, Scene, Spot
from clapboard.engines.stage.sounding import event, running
from clapboard.engines.stage.sounds import creatures as sounds
from clapboard.engines.stage.turned import contact_shadow
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

Point = NDArray[np.float64]

_SIT_YAW = math.radians(24)
"""The body is turned this far from straight away, towards the left: a three-quarter view from behind."""
_LOOK_DOWN = math.radians(9)
_MEW_S = 0.85


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pose:
    """Angles in radians, amounts 0..1. Head yaw 0 looks where the body looks (out), positive to the right."""

    breath: float
    head_yaw: float
    head_pitch: float
    jaw: float
    ear_left: float
    ear_right: float
    tail: float
    tail_tip: float
    squint: float = 0.0


def _turn(points: Point, yaw: float, pitch: float = 0.0) -> Point:
    """Rotate [n, 3] about y by yaw (positive turns forward to the right), then lift the forward end by pitch."""
    x, y, z = points.T
    y, z = y * math.cos(pitch) + z * math.sin(pitch), z * math.cos(pitch) - y * math.sin(pitch)
    return np.stack([x * math.cos(yaw) + z * math.sin(yaw), y, z * math.cos(yaw) - x * math.sin(yaw)], 1)


class _Body:
    """Collects spheroids in the cat's frame: x to its right, y up, z forward (away from the camera when yaw is 0)."""

    def __init__(self) -> None:
        self.rows: list[tuple[Point, float, Point]] = []

    def add(self, centre: Sequence[float], radius: float, axis: Sequence[float] = (0, 0, 0)) -> None:
        self.rows.append((np.array(centre, float), radius, np.array(axis, float)))

    def pair(self, centre: Sequence[float], radius: float, axis: Sequence[float] = (0, 0, 0)) -> None:
        self.add(centre, radius, axis)
        self.add((-centre[0], *centre[1:]), radius, (-axis[0], *axis[1:]))


_NECK = np.array([0.0, 0.300, 0.072])


def _torso(pose: _Pose) -> _Body:
    """Haunches, belly, ribs, shoulders, forelegs. Measures of an adult cat 0.45 m high when it sits."""
    body, b = _Body(), pose.breath
    body.add((0, 0.082, -0.052), 0.088, (0, 0.078, -0.01))
    body.pair((0.066, 0.070, 0.000), 0.060, (0.012, 0.055, 0.052))
    body.pair((0.070, 0.020, 0.045), 0.022, (0.0, 0.0, 0.055))
    body.add((0, 0.135 + 0.002 * b, -0.012), 0.081 + 0.0035 * b, (0, 0.100, 0.030))
    body.add((0, 0.205 + 0.003 * b, 0.028), 0.069 + 0.003 * b, (0, 0.090, 0.034))
    body.pair((0.034, 0.225 + 0.003 * b, 0.048), 0.045, (0.004, 0.062, 0.014))
    body.pair((0.030, 0.095, 0.098), 0.022, (0.0, 0.10, 0.004))
    body.pair((0.032, 0.014, 0.118), 0.021, (0.0, 0.0, 0.030))
    body.add((0, 0.275 + 0.003 * b, 0.056), 0.049, (0, 0.055, 0.018))
    return body


def _head(pose: _Pose) -> tuple[list[tuple[Point, float, Point]], Point]:
    """The head's spheroids in the cat's frame, and a few face points for eyes, whiskers and nose."""
    head = _Body()
    head.add((0, 0.040, 0.002), 0.0490, (0.0525, 0.0, 0.0))
    head.add((0, 0.047, 0.012), 0.0440, (0.0, -0.006, 0.048))
    head.pair((0.026, 0.020, 0.020), 0.0315)
    head.pair((0.0105, 0.0175, 0.060), 0.0145)
    head.add((0, 0.034, 0.053), 0.0140, (0.0, -0.010, 0.024))
    drop = 0.013 * pose.jaw
    head.add((0, 0.006 - drop, 0.046 - 0.4 * drop), 0.0110, (0.0, -0.5 * drop, 0.0200))
    for side, swing in ((-1, pose.ear_left), (1, pose.ear_right)):
        root = np.array([side * 0.032, 0.074, 0.012])
        tip = np.array([side * (0.052 + 0.020 * swing), 0.127 - 0.012 * abs(swing), 0.014 - 0.030 * swing])
        for k in range(9):
            share = k / 8
            bow = side * 0.006 * math.sin(math.pi * share)
            head.add((root + (tip - root) * share + [bow, 0, 0]).tolist(), 0.0255 * (1 - share) ** 0.8 + 0.0020)
    rows = []
    for centre, radius, axis in head.rows:
        both = _turn(np.stack([centre, axis]), pose.head_yaw, pose.head_pitch)
        rows.append((both[0] + _NECK, radius, both[1]))
    face = np.array(
        [
            *((-0.029, 0.046, 0.040), (0.029, 0.046, 0.040)),
            *((-0.020, 0.016, 0.062), (0.020, 0.016, 0.062)),
            (0.0, 0.0255, 0.0765),
        ]
    )
    return rows, _turn(face, pose.head_yaw, pose.head_pitch) + _NECK


def _tail(pose: _Pose) -> list[tuple[Point, float, Point]]:
    """The tail lies round the right side on the sill; its end lifts and flicks."""
    knots = np.array(
        [
            (0.0, 0.035, -0.118),
            (0.060, 0.020, -0.150),
            (0.130, 0.016, -0.125),
            (0.190, 0.016, -0.060),
            (0.235, 0.018, -0.010),
            (0.262, 0.030, 0.010),
        ]
    )
    lift = 0.022 + 0.034 * max(0.0, pose.tail) + 0.012 * pose.tail_tip
    end = np.array(
        [
            (0.285 + 0.02 * pose.tail_tip, 0.034 + lift, 0.012),
            (0.292 + 0.045 * pose.tail_tip, 0.052 + 1.7 * lift, 0.004),
        ]
    )
    knots = np.concatenate([knots, end])
    along = np.linspace(0, len(knots) - 1, 30)
    path = np.stack([np.interp(along, np.arange(len(knots)), knots[:, c]) for c in range(3)], 1)
    kernel = np.array([1, 2, 3, 2, 1]) / 9
    smooth = np.stack([np.convolve(np.pad(path[:, c], 2, mode="edge"), kernel, "valid") for c in range(3)], 1)
    radius = np.interp(np.linspace(0, 1, 30), [0, 0.25, 0.85, 1], [0.021, 0.0165, 0.0150, 0.0085])
    return [(point, float(r), np.zeros(3)) for point, r in zip(smooth, radius, strict=True)]


def _to_view(points: Point) -> Point:
    """Cat's frame -> x right, y up, z towards the camera, turned to three quarters and seen slightly from above."""
    x, y, z = _turn(points, -_SIT_YAW).T
    return np.stack(
        [x, y * math.cos(_LOOK_DOWN) + z * math.sin(_LOOK_DOWN), y * math.sin(_LOOK_DOWN) - z * math.cos(_LOOK_DOWN)], 1
    )


def _direction_to_view(vectors: Point) -> Point:
    return _to_view(vectors)  # the map is linear, and has no shift


class _Cat:
    """Acting and drawing; pure in time."""

    def __init__(self, spot: Spot, scene: Scene, acts: Sequence[tuple[str, float, float]]) -> None:
        self.spot, self.acts = spot, acts
        rng = scene.rng("cat")
        self._phase = rng.uniform(0, 6.28, 6)
        span_s = scene.end_s - scene.start_s
        gaps = np.cumsum(rng.gamma(2.2, 1.3, int(span_s / 1.5) + 6)) + scene.start_s - 3
        self._twitches = [(float(t), int(rng.integers(2))) for t in gaps]
        flicks = np.cumsum(rng.gamma(2.5, 1.1, int(span_s / 1.5) + 6)) + scene.start_s - 3
        self._flicks = [float(t) for t in flicks]
        self._coat = Coat(albedo=(0.115, 0.098, 0.086), rim=1.9, hair_m=0.0085, stripes=0.30, seed=scene.seed % 31)

    def pose(self, t_s: float) -> _Pose:
        """The cat at a film time: small idle life plus what it was told to do."""
        p = self._phase
        purr = max((self._during(at, end, t_s, 0.3) for does, at, end in self.acts if does == "purr"), default=0.0)
        breath = math.sin(2 * math.pi * t_s * (0.42 + 0.1 * purr) + p[0]) + 0.10 * purr * math.sin(
            t_s * 2 * math.pi * 11
        )
        wander = 0.16 * math.sin(t_s * 0.33 + p[1]) + 0.10 * math.sin(t_s * 0.71 + p[2])
        ears = [0.0, 0.0]
        for at_s, side in self._twitches:
            age = t_s - at_s
            if 0 < age < 0.5:
                ears[side] += math.sin(math.pi * age / 0.5) * math.sin(age * 19) * 0.6
        tip = 0.30 * math.sin(t_s * 0.9 + p[3]) + 0.15 * math.sin(t_s * 1.7 + p[4])
        lift = 0.0
        for at_s in self._flicks:
            age = t_s - at_s
            if 0 < age < 0.9:
                tip += 0.9 * math.sin(math.pi * age / 0.9) ** 2 * math.sin(age * 9)
        pose = _Pose(
            breath=breath,
            head_yaw=wander,
            head_pitch=0.05 * math.sin(t_s * 0.5 + p[5]),
            jaw=0.0,
            ear_left=ears[0],
            ear_right=ears[1],
            tail=lift,
            tail_tip=tip,
        )
        for does, at_s, end_s in self.acts:
            pose = self._act(pose, does, t_s, (at_s, end_s))
        return pose

    def _during(self, at_s: float, end_s: float, t_s: float, ramp_s: float) -> float:
        return float(smoothstep(t_s, at_s - ramp_s, at_s) * (1 - smoothstep(t_s, end_s, end_s + 1.6 * ramp_s)))

    def _act(self, pose: _Pose, does: str, t_s: float, span_s: tuple[float, float]) -> _Pose:
        at_s, end_s = span_s
        if does == "meow":
            turned = self._during(at_s, end_s + 0.25, t_s, 0.55)
            age = t_s - at_s
            open_now = math.sin(math.pi * min(1.0, age / (end_s - at_s)) ** 0.75) if 0 <= age < end_s - at_s else 0.0
            jaw = max(0.0, open_now) ** 0.7
            yaw = pose.head_yaw * (1 - turned) - 0.98 * turned
            return replace(pose, head_yaw=yaw, head_pitch=pose.head_pitch + (0.12 + 0.20 * jaw) * turned, jaw=jaw)
        if does == "look":
            turned = self._during(at_s, end_s, t_s, 0.45)
            return replace(pose, head_yaw=pose.head_yaw * (1 - turned) - 0.90 * turned)
        if does == "flick_tail":
            age = t_s - at_s
            if 0 <= age < 1.4:
                swing = math.sin(math.pi * age / 1.4) ** 0.7
                return replace(pose, tail=pose.tail + swing, tail_tip=pose.tail_tip + 1.3 * swing * math.sin(age * 8.5))
        if does == "purr":
            calm = self._during(at_s, end_s, t_s, 0.5)
            return replace(pose, head_pitch=pose.head_pitch - 0.10 * calm, squint=calm)
        return pose

    def paint(self, easel: Easel, t_s: float) -> None:
        """The cat and its contact with the sill."""
        foot = (self.spot.x_m, self.spot.y_m, self.spot.z_m)
        contact_shadow(easel, foot, 0.13, 0.8)
        pose = self.pose(t_s)
        head, face = _head(pose)
        rows = [*_torso(pose).rows, *head, *_tail(pose)]
        centre = _to_view(np.array([row[0] for row in rows]))
        axis = _direction_to_view(np.array([row[2] for row in rows]))
        paint_plush(easel, foot, Blobs(centre, np.array([row[1] for row in rows]), axis), self._coat)
        self._face(easel, foot, _to_view(face), pose)

    def _face(self, easel: Easel, foot: tuple[float, float, float], face: Point, pose: _Pose) -> None:
        """Eye, whiskers and open mouth, as far as they are turned to us."""
        out = face[4] - (face[2] + face[3]) / 2
        sideways = abs(out[0]) / max(1e-6, float(np.linalg.norm(out)))
        if sideways < 0.55 or easel.unit < 0.2:
            return
        way = 1.0 if out[0] > 0 else -1.0
        near = 2 if face[2][2] > face[3][2] else 3
        show = min(1.0, (sideways - 0.55) / 0.25)
        light = np.array(easel.light.ambient) * 0.5
        for point in easel.light.points:
            light = light + 0.25 * np.array(point.rgb)
        for k, (rise, length) in enumerate(((0.016, 0.050), (0.004, 0.056), (-0.008, 0.052), (-0.018, 0.044))):
            share = np.linspace(0, 1, 8)
            sag = -0.010 * share**2
            line = np.stack(
                [face[near][0] + way * length * share * (0.9 + 0.03 * k), face[near][1] + rise * share + sag], 1
            )
            mask = easel.mask(easel.outline(stroke(line, np.linspace(0.0011, 0.0004, 8)), foot))
            if mask is not None:
                easel.blend(mask, tuple(light), 0.55 * show)
        eye = face[0] if face[0][2] > face[1][2] else face[1]
        turn = np.linspace(0, 2 * math.pi, 20)
        narrow = 0.45 + 0.55 * (1 - sideways)
        tall = 0.0062 * (1 - 0.75 * pose.squint)
        almond = np.stack(
            [eye[0] + 0.0075 * narrow * np.cos(turn), eye[1] + tall * np.sin(turn) + 0.0012 * np.cos(turn) * way], 1
        )
        slit = np.stack([eye[0] + way * 0.0010 + 0.0014 * np.cos(turn), eye[1] + 0.9 * tall * np.sin(turn)], 1)
        glint = np.stack([eye[0] + way * 0.0012 + 0.0009 * np.cos(turn), eye[1] + 0.0022 + 0.0009 * np.sin(turn)], 1)
        nose = np.stack([face[4][0] + 0.0042 * np.cos(turn), face[4][1] + 0.0034 * np.sin(turn)], 1)
        dark = tuple(0.02 * light)
        for outline, rgb, opacity in (
            (almond, tuple(light * [0.85, 0.80, 0.22]), 0.9),
            (slit, dark, 0.9),
            (glint, tuple(light * 3), 0.8),
            (nose, tuple(light * [0.10, 0.055, 0.050]), 0.8),
        ):
            mask = easel.mask(easel.outline(outline, foot))
            if mask is not None:
                easel.blend(mask, rgb, opacity * show)


def _purr_level(at_s: float, end_s: float, t_s: Point) -> Point:
    """A purr that swells in and fades."""
    return np.asarray(0.7 * smoothstep(t_s, at_s, at_s + 0.4) * (1 - smoothstep(t_s, end_s - 0.6, end_s)), float)


class _Thing:
    words = ThingWords(
        name="cat",
        words=("cat", "kitten", "tomcat", "kitty", "tabby"),
        doings={
            "sit": DoingWords(words=("sit", "watch", "gaze", "rest", "stare"), duration_s=4.0, lasting=True),
            "meow": DoingWords(words=("meow", "mew", "miaow", "cry", "call"), duration_s=_MEW_S),
            "purr": DoingWords(words=("purr",), duration_s=4.0, lasting=True),
            "look": DoingWords(words=("look round", "look around", "turn its head", "turn", "look"), duration_s=1.6),
            "flick_tail": DoingWords(words=("flick its tail", "flick", "swish", "twitch", "wag"), duration_s=1.4),
        },
        places={"window_room": ("sill_right", "sill", "sill_left", "table_right")},
        material="fur",
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """See `Thing.block`."""
        spot = scene.spot(member, self.words)
        acts = []
        for action in actions:
            at_s = scene.action_s(action)
            usual_s = self.words.doings[action.does].duration_s
            end_s = scene.start_s + action.until_s if action.until_s is not None else at_s + usual_s
            acts.append((action.does, at_s, max(at_s + 0.2, end_s)))
        cat = _Cat(spot, scene, acts)
        cues = tuple(
            scene.cue(f"cat {does}", member.id, at_s, force=0.5) for does, at_s, _ in acts if does in ("meow", "purr")
        )
        sources = []
        where = scene.position(lambda t_s: (spot.x_m, spot.y_m, spot.z_m))  # noqa: ARG005 - it sits still
        heard = [act for act in acts if act[0] in ("meow", "purr")]
        for number, (cue, (does, at_s, end_s)) in enumerate(zip(cues, heard, strict=True)):
            seed = scene.sound_seed + number
            if does == "meow":
                call = partial(sounds.cat, "meow", seed, cue.force)
                source = event(cue.label, cue, call, position=where, gain_db=4.0, room=scene.room)
            else:
                level = partial(_purr_level, at_s, end_s)
                source = running(
                    cue.label, sounds.purr(level, seed), (at_s, end_s), position=where, gain_db=6.0, room=scene.room
                )
            sources.append((Stem.EFFECTS, source))
        return Part(
            who=member.id,
            thing="cat",
            depth_m=spot.z_m,
            paint=cat.paint,
            cues=cues,
            sources=tuple(sources),
            layer="sill",
        )


THING = _Thing()
