"""Open fire: noise-shaped flames, their glow, embers, smoke that bends with the wind, hot air. Pure in time."""

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numba import njit

from clapboard.engines.stage.camera import View
from clapboard.engines.stage.falling import scatter
from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.kernels import JIT, Canvas, f32, fbm, flicker, smoothstep, value_noise
from clapboard.engines.stage.scene import Rgb

# pyright: reportArgumentType=false, reportCallIssue=false
# numba and OpenCV type their numbers more narrowly than numpy's stubs do

_TONGUES: Final = np.array(
    # centre and half width (shares of the fire's half width), height (share of its height), pace, where in the noise
    [(-0.34, 0.58, 0.66, 1.13, 40.0), (0.36, 0.55, 0.58, 1.21, 90.0), (0.02, 0.80, 1.0, 1.0, 0.0)],
    f32,
)


@njit(**JIT)
def _flames(
    img: Any, cx: float, cy: float, half: float, tall: float, t: float, heat: float, lean: float, tongues: Any
) -> None:
    """Lay flames whose foot is at (cx, cy): rising noise eats their edges; where thick they cover what is behind."""
    height = img.shape[1]
    width = img.shape[2]
    for y in range(max(0, int(cy - tall * f32(1.08))), min(height, int(cy + half * f32(0.25)) + 1)):
        v0 = (cy - f32(y)) / tall
        for x in range(max(0, int(cx - half * f32(1.9))), min(width, int(cx + half * f32(1.9)) + 1)):
            u0 = (f32(x) - cx) / half - lean * max(f32(0), v0) * max(f32(0), v0)
            body = f32(0)
            core = f32(0)
            for i in range(tongues.shape[0]):
                v = v0 / tongues[i, 2]
                if v > f32(1.1):
                    continue
                up = min(f32(1.1), max(f32(0), v))
                time = t * tongues[i, 3] + tongues[i, 4]
                sway = (
                    (value_noise(v * f32(1.6) - time * f32(1.9) + f32(9000), f32(i) + f32(3)) - f32(0.5))
                    * f32(0.75)
                    * up
                )
                u = (u0 - tongues[i, 0] * (f32(1) - f32(0.45) * up)) / tongues[i, 1] + sway
                taper = (f32(1) - min(f32(1), up)) ** f32(0.62) * (f32(0.66) + f32(0.42) * min(f32(1), up * f32(4)))
                wide = abs(u) / max(f32(0.03), taper)
                if wide > f32(1) + f32(0.48) * (f32(0.7) + f32(1.7) * up):
                    continue  # no noise could reach it
                n = value_noise(u * f32(2.1) + f32(20), v * f32(2.3) - time * f32(2.3) + f32(9000)) * f32(0.55)
                n += value_noise(u * f32(4.9) + f32(50), v * f32(4.6) - time * f32(3.9) + f32(9000)) * f32(0.30)
                n += value_noise(u * f32(11) + f32(80), v * f32(9) - time * f32(6.1) + f32(9000)) * f32(0.17)
                shape = f32(1) - wide + (n - f32(0.54)) * (f32(0.7) + f32(1.7) * up)
                shape *= min(f32(1), max(f32(0), (v + f32(0.06)) * f32(9))) * min(
                    f32(1), max(f32(0), f32(1.06) - v) * f32(3)
                )
                if shape > f32(0):
                    shape = min(f32(1.2), shape)
                    body = body + shape - min(f32(1), body) * shape * f32(0.6)
                    core = max(core, shape * (f32(1.08) - f32(0.62) * up))
            if body > f32(0):
                body = min(f32(1.25), body)
                edge = min(f32(1), body * f32(3.2)) * heat
                hot = core * core * heat
                keep = f32(1) - min(f32(0.82), body * f32(0.95))
                img[0, y, x] = img[0, y, x] * keep + f32(1.25) * edge * body + f32(2.9) * hot
                img[1, y, x] = img[1, y, x] * keep + f32(0.26) * edge * body + f32(1.55) * hot * core
                img[2, y, x] = img[2, y, x] * keep + f32(0.025) * edge * body + f32(0.42) * hot * core * core


@dataclass(frozen=True, kw_only=True, slots=True)
class Fire:
    """A fire as it is seen: pixel of its foot, pixels a metre there, size 0..1.5, wind 0..1, how its glow shows."""

    foot_px: tuple[float, float]
    per_m: float
    size: float
    wind: float
    seed: int
    glow: float = 1.0
    """1 in the dark; less by day, when the glow of the air round it is lost in the light."""

    @property
    def tall_px(self) -> float:
        """Height of the flames."""
        return 0.92 * self.per_m * (0.28 + 0.72 * self.size)


def paint_fire(canvas: Canvas, fire: Fire, t_s: float) -> None:
    """Add the fire: glow, flames, embers."""
    if fire.size <= 0.02:
        return
    (x, y), per_m, size = fire.foot_px, fire.per_m, fire.size
    life, tall = flicker(t_s, fire.seed), fire.tall_px
    glow = [(2.5, 1.9, 0.034), (1.2, 1.15, 0.11), (0.55, 0.6, 0.26)]
    add_glows(
        canvas,
        Spots(
            x=x,
            y=[y - 0.35 * tall] * 3,
            radius_x=[per_m * wide for wide, _, _ in glow],
            radius_y=[per_m * high for _, high, _ in glow],
            rgb=[[k * size * life * fire.glow * c for c in (1.0, 0.30, 0.055)] for _, _, k in glow],
        ),
    )
    half = 0.30 * per_m * (0.45 + 0.55 * size)
    gust = 0.12 * math.sin(1.3 * t_s + fire.seed) + 0.9 * fire.wind * (0.7 + 0.3 * math.sin(2.9 * t_s))
    _flames(canvas, f32(x), f32(y), f32(half), f32(tall), f32(t_s), f32(0.86 + 0.2 * life), f32(gust), _TONGUES)
    _paint_embers(canvas, fire, t_s)


def _paint_embers(canvas: Canvas, fire: Fire, t_s: float) -> None:
    x, y = fire.foot_px[0], fire.foot_px[1] - 0.2 * fire.tall_px
    count = int(26 + 44 * min(1.5, fire.size))
    index = np.arange(count)
    pace = 0.20 + 0.22 * scatter(index, index * 0 + 1, fire.seed)
    life = t_s * pace + scatter(index, index * 0 + 2, fire.seed)
    turn = np.floor(life).astype(np.int64)
    age = life - turn
    side, reach = scatter(index, turn + 3, fire.seed) - 0.5, 0.5 + scatter(index, turn + 4, fire.seed)
    phase = scatter(index, turn + 5, fire.seed) * 2 * math.pi
    rise = age * (1.6 - 0.6 * age) * 2.3 * reach
    sway = np.sin(age * 9 * reach + phase) * 0.16 * age + side * (0.36 + 1.1 * age) + 2.2 * fire.wind * age**1.6
    fade = (1 - age) ** 1.7 * np.minimum(1, age * 14) * (0.45 + 0.55 * np.sin(t_s * 17 + phase * 3) ** 2)
    radius = np.maximum(0.9, fire.per_m * 0.010 * (0.5 + reach))
    rgb = np.array([2.3, 0.62, 0.08])[None] * (fade * min(1.0, fire.size))[:, None]
    add_glows(
        canvas, Spots(x=x + sway * fire.per_m, y=y - rise * fire.per_m, radius_x=radius, radius_y=radius, rgb=rgb)
    )


def paint_burst(canvas: Canvas, foot_px: tuple[float, float], per_m: float, age_s: float, seed: int) -> None:
    """Add the sparks of one crack in the wood, `age_s` seconds after it: a flash on its first frame, then tracks."""
    if not 0 <= age_s < 1.6:
        return
    rng = np.random.default_rng([seed, 97])
    count = 38
    angle, speed = rng.uniform(-1.2, 1.2, count), rng.uniform(0.7, 3.0, count)
    start = rng.normal(0, 0.04, count)
    life = rng.uniform(0.5, 1.6, count)
    x, y = foot_px
    if age_s < 0.09:
        flash = (1 - age_s / 0.09) ** 2
        add_glows(
            canvas,
            Spots(
                x=x, y=y, radius_x=0.34 * per_m, radius_y=0.30 * per_m, rgb=[[2.6 * flash, 1.0 * flash, 0.25 * flash]]
            ),
        )
    # a spark is seen along the way it came in the last 1/48 s: three dabs of one track
    for behind_s in (0.0, 0.010, 0.020):
        age = max(0.0, age_s + 0.021 - behind_s)
        drag = (1 - math.exp(-2.4 * age)) / 2.4
        dx = np.sin(angle) * speed * drag + start
        dy = np.cos(angle) * speed * drag * 1.2 + 0.25 * age - 0.18 * age**2
        fade = np.clip(1 - age / life, 0, 1) ** 1.3 * (1 - behind_s * 22)
        rgb = np.array([3.6, 1.35, 0.27])[None] * fade[:, None]
        radius = max(1.0, per_m * 0.014)
        add_glows(canvas, Spots(x=x + dx * per_m, y=y - dy * per_m, radius_x=radius, radius_y=radius, rgb=rgb))


def paint_smoke(canvas: Canvas, fire: Fire, t_s: float, rgb: Rgb, thick: float) -> None:
    """Veil what is behind with thin smoke that rises over the fire and bends with the wind. rgb: its light."""
    per_m = fire.per_m
    tall_m, spread_m = 4.2, 0.75 + 2.6 * fire.wind
    x, y = fire.foot_px[0], fire.foot_px[1] - 0.55 * fire.tall_px
    left, right = (
        max(0, int(x - (0.75 + 0.2 * fire.wind) * per_m)),
        min(canvas.shape[2], int(x + (0.6 + spread_m) * per_m)),
    )
    top, bottom = max(0, int(y - tall_m * per_m)), min(canvas.shape[1], int(y))
    if right - left < 8 or bottom - top < 8 or thick <= 0.01:
        return
    shrink = max(1.0, per_m / 26)
    rows = np.linspace(top, bottom, max(6, int((bottom - top) / shrink)), dtype=f32)[:, None]
    columns = np.linspace(left, right, max(6, int((right - left) / shrink)), dtype=f32)[None]
    v = (f32(y) - rows) / f32(per_m)
    drift = fbm(v * f32(0.9) - f32(t_s * 0.55 % 4000) + 5000, np.full_like(v, 3.0 + fire.seed % 50), octaves=3) - f32(
        0.5
    )
    bend = f32(1.9 * fire.wind) * v**1.25 * f32(0.45) + drift * (f32(0.15) + f32(0.42) * v)
    u = (columns - f32(x)) / f32(per_m) - bend
    wide = f32(0.11) + f32(0.13) * v
    curl = fbm(u / wide * f32(0.8) + 40, v * f32(2.2) - f32(t_s * 1.3 % 4000) + 5000, octaves=4, warp=1.3)
    body = np.clip(1 - (u / wide) ** 2, 0, 1) * np.clip((curl - f32(0.30)) * f32(2.4), 0, 1)
    fade = smoothstep(v, 0.02, 0.5) * (1 - smoothstep(v, 0.35 * tall_m, tall_m))
    alpha = (body * fade * f32(thick)).astype(f32)
    alpha = cv2.resize(alpha, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    for plane, level in zip(canvas, rgb, strict=True):
        band = plane[top:bottom, left:right]
        band += (f32(level) - band) * alpha


def paint_shimmer(canvas: Canvas, view: View, fire: Fire, t_s: float) -> None:
    """Bend what is seen through the hot air over the flames."""
    per_m, unit = fire.per_m, view.height_px / 720
    x, y = fire.foot_px[0], fire.foot_px[1] - 0.25 * fire.tall_px
    left, right = max(0, int(x - 0.42 * per_m)), min(canvas.shape[2], int(x + 0.42 * per_m))
    top, bottom = max(0, int(y - 1.9 * per_m)), min(canvas.shape[1], int(y))
    if right - left < 8 or bottom - top < 8:
        return
    rows = np.arange(top, bottom, dtype=f32)[:, None]
    columns = np.arange(left, right, dtype=f32)[None]
    u, v = (columns - f32(x)) / f32(per_m), (f32(y) - rows) / f32(per_m)
    fade = np.clip(1 - (u / f32(0.42)) ** 2, 0, 1) * np.clip(v * 4, 0, 1) * np.clip((f32(1.9) - v) * f32(0.8), 0, 1)
    size = f32(1.6 * unit * min(1.0, fire.size) * (per_m / (104 * unit)) ** 0.5) * fade
    wave = np.sin(v * f32(21) - f32(t_s * 13 % 6283.185) + u * 7) + np.sin(
        v * f32(37) - f32(t_s * 19 % 6283.185) - u * 13
    )
    map_x = (columns - left + size * wave).astype(f32)
    map_y = (rows - top + size * f32(0.6) * np.roll(wave, 3, axis=1)).astype(f32)
    for plane in canvas:
        part = np.ascontiguousarray(plane[top:bottom, left:right])
        plane[top:bottom, left:right] = cv2.remap(part, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
