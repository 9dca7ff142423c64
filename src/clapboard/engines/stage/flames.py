"""Open fire: a noise-shaped flame, its glow, embers that rise and die. Pure in time; size 1 is a campfire knee-high."""

import math
from typing import Any

import numpy as np
from numba import njit

from clapboard.engines.stage.falling import scatter
from clapboard.engines.stage.glow import Spots, add_glows
from clapboard.engines.stage.kernels import JIT, Canvas, f32, fast_sin, flicker, value_noise

# pyright: reportArgumentType=false
# numba types its numbers more narrowly than numpy's stubs do


@njit(**JIT)
def _flame(img: Any, cx: float, cy: float, half: float, tall: float, t: float, heat: float) -> None:
    """Add a flame whose foot is at (cx, cy): tongues are noise that rises, the core is hotter and whiter."""
    height = img.shape[1]
    width = img.shape[2]
    for y in range(max(0, int(cy - tall)), min(height, int(cy + half * f32(0.2)) + 1)):
        v = (cy - f32(y)) / tall
        up = max(f32(0), v)
        taper = (f32(1) - min(f32(1), up)) ** f32(0.72) * (f32(0.72) + f32(0.5) * min(f32(1), up * f32(5)))
        foot = min(f32(1), max(f32(0), (v + f32(0.07)) * f32(8)))
        top = min(f32(1), max(f32(0), f32(1.05) - v))
        for x in range(max(0, int(cx - half * f32(1.5))), min(width, int(cx + half * f32(1.5)) + 1)):
            u = (f32(x) - cx) / half
            n = value_noise(u * f32(2.6) + f32(20), v * f32(2.9) - t * f32(2.5) + f32(90000)) * f32(0.58)
            n += value_noise(u * f32(6.3) + f32(50), v * f32(5.9) - t * f32(4.3) + f32(90000)) * f32(0.30)
            n += value_noise(u * f32(14) + f32(80), v * f32(11) - t * f32(6.3) + f32(90000)) * f32(0.15)
            bend = u + (n - f32(0.5)) * f32(0.85) * up + f32(0.07) * fast_sin(v * f32(5) - t * f32(4))
            body = f32(1) - abs(bend) / max(f32(0.03), f32(0.60) * taper) + (n - f32(0.56)) * f32(1.45)
            body *= top * foot
            if body > f32(0):
                body = min(f32(1.3), body)
                edge = min(f32(1), body * f32(3)) * body * heat
                hot = body * body * heat
                img[0, y, x] += f32(1.05) * edge + f32(2.7) * hot * body
                img[1, y, x] += f32(0.20) * edge + f32(1.28) * hot * hot
                img[2, y, x] += f32(0.02) * edge + f32(0.28) * hot * hot * hot


def paint_fire(canvas: Canvas, foot_px: tuple[float, float], per_m: float, t_s: float, size: float, seed: int) -> None:
    """Add a fire of `size` 0..1.5 whose foot is at a pixel, `per_m` pixels a metre: glow, two flames, embers."""
    if size <= 0.02:
        return
    x, y = foot_px
    life = flicker(t_s, seed)
    half, tall = 0.30 * per_m * (0.5 + 0.5 * size), 0.86 * per_m * (0.30 + 0.70 * size)
    glow = [(3.1, 2.4, 0.034), (1.2, 1.15, 0.13), (0.55, 0.6, 0.30)]
    add_glows(
        canvas,
        Spots(
            x=x,
            y=[y - 0.35 * tall] * 3,
            radius_x=[per_m * wide for wide, _, _ in glow],
            radius_y=[per_m * high for _, high, _ in glow],
            rgb=[[k * size * life * c for c in (1.0, 0.30, 0.055)] for _, _, k in glow],
        ),
    )
    _flame(canvas, f32(x), f32(y), f32(half), f32(tall), f32(t_s), f32(0.9 + 0.25 * life))
    _flame(canvas, f32(x - half * 0.28), f32(y), f32(half * 0.55), f32(tall * 0.66), f32(t_s * 1.17 + 40), f32(1.0))
    _paint_embers(canvas, (x, y - 0.2 * tall), per_m, t_s, size, seed)


def _paint_embers(
    canvas: Canvas, foot_px: tuple[float, float], per_m: float, t_s: float, size: float, seed: int
) -> None:
    count = int(30 + 50 * min(1.5, size))
    index = np.arange(count)
    pace = 0.20 + 0.22 * scatter(index, index * 0 + 1, seed)
    life = t_s * pace + scatter(index, index * 0 + 2, seed)
    turn = np.floor(life).astype(np.int64)
    age = life - turn
    side, reach = scatter(index, turn + 3, seed) - 0.5, 0.5 + scatter(index, turn + 4, seed)
    phase = scatter(index, turn + 5, seed) * 2 * math.pi
    rise = age * (1.6 - 0.6 * age) * 2.3 * reach
    sway = np.sin(age * 9 * reach + phase) * 0.16 * age + side * (0.36 + 1.1 * age)
    fade = (1 - age) ** 1.7 * np.minimum(1, age * 14) * (0.45 + 0.55 * np.sin(t_s * 17 + phase * 3) ** 2)
    radius = np.maximum(0.9, per_m * 0.012 * (0.5 + reach))
    rgb = np.array([2.3, 0.62, 0.08])[None] * (fade * min(1.0, size))[:, None]
    add_glows(
        canvas,
        Spots(x=foot_px[0] + sway * per_m, y=foot_px[1] - rise * per_m, radius_x=radius, radius_y=radius, rgb=rgb),
    )


def paint_burst(canvas: Canvas, foot_px: tuple[float, float], per_m: float, age_s: float, seed: int) -> None:
    """Add the sparks of one crack in the wood, `age_s` seconds after it."""
    if not 0 <= age_s < 1.6:
        return
    rng = np.random.default_rng([seed, 97])
    count = 34
    angle, speed = rng.uniform(-1.15, 1.15, count), rng.uniform(0.5, 2.5, count)
    drag = (1 - np.exp(-2.2 * age_s)) / 2.2
    x = np.sin(angle) * speed * drag + rng.normal(0, 0.05, count)
    y = np.cos(angle) * speed * drag * 1.2 + 0.25 * age_s - 0.18 * age_s**2
    life = rng.uniform(0.5, 1.6, count)
    fade = np.clip(1 - age_s / life, 0, 1) ** 1.3
    rgb = np.array([3.4, 1.25, 0.25])[None] * fade[:, None]
    radius = max(1.0, per_m * 0.016)
    add_glows(
        canvas,
        Spots(x=foot_px[0] + x * per_m, y=foot_px[1] - y * per_m, radius_x=radius, radius_y=radius, rgb=rgb),
    )
