"""Spruces drawn bough by bough: thousands of needle strokes, back to front, kept as normals and shade, then lit.

grove = paint_pines(land, Stand(...))               # once a shot: one layer per group of trees
grove.draw(canvas, view, 1.0, fire_rgb, lean_px)   # every frame
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numpy widens float32 planes to "floating" in its stubs; all arithmetic here is float32

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from clapboard.engines.stage.coast import SNOW
from clapboard.engines.stage.dabs import lay_strokes
from clapboard.engines.stage.kernels import f32, smoothstep
from clapboard.engines.stage.scene import Rgb
from clapboard.engines.stage.wilds import Land, Layer, Window, warm_fall

NEEDLES: Final[Rgb] = (0.034, 0.062, 0.030)
BARK: Final[Rgb] = (0.075, 0.052, 0.038)
_BRIGHT, _SIDE, _FRONT, _UP, _SNOW, _BARK = range(6)
_TWIGS: Final = 9
"""Pairs of twigs on a bough; with the boughs about 7000 strokes make a near tree."""
_ALONG: Final = (np.arange(_TWIGS) + 0.7) / _TWIGS
"""Where they sit on it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stand:
    """Trees of one depth: where they may grow (x span in metres), how tall, how far apart, how high the ground is."""

    depth_m: float
    span_m: tuple[float, float]
    tall_m: tuple[float, float]
    apart_m: float
    foot_m: float
    wide: float = 0.17
    fine: float = 1.0
    """Share of the boughs that are drawn: far trees need fewer."""


def _twigs(
    rng: np.random.Generator,
    tall: float,
    boughs: tuple[np.ndarray, np.ndarray, np.ndarray],
    at: tuple[np.ndarray, np.ndarray],
    sign: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Needles on one side of all boughs (share of the height from the top, turn, reach), at points [n, twigs]: strokes,
    values and how far back they are."""
    s, turn, reach = boughs
    x, y = at
    back = np.sin(turn)
    fan = turn[:, None] + sign * 0.85 * (1.05 - 0.5 * _ALONG)
    length = (reach[:, None] * 0.40 * (1.15 - 0.85 * _ALONG) + 0.006 * tall) * rng.uniform(0.7, 1.25, x.shape)
    x1 = x + length * np.cos(fan)
    y1 = y - length * (0.20 + 0.55 * s[:, None]) * rng.uniform(0.4, 1.4, x.shape)
    thick = 0.105 * length * (0.6 + 0.8 * rng.random(x.shape))
    lines = np.stack([x, y, x1, y1, thick, 0.25 * thick], -1).reshape(-1, 6)
    tip = (0.30 + 0.70 * _ALONG) * (0.80 + 0.40 * rng.random(x.shape))
    lit = tip * (0.62 - 0.38 * back[:, None])
    dusting = np.where(rng.random(x.shape) < 0.42, 0.25 + 0.6 * rng.random(x.shape), 0.0)
    value = [lit, np.cos(fan), -np.sin(fan), np.full_like(x, 0.55), dusting, np.zeros_like(x)]
    order = back[:, None] * reach[:, None] * _ALONG + 0.02 * rng.random(x.shape)
    return lines, np.stack(value, -1).reshape(-1, 6), order.reshape(-1)


def _spruce(
    rng: np.random.Generator, tall: float, wide: float, laden: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Strokes [n, 6] in metres (x, y up from the foot) and values [n, 6], sorted from the back to the front.

    laden: share of the boughs that are drawn, and how much snow lies on them.
    """
    fine, snow = laden
    tiers = max(8, round((14 + 2.6 * tall) * fine))
    boughs = max(5, round(12 * math.sqrt(fine)))
    s = np.repeat((np.arange(tiers) + 0.6) / tiers, boughs) + rng.normal(0, 0.35 / tiers, tiers * boughs)
    s = np.clip(s, 0.01, 1.0)
    turn = rng.uniform(0, 2 * math.pi, len(s))
    hang = 0.16 * (rng.random(tiers).repeat(boughs) - 0.3)  # whole tiers are longer or shorter: a ragged outline
    reach = (
        wide
        * tall
        * (0.03 + s**0.95)
        * np.clip(0.66 + 2.2 * hang + 0.42 * rng.random(len(s)), 0.5, 1.12)
        * np.where(rng.random(len(s)) < 0.06, 0.5, 1)
    )
    side, back = np.cos(turn), np.sin(turn)
    root = tall * (1 - 0.95 * s)
    sink = 0.10 + 0.62 * s + rng.normal(0, 0.07, len(s))  # the upper boughs reach up, the lower ones droop
    sink = sink - 0.55 * (1 - s) ** 4
    out = reach[:, None] * _ALONG
    x = out * side[:, None]
    y = root[:, None] - out * sink[:, None] + 0.34 * out * _ALONG**2 * (0.3 + s[:, None])
    ground = 0.02 + 0.12 * np.sin(5 * turn)[:, None]  # the lowest boughs lie on it, each at its own height
    y = np.where(y < ground, ground + 0.15 * (y - ground), y)
    drawn = [_twigs(rng, tall, (s, turn, reach), (x, y), sign) for sign in (-1.0, 1.0)]
    lines, values, order = (list(part) for part in zip(*drawn, strict=True))
    # the bough's own back, where the snow lies
    load = (0.006 + 0.010 * snow) * tall * (0.4 + s) * rng.uniform(0.5, 1.3, len(s))
    lift = y + load[:, None] * 0.35
    lines.append(np.stack([x[:, 1], lift[:, 1], x[:, -1], lift[:, -1], load, 0.4 * load], -1))
    heap = (rng.random(len(s)) < 0.9).astype(float)
    value = [0.75 - 0.25 * back, side, -back, np.ones_like(s), heap, 0 * s]
    values.append(np.stack(value, -1))
    order.append(back * out[:, -1] * 0.8 - 0.03)
    trunk = 0.020 * tall
    lines.append(
        np.array(
            [[0, -0.1, 0, tall * 0.9, trunk, 0.1 * trunk], [0, tall * 0.8, 0, tall * 1.02, 0.25 * trunk, 0.08 * trunk]]
        )
    )
    values.append(np.array([[0.35, 0.2, 0.6, 0.0, 0.0, 1.0], [0.7, 0.0, 0.6, 0.5, 0.0, 0.0]]))
    order.append(np.zeros(2))
    sorted_back = np.argsort(-np.concatenate(order))
    return np.concatenate(lines)[sorted_back], np.concatenate(values)[sorted_back]


def _undergrowth(rng: np.random.Generator, stand: Stand, x_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Low bushes and grass at a tree's foot."""
    count = round(90 * stand.fine)
    x = x_m + rng.normal(0, 0.55 * stand.apart_m, count)
    tall = rng.gamma(3.0, 0.07, count)
    lean = rng.normal(0, 0.55, count)
    lines = np.stack([x, np.full(count, -0.12), x + lean * tall, tall, np.full(count, 0.06), np.full(count, 0.02)], 1)
    values = np.stack(
        [rng.uniform(0.3, 0.9, count), np.tanh(lean * 2), np.full(count, 0.8), np.full(count, 0.6), 0 * x, 0 * x], 1
    )
    return lines, values


def _drawn(land: Land, stand: Stand, window: Window) -> np.ndarray:
    """The stand's buffer [h, w, 7]: shade, normal to the side and to us, up, snow's place, bark, coverage."""
    rng = np.random.default_rng([land.seed, round(stand.depth_m * 10), 55, round(abs(stand.span_m[0]) * 10)])
    buffer = np.zeros((*window.shape, 7), f32)
    x = stand.span_m[0]
    feet = []
    while x < stand.span_m[1]:
        feet.append(x)
        x += stand.apart_m * rng.uniform(0.5, 1.5)
    for foot in rng.permutation(feet):
        tall = rng.uniform(*stand.tall_m) * (1.22 if rng.random() < 0.18 else 1.0)
        shift = np.array([foot, 0, foot, 0, 0, 0])
        for lines, values in (
            _spruce(rng, tall, stand.wide * rng.uniform(0.85, 1.15), (stand.fine, land.snow)),
            _undergrowth(rng, stand, 0.0),
        ):
            lay_strokes(buffer, window.lines(lines + shift, stand.foot_m), values)
    return buffer


def paint_pines(land: Land, stand: Stand) -> Layer:
    """A group of spruces and, where a fire is near, the light that it throws on them."""
    # 1 m below the foot: no hanging twig is cut off
    window = Window.at(
        land.view, stand.depth_m, stand.span_m, (stand.foot_m - 1.0, stand.foot_m + stand.tall_m[1] * 1.3)
    )
    planes = [np.ascontiguousarray(plane) for plane in cv2.split(_drawn(land, stand, window))]
    alpha = planes[6]
    shade, side, front, up, heap, bark = (plane / np.maximum(alpha, f32(1e-3)) for plane in planes[:6])
    light = land.light
    towards = math.copysign(1.0, light.azimuth)
    snow = smoothstep(heap * shade, 0.12, 0.45) * f32(land.snow)
    fine = max(1.0, 0.05 * window.per_m)
    edge = np.clip(alpha - cv2.GaussianBlur(alpha, (0, 0), fine * 2.5), 0, 1)
    key = (
        f32(0.10) + f32(0.90) * np.clip(side * f32(towards * 0.8) + up * f32(0.35) + front * f32(0.25), 0, 1)
    ) * shade
    sky = (f32(0.45) + f32(0.95) * up) * shade * (f32(0.5) + shade) + f32(0.06)
    rgb = []
    for c in range(3):
        albedo = f32(NEEDLES[c]) + f32(BARK[c] - NEEDLES[c]) * bark
        albedo = albedo + (f32(SNOW[c]) - albedo) * snow
        lit = f32(light.colours.ambient[c]) * sky + f32(light.colours.key[c] * (0.42 + land.front)) * key
        rim = edge * f32(
            light.colours.key[c] * 0.050 + light.colours.mid[c] * 0.05
        )  # needles let light from behind through
        rgb.append(albedo * lit + rim)
    rgb = land.hazed(rgb, stand.depth_m)
    warm = None
    if land.fire is not None:
        fire = land.fire
        right = np.sign(f32(fire.x_m) - window.x_m)
        catch = np.clip(f32(0.15) + f32(0.55) * front + f32(0.60) * side * right, 0, 1) * shade
        near = warm_fall(fire, window.x_m, window.y_m, stand.depth_m)
        mean = f32(2.2 * NEEDLES[1]) + f32(BARK[0] - NEEDLES[1]) * bark + f32(0.7) * snow
        warm = catch * near * mean * alpha * f32(math.exp(-light.fog_per_m * stand.depth_m))
    return Layer.of(land.view, stand.depth_m, window.corner_px, (rgb, alpha), warm)
