"""A small sailing boat: wooden hull, main and jib of curved cloth, one person at the tiller; it rides the waves."""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba types its numbers more narrowly than numpy's stubs do

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.hearing import across_water
from clapboard.engines.stage.kernels import Plane, f32, smoothstep
from clapboard.engines.stage.raster import Mask, ellipse, stroke
from clapboard.engines.stage.scene import Easel, Part, Rgb, Scene, Spot, Surface
from clapboard.engines.stage.sounding import event
from clapboard.engines.stage.water import Waves, sea_waves, surface_at
from clapboard.take import Cue, Source
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

_DRIFT_M_S: Final = 0.28
_SAIL_M_S: Final = 1.7
"""A boat of 8 m makes 3 to 6 knots; a far one that crosses slowly reads better than a true one."""
_CLOTH: Final[Rgb] = (0.78, 0.75, 0.68)
_TAN: Final[Rgb] = (0.52, 0.20, 0.10)
_HULL: Final[Rgb] = (0.30, 0.115, 0.045)
_TRIM: Final[Rgb] = (0.62, 0.58, 0.50)
_DARK: Final[Rgb] = (0.030, 0.028, 0.030)

# Profiles in metres, bow at +x, waterline at y = 0.
_SHEER = np.array([(-3.75, 0.80), (-3.0, 0.74), (-1.5, 0.66), (0.0, 0.66), (1.6, 0.74), (3.0, 0.92), (4.25, 1.22)])
_KEEL = np.array(
    [(4.25, 1.22), (4.05, 0.75), (3.55, 0.10), (3.2, -0.16), (0.0, -0.24), (-3.1, -0.16), (-3.5, 0.0), (-3.75, 0.80)]
)
_MAST_X: Final = 0.75
_MAST_TOP: Final = 9.6
_MAIN = ((0.68, 1.55), (0.72, 9.2), (-3.05, 1.75))
"""Tack, head, clew."""
_JIB = ((3.95, 1.30), (0.86, 8.3), (0.25, 1.55))


@dataclass(frozen=True, slots=True)
class _Pose:
    """Where the boat is at one instant. `turn` is the pitch in the picture (radians), `heel` away from the wind."""

    x_m: float
    y_m: float
    z_m: float
    turn: float
    heel: float
    speed: float


@dataclass(frozen=True, slots=True)
class _Course:
    """Metres along the course over time: a slow drift, quicker while it sails."""

    x_m: float
    way: float
    spans: tuple[tuple[float, float], ...]
    middle_s: float

    def at(self, t_s: float) -> tuple[float, float]:
        """x and speed (0..1 of sailing) at a film time."""
        x = _DRIFT_M_S * (t_s - self.middle_s)
        pace = 0.0
        for start, stop in self.spans:
            total = _SAIL_M_S * (stop - start)
            x += _SAIL_M_S * (min(max(t_s, start), stop) - start) - 0.5 * total
            ease = 1.2
            pace = max(pace, float(smoothstep(t_s, start - ease, start) * (1 - smoothstep(t_s, stop, stop + ease))))
        return self.x_m + self.way * x, pace


class _Sailboat:
    """The drawing; pure in time."""

    def __init__(self, scene: Scene, spot: Spot, course: _Course, creaks_s: tuple[float, ...], tan: bool) -> None:
        self.scene, self.spot, self.course, self.creaks_s = scene, spot, course, creaks_s
        self.waves: Waves = sea_waves(scene.level("wind"), scene.seed)
        self.wind = scene.level("wind")
        self.cloth = _TAN if tan else _CLOTH
        self.phase = float(scene.rng("sailboat").uniform(0, 6.28))

    def pose(self, t_s: float) -> _Pose:
        """The hull averages the sea over its length, and answers slowly; each creak is a shove that heels it."""
        x, pace = self.course.at(t_s)
        fore = surface_at(self.waves, x + 2.5, self.spot.z_m, t_s)
        aft = surface_at(self.waves, x - 2.5, self.spot.z_m, t_s)
        turn = math.atan2(fore[0] - aft[0], 5.0) * 0.9
        roll = 0.5 * (fore[2] + aft[2])
        shove = sum(math.exp(-(t_s - c) / 0.7) * math.sin((t_s - c) * 5.2) for c in self.creaks_s if t_s >= c)
        heel = (
            0.05
            + 0.16 * self.wind
            + 0.05 * pace
            + 0.55 * roll
            + 0.020 * math.sin(t_s * 0.9 + self.phase)
            + 0.07 * shove
        )
        lift = 0.5 * (fore[0] + aft[0])
        return _Pose(x, self.spot.y_m + lift, self.spot.z_m, turn * self.course.way + 0.022 * shove, heel, pace)

    def paint(self, easel: Easel, t_s: float) -> None:
        pose = self.pose(t_s)
        above = easel.view.lens.eye_m + easel.view.y_m > 0  # below, it is the water's mirror that looks
        if above:
            self._wake(easel, pose, t_s)
        light = 1.0 if self.scene.hour in ("night", "dusk") else 0.0
        if above:
            self._rigging(easel, pose)
        self._sail(easel, pose, _JIB, 0.30, t_s)
        self._sail(easel, pose, _MAIN, 0.42, t_s)
        self._spars(easel, pose)
        self._hull(easel, pose)
        if above:
            self._helm(easel, pose, t_s)
        if light:
            self._lamps(easel, pose, t_s)

    def _place(self, easel: Easel, pose: _Pose, shape: np.ndarray, high: bool = False) -> np.ndarray:
        """Local metres to pixels: way, heel (tall things lean and shorten), pitch, then the projection."""
        shape = np.asarray(shape, float) * self.spot.scale
        x, y = shape[:, 0] * self.course.way, shape[:, 1].copy()
        if high:
            x, y = x - 0.22 * math.sin(pose.heel) * y, y * math.cos(pose.heel)
        c, s = math.cos(pose.turn), math.sin(pose.turn)
        turned = np.stack([x * c - y * s, x * s + y * c], 1)
        return easel.outline(turned, (pose.x_m, pose.y_m, pose.z_m))

    def _fill(
        self,
        easel: Easel,
        pose: _Pose,
        shape: np.ndarray | list[np.ndarray],
        albedo: Rgb,
        *,
        high: bool = False,
        rim: float = 0.0,
    ) -> Mask | None:
        if rim > 0:
            outline = self._place(easel, pose, shape, high)
            return easel.shape([outline], Surface(albedo=albedo, rim=rim, rim_px=1.6), pose.z_m)
        shapes = shape if isinstance(shape, list) else [shape]
        mask = easel.mask(
            *(self._place(easel, pose, one, high) for one in shapes)
        )  # small and dark parts need no modelling
        if mask is not None:
            light, shown = easel.light, easel.haze(pose.z_m)
            lit = [a * (s + 0.25 * k) for a, s, k in zip(albedo, light.ambient, light.key, strict=True)]
            easel.blend(mask, [v * shown + f * (1 - shown) for v, f in zip(lit, light.fog, strict=True)])
        return mask

    def _rigging(self, easel: Easel, pose: _Pose) -> None:
        """Backstay, forestay and shroud: a few centimetres thick, so they are drawn a pixel wide and thin in tone."""
        width_m, least = 0.02, 0.8 * easel.unit / max(easel.project(pose.x_m, 0, pose.z_m)[2], 0.1)
        lines = (
            ((_MAST_X, _MAST_TOP), (-3.7, 0.8)),
            ((4.15, 1.22), (_MAST_X, 8.6)),
            ((_MAST_X - 0.35, 0.7), (_MAST_X, 6.8)),
        )
        outlines = [self._place(easel, pose, stroke(np.array(line), max(width_m, least)), True) for line in lines]
        mask = easel.mask(*outlines)
        if mask is not None:
            shown = easel.haze(pose.z_m)
            rgb = [
                d * a * shown + f * (1 - shown)
                for d, a, f in zip(_DARK, easel.light.ambient, easel.light.fog, strict=True)
            ]
            easel.blend(mask, rgb, min(1.0, width_m / least) * 0.9)

    def _sail(
        self, easel: Easel, pose: _Pose, corners: tuple[tuple[float, float], ...], belly: float, t_s: float
    ) -> None:
        """Cloth between tack, head and clew: leech and foot curve, panels are seamed, light falls through."""
        tack, head, clew = (np.array(corner) for corner in corners)
        s = np.linspace(0, 1, 16)[:, None]
        arch = np.sin(s * math.pi)
        flutter = 0.035 * (1 - 0.6 * pose.speed) * np.sin(s * 9 - t_s * 5.5 + self.phase) * s
        side = np.sign(clew[0] - tack[0])
        leech = head + (clew - head) * s + np.array([side, 0.0]) * ((0.16 + belly * 0.35) * arch + flutter)
        foot = clew + (tack - clew) * s + np.array([0.0, -1.0]) * (0.14 + 0.1 * belly) * arch
        luff = tack + (head - tack) * s + np.array([-side, 0.0]) * 0.10 * belly * arch
        outline = self._place(easel, pose, np.concatenate([leech, foot[1:], luff[1:-1]]), True)
        mask = easel.mask(outline)
        if mask is None:
            return
        ends = self._place(easel, pose, np.array([tack, head, clew]), True)
        rows = np.arange(mask.top, mask.top + mask.alpha.shape[0], dtype=f32)[:, None] + f32(0.5)
        columns = np.arange(mask.left, mask.left + mask.alpha.shape[1], dtype=f32)[None] + f32(0.5)
        up = np.clip((ends[0, 1] - rows) / f32(max(1.0, ends[0, 1] - ends[1, 1])), 0, 1)
        edge = ends[0, 0] + (ends[1, 0] - ends[0, 0]) * up
        across = np.clip(
            (columns - edge)
            / (f32(ends[2, 0] - ends[0, 0]) * (1 - up) + f32(math.copysign(2, ends[2, 0] - ends[0, 0]))),
            0,
            1,
        )
        self._cloth(easel, mask, (up, across), pose)

    def _cloth(self, easel: Easel, mask: Mask, where: tuple[Plane, Plane], pose: _Pose) -> None:
        up, across = where
        light = easel.light
        bulge = np.sin(across * f32(math.pi * 0.9) + f32(0.15))
        wave = (up + f32(0.05) * across * across) * f32(7)
        seam = 1 - f32(0.16) * np.exp(-(((wave - np.round(wave)) / f32(0.07)) ** 2))
        kx, ky = light.key_from
        behind = max(0.0, 1 - abs(ky)) * 0.5 + 0.5
        shown = f32(easel.haze(pose.z_m))
        planes = []
        for c in range(3):
            sky = f32(light.ambient[c]) * (f32(0.55) + f32(0.35) * up + f32(0.22) * bulge)
            # The sun is before us: what we see on cloth is mostly the light that comes through it.
            through = (
                f32(light.key[c] * 0.34 * behind) * (f32(0.45) + f32(0.75) * across) * (f32(0.75) + f32(0.25) * up)
            )
            glance = f32(light.key[c] * 0.16) * np.clip(
                f32(kx * self.course.way) * (across - f32(0.4)) + f32(0.15), 0, 1
            )
            value = f32(self.cloth[c]) * (sky + through + glance) * seam
            planes.append(value * shown + f32(light.fog[c]) * (1 - shown))
        easel.blend(mask, planes, 0.985)

    def _spars(self, easel: Easel, pose: _Pose) -> None:
        wood = (0.16, 0.085, 0.040)
        mast = stroke(np.array([(_MAST_X, 0.5), (_MAST_X, 5.0), (_MAST_X + 0.02, _MAST_TOP)]), [0.15, 0.14, 0.07])
        boom = stroke(np.array([(_MAST_X, 1.46), (-3.2, 1.60)]), [0.13, 0.09])
        self._fill(easel, pose, [mast, boom], wood, high=True)
        flag = np.array([(_MAST_X, _MAST_TOP), (_MAST_X - 0.75, _MAST_TOP - 0.16), (_MAST_X, _MAST_TOP - 0.34)])
        self._fill(easel, pose, flag, (0.45, 0.06, 0.05), high=True)

    def _hull(self, easel: Easel, pose: _Pose) -> None:
        """Planking with a light rubbing strake, the cabin, and the dark wet band at the waterline."""
        cabin = np.array([(-0.9, 0.66), (-0.7, 1.12), (1.7, 1.08), (2.3, 0.80)])
        self._fill(easel, pose, cabin, _TRIM)
        self._fill(easel, pose, [ellipse(x, 0.92, 0.16, 0.08, 12) for x in (-0.2, 0.6, 1.3)], _DARK)
        self._fill(easel, pose, np.concatenate([_SHEER, _KEEL[1:-1]]), _HULL, rim=0.30)
        low = np.array(
            [(-3.55, 0.16), (3.62, 0.20), (3.45, -0.04), (3.2, -0.16), (0.0, -0.24), (-3.1, -0.16), (-3.45, -0.04)]
        )
        self._fill(easel, pose, low, (0.035, 0.030, 0.030))
        strake = np.concatenate([_SHEER, _SHEER[::-1] - np.array([0, 0.13])])
        self._fill(easel, pose, strake, _TRIM)

    def _helm(self, easel: Easel, pose: _Pose, t_s: float) -> None:
        """Someone sits aft, one hand on the tiller, and leans against the heel."""
        lean = -0.10 - 0.35 * (pose.heel - 0.10) + 0.02 * math.sin(t_s * 0.8)
        hip, neck = np.array([-2.45, 0.78]), np.array([-2.45 + lean, 1.42])
        coat = (0.055, 0.075, 0.13)
        torso = stroke(np.array([hip, hip + (neck - hip) * 0.5 + [-0.05, 0], neck]), [0.36, 0.40, 0.26])
        self._fill(
            easel,
            pose,
            stroke(hip + np.array([(-0.05, 0.0), (0.42, 0.10), (0.62, -0.12)]), [0.26, 0.2, 0.15]),
            _DARK,
        )
        hand = np.array([-2.95, 0.98])
        elbow = (neck + hand) / 2 - np.array([0.08, 0.05])
        arm = stroke(np.array([neck - np.array([0.0, 0.08]), elbow, hand]), [0.15, 0.13, 0.09])
        self._fill(easel, pose, torso, coat)
        self._fill(easel, pose, arm, coat)
        self._fill(easel, pose, stroke(np.array([(-3.55, 0.86), (-2.85, 1.0)]), 0.06), (0.2, 0.11, 0.05))
        head = neck + np.array([0.03, 0.19])
        self._fill(easel, pose, ellipse(float(head[0]), float(head[1]), 0.135, 0.165, 16), (0.34, 0.21, 0.15))
        cap = np.array(
            [
                (-0.15, 0.03),
                (-0.13, 0.14),
                (0.0, 0.20),
                (0.13, 0.13),
                (0.16, 0.05),
                (0.30, 0.03),
                (0.29, 0.0),
                (0.1, 0.02),
            ]
        )
        self._fill(easel, pose, cap + head, (0.10, 0.03, 0.03))

    def _lamps(self, easel: Easel, pose: _Pose, t_s: float) -> None:
        """Masthead light and a warm porthole."""
        points = self._place(easel, pose, np.array([(_MAST_X, _MAST_TOP + 0.1), (0.6, 0.92)]), True)
        shown, unit = easel.haze(pose.z_m), easel.unit
        glow = 1 + 0.05 * math.sin(t_s * 7)
        for (x, y), rgb, size in zip(points, ((1.9, 1.75, 1.4), (1.6, 0.75, 0.22)), (3.2, 4.2), strict=True):
            for radius, share in ((size, 1.0), (size * 2.6, 0.10), (size * 6, 0.022)):
                light = tuple(v * share * shown * glow for v in rgb)
                add_glows(
                    easel.canvas,
                    Spots(x=float(x), y=float(y), radius_x=radius * unit, radius_y=radius * unit, rgb=light),
                )

    def _wake(self, easel: Easel, pose: _Pose, t_s: float) -> None:
        """Foam at the bow and a fading trail astern, on the water."""
        rng = np.random.default_rng([self.scene.seed, 88])
        pace = 0.25 + 0.75 * pose.speed
        count = 46
        share = rng.uniform(0, 1, count)
        # Each fleck is laid where the boat was, stays there and fades: the trail flows astern as the boat goes on.
        age = np.mod(share * 9 + t_s * 1.0, 9.0)
        speed = _DRIFT_M_S + _SAIL_M_S * pose.speed
        aft = age * speed * 1.3
        x = pose.x_m - self.course.way * (3.4 * self.spot.scale + aft)
        z = pose.z_m + rng.normal(0, 1, count) * (0.3 + 0.28 * aft)
        bow = int(count * 0.25)
        x[:bow] = pose.x_m + self.course.way * self.spot.scale * (3.5 - 2.2 * share[:bow] * 3)
        z[:bow] = pose.z_m - 0.6
        fade = np.exp(-age / 3.6) * pace * (0.5 + 0.5 * np.sin(t_s * 3 + share * 40))
        scale = easel.view.focal_px / np.maximum(z - easel.view.z_m, 1.0)
        foam = np.array(easel.light.ambient) * 0.5 + np.array(easel.light.key) * 0.10
        y = easel.view.horizon_px + (easel.view.lens.eye_m + easel.view.y_m - pose.y_m * 0.6) * scale
        spots = Spots(
            x=easel.view.centre_px + (x - easel.view.x_m) * scale,
            y=y,
            radius_x=np.maximum(1.0, (0.35 + 0.16 * age) * scale),
            radius_y=np.maximum(0.8, 0.10 * scale),
            rgb=foam[None] * (fade * easel.haze(pose.z_m) * 0.55)[:, None],
        )
        add_glows(easel.canvas, spots)


class Sailboat:
    """See the top of the file."""

    words = ThingWords(
        name="sailboat",
        words=(
            "sailboat",
            "sailing boat",
            "sail boat",
            "sailing ship",
            "yacht",
            "boat",
            "sloop",
            "dinghy",
            "sailing vessel",
            "ship",
        ),
        doings={
            "sail": DoingWords(
                words=("sail", "sails", "sailing", "glide", "drift", "cruise", "bob", "rock"),
                duration_s=6.0,
                lasting=True,
                sides=True,
            ),
            "pass": DoingWords(
                words=("pass", "passes", "cross", "crosses", "go by", "goes by"),
                duration_s=6.0,
                lasting=True,
                sides=True,
            ),
            "creak": DoingWords(words=("creak", "creaks", "groan", "strain"), duration_s=1.2, every_s=3.0),
        },
        places={"ocean_coast": ("sea", "far_sea", "near_sea")},
        material="wood",
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """It drifts; while it sails or passes it makes way, to the right unless its first `onto` is "right"; a creak is
        a shove by the wind."""
        spot = scene.spots.get(member.at or "sea", scene.spots["sea"])
        rng = scene.rng("sailboat", member.id)
        spans = []
        for action in actions:
            if action.does in ("sail", "pass"):
                start = scene.action_s(action)
                stop = scene.end_s if action.until_s is None else scene.start_s + action.until_s
                spans.append((start, max(stop, start + 0.5)))
        creaks = tuple(sorted(scene.action_s(action) for action in actions if action.does == "creak"))
        came = next((action.onto for action in actions if action.onto in ("left", "right")), "left")
        way = -1.0 if came == "right" else 1.0
        course = _Course(spot.x_m, way, tuple(spans), 0.5 * (scene.start_s + scene.end_s))
        drawing = _Sailboat(scene, spot, course, creaks, tan=bool(rng.random() < 0.25))
        cues: list[Cue] = []
        sources: list[tuple[Stem, Source]] = []
        for number, action in enumerate(actions):
            if action.does == "creak":
                cue = scene.cue("rope creaks", member.id, scene.action_s(action), force=action.force)
                cues.append(cue)
                sources.append((Stem.EFFECTS, _creak(cue, scene, drawing, (number, action.force))))
        return Part(
            who=member.id,
            thing="sailboat",
            depth_m=spot.z_m,
            paint=drawing.paint,
            cues=tuple(cues),
            sources=tuple(sources),
            layer="sea",
        )


def _creak(cue: Cue, scene: Scene, drawing: _Sailboat, which: tuple[int, float]) -> Source:
    from clapboard.engines.stage.sounds.rubbing import creak

    def track(t_s: float) -> tuple[float, float, float]:
        x, _ = drawing.course.at(t_s)
        return x, 1.0, drawing.spot.z_m

    seed = scene.sound_seed + which[0]
    return event(
        "rope creak",
        cue,
        lambda: creak("rope", 1.1, which[1], seed),
        position=across_water(scene, track),
        gain_db=14.0,
        room=scene.room,
    )


THING = Sailboat()
