"""The ocean from a low rock: far hills left, a headland right, the sun or the moon over the water between."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clapboard.engines.stage.camera import Lens, View
from clapboard.engines.stage.coast import GRASS, Ground, paint_boulders, paint_headland, paint_hills
from clapboard.engines.stage.curves import at
from clapboard.engines.stage.cutout import Cutout
from clapboard.engines.stage.develop import Grade
from clapboard.engines.stage.falling import paint_rain, paint_snow
from clapboard.engines.stage.glow import bloom
from clapboard.engines.stage.grass import Grass
from clapboard.engines.stage.kernels import Canvas, f32
from clapboard.engines.stage.light import Light, sun_light, weather_levels
from clapboard.engines.stage.lightning import FLASH_RGB, flash_at, flashes_at
from clapboard.engines.stage.mist import Mist
from clapboard.engines.stage.scene import Easel, Part, Rgb, Scene, Spot
from clapboard.engines.stage.sky import Sky, build_sky
from clapboard.engines.stage.surf import Surf
from clapboard.engines.stage.water import WaterLook, Waves, mirror_view, paint_water, sea_waves
from clapboard.timeline import Acoustics
from clapboard.vocabulary import PlaceWords

_LENS = Lens(horizon=0.555, focal=0.95, eye_m=2.6, travel_m=4.0)
_HILLS_M = 2600.0
_BOULDERS_M = 5.2
_PASSED_M = 0.4
"""Nearer than this the rocks are out of the picture on any lens."""
_SPLIT_PX = 30
"""Rows at 720 lines: things nearer to each other or to the horizon than this share one mirror."""
_FLASH_LIGHT = 1.4
"""How many times brighter a bolt near by makes the still land at night."""
_RAIN_SEEN = {"dawn": 1.0, "day": 1.0, "dusk": 1.3, "night": 2.6}
"""Rain's light against what the air gives it: by that alone heavy rain at night cannot be seen (judged on film)."""

_SPOTS = {
    "sea": Spot(x_m=-14.0, y_m=0.0, z_m=60.0, look_m=4.0),
    "near_sea": Spot(x_m=3.2, y_m=0.0, z_m=20.0, look_m=1.5),
    "far_sea": Spot(x_m=5.0, y_m=0.0, z_m=230.0, look_m=4.0),
    "air": Spot(x_m=5.5, y_m=7.8, z_m=25.0, scale=1.5),
    "headland": Spot(x_m=103.0, y_m=14.0, z_m=150.0, look_m=12.0),
    "foreground": Spot(x_m=-2.45, y_m=1.7, z_m=4.6),
    "sky": Spot(x_m=-500.0, y_m=900.0, z_m=3000.0),
}

_GRADES = {
    "dawn": Grade(contrast=1.04, saturation=1.0, vignette=0.45, lift_rgb=(0.002, 0.002, 0.005)),
    "day": Grade(contrast=1.06, saturation=0.98, vignette=0.35, gain_rgb=(1.02, 1.0, 0.98)),
    "dusk": Grade(contrast=1.06, saturation=1.0, vignette=0.5, lift_rgb=(0.002, 0.001, 0.004)),
    "night": Grade(contrast=1.05, saturation=0.92, vignette=0.5, lift_rgb=(0.0, 0.001, 0.003)),
}


@dataclass(frozen=True, slots=True)
class _Coast:
    """The painted layers of one shot."""

    scene: Scene
    light: Light
    parts: Sequence[Part]
    grade: Grade
    sky: Sky
    land: tuple[Cutout, ...]
    boulders: Cutout
    grass: Grass
    waves: Waves
    surf: Surf
    mist: Mist

    def paint(self, canvas: Canvas, t_s: float) -> None:
        """The whole picture of a film time."""
        view = self.scene.view(t_s)
        flash = flash_at(self.parts, t_s) * self.light.flash_gain
        self.sky.draw(canvas, view, t_s, flashes_at(self.parts, t_s))
        self._sea(canvas, view, t_s, flash)
        self._land(canvas, view, t_s, flash)
        shown = float(np.exp(-self.light.fog_per_m * self.surf.z_m))
        self.surf.paint(canvas, view, t_s, self._foam_rgb(flash), shown)
        self.mist.paint(canvas, view, t_s)
        easel = Easel(canvas, view, self.light.lighting(view, flash=_times(FLASH_RGB, flash * 0.5)))
        for part in _by_depth([part for part in self.parts if part.layer != "headland"]):
            part.paint(easel, t_s)
        if _BOULDERS_M - view.z_m > _PASSED_M:
            self.boulders.draw(canvas, view, 1 + _FLASH_LIGHT * flash)
            self.grass.paint(easel, t_s)
        self._falling(canvas, view, t_s, flash)
        bloom(canvas)

    def _sea(self, canvas: Canvas, view: View, t_s: float, flash: float) -> None:
        """The water, mirroring the upper world at half size; what floats is mirrored only by the water before it."""
        width, height = view.width_px // 2, view.height_px // 2
        mirror = np.zeros((3, height, width), f32)
        seen = mirror_view(view, width, height)
        self.sky.draw(mirror, seen, t_s, flashes_at(self.parts, t_s))
        self._land(mirror, seen, t_s, flash)
        easel = Easel(mirror, seen, self.light.lighting(seen, flash=_times(FLASH_RGB, flash * 0.5)))
        look = self._water_look(t_s, flash)
        done = max(0, int(view.horizon_px))
        for part in _by_depth([part for part in self.parts if part.layer in ("sea", "sky")]):
            if part.layer == "sea":
                row = int(view.project(0.0, 0.0, part.depth_m)[1])
                if row - done > _SPLIT_PX * view.height_px / 720:
                    paint_water(canvas, mirror, view, t_s, self.waves, look, rows=(done, row))
                    done = row
            part.paint(easel, t_s)
        paint_water(canvas, mirror, view, t_s, self.waves, look, rows=(done, view.height_px))

    def _land(self, canvas: Canvas, view: View, t_s: float, flash: float) -> None:
        """The shores and what stands on them."""
        for cutout in self.land:
            cutout.draw(canvas, view, 1 + _FLASH_LIGHT * flash)
        easel = Easel(canvas, view, self.light.lighting(view, flash=_times(FLASH_RGB, flash * 0.5)))
        for part in _by_depth([part for part in self.parts if part.layer == "headland"]):
            part.paint(easel, t_s)

    def _foam_rgb(self, flash: float) -> Rgb:
        colours = self.light.colours
        lit = [a * 1.15 + 0.22 * k + f * flash for a, k, f in zip(colours.ambient, colours.key, FLASH_RGB, strict=True)]
        return lit[0], lit[1], lit[2]

    def _water_look(self, t_s: float, flash: float) -> WaterLook:
        colours, weather = self.light.colours, self.scene.weather
        wind = at(weather["wind"], t_s)
        return WaterLook(
            deep=colours.water,
            crest=(colours.water[0] * 1.6 + colours.key[0] * 0.02, colours.water[1] * 2.4, colours.water[2] * 2.2),
            far=colours.veil,
            fog_per_m=self.light.fog_per_m,
            foam=max(0.0, (wind - 0.35) / 0.65),
            foam_rgb=self._foam_rgb(flash),
            rain=at(weather["rain"], t_s),
        )

    def _falling(self, canvas: Canvas, view: View, t_s: float, flash: float) -> None:
        weather, colours = self.scene.weather, self.light.colours
        rain, snow, wind = (at(weather[name], t_s) for name in ("rain", "snow", "wind"))
        air = [0.55 * a + 0.45 * m for a, m in zip(colours.ambient, colours.far, strict=True)]
        bolt = [flash * f for f in FLASH_RGB]
        if rain > 0:
            seen = _RAIN_SEEN[self.light.hour]
            rgb = (seen * air[0] + bolt[0], seen * air[1] + bolt[1], seen * air[2] + bolt[2])
            paint_rain(canvas, view, t_s, rain, wind, rgb, self.scene.seed)
        if snow > 0:
            rgb = (air[0] + bolt[0], air[1] + bolt[1], air[2] + bolt[2])
            paint_snow(canvas, view, t_s, snow, wind, rgb, self.scene.seed)


def _times(rgb: Rgb, share: float) -> Rgb:
    return rgb[0] * share, rgb[1] * share, rgb[2] * share


def _by_depth(parts: Sequence[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: -part.depth_m)


class OceanCoast:
    """See the top of the file."""

    words = PlaceWords(
        name="ocean_coast",
        words=(
            "ocean",
            "sea",
            "coast",
            "coastline",
            "shore",
            "seashore",
            "seaside",
            "bay",
            "beach",
            "waves",
            "surf",
            "cliff",
            "cliffs",
            "headland",
            "cove",
            "harbour",
            "harbor",
            "seascape",
            "open water",
            "atlantic",
            "pacific",
            "island",
        ),
        spots=tuple(_SPOTS),
        acoustics=Acoustics(space="open sea", distance_m=12.0),
        beds=("waves", "wind_sea"),
        weather_beds={"rain": "rain_on_water"},
        hour="dusk",
        usual_cast=("lighthouse", "sailboat", "gull"),
    )
    lens = _LENS
    spots = _SPOTS

    def build(self, scene: Scene, parts: Sequence[Part]) -> _Coast:
        """Paint sky and land."""
        weather = weather_levels(scene)
        light = sun_light(scene.hour, scene.season, weather)
        sky = build_sky(scene, light, lambda view: mirror_view(view, view.width_px, view.height_px))
        light = light.veiled(sky.horizon_rgb())
        snow = max(min(1.0, 1.5 * weather["snow"]), 0.25 if scene.season == "winter" else 0.0)
        ground = Ground(grass=GRASS[scene.season], snow=snow, seed=scene.seed)
        views = [scene.view(float(t_s)) for t_s in np.linspace(scene.start_s, scene.end_s, 9)]
        home, back = views[0], min(views, key=lambda view: view.z_m)
        head, near = scene.spots["headland"], scene.spots["foreground"]
        reach = head.x_m / _SPOTS["headland"].x_m  # narrow pictures bring everything nearer to the middle
        land = [paint_headland(home, light, ground, head.z_m, (head.x_m, head.y_m))]
        if weather["fog"] < 0.75:
            land.insert(0, paint_hills(home, light, ground, _HILLS_M, (-2700 * reach, -470 * reach)))
        foot = (near.x_m, near.y_m)
        sea = max(weather["wind"], 0.2)
        return _Coast(
            scene=scene,
            light=light,
            parts=parts,
            grade=replace(_GRADES[scene.hour], exposure=light.exposure),
            sky=sky,
            land=tuple(land),
            boulders=paint_boulders(back, light, ground, _BOULDERS_M, foot),
            grass=Grass(foot, _BOULDERS_M, ground, weather["wind"], scene.seed),
            waves=sea_waves(weather["wind"], scene.seed),
            surf=Surf((head.x_m - 48, head.x_m + 30), head.z_m, sea, scene.seed),
            mist=Mist(light, weather["fog"], weather["wind"], scene.seed),
        )


PLACE = OceanCoast()
