"""A camp by a mountain lake: peaks and pines mirrored in still water, a tent, a ring of stones for a fire."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from clapboard.engines.stage.aurora import paint_aurora
from clapboard.engines.stage.camera import Lens, View
from clapboard.engines.stage.camping import LAMP, LAMPS, paint_lantern, paint_seat, paint_tent, tent_footing
from clapboard.engines.stage.curves import at
from clapboard.engines.stage.cutout import Cutout
from clapboard.engines.stage.develop import Grade
from clapboard.engines.stage.falling import paint_rain, paint_snow
from clapboard.engines.stage.glow import Spots, add_glows, bloom
from clapboard.engines.stage.kernels import Canvas, f32
from clapboard.engines.stage.light import LEVELS, Light, sun_light, weather_levels
from clapboard.engines.stage.lightning import FLASH_RGB, flash_at, flashes_at
from clapboard.engines.stage.pines import Stand, paint_pines
from clapboard.engines.stage.scene import Easel, Part, PointLight, Rgb, Scene, Spot
from clapboard.engines.stage.shore import Footing, paint_shore, paint_spatter
from clapboard.engines.stage.sky import Sky, build_sky
from clapboard.engines.stage.stillwater import LakeLook, paint_lake, reach_px
from clapboard.engines.stage.wilds import LakeMist, Land, Layer, paint_far
from clapboard.timeline import Acoustics
from clapboard.vocabulary import PlaceWords

BANK_M: Final = 0.25
"""Height of the camp's ground above the lake."""
FIRELIGHT: Final[Rgb] = (1.0, 0.36, 0.075)
"""The fire at its usual strength, for the still layers; about 1900 K."""
_FIRE_GAIN: Final = 1.35
_FLASH_LIGHT: Final = 1.4
"""How many times brighter a bolt near by makes the still land."""
_WATER_FROM_M: Final = 9.3
"""Nearer than this the bank hides the lake everywhere."""

GRADES: Final = {
    "dawn": Grade(exposure=1.0, contrast=1.05, saturation=1.02, vignette=0.38, gain_rgb=(1.02, 1.0, 0.99)),
    "day": Grade(exposure=0.92, contrast=1.06, saturation=1.04, vignette=0.32, gain_rgb=(1.02, 1.0, 0.98)),
    "dusk": Grade(exposure=1.08, contrast=1.05, saturation=1.0, vignette=0.42, lift_rgb=(0.001, 0.0, 0.003)),
    "night": Grade(exposure=2.2, contrast=1.05, saturation=1.0, vignette=0.46, highlight_desaturation=0.28),
}

_LENS: Final = Lens(horizon=0.585, focal=0.95, eye_m=2.1, travel_m=0.7)
_TENT: Final = (-1.78, BANK_M, 7.55)
_SEAT: Final = (2.15, BANK_M, 7.15)
_LANTERN: Final = (-0.92, BANK_M, 7.05)
_SPOTS: Final = {
    "fire_ring": Spot(x_m=0.50, y_m=BANK_M, z_m=6.6),
    "shore": Spot(x_m=2.1, y_m=BANK_M, z_m=7.1),
    "lake": Spot(x_m=4.0, y_m=0.0, z_m=40.0),
    "sky": Spot(x_m=2.0, y_m=14.0, z_m=40.0),
    "trees": Spot(x_m=4.75, y_m=3.15, z_m=8.6),
}


def _stands(narrow: float) -> tuple[Stand, ...]:
    """Groups of trees from far to near; a narrow picture brings them nearer to its middle."""
    k = max(0.42, narrow)
    middle = {"depth_m": 24.0, "tall_m": (5.5, 10.5), "apart_m": 1.35, "foot_m": 0.2, "wide": 0.19, "fine": 0.55}
    near = {"depth_m": 14.0, "tall_m": (6.2, 10.8), "apart_m": 1.45, "foot_m": 0.2, "wide": 0.20}
    return (
        Stand(span_m=(-32.0, -12.0 * k), **middle),
        Stand(span_m=(13.5 * k, 33.0), **middle),
        Stand(span_m=(-17.0, -7.9 * k), **near),
        Stand(span_m=(8.6 * k, 17.5), **near),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _LakeCamp:
    """The painted layers of one shot, far to near."""

    scene: Scene
    light: Light
    parts: Sequence[Part]
    grade: Grade
    sky: Sky
    far: Cutout
    trees: tuple[Layer, ...]
    shore: Layer
    camp: tuple[Layer, ...]
    mist: LakeMist
    tent: tuple[float, float, float]

    def paint(self, canvas: Canvas, t_s: float) -> None:
        """The whole picture of a film time."""
        view = self.scene.view(t_s)
        now = {name: at(self.scene.weather[name], t_s) for name in LEVELS}
        flash = flash_at(self.parts, t_s) / self.light.exposure
        lights = tuple(light for part in self.parts if part.thing != "thunder" for light in part.lights(t_s))
        fire = _times(FIRELIGHT, _FIRE_GAIN * max((light.rgb[0] for light in lights), default=0.0))
        self._paint_lake(canvas, view, t_s, now, (flash, fire))
        self.mist.paint(canvas, view, t_s, now["wind"])
        gain = 1 + _FLASH_LIGHT * flash
        for number, layer in enumerate(self.trees):
            if number == 2:
                self.shore.draw(canvas, view, gain, fire)
            layer.draw(canvas, view, gain, fire, self._lean_px(view, t_s, now["wind"], number))
        for layer in self.camp:
            layer.draw(canvas, view, gain, fire)
        self._paint_lamps(canvas, view)
        easel = Easel(canvas, view, self.light.lighting(view, lights, _times(FLASH_RGB, 0.5 * flash)))
        for part in self.parts:
            part.paint(easel, t_s)
        self._paint_weather(canvas, view, t_s, now, flash)
        bloom(canvas)

    def _paint_lake(
        self, canvas: Canvas, view: View, t_s: float, now: Mapping[str, float], lit: tuple[float, Rgb]
    ) -> None:
        """Sky and range, and under them the lake that mirrors them."""
        flash, fire = lit
        last, extra, above = _raised(view)
        upper = canvas
        if extra:  # the water mirrors more than the frame shows: paint the upper world on a taller canvas
            upper = np.zeros((3, math.ceil(above.horizon_px) + 3, view.width_px), f32)
        self.sky.draw(upper, above, t_s, flashes_at(self.parts, t_s))
        if self.scene.hour in ("night", "dusk"):
            paint_aurora(upper, above, t_s, now["aurora"] * (1 - 0.8 * self.light.cover**2))
        self.far.draw(upper, above, 1 + _FLASH_LIGHT * flash)
        first = max(0, math.ceil(view.horizon_px - 0.5))
        if extra:
            canvas[:, :first] = upper[:, extra : extra + first]
        colours = self.light.colours
        dark = 0.0 if self.light.hour == "day" else 1.0
        look = LakeLook(
            deep=_times(colours.water, 0.9 + 2 * flash),
            veil=colours.veil,
            fog_per_m=0.6 * self.light.fog_per_m,
            wind=now["wind"] ** 1.4,
            rain=now["rain"],
            fire=_times(fire, 0.16 * dark * (0.35 if self.light.hour != "night" else 1.0)),
            fire_x_m=self.scene.spots["fire_ring"].x_m * _WATER_FROM_M / self.scene.spots["fire_ring"].z_m,
        )
        paint_lake(canvas[:, :last], upper, above.horizon_px, view, t_s, look)
        canvas[:, last:] = 0

    def _lean_px(self, view: View, t_s: float, wind: float, number: int) -> float:
        """How far the tops of a group of trees lean in the wind; near ones are seen to move."""
        gust = (
            math.sin(0.9 * t_s + 1.7 * number)
            + 0.5 * math.sin(2.1 * t_s + 0.6 * number)
            + 0.25 * math.sin(4.3 * t_s + number)
        )
        return (0.4 + 0.6 * gust) * (0.8 + 9.0 * wind) * view.focal_px / 684 * (1.0 if number >= 2 else 0.5)

    def _paint_lamps(self, canvas: Canvas, view: View) -> None:
        """The glow round the tent and the lantern after dark."""
        level = LAMPS[self.light.hour]
        if level <= 0:
            return
        spots = [view.project(self.tent[0] + 0.1, self.tent[1] + 0.4, self.tent[2])]
        spots.append(view.project(self.tent[0] + _LANTERN[0] - _TENT[0], _LANTERN[1] + 0.12, _LANTERN[2]))
        sizes = np.array([(1.1, 0.9), (0.55, 0.5)]) * np.array([[spot[2]] for spot in spots])
        glow = np.array([[0.060], [0.16]]) * level * np.array([LAMP])
        x, y, _ = zip(*spots, strict=True)
        add_glows(canvas, Spots(x=x, y=y, radius_x=sizes[:, 0], radius_y=sizes[:, 1], rgb=glow))

    def _paint_weather(self, canvas: Canvas, view: View, t_s: float, now: Mapping[str, float], flash: float) -> None:
        colours = self.light.colours
        lit = [0.6 * a + 0.5 * m + f * flash for a, m, f in zip(colours.ambient, colours.mid, FLASH_RGB, strict=True)]
        rgb = (lit[0], lit[1], lit[2])
        if now["rain"] > 0.01:
            paint_spatter(canvas, view, t_s, now["rain"], rgb, BANK_M, self.scene.seed)
            paint_rain(canvas, view, t_s, now["rain"], now["wind"], rgb, self.scene.seed)
        if now["snow"] > 0.01:
            paint_snow(canvas, view, t_s, now["snow"], now["wind"], rgb, self.scene.seed)


def _times(rgb: Rgb, k: float) -> Rgb:
    return rgb[0] * k, rgb[1] * k, rgb[2] * k


def _raised(view: View) -> tuple[int, int, View]:
    """The last row with water, how many rows above the frame it mirrors, and the view that shows those too."""
    _, row, _ = view.project(0.0, 0.0, _WATER_FROM_M)
    last = min(view.height_px, max(math.ceil(view.horizon_px) + 4, math.ceil(row)))
    extra = max(0, reach_px(view, last) - math.floor(view.horizon_px))
    return last, extra, replace(view, tilt=view.tilt + extra / (view.height_px * view.zoom))


def _mirrored_too(scene: Scene, t_s: float) -> View:
    """The scene's views for the sky's painter, which takes the first as its own and the rest for its margins."""
    view = scene.view(t_s)
    return view if t_s <= scene.start_s else _raised(view)[2]


def _grade(light: Light) -> Grade:
    """The hour's look; a night under clouds is exposed longer."""
    grade = GRADES[light.hour]
    return replace(grade, exposure=grade.exposure * (1 + 0.45 * light.cover**3)) if light.hour == "night" else grade


def _calmer_fog(light: Light) -> Light:
    """The same light with a veil of less colour: fog between dark trees is greyer than fog over open water."""
    veil = light.colours.veil
    grey = 0.30 * veil[0] + 0.55 * veil[1] + 0.15 * veil[2]
    calm = (veil[0] + 0.40 * (grey - veil[0]), veil[1] + 0.40 * (grey - veil[1]), veil[2] + 0.40 * (grey - veil[2]))
    return replace(light, colours=replace(light.colours, veil=calm))


def _lasting_fire(parts: Sequence[Part], t_s: float) -> PointLight | None:
    """The fire that lights the still layers, at its usual strength."""
    lights = [light for part in parts if part.thing != "thunder" for light in part.lights(t_s)]
    return replace(lights[0], rgb=FIRELIGHT) if lights else None


class _LakeCampPlace:
    words = PlaceWords(
        name="lake_camp",
        words=(
            "camp",
            "campsite",
            "camping",
            "mountain lake",
            "lake",
            "lakeside",
            "lakeshore",
            "mountain",
            "tent",
            "forest",
            "pine",
            "wilderness",
            "clearing",
        ),
        spots=("fire_ring", "shore", "lake", "sky", "trees"),
        spot_words={"fire_ring": ("fire", "fire pit", "ring of stones"), "shore": ("bank", "ground", "stones")},
        acoustics=Acoustics(space="mountain lake", distance_m=4.0),
        beds=("mountain_air", "lake_lapping"),
        hour="night",
        usual_cast=("campfire",),
        weather_beds={"rain": "rain_on_leaves", "wind": "wind_pines", "snow": "snow_hush"},
        hour_beds={"night": ("insects",), "dawn": ("birdsong",)},
    )
    lens = _LENS
    spots: Mapping[str, Spot] = _SPOTS

    def build(self, scene: Scene, parts: Sequence[Part]) -> _LakeCamp:
        """Paint sky, range, trees, ground and camp."""
        levels = weather_levels(scene)
        light = sun_light(scene.hour, scene.season, levels)
        sky = build_sky(replace(scene, view=partial(_mirrored_too, scene)), light)
        light = _calmer_fog(light.veiled(sky.horizon_rgb(), 0.6))
        snow = max(levels["snow"] * 1.1, 0.55 if scene.season == "winter" else 0.0)
        land = Land(
            view=scene.view(scene.start_s),
            light=light,
            snow=min(1.0, snow),
            rain=levels["rain"],
            season=scene.season,
            seed=scene.seed,
            fire=_lasting_fire(parts, scene.start_s),
        )
        inward = 0.55 + 0.45 * land.narrow
        tent = (_TENT[0] * inward, _TENT[1], _TENT[2])
        seat = (_SEAT[0] * inward, _SEAT[1], _SEAT[2])
        lantern = (tent[0] + _LANTERN[0] - _TENT[0], _LANTERN[1], _LANTERN[2])
        standing = [*tent_footing(tent), Footing(seat[0] - 0.45, seat[2], 0.42), Footing(seat[0] + 0.4, seat[2], 0.5)]
        mist = {"dawn": 0.85, "day": 0.0, "dusk": 0.30, "night": 0.45}[scene.hour] * (1 - 0.7 * levels["wind"])
        return _LakeCamp(
            scene=scene,
            light=light,
            parts=sorted(parts, key=lambda part: -part.depth_m),
            grade=_grade(light),
            sky=sky,
            far=paint_far(land),
            trees=tuple(paint_pines(land, stand) for stand in _stands(land.narrow)),
            shore=paint_shore(land, BANK_M, standing),
            camp=(paint_tent(land, tent), paint_seat(land, seat), paint_lantern(land, lantern)),
            mist=LakeMist(light, min(1.0, mist + 0.8 * levels["fog"]), scene.seed),
            tent=tent,
        )


PLACE = _LakeCampPlace()
