"""A camp on the shore of a mountain lake: peaks and pines mirrored in still water, a tent, a ring of stones for a fire."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from clapboard.engines.stage.aurora import paint_aurora
from clapboard.engines.stage.camera import Lens, View
from clapboard.engines.stage.cutout import Cutout
from clapboard.engines.stage.develop import Grade
from clapboard.engines.stage.falling import paint_rain, paint_snow
from clapboard.engines.stage.glow import bloom
from clapboard.engines.stage.kernels import Canvas, f32
from clapboard.engines.stage.light import Light, sun_light, weather_levels
from clapboard.engines.stage.raster import Path
from clapboard.engines.stage.scene import Easel, Part, PointLight, Scene, Spot, Surface
from clapboard.engines.stage.sky import Sky, build_sky
from clapboard.engines.stage.water import WaterLook, Waves, lake_waves, mirror_view, paint_water
from clapboard.engines.stage.wilds import Land, Stand, paint_bank, paint_mist, paint_pines, paint_range
from clapboard.timeline import Acoustics
from clapboard.vocabulary import PlaceWords

BANK_M = 0.35
"""Height of the camp's ground above the lake."""

FAR_SHORE = Stand(depth_m=420, spans_m=((-900, 900),), tall_m=(16, 36), apart_m=5.0, foot_m=0.0, wide=0.24)
MIDDLE = Stand(depth_m=26, spans_m=((-40, -12.0), (13.0, 42)), tall_m=(5.0, 9.5), apart_m=1.15, foot_m=0.3, wide=0.22)
NEAR = Stand(depth_m=13.5, spans_m=((-18, -7.2), (7.6, 18)), tall_m=(6.0, 10.5), apart_m=1.05, foot_m=0.3, wide=0.21)

GRADES = {
    "dawn": Grade(exposure=1.15, contrast=1.05, saturation=1.03, vignette=0.40, gain_rgb=(1.03, 1.0, 0.98)),
    "day": Grade(exposure=0.92, contrast=1.06, saturation=1.06, vignette=0.34),
    "dusk": Grade(exposure=1.15, contrast=1.06, saturation=1.04, vignette=0.46, gain_rgb=(1.03, 0.99, 1.0)),
    "night": Grade(exposure=2.0, contrast=1.05, saturation=1.02, vignette=0.52, highlight_desaturation=0.28),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Layers:
    """Everything that stands still, far to near; `warm` cutouts are added with the fire's strength as gain."""

    far: tuple[Cutout, ...]
    mist: Cutout | None
    middle: tuple[Cutout, ...]
    bank: Cutout
    near: tuple[Cutout, ...]
    warm_bank: Cutout | None
    warm_middle: Cutout | None
    warm_near: Cutout | None


class LakeCamp:
    """The set. Painting order: sky, range, far pines, mist, lake with their mirror image, shore, camp, near pines."""

    def __init__(self, scene: Scene, parts: Sequence[Part]) -> None:
        levels = weather_levels(scene)
        self.grade = GRADES[scene.hour]
        self._scene = scene
        self._parts = sorted(parts, key=lambda part: -part.depth_m)
        self._light: Light = sun_light(scene.hour, scene.season, levels)
        self._sky: Sky = build_sky(scene, self._light)
        self._waves: Waves = lake_waves(0.6 * levels["wind"] ** 1.5, scene.seed)
        self._fire = next((light for part in parts for light in part.lights(scene.start_s)), None)
        snow = max(levels["snow"] * 1.1, 0.55 if scene.season == "winter" else 0.0)
        land = Land(
            view=scene.view(scene.start_s),
            light=self._light,
            snow=min(1.0, snow),
            season=scene.season,
            seed=scene.seed,
            fire=self._fire and _bright(self._fire),
        )
        self._snow = land.snow
        self._layers = _paint_layers(land, levels)

    def paint(self, canvas: Canvas, t_s: float) -> None:
        """The whole picture at a film time."""
        scene = self._scene
        view = scene.view(t_s)
        now = {name: float(curve(np.array([t_s]))[0]) for name, curve in scene.weather.items()}
        self._paint_far(canvas, view, t_s, now)
        mirror = np.empty((3, view.height_px // 2, view.width_px // 2), f32)
        below = mirror_view(view, mirror.shape[2], mirror.shape[1])
        mirror[:] = f32(0.002)
        self._paint_far(mirror, below, t_s, now)
        edge = self._water_rows(view)
        paint_water(canvas[:, :edge], mirror, view, t_s, self._waves, self._water(now))
        canvas[:, edge:] = 0
        self._paint_camp(canvas, view, t_s)
        light = self._air_light()
        if now["rain"] > 0.01:
            paint_rain(canvas, view, t_s, now["rain"], now["wind"], light, scene.seed)
        if now["snow"] > 0.01:
            paint_snow(canvas, view, t_s, now["snow"], now["wind"], light, scene.seed)
        bloom(canvas)

    def _paint_far(self, canvas: Canvas, view: View, t_s: float, now: Mapping[str, float]) -> None:
        self._sky.draw(canvas, view, t_s)
        if self._scene.hour in ("night", "dusk"):
            paint_aurora(canvas, view, t_s, now["aurora"] * (1 - 0.8 * self._light.cover**2))
        for cutout in self._layers.far:
            cutout.draw(canvas, view)
        if self._layers.mist is not None:
            drift = (t_s - self._scene.start_s) * (2 + 14 * now["wind"]) * view.height_px / 720
            self._layers.mist.draw(canvas, view, shift_px=drift)

    def _water_rows(self, view: View) -> int:
        """Rows down to where the bank hides the lake everywhere."""
        _, row, _ = view.project(0.0, 0.0, 5.2)
        return min(view.height_px, max(int(view.horizon_px) + 4, int(row)))

    def _water(self, now: Mapping[str, float]) -> WaterLook:
        colours = self._light.colours
        deep = (colours.water[0], colours.water[1], colours.water[2])
        return WaterLook(
            deep=deep,
            crest=(deep[0] * 2, deep[1] * 2.2, deep[2] * 2),
            far=colours.veil,
            fog_per_m=self._light.fog_per_m,
            rain=now["rain"],
            haze=0.12,
        )

    def _paint_camp(self, canvas: Canvas, view: View, t_s: float) -> None:
        layers = self._layers
        lights = tuple(light for part in self._parts for light in part.lights(t_s))
        glow = max((light.rgb[0] for light in lights), default=0.0)
        gain = glow / _bright(self._fire).rgb[0] if self._fire else 0.0
        for cutout, warm in zip(layers.middle, (layers.warm_middle,), strict=True):
            cutout.draw(canvas, view)
            if warm is not None:
                warm.draw(canvas, view, gain)
        layers.bank.draw(canvas, view)
        if layers.warm_bank is not None:
            layers.warm_bank.draw(canvas, view, gain)
        for cutout in layers.near:
            cutout.draw(canvas, view)
        if layers.warm_near is not None:
            layers.warm_near.draw(canvas, view, gain)
        easel = Easel(canvas, view, self._light.lighting(view, lights))
        behind = [part for part in self._parts if part.depth_m > TENT.z_m]
        for part in behind:
            part.paint(easel, t_s)
        _paint_tent(easel, self._scene.hour, self._snow)
        for part in self._parts:
            if part not in behind:
                part.paint(easel, t_s)

    def _air_light(self) -> tuple[float, float, float]:
        colours = self._light.colours
        r, g, b = (0.6 * a + 0.5 * m for a, m in zip(colours.ambient, colours.mid, strict=True))
        return r, g, b


def _bright(light: PointLight) -> PointLight:
    """The fire at its usual strength, for the static warm layers."""
    return replace(light, rgb=(1.0, 0.36, 0.075))


def _paint_layers(land: Land, levels: Mapping[str, float]) -> _Layers:
    peaks = paint_range(land, 5200, 1750, 1)
    hills = paint_range(land, 2300, 330, 2)
    shore, _ = paint_pines(land, FAR_SHORE)
    middle, warm_middle = paint_pines(land, MIDDLE)
    near, warm_near = paint_pines(land, NEAR)
    bank, warm_bank = paint_bank(land, BANK_M)
    mist = {"dawn": 0.75, "day": 0.0, "dusk": 0.3, "night": 0.35}[land.light.hour] + 0.9 * levels["fog"]
    return _Layers(
        far=(peaks, hills, shore),
        mist=paint_mist(land, min(1.2, mist)) if mist > 0.05 else None,
        middle=(middle,),
        bank=bank,
        near=(near,),
        warm_bank=warm_bank,
        warm_middle=warm_middle,
        warm_near=warm_near,
    )


TENT = Spot(x_m=-2.15, y_m=BANK_M, z_m=7.6)


def _paint_tent(easel: Easel, hour: str, snow: float) -> None:
    """A ridge tent seen from the side of its door: two sloping panels, a lamp inside when it is dark."""
    foot = (TENT.x_m, TENT.y_m, TENT.z_m)
    lamp = {"dawn": 0.25, "day": 0.0, "dusk": 0.7, "night": 1.0}[hour]
    body = Path().move(-1.30, -0.02).quad(-0.80, 0.62, -0.16, 1.34).quad(0.62, 0.70, 1.36, -0.04).line(0.9, -0.10)
    body = body.line(-0.86, -0.09).points()
    cloth = Surface(albedo=(0.42, 0.22, 0.085), rim=0.25, warm=0.55, emission=_times((0.030, 0.0145, 0.0045), lamp))
    easel.shape([easel.outline(body, foot)], cloth, TENT.z_m)
    door = Path().move(-0.16, 1.24).quad(0.06, 0.62, 0.50, -0.06).line(-0.20, -0.07).quad(-0.24, 0.6, -0.16, 1.24)
    inside = Surface(albedo=(0.20, 0.11, 0.05), rim=0.0, warm=0.15, emission=_times((0.125, 0.066, 0.020), lamp))
    easel.shape([easel.outline(door.points(), foot)], inside, TENT.z_m)
    x, y, per_m = easel.project(*foot)
    if lamp:
        easel.glow(x + 0.06 * per_m, y - 0.42 * per_m, 0.62 * per_m, _times((0.20, 0.105, 0.030), lamp), stretch=0.9)
    if snow > 0.3:
        cap = (
            Path()
            .move(-0.72, 0.74)
            .quad(-0.45, 1.05, -0.16, 1.40)
            .quad(0.25, 1.08, 0.66, 0.70)
            .quad(0.2, 1.0, -0.15, 1.24)
        )
        white = Surface(albedo=(0.8, 0.83, 0.9), rim=0.1)
        easel.shape([easel.outline(cap.quad(-0.42, 1.0, -0.72, 0.74).points(), foot)], white, TENT.z_m)
    ropes = [np.array([[-0.16, 1.34], [-0.17, 1.32], [-1.75, -0.03], [-1.72, -0.03]])]
    easel.shape([easel.outline(rope, foot) for rope in ropes], Surface(albedo=(0.2, 0.17, 0.14), rim=0.0), TENT.z_m)


def _times(rgb: tuple[float, float, float], k: float) -> tuple[float, float, float]:
    return rgb[0] * k, rgb[1] * k, rgb[2] * k


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
    lens = Lens(horizon=0.60, focal=0.95, eye_m=1.75, travel_m=0.7)
    spots: Mapping[str, Spot] = {
        "fire_ring": Spot(x_m=0.42, y_m=BANK_M, z_m=6.3),
        "shore": Spot(x_m=2.1, y_m=BANK_M, z_m=6.6),
        "lake": Spot(x_m=4.0, y_m=0.0, z_m=40.0),
        "sky": Spot(x_m=2.0, y_m=14.0, z_m=40.0),
        "trees": Spot(x_m=8.2, y_m=5.4, z_m=13.4),
    }

    def build(self, scene: Scene, parts: Sequence[Part]) -> LakeCamp:
        return LakeCamp(scene, parts)


PLACE = _LakeCampPlace()
