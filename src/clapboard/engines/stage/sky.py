"""Skies for every outdoor place: gradient, sun or moon, stars, lit clouds, rain shafts, fog; painted once, drifting.

    light = sun_light(scene.hour, scene.season, weather_levels(scene))
    sky = build_sky(scene, light)              # once a shot
    sky.draw(canvas, scene.view(t_s), t_s)     # at any instant: rows from the top down to just below the horizon

`paint_sky` gives one still sky instead (a view through a window, a reflection). Clouds lie on a plane overhead, so a
sideways drift is, in the picture, a shear that grows with height above the horizon: one affine warp a frame.
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba types its numbers more narrowly than numpy's stubs do

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from clapboard.engines.stage.camera import View, union_margin
from clapboard.engines.stage.cutout import interleaved, lay_over
from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.kernels import Canvas, Plane, f32, fbm, smoothstep
from clapboard.engines.stage.light import Light, weather_levels
from clapboard.engines.stage.scene import Rgb, Scene

_DRIFT_PER_S: Final = 0.0035
"""Shear a second at full wind: clouds at the top of the picture cross it in some minutes."""
_CURVE: Final = 0.055
"""How much of the cloud plane's far end lies above the horizon: keeps far clouds from being squeezed to lines."""
_OVERLAP: Final = 2
"""Rows painted below the horizon, so that water and hills meet the sky without a gap."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """Directions of a canvas's pixels, tangents: `az` [1, w] right of straight ahead, `el` [h, 1] above the horizon."""

    az: Plane
    el: Plane
    sun_az: float
    sun_el: float
    unit: float
    """One pixel as a tangent."""

    @property
    def sun_distance(self) -> Plane:
        """Distance to the sun or moon [h, w]."""
        return np.hypot(self.az - f32(self.sun_az), self.el - f32(self.sun_el)).astype(f32)


def _grid(view: View, light: Light, rows: int, margin_px: tuple[int, int]) -> _Grid:
    columns = np.arange(-margin_px[0], view.width_px + margin_px[0], dtype=f32)[None] + f32(0.5)
    lines = np.arange(-margin_px[1], rows, dtype=f32)[:, None] + f32(0.5)
    x, y = light.place(view)
    focal = view.focal_px
    return _Grid(
        az=((columns - view.centre_px) / focal).astype(f32),
        el=((view.horizon_px - lines) / focal).astype(f32),
        sun_az=(x - view.centre_px) / focal,
        sun_el=(view.horizon_px - y) / focal,
        unit=1 / focal,
    )


def _gradient(grid: _Grid, light: Light) -> Canvas:
    colours = light.colours
    low = np.clip(grid.el / f32(0.18), 0, 1) ** f32(0.8)
    high = np.clip((grid.el - f32(0.10)) / f32(0.44), 0, 1) ** f32(0.85)
    aside = smoothstep(np.abs(grid.az - f32(grid.sun_az)), 0.0, 0.95)
    distance = grid.sun_distance
    wide, tight = np.exp(distance * f32(-7.2)), np.exp(distance * f32(-25.0))
    sky = np.empty((3, *distance.shape), f32)
    for c in range(3):
        horizon = f32(colours.horizon[c]) + f32(colours.far[c] - colours.horizon[c]) * aside
        value = horizon + (f32(colours.mid[c]) - horizon) * low
        value = value + (f32(colours.zenith[c]) - value) * high
        sky[c] = value + wide * f32(colours.glow[c]) + tight * f32(colours.corona[c])
    return sky


def _add_body(sky: Canvas, grid: _Grid, light: Light) -> None:
    """The disc: a sun with a soft edge, or a moon with seas and a soft limb."""
    if max(light.colours.body) <= 0:
        return
    dx, dy = (grid.az - f32(grid.sun_az)) / f32(light.radius), (grid.el - f32(grid.sun_el)) / f32(light.radius)
    r = np.hypot(dx, dy)
    edge = f32(max(1.2 * grid.unit / light.radius, 0.03))
    disc = np.clip((1 - r) / edge + f32(0.5), 0, 1)
    if light.hour == "night":
        seas = fbm(dx * f32(1.5) + 41, dy * f32(1.5) + 23, octaves=5, warp=0.7)
        limb = np.sqrt(np.clip(1 - r * r, 0, 1))
        disc = disc * (f32(0.42) + f32(0.58) * limb) * (f32(1.12) - f32(0.75) * smoothstep(seas, 0.42, 0.62))
    for plane, colour in zip(sky, light.colours.body, strict=True):
        plane += disc * f32(colour)


def _add_milky_way(sky: Canvas, grid: _Grid, light: Light) -> None:
    band = ((grid.az + f32(0.42)) * f32(0.80) + (grid.el - f32(0.62)) * f32(0.60)) / f32(0.15)
    dust = fbm(grid.az * f32(5.2) + 20, grid.el * f32(5.2) + 20, octaves=6, warp=1.7)
    knots = np.exp(-band * band) * np.clip(dust - f32(0.30), 0, 1) ** f32(1.5) * smoothstep(grid.el, 0.04, 0.30)
    for plane, colour in zip(sky, (0.058, 0.062, 0.088), strict=True):
        plane += knots * f32(colour * light.stars)


def _plane_noise(
    grid: _Grid, offset: tuple[float, float], towards_sun: float, kind: tuple[float, float, int, float]
) -> Plane:
    """Noise on the cloud plane, `towards_sun` a little nearer to the sun. kind: scale u, scale v, octaves, warp."""
    az, el = grid.az, np.maximum(grid.el, f32(0))
    if towards_sun:
        dx, dy = f32(grid.sun_az) - az, f32(grid.sun_el) - el
        step = f32(towards_sun) * (el + f32(_CURVE)) / np.maximum(np.hypot(dx, dy), f32(0.28))
        az, el = az + dx * step, el + dy * step
    far = 1 / (np.maximum(el, f32(0)) + f32(_CURVE))
    u, v = az * far * f32(kind[0]) + f32(offset[0] + 100), far * f32(kind[1]) + f32(offset[1] + 20)
    return fbm(np.maximum(u, f32(0.01)), v, octaves=kind[2], warp=kind[3])


@dataclass(frozen=True, slots=True)
class _Clouds:
    """Premultiplied light [3, h, w] and coverage [h, w] of all clouds."""

    light: Canvas
    alpha: Plane

    def over(self, alpha: Plane, colours: list[Plane]) -> None:
        """Put another layer in front."""
        for plane, colour in zip(self.light, colours, strict=True):
            plane *= 1 - alpha
            plane += colour * alpha
        np.add(self.alpha * (1 - alpha), alpha, out=self.alpha)


def _add_cirrus(clouds: _Clouds, grid: _Grid, light: Light, offset: tuple[float, float]) -> None:
    """High ice: long combed streaks, thin."""
    streaks = _plane_noise(grid, offset, 0.0, (0.5, 4.2, 5, 0.55))
    groups = _plane_noise(grid, (offset[0] + 31, offset[1] + 7), 0.0, (0.35, 0.6, 3, 0.0))
    alpha = np.clip((streaks - f32(0.50)) / f32(0.24), 0, 1) ** f32(1.5) * smoothstep(grid.el, 0.10, 0.24)
    alpha *= f32(0.55) * smoothstep(groups, 0.36, 0.58) * f32(1 - 0.8 * light.cover)
    near = f32(0.30) + f32(1.2) * np.exp(grid.sun_distance * f32(-3.2))
    sheen = f32(1.0 if light.hour == "night" else 0.62)
    clouds.over(alpha.astype(f32), [near * f32(c * 0.72) * sheen for c in light.colours.cloud_lit])


def _add_banks(clouds: _Clouds, grid: _Grid, light: Light, offset: tuple[float, float]) -> None:
    """The main deck: heaps in an open sky, a ceiling when `cover` is high, lit from the side of the sun."""
    cover = light.cover
    shape = (1.30, 1.85, 6, 1.15)
    density = _plane_noise(grid, offset, 0.0, shape)
    sunward = _plane_noise(grid, offset, 0.11, shape)
    groups = _plane_noise(grid, (offset[0] + 57, offset[1] + 13), 0.0, (0.42, 0.5, 3, 0.4))
    density += (groups - f32(0.5)) * f32(0.34)
    height = np.clip(grid.el / f32(0.42), 0, 1)
    bar = f32(0.70 - 0.47 * cover) - f32(0.05) * height
    closed = f32(max(0.0, (cover - 0.55) / 0.45))
    alpha = smoothstep((density - bar) / f32(0.17), 0.0, 1.0) * smoothstep(grid.el, 0.0, 0.05) * f32(0.975)
    lit = np.clip(f32(0.50) + (density - sunward - (groups - f32(0.5)) * f32(0.34)) * f32(6.2), 0, 1.7)
    near = np.exp(grid.sun_distance * f32(-3.0))
    low_sun = f32(1 - min(1.0, light.elevation / 0.35))  # a low sun lights the clouds from below, strongest near it
    strength = f32(0.75) * (1 - low_sun) + low_sun * (f32(0.34) + f32(1.45) * near) * (1 - height * f32(0.62))
    thick = np.clip((density - bar - f32(0.08)) / f32(0.26), 0, 1)
    rim = np.clip(1 - np.abs(alpha - f32(0.5)) * 2, 0, 1) ** 2 * near * (1 - closed)
    # A closed deck has thin spots, no holes.
    alpha = np.maximum(alpha, np.sqrt(closed) * f32(0.95) * smoothstep(grid.el, 0.0, 0.07))
    colours = []
    for c in range(3):
        shade = f32(light.colours.cloud_shade[c]) * (f32(1.12) - f32(0.28) * (1 - height))
        body = shade + f32(light.colours.cloud_lit[c]) * strength * lit ** f32(1.5) * (1 - closed * f32(0.55))
        colours.append(body * (1 - f32(0.42) * thick) + rim * f32(light.colours.cloud_lit[c] * 0.62))
    clouds.over(alpha, colours)


def _add_shafts(clouds: _Clouds, grid: _Grid, light: Light, rain: float, offset: tuple[float, float]) -> None:
    """Far showers: slanting grey veils that hang from the clouds to the horizon."""
    slant = grid.az * f32(7.0) + grid.el * f32(2.2)
    veil = fbm(slant + f32(offset[0] + 60), grid.el * f32(1.2) + 7, octaves=4)
    alpha = smoothstep(veil, 0.44, 0.78) * np.clip(1 - np.abs(grid.el - f32(0.10)) / f32(0.24), 0, 1)
    shade = [
        f32(0.5) * f32(a) + f32(0.35) * f32(b)
        for a, b in zip(light.colours.mid, light.colours.cloud_shade, strict=True)
    ]
    clouds.over(alpha * f32(0.75 * min(1.0, rain * 1.6)), [np.full_like(alpha, c) for c in shade])


def _paint_clouds(grid: _Grid, light: Light, weather: Mapping[str, float], seed: int) -> _Clouds:
    shape = grid.sun_distance.shape
    clouds = _Clouds(np.zeros((3, *shape), f32), np.zeros(shape, f32))
    rng = np.random.default_rng([seed, 3141])
    offset = (float(rng.uniform(0, 300)), float(rng.uniform(0, 300)))
    if light.cover < 0.95:
        _add_cirrus(clouds, grid, light, offset)
    _add_banks(clouds, grid, light, offset)
    if weather.get("rain", 0.0) > 0.05:
        _add_shafts(clouds, grid, light, weather["rain"], offset)
    fog = weather.get("fog", 0.0)
    if fog > 0:  # the deck fades into the fog below it
        keep = 1 - smoothstep(fog, 0.05, 0.7) * (f32(0.55) + f32(0.45) * (1 - smoothstep(grid.el, 0.0, 0.5)))
        for plane in (*clouds.light, clouds.alpha):
            plane *= keep
    return clouds


@dataclass(frozen=True, slots=True)
class _Stars:
    """Directions (tangents), size, colour and twinkle of the stars."""

    az: np.ndarray
    el: np.ndarray
    size: np.ndarray
    rgb: np.ndarray
    phase: np.ndarray

    def draw(self, canvas: Canvas, view: View, t_s: float) -> None:
        """Add the stars that this view sees; each twinkles at its own pace, more near the horizon."""
        depth = 0.16 + 0.34 * np.exp(-self.el / 0.12)
        shine = 1 + depth * np.sin(t_s * (2.1 + 3.7 * (self.phase % 1)) + self.phase * 7)
        unit = view.height_px / 720
        spots = Spots(
            x=view.centre_px + self.az * view.focal_px,
            y=view.horizon_px - self.el * view.focal_px,
            radius_x=self.size * unit,
            radius_y=self.size * unit,
            rgb=self.rgb * shine[:, None],
        )
        add_glows(canvas, spots)


def _make_stars(light: Light, seed: int) -> _Stars:
    rng = np.random.default_rng([seed, 2718])
    count = 2200
    el = rng.uniform(0.015, 1.3, count)
    magnitude = rng.pareto(1.7, count).clip(0, 9)
    tint = rng.uniform(0.72, 1.18, count)
    dim = light.stars * (1 - np.exp(-el / 0.10))  # air near the horizon swallows them
    rgb = np.stack([0.115 * magnitude * tint, 0.115 * magnitude, 0.125 * magnitude / tint], 1) + 0.022
    size = 1.35 + 0.75 * np.minimum(magnitude, 3) / 3
    keep = np.hypot(rng_az := rng.uniform(-1.5, 1.5, count) - light.azimuth, el - light.elevation) > light.radius * 1.5
    return _Stars(
        (rng_az + light.azimuth)[keep], el[keep], size[keep], (rgb * dim[:, None])[keep], rng.uniform(0, 9, count)[keep]
    )


def paint_sky(
    view: View, light: Light, weather: Mapping[str, float], seed: int, rows: int, margin_px: tuple[int, int] = (0, 0)
) -> Canvas:
    """One still sky [3, margin + rows, width + 2 margins]; the view's corner is at column and row `margin_px`.

    `weather` gives rain, snow, fog, wind, clouds as 0..1 (`light.weather_levels`); `rows` is how many rows of the view
    to paint, usually down to the horizon. For a sky that moves, use `build_sky`.
    """
    grid = _grid(view, light, rows, margin_px)
    sky = _back(grid, light)
    if light.stars > 0 and margin_px == (0, 0):
        _make_stars(light, seed).draw(sky, view, 0.0)
    clouds = _paint_clouds(grid, light, weather, seed)
    return sky * (1 - clouds.alpha) + clouds.light


def _back(grid: _Grid, light: Light) -> Canvas:
    sky = _gradient(grid, light)
    if light.stars > 0.15:
        _add_milky_way(sky, grid, light)
    _add_body(sky, grid, light)
    return sky


@dataclass(frozen=True, slots=True)
class Flash:
    """Lightning as the sky shows it: `level` 0..about 1, where it is (azimuth, a tangent), how wide its glow is."""

    level: float
    azimuth: float = 0.0
    width: float = 0.4
    rgb: Rgb = (0.72, 0.78, 1.0)


@dataclass(frozen=True, slots=True)
class Sky:
    """A painted sky: what lies behind the clouds, the clouds, the stars. Holds no frame state."""

    light: Light
    home: View
    margin_px: tuple[int, int]
    behind: Canvas
    clouds: np.ndarray
    """Premultiplied and interleaved, [h, w, 4]; `small` is the same at half the size, for reflections."""
    small: np.ndarray
    stars: _Stars | None
    drift_per_s: float
    reach: float
    """Largest shear that the margin allows."""
    middle_s: float

    def draw(self, canvas: Canvas, view: View, t_s: float, flashes: tuple[Flash, ...] = ()) -> None:
        """Paint rows 0 .. horizon + 2 of a canvas [3, h, w], as this view sees it; lower rows stay as they are."""
        rows = self.rows(view)
        if rows <= 0:
            return
        warp = view.warp_from(self.home, math.inf, self.margin_px)
        self._draw_behind(canvas, warp, rows)
        if self.stars is not None:  # they lie between the two
            self.stars.draw(canvas[:, :rows], view, t_s)
        lean = self._lean(t_s)
        base = self.home.horizon_px + self.margin_px[1] + _CURVE * self.home.focal_px
        drift = warp @ np.array([[1, -lean, lean * base], [0, 1, 0], [0, 0, 1]])
        layer = self.clouds
        if warp[0, 0] <= 0.7:  # pixel i of the small one has its centre at 2 i + 1/2
            layer = self.small
            drift = np.column_stack([2 * drift[:, :2], drift[:, 2] + drift[:, :2].sum(1) / 2])
        moved = cv2.warpAffine(
            layer, drift, (canvas.shape[2], rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        lay_over(canvas, moved, 0, 0, f32(1))
        if flashes:
            self._flash(canvas, moved, view, flashes)

    def _draw_behind(self, canvas: Canvas, warp: np.ndarray, rows: int) -> None:
        """What lies behind the clouds: cut out where the camera stands still, moved where it does not."""
        left, top = self.margin_px
        width = canvas.shape[2]
        if np.allclose(warp, [[1, 0, -left], [0, 1, -top]], atol=1e-6):
            canvas[:, :rows] = self.behind[:, top : top + rows, left : left + width]
            return
        for plane, behind in zip(canvas, self.behind, strict=True):
            cv2.warpAffine(behind, warp, (width, rows), plane[:rows], cv2.INTER_LINEAR, cv2.BORDER_REPLICATE)

    def _lean(self, t_s: float) -> float:
        """Shear of the clouds at a time: it runs on evenly; in a very long shot it turns back where the margin ends."""
        limit = max(1e-6, self.reach)
        turn = (self.drift_per_s * (t_s - self.middle_s) / limit + 1) % 4
        return limit * ((turn - 1) if turn < 2 else (3 - turn))

    def horizon_rgb(self) -> Rgb:
        """Mean light of the sky just above the horizon: what far things fade into."""
        row = max(1, min(self.clouds.shape[0] - 1, round(self.home.horizon_px + self.margin_px[1])))
        band = slice(max(0, row - max(2, round(0.05 * self.home.focal_px))), row)
        clouds = self.clouds[band]
        seen = [
            float(np.mean(back[band] * (1 - clouds[..., 3]) + clouds[..., c])) for c, back in enumerate(self.behind)
        ]
        return seen[0], seen[1], seen[2]

    def rows(self, view: View) -> int:
        """How many rows of this view the sky covers."""
        return max(0, min(view.height_px, math.ceil(view.horizon_px) + _OVERLAP))

    def _flash(self, canvas: Canvas, moved: np.ndarray, view: View, flashes: tuple[Flash, ...]) -> None:
        """Add lightning to the clouds [h, w, 4] on the canvas: brightest round the bolt, a little everywhere."""
        rows, columns = moved.shape[:2]
        az = (np.arange(columns, dtype=f32) - f32(view.centre_px)) / f32(view.focal_px)
        el = (f32(view.horizon_px) - np.arange(rows, dtype=f32)[:, None]) / f32(view.focal_px)
        for flash in flashes:
            near = np.exp(-(((az - f32(flash.azimuth)) / f32(flash.width)) ** 2)) * np.exp(
                -((el - f32(0.22)) ** 2) / f32(0.09)
            )
            shine = f32(0.62 * flash.level * self.light.flash_gain) * (f32(0.10) + near)
            for c, plane in enumerate(canvas):
                texture = moved[..., c] * f32(1 / (self.light.colours.cloud_lit[c] + 1e-4)) + f32(0.25) * moved[..., 3]
                plane[:rows] += shine * texture * f32(flash.rgb[c])


def build_sky(scene: Scene, light: Light, also: Callable[[View], View] | None = None) -> Sky:
    """The sky of a shot, with enough margin for its camera moves and the clouds' drift.

    `also` gives a second view for each of the camera's: a mirror in water that sees more than the picture shows.
    """
    times = np.linspace(scene.start_s, scene.end_s, 9)
    views = [scene.view(float(t)) for t in times]
    home = views[0]
    weather = weather_levels(scene)
    drift_per_s = _DRIFT_PER_S * (0.12 + 0.88 * weather["wind"])
    reach = drift_per_s * (scene.end_s - scene.start_s) / 2 * (home.horizon_px + _CURVE * home.focal_px) + 8
    seen = views if also is None else [*views, *(also(view) for view in views)]
    margin_x, margin_y = union_margin(seen, math.inf)
    margin = (min(home.width_px // 2, margin_x + math.ceil(min(reach, 0.2 * home.width_px))), margin_y)
    tall = home.horizon_px + margin_y + _CURVE * home.focal_px
    below = max(2, math.ceil(home.horizon_px) + _OVERLAP + 1)  # a close view of the ground has its horizon above it
    grid = _grid(home, light, below, margin)
    painted = _paint_clouds(grid, light, weather, scene.seed)
    clouds = interleaved(painted.light, painted.alpha)
    half = (max(1, clouds.shape[1] // 2), max(1, clouds.shape[0] // 2))
    return Sky(
        light=light,
        home=home,
        margin_px=margin,
        behind=_back(grid, light),
        clouds=clouds,
        small=cv2.resize(clouds, half, interpolation=cv2.INTER_AREA),
        stars=_make_stars(light, scene.seed) if light.stars > 0 else None,
        drift_per_s=drift_per_s,
        reach=max(1e-6, (margin[0] - margin_x) / max(1.0, tall)),
        middle_s=(scene.start_s + scene.end_s) / 2,
    )
