"""A room with a window on a city: rain on the glass, a wooden table below it, candle light inside, bokeh outside."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from clapboard.engines.stage.camera import Lens, View
from clapboard.engines.stage.city import City, CityLook, far_flakes, half_view
from clapboard.engines.stage.curves import at
from clapboard.engines.stage.develop import Grade
from clapboard.engines.stage.drops import Pane, PaneRain
from clapboard.engines.stage.falling import paint_rain
from clapboard.engines.stage.glass import Glints, paint_drops, paint_mist, paint_tracks
from clapboard.engines.stage.glow import Spots, add_glows, bloom, blur
from clapboard.engines.stage.interior import Bar, BarLight, TableLook, paint_bars, paint_table, wood_texture
from clapboard.engines.stage.kernels import Canvas, f32, fbm
from clapboard.engines.stage.lightning import FLASH_RGB, flash_at
from clapboard.engines.stage.rime import Light, make_rime
from clapboard.engines.stage.scene import Easel, Lighting, Part, PointLight, Rgb, Scene, Spot, plus, times
from clapboard.timeline import Acoustics
from clapboard.vocabulary import PlaceWords

PANE_M = 1.60
"""Distance of the glass; the table reaches from it towards the camera."""
_LENS = Lens(horizon=0.58, focal=1.2, eye_m=0.30, travel_m=0.22)
_BARS_M = PANE_M - 0.04
"""Distance of the window's bars and of the table's far edge."""
_PAINT: Rgb = (0.14, 0.125, 0.115)
"""Albedo of the window's bars: old dark paint."""
_MOST_LIGHTS = 5
_FAR_M = 25.0
"""Lights beyond this are outside (lightning), not in the room."""

_SPOTS = {
    "sill": Spot(x_m=0.0, y_m=0.0, z_m=1.42, look_m=0.14),
    "sill_left": Spot(x_m=-0.58, y_m=0.0, z_m=1.40, look_m=0.14),
    "sill_right": Spot(x_m=0.62, y_m=0.0, z_m=1.42, look_m=0.22),
    "table": Spot(x_m=0.10, y_m=0.0, z_m=1.16, look_m=0.10),
    "table_left": Spot(x_m=-0.34, y_m=0.0, z_m=1.18, look_m=0.10),
    "table_right": Spot(x_m=0.36, y_m=0.0, z_m=1.20, look_m=0.10),
    "window": Spot(x_m=0.0, y_m=0.45, z_m=1.58, look_m=0.0),
    "street": Spot(x_m=0.0, y_m=-8.0, z_m=40.0),
    "sky": Spot(x_m=0.0, y_m=900.0, z_m=3000.0),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Hour:
    """One hour: the city's light, the room's own light, the grade."""

    city: CityLook
    room: Rgb
    grade: Grade


_HOURS = {
    "night": _Hour(
        city=CityLook(
            sky_top=(0.0035, 0.0085, 0.026),
            sky_low=(0.070, 0.036, 0.058),
            cloud=(0.020, 0.017, 0.030),
            glow=(0.030, 0.016, 0.012),
            glow_x=0.25,
            sun=(0.0, 0.0, 0.0),
            shade=(0.016, 0.017, 0.034),
            haze=(0.030, 0.024, 0.044),
            haze_near=0.10,
            haze_far=0.62,
            lit=1.0,
            lamps=1.0,
        ),
        room=(0.030, 0.028, 0.036),
        grade=Grade(exposure=2.0, contrast=1.05, highlight_desaturation=0.42, vignette=0.62, grain=0.0062),
    ),
    "dusk": _Hour(
        city=CityLook(
            sky_top=(0.030, 0.062, 0.185),
            sky_low=(0.66, 0.30, 0.20),
            cloud=(0.24, 0.12, 0.16),
            glow=(1.30, 0.50, 0.12),
            glow_x=-0.42,
            sun=(0.50, 0.19, 0.06),
            shade=(0.058, 0.066, 0.125),
            haze=(0.30, 0.155, 0.150),
            haze_near=0.06,
            haze_far=0.60,
            lit=0.75,
            lamps=0.75,
        ),
        room=(0.060, 0.052, 0.062),
        grade=Grade(exposure=1.45, contrast=1.06, highlight_desaturation=0.36, vignette=0.55, grain=0.0055),
    ),
    "dawn": _Hour(
        city=CityLook(
            sky_top=(0.13, 0.25, 0.50),
            sky_low=(1.10, 0.66, 0.40),
            cloud=(0.62, 0.38, 0.38),
            glow=(1.35, 0.78, 0.36),
            glow_x=0.5,
            sun=(1.05, 0.56, 0.27),
            shade=(0.150, 0.175, 0.260),
            haze=(0.78, 0.52, 0.40),
            haze_near=0.10,
            haze_far=0.76,
            lit=0.22,
            lamps=0.32,
        ),
        room=(0.085, 0.080, 0.092),
        grade=Grade(exposure=1.0, contrast=1.04, highlight_desaturation=0.3, vignette=0.5, grain=0.005),
    ),
    "day": _Hour(
        city=CityLook(
            sky_top=(0.20, 0.38, 0.78),
            sky_low=(0.72, 0.86, 1.0),
            cloud=(0.95, 0.97, 1.0),
            glow=(0.25, 0.22, 0.16),
            glow_x=0.7,
            sun=(1.05, 0.95, 0.78),
            shade=(0.30, 0.36, 0.46),
            haze=(0.66, 0.76, 0.88),
            haze_near=0.04,
            haze_far=0.55,
            lit=0.02,
            lamps=0.10,
        ),
        room=(0.16, 0.155, 0.15),
        grade=Grade(exposure=0.95, contrast=1.05, highlight_desaturation=0.28, vignette=0.45, grain=0.0045),
    ),
}


_LEAVES: dict[str, Rgb] = {
    "spring": (0.20, 0.27, 0.09),
    "summer": (0.10, 0.17, 0.06),
    "autumn": (0.38, 0.17, 0.05),
    "winter": (0.10, 0.09, 0.09),
}


def _toward(a: Rgb, b: Rgb, share: float) -> Rgb:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def _grey(rgb: Rgb, gain: float) -> Rgb:
    mean = (0.3 * rgb[0] + 0.5 * rgb[1] + 0.2 * rgb[2]) * gain
    return (mean * 0.94, mean, mean * 1.08)


def city_look(scene: Scene) -> CityLook:
    """The hour's city under the shot's mean weather: overcast takes the sun, fog swallows the far towers."""
    look = _HOURS[scene.hour].city
    rain, snow, fog = scene.level("rain"), scene.level("snow"), scene.level("fog")
    cover = max(scene.level("clouds") ** 2, min(1.0, rain * 1.6), min(1.0, snow * 1.5), fog)
    overcast = 0.85 * cover
    sky = _grey(_toward(look.sky_top, look.sky_low, 0.4), 0.66)
    night = scene.hour == "night"
    thick = 1 - (1 - (0.22 if night else 0.30) * min(1.0, rain * 0.7)) * (1 - 0.5 * snow) * (1 - 0.93 * fog)
    haze = _toward(look.haze, _grey(look.haze, 0.78), overcast * (0.3 if night else 0.7))
    if fog > 0 and night:
        haze = _toward(haze, (0.062, 0.046, 0.050), fog)
    soft = overcast * (0.25 if night else 0.75)
    return replace(
        look,
        sky_top=_toward(_toward(look.sky_top, sky, soft), haze, 0.85 * fog),
        sky_low=_toward(_toward(look.sky_low, _grey(look.sky_low, 0.72), soft), haze, 0.6 * fog),
        cloud=_toward(look.cloud, _grey(look.cloud, 0.62), soft * 0.8),
        clouds=max(scene.level("clouds"), overcast),
        glow=_toward(look.glow, (0.0, 0.0, 0.0), max(overcast * 0.9, fog)),
        sun=_toward(look.sun, (0.0, 0.0, 0.0), overcast),
        shade=plus(look.shade, look.shade, 0.2 * overcast),
        haze=haze,
        haze_near=look.haze_near + (0.72 - look.haze_near) * thick,
        haze_far=look.haze_far + (0.98 - look.haze_far) * thick,
        lit=look.lit * (1 + 3 * overcast * (scene.hour == "day")),
        lamps=look.lamps * (1 + 1.2 * overcast * (scene.hour == "day")) * (1 - 0.55 * fog),
        wet=min(1.0, rain * 2.2),
        snow=min(1.0, snow * 1.6) if scene.season != "winter" else 1.0,
        leaves=_LEAVES.get(scene.season or "summer", _LEAVES["summer"]),
        bare=scene.season == "winter" or snow > 0.2,
        focus_px=4.5 + 5.0 * fog,
    )


def _grade(scene: Scene) -> Grade:
    """The hour's grade in the shot's weather: rain by day is cooler and deeper, fog softer and paler."""
    grade = _HOURS[scene.hour].grade
    if scene.hour == "night":
        return grade
    rain, snow, fog = (min(1.0, scene.level(name) * 1.5) for name in ("rain", "snow", "fog"))
    cool = 0.04 * rain + 0.02 * snow
    return replace(
        grade,
        exposure=grade.exposure * (1 - 0.10 * rain - 0.06 * snow),
        contrast=grade.contrast + 0.10 * rain + 0.04 * snow,
        saturation=grade.saturation - 0.10 * fog,
        gain_rgb=(1 - cool, 1.0, 1 + cool),
    )


class WindowRoom:
    """The room built for one shot."""

    def __init__(self, scene: Scene, parts: Sequence[Part]) -> None:
        self._scene = scene
        hour = _HOURS[scene.hour]
        self._look = city_look(scene)
        self._room = hour.room
        self.grade = _grade(scene)
        self._city = City(scene.view, np.linspace(scene.start_s, scene.end_s, 13), self._look, scene.seed)
        width, height = scene.size_px
        half_m = max(0.30, 0.5 * width / height / _LENS.focal * PANE_M - 0.065)
        top_m = _LENS.horizon / _LENS.focal * PANE_M + _LENS.eye_m - 0.05
        pane = Pane(left_m=-half_m, right_m=half_m, top_m=top_m)
        self._rain = PaneRain(pane, scene.weather["rain"], (scene.start_s, scene.end_s), scene.seed)
        self._bars = _bars(half_m, top_m)
        snow = scene.level("snow")
        frost = max(min(1.0, snow * 1.4), 0.75 * (scene.season == "winter"))
        self._rime = make_rime(scene.view(scene.start_s), _BARS_M, _lights(half_m, top_m), frost, min(1.0, snow * 1.5))
        noise = fbm(
            np.arange(width, dtype=f32)[None] * f32(9 / height) + 2,
            np.arange(height, dtype=f32)[:, None] * f32(9 / height) + 4,
            octaves=4,
        )
        speckle = cv2.GaussianBlur(scene.rng("mist").random((height, width), dtype=f32), (0, 0), 0.7)
        self._grain = (0.28 * (0.85 * (noise - 0.5) + 0.15 * (speckle - 0.5))).astype(f32)
        self._table = TableLook(
            wood=wood_texture(), albedo=(0.235, 0.128, 0.066), ambient=self._window_light(), gloss=0.85
        )
        self._inside = sorted((p for p in parts if p.depth_m < _FAR_M), key=lambda p: -p.depth_m)
        self._outside = [p for p in parts if p.depth_m >= _FAR_M]
        self._lamp = self._standing_lamp()

    def _standing_lamp(self) -> tuple[PointLight, ...]:
        """A lamp behind the camera's left shoulder, lit after dark when nobody brought a flame."""
        times_s = np.linspace(self._scene.start_s, self._scene.end_s, 7)
        flames = [max(light.rgb) for part in self._inside for t in times_s for light in part.lights(float(t))]
        if self._scene.hour in ("dawn", "day") or max(flames, default=0.0) > 0.3:
            return ()
        return (PointLight(x_m=-0.75, y_m=0.75, z_m=0.75, rgb=(0.62, 0.36, 0.16), reach_m=0.62),)

    def _window_light(self) -> Rgb:
        """What the window throws on the table at its far edge."""
        look = self._look
        sky = _toward(look.sky_top, look.sky_low, 0.55)
        return plus(plus(times(self._room, 0.8), sky, 0.75), look.sun, 0.12)

    def paint(self, canvas: Canvas, t_s: float) -> None:
        """See `Set.paint`."""
        view, flash = self._scene.view(t_s), flash_at(self._outside, t_s)
        flames = [point for part in self._inside for point in part.lights(t_s)]
        points = [*flames, *self._lamp][:_MOST_LIGHTS]
        outside = self._paint_outside(view, t_s, flash)
        paint_mist(canvas, outside, self._grain, self._mist(t_s), plus((0.004, 0.004, 0.004), self._look.haze, 0.02))
        self._paint_water(canvas, outside, view, t_s, points)
        if self._rime is not None:
            self._rime.draw(canvas, view, self._rime_rgb(points))
        _mirrored_flames(canvas, view, flames)
        height, width = canvas.shape[1:]
        quarter = (max(2, width // 4), max(2, height // 4))
        small = np.stack([cv2.resize(plane, quarter, interpolation=cv2.INTER_AREA) for plane in canvas])
        soft = blur(small, 7.5 * height / 720)
        ambient = plus(plus(self._room, self._window_light(), 0.30), FLASH_RGB, 0.03 * flash)
        lighting = Lighting(ambient=ambient, points=tuple(points))
        bar_light = BarLight(albedo=_PAINT, ambient=times(self._room, 0.16), points=points)
        paint_bars(canvas, soft, self._bars, view, _BARS_M, bar_light)
        mirror = self._mirror(small, soft, view, lighting, t_s)
        paint_table(canvas, mirror, self._table, view, _BARS_M, points)
        easel = Easel(canvas, view, lighting, soft)
        for part in self._inside:
            part.paint(easel, t_s)
        bloom(canvas)

    def _mist(self, t_s: float) -> float:
        weather = self._scene.weather
        rain, snow, fog = (at(weather[name], t_s) for name in ("rain", "snow", "fog"))
        return min(1.0, 0.12 + 0.8 * rain**0.5 + 0.5 * snow + 0.45 * fog)

    def _paint_outside(self, view: View, t_s: float, flash: float) -> Canvas:
        """The city with what is beyond it (lightning, behind the towers) and before it (snow), at half the size."""
        picture = self._city.paint(view, t_s, flash)
        half = half_view(view)
        if self._outside and flash > 0:
            beyond = np.zeros_like(picture)
            for part in self._outside:
                part.paint(Easel(beyond, half, Lighting(ambient=self._look.shade)), t_s)
            above = self._city.above_roofs(half)
            for plane, bolt in zip(picture, blur(beyond, 2.2 * view.height_px / 720), strict=True):
                plane += bolt * above
        rain, snow, wind = (at(self._scene.weather[name], t_s) for name in ("rain", "snow", "wind"))
        if rain > 0:
            air = plus(times(self._look.haze, 0.22), (0.95, 0.8, 0.62), 0.05 * self._look.lamps)
            paint_rain(picture, half, t_s, rain, wind, air, self._scene.seed)
        if snow > 0:
            far_flakes(picture, half, t_s, snow, wind)
        return picture

    def _paint_water(self, canvas: Canvas, outside: Canvas, view: View, t_s: float, points: list[PointLight]) -> None:
        paint_tracks(canvas, outside, self._rain.tracks(t_s), view, PANE_M)
        flames = []
        for point in points:
            column, row, per_m = view.project(point.x_m, point.y_m, point.z_m)
            flames.append((column, row, 0.24 * per_m))
        sky = self._look.sky_low
        bright = max(0.5, 3 * sum(sky) / 3)
        glints = Glints(flames=tuple(flames), cool=(0.41 * bright, 0.47 * bright, 0.55 * bright))
        paint_drops(canvas, outside, self._rain.drops(t_s), view, PANE_M, glints)

    def _rime_rgb(self, points: Sequence[PointLight]) -> Rgb:
        """Light on snow and frost: the sky outside, a little of the candles inside."""
        sky = _toward(self._look.sky_top, self._look.sky_low, 0.6)
        rgb = plus(plus((0.015, 0.015, 0.015), sky, 0.85), self._look.haze, 0.35)
        for point in points:
            rgb = plus(rgb, point.rgb, 0.03)
        return rgb

    def _mirror(self, small: Canvas, soft: Canvas, view: View, light: Lighting, t_s: float) -> Canvas:
        """The picture that the table mirrors, at a quarter of the size: the pane, and each thing moved to its foot."""
        picture: Canvas = (small * f32(0.35) + soft * f32(0.65)).astype(f32)
        quarter = replace(view, width_px=picture.shape[2], height_px=picture.shape[1])
        _, back_row, _ = quarter.project(0, 0, _BARS_M)
        for part in self._inside:
            _, foot_row, _ = quarter.project(0, 0, part.depth_m)
            shift = 2 * (foot_row - back_row) / quarter.height_px / quarter.zoom
            part.paint(Easel(picture, replace(quarter, tilt=quarter.tilt - shift), light, soft), t_s)
        return np.stack([cv2.GaussianBlur(plane, (0, 0), 1.2 * quarter.height_px / 180) for plane in picture])


def _lights(half_m: float, top_m: float) -> list[Light]:
    """The four lights of glass between the bars of `_bars`."""
    mullion, transom = -0.29 * half_m, 0.755 * top_m
    columns = ((-half_m, mullion - 0.019), (mullion + 0.019, half_m))
    rows = ((0.022, transom - 0.012), (transom + 0.012, top_m))
    return [Light(left_m=a, right_m=b, bottom_m=c, top_m=d) for a, b in columns for c, d in rows]


def _bars(half_m: float, top_m: float) -> list[Bar]:
    """Frame, one mullion off centre, one transom."""
    mullion = -0.29 * half_m
    far = 4.0
    return [
        Bar(left_m=-half_m, right_m=half_m, bottom_m=0.755 * top_m - 0.012, top_m=0.755 * top_m + 0.012, upright=False),
        Bar(left_m=mullion - 0.019, right_m=mullion + 0.019, bottom_m=-0.02, top_m=top_m, upright=True),
        Bar(left_m=-half_m, right_m=half_m, bottom_m=-0.02, top_m=0.022, upright=False),
        Bar(left_m=-half_m - far, right_m=half_m + far, bottom_m=top_m, top_m=top_m + far, upright=False),
        Bar(left_m=-half_m - far, right_m=-half_m, bottom_m=-0.02, top_m=top_m + 0.01, upright=True),
        Bar(left_m=half_m, right_m=half_m + far, bottom_m=-0.02, top_m=top_m + 0.01, upright=True),
    ]


def _mirrored_flames(canvas: Canvas, view: View, points: Sequence[PointLight]) -> None:
    """Flames reflected in the pane: a faint copy as far behind it as the flame is before it, and its halo."""
    for point in points:
        column, row, per_m = view.project(point.x_m, point.y_m, 2 * PANE_M - point.z_m)
        for radius_m, tall, gain in ((0.024, 1.9, 0.32), (0.26, 1.1, 0.045)):
            rgb = times(point.rgb, gain)
            add_glows(
                canvas, Spots(x=column, y=row, radius_x=radius_m * per_m, radius_y=radius_m * per_m * tall, rgb=rgb)
            )


@dataclass(frozen=True, slots=True)
class _Place:
    words: PlaceWords
    lens: Lens
    spots: dict[str, Spot]

    def build(self, scene: Scene, parts: Sequence[Part]) -> WindowRoom:
        """See `Place.build`."""
        return WindowRoom(scene, parts)


_WORDS = PlaceWords(
    name="window_room",
    words=(
        *("window", "room", "apartment", "flat", "city window", "behind the glass", "rainy window", "night window"),
        *("living room", "kitchen", "bedroom", "window pane", "pane", "city", "skyline", "indoors"),
    ),
    spots=tuple(_SPOTS),
    spot_words={
        "sill": ("windowsill", "window sill", "window ledge", "ledge"),
        "table": ("wooden table", "desk", "table top", "tabletop", "floor"),
        "window": ("glass", "pane"),
    },
    acoustics=Acoustics(
        space="living room", size_m=(5.0, 4.0, 2.6), surfaces=["wood", "plaster", "furnished"], distance_m=1.4
    ),
    beds=("room_tone",),
    hour="night",
    usual_cast=("candle", "cat", "mug", "book"),
    indoors=True,
    weather_beds={"rain": "rain_on_glass", "wind": "wind_indoors", "snow": "snow_hush"},
    hour_beds={"night": ("city_night",), "dusk": ("city_night",)},
)
PLACE = _Place(_WORDS, _LENS, _SPOTS)
