"""What a place and a thing are to the stage: the scene they stand in, the parts they play, and the easel they paint on.

A shot is staged in this order:
  1. the place gives its lens and spots; the Timeline's camera becomes a path of views;
  2. each cast member's thing is *blocked* in the `Scene`: out comes a `Part` (tracks, cues, lights, sounds);
  3. the place is *built*: static layers painted once, a `Set` that paints any instant.
After that, painting is a pure function of time, so frames render in any order on any core.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np

from clapboard import clock
from clapboard.engines.stage.camera import CameraPath, Lens, View
from clapboard.engines.stage.curves import Curve
from clapboard.engines.stage.develop import Grade
from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.kernels import Canvas, Plane, f32
from clapboard.engines.stage.raster import Mask, Outline, fill
from clapboard.take import Cue, Position, Source
from clapboard.timeline import Acoustics, Action, Hour, Member, Season, Stem
from clapboard.vocabulary import PlaceWords, ThingWords

Rgb = tuple[float, float, float]
"""Linear light."""


def plus(a: Rgb, b: Rgb, gain: float = 1.0) -> Rgb:
    """a + gain * b."""
    return (a[0] + b[0] * gain, a[1] + b[1] * gain, a[2] + b[2] * gain)


def times(light: Rgb, by: Rgb | float) -> Rgb:
    """light * by, channel by channel."""
    red, green, blue = by if isinstance(by, tuple) else (by, by, by)
    return (light[0] * red, light[1] * green, light[2] * blue)


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where a thing can be: its foot in world metres, and how large a thing of one metre is drawn there."""

    x_m: float
    y_m: float
    z_m: float
    scale: float = 1.0
    look_m: float = 0.5
    """Height above the foot that a camera with its focus here looks at, for a thing of this scale."""


def spot_of(member: Member, allowed: Sequence[str], spots: Mapping[str, Spot]) -> Spot:
    """Where a member is: the spot that it was given, or the first that its thing may have."""
    usual = spots[allowed[0]]
    return usual if member.at is None else spots.get(member.at, usual)


def _numbers(key: Sequence[int | str]) -> list[int]:
    return [part if isinstance(part, int) else int.from_bytes(part.encode()[:8], "little") for part in key]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """Facts of one shot that blocking, building and sounding share. Film times; the shot starts at `start_s`."""

    place: str
    hour: Hour
    season: Season | None
    seed: int
    fps: Fraction
    first_frame: int
    num_frames: int
    size_px: tuple[int, int]
    weather: Mapping[str, Curve]
    """rain, snow, fog, wind, clouds, aurora: film seconds -> 0..1."""
    spots: Mapping[str, Spot]
    lens: Lens
    view: CameraPath
    """Film seconds -> view."""
    room: Acoustics
    sound_seed: int = 0
    """Seed of the sounds: a retake changes it and leaves what is seen, and when, as it was."""

    @property
    def start_s(self) -> float:
        """Film time of the shot's first frame."""
        return float(clock.frame_time(self.first_frame, self.fps))

    @property
    def end_s(self) -> float:
        """Film time of the end of the shot's last frame."""
        return float(clock.frame_time(self.first_frame + self.num_frames, self.fps))

    def spot(self, member: Member, words: ThingWords) -> Spot:
        """Where a member is."""
        return spot_of(member, words.places[self.place], self.spots)

    def rng(self, *key: int | str) -> np.random.Generator:
        """Random numbers for what is seen; they depend only on the seed and this key."""
        return np.random.default_rng([self.seed, *_numbers(key)])

    def level(self, name: str, t_s: float | None = None) -> float:
        """A weather value at a film time, or its mean over the shot."""
        times = np.linspace(self.start_s, self.end_s, 9) if t_s is None else np.array([t_s])
        return float(self.weather[name](times).mean())

    def action_s(self, action: Action) -> float:
        """Film time of an action, on its frame boundary."""
        return float(clock.frame_time(self.first_frame + clock.frame_at(action.at_s, self.fps), self.fps))

    def cue(
        self, label: str, who: str, t_s: float, *, stem: Stem = Stem.EFFECTS, impact: bool = False, force: float = 0.6
    ) -> Cue:
        """A cue seen on the frame nearest to film time `t_s`, heard from that frame's first sample."""
        frame = clock.frame_at(t_s, self.fps)
        heard = clock.first_sample(frame, self.fps)
        return Cue(label=label, who=who, stem=stem, seen_frame=frame, heard_sample=heard, impact=impact, force=force)

    def position(self, track: Callable[[float], tuple[float, float, float]]) -> Position:
        """Where a moving world point is heard: panned as the camera sees it, as far as it is."""

        def place(t_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            azimuth, distance = np.empty(len(t_s)), np.empty(len(t_s))
            for i, t in enumerate(t_s):
                x, _, z = track(float(t))
                view = self.view(float(t))
                azimuth[i] = view.azimuth(x, z)
                distance[i] = max(0.3, float(np.hypot(x - view.x_m, z - view.z_m)) / view.zoom)
            return azimuth, distance

        return place


@dataclass(frozen=True, kw_only=True, slots=True)
class PointLight:
    """A flame or a lamp: where, its colour at one metre, and the distance at which it has fallen to half."""

    x_m: float
    y_m: float
    z_m: float
    rgb: Rgb
    reach_m: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one cast member does in one shot. `paint` draws it at a film time; `depth_m` orders the painting."""

    who: str
    thing: str
    depth_m: float
    paint: "Callable[[Easel, float], None]"
    cues: tuple[Cue, ...] = ()
    sources: tuple[tuple[Stem, Source], ...] = ()
    lights: Callable[[float], Sequence[PointLight]] = field(default=lambda t_s: ())  # noqa: ARG005
    layer: str = ""
    """Free word that the place may sort by ("sea", "sky", "sill")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surface:
    """How a shape takes light: its own colour under the set's ambient light, the rim that the light behind draws on its
    edge, the warm share from point lights, and light of its own."""

    albedo: Rgb = (0.02, 0.02, 0.025)
    rim: float = 0.6
    rim_px: float = 3.0
    warm: float = 1.0
    emission: Rgb = (0.0, 0.0, 0.0)
    texture: Plane | None = None
    """Multiplies the albedo; a plane of the mask's box or larger is cut to it from its top left."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lighting:
    """The light on a shape: from all round, from behind (for rims; None takes the canvas behind it), from flames."""

    ambient: Rgb
    key: Rgb = (0.0, 0.0, 0.0)
    key_from: tuple[float, float] = (0.0, -1.0)
    """Direction to the key light in the picture (x right, y down), unit length."""
    points: tuple[PointLight, ...] = ()
    fog: Rgb = (0.0, 0.0, 0.0)
    fog_per_m: float = 0.0


class Easel:
    """A canvas, the view it is painted by and the light; what things paint on. One per frame and thread."""

    def __init__(self, canvas: Canvas, view: View, light: Lighting, behind: Canvas | None = None) -> None:
        self.canvas = canvas
        self.view = view
        self.light = light
        self.behind = behind
        """A soft picture [3, h', w'] of what lies behind, for rims; any size."""

    @property
    def unit(self) -> float:
        """Pixels per pixel at 720 lines."""
        return self.view.height_px / 720

    def project(self, x_m: float, y_m: float, z_m: float) -> tuple[float, float, float]:
        """World point -> column, row, pixels a metre."""
        return self.view.project(x_m, y_m, z_m)

    def outline(self, shape: np.ndarray, foot: tuple[float, float, float], scale: float = 1.0) -> Outline:
        """A shape in its own metres (y up) standing at a world point, as pixels."""
        column, row, per_m = self.project(*foot)
        return (np.asarray(shape) * [per_m * scale, -per_m * scale] + [column, row]).astype(f32)

    def mask(self, *outlines: np.ndarray) -> Mask | None:
        """Coverage of outlines in pixels."""
        return fill(outlines, self.view.width_px, self.view.height_px)

    def haze(self, depth_m: float) -> float:
        """Share of a thing at this depth that the fog still shows."""
        return float(np.exp(-self.light.fog_per_m * max(0.0, depth_m - self.view.z_m)))

    def blend(self, mask: Mask, rgb: Sequence[Plane | float], opacity: float = 1.0) -> None:
        """Paint a colour, or planes of the mask's box, through a mask."""
        rows, columns = mask.box
        alpha = mask.alpha if opacity == 1.0 else mask.alpha * f32(opacity)
        for plane, value in zip(self.canvas, rgb, strict=True):
            plane[rows, columns] += (value - plane[rows, columns]) * alpha

    def shape(self, outlines: Sequence[np.ndarray], surface: Surface, depth_m: float) -> Mask | None:
        """Fill outlines (pixels) as a lit solid: ambient, key side, rim, flames, fog. Returns its mask."""
        from clapboard.engines.stage.shading import shade

        mask = self.mask(*outlines)
        if mask is not None:
            self.blend(mask, shade(self, mask, surface, depth_m))
        return mask

    def glow(self, x_px: float, y_px: float, radius_px: float, rgb: Rgb, stretch: float = 1.0) -> None:
        """Add one soft glow."""
        spot = Spots(x=x_px, y=y_px, radius_x=radius_px, radius_y=radius_px * stretch, rgb=rgb)
        add_glows(self.canvas, spot)


class Set(Protocol):
    """A place built for one shot. Several threads paint with it at once, so it holds no frame state."""

    grade: Grade

    def paint(self, canvas: Canvas, t_s: float) -> None:
        """Paint the whole picture of film time `t_s`, parts included, onto an undefined canvas [3, h, w]."""
        ...


class Place(Protocol):
    """One file in `places/` defines `PLACE`, an object of this form."""

    words: PlaceWords
    lens: Lens
    spots: Mapping[str, Spot]

    def build(self, scene: Scene, parts: Sequence[Part]) -> Set:
        """Paint the static layers and return the set; `parts` are the blocked cast."""
        ...


class Thing(Protocol):
    """One file in `things/` defines `THING`, an object of this form."""

    words: ThingWords

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """Decide everything that the member does in the shot."""
        ...
