"""The light of an outdoor scene: palettes for four hours in clear, overcast, snow and fog, mixed by the weather.

    levels = weather_levels(scene)                        # or any mapping of rain, snow, fog, wind, clouds to 0..1
    light = sun_light(scene.hour, scene.season, levels)
    column, row = light.place(view)                       # where the sun or moon stands in the picture

Colours are linear light chosen by eye on contact sheets: 1.0 is a white wall in daylight at exposure 1. Directions are
tangents: `azimuth` is right of straight ahead, `elevation` above the horizon, both as a share of the focal length.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.scene import Lighting, PointLight, Rgb, Scene
from clapboard.timeline import Hour, Season

LEVELS: Final = ("rain", "snow", "fog", "wind", "clouds", "aurora")


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """Colours of one sky. `horizon` is under the sun, `far` the horizon away from it, `veil` the air between us and
    far things (fog and haze), `key` the direct light on things that face it, `ambient` what comes from all round."""

    zenith: Rgb
    mid: Rgb
    horizon: Rgb
    far: Rgb
    glow: Rgb
    corona: Rgb
    body: Rgb
    key: Rgb
    ambient: Rgb
    cloud_lit: Rgb
    cloud_shade: Rgb
    water: Rgb
    veil: Rgb


_BLACK: Final = (0.0, 0.0, 0.0)

CLEAR: Final[Mapping[Hour, Palette]] = {
    "dawn": Palette(
        zenith=(0.075, 0.135, 0.290),
        mid=(0.330, 0.330, 0.455),
        horizon=(1.500, 0.700, 0.370),
        far=(0.720, 0.400, 0.430),
        glow=(1.150, 0.520, 0.240),
        corona=(2.900, 1.800, 0.950),
        body=(28.0, 17.5, 9.0),
        key=(1.150, 0.620, 0.360),
        ambient=(0.200, 0.200, 0.270),
        cloud_lit=(1.650, 0.740, 0.470),
        cloud_shade=(0.130, 0.125, 0.205),
        water=(0.012, 0.034, 0.052),
        veil=(0.800, 0.520, 0.470),
    ),
    "day": Palette(
        zenith=(0.050, 0.160, 0.450),
        mid=(0.170, 0.390, 0.760),
        horizon=(0.720, 0.880, 1.020),
        far=(0.600, 0.790, 0.980),
        glow=(0.550, 0.520, 0.420),
        corona=(2.000, 1.850, 1.500),
        body=(46.0, 42.0, 35.0),
        key=(1.650, 1.520, 1.300),
        ambient=(0.320, 0.420, 0.560),
        cloud_lit=(1.450, 1.400, 1.340),
        cloud_shade=(0.300, 0.370, 0.480),
        water=(0.006, 0.060, 0.088),
        veil=(0.620, 0.760, 0.920),
    ),
    "dusk": Palette(
        zenith=(0.052, 0.080, 0.185),
        mid=(0.460, 0.200, 0.205),
        horizon=(1.550, 0.520, 0.130),
        far=(1.020, 0.300, 0.170),
        glow=(1.500, 0.620, 0.160),
        corona=(3.200, 1.900, 0.750),
        body=(30.0, 17.0, 7.0),
        key=(1.250, 0.480, 0.180),
        ambient=(0.150, 0.110, 0.150),
        cloud_lit=(1.900, 0.620, 0.240),
        cloud_shade=(0.085, 0.062, 0.105),
        water=(0.010, 0.026, 0.040),
        veil=(0.760, 0.320, 0.220),
    ),
    "night": Palette(
        zenith=(0.0042, 0.0085, 0.0230),
        mid=(0.0100, 0.0200, 0.0450),
        horizon=(0.0330, 0.0560, 0.0920),
        far=(0.0220, 0.0400, 0.0720),
        glow=(0.0450, 0.0600, 0.0850),
        corona=(0.2200, 0.2700, 0.3400),
        body=(4.6, 4.9, 5.2),
        key=(0.150, 0.195, 0.270),
        ambient=(0.0130, 0.0215, 0.0400),
        cloud_lit=(0.130, 0.160, 0.210),
        cloud_shade=(0.0085, 0.0130, 0.0240),
        water=(0.0008, 0.0022, 0.0042),
        veil=(0.0260, 0.0420, 0.0680),
    ),
}

OVERCAST: Final[Mapping[Hour, Palette]] = {
    "dawn": Palette(
        zenith=(0.085, 0.100, 0.145),
        mid=(0.190, 0.195, 0.240),
        horizon=(0.680, 0.510, 0.450),
        far=(0.380, 0.345, 0.375),
        glow=(0.300, 0.200, 0.140),
        corona=_BLACK,
        body=_BLACK,
        key=(0.160, 0.130, 0.120),
        ambient=(0.170, 0.175, 0.210),
        cloud_lit=(0.420, 0.350, 0.350),
        cloud_shade=(0.085, 0.090, 0.125),
        water=(0.010, 0.026, 0.036),
        veil=(0.330, 0.310, 0.340),
    ),
    "day": Palette(
        zenith=(0.190, 0.225, 0.270),
        mid=(0.310, 0.350, 0.395),
        horizon=(0.640, 0.680, 0.710),
        far=(0.520, 0.565, 0.605),
        glow=(0.180, 0.180, 0.165),
        corona=_BLACK,
        body=_BLACK,
        key=(0.260, 0.265, 0.270),
        ambient=(0.330, 0.365, 0.410),
        cloud_lit=(0.620, 0.650, 0.680),
        cloud_shade=(0.155, 0.180, 0.215),
        water=(0.010, 0.036, 0.042),
        veil=(0.500, 0.545, 0.585),
    ),
    "dusk": Palette(
        zenith=(0.050, 0.054, 0.082),
        mid=(0.125, 0.098, 0.125),
        horizon=(0.820, 0.330, 0.160),
        far=(0.330, 0.185, 0.185),
        glow=(0.340, 0.140, 0.060),
        corona=_BLACK,
        body=_BLACK,
        key=(0.200, 0.090, 0.055),
        ambient=(0.090, 0.080, 0.105),
        cloud_lit=(0.480, 0.220, 0.170),
        cloud_shade=(0.044, 0.042, 0.064),
        water=(0.008, 0.018, 0.026),
        veil=(0.240, 0.160, 0.170),
    ),
    "night": Palette(
        zenith=(0.0072, 0.0101, 0.0181),
        mid=(0.0130, 0.0174, 0.0290),
        horizon=(0.0377, 0.0479, 0.0667),
        far=(0.0275, 0.0362, 0.0536),
        glow=(0.0087, 0.0109, 0.0145),
        corona=_BLACK,
        body=_BLACK,
        key=(0.0290, 0.0362, 0.0493),
        ambient=(0.0152, 0.0210, 0.0333),
        cloud_lit=(0.0435, 0.0522, 0.0696),
        cloud_shade=(0.0072, 0.0099, 0.0167),
        water=(0.0010, 0.0026, 0.0043),
        veil=(0.0261, 0.0341, 0.0493),
    ),
}

_DIRECTIONS: Final[Mapping[Hour, tuple[float, float]]] = {
    "dawn": (-0.36, 0.050),
    "day": (-0.42, 0.360),
    "dusk": (0.122, 0.064),
    "night": (-0.150, 0.300),
}
"""Azimuth and elevation of the sun (at night of the moon) in a 16:9 picture."""

_RADII: Final[Mapping[Hour, float]] = {"dawn": 0.034, "day": 0.026, "dusk": 0.0365, "night": 0.0240}
"""Angular radius of the disc: several times the true one, as the eye (and every painter) remembers it."""

_EXPOSURES: Final[Mapping[Hour, tuple[float, float]]] = {
    "dawn": (0.95, 0.22),
    "day": (0.88, 0.05),
    "dusk": (0.95, 0.28),
    "night": (2.1, 0.45),
}
"""Exposure under an open sky, and how much more a closed one is given."""

_SEASONS: Final[Mapping[Season, Rgb]] = {
    "spring": (0.99, 1.01, 1.00),
    "summer": (1.02, 1.00, 0.98),
    "autumn": (1.04, 0.99, 0.94),
    "winter": (0.95, 1.00, 1.06),
}

_SNOW_TINT: Final = (1.42, 1.44, 1.50)
"""Snow clouds and snow on the ground send more light back and forth than rain clouds do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Light:
    """The light of one shot. See `Palette` for the colours."""

    hour: Hour
    colours: Palette
    azimuth: float
    elevation: float
    radius: float
    cover: float
    """0 an open sky .. 1 closed cloud."""
    fog_per_m: float
    stars: float
    exposure: float

    @property
    def flash_gain(self) -> float:
        """How much lightning counts beside this light: the night is exposed longer, the day outshines it."""
        return {"dawn": 0.76, "day": 0.35, "dusk": 0.76, "night": 1.0}[self.hour] / self.exposure

    def place(self, view: View) -> tuple[float, float]:
        """Column and row of the sun or moon; narrow pictures bring it nearer to the middle."""
        squeeze = min(1.0, view.width_px / view.height_px / (16 / 9))
        column = view.centre_px + self.azimuth * squeeze * view.focal_px
        return column, view.horizon_px - self.elevation * view.focal_px

    def key_from(self, view: View, column: float, row: float) -> tuple[float, float]:
        """Unit direction in the picture (x right, y down) from a point towards the sun or moon."""
        x, y = self.place(view)
        dx, dy = x - column, y - row
        length = max(1.0, (dx * dx + dy * dy) ** 0.5)
        return dx / length, dy / length

    def veiled(self, horizon: Rgb, share: float = 0.75) -> "Light":
        """The same light, its haze drawn to the colour of the painted sky at the horizon (`Sky.horizon_rgb`)."""
        return replace(self, colours=replace(self.colours, veil=_mix(self.colours.veil, horizon, share)))

    def lighting(self, view: View, points: tuple[PointLight, ...] = (), flash: Rgb = _BLACK) -> Lighting:
        """What the easel of this view needs; `flash` is added to the ambient light (lightning)."""
        middle = (view.width_px / 2, view.horizon_px)
        ambient = tuple(a + b for a, b in zip(self.colours.ambient, flash, strict=True))
        return Lighting(
            ambient=(ambient[0], ambient[1], ambient[2]),
            key=self.colours.key,
            key_from=self.key_from(view, *middle),
            points=points,
            fog=self.colours.veil,
            fog_per_m=self.fog_per_m,
        )


def _mix(a: Rgb, b: Rgb, share: float) -> Rgb:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def _times(a: Rgb, b: Rgb) -> Rgb:
    return (a[0] * b[0], a[1] * b[1], a[2] * b[2])


def _each(a: Palette, b: Palette, share: float) -> Palette:
    return Palette(**{f.name: _mix(getattr(a, f.name), getattr(b, f.name), share) for f in fields(Palette)})


def _ramp(value: float, low: float, high: float) -> float:
    t = min(1.0, max(0.0, (value - low) / (high - low)))
    return t * t * (3 - 2 * t)


def weather_levels(scene: Scene) -> dict[str, float]:
    """The shot's mean weather: rain, snow, fog, wind, clouds, aurora, each 0..1."""
    return {name: scene.level(name) for name in LEVELS}


def cloud_cover(weather: Mapping[str, float]) -> float:
    """0..1: how closed the sky is. Rain and snow bring their own clouds, so "rain" alone is enough."""
    rain, snow = weather.get("rain", 0.0), weather.get("snow", 0.0)
    falling = max(_ramp(rain, 0.0, 0.35), _ramp(snow, 0.0, 0.35))
    return max(weather.get("clouds", 0.0), 0.95 * falling)


def _foggy(palette: Palette, fog: float) -> Palette:
    """The sky seen through fog: everything goes towards the veil, which takes the colour of the light in it."""
    veil = _mix(palette.veil, _mix(palette.mid, palette.far, 0.6), 0.35)
    share = 0.90 * _ramp(fog, 0.0, 0.9)
    return replace(
        palette,
        veil=veil,
        zenith=_mix(palette.zenith, veil, 0.75 * share),
        mid=_mix(palette.mid, veil, share),
        horizon=_mix(palette.horizon, veil, share),
        far=_mix(palette.far, veil, share),
        body=_mix(palette.body, _BLACK, 1 - (1 - share) ** 3),
        corona=_mix(palette.corona, _BLACK, 0.7 * share),
        key=_mix(palette.key, palette.ambient, 0.8 * share),
        cloud_lit=_mix(palette.cloud_lit, veil, share),
        cloud_shade=_mix(palette.cloud_shade, veil, share),
    )


def sun_light(hour: Hour, season: Season | None, weather: Mapping[str, float]) -> Light:
    """The light of an hour in a weather (levels 0..1 by name: rain, snow, fog, clouds; missing ones are 0)."""
    cover, fog = cloud_cover(weather), weather.get("fog", 0.0)
    rain, snow = weather.get("rain", 0.0), weather.get("snow", 0.0)
    closed = _ramp(cover, 0.5, 1.0)
    colours = _each(CLEAR[hour], OVERCAST[hour], closed)
    colours = replace(colours, body=_mix(colours.body, _BLACK, 1 - (1 - closed) ** 3))
    dark = 1 - 0.38 * _ramp(rain, 0.35, 1.0)  # a downpour is darker than a grey day
    tint = _mix((dark, dark, dark), _SNOW_TINT, 0.9 * _ramp(snow, 0.0, 0.5))
    if season is not None:
        tint = _times(tint, _SEASONS[season])
    colours = Palette(**{f.name: _times(getattr(colours, f.name), tint) for f in fields(Palette)})
    colours = _foggy(colours, fog) if fog > 0 else colours
    azimuth, elevation = _DIRECTIONS[hour]
    # 0.00005: visibility 60 km; rain 3 km, snow 1.2 km, thick fog 90 m (extinction = 3.9 / visibility, Koschmieder).
    thick = 0.00005 + 0.0013 * rain + 0.0033 * snow + 0.042 * fog**2.2
    stars = max(0.0, 1 - 1.05 * closed) * (1 - _ramp(fog, 0.0, 0.5))
    return Light(
        hour=hour,
        colours=colours,
        azimuth=azimuth,
        elevation=elevation,
        radius=_RADII[hour],
        cover=cover,
        fog_per_m=thick,
        stars=stars if hour == "night" else 0.0,
        exposure=_EXPOSURES[hour][0] * (1 + _EXPOSURES[hour][1] * closed),
    )
