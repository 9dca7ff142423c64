"""A candle: a flame that leans and flickers, wax that glows from within, a thread of smoke when it goes out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from clapboard.engines.stage.kernels import f32, flicker, smoothstep
from clapboard.engines.stage.raster import stroke
from clapboard.engines.stage.scene import Easel, Part, PointLight, Scene, Spot, plus, times
from clapboard.engines.stage.sounding import event
from clapboard.engines.stage.sounds.rubbing import candle_puff, match_strike
from clapboard.engines.stage.turned import Material, Turned, contact_shadow, paint_disc, paint_turned
from clapboard.engines.stage.vapour import Plume, paint_plume
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

_WAX_M, _RADIUS_M = 0.112, 0.0385
_GROUP = ((0.0, 0.0, 1.0), (-0.105, 0.035, 0.70), (0.112, 0.030, 0.86), (-0.055, -0.085, 0.48), (0.064, -0.075, 0.60))
"""Several candles stand like this: metres to the right and back, height as a share of the first's."""
_FLAME_M = 0.062
_EMBER_S, _SMOKE_S = 1.6, 5.0
_FLAME_RGB = (1.0, 0.47, 0.15)


@dataclass(frozen=True, slots=True)
class _Burning:
    """When the flame is there: switch times in rising order, each with the state after it."""

    lit_first: bool
    switches: tuple[tuple[float, bool], ...]

    def state(self, t_s: float) -> tuple[bool, float]:
        """Lit or not, and for how long (a large number from the start)."""
        lit, since = self.lit_first, -1e3
        for at_s, after in self.switches:
            if at_s <= t_s:
                lit, since = after, at_s
        return lit, t_s - since

    def level(self, t_s: float) -> float:
        """Size of the flame, 0..1: it catches in half a second and goes out in a sixth."""
        lit, age = self.state(t_s)
        if lit:
            return float(smoothstep(age, 0.0, 0.55)) if age < 1 else 1.0
        return max(0.0, 1 - age / 0.16) if age < 1 else 0.0


class _Candle:
    """The drawing; pure in time. `size` is its height in metres and the power of its flame."""

    def __init__(self, spot: Spot, burning: _Burning, phase: int, size: tuple[float, float]) -> None:
        self.spot, self.burning, self.phase = spot, burning, phase
        self.tall_m, self.power = size
        drip = 0.0006
        self.wax = (
            (0.0, _RADIUS_M * 1.02),
            (0.004, _RADIUS_M + drip),
            (0.45 * self.tall_m, _RADIUS_M),
            (self.tall_m - 0.006, _RADIUS_M * 0.985),
            (self.tall_m, _RADIUS_M * 0.93),
        )

    @property
    def wick(self) -> tuple[float, float, float]:
        """World point where the flame sits."""
        return self.spot.x_m, self.spot.y_m + self.tall_m + 0.012, self.spot.z_m

    def lights(self, t_s: float) -> tuple[PointLight, ...]:
        """The flame as a lamp."""
        level = self.burning.level(t_s) * flicker(t_s, self.phase)
        if level <= 0:
            return ()
        x, y, z = self.wick
        lean = self._lean(t_s)
        rgb = times(_FLAME_RGB, 1.05 * self.power * level)
        return (PointLight(x_m=x + 0.5 * lean, y_m=y + 0.03, z_m=z, rgb=rgb, reach_m=0.25),)

    def _lean(self, t_s: float) -> float:
        """Sideways shift of the flame's tip in metres: two sways and now and then a draught."""
        p = self.phase * 2.1
        draught = max(0.0, math.sin(t_s * 0.43 + p) + math.sin(t_s * 0.71 + 2 * p) - 1.1)
        sway = 0.0032 * math.sin(t_s * 2.7 + p) + 0.0018 * math.sin(t_s * 5.9 + 1) + 0.0008 * math.sin(t_s * 13.1)
        return sway + 0.010 * draught * (1 + 0.25 * math.sin(t_s * 17.0))

    def paint(self, easel: Easel, t_s: float) -> None:
        """Candle, flame, glow and smoke."""
        lit, age = self.burning.state(t_s)
        level = self.burning.level(t_s) * flicker(t_s, self.phase)
        x, y, z = self.spot.x_m, self.spot.y_m, self.spot.z_m
        contact_shadow(easel, (x, y, z), _RADIUS_M, 0.6)
        glow = 0.62 * level * self.power
        wax = Material(
            albedo=(0.62, 0.52, 0.38), rim=0.5, gloss=0.06, sharp=3, emission=(0.95 * glow, 0.44 * glow, 0.13 * glow)
        )
        paint_turned(easel, (x, y, z), Turned(profile=self.wax, material=wax))
        self._drips(easel, glow)
        top = (x, y + self.tall_m, z)
        paint_disc(easel, top, _RADIUS_M * 0.93, (0.10 + 1.0 * glow, 0.085 + 0.52 * glow, 0.06 + 0.19 * glow))
        paint_disc(
            easel,
            (x, y + self.tall_m - 0.001, z),
            _RADIUS_M * 0.72,
            (0.05 + 1.7 * glow, 0.04 + 1.0 * glow, 0.03 + 0.40 * glow),
            0.8,
        )
        self._wick(easel, 0.0 if lit else math.exp(-age / _EMBER_S))
        if level > 0:
            self._flame(easel, t_s, level)
        if not lit and age < _SMOKE_S:
            light = plus((0.05, 0.05, 0.05), easel.light.ambient, 0.35)
            smoke = Plume(height_m=0.34, width_m=0.07, rgb=light, rise=0.55, mouth=0.06, seed=self.phase)
            paint_plume(easel, self.wick, smoke, t_s, min(1.0, age / 0.25) * (1 - age / _SMOKE_S) ** 0.7)

    def _drips(self, easel: Easel, glow: float) -> None:
        """Two runs of wax down the side, a little paler than the wall they ran down."""
        for offset, top, length, radius in ((-0.55, 0.97, 0.052, 0.0052), (0.34, 0.975, 0.034, 0.0046)):
            start = top * self.tall_m - 0.2 * math.sqrt(1 - offset * offset) * _RADIUS_M
            line = np.array([(offset * _RADIUS_M, start - length * share) for share in np.linspace(0, 1, 7)])
            outline = easel.outline(stroke(line, radius * np.array([0.9, 0.8, 0.85, 1.0, 1.4, 1.7, 0.9])), self._foot)
            mask = easel.mask(outline)
            if mask is not None:
                share = (start - 0.6 * length) / self.tall_m
                level = 0.05 + 1.15 * glow * share**2.2
                easel.blend(mask, (0.03 + level, 0.027 + 0.50 * level, 0.024 + 0.18 * level), 0.5)

    @property
    def _foot(self) -> tuple[float, float, float]:
        return self.spot.x_m, self.spot.y_m, self.spot.z_m

    def _wick(self, easel: Easel, ember: float) -> None:
        x, y, z = self.wick
        line = np.array([(0.0, -0.012), (0.0006, -0.004), (0.0022, 0.002), (0.0045, 0.005)])
        outline = easel.outline(stroke(line, [0.0026, 0.0026, 0.0024, 0.002]), (x, y, z))
        mask = easel.mask(outline)
        if mask is not None:
            easel.blend(mask, (0.012 + 2.2 * ember, 0.010 + 0.5 * ember, 0.010 + 0.05 * ember))

    def _flame(self, easel: Easel, t_s: float, level: float) -> None:
        """The flame's body in a small box: blue foot, dark wick zone, white-hot heart, amber tip; then its halo."""
        column, row, per_m = easel.project(*self.wick)
        stretch = 0.94 + 0.06 * math.sin(t_s * 4.3 + self.phase) + 0.05 * math.sin(t_s * 7.7)
        tall = _FLAME_M * per_m * stretch * level**0.5
        wide = 0.0115 * per_m * (2 - stretch) * level**0.5
        box_h, box_w = tall * 1.25 + 4, wide * 2.6 + abs(self._lean(t_s)) * per_m * 1.6 + 4
        y0, y1 = max(0, int(row - box_h)), min(easel.canvas.shape[1], int(row + 0.2 * tall) + 2)
        x0, x1 = max(0, int(column - box_w)), min(easel.canvas.shape[2], int(column + box_w) + 2)
        if y1 > y0 and x1 > x0 and tall > 1:
            up = (f32(row + 0.10 * tall) - np.arange(y0, y1, dtype=f32)[:, None]) / f32(tall)
            rise = np.clip(up, 0, 1)
            ripple = 0.05 * wide * np.sin(rise * 7 - t_s * 11) * rise
            centre = column + self._lean(t_s) * per_m * rise**1.7 + ripple
            girth = wide * (np.maximum(np.sin(math.pi * rise**0.58), 0) ** 0.85) * (1 - 0.18 * rise) + 0.4
            d2 = ((np.arange(x0, x1, dtype=f32)[None] - centre) / girth) ** 2
            inside = (up > 0) & (up < 1)
            body = np.clip(1 - d2, 0, 1) * inside
            core = (
                np.clip(1 - d2 * 2.2, 0, 1)
                * inside
                * smoothstep(up, 0.12, 0.42)
                * (1 - 0.55 * smoothstep(up, 0.6, 1.0))
            )
            hollow = 0.30 + 0.70 * smoothstep(up, 0.10, 0.36)
            foot = np.exp(-(((up - 0.06) / 0.09) ** 2)) * body
            shape = body**0.7 * hollow
            box = (slice(y0, y1), slice(x0, x1))
            for plane, (outer, inner, blue) in zip(
                easel.canvas, ((1.75, 3.0, 0.02), (0.62, 2.2, 0.10), (0.085, 1.05, 0.55)), strict=True
            ):
                plane[box] = plane[box] * (1 - 0.5 * shape) + (shape * outer + core * inner + foot * blue) * f32(
                    min(level, 1.15)
                )
        halo_row = row - 0.45 * tall
        for radius_m, share in ((0.36, 0.040), (0.13, 0.11)):
            gain = share * self.power
            easel.glow(column, halo_row, radius_m * per_m, (gain * level, 0.44 * gain * level, 0.13 * gain * level))


class _Thing:
    words = ThingWords(
        name="candle",
        words=("candle", "candlelight", "candle flame", "taper", "tea light"),
        doings={
            "burn": DoingWords(words=("burn", "flicker", "glow", "lit", "shine"), duration_s=4.0, lasting=True),
            "go_out": DoingWords(
                words=(
                    "go out",
                    "goes out",
                    "blow out",
                    "blown out",
                    "is snuffed",
                    "snuff",
                    "extinguish",
                    "die",
                    "dies",
                ),
                duration_s=1.0,
            ),
            "light": DoingWords(words=("is lit", "light up", "lights", "strike a match", "catches"), duration_s=1.0),
        },
        places={"window_room": ("sill", "table", "sill_left", "table_left", "table_right")},
        usual="burn",
        material="wax",
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """See `Thing.block`."""
        spot = scene.spot(member, self.words)
        switches = sorted((scene.action_s(a), a.does == "light") for a in actions if a.does in ("go_out", "light"))
        lit_first = not (switches and switches[0][1])
        burning = _Burning(lit_first, tuple(switches))
        group = [
            _Candle(
                replace(spot, x_m=spot.x_m + x, z_m=spot.z_m + z),
                burning,
                scene.seed % 17 + 5 * i,
                (_WAX_M * tall, min(5, member.count) ** -0.5),
            )
            for i, (x, z, tall) in enumerate(_GROUP[: member.count])
        ]
        group.sort(key=lambda candle: -candle.spot.z_m)

        def paint(easel: Easel, t_s: float) -> None:
            for candle in group:
                candle.paint(easel, t_s)

        def lights(t_s: float) -> tuple[PointLight, ...]:
            return tuple(light for candle in group for light in candle.lights(t_s))

        cues = tuple(
            scene.cue("candle lit" if lit else "candle blown out", member.id, at_s, force=0.4) for at_s, lit in switches
        )
        sounds = (candle_puff, match_strike)
        where = scene.position(lambda t_s: group[0].wick)  # noqa: ARG005 - it stands still
        sources = tuple(
            (
                Stem.EFFECTS,
                event(cue.label, cue, partial(sounds[lit], scene.sound_seed), position=where, room=scene.room),
            )
            for cue, (_, lit) in zip(cues, switches, strict=True)
        )
        return Part(
            who=member.id,
            thing="candle",
            depth_m=spot.z_m,
            paint=paint,
            lights=lights,
            cues=cues,
            sources=sources,
            layer="sill",
        )


THING = _Thing()
