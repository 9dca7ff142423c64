"""A glass ball: drops, bounces and rolls by real physics; it bends the room behind it and throws a spot of light."""

# numba types its numbers more narrowly than numpy's stubs do
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from numba import njit

from clapboard import clock
from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.kernels import JIT, f32, i32
from clapboard.engines.stage.scene import Easel, Part, Scene, Spot
from clapboard.engines.stage.sounding import event, running
from clapboard.engines.stage.sounds.foley import impact
from clapboard.engines.stage.sounds.rubbing import rolling
from clapboard.engines.stage.tumble import Leg, Throw, fall, hop, leg_at, roll
from clapboard.engines.stage.turned import contact_shadow, highlight, light_behind, point_rows, tilt_ratio
from clapboard.take import Cue, Source
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

_RADIUS_M = 0.038
_DROP_M = 1.06
"""Release height: above the picture when the framing is wide, also where the retimed fall is shorter (0.95 m)."""
_BOUNCE = {"drop": 0.46, "bounce": 0.62}
_HOP_M = 0.20
"""How high a ball that lies on the table springs when it is asked to bounce: it stays in the picture."""
_SAME_FALL_S = 3.5
"""A bounce this soon after a drop is the bouncing of that drop: the director spaces the two by 3.3 s."""
_SOLID = ("wood", "metal", "stone", "glass", "ceramic", "porcelain")


@njit(inline="always", fastmath=True)
def _gathered(lights: Any, c: int, point: Any, normal: Any) -> tuple[float, float]:
    """One channel of the flames in the glass: their images on its two sides, and the light on what it holds."""
    shine = f32(0)
    glow = f32(0)
    for k in range(lights.shape[0]):
        lx = lights[k, 0] - point[0]
        ly = lights[k, 1] - point[1]
        lz = lights[k, 2] - point[2]
        d2 = lx * lx + ly * ly + lz * lz
        inv = f32(1) / math.sqrt(d2 + f32(1))
        fall_off = lights[k, 4 + c] / (f32(1) + d2 / (lights[k, 3] * lights[k, 3]))
        shine += highlight(normal, (lx * inv, ly * inv, lz * inv), 7) * fall_off * f32(2.2)
        far_x = normal[0] + lx * inv * f32(0.62)
        far_y = normal[1] + ly * inv * f32(0.62)
        spot = max(f32(0), f32(1) - (far_x * far_x + far_y * far_y) * f32(5))
        shine += spot * spot * fall_off * f32(0.55)  # gathered on the far side, seen through the glass
        glow += fall_off * f32(0.35)
    return shine, glow


@njit(inline="always", fastmath=True)
def _bilinear(img: Any, c: int, x: float, y: float) -> float:
    x = min(f32(img.shape[2] - 2), max(f32(0), x))
    y = min(f32(img.shape[1] - 2), max(f32(0), y))
    ix = i32(x)
    iy = i32(y)
    ax = x - f32(ix)
    ay = y - f32(iy)
    top = img[c, iy, ix] * (f32(1) - ax) + img[c, iy, ix + 1] * ax
    low = img[c, iy + 1, ix] * (f32(1) - ax) + img[c, iy + 1, ix + 1] * ax
    return top * (f32(1) - ay) + low * ay


@njit(**JIT)
def _paint_ball(img: Any, back: Any, soft: Any, place: Any, lights: Any) -> None:
    """back: copy of the picture [3, h', w'] from (left, top); place: column, row, radius, turn, left, top (pixels)."""
    height = img.shape[1]
    width = img.shape[2]
    fx = f32(soft.shape[2]) / f32(width)
    fy = f32(soft.shape[1]) / f32(height)
    r = place[2]
    for y in range(max(0, int(place[1] - r) - 1), min(height, int(place[1] + r) + 2)):
        for x in range(max(0, int(place[0] - r) - 1), min(width, int(place[0] + r) + 2)):
            nx = (f32(x) - place[0]) / r
            ny = (f32(y) - place[1]) / r
            d2 = nx * nx + ny * ny
            cover = min(f32(1), (f32(1) - math.sqrt(d2)) * r + f32(0.5))
            if cover <= f32(0):
                continue
            d2 = min(d2, f32(0.9999))
            nz = math.sqrt(f32(1) - d2)
            bend = (f32(0.30) + f32(1.15) * d2) * r * f32(1.9)  # all behind upside down, squeezed towards the edge
            graze = f32(1) - nz
            fresnel = f32(0.04) + f32(0.9) * graze * graze * graze * graze
            rad = math.sqrt(d2) * f32(0.78)
            vane = math.cos(f32(1.5) * (math.atan2(ny, nx) - place[3]) + rad * f32(2.6))
            ribbon = max(f32(0), f32(1) - abs(vane) * f32(3.2)) * max(f32(0), f32(1) - rad * rad * f32(3.4))
            for c in range(3):
                seen = _bilinear(back, c, place[0] - nx * bend - place[4], place[1] - ny * bend - place[5])
                value = seen * (f32(1) - f32(0.55) * d2 * d2)
                shine, glow = _gathered(lights, c, (f32(x), f32(y), nz * r), (nx, ny, nz))
                tint = f32(0.10) if c == 0 else (f32(0.42) if c == 1 else f32(0.62))  # a sea-blue ribbon
                value += (tint * (f32(0.04) + value + glow) - value) * ribbon * f32(0.75)
                around = _bilinear(soft, c, (f32(x) + nx * r * f32(3)) * fx, (f32(y) + ny * r * f32(2)) * fy)
                value = value * (f32(1) - fresnel) + around * fresnel * f32(1.25) + shine
                img[c, y, x] += (value - img[c, y, x]) * cover


@dataclass(frozen=True, slots=True)
class _Ball:
    spot: Spot
    legs: tuple[Leg, ...]

    def centre(self, t_s: float) -> tuple[float, float, float]:
        """World place of the ball's centre."""
        if not self.legs:
            return self.spot.x_m, self.spot.y_m + _RADIUS_M, self.spot.z_m
        leg = leg_at(self.legs, t_s)
        when = max(t_s, leg.start_s)
        return leg.x(when), self.spot.y_m + _RADIUS_M + leg.y(when), self.spot.z_m

    def paint(self, easel: Easel, t_s: float) -> None:
        """Shadow and spot of light on the table, then the glass."""
        x, y, z = self.centre(t_s)
        lift = y - _RADIUS_M - self.spot.y_m
        foot = (x, self.spot.y_m, z)
        near = 1 / (1 + lift / 0.06)
        contact_shadow(easel, foot, _RADIUS_M * (0.75 + 1.5 * min(0.3, lift)), 0.62 * near + 0.05)
        self._caustic(easel, foot, near)
        column, row, per_m = easel.project(x, y, z)
        radius = _RADIUS_M * per_m
        reach = math.ceil(radius * 2.9) + 2
        height, width = easel.canvas.shape[1:]
        left, top = max(0, int(column) - reach), max(0, int(row) - reach)
        right, bottom = min(width, int(column) + reach), min(height, int(row) + reach)
        if right - left < 4 or bottom - top < 4:
            return
        back = np.ascontiguousarray(easel.canvas[:, top:bottom, left:right])
        turn = (x - self.spot.x_m) / _RADIUS_M
        place = np.array([column, row, radius, turn, left, top], f32)
        _paint_ball(easel.canvas, back, light_behind(easel), place, point_rows(easel, z))

    def _caustic(self, easel: Easel, foot: tuple[float, float, float], near: float) -> None:
        """Light that the ball gathers: from each flame beyond its far side, from the window towards the camera."""
        x, y, z = foot
        ratio = tilt_ratio(easel, y, z)
        for point in easel.light.points:
            away_x, away_z = x - point.x_m, z - point.z_m
            gap = math.hypot(away_x, away_z)
            if not 0.05 < gap < 1.5:
                continue
            reach = _RADIUS_M * 1.25
            column, row, per_m = easel.project(x + away_x / gap * reach, y, z + away_z / gap * reach)
            power = 0.42 * near**2 / (1 + (gap / point.reach_m) ** 2)
            size = _RADIUS_M * per_m
            for spread, share in ((0.55, 1.0), (0.22, 2.2)):
                rgb = tuple(power * share * v for v in point.rgb)
                add_glows(
                    easel.canvas,
                    Spots(
                        x=column, y=row, radius_x=size * spread * 1.3, radius_y=size * spread * max(ratio, 0.3), rgb=rgb
                    ),
                )
        column, row, per_m = easel.project(x, y, z - _RADIUS_M * 1.2)
        rgb = tuple(0.16 * near**2 * v for v in easel.light.ambient)
        size = _RADIUS_M * per_m
        add_glows(easel.canvas, Spots(x=column, y=row, radius_x=size * 0.8, radius_y=size * 0.42, rgb=rgb))


def _struck(action: Action) -> str:
    """What the ball lands on: the last solid named in "glass on wood", else wood."""
    words = f"{action.material or ''} {action.onto or ''}".lower().split()
    return next((word for word in reversed(words) if word in _SOLID), "wood")


def _bounced_drop(action: Action, ordered: Sequence[Action]) -> Action | None:
    """The drop whose bouncing this action asks for; none when it is a deed of its own."""
    if action.does != "bounce":
        return None
    drops = (a for a in ordered if a.does == "drop" and 0 <= action.at_s - a.at_s <= _SAME_FALL_S)
    return next(drops, None)


class _Thing:
    words = ThingWords(
        name="glass_ball",
        words=("glass ball", "ball", "marble", "crystal ball", "glass sphere"),
        doings={
            "drop": DoingWords(words=("drop", "fall", "land", "plummet"), duration_s=3.0, needs_onto=True),
            "bounce": DoingWords(words=("bounce",), duration_s=4.0),
            "roll": DoingWords(words=("roll",), duration_s=4.0),
        },
        places={"window_room": ("table", "table_left", "table_right", "sill")},
        material="glass",
        dresses=False,
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """See `Thing.block`."""
        spot = scene.spot(member, self.words)
        legs: list[Leg] = []
        cues: list[Cue] = []
        sources: list[tuple[Stem, Source]] = []
        side = -1.0 if spot.x_m > 0 else 1.0
        ordered = sorted(actions, key=lambda a: a.at_s)
        bouncing = [_bounced_drop(action, ordered) for action in ordered]
        for action, drop in zip(ordered, bouncing, strict=True):
            if drop is not None:
                continue
            at_s = scene.action_s(action)
            before = [leg for leg in legs if leg.start_s < at_s]
            if action.does == "roll":
                begin_m = leg_at(legs, at_s).x(at_s) if legs else spot.x_m
                still = [] if before else [Leg(scene.start_s, at_s, begin_m, 0.0)]
                legs = [*before, *still, roll(at_s, begin_m, side * (0.12 + 0.30 * action.force))]
                cues.append(scene.cue("ball rolls", member.id, at_s, force=action.force))
                side = -side
                continue
            lively = _BOUNCE["bounce" if any(other is action for other in bouncing) else action.does]
            throw = Throw(height_m=_DROP_M, sideways_m_s=0.20 * side, radius_m=_RADIUS_M, bounce=lively)
            release = clock.frame_at(at_s, scene.fps)
            if action.does == "bounce" and before:
                low = replace(throw, height_m=_HOP_M)
                path, impacts = hop(low, release, scene.fps, leg_at(before, at_s).x(at_s))
            else:
                path, impacts = fall(throw, release, scene.fps, spot.x_m - 0.12 * side)
            legs = [*before, *path]
            where = scene.position(_Ball(spot, tuple(path)).centre)
            for number, (frame, share) in enumerate(impacts):
                cue = _impact_cue(action, share, clock.frame_time(frame, scene.fps), member.id, scene)
                cues.append(cue)
                hit = partial(impact, _struck(action), "glass", cue.force, scene.sound_seed + 7 * number, size=0.8)
                source = event(cue.label, cue, hit, position=where, gain_db=6.0, room=scene.room)
                sources.append((Stem.EFFECTS, source))
        ball = _Ball(spot, tuple(legs))
        return Part(
            who=member.id,
            thing="glass_ball",
            depth_m=spot.z_m,
            paint=ball.paint,
            cues=tuple(cues),
            sources=(*sources, *_rolls(ball, scene, member.id)),
            layer="sill",
        )


def _impact_cue(action: Action, share: float, t_s: Fraction, who: str, scene: Scene) -> Cue:
    """One meeting with the table; the last ones are too soft to stand out of a bed of rain, so they are no impacts."""
    force = round(max(0.06, action.force * share**0.9), 3)
    return scene.cue(f"ball hits {_struck(action)}", who, float(t_s), impact=force > 0.2, force=force)


def _rolls(ball: _Ball, scene: Scene, name: str) -> list[tuple[Stem, Source]]:
    """The sound of every roll, as loud and bright as the ball is fast."""
    sources: list[tuple[Stem, Source]] = []
    for number, leg in enumerate(ball.legs):
        following = [other.start_s for other in ball.legs if other.start_s > leg.start_s]
        end_s = min([leg.end_s, scene.end_s, *following])
        if leg.slowing == 0.0 or end_s - leg.start_s < 0.1 or abs(leg.speed_m_s) < 0.01:
            continue

        def speed(t_s: np.ndarray, leg: Leg = leg) -> np.ndarray:
            return np.clip(abs(leg.speed_m_s) - abs(leg.slowing) * (t_s - leg.start_s), 0, None)

        sound = rolling(speed, scene.sound_seed + number, radius_m=_RADIUS_M)
        where = scene.position(ball.centre)
        source = running(f"{name} rolls", sound, (leg.start_s, end_s), position=where, gain_db=4.0, room=scene.room)
        sources.append((Stem.EFFECTS, source))
    return sources


THING = _Thing()
