"""A paved yard at dusk: a house door under a lamp, a small pond, a low wall, and a road behind it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from clapboard.engines.stage.camera import Lens, View, union_margin
from clapboard.engines.stage.curves import at
from clapboard.engines.stage.cutout import Cutout
from clapboard.engines.stage.develop import Grade
from clapboard.engines.stage.falling import paint_rain, paint_snow
from clapboard.engines.stage.glow import Spots, add_glows, bloom
from clapboard.engines.stage.kernels import Canvas, f32
from clapboard.engines.stage.light import LEVELS, weather_levels
from clapboard.engines.stage.lightning import FLASH_RGB, THUNDER, flash_at, flashes_at
from clapboard.engines.stage.mist import Mist
from clapboard.engines.stage.scene import Easel, Part, Rgb, Scene, Spot, times
from clapboard.engines.stage.shore import paint_spatter
from clapboard.engines.stage.sky import Sky, build_sky
from clapboard.engines.stage.yard import SPOTS, WALL_Z_M, pond, squeeze
from clapboard.engines.stage.yard_air import paint_moths, paint_smoke
from clapboard.engines.stage.yard_ground import Ground, Water, paint_ground
from clapboard.engines.stage.yard_light import LAMPS, Yard, yard_light
from clapboard.engines.stage.yard_walls import lamp_glows, paint_far, paint_house, paint_wall
from clapboard.timeline import Acoustics
from clapboard.vocabulary import PlaceWords

GRADES: Final = {
    "dawn": Grade(exposure=1.05, contrast=1.05, saturation=1.02, vignette=0.34, gain_rgb=(1.02, 1.0, 0.99)),
    "day": Grade(exposure=0.92, contrast=1.06, saturation=1.04, vignette=0.28, gain_rgb=(1.02, 1.0, 0.98)),
    "dusk": Grade(exposure=1.9, contrast=1.06, saturation=1.04, vignette=0.34, lift_rgb=(0.0, 0.0, 0.003)),
    "night": Grade(exposure=3.0, contrast=1.05, saturation=1.0, vignette=0.38, highlight_desaturation=0.28),
}
_FLASH_LIGHT: Final = 1.6
"""How many times brighter a bolt near by makes what stands still."""
_SKY_FLASH: Final = 0.22
"""Light that a bolt near by gives to all of the sky."""
_BOLTS_SPREAD: Final = 0.62
_BOLTS_ASIDE: Final = 0.22
"""Lightning falls from -0.55 to 0.42 (tangents); what is seen beside the house goes from -0.2 to 0.5."""
_SOAK_S: Final = 0.6
"""Full rain wets the paving by two thirds in this time (shortened: a shot is short)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _YardSet:
    """The painted layers of one shot, far to near."""

    yard: Yard
    parts: Sequence[Part]
    grade: Grade
    sky: Sky
    far: Cutout
    ground: Ground
    water: Water
    wall: Cutout
    house: Cutout
    mist: Mist
    wetness: tuple[np.ndarray, np.ndarray]
    """Film seconds and how wet the ground is then, 0..1."""

    def paint(self, canvas: Canvas, t_s: float) -> None:
        """The whole picture of a film time."""
        scene, light = self.yard.scene, self.yard.light
        view = scene.view(t_s)
        now = {name: at(scene.weather[name], t_s) for name in LEVELS}
        flash = flash_at(self.parts, t_s) * light.flash_gain
        gain = 1 + _FLASH_LIGHT * flash
        lights = self.yard.lamps() + tuple(p for part in self.parts if part.thing != THUNDER for p in part.lights(t_s))
        easel = Easel(canvas, view, light.lighting(view, lights, times(FLASH_RGB, 0.45 * flash)))
        self._paint_storm(canvas, easel, t_s, flash)
        self.ground.draw(canvas, view, gain, float(np.interp(t_s, *self.wetness)))
        self.far.draw(canvas, view, gain)
        self.mist.paint(canvas, view, t_s)
        dry = max(0.0, 1 - 4 * max(now["rain"], now["snow"]))
        paint_smoke(self.yard, easel, t_s, now["wind"], dry)
        self._play(easel, t_s, 100.0, WALL_Z_M)
        self.wall.draw(canvas, view, gain)
        self.water.draw(canvas, view, t_s, (now["wind"], now["rain"]), times(FLASH_RGB, flash))
        self.house.draw(canvas, view, gain)
        self._paint_lamps(easel)
        paint_moths(self.yard, easel, t_s, dry)
        self._play(easel, t_s, WALL_Z_M, -math.inf)
        self._paint_weather(canvas, view, t_s, now, flash)
        bloom(canvas)

    def _paint_storm(self, canvas: Canvas, easel: Easel, t_s: float, flash: float) -> None:
        """The sky, lit up all over by lightning, and the bolts: drawn together so that none hides behind the house."""
        view, aside = easel.view, _BOLTS_ASIDE * squeeze(self.yard.scene)
        flashes = flashes_at(self.parts, t_s)
        moved = tuple(replace(one, azimuth=_BOLTS_SPREAD * one.azimuth + aside) for one in flashes)
        self.sky.draw(canvas, view, t_s, moved)
        if not flashes:
            return
        for plane, colour in zip(canvas, FLASH_RGB, strict=True):
            plane[: self.sky.rows(view)] += f32(_SKY_FLASH * flash * colour)
        horizon = view.lens.horizon - 0.5
        zoom = view.zoom * _BOLTS_SPREAD
        pan = (view.pan * view.zoom - aside * view.lens.focal * view.zoom) / zoom
        tilt = (horizon + view.tilt) / _BOLTS_SPREAD - horizon
        aimed = Easel(canvas, replace(view, zoom=zoom, pan=pan, tilt=tilt), easel.light)
        self._play(aimed, t_s, math.inf, 100.0)

    def _play(self, easel: Easel, t_s: float, farthest_m: float, nearest_m: float) -> None:
        """Paint the parts whose depth lies above `nearest_m` up to `farthest_m`."""
        for part in self.parts:
            if nearest_m < part.depth_m <= farthest_m:
                part.paint(easel, t_s)

    def _paint_lamps(self, easel: Easel) -> None:
        """The air round the lamps."""
        for point, radius_m, rgb in lamp_glows(self.yard):
            x, y, per_m = easel.project(*point)
            add_glows(easel.canvas, Spots(x=x, y=y, radius_x=radius_m * per_m, radius_y=radius_m * per_m, rgb=rgb))

    def _paint_weather(self, canvas: Canvas, view: View, t_s: float, now: Mapping[str, float], flash: float) -> None:
        colours, seed = self.yard.light.colours, self.yard.scene.seed
        lit = [1.2 * a + 1.2 * m + f * flash for a, m, f in zip(colours.ambient, colours.mid, FLASH_RGB, strict=True)]
        rgb: Rgb = (lit[0], lit[1], lit[2])
        if now["rain"] > 0.01:
            paint_spatter(canvas, view, t_s, now["rain"], rgb, 0.0, seed)
            paint_rain(canvas, view, t_s, now["rain"], now["wind"], rgb, seed)
        if now["snow"] > 0.01:
            paint_snow(canvas, view, t_s, now["snow"], now["wind"], rgb, seed)


def _wetness(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """How wet the ground becomes: it soaks while it rains and starts as the shot's first instant left it."""
    step_s = 0.05
    t_s = np.arange(scene.start_s, scene.end_s + step_s, step_s)
    rain = np.clip(scene.weather["rain"](t_s), 0, 1)
    fallen_s = np.concatenate([[0.0], np.cumsum(rain[:-1]) * step_s])
    dry = (1 - min(1.0, 1.5 * float(rain[0]))) * np.exp(-fallen_s / _SOAK_S)
    return t_s, 1 - dry


class _YardPlace:
    words = PlaceWords(
        name="yard",
        words=("yard", "backyard", "front yard", "courtyard", "driveway", "doorstep", "patio", "garden", "porch"),
        spots=tuple(SPOTS),
        spot_words={
            "porch": ("door", "front door", "house door"),
            "middle": ("paving", "ground"),
            "pond": ("water", "pool", "garden pond"),
            "road": ("street", "lane"),
        },
        acoustics=Acoustics(space="yard", distance_m=4.5),
        beds=("mountain_air",),
        hour="dusk",
        weather_beds={"rain": "rain_open", "wind": "wind_leaves", "snow": "snow_hush"},
        hour_beds={"night": ("insects",), "dawn": ("birdsong",)},
    )
    lens = Lens(horizon=0.33, focal=1.70, eye_m=1.5, travel_m=0.5)
    spots: Mapping[str, Spot] = SPOTS

    def build(self, scene: Scene, parts: Sequence[Part]) -> _YardSet:
        """Paint sky, trees, ground, walls and house."""
        levels = weather_levels(scene)
        light = yard_light(scene, levels)
        sky = build_sky(scene, light)
        light = light.veiled(sky.horizon_rgb(), 0.6)
        views = [scene.view(float(t)) for t in np.linspace(scene.start_s, scene.end_s, 9)]
        snow = max(levels["snow"] * 1.1, 0.55 if scene.season == "winter" else 0.0)
        yard = Yard(scene=scene, light=light, home=views[0], snow=min(1.0, snow), lamp=LAMPS[scene.hour])
        pool = pond(scene)
        return _YardSet(
            yard=yard,
            parts=sorted(parts, key=lambda part: -part.depth_m),
            grade=_grade(scene, light.cover),
            sky=sky,
            far=paint_far(yard, union_margin(views, 30.0)),
            ground=paint_ground(yard, pool, union_margin(views, 4.0)),
            water=Water(yard, pool),
            wall=paint_wall(yard, union_margin(views, WALL_Z_M)),
            house=paint_house(yard, union_margin(views, 5.5)),
            mist=Mist(light, levels["fog"], levels["wind"], scene.seed),
            wetness=_wetness(scene),
        )


def _grade(scene: Scene, cover: float) -> Grade:
    """The hour's look; under clouds the shot is exposed longer."""
    grade = GRADES[scene.hour]
    return replace(grade, exposure=grade.exposure * (1 + 0.35 * cover**3)) if scene.hour == "night" else grade


PLACE = _YardPlace()
