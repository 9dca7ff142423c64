"""A gull, or a flock: wings with two joints that beat and glide, banked turns, a beak that opens on the call."""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba types its numbers more narrowly than numpy's stubs do

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from clapboard.engines.stage.hearing import across_water
from clapboard.engines.stage.kernels import f32
from clapboard.engines.stage.raster import stroke
from clapboard.engines.stage.scene import Easel, Part, Rgb, Scene, Spot
from clapboard.engines.stage.sounding import event
from clapboard.take import Cue, Source
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

_BEAT_HZ: Final = 2.7
"""Herring gulls beat their wings 2.8 times a second in level flight (Pennycuick 1990)."""
_SPEED_M_S: Final = 8.0
_CALL_S: Final = 0.55

# Half of the wing seen from above: (forward, outward) in metres; span 1.4 m. Front edge, then back edge, per section.
_INNER = np.array([(0.085, 0.055), (0.135, 0.30), (-0.045, 0.31), (-0.105, 0.055)])
_OUTER = np.array([(0.135, 0.30), (0.085, 0.47), (-0.070, 0.70), (-0.090, 0.685), (-0.075, 0.50), (-0.045, 0.31)])
_TIP = np.array([(0.028, 0.575), (-0.070, 0.70), (-0.090, 0.685), (-0.072, 0.575)])
_SPINE = np.array(
    [(-0.215, 0.0), (-0.15, 0.012), (-0.04, 0.0), (0.07, 0.008), (0.155, 0.028), (0.215, 0.040), (0.25, 0.036)]
)
_GIRTH = np.array([0.03, 0.07, 0.135, 0.14, 0.105, 0.088, 0.045])
_TAIL = np.array([(-0.16, 0.030), (-0.315, 0.085), (-0.335, 0.0), (-0.315, -0.085), (-0.16, -0.030)])
_BACK: Final[Rgb] = (0.36, 0.37, 0.39)
_WHITE: Final[Rgb] = (0.80, 0.79, 0.76)
_BLACK: Final[Rgb] = (0.035, 0.035, 0.040)
_BEAK: Final[Rgb] = (0.75, 0.42, 0.05)


@dataclass(frozen=True, slots=True)
class _Bird:
    """One bird's path round its centre and its own timing."""

    centre: tuple[float, float, float]
    radius: tuple[float, float]
    pace: float
    phase: float
    size: float
    calls_s: tuple[float, ...]

    def at(self, t_s: float) -> np.ndarray:
        """World position: a wide loop that never quite closes, with a slow rise and fall."""
        a = self.pace * t_s + self.phase
        x = self.centre[0] + self.radius[0] * (math.sin(a) + 0.22 * math.sin(0.37 * a + 1.3))
        y = self.centre[1] + 1.1 * math.sin(0.61 * a + self.phase) + 0.25 * math.sin(1.7 * a)
        z = self.centre[2] + self.radius[1] * math.cos(a) + 1.5 * math.sin(0.53 * a)
        return np.array([x, y, z])

    def frame(self, t_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Position, and the body's axes (forward, up, left) as rows, banked into the turn."""
        step = 0.05
        before, here, after = self.at(t_s - step), self.at(t_s), self.at(t_s + step)
        forward = (after - before) / (2 * step)
        pull = (after - 2 * here + before) / step**2
        speed = max(1e-3, float(np.linalg.norm(forward)))
        forward = forward / speed
        up = np.array([0.0, 9.81, 0.0]) + pull - forward * float(pull @ forward)
        up = up - forward * float(up @ forward)
        up = up / np.linalg.norm(up)
        return here, np.stack([forward, up, np.cross(forward, up)])

    def beat(self, t_s: float) -> tuple[float, float]:
        """Angles of shoulder and wrist: bouts of beating between glides; a call is given on a glide."""
        drive = 0.5 + 0.5 * math.sin(t_s * 0.83 + self.phase * 3) + 0.35 * math.sin(t_s * 0.37 + self.phase)
        for call_s in self.calls_s:
            drive *= 1 - 0.8 * math.exp(-(((t_s - call_s - 0.25) / 0.45) ** 2))
        drive = min(1.0, max(0.0, drive * 1.6 - 0.45))
        a = 2 * math.pi * _BEAT_HZ * t_s * (1.04 - 0.08 * (self.phase % 1)) + self.phase * 5
        shoulder = 0.20 + drive * (0.06 + 0.62 * math.sin(a)) + 0.02 * math.sin(t_s * 2.1 + self.phase)
        wrist = -0.28 + drive * (-0.12 + 0.50 * math.sin(a - 1.25))
        return shoulder, wrist

    def gape(self, t_s: float) -> float:
        """0..1: how far the beak is open; it opens on the frame of the call."""
        for call_s in self.calls_s:
            age = t_s - call_s
            if -1e-6 <= age < _CALL_S:
                return 0.55 + 0.45 * math.cos(age * 17) if age < 0.45 else (_CALL_S - age) / 0.1 * 0.5
        return 0.0


class _Flock:
    """The drawing; pure in time."""

    def __init__(self, birds: Sequence[_Bird], spot: Spot) -> None:
        self.birds, self.spot = birds, spot

    def paint(self, easel: Easel, t_s: float) -> None:
        for bird in sorted(self.birds, key=lambda b: -b.at(t_s)[2]):
            self._bird(easel, bird, t_s)

    def _bird(self, easel: Easel, bird: _Bird, t_s: float) -> None:
        here, axes = bird.frame(t_s)
        column, row, per_m = easel.project(*here)
        reach = per_m * bird.size
        width, height = easel.canvas.shape[2], easel.canvas.shape[1]
        if reach < 1 or not (-reach < column < width + reach and -reach < row < height + reach):
            return
        shoulder, wrist = bird.beat(t_s)
        near = 1.0 if axes[2][2] < 0 else -1.0  # which wing is nearer to us
        call = bird.gape(t_s)
        self._wing(easel, bird, (here, axes), (-near, shoulder, wrist))
        self._body(easel, bird, (here, axes), call)
        self._wing(easel, bird, (here, axes), (near, shoulder, wrist))

    def _points(self, easel: Easel, bird: _Bird, frame: tuple[np.ndarray, np.ndarray], local: np.ndarray) -> np.ndarray:
        """Body coordinates (forward, up, left) [n, 3] as pixels [n, 2]: seen from below when it flies above us."""
        here, axes = frame
        world = here + local @ axes * bird.size
        view = easel.view
        scale = view.focal_px / np.maximum(world[:, 2] - view.z_m, 0.5)
        columns = view.centre_px + (world[:, 0] - view.x_m) * scale
        return np.stack([columns, view.horizon_px - (world[:, 1] - view.lens.eye_m - view.y_m) * scale], 1)

    def _paint(self, easel: Easel, outline: np.ndarray, albedo: Rgb, lit: tuple[float, float], depth_m: float) -> None:
        """Fill one part: `lit` is the share of the sky's and of the key's light that it gets."""
        mask = easel.mask(outline)
        if mask is None:
            return
        light, shown = easel.light, easel.haze(depth_m)
        rgb = [
            a * (lit[0] * ambient + lit[1] * key) * shown + fog * (1 - shown)
            for a, ambient, key, fog in zip(albedo, light.ambient, light.key, light.fog, strict=True)
        ]
        easel.blend(mask, rgb)

    def _wing(
        self, easel: Easel, bird: _Bird, frame: tuple[np.ndarray, np.ndarray], pose: tuple[float, float, float]
    ) -> None:
        side, shoulder, wrist = pose
        outer = shoulder + wrist
        hinge = np.array([0.0, 0.04 + 0.245 * math.sin(shoulder), side * (0.055 + 0.245 * math.cos(shoulder))])

        def lifted(plan: np.ndarray, inner: bool) -> np.ndarray:
            if inner:
                out = plan[:, 1] - 0.055
                return np.stack(
                    [plan[:, 0], 0.04 + out * math.sin(shoulder), side * (0.055 + out * math.cos(shoulder))], 1
                )
            out = plan[:, 1] - 0.30
            return np.stack(
                [
                    plan[:, 0] - 0.10 * abs(wrist) * out,
                    hinge[1] + out * math.sin(outer),
                    hinge[2] + side * out * math.cos(outer),
                ],
                1,
            )

        _, axes = frame
        depth_m = float(frame[0][2])
        view = easel.view
        sight = frame[0] - np.array([view.x_m, view.lens.eye_m + view.y_m, view.z_m])
        for plan, inner, albedo in ((_INNER, True, _BACK), (_OUTER, False, _BACK), (_TIP, False, _BLACK)):
            local = lifted(plan, inner)
            angle = shoulder if inner else outer
            normal = np.array([0.0, math.cos(angle), -side * math.sin(angle)]) @ axes
            above = float(normal @ sight) < 0  # do we see its upper side?
            up = normal[1] if above else -normal[1]
            colour = albedo if above or albedo is _BLACK else _WHITE
            # Light comes through the feathers of a raised wing seen from below.
            lit = (0.62 + 0.38 * max(0.0, up), 0.34 * max(0.0, up)) if above else (0.50 + 0.2 * max(0.0, up), 0.16)
            self._paint(easel, self._points(easel, bird, frame, local), colour, lit, depth_m)

    def _body(self, easel: Easel, bird: _Bird, frame: tuple[np.ndarray, np.ndarray], call: float) -> None:
        depth_m = float(frame[0][2])
        per_m = easel.project(*frame[0])[2] * bird.size
        tail = np.stack([_TAIL[:, 0], np.zeros(5), _TAIL[:, 1]], 1)
        self._paint(easel, self._points(easel, bird, frame, tail), _WHITE, (0.75, 0.20), depth_m)
        lift = 0.05 * call
        spine = np.stack([_SPINE[:, 0], _SPINE[:, 1] + lift * np.linspace(0, 1, 7) ** 3, np.zeros(7)], 1)
        points = self._points(easel, bird, frame, spine)
        length = np.linalg.norm(np.diff(points, axis=0), axis=1).sum()
        if length < 0.10 * per_m:  # coming at us or going away: a round body
            turn = np.linspace(0, 2 * math.pi, 14, endpoint=False)
            outline = points.mean(0) + 0.068 * per_m * np.stack([np.cos(turn), np.sin(turn)], 1)
        else:
            outline = stroke(points, _GIRTH * per_m)
        self._paint(easel, outline, _WHITE, (0.70, 0.16), depth_m)
        if length < 0.10 * per_m:
            return
        gape = 0.16 + 0.75 * call
        root = np.array([0.245, 0.036 + lift, 0.0])
        for tilt, width in ((0.35 * gape, 0.026), (-0.65 * gape, 0.018)):
            end = root + np.array([0.072 * math.cos(tilt), 0.072 * math.sin(tilt) - 0.006, 0.0])
            half = stroke(self._points(easel, bird, frame, np.stack([root, end])), [width * per_m, 0.3 * width * per_m])
            self._paint(easel, half, _BEAK, (0.7, 0.2), depth_m)
        if per_m > 70:
            eye = self._points(easel, bird, frame, np.array([[0.218, 0.052 + lift, 0.0]]))[0]
            turn = np.linspace(0, 2 * math.pi, 8, endpoint=False)
            self._paint(
                easel,
                (eye + 0.009 * per_m * np.stack([np.cos(turn), np.sin(turn)], 1)).astype(f32),
                _BLACK,
                (0.5, 0.0),
                depth_m,
            )


class Gull:
    """See the top of the file."""

    words = ThingWords(
        name="gull",
        words=("gull", "seagull", "sea gull", "sea bird", "seabird", "bird", "herring gull"),
        doings={
            "fly": DoingWords(
                words=("fly", "flies", "flying", "soar", "wheel", "circle", "glide", "hover"),
                duration_s=6.0,
                lasting=True,
            ),
            "call": DoingWords(
                words=("call", "calls", "cry", "cries", "crying", "scream", "screech", "shriek", "squawk"),
                duration_s=0.9,
                every_s=1.8,
            ),
        },
        places={"ocean_coast": ("air",)},
        usual="fly",
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """Each bird loops round the spot; the calls go round the flock, beginning with the nearest bird."""
        spot = scene.spots.get(member.at or "air", scene.spots["air"])
        rng = scene.rng("gull", member.id)
        calls = [(scene.action_s(action), action) for action in actions if action.does == "call"]
        birds = []
        for i in range(member.count):
            share = 0.0 if i == 0 else 1.0
            offset = rng.normal(0, 1, 3) * np.array([5.0, 1.9, 5.0]) * share
            radius = rng.uniform(4.5, 8.0)
            birds.append(
                _Bird(
                    centre=(spot.x_m + offset[0], max(2.5, spot.y_m + offset[1]), max(14.0, spot.z_m + offset[2])),
                    radius=(radius, radius * rng.uniform(0.35, 0.6)),
                    pace=_SPEED_M_S / radius * rng.uniform(0.55, 0.75) * (1 if rng.random() < 0.8 else -1),
                    phase=float(rng.uniform(0, 6.28)),
                    size=spot.scale * float(rng.uniform(0.92, 1.08)),
                    calls_s=tuple(t_s for k, (t_s, _) in enumerate(calls) if k % member.count == i),
                )
            )
        cues: list[Cue] = []
        sources: list[tuple[Stem, Source]] = []
        for number, (t_s, action) in enumerate(calls):
            cue = scene.cue("gull calls", member.id, t_s, force=action.force)
            cues.append(cue)
            sources.append((Stem.EFFECTS, _cry(cue, scene, birds[number % member.count], number)))
        return Part(
            who=member.id,
            thing="gull",
            depth_m=spot.z_m,
            paint=_Flock(birds, spot).paint,
            cues=tuple(cues),
            sources=tuple(sources),
            layer="air",
        )


def _cry(cue: Cue, scene: Scene, bird: _Bird, number: int) -> Source:
    from clapboard.engines.stage.sounds.creatures import gull

    def track(t_s: float) -> tuple[float, float, float]:
        x, y, z = bird.at(t_s)
        return float(x), float(y), float(z)

    seed = scene.sound_seed + number
    call = ("keow", "keow", "mew", "long")[int(scene.rng("gull cry", number).integers(4))] if number else "keow"
    return event(
        "gull",
        cue,
        lambda: gull(call, seed, cue.force),
        position=across_water(scene, track),
        gain_db=10.0,
        room=scene.room,
    )


THING = Gull()
