"""A ball that is dropped, bounces and rolls: simulated once, then retimed so that every contact falls on a frame.

pymunk finds the contacts. Each flight between two of them then lasts a whole number of frames and is the parabola that
gravity draws in that time, so the ball meets the table exactly at the frame where its sound starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import pymunk

from clapboard import clock

GRAVITY = 9.81
_STEP_S = 1 / 4800
_LONGEST_S = 6.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Throw:
    """How a ball is let go: height of its lowest point, sideways speed, radius, share of speed that bounces keep."""

    height_m: float
    sideways_m_s: float
    radius_m: float
    bounce: float


@dataclass(frozen=True, slots=True)
class Contact:
    """One meeting with the table: seconds from the release (of the simulation), place, speed down before it."""

    t_s: float
    x_m: float
    speed_m_s: float


def contacts(throw: Throw) -> tuple[list[Contact], float]:
    """The contacts in order, and the sideways speed that is left at the end."""
    space = pymunk.Space()
    space.gravity = (0.0, -GRAVITY)
    space.collision_slop = 1e-5
    mass = 0.1
    ball = pymunk.Body(mass, pymunk.moment_for_circle(mass, 0, throw.radius_m))
    ball.position = (0.0, throw.height_m + throw.radius_m)
    ball.velocity = (throw.sideways_m_s, 0.0)
    skin = pymunk.Circle(ball, throw.radius_m)
    table = pymunk.Segment(space.static_body, (-50.0, -0.5), (50.0, -0.5), 0.5)
    for shape in (skin, table):
        shape.elasticity, shape.friction = throw.bounce**0.5, 0.35
    space.add(ball, skin, table)
    found: list[Contact] = []
    falling = 0.0  # the lowest vertical speed since the last contact
    steps = round(_LONGEST_S / _STEP_S)
    for step in range(1, steps + 1):
        before = ball.velocity.y
        space.step(_STEP_S)
        falling = min(falling, before)
        if before < 0 <= ball.velocity.y and falling < -0.02:
            found.append(Contact(step * _STEP_S, float(ball.position.x), -falling))
            falling = 0.0
    return found, float(ball.velocity.x)


@dataclass(frozen=True, slots=True)
class Leg:
    """Part of a path in film time: a flight (`apex_m` > 0 over its middle, or a fall from it) or a roll that slows."""

    start_s: float
    end_s: float
    from_m: float
    speed_m_s: float
    slowing: float = 0.0
    gravity: float = 0.0
    rise_m_s: float = 0.0
    high_m: float = 0.0

    def x(self, t_s: float) -> float:
        """Place along the table."""
        age = min(t_s, self.end_s) - self.start_s
        return self.from_m + self.speed_m_s * age - 0.5 * self.slowing * age * age

    def y(self, t_s: float) -> float:
        """Height of the lowest point."""
        age = min(max(t_s, self.start_s), self.end_s) - self.start_s
        return max(0.0, self.high_m + self.rise_m_s * age - 0.5 * self.gravity * age * age)

    def speed(self, t_s: float) -> float:
        """Speed along the table."""
        return self.speed_m_s - self.slowing * (min(t_s, self.end_s) - self.start_s) if t_s < self.end_s else 0.0


def fall(throw: Throw, release_frame: int, fps: Fraction, start_m: float) -> tuple[list[Leg], list[tuple[int, float]]]:
    """Legs of a drop, and its impacts as (film frame, share of the first impact's speed)."""
    met, sideways = contacts(throw)
    frames = [release_frame]
    kept: list[Contact] = []
    for contact in met:
        frame = release_frame + clock.frame_at(contact.t_s, fps)
        if frame <= frames[-1] or (kept and (contact.t_s - kept[-1].t_s) * fps < Fraction(3, 2)):
            break
        frames.append(frame)
        kept.append(contact)
    times = [float(clock.frame_time(frame, fps)) for frame in frames]
    places = [start_m, *(start_m + contact.x_m for contact in kept)]
    legs = []
    for k, (begin, end) in enumerate(pairwise(times)):
        span = end - begin
        speed = (places[k + 1] - places[k]) / span
        rise = 0.0 if k == 0 else 0.5 * GRAVITY * span
        high = 0.5 * GRAVITY * span * span if k == 0 else 0.0
        legs.append(Leg(begin, end, places[k], speed, gravity=GRAVITY, rise_m_s=rise, high_m=high))
    legs.append(roll(times[-1], places[-1], sideways))
    impacts = [(frame, contact.speed_m_s / kept[0].speed_m_s) for frame, contact in zip(frames[1:], kept, strict=True)]
    return legs, impacts


def hop(throw: Throw, release_frame: int, fps: Fraction, start_m: float) -> tuple[list[Leg], list[tuple[int, float]]]:
    """Legs and impacts of a ball that springs from the table to the throw's height and falls again."""
    _, impacts = fall(throw, release_frame, fps, start_m)
    up_frames = impacts[0][0] - release_frame
    begin, top = (float(clock.frame_time(release_frame + frames, fps)) for frames in (0, up_frames))
    span = top - begin
    rise = Leg(begin, top, start_m, throw.sideways_m_s, gravity=GRAVITY, rise_m_s=GRAVITY * span)
    legs, impacts = fall(throw, release_frame + up_frames, fps, start_m + throw.sideways_m_s * span)
    return [rise, *legs], impacts


def roll(start_s: float, from_m: float, speed_m_s: float, slowing: float = 0.06) -> Leg:
    """A roll that comes to rest; `slowing` in m/s2 is that of a glass ball on a planed board (judged on film)."""
    back = -1.0 if speed_m_s < 0 else 1.0
    return Leg(start_s, start_s + abs(speed_m_s) / slowing, from_m, speed_m_s, slowing=back * slowing)


def leg_at(legs: Sequence[Leg], t_s: float) -> Leg:
    """The leg of a film time: the last that has begun, else the first."""
    current = legs[0]
    for leg in legs:
        if leg.start_s <= t_s:
            current = leg
    return current
