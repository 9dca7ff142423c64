"""A campfire in its ring of stones: burns, crackles (sparks fly on the crack), flares up, dies down."""

from collections.abc import Sequence

import numpy as np

from clapboard.engines.stage.curves import Curve
from clapboard.engines.stage.flames import paint_burst, paint_fire
from clapboard.engines.stage.kernels import flicker
from clapboard.engines.stage.raster import ellipse
from clapboard.engines.stage.scene import Easel, Part, PointLight, Scene, Spot, Surface
from clapboard.engines.stage.sounding import event, running
from clapboard.engines.stage.sounds.beds import BEDS
from clapboard.engines.stage.sounds.foley import impact
from clapboard.engines.stage.sounds.grid import as_point
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

COLOUR = (1.0, 0.36, 0.075)
"""Firelight, about 1900 K."""
REACH_M = 1.35


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


def _paint_hearth(easel: Easel, spot: Spot) -> None:
    """Stones round the fire and the crossed logs on it."""
    foot = (spot.x_m, spot.y_m, spot.z_m)
    rng = np.random.default_rng(8)
    for angle in np.linspace(np.pi, 0, 9):
        stone = ellipse(0.52 * np.cos(angle), 0.13 * np.sin(angle) + 0.03, *rng.uniform(0.065, 0.10, 2) * [1, 0.8])
        easel.shape([easel.outline(stone, foot)], Surface(albedo=(0.10, 0.095, 0.09), rim=0.1), spot.z_m)
    for angle, wide, lean in ((0.30, 0.42, 0.05), (-0.26, 0.44, -0.04), (0.02, 0.34, 0.0)):
        log = np.array([[-wide, -0.05], [wide, -0.05], [wide + 0.02, 0.045], [-wide, 0.05]])
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        outline = easel.outline(log @ turn.T + [lean, 0.10], foot)
        easel.shape([outline], Surface(albedo=(0.035, 0.024, 0.018), rim=0.15, emission=(0.012, 0.003, 0.0)), spot.z_m)
    for angle in np.linspace(np.pi * 1.04, np.pi * 1.96, 8):
        stone = ellipse(0.55 * np.cos(angle), 0.13 * np.sin(angle), *rng.uniform(0.075, 0.12, 2) * [1, 0.75])
        easel.shape([easel.outline(stone, foot)], Surface(albedo=(0.12, 0.11, 0.105), rim=0.1), spot.z_m)


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
        spot = scene.spots[member.at if member.at in scene.spots else "fire_ring"]
        size = _size(actions, scene)
        where = scene.position(lambda t_s: (spot.x_m, spot.y_m, spot.z_m))  # noqa: ARG005 - it does not move
        cracks = [action for action in actions if action.does == "crackle"]
        cues = [
            scene.cue("fire cracks", member.id, scene.action_s(action), impact=True, force=action.force)
            for action in cracks
        ]
        flares = [scene.action_s(action) for action in actions if action.does == "flare"]
        cues += [scene.cue("fire flares up", member.id, start_s) for start_s in flares]
        burning = as_point(BEDS["fire"].make(lambda t_s: np.clip(size(t_s) * 0.75, 0, 1), scene.sound_seed))
        span = (scene.start_s, scene.end_s)
        sources = [(Stem.EFFECTS, running(member.id, burning, span, position=where, gain_db=5.0, room=scene.room))]
        for number, (cue, action) in enumerate(zip(cues, cracks, strict=False)):
            seed = scene.sound_seed + number

            def crack(force: float = action.force, seed: int = seed) -> np.ndarray:
                return impact("wood", "wood", force, seed)

            sound = event(cue.label, cue, crack, position=where, gain_db=12.0, room=scene.room)
            sources.append((Stem.EFFECTS, sound))

        def lights(t_s: float) -> Sequence[PointLight]:
            strength = float(size(np.array([t_s]))[0]) * flicker(t_s, scene.seed)
            rgb = (COLOUR[0] * strength, COLOUR[1] * strength, COLOUR[2] * strength)
            return (PointLight(x_m=spot.x_m, y_m=spot.y_m + 0.35, z_m=spot.z_m, rgb=rgb, reach_m=REACH_M),)

        def paint(easel: Easel, t_s: float) -> None:
            _paint_hearth(easel, spot)
            x, y, per_m = easel.project(spot.x_m, spot.y_m + 0.08, spot.z_m)
            paint_fire(easel.canvas, (x, y), per_m, t_s, float(size(np.array([t_s]))[0]), scene.seed)
            for cue in cues[: len(cracks)]:
                age_s = t_s - cue.heard_sample / 48_000
                paint_burst(easel.canvas, (x, y - 0.1 * per_m), per_m, age_s, cue.heard_sample)

        return Part(
            who=member.id,
            thing="campfire",
            depth_m=spot.z_m,
            paint=paint,
            cues=tuple(cues),
            sources=tuple(sources),
            lights=lights,
        )


THING = _Campfire()
