"""Thunder: lightning that lights the whole place, and its sound, late by the distance or when the Timeline says.

`onto` is the distance: "near" (a bolt that is drawn, heard 0.3 s later), "middle" (a glow with a far bolt, 2 s later),
"far" (a faint glow on the horizon whose rumble begins with it). `heard_at_s` overrides the delay.
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba types its numbers more narrowly than numpy's stubs do

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from clapboard import clock
from clapboard.engines.stage.kernels import f32
from clapboard.engines.stage.raster import stroke
from clapboard.engines.stage.scene import Easel, Part, PointLight, Rgb, Scene
from clapboard.engines.stage.sounding import event
from clapboard.take import Cue, Source
from clapboard.timeline import Action, Member, Stem
from clapboard.vocabulary import DoingWords, ThingWords

_FLASH_RGB: Final[Rgb] = (0.72, 0.78, 1.0)
_BOLT_RGB: Final[Rgb] = (0.80, 0.86, 1.0)
_AWAY_M: Final = 3000.0
"""Where all lightning is drawn, whatever its distance is to the ear: behind everything."""
_FAR_SOUND_M: Final = 6000.0
"""A far rumble sounds like one from 6 km, whenever it comes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Range:
    """How one distance looks and when it is heard."""

    delay_s: float
    sound_m: float
    level: float
    width: float
    """Of the glow, as a tangent."""
    height: float
    bolt: float


_RANGES: Final = {
    "near": _Range(delay_s=0.3, sound_m=103.0, level=1.25, width=0.75, height=0.45, bolt=1.0),
    "middle": _Range(delay_s=2.0, sound_m=686.0, level=0.55, width=0.45, height=0.30, bolt=0.35),
    "far": _Range(delay_s=0.0, sound_m=_FAR_SOUND_M, level=0.17, width=0.30, height=0.12, bolt=0.0),
}


@dataclass(frozen=True, slots=True)
class _Strike:
    """One flash: when it is seen, where, how strong, when its return strokes come, and its bolt's lines."""

    seen_s: float
    azimuth: float
    power: float
    range: _Range
    strokes: tuple[tuple[float, float], ...]
    """(seconds after the first, strength)."""
    lines: tuple[tuple[np.ndarray, float], ...]
    """Branches as tangents [n, 2] (right, up) with their share of the light."""

    def level(self, t_s: float) -> float:
        """Light of the flash, 0..about 1.3: each stroke leaps up on its frame and decays in about 60 ms."""
        age = t_s - self.seen_s
        if age < -1e-6 or age > 1.4:
            return 0.0
        total = sum(strength * math.exp(-(age - at_s) / 0.065) for at_s, strength in self.strokes if age >= at_s - 1e-6)
        glow = 0.10 * math.exp(-age / 0.35)
        return self.range.level * self.power * min(1.25, total + glow)


def _branch(rng: np.random.Generator, start: np.ndarray, end: np.ndarray, rough: float) -> np.ndarray:
    """A crooked line by midpoint displacement: [33, 2]."""
    points = np.stack([start, end])
    for _ in range(5):
        middle = 0.5 * (points[1:] + points[:-1])
        span = np.linalg.norm(points[1:] - points[:-1], axis=1, keepdims=True)
        middle = middle + rng.normal(0, 1, middle.shape) * span * rough * np.array([1.0, 0.45])
        points = np.insert(points, np.arange(1, len(points)), middle, axis=0)
    return points


def _bolt(rng: np.random.Generator, azimuth: float, top: float) -> tuple[tuple[np.ndarray, float], ...]:
    """The channel from the cloud to the ground and a few branches that do not reach it."""
    start = np.array([azimuth + rng.normal(0, 0.05), top])
    trunk = _branch(rng, start, np.array([azimuth, 0.004]), 0.16)
    lines = [(trunk, 1.0)]
    for at in rng.choice(np.arange(4, 26), 6, replace=False):
        root = trunk[at]
        way = np.array([rng.choice([-1, 1]) * rng.uniform(0.05, 0.16), -rng.uniform(0.4, 0.8) * root[1]])
        lines.append((_branch(rng, root, root + way, 0.17)[: int(rng.integers(14, 33))], float(rng.uniform(0.18, 0.5))))
    return tuple(lines)


class _Lightning:
    """The drawing; pure in time."""

    def __init__(self, strikes: Sequence[_Strike]) -> None:
        self.strikes = strikes

    def lights(self, t_s: float) -> tuple[PointLight, ...]:
        """Each flash as a far lamp in the cloud; its reach is the width of its glow. See `lightning.flashes_at`."""
        found = []
        for strike in self.strikes:
            level = strike.level(t_s)
            if level > 0.004:
                z = _AWAY_M
                rgb = (_FLASH_RGB[0] * level, _FLASH_RGB[1] * level, _FLASH_RGB[2] * level)
                x, y = strike.azimuth * z, strike.range.height * z
                found.append(PointLight(x_m=x, y_m=y, z_m=z, rgb=rgb, reach_m=strike.range.width * z))
        return tuple(found)

    def paint(self, easel: Easel, t_s: float) -> None:
        """Draw the bolts that are alight."""
        for strike in self.strikes:
            level = strike.level(t_s) / max(strike.range.level, 1e-3)
            if strike.lines and level > 0.05:
                self._channel(easel, strike, level)

    def _channel(self, easel: Easel, strike: _Strike, level: float) -> None:
        view, unit = easel.view, easel.unit
        height, width = easel.canvas.shape[1:]
        strength = level * strike.range.bolt * math.exp(-min(4.0, easel.light.fog_per_m * 900))
        for line, share in strike.lines:
            points = np.stack(
                [view.centre_px + line[:, 0] * view.focal_px, view.horizon_px - line[:, 1] * view.focal_px], 1
            )
            thick = (1.0 + 1.9 * strike.range.bolt) * unit * (0.45 + 0.55 * share)
            mask = easel.mask(stroke(points, np.linspace(thick, thick * 0.5, len(points))))
            if mask is None:
                continue
            pad = int(14 * unit) + 2
            rows, columns = mask.box
            box = (
                slice(max(0, rows.start - pad), min(height, rows.stop + pad)),
                slice(max(0, columns.start - pad), min(width, columns.stop + pad)),
            )
            core = np.zeros((box[0].stop - box[0].start, box[1].stop - box[1].start), f32)
            core[
                rows.start - box[0].start : rows.stop - box[0].start,
                columns.start - box[1].start : columns.stop - box[1].start,
            ] = mask.alpha
            halo = cv2.GaussianBlur(core, (0, 0), 6 * unit)
            for plane, colour in zip(easel.canvas, _BOLT_RGB, strict=True):
                plane[box] += (core * f32(9.0) + halo * f32(3.2)) * f32(strength * share * colour)


class Thunder:
    """See the top of the file."""

    words = ThingWords(
        name="thunder",
        words=("thunder", "lightning", "thunderstorm", "thunderclap", "thunderbolt", "lightning bolt", "storm clouds"),
        doings={
            "strike": DoingWords(
                words=(
                    "rumble",
                    "rumbles",
                    "roll",
                    "rolls",
                    "crack",
                    "cracks",
                    "strike",
                    "strikes",
                    "flash",
                    "boom",
                    "clap",
                    "growl",
                ),
                duration_s=4.0,
                every_s=5.0,
                distances_m={"near": 103.0, "middle": 686.0, "far": None},
            ),
        },
        places={"ocean_coast": ("sky",), "lake_camp": ("sky",), "window_room": ("sky",), "yard": ("sky",)},
        usual="strike",
        dresses=False,
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """A flash per strike, on its frame; its thunder when it arrives."""
        strikes: list[_Strike] = []
        cues: list[Cue] = []
        sources: list[tuple[Stem, Source]] = []
        for number, action in enumerate(actions):
            strike = _strike(scene, action, number)
            strikes.append(strike)
            cue = _cue(scene, member, action, strike)
            cues.append(cue)
            sources.append((Stem.EFFECTS, _rumble(cue, scene, strike, number)))
        drawing = _Lightning(strikes)
        return Part(
            who=member.id,
            thing="thunder",
            depth_m=_AWAY_M,
            paint=drawing.paint,
            cues=tuple(cues),
            sources=tuple(sources),
            lights=drawing.lights,
            layer="sky",
        )


def _strike(scene: Scene, action: Action, number: int) -> _Strike:
    rng = scene.rng("thunder", number)
    word = action.onto if action.onto in _RANGES else "middle"
    if action.onto is None and action.heard_at_s is not None:
        late_s = action.heard_at_s - action.at_s
        word = "near" if late_s < 1.0 else "middle" if late_s < 5.0 else "far"
    reach = _RANGES[word]
    aspect = min(1.0, scene.size_px[0] / scene.size_px[1] / (16 / 9))
    azimuth = float(rng.uniform(-0.55, 0.42)) * aspect
    strokes = [(0.0, 1.0)]
    for gap in rng.uniform(0.06, 0.13, int(rng.integers(2, 4))):  # return strokes follow within 0.3 s
        strokes.append((strokes[-1][0] + float(gap), float(rng.uniform(0.45, 0.95))))
    lines = _bolt(rng, azimuth, 0.42 if word == "near" else 0.20) if reach.bolt else ()
    return _Strike(scene.action_s(action), azimuth, 0.55 + 0.75 * action.force, reach, tuple(strokes), lines)


def _cue(scene: Scene, member: Member, action: Action, strike: _Strike) -> Cue:
    """Seen on the flash's frame, heard when the sound arrives: on that frame, or late to the sample."""
    seen = clock.frame_at(strike.seen_s, scene.fps)
    asked = action.heard_at_s
    late_s = strike.range.delay_s if asked is None else max(0.0, asked - action.at_s)
    heard = clock.first_sample(seen, scene.fps) + clock.sample_at(late_s)
    return Cue(
        label="thunder", who=member.id, stem=Stem.EFFECTS, seen_frame=seen, heard_sample=heard, force=action.force
    )


def _rumble(cue: Cue, scene: Scene, strike: _Strike, number: int) -> Source:
    from clapboard.engines.stage.sounds.thunder import thunder

    seed = scene.sound_seed + number
    metres = strike.range.sound_m

    def position(t_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # The generator has the distance in it; the desk only turns it with the camera.
        azimuth = np.array([scene.view(float(t)).azimuth(strike.azimuth * 1000, 1000.0) for t in t_s])
        return np.clip(azimuth, -1, 1) * 0.6, np.full(len(t_s), 1.0)

    gain_db = 8.0 * (cue.force - 0.6)
    return event("thunder", cue, lambda: thunder(metres, seed), position=position, gain_db=gain_db, room=scene.room)


THING = Thunder()
