"""A campfire in its ring of stones: burns, crackles (sparks fly on the crack), flares up, dies down."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from clapboard import clock
from clapboard.engines.stage.curves import Curve, at
from clapboard.engines.stage.flames import Fire, paint_burst, paint_fire, paint_shimmer, paint_smoke
from clapboard.engines.stage.hearth import paint_hearth
from clapboard.engines.stage.kernels import flicker
from clapboard.engines.stage.light import sun_light, weather_levels
from clapboard.engines.stage.scene import Easel, Part, PointLight, Scene, Spot
from clapboard.engines.stage.sounding import event, running
from clapboard.engines.stage.wilds import Land, Layer
from clapboard.take import Cue, Source
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

COLOUR = (1.0, 0.36, 0.075)
"""Firelight, about 1900 K."""
REACH_M = 1.6
_GLOW = {"dawn": 0.45, "day": 0.12, "dusk": 0.75, "night": 1.0}
_SMOKE = {"dawn": 0.30, "day": 0.42, "dusk": 0.26, "night": 0.16}


def _size(actions: Sequence[Action], scene: Scene) -> Curve:
    """The fire's size over film time: 0.8 as it burns, up to 1.4 in a flare, to embers after it dies down."""
    flares = [(scene.action_s(action), action.force) for action in actions if action.does == "flare"]
    ends = [scene.action_s(action) for action in actions if action.does == "die_down"]

    def size(t_s: np.ndarray) -> np.ndarray:
        value = np.full(len(t_s), 0.8)
        for start_s, force in flares:
            age = t_s - start_s
            value += np.where(age >= 0, force * np.minimum(1, age / 0.12) * np.exp(-np.maximum(age - 0.2, 0) / 0.9), 0)
        for start_s in ends:
            value *= np.where(t_s >= start_s, 0.10 + 0.90 * np.exp(-np.maximum(t_s - start_s, 0) / 1.4), 1)
        return value

    return size


def _hearth(scene: Scene, spot: Spot) -> tuple[Layer, Layer]:
    levels = weather_levels(scene)
    light = sun_light(scene.hour, scene.season, levels)
    snow = max(levels["snow"], 0.5 if scene.season == "winter" else 0.0)
    fire = PointLight(x_m=spot.x_m, y_m=spot.y_m + 0.35, z_m=spot.z_m, rgb=COLOUR, reach_m=REACH_M)
    view = scene.view(scene.start_s)
    land = Land(view=view, light=light, snow=snow, rain=levels["rain"], season=scene.season, seed=scene.seed, fire=fire)
    return paint_hearth(land, spot)


def _crack(force: float, seed: int) -> np.ndarray:
    """Sap that bursts in a log: a snap of two milliseconds from the first sample on, then the wood's short ring."""
    from clapboard.engines.stage.sounds.foley import impact

    wood = impact("wood", "wood", force, seed)
    rng = np.random.default_rng([seed, 31])
    length = 960
    t_s = np.arange(length) / clock.SAMPLE_RATE
    snap = rng.standard_normal(length) * np.exp(-t_s / 0.0011) + 1.6 * np.cos(2 * np.pi * 2300 * t_s) * np.exp(
        -t_s / 0.0016
    )
    out = 0.45 * wood
    out[:length] += (snap * (np.abs(wood).max() / np.abs(snap).max())).astype(np.float32)[: len(out)]
    return out


def _sounds(member: Member, scene: Scene, spot: Spot, size: Curve, cracks: Sequence[Cue]) -> list[tuple[Stem, Source]]:
    """The fire's bed for as long as the shot, and one sharp crack on each cue."""
    from clapboard.engines.stage.sounds.beds import BEDS
    from clapboard.engines.stage.sounds.grid import as_point

    where = scene.position(lambda t_s: (spot.x_m, spot.y_m, spot.z_m))  # noqa: ARG005 - it does not move
    at_s = [cue.heard_sample / clock.SAMPLE_RATE for cue in cracks]

    def loud(t_s: np.ndarray) -> np.ndarray:
        level = np.clip(size(t_s) * 0.75, 0, 1)
        for crack_s in at_s:  # the fire calms round a crack, so that no small crackle blurs the great one
            level = level * np.interp(np.abs(t_s - crack_s), (0.52, 0.68), (0.16, 1.0))
        return level

    burning = as_point(BEDS["fire"].make(loud, scene.sound_seed))
    span = (scene.start_s, scene.end_s)
    sources = [(Stem.EFFECTS, running(member.id, burning, span, position=where, gain_db=1.0, room=scene.room))]
    for number, cue in enumerate(cracks):
        make = _maker(cue.force, scene.sound_seed + number)
        sources.append((Stem.EFFECTS, event(cue.label, cue, make, position=where, gain_db=19.0, room=scene.room)))
    return sources


def _maker(force: float, seed: int) -> Callable[[], np.ndarray]:
    return lambda: _crack(force, seed)


class _Campfire:
    words = ThingWords(
        name="campfire",
        words=("campfire", "fire", "bonfire", "camp fire", "flames", "logs"),
        doings={
            "burn": DoingWords(words=("burn", "glow", "flicker", "blaze"), lasting=True),
            "crackle": DoingWords(words=("crackle", "pop", "snap", "crack", "spark"), duration_s=0.8),
            "flare": DoingWords(words=("flare", "flare up", "leap", "roar up"), duration_s=1.5),
            "die_down": DoingWords(words=("die down", "burn down", "fade", "go out", "die"), duration_s=2.5),
        },
        places={"lake_camp": ("fire_ring",)},
        usual="burn",
        material="wood",
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """The fire burns all through the shot; cracks throw sparks on their cue."""
        spot = scene.spots.get(member.at or "", scene.spots["fire_ring"])
        size = _size(actions, scene)
        end_frame = scene.first_frame + scene.num_frames
        kept = [a for a in actions if clock.frame_at(scene.action_s(a), scene.fps) < end_frame]
        cracks = [
            scene.cue("fire cracks", member.id, scene.action_s(action), impact=True, force=action.force)
            for action in kept
            if action.does == "crackle"
        ]
        flares = [
            scene.cue("fire flares up", member.id, scene.action_s(action)) for action in kept if action.does == "flare"
        ]

        def lights(t_s: float) -> Sequence[PointLight]:
            strength = at(size, t_s) * flicker(t_s, scene.seed)
            rgb = (COLOUR[0] * strength, COLOUR[1] * strength, COLOUR[2] * strength)
            return (PointLight(x_m=spot.x_m, y_m=spot.y_m + 0.35, z_m=spot.z_m, rgb=rgb, reach_m=REACH_M),)

        return Part(
            who=member.id,
            thing="campfire",
            depth_m=spot.z_m,
            paint=_painter(scene, spot, size, cracks),
            cues=(*cracks, *flares),
            sources=tuple(_sounds(member, scene, spot, size, cracks)),
            lights=lights,
        )


def _painter(scene: Scene, spot: Spot, size: Curve, cracks: Sequence[Cue]) -> Callable[[Easel, float], None]:
    hearth = lru_cache(maxsize=1)(lambda: _hearth(scene, spot))
    starts_s = [(float(clock.frame_time(cue.seen_frame or 0, scene.fps)), cue) for cue in cracks]

    def paint(easel: Easel, t_s: float) -> None:
        now = at(size, t_s)
        gain = 1.5 * now * flicker(t_s, scene.seed)
        colour = (COLOUR[0] * gain, COLOUR[1] * gain, COLOUR[2] * gain)
        x, y, per_m = easel.project(spot.x_m, spot.y_m + 0.07, spot.z_m)
        wind = at(scene.weather["wind"], t_s)
        fire = Fire(foot_px=(x, y), per_m=per_m, size=now, wind=wind, seed=scene.seed, glow=_GLOW[scene.hour])
        lit = [
            1.1 * a + 0.22 * k + 0.05 * c * now
            for a, k, c in zip(easel.light.ambient, easel.light.key, COLOUR, strict=True)
        ]
        back, front = hearth()
        paint_shimmer(easel.canvas, easel.view, fire, t_s)
        back.draw(easel.canvas, easel.view, 1.0, colour)
        paint_smoke(easel.canvas, fire, t_s, (lit[0], lit[1], lit[2]), _SMOKE[scene.hour] * min(1.0, 0.3 + now))
        paint_fire(easel.canvas, fire, t_s)
        front.draw(easel.canvas, easel.view, 1.0, colour)
        for start_s, cue in starts_s:
            # half a frame's grace: the cue's own frame must show it whatever rounding its time has had
            age_s = t_s - start_s
            if age_s > -0.5 / float(scene.fps):
                paint_burst(easel.canvas, (x, y - 0.1 * per_m), per_m, max(0.0, age_s), cue.heard_sample)

    return paint


THING = _Campfire()
