"""The yard's light, the lamps of its evening, and cards: static layers painted once with a margin for the camera."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.cutout import Cutout
from clapboard.engines.stage.kernels import Canvas, Plane, f32
from clapboard.engines.stage.light import Light, Palette, sun_light
from clapboard.engines.stage.raster import fill
from clapboard.engines.stage.scene import PointLight, Rgb, Scene, times
from clapboard.engines.stage.yard import HOUSE_Z_M, squeeze

LAMP_RGB: Final[Rgb] = (1.0, 0.50, 0.17)
"""A filament of about 2300 K."""
STREET_RGB: Final[Rgb] = (1.0, 0.66, 0.34)
LAMPS: Final = {"dawn": 0.35, "day": 0.0, "dusk": 0.38, "night": 0.22}
"""How bright the lamps are beside the hour's own light (chosen by eye); the night is exposed longer."""

# The yard's dusk is later than the other places': the sun is down, the sky blue-violet over a warm band.
_LATE: Final = {
    "zenith": (0.36, 0.45, 0.66),
    "mid": (0.10, 0.23, 0.54),
    "horizon": (0.27, 0.33, 0.62),
    "far": (0.20, 0.31, 0.52),
    "glow": (0.20, 0.20, 0.30),
    "corona": (0.06, 0.06, 0.06),
    "body": (0.0, 0.0, 0.0),
    "key": (0.16, 0.16, 0.25),
    "ambient": (0.66, 1.0, 1.3),
    "cloud_lit": (0.14, 0.20, 0.40),
    "cloud_shade": (0.5, 0.62, 0.8),
    "water": (1.0, 1.0, 1.0),
    "veil": (0.16, 0.30, 0.50),
}


def yard_light(scene: Scene, levels: dict[str, float]) -> Light:
    """The light of the yard's hour; dusk is the blue one after sunset."""
    light = sun_light(scene.hour, scene.season, levels)
    if scene.hour != "dusk":
        return light
    late = {field.name: times(getattr(light.colours, field.name), _LATE[field.name]) for field in fields(Palette)}
    # under clouds the blue hour is as light as under a clear sky: what happens in the yard stays readable
    late |= {name: times(late[name], 1 + 0.7 * light.cover**2) for name in ("ambient", "mid", "cloud_shade", "veil")}
    return replace(light, colours=Palette(**late), azimuth=0.05, elevation=-0.03)


@dataclass(frozen=True, kw_only=True, slots=True)
class Yard:
    """What the yard's painters share."""

    scene: Scene
    light: Light
    home: View
    """The shot's first view, by which static layers are painted."""
    snow: float
    """How much snow lies, 0..1."""
    lamp: float
    """Strength of the lamps."""

    @property
    def sunlit(self) -> Rgb:
        """Light on level ground."""
        light = self.light
        high = {"dawn": 0.22, "day": 0.70, "dusk": 0.10, "night": 0.55}[light.hour]
        ambient, key = light.colours.ambient, light.colours.key
        return ambient[0] + high * key[0], ambient[1] + high * key[1], ambient[2] + high * key[2]

    @property
    def corner_x_m(self) -> float:
        """Where the house's front wall ends."""
        return self.scene.spots["porch"].x_m + 0.55 * max(0.5, squeeze(self.scene))

    @property
    def door_x_m(self) -> float:
        """Middle of the door."""
        return self.scene.spots["porch"].x_m - 0.20

    @property
    def door_lamp(self) -> tuple[float, float, float]:
        """The lamp over the door."""
        return self.door_x_m, 2.26, HOUSE_Z_M - 0.22

    @property
    def street_lamp(self) -> tuple[float, float, float]:
        """The lamp beyond the road; its gleam lies on the pond."""
        pond = self.scene.spots["pond"]
        return pond.x_m * 3.08, 3.2, 15.0

    @property
    def far_chimney(self) -> tuple[float, float, float]:
        """Top of the chimney of the house beyond the road."""
        return 0.62 * self.street_lamp[0] + 1.72, 4.35, 30.0

    def lamps(self) -> tuple[PointLight, ...]:
        """The lamps as lights on shapes; none by day."""
        if self.lamp <= 0:
            return ()
        x, y, z = self.door_lamp
        door = PointLight(x_m=x, y_m=y, z_m=z, rgb=times(LAMP_RGB, 0.9 * self.lamp), reach_m=0.8)
        x, y, z = self.street_lamp
        return door, PointLight(x_m=x, y_m=y, z_m=z, rgb=times(STREET_RGB, 0.7 * self.lamp), reach_m=2.2)

    def hazed(self, rgb: Sequence[Plane | float], depth_m: Plane | float) -> list[Plane]:
        """Colours as the air between shows them."""
        shown = np.exp(f32(-self.light.fog_per_m) * np.asarray(depth_m, f32))
        return [c * shown + f32(v) * (1 - shown) for c, v in zip(rgb, self.light.colours.veil, strict=True)]


class Card:
    """A static layer in the making: premultiplied light and coverage over the home view and a margin round it."""

    def __init__(self, yard: Yard, depth_m: float, margin_px: tuple[int, int]) -> None:
        self.yard, self.depth_m, self.margin_px = yard, depth_m, margin_px
        self.width_px = yard.home.width_px + 2 * margin_px[0]
        self.height_px = yard.home.height_px + 2 * margin_px[1]
        self.light: Canvas = np.zeros((3, self.height_px, self.width_px), f32)
        self.alpha: Plane = np.zeros((self.height_px, self.width_px), f32)

    def point(self, x_m: float, y_m: float, z_m: float) -> tuple[float, float]:
        """World point -> column and row of the card."""
        column, row, _ = self.yard.home.project(x_m, y_m, z_m)
        return column + self.margin_px[0], row + self.margin_px[1]

    def outline(self, points: Sequence[tuple[float, float, float]]) -> np.ndarray:
        """World points -> outline."""
        return np.array([self.point(*point) for point in points])

    def at_depth(self, rows: slice, columns: slice, z_m: float) -> tuple[Plane, Plane]:
        """World x [1, w] and y [h, 1] of a box of pixels, on the upright plane at a depth."""
        per_m = self.yard.home.focal_px / (z_m - self.yard.home.z_m)
        zero_x, zero_y = self.point(0.0, 0.0, z_m)
        x = (np.arange(columns.start, columns.stop, dtype=f32)[None] + f32(0.5 - zero_x)) / f32(per_m)
        y = (f32(zero_y - 0.5) - np.arange(rows.start, rows.stop, dtype=f32)[:, None]) / f32(per_m)
        return x, y

    def box(self, outlines: Sequence[np.ndarray]) -> "tuple[Plane, slice, slice] | None":
        """Coverage of outlines and the rows and columns of its box."""
        mask = fill(outlines, self.width_px, self.height_px)
        return None if mask is None else (mask.alpha, *mask.box)

    def put(self, found: "tuple[Plane, slice, slice] | None", rgb: Sequence[Plane | float], haze_m: float) -> None:
        """Paint a colour, or planes of the box, where `box` found a shape, as seen through the air at a distance."""
        if found is None:
            return
        alpha, rows, columns = found
        for plane, colour in zip(self.light, self.yard.hazed(rgb, haze_m), strict=True):
            plane[rows, columns] += (colour - plane[rows, columns]) * alpha
        self.alpha[rows, columns] += (1 - self.alpha[rows, columns]) * alpha

    def done(self) -> Cutout:
        """The layer."""
        return Cutout(self.light, self.alpha, self.yard.home, self.depth_m, (-self.margin_px[0], -self.margin_px[1]))


def pool(yard: Yard, x: Plane, y: Plane | float, z: Plane | float, facing: str) -> list[Plane]:
    """Light of both lamps at points (m) on a level ("up") or upright ("front") surface."""
    total = [np.zeros(np.broadcast(x, y, z).shape, f32) for _ in range(3)]
    lamps = ((yard.door_lamp, LAMP_RGB, 2.3), (yard.street_lamp, STREET_RGB, 5.5))
    for (lamp_x, lamp_y, lamp_z), rgb, power in lamps:
        up, out = lamp_y - y, np.abs(lamp_z - z) + f32(0.25)
        square = (x - f32(lamp_x)) ** 2 + up**2 + out**2
        cosine = (up if facing == "up" else out) / np.sqrt(square)
        level = f32(power * yard.lamp) * np.maximum(cosine, 0) / (square + f32(0.75))
        for plane, colour in zip(total, rgb, strict=True):
            plane += level * f32(colour)
    return total
