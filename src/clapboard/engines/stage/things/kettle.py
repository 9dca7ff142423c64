"""An enamelled kettle on a small burner: it warms, steams, rattles its lid, and whistles with a jet of steam."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clapboard.engines.stage.kernels import smoothstep
from clapboard.engines.stage.raster import stroke
from clapboard.engines.stage.scene import Easel, Part, PointLight, Scene, Spot, Surface, plus
from clapboard.engines.stage.sounding import running
from clapboard.engines.stage.sounds.fire import kettle
from clapboard.engines.stage.turned import Material, Turned, contact_shadow, paint_turned
from clapboard.engines.stage.vapour import Plume, paint_plume
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

_STAND_M = 0.042
_ENAMEL = Material(albedo=(0.300, 0.034, 0.026), rim=1.0, edge=2.6, gloss=0.85, sharp=6)
_STEEL = Material(albedo=(0.085, 0.085, 0.09), rim=0.9, edge=1.9, gloss=0.9, sharp=5)
_IRON = Material(albedo=(0.022, 0.021, 0.022), rim=0.35, edge=3.0, gloss=0.12, sharp=4)
_BODY = (
    (0.0, 0.066),
    (0.004, 0.0735),
    (0.018, 0.0800),
    (0.040, 0.0790),
    (0.062, 0.0705),
    (0.080, 0.0570),
    (0.092, 0.0455),
    (0.096, 0.0440),
)
_LID = ((0.0, 0.0445), (0.003, 0.0440), (0.010, 0.0350), (0.016, 0.0180), (0.018, 0.0060))
_KNOB = ((0.0, 0.0050), (0.004, 0.0045), (0.009, 0.0088), (0.015, 0.0092), (0.020, 0.0050), (0.021, 0.0))
_BURNER = ((0.0, 0.060), (0.006, 0.058), (0.012, 0.046), (0.030, 0.040), (_STAND_M - 0.006, 0.052), (_STAND_M, 0.060))
_SPOUT = np.array(
    [
        (0.046, 0.048),
        (0.063, 0.049),
        (0.077, 0.052),
        (0.089, 0.057),
        (0.099, 0.064),
        (0.108, 0.072),
        (0.117, 0.081),
        (0.127, 0.090),
        (0.140, 0.100),
    ]
)
_SPOUT_WIDTH = np.array([0.037, 0.0355, 0.0335, 0.031, 0.028, 0.0245, 0.021, 0.0175, 0.0165])
_WARM_UP_S = 3.2


@dataclass(frozen=True, slots=True)
class _Heat:
    """Heat over film time: 0.45 at first (it simmers); a boil rises to 0.74, a whistle to 1 and falls again."""

    boils: tuple[tuple[float, float], ...]
    whistles: tuple[tuple[float, float], ...]

    def __call__(self, t_s: np.ndarray) -> np.ndarray:
        heat = np.full(np.shape(t_s), 0.45)
        for at_s, _ in self.boils:
            heat = np.maximum(heat, 0.45 + 0.29 * smoothstep(t_s, at_s, at_s + _WARM_UP_S))
        for at_s, end_s in self.whistles:
            up = smoothstep(t_s, at_s - 2.5, at_s) * 0.33 + smoothstep(t_s, at_s, at_s + 0.35) * 0.22
            heat = np.maximum(heat, 0.45 + up * (1 - smoothstep(t_s, end_s, end_s + 0.8)))
        return np.asarray(heat, float)


class _Kettle:
    """The drawing; pure in time."""

    def __init__(self, spot: Spot, heat: _Heat, seed: int) -> None:
        self.spot, self.heat, self.seed = spot, heat, seed

    def level(self, t_s: float) -> float:
        """Heat now, 0..1."""
        return float(self.heat(np.array([t_s]))[0])

    def lights(self, t_s: float) -> tuple[PointLight, ...]:
        """The burner's small flame."""
        power = 0.10 + 0.02 * math.sin(t_s * 19) + 0.015 * math.sin(t_s * 31)
        rgb = (0.25 * power, 0.40 * power, 1.0 * power)
        return (
            PointLight(x_m=self.spot.x_m, y_m=self.spot.y_m + 0.03, z_m=self.spot.z_m - 0.03, rgb=rgb, reach_m=0.10),
        )

    def paint(self, easel: Easel, t_s: float) -> None:
        """Burner and its flames, body with spout and handle, lid, steam."""
        x, y, z = foot = (self.spot.x_m, self.spot.y_m, self.spot.z_m)
        hot = self.level(t_s)
        contact_shadow(easel, foot, 0.075, 0.75)
        paint_turned(easel, foot, Turned(profile=_BURNER, material=_IRON))
        self._flames(easel, t_s, hot)
        shake = smoothstep(hot, 0.62, 0.8)
        jolt = 0.0009 * float(shake) * math.sin(t_s * 71)
        base = (x + jolt * 0.4, y + _STAND_M, z)
        self._handle(easel, base)
        spout = easel.outline(stroke(_SPOUT, _SPOUT_WIDTH), base)
        easel.shape([spout], Surface(albedo=_ENAMEL.albedo, rim=1.0, rim_px=3.0, warm=0.85), z)
        paint_turned(easel, base, Turned(profile=_BODY, material=_ENAMEL))
        hop = 0.0035 * float(shake) * max(0.0, math.sin(t_s * 37) + 0.6 * math.sin(t_s * 59.0) - 0.55)
        lid = (base[0] + jolt, base[1] + _BODY[-1][0] + hop, z)
        paint_turned(easel, lid, Turned(profile=_LID, material=_ENAMEL))
        paint_turned(easel, (lid[0], lid[1] + _LID[-1][0], z), Turned(profile=_KNOB, material=_IRON))
        self._steam(easel, base, t_s, hot)

    def _handle(self, easel: Easel, base: tuple[float, float, float]) -> None:
        turn = np.linspace(math.radians(183), math.radians(-3), 32)  # both ends go down into the body
        arch = np.stack([0.064 * np.cos(turn), 0.074 + 0.088 * np.sin(turn)], 1)
        wire = easel.outline(stroke(arch, 0.0055), base)
        easel.shape([wire], Surface(albedo=_STEEL.albedo, rim=0.9, rim_px=1.5, warm=1.2), base[2])
        grip = easel.outline(stroke(arch[12:20], 0.0125), base)
        easel.shape([grip], Surface(albedo=(0.060, 0.030, 0.016), rim=0.6, rim_px=2.0, warm=1.2), base[2])

    def _flames(self, easel: Easel, t_s: float, hot: float) -> None:
        """A ring of small blue flames between burner and kettle."""
        for k in range(9):
            turn = math.pi * (k + 0.5) / 9
            dx, dz = -0.046 * math.cos(turn), -0.030 * math.sin(turn)
            column, row, per_m = easel.project(self.spot.x_m + dx, self.spot.y_m + _STAND_M + 0.001, self.spot.z_m + dz)
            tall = (0.0085 + 0.0015 * math.sin(t_s * 17 + k * 2.1)) * (0.7 + 0.5 * hot) * per_m
            easel.glow(column, row - 0.2 * tall, 0.0046 * per_m, (0.10, 0.26, 0.95), stretch=tall / (0.0046 * per_m))

    def _steam(self, easel: Easel, base: tuple[float, float, float], t_s: float, hot: float) -> None:
        """Wisps from the spout; a hard jet when it whistles; a breath from under the lid when it boils."""
        light = plus((0.05, 0.05, 0.05), easel.light.ambient, 0.45)
        for point in easel.light.points:
            light = plus(light, point.rgb, 0.05)
        mouth = (base[0] + 0.142, base[1] + 0.102, base[2])
        jet = float(smoothstep(hot, 0.80, 0.93))
        calm = float(smoothstep(hot, 0.40, 0.78)) * (1 - 0.6 * jet)
        wisps = Plume(height_m=0.34, width_m=0.15, rgb=light, rise=0.5, lean_m=0.035, mouth=0.14, seed=self.seed)
        paint_plume(easel, mouth, wisps, t_s, 0.95 * calm)
        if jet > 0:
            blast = Plume(
                height_m=0.46, width_m=0.24, rgb=light, rise=2.6, lean_m=0.13, mouth=0.055, seed=self.seed + 1
            )
            paint_plume(easel, mouth, blast, t_s, 2.2 * jet)
        lid = Plume(height_m=0.20, width_m=0.16, rgb=light, rise=0.7, mouth=0.55, seed=self.seed + 2)
        paint_plume(easel, (base[0], base[1] + 0.098, base[2]), lid, t_s, 0.55 * float(smoothstep(hot, 0.62, 0.76)))


class _Thing:
    words = ThingWords(
        name="kettle",
        words=("kettle", "teakettle", "tea kettle"),
        doings={
            "boil": DoingWords(words=("boil", "simmer", "steam", "bubble", "heat"), duration_s=6.0, lasting=True),
            "whistle": DoingWords(words=("whistle", "sing", "scream", "shriek"), duration_s=2.5),
        },
        places={"window_room": ("sill_left", "table_left", "table", "table_right", "sill")},
        usual="boil",
        material="metal",
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """See `Thing.block`."""
        spot = scene.spot(member, self.words)
        spans: dict[str, list[tuple[float, float]]] = {"boil": [], "whistle": []}
        cues = []
        for action in actions:
            at_s = scene.action_s(action)
            usual_s = self.words.doings[action.does].duration_s
            end_s = scene.start_s + action.until_s if action.until_s is not None else at_s + usual_s
            spans[action.does].append((at_s, max(end_s, at_s + 0.5)))
            cues.append(scene.cue(f"kettle {action.does}s", member.id, at_s, force=action.force))
        heat = _Heat(tuple(spans["boil"]), tuple(spans["whistle"]))
        drawn = _Kettle(spot, heat, scene.seed % 11)
        where = scene.position(lambda t_s: (spot.x_m, spot.y_m, spot.z_m))  # noqa: ARG005 - it stands still
        sound = running(
            member.id,
            kettle(heat, scene.sound_seed),
            (scene.start_s, scene.end_s),
            position=where,
            gain_db=2.0,
            room=scene.room,
        )
        return Part(
            who=member.id,
            thing="kettle",
            depth_m=spot.z_m,
            paint=drawn.paint,
            lights=drawn.lights,
            cues=tuple(cues),
            sources=((Stem.EFFECTS, sound),),
            layer="sill",
        )


THING = _Thing()
