"""Develop an HDR canvas into a video frame: exposure, vignette, highlight desaturation, filmic curve, grade, grain.

Output is I420, BT.709, limited range, dithered by the grain. The curve is the ACES fit of Narkowicz (2015), the sRGB
transfer three square roots (within 0.004 of the exact one); split into row loops that vectorise.
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba and OpenCV type their numbers more narrowly than numpy's stubs do

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numba import njit

from clapboard.engines.stage.kernels import JIT, Canvas, Plane, f32
from clapboard.take import Frame


@dataclass(frozen=True, kw_only=True, slots=True)
class Grade:
    """The look of a shot. `lift_rgb` colours the shadows, `gain_rgb` the lights (multiplied before the curve)."""

    exposure: float = 1.0
    contrast: float = 1.05
    saturation: float = 1.0
    highlight_desaturation: float = 0.35
    vignette: float = 0.5
    grain: float = 0.0055
    gain_rgb: tuple[float, float, float] = (1.0, 1.0, 1.0)
    lift_rgb: tuple[float, float, float] = (0.0, 0.0, 0.0)


def _make_grain() -> Plane:
    noise = cv2.GaussianBlur(np.random.default_rng(11).random((576, 1024), dtype=f32), (0, 0), 0.7)
    return ((noise - noise.mean()) / noise.std()).astype(f32)


_GRAIN = _make_grain()


@njit(inline="always", fastmath=True)
def _film(x: float) -> float:
    x = min(f32(1), (x * (f32(2.51) * x + f32(0.03))) / (x * (f32(2.43) * x + f32(0.59)) + f32(0.14)))
    root = math.sqrt(x)
    fourth = math.sqrt(root)
    eighth = math.sqrt(fourth)
    return f32(0.662002687) * root + f32(0.684122060) * fourth - f32(0.323583601) * eighth - f32(0.0225411470) * x


@njit(**JIT)
def _expose_row(r: Any, g: Any, b: Any, vx: Any, look: Any, dy: float, luma: Any, pull: Any) -> None:
    """Exposure and vignette in place; luma and how far each pixel is pulled towards grey (hot lights bleach)."""
    for x in range(r.shape[0]):
        v = max(f32(0.05), f32(1) - look[1] * (vx[x] + dy)) * look[0]
        r[x] = max(f32(0), r[x] * v * look[5])
        g[x] = max(f32(0), g[x] * v * look[6])
        b[x] = max(f32(0), b[x] * v * look[7])
    for x in range(r.shape[0]):
        top = max(r[x], max(g[x], b[x]))
        luma[x] = (f32(0.2126) * r[x] + f32(0.7152) * g[x] + f32(0.0722) * b[x] + top) * f32(0.5)
        pull[x] = look[2] * top / (f32(3) + top) + (f32(1) - look[4])


@njit(**JIT)
def _film_row(a: Any, luma: Any, pull: Any, contrast: float, lift: float, out: Any) -> None:
    for x in range(a.shape[0]):
        v = a[x] + (luma[x] - a[x]) * pull[x] + lift
        out[x] = f32(0.5) + (_film(max(f32(0), v)) - f32(0.5)) * contrast


@njit(**JIT)
def _develop(img: Any, vx: Any, grain: Any, ox: int, oy: int, look: Any, luma8: Any, cb8: Any, cr8: Any) -> None:
    height = img.shape[1]
    width = img.shape[2]
    row = np.empty((3, width), f32)
    luma = np.empty(width, f32)
    pull = np.empty(width, f32)
    rgb = np.empty((3, width), f32)
    blue = np.empty(width, f32)
    red = np.empty(width, f32)
    for y in range(height):
        dy = f32(y) / f32(height) - f32(0.5)
        dy = dy * dy * f32(1.94)
        for c in range(3):
            row[c] = img[c, y]
        _expose_row(row[0], row[1], row[2], vx, look, dy, luma, pull)
        for c in range(3):
            _film_row(row[c], luma, pull, look[3], look[8 + c], rgb[c])
        noise = grain[(y + oy) % grain.shape[0]]
        r = rgb[0]
        g = rgb[1]
        b = rgb[2]
        for x in range(width):
            luma[x] = f32(0.2126) * r[x] + f32(0.7152) * g[x] + f32(0.0722) * b[x]
        gx = ox
        for x in range(width):
            pull[x] = noise[(x + gx) & 1023] * look[11]
        out = luma8[y]
        for x in range(width):
            out[x] = np.uint8(min(f32(235), max(f32(16), (luma[x] + pull[x]) * f32(219) + f32(16.5))))
        if y & 1 == 0:
            for x in range(width):
                blue[x] = b[x] - luma[x]
                red[x] = r[x] - luma[x]
        else:
            for x in range(width):
                blue[x] += b[x] - luma[x]
                red[x] += r[x] - luma[x]
            u = cb8[y >> 1]
            v = cr8[y >> 1]
            for x in range(width >> 1):
                level = (blue[2 * x] + blue[2 * x + 1]) * f32(0.25 * 224 / 1.8556) + f32(128.5)
                u[x] = np.uint8(min(f32(240), max(f32(16), level)))
            for x in range(width >> 1):
                level = (red[2 * x] + red[2 * x + 1]) * f32(0.25 * 224 / 1.5748) + f32(128.5)
                v[x] = np.uint8(min(f32(240), max(f32(16), level)))


def develop(canvas: Canvas, grade: Grade, frame_index: int) -> Frame:
    """An HDR canvas [3, h, w] (even h and w) as an I420 frame [h * 3 / 2, w]; the canvas is not changed.

    The grain moves with `frame_index` and repeats after many seconds.
    """
    height, width = canvas.shape[1:]
    vx = ((np.arange(width, dtype=f32) / width - f32(0.5)) ** 2 * f32(2.5)).astype(f32)
    look = np.array(
        [
            *(grade.exposure, grade.vignette, grade.highlight_desaturation, grade.contrast, grade.saturation),
            *(*grade.gain_rgb, *grade.lift_rgb, grade.grain),
        ],
        f32,
    )
    frame = np.empty((height * 3 // 2, width), np.uint8)
    chroma = frame[height:].reshape(2, height // 2, width // 2)
    ox, oy = (frame_index * 389) % 1024, (frame_index * 211) % 576
    _develop(canvas, vx, _GRAIN, ox, oy, look, frame[:height], chroma[0], chroma[1])
    return frame


def to_rgb(frame: Frame) -> Frame:
    """An I420 BT.709 frame as RGB [h, w, 3] for stills and contact sheets."""
    height = frame.shape[0] * 2 // 3
    width = frame.shape[1]
    chroma = frame[height:].reshape(2, height // 2, width // 2)
    luma = (frame[:height].astype(f32) - 16) / 219
    cb, cr = (cv2.resize(plane.astype(f32) - 128, (width, height)) / 224 for plane in chroma)
    rgb = np.stack([luma + 1.5748 * cr, luma - 0.1873 * cb - 0.4681 * cr, luma + 1.8556 * cb], -1)
    return (np.clip(rgb, 0, 1) * 255 + 0.5).astype(np.uint8)
