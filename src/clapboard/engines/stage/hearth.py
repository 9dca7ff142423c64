"""A ring of stones with crossed logs: painted once as two layers, behind the flames and before them."""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numpy widens float32 planes to "floating" in its stubs; all arithmetic here is float32

import math

import numpy as np

from clapboard.engines.stage.coast import SNOW
from clapboard.engines.stage.dabs import lay_domes, lay_strokes
from clapboard.engines.stage.kernels import Plane, f32, fbm, smoothstep
from clapboard.engines.stage.scene import Spot
from clapboard.engines.stage.wilds import Land, Layer, Window

_RING_M = 0.50
_DEEP = 0.30
"""A circle on the ground seen from standing height looks this flat (rise of the eye over the distance)."""


def _ring(rng: np.random.Generator, start: float, stop: float, count: int) -> np.ndarray:
    """Stones [n, 6] of an arc, far ones first: x, depth, radius, flatness, turn, tone."""
    angle = np.linspace(start, stop, count) + rng.normal(0, 0.05, count)
    radius = rng.uniform(0.080, 0.125, count)
    away = _RING_M * rng.uniform(0.95, 1.06, count)
    stones = np.stack([away * np.cos(angle), away * np.sin(angle), radius, rng.uniform(0.62, 0.80, count)], 1)
    stones = np.concatenate([stones, rng.normal(0, 0.3, (count, 1)), rng.uniform(0.55, 1.2, (count, 1))], 1)
    return stones[np.argsort(-stones[:, 1])]


def _pixels(window: Window, x_m: np.ndarray, y_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    half = 0.5 / window.per_m
    return (x_m - window.x_m[0, 0] + half) * window.per_m, (window.y_m[0, 0] - half - y_m) * window.per_m


def _stones(land: Land, window: Window, spot: Spot, stones: np.ndarray) -> tuple[list[Plane], Plane, Plane]:
    """Colours, coverage and firelight of a row of stones: lit on the side that looks to the middle of the ring."""
    buffer = np.zeros((*window.shape, 7), f32)
    x, y = _pixels(
        window, spot.x_m + stones[:, 0], spot.y_m + _DEEP * stones[:, 1] + 0.55 * stones[:, 2] * stones[:, 3]
    )
    wide = stones[:, 2] * window.per_m
    lay_domes(buffer, np.stack([x, y, wide, wide * stones[:, 3], stones[:, 4]], 1), stones[:, [5, 0, 1]])
    alpha = buffer[..., 6]
    tone, right, away, nx, up, toward = (buffer[..., i] / np.maximum(alpha, f32(1e-3)) for i in range(6))
    grain = fbm(window.x_m * f32(38) + 400, window.y_m * f32(44) + 60, octaves=4)
    tone = tone * (f32(0.55) + f32(0.85) * grain) * f32(0.115)
    snow = smoothstep(up + (grain - f32(0.5)) * f32(0.4), 0.75, 0.95) * f32(
        land.snow * 0.35
    )  # the fire melts most of it
    light = land.light.colours
    key = np.clip(nx * f32(math.copysign(0.75, land.light.azimuth)) + up * f32(0.4) + f32(0.1), 0, 1)
    sky = f32(0.25) + f32(0.75) * np.clip(up, 0, 1)
    rgb = [
        (tone + (f32(SNOW[c]) - tone) * snow)
        * (f32(light.ambient[c]) * sky + f32(light.key[c] * (0.3 + land.front)) * key)
        for c in range(3)
    ]
    # the flames stand over the middle: direction from a stone to them is (-x, up, towards us when it lies behind)
    inv = 1 / np.sqrt(right * right + away * away + f32(0.09))
    facing = np.clip((-right * nx + f32(0.30) * up + away * toward) * inv, 0, 1)
    warm = (tone + f32(0.6) * snow) * (f32(0.10) + f32(1.9) * facing) * alpha
    return land.hazed(rgb, spot.z_m), alpha, warm


_LOGS = (
    # ends (x, depth, height) and thickness in metres; the far ones first
    ((-0.34, 0.20, 0.05), (0.10, -0.04, 0.22), 0.080),
    ((0.36, 0.22, 0.06), (-0.08, -0.02, 0.24), 0.074),
    ((-0.40, -0.10, 0.05), (0.12, 0.06, 0.20), 0.088),
    ((0.42, -0.12, 0.05), (-0.14, 0.02, 0.19), 0.082),
    ((-0.16, -0.24, 0.05), (0.05, 0.10, 0.23), 0.070),
)


def _logs(land: Land, window: Window, spot: Spot) -> tuple[list[Plane], Plane, Plane]:
    """Charred logs: bark outside, and cracks that glow towards the middle."""
    buffer = np.zeros((*window.shape, 4), f32)
    ends = np.array([[*a, *b, thick] for a, b, thick in _LOGS])
    x0, y0 = _pixels(window, spot.x_m + ends[:, 0], spot.y_m + _DEEP * ends[:, 1] + ends[:, 2])
    x1, y1 = _pixels(window, spot.x_m + ends[:, 3], spot.y_m + _DEEP * ends[:, 4] + ends[:, 5])
    thick = ends[:, 6] * window.per_m
    for shift, lift, narrow in (
        (0.0, 0.0, 1.0),
        (-0.10, 0.18, 0.62),
        (-0.12, 0.30, 0.28),
    ):  # a round body: a lighter back
        lines = np.stack(
            [
                x0 + shift * thick,
                y0 - lift * thick,
                x1 + shift * thick,
                y1 - lift * thick,
                thick * narrow,
                0.8 * thick * narrow,
            ],
            1,
        )
        for line in lines:
            lay_strokes(buffer, line[None], np.array([[1 - narrow, 1.0, 0.0]]))
    alpha = buffer[..., 3]
    back = buffer[..., 0] / np.maximum(alpha, f32(1e-3))
    u, v = window.x_m - f32(spot.x_m), window.y_m - f32(spot.y_m)
    cracks = fbm(u * f32(26) + v * f32(9) + 60, v * f32(40) + 60, octaves=4, warp=0.6)
    heart = np.exp(-((u / f32(0.20)) ** 2) - ((v - f32(0.14)) / f32(0.12)) ** 2)
    char = 1 - f32(0.75) * heart
    bark = (f32(0.4) + f32(1.0) * cracks) * (f32(0.5) + f32(0.8) * back) * char
    light = land.light.colours
    lit = [f32(light.ambient[c] + 0.25 * light.key[c]) for c in range(3)]
    rgb = [f32(albedo) * bark * lit[c] for c, albedo in enumerate((0.075, 0.050, 0.034))]
    glow = smoothstep(cracks, 0.44, 0.66) * heart * f32(2.0)
    warm = (bark * f32(0.10) * np.exp(-((u / f32(0.34)) ** 2)) + glow) * alpha
    return land.hazed(rgb, spot.z_m), alpha, warm


def _ashes(land: Land, window: Window, spot: Spot) -> tuple[list[Plane], Plane, Plane]:
    """The burnt ground inside the ring: ash, and embers that glow in it."""
    u, v = (window.x_m - f32(spot.x_m)) / f32(_RING_M), (window.y_m - f32(spot.y_m)) / f32(_RING_M * _DEEP)
    grain = fbm(window.x_m * f32(40) + 300, window.y_m * f32(90) + 60, octaves=4)
    away = np.sqrt(u * u + v * v) + (grain - f32(0.5)) * f32(0.3)
    alpha = smoothstep(away, 1.08, 0.85)
    light = land.light.colours
    rgb = [f32(0.07) * (f32(0.3) + grain) * f32(light.ambient[c] + 0.3 * light.key[c]) + 0 * u for c in range(3)]
    embers = smoothstep(grain, 0.46, 0.66) * smoothstep(away, 0.75, 0.10)
    return rgb, alpha, (embers * f32(1.1) + f32(0.05)) * alpha


def _over(a: tuple[list[Plane], Plane, Plane], b: tuple[list[Plane], Plane, Plane]) -> tuple[list[Plane], Plane, Plane]:
    """`b` over `a`; colours are not premultiplied, firelight is."""
    alpha = a[1] * (1 - b[1]) + b[1]
    keep = np.maximum(alpha, f32(1e-3))
    rgb = [(x * a[1] * (1 - b[1]) + y * b[1]) / keep for x, y in zip(a[0], b[0], strict=True)]
    return rgb, alpha, a[2] * (1 - b[1]) + b[2]


def paint_hearth(land: Land, spot: Spot) -> tuple[Layer, Layer]:
    """What lies behind and under the flames, and the stones before them."""
    rng = np.random.default_rng(8)
    window = Window.at(land.view, spot.z_m, (spot.x_m + 1.2, spot.x_m - 1.2), (spot.y_m - 0.35, spot.y_m + 0.55))
    back = _over(_ashes(land, window, spot), _stones(land, window, spot, _ring(rng, 0.15, math.pi - 0.15, 9)))
    back = _over(back, _logs(land, window, spot))
    front = _stones(land, window, spot, _ring(rng, math.pi + 0.12, 2 * math.pi - 0.12, 8))
    layers = [Layer.of(land.view, spot.z_m, window.corner_px, (rgb, alpha), warm) for rgb, alpha, warm in (back, front)]
    return layers[0], layers[1]
