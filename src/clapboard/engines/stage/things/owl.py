"""An eagle owl on a bare branch: it breathes, blinks, turns its head; it leans and its throat swells when it hoots."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from clapboard import clock
from clapboard.engines.stage.falling import scatter
from clapboard.engines.stage.raster import Path, ellipse, stroke
from clapboard.engines.stage.scene import Easel, Part, Rgb, Scene, Spot
from clapboard.engines.stage.sounding import event
from clapboard.take import Cue, Source
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

_BACK: Final[Rgb] = (0.092, 0.064, 0.042)
_BREAST: Final[Rgb] = (0.200, 0.142, 0.092)
_DISC: Final[Rgb] = (0.330, 0.245, 0.160)
_DARK: Final[Rgb] = (0.030, 0.022, 0.016)
_WHITE: Final[Rgb] = (0.620, 0.560, 0.460)
_IRIS: Final[Rgb] = (0.900, 0.430, 0.030)
_WOOD: Final[Rgb] = (0.110, 0.088, 0.068)
_NOTES_S: Final = ((0.0, 0.75), (2.2, 2.36), (2.6, 4.05))
"""When the notes of the song sound (`sounds.creatures.owl`): a long one, a short one, a long wavering one."""
_HOOT_S: Final = 4.1
_SHINE: Final = {"dawn": 0.02, "day": 0.0, "dusk": 0.03, "night": 0.05}

# Outlines in metres, y up from the branch, the bird facing us.
_BODY = (
    Path()
    .move(0.0, 0.485)
    .curve(0.105, 0.470, 0.165, 0.36, 0.170, 0.235)
    .curve(0.172, 0.12, 0.105, 0.015, 0.03, -0.015)
    .curve(0.01, -0.02, -0.01, -0.02, -0.03, -0.015)
    .curve(-0.105, 0.015, -0.172, 0.12, -0.170, 0.235)
    .curve(-0.165, 0.36, -0.105, 0.470, 0.0, 0.485)
    .points()
)
_WING = (
    Path()
    .move(0.105, 0.445)
    .curve(0.185, 0.40, 0.205, 0.24, 0.165, 0.05)
    .curve(0.145, -0.02, 0.120, -0.10, 0.090, -0.135)
    .curve(0.085, -0.02, 0.105, 0.12, 0.088, 0.24)
    .curve(0.080, 0.32, 0.075, 0.40, 0.105, 0.445)
    .points()
)
_TAIL = np.array([(-0.065, 0.05), (0.065, 0.05), (0.055, -0.165), (0.02, -0.185), (-0.025, -0.185), (-0.055, -0.165)])
_HEAD = (
    Path()
    .move(0.0, 0.150)
    .curve(0.085, 0.150, 0.128, 0.095, 0.125, 0.025)
    .curve(0.122, -0.055, 0.070, -0.098, 0.0, -0.100)
    .curve(-0.070, -0.098, -0.122, -0.055, -0.125, 0.025)
    .curve(-0.128, 0.095, -0.085, 0.150, 0.0, 0.150)
    .points()
)
_TUFT = np.array([(0.040, 0.120), (0.066, 0.175), (0.100, 0.232), (0.112, 0.165), (0.108, 0.085)])


@dataclass(frozen=True, slots=True)
class _Pose:
    """The bird at one instant: turn of the head -1..1, lids 0 open..1 shut, breath, lean forward 0..1, throat 0..1."""

    turn: float
    tilt: float
    lids: float
    breath: float
    lean: float
    throat: float


def _ease(t: float) -> float:
    t = min(1.0, max(0.0, t))
    return t * t * (3 - 2 * t)


def _song(age_s: float) -> float:
    """How far the throat is blown up: at once on each note, held while it sounds, and down again."""
    level = 0.0
    for start_s, stop_s in _NOTES_S:
        if age_s >= start_s - 1e-6:
            rise = 0.55 + 0.45 * _ease((age_s - start_s) / 0.16)
            level = max(level, rise * (1 - _ease((age_s - stop_s) / 0.25)))
    return level


def _pose(t_s: float, hoots_s: Sequence[float], looks_s: Sequence[float], seed: int) -> _Pose:
    def chance(index: int, key: int) -> float:
        return float(scatter(np.array([index]), np.array([key]), seed)[0])

    beat = t_s / 2.7 + 100
    index, age_s = int(beat), (beat % 1) * 2.7
    before, after = (1.5 * chance(k, 3) - 0.75 for k in (index - 1, index))
    turn = before + (after - before) * _ease(age_s / 0.32)  # an owl's head snaps round and rests
    tilt = 0.10 * (chance(index - 1, 4) - 0.5) + 0.10 * (chance(index, 4) - chance(index - 1, 4)) * _ease(age_s / 0.4)
    throat = lean = 0.0
    for start_s in hoots_s:
        if -0.02 < t_s - start_s < _HOOT_S + 0.6:
            throat = max(throat, _song(t_s - start_s))
            lean = max(
                lean, (0.35 + 0.65 * _ease((t_s - start_s) / 0.3)) * (1 - _ease((t_s - start_s - _HOOT_S) / 0.6))
            )
    for start_s in looks_s:
        share = _ease((t_s - start_s) / 0.25) * (1 - _ease((t_s - start_s - 2.2) / 0.4))
        turn *= 1 - share
    turn *= 1 - 0.8 * lean
    wink = t_s / 3.4 + 50
    since_s = (wink % 1) * 3.4 - 1.2 - 1.5 * chance(int(wink), 5)
    lids = max(0.0, 1 - abs(since_s) / 0.11) + 0.35 * throat
    return _Pose(turn, tilt, min(1.0, lids), math.sin(2 * math.pi * t_s / 3.1), lean, throat)


class _Painter:
    """Puts flat shapes on the easel, lit by the sky, the moon's or sun's side and the fire."""

    def __init__(self, easel: Easel, spot: Spot, shine: float) -> None:
        self._easel, self._foot, self._scale = easel, (spot.x_m, spot.y_m, spot.z_m), spot.scale
        light = easel.light
        warm = np.zeros(3)
        for point in light.points:
            gap = math.dist((point.x_m, point.y_m, point.z_m), self._foot)
            warm += np.array(point.rgb) * 0.5 / (1 + (gap / point.reach_m) ** 2)
        self._sky, self._key, self._warm = np.array(light.ambient), np.array(light.key), warm
        self.shine = shine

    def lay(self, shape: np.ndarray, albedo: Rgb, sky: float = 0.9, key: float = 0.25, fire: float = 0.5) -> None:
        """A shape in metres from the branch."""
        mask = self._easel.mask(self._easel.outline(shape, self._foot, self._scale))
        if mask is None:
            return
        shown = self._easel.haze(self._foot[2])
        rgb = np.array(albedo) * (self._sky * sky + self._key * key + self._warm * fire)
        rgb = rgb * shown + np.array(self._easel.light.fog) * (1 - shown)
        self._easel.blend(mask, [float(c) for c in rgb])

    def shine_at(self, at_m: tuple[float, float], radius_m: float, rgb: Rgb) -> None:
        """Light that an eye throws back."""
        x, y, per_m = self._easel.project(*self._foot)
        per_m *= self._scale
        self._easel.glow(x + at_m[0] * per_m, y - at_m[1] * per_m, max(1.0, radius_m * per_m), rgb)

    @property
    def side(self) -> float:
        """-1 when the key light comes from the left, else 1."""
        return -1.0 if self._easel.light.key_from[0] < 0 else 1.0


def _paint_branch(painter: _Painter) -> None:
    t = np.linspace(0, 1, 22)
    path = np.stack([-0.62 + 4.2 * t, -0.035 + 0.22 * t + 0.06 * np.sin(7 * t) - 0.10 * (1 - t) ** 3], 1)
    width = 0.022 + 0.10 * t**0.8
    twigs = (
        ((-0.30, -0.03), (-0.52, 0.13)),
        ((0.34, -0.01), (0.22, -0.24)),
        ((0.72, 0.04), (0.55, 0.30)),
        ((1.1, 0.05), (0.95, -0.22)),
    )
    for start, end in twigs:
        bend = ((start[0] + end[0]) / 2 + 0.05, (start[1] + end[1]) / 2)
        painter.lay(stroke(np.array([start, bend, end]), [0.026, 0.018, 0.006]), _WOOD, 0.5, 0.1, 0.4)
    painter.lay(stroke(path, width), _WOOD, 0.55, 0.10, 0.35)
    painter.lay(stroke(path + np.array([0.0, 0.014]), width * 0.45), _WOOD, 1.3, 0.5, 0.35)  # light on its upper side


def _paint_body(painter: _Painter, pose: _Pose) -> np.ndarray:
    """Paint the body; returns where the head sits."""
    wide = 1 + 0.014 * pose.breath + 0.03 * pose.throat
    lean = pose.lean

    def leaned(points: np.ndarray) -> np.ndarray:
        up = np.clip(points[:, 1], 0, None)
        return np.stack([points[:, 0] * wide, points[:, 1] - 0.16 * lean * up], 1)

    painter.lay(_TAIL, _BACK, 0.6, 0.08, 0.3)
    rim = np.array([0.010 * painter.side, 0.006])
    painter.lay(leaned(_BODY) + rim, _WHITE, 0.8, 1.0, 0.15)  # light that catches the downy edge
    painter.lay(leaned(_BODY), _BREAST, 0.72, 0.14, 0.60)
    rng = np.random.default_rng(5)
    for row in range(7):  # dark drops down the breast
        for _ in range(6 - row // 3):
            x = rng.uniform(-0.105, 0.105) * (1 - 0.05 * row)
            y = 0.385 - 0.052 * row + rng.normal(0, 0.008)
            drop = np.array([(x, y + 0.020), (x + 0.0065, y), (x, y - 0.024), (x - 0.0065, y)])
            painter.lay(leaned(drop), _DARK, 0.8, 0.1, 0.5)
    for side in (-1.0, 1.0):
        wing = leaned(_WING * [side, 1])
        lit = 1.0 if side == painter.side else 0.25
        painter.lay(wing + rim * (side == painter.side), _BREAST, 0.9, 0.9 * lit, 0.3)
        painter.lay(wing, _BACK, 0.75, 0.20 * lit + 0.04, 0.42)
        for bar in (0.33, 0.22, 0.11):
            line = np.array([(0.100, bar), (0.135, bar - 0.02), (0.165, bar - 0.008)]) * [side, 1]
            painter.lay(leaned(stroke(line, [0.006, 0.010, 0.006])), _BREAST, 0.7, 0.1, 0.4)
    for side in (-1.0, 1.0):  # feathered feet over the branch
        painter.lay(ellipse(0.050 * side, -0.012, 0.034, 0.030, 14), _BREAST, 0.75, 0.12, 0.5)
        for toe in (-0.018, 0.0, 0.018):
            claw = np.array([(0.050 * side + toe, -0.022), (0.050 * side + toe * 1.2, -0.052)])
            painter.lay(stroke(claw, [0.012, 0.003]), _DARK, 0.9, 0.2, 0.5)
    if pose.throat > 0:
        puff = 0.5 + 0.5 * pose.throat
        painter.lay(leaned(ellipse(0.0, 0.405, 0.078 * puff, 0.052 * puff, 20)), _WHITE, 0.85, 0.16, 0.65)
    return np.array([0.0, 0.525 - 0.115 * lean])


def _paint_head(painter: _Painter, pose: _Pose, seat: np.ndarray) -> None:
    cos, sin = math.cos(pose.tilt), math.sin(pose.tilt)
    shift = 0.055 * pose.turn

    def placed(points: np.ndarray, deep: float = 0.0) -> np.ndarray:
        """Head points turned, tilted and put on the neck; `deep` 1 moves with the face, 0 with the skull."""
        x = points[:, 0] * (1 - 0.16 * abs(pose.turn) * deep) + shift * deep
        y = points[:, 1] - 0.05 * pose.lean * deep
        return np.stack([x * cos - y * sin, x * sin + y * cos], 1) + seat

    rim = np.array([0.009 * painter.side, 0.007])
    for side in (-1.0, 1.0):
        tuft = placed(_TUFT * [side, 1 - 0.35 * pose.lean], 0.35)
        painter.lay(tuft + rim * 0.6, _BREAST, 0.9, 0.8 if side == painter.side else 0.15, 0.2)
        painter.lay(tuft, _BACK, 0.7, 0.12, 0.4)
    painter.lay(placed(_HEAD) + rim, _WHITE, 0.8, 1.0, 0.15)
    painter.lay(placed(_HEAD), _BACK, 0.85, 0.16, 0.45)
    for side in (-1.0, 1.0):
        disc = ellipse(0.052 * side, 0.008, 0.063, 0.074, 22)
        painter.lay(placed(disc * [1.08, 1.08], 1.0), _DARK, 0.7, 0.1, 0.4)
        painter.lay(placed(disc, 1.0), _DISC, 0.80, 0.15, 0.60)
        brow = np.array([(0.004 * side, -0.005), (0.030 * side, 0.052), (0.100 * side, 0.088)])
        painter.lay(placed(stroke(brow, [0.016, 0.020, 0.010]), 1.0), _WHITE, 0.85, 0.2, 0.6)
    for side in (-1.0, 1.0):
        _paint_eye(painter, pose, placed, side)
    beak = np.array([(-0.014, 0.000), (0.014, 0.000), (0.010, -0.030), (0.0, -0.050), (-0.010, -0.030)])
    painter.lay(placed(beak * [1, 1.1], 1.0), _DARK, 1.3, 0.3, 0.6)
    painter.lay(placed(np.array([(-0.004, -0.002), (0.005, -0.002), (0.002, -0.030)]), 1.0), _BREAST, 1.2, 0.6, 0.7)
    chin = ellipse(0.0, -0.068 - 0.012 * pose.throat, 0.034 + 0.020 * pose.throat, 0.016 + 0.016 * pose.throat, 14)
    painter.lay(placed(chin, 1.0), _WHITE, 0.85, 0.15, 0.6)


def _paint_eye(painter: _Painter, pose: _Pose, placed: Callable[..., np.ndarray], side: float) -> None:
    x = 0.050 * side
    painter.lay(placed(ellipse(x, 0.012, 0.0315, 0.0315, 20), 1.0), _DARK, 0.9, 0.1, 0.4)
    if pose.lids < 0.97:
        painter.lay(placed(ellipse(x, 0.012, 0.0270, 0.0270, 20), 1.0), _IRIS, 1.3, 0.30, 1.4)
        painter.lay(
            placed(ellipse(x + 0.004 * pose.turn, 0.012, 0.0145, 0.0145, 16), 1.0), (0.004, 0.003, 0.003), 1.0, 0.0, 0.2
        )
        at = placed(np.array([(x, 0.012), (x - 0.008, 0.022)]), 1.0)
        shine = painter.shine * (1 - pose.lids)
        painter.shine_at((float(at[0, 0]), float(at[0, 1])), 0.034, (shine, 0.50 * shine, 0.04 * shine))
        painter.lay(placed(ellipse(x - 0.008, 0.022, 0.0045, 0.0045, 8), 1.0), (1.0, 1.0, 1.0), 2.2, 0.8, 3.0)
    if pose.lids > 0.02:
        shut = 0.0315 * 2 * pose.lids
        lid = ellipse(x, 0.012, 0.0320, 0.0320, 24)
        lid[:, 1] = np.maximum(lid[:, 1], 0.012 + 0.0315 - shut)
        painter.lay(placed(lid, 1.0), _BREAST, 0.8, 0.2, 0.5)


class _Owl:
    words = ThingWords(
        name="owl",
        words=("owl", "eagle owl", "tawny owl", "horned owl", "night bird"),
        doings={
            "hoot": DoingWords(
                words=("hoot", "hoots", "hooting", "call", "calls", "cry", "sing"), duration_s=_HOOT_S, every_s=6.5
            ),
            "look": DoingWords(words=("look", "stare", "watch", "gaze", "turn"), duration_s=2.6),
        },
        places={"lake_camp": ("trees",)},
        dresses=False,
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """It sits on its branch; each hoot is seen in its throat and heard from there."""
        spot = scene.spots.get(member.at or "", scene.spots["trees"])
        end_frame = scene.first_frame + scene.num_frames
        kept = [a for a in actions if clock.frame_at(scene.action_s(a), scene.fps) < end_frame]
        hoots = [action for action in kept if action.does == "hoot"]
        hoots_s = [scene.action_s(action) for action in hoots]
        looks_s = [scene.action_s(action) for action in kept if action.does == "look"]
        cues = tuple(scene.cue("owl hoots", member.id, scene.action_s(action), force=action.force) for action in hoots)
        shine = _SHINE[scene.hour]

        def paint(easel: Easel, t_s: float) -> None:
            painter = _Painter(easel, spot, shine)
            pose = _pose(t_s, hoots_s, looks_s, scene.seed)
            _paint_branch(painter)
            _paint_head(painter, pose, _paint_body(painter, pose))

        return Part(
            who=member.id,
            thing="owl",
            depth_m=spot.z_m,
            paint=paint,
            cues=cues,
            sources=tuple((Stem.EFFECTS, _hoot(cue, scene, spot, number)) for number, cue in enumerate(cues)),
        )


def _hoot(cue: Cue, scene: Scene, spot: Spot, number: int) -> Source:
    from clapboard.engines.stage.sounds.creatures import owl

    seed = scene.sound_seed + number
    where = scene.position(lambda t_s: (spot.x_m, spot.y_m, spot.z_m))  # noqa: ARG005 - it does not move
    return event("owl", cue, lambda: owl(seed, cue.force), position=where, gain_db=10.0, room=scene.room)


THING = _Owl()
