"""A big rubber ball: falls in from above the picture, bounces by physics, flattens where it meets the ground, rolls."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from clapboard import clock
from clapboard.engines.stage.kernels import f32
from clapboard.engines.stage.scene import Easel, Part, Scene, Spot
from clapboard.engines.stage.sounding import event
from clapboard.engines.stage.sounds.skins import ball_bounce
from clapboard.engines.stage.spheres import Skin, paint_sphere
from clapboard.engines.stage.tumble import GRAVITY, Leg, Throw, fall, hop, leg_at
from clapboard.engines.stage.turned import contact_shadow
from clapboard.take import Cue, Source
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

_RADIUS_M: Final = 0.17
_BOUNCE: Final = 0.64
"""Share of its speed that each bounce keeps: a play ball rises to two fifths of its height."""
_LOWEST_DROP_M: Final = 1.2
_HOP_M: Final = 0.75
"""How high a ball that lies on the ground springs when it is asked to bounce again."""
_DRIFT_M_S: Final = 0.055
_SAME_FALL_S: Final = 3.5
"""A bounce this soon after a drop is the bouncing of that drop, as with the glass ball."""
_GAIN_DB: Final = 12.0
"""What the air between takes off at 4 m; with it a bounce of force 0.6 peaks at -12 dBFS at the desk."""
_SKIN: Final = Skin(albedo=(0.95, 0.13, 0.05), band=(0.98, 0.88, 0.66), rim=0.5, gloss=0.22)
_FLAT: Final = 0.24
"""Share of its height that a fall from 2 m takes off the ball; chosen to be seen in one frame of a small picture."""
_FLAT_SPEED_M_S: Final = 6.3
_FLAT_S: Final = 0.05
"""How fast it is round again: a frame and a half at 24 frames a second."""


@dataclass(frozen=True, slots=True)
class _Ball:
    spot: Spot
    legs: tuple[Leg, ...]
    hits: tuple[tuple[float, float], ...]
    """Contacts: film time, speed down before it in m/s."""
    appears_s: float
    """When it falls in; -inf when it lies there from the start."""
    leans: float
    """Radians by which the ball's band leans as it falls in."""

    def lowest(self, t_s: float) -> tuple[float, float]:
        """Place along x and height above the ground of the ball's lowest point."""
        if not self.legs:
            return self.spot.x_m, 0.0
        when = max(t_s, self.legs[0].start_s)
        leg = leg_at(self.legs, when)
        return leg.x(when), leg.y(when)

    def centre(self, t_s: float) -> tuple[float, float, float]:
        """World place of the ball's centre, as heard."""
        x, y = self.lowest(t_s)
        return x, self.spot.y_m + _RADIUS_M + y, self.spot.z_m

    def flat(self, t_s: float) -> float:
        """Share of its height that the ball has lost: at each contact at once, then springing back."""
        ages = [(t_s - at_s, speed) for at_s, speed in self.hits if at_s <= t_s + 1e-6]
        if not ages:
            return 0.0
        age, speed = ages[-1]
        return _FLAT * min(1.15, speed / _FLAT_SPEED_M_S) * math.exp(-age / _FLAT_S) * math.cos(age / _FLAT_S * 0.9)

    def paint(self, easel: Easel, t_s: float) -> None:
        """Shadow on the ground, then the ball."""
        if t_s < self.appears_s - 1e-6:
            return
        x, lift = self.lowest(t_s)
        near = 1 / (1 + (lift / 0.45) ** 2)
        foot = (x, self.spot.y_m, self.spot.z_m)
        contact_shadow(easel, foot, _RADIUS_M * (0.66 + 0.45 * min(1.0, lift)), 0.74 * near)
        flat = self.flat(t_s)
        tall, wide = _RADIUS_M * (1 - flat), _RADIUS_M * (1 + 0.55 * flat)
        centre = (x, self.spot.y_m + lift + tall, self.spot.z_m)
        paint_sphere(easel, centre, (wide, tall), _SKIN, self._turn(x, t_s))

    def _turn(self, x: float, t_s: float) -> np.ndarray:
        """Rotation from the picture's axes (x right, y up, z towards us) to the ball's: it rolls as far as it goes
        sideways, and a spin that it falls in with dies away."""
        roll = self.leans + (x - self.spot.x_m) / _RADIUS_M
        spin = 1.0 if math.isinf(self.appears_s) else 1 - math.exp(-(t_s - self.appears_s) / 0.9)
        nod = 0.9 * spin - 0.55 + 0.3 * math.sin(5.0 * self.leans)
        about_z = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
        about_x = np.array([[1, 0, 0], [0, math.cos(nod), math.sin(nod)], [0, -math.sin(nod), math.cos(nod)]])
        return (about_x @ about_z).astype(f32)


def _drop_m(scene: Scene, spot: Spot, at_s: float) -> float:
    """Height from which the ball falls into the picture: from above its upper edge, in a whole number of frames."""
    _, ground_px, per_m = scene.view(at_s).project(spot.x_m, spot.y_m, spot.z_m)
    above_m = max(_LOWEST_DROP_M, ground_px / per_m)
    frames = math.ceil(math.sqrt(2 * above_m / GRAVITY) * scene.fps)
    return 0.5 * GRAVITY * float(clock.frame_time(frames, scene.fps)) ** 2


@dataclass(frozen=True, slots=True)
class _Hit:
    """One contact: its film frame, the force that it is struck with, its speed down in m/s."""

    frame: int
    force: float
    speed_m_s: float


def _path(actions: Sequence[Action], scene: Scene, spot: Spot, drift_m_s: float) -> tuple[list[Leg], list[_Hit]]:
    """The ball's way through the shot: a fall into the picture, then springs from where it lies or next touches."""
    legs: list[Leg] = []
    hits: list[_Hit] = []
    for action in actions:
        frame = clock.frame_at(scene.action_s(action), scene.fps)
        if legs:
            frame = next((hit.frame for hit in hits if hit.frame >= frame), frame)
            at_s = float(clock.frame_time(frame, scene.fps))
            throw = Throw(height_m=_HOP_M, sideways_m_s=drift_m_s, radius_m=_RADIUS_M, bounce=_BOUNCE)
            path, impacts = hop(throw, frame, scene.fps, leg_at(legs, at_s).x(at_s))
            legs = [*(leg for leg in legs if leg.start_s < at_s), *path]
            hits = [hit for hit in hits if hit.frame <= frame]
        else:
            high_m = _drop_m(scene, spot, scene.action_s(action))
            throw = Throw(height_m=high_m, sideways_m_s=drift_m_s, radius_m=_RADIUS_M, bounce=_BOUNCE)
            legs, impacts = fall(throw, frame, scene.fps, spot.x_m)
        fastest = math.sqrt(2 * GRAVITY * throw.height_m)
        full = action.force * (1.0 if len(hits) == 0 else 0.8)
        hits += [_Hit(at, max(0.06, full * share**0.9), fastest * share) for at, share in impacts]
    return legs, hits


def _own_deeds(actions: Sequence[Action]) -> list[Action]:
    """The actions in order, without a bounce that is the bouncing of the drop before it."""
    ordered = sorted(actions, key=lambda action: action.at_s)
    drops_s = [action.at_s for action in ordered if action.does == "drop"]
    return [a for a in ordered if a.does == "drop" or not any(0 <= a.at_s - s <= _SAME_FALL_S for s in drops_s)]


class _Thing:
    words = ThingWords(
        name="rubber_ball",
        words=("rubber ball", "ball", "big ball", "red ball", "beach ball", "bouncy ball", "play ball", "football"),
        doings={
            "drop": DoingWords(words=("drop", "fall", "land", "plummet"), duration_s=3.0),
            "bounce": DoingWords(words=("bounce", "bounces down"), duration_s=3.5),
        },
        places={"yard": ("middle",)},
        usual="drop",
        material="rubber",
        dresses=False,
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """See `Thing.block`."""
        spot = scene.spot(member, self.words)
        rng = scene.rng("rubber_ball", member.id)
        drift_m_s = float(rng.choice([-1.0, 1.0]) * rng.uniform(0.4, 1.0)) * _DRIFT_M_S
        deeds = _own_deeds(actions)
        legs, hits = _path(deeds, scene, spot, drift_m_s)
        ball = _Ball(
            spot=spot,
            legs=tuple(legs),
            hits=tuple((float(clock.frame_time(hit.frame, scene.fps)), hit.speed_m_s) for hit in hits),
            appears_s=scene.action_s(deeds[0]) if deeds else -math.inf,
            leans=float(rng.uniform(-0.5, 0.5)),
        )
        cues: list[Cue] = []
        sources: list[tuple[Stem, Source]] = []
        for number, hit in enumerate(hits):
            at_s, force = float(clock.frame_time(hit.frame, scene.fps)), round(hit.force, 3)
            # The last contacts are too soft to stand out of rain, so they are no impacts.
            cue = scene.cue("ball bounces", member.id, at_s, impact=force > 0.2, force=force)
            cues.append(cue)
            make = partial(ball_bounce, force, scene.sound_seed + 7 * number)
            where = scene.position(ball.centre)
            source = event(cue.label, cue, make, position=where, gain_db=_GAIN_DB, room=scene.room)
            sources.append((Stem.EFFECTS, source))
        return Part(
            who=member.id,
            thing="rubber_ball",
            depth_m=spot.z_m,
            paint=ball.paint,
            cues=tuple(cues),
            sources=tuple(sources),
            layer="ground",
        )


THING = _Thing()
