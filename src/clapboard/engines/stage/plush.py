"""Furry bodies: spheres and spheroids melted into one soft relief, with a ragged edge of hair that light catches.

    blobs = Blobs(centre, radius, axis)              # metres, x right, y up, z towards the camera, round the foot
    paint_plush(easel, (x_m, 0.0, z_m), blobs, coat)

Each pixel's normal is the mean of the blobs' normals weighted by how near the camera each surface is, so that limbs
flow into the body. Hair is noise stretched along the fall of the coat: it breaks the edge and streaks the light.
"""

# numba types its numbers more narrowly than numpy's stubs do
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from clapboard.engines.stage.kernels import JIT, Plane, f32, fbm
from clapboard.engines.stage.scene import Easel, Rgb
from clapboard.engines.stage.turned import light_behind, point_rows


@dataclass(frozen=True, slots=True)
class Blobs:
    """Spheroids [n]: centre [n, 3], radius [n] across, half long axis [n, 3] (zero: a sphere). Metres."""

    centre: NDArray[np.float64]
    radius: NDArray[np.float64]
    axis: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Coat:
    """How fur takes light. `rim`: share of the light behind that its edge shows; `hair_m`: how long that edge is."""

    albedo: Rgb
    rim: float = 1.4
    hair_m: float = 0.007
    stripes: float = 0.25
    seed: int = 0


@njit(**JIT)
def _melt(field: Any, blobs: Any, left: float, top: float, melt: float) -> None:
    """field [5, h, w]: weight, nx, ny, nz (weighted sums), coverage; blobs: the rows of `_quadrics`."""
    height = field.shape[1]
    width = field.shape[2]
    for i in range(blobs.shape[0]):
        a11 = blobs[i, 3]
        a12 = blobs[i, 4]
        a13 = blobs[i, 5]
        a22 = blobs[i, 6]
        a23 = blobs[i, 7]
        a33 = blobs[i, 8]
        inv = f32(1) / a33
        reach_x = blobs[i, 10]
        reach_y = blobs[i, 11]
        x0 = blobs[i, 0] - left
        y0 = blobs[i, 1] - top
        for y in range(max(0, int(y0 - reach_y) - 1), min(height, int(y0 + reach_y) + 3)):
            dy = f32(y) - y0
            for x in range(max(0, int(x0 - reach_x) - 1), min(width, int(x0 + reach_x) + 3)):
                dx = f32(x) - x0
                b = a13 * dx + a23 * dy
                disc = (b * b - a33 * (a11 * dx * dx + f32(2) * a12 * dx * dy + a22 * dy * dy - f32(1))) * inv
                cover = min(f32(1), disc * blobs[i, 9] * f32(0.5) + f32(0.5))
                if cover <= f32(0):
                    continue
                z = math.sqrt(max(f32(0), disc) * inv) - b * inv
                nx = a11 * dx + a12 * dy + a13 * z
                ny = a12 * dx + a22 * dy + a23 * z
                nz = a13 * dx + a23 * dy + a33 * z
                length = f32(1) / math.sqrt(nx * nx + ny * ny + nz * nz + f32(1e-12))
                weight = math.exp((z + blobs[i, 2]) * melt) * cover + f32(1e-6)
                field[0, y, x] += weight
                field[1, y, x] += weight * nx * length
                field[2, y, x] += weight * ny * length
                field[3, y, x] += weight * nz * length
                field[4, y, x] = max(field[4, y, x], cover)


@njit(**JIT)
def _shade_fur(img: Any, behind: Any, relief: Any, hair: Any, lights: Any, look: Any) -> None:
    """relief [4, h, w]: nx, ny, nz, edge coverage before hair; hair [2, h, w]: strands, markings (0..1);
    look [4, 3]: albedo, ambient, (rim, left, top), (foot row, size px, -)."""
    height = relief.shape[1]
    width = relief.shape[2]
    bh = behind.shape[1]
    bw = behind.shape[2]
    left = int(look[2, 1])
    top = int(look[2, 2])
    fx = f32(bw) / f32(img.shape[2])
    fy = f32(bh) / f32(img.shape[1])
    for y in range(height):
        py = y + top
        v = min(bh - 1, int(f32(py) * fy))
        low = min(f32(1), max(f32(0), (look[3, 0] - f32(py)) / (look[3, 1] * f32(0.16))))
        ground = f32(0.35) + f32(0.65) * low
        for x in range(width):
            strand = hair[0, y, x]
            soft = relief[3, y, x]
            ragged = soft + (strand - f32(0.5)) * f32(1.5) * (f32(1) - soft)
            cover = min(f32(1), max(f32(0), (ragged - f32(0.44)) * f32(3.4) + f32(0.35)) * min(f32(1), soft * f32(4)))
            if cover <= f32(0.004):
                continue
            nx = relief[0, y, x] + (strand - f32(0.5)) * f32(0.5)
            ny = relief[1, y, x] + (strand - f32(0.5)) * f32(0.3)
            nz = relief[2, y, x]
            inv = f32(1) / math.sqrt(nx * nx + ny * ny + nz * nz + f32(1e-6))
            nx *= inv
            ny *= inv
            nz *= inv
            px = x + left
            u = min(bw - 1, int(f32(px) * fx))
            graze = f32(1) - max(f32(0), min(f32(1), nz))
            fringe = f32(1) - soft
            rim = (graze * graze * graze * (f32(0.55) + f32(0.9) * strand) + fringe * f32(0.5)) * look[2, 0]
            rim *= (f32(0.75) - f32(0.35) * ny) * low  # more from above, none at the ground
            tone = (f32(0.55) + f32(0.9) * strand) * hair[1, y, x]
            for c in range(3):
                light = look[1, c] * (f32(0.62) - f32(0.38) * ny)
                for k in range(lights.shape[0]):
                    lx = lights[k, 0] - f32(px)
                    ly = lights[k, 1] - f32(py)
                    lz = lights[k, 2]
                    d2 = lx * lx + ly * ly + lz * lz
                    dot = (nx * lx + ny * ly + nz * lz) / math.sqrt(d2 + f32(1))
                    fall = lights[k, 4 + c] / (f32(1) + d2 / (lights[k, 3] * lights[k, 3]))
                    light += max(f32(0), (dot + f32(0.35)) * f32(0.74)) * fall
                value = look[0, c] * light * tone * ground + behind[c, v, u] * rim
                img[c, py, px] += (value - img[c, py, px]) * cover


def _quadrics(blobs: Blobs, per_m: float, column: float, row: float) -> NDArray[np.float32]:
    """Rows [n, 12] in pixels, y down, z towards us: centre, A11 A12 A13 A22 A23 A33, radius, reach along x and y."""
    flip = np.array([1.0, -1.0, 1.0])
    centre = blobs.centre * flip * per_m + [column, row, 0.0]
    axis, radius = blobs.axis * flip * per_m, blobs.radius * per_m
    length = np.linalg.norm(axis, axis=1)
    long = np.maximum(length, 1e-9)
    way = axis / long[:, None]
    stretch = np.where(length > 1e-6, 1 / np.maximum(long, 1e-6) ** 2 - 1 / radius**2, 0.0)
    matrix = np.eye(3)[None] / (radius**2)[:, None, None] + stretch[:, None, None] * way[:, :, None] * way[:, None, :]
    spread = np.linalg.inv(matrix)
    rows = [centre, matrix[:, 0], matrix[:, 1, 1:], matrix[:, 2, 2:]]
    reach = np.sqrt(np.stack([spread[:, 0, 0], spread[:, 1, 1]], 1))
    return np.column_stack([*rows, radius, reach]).astype(f32)


def paint_plush(easel: Easel, foot: tuple[float, float, float], blobs: Blobs, coat: Coat) -> None:
    """Paint a furry body standing at a world point."""
    column, row, per_m = easel.project(*foot)
    table = _quadrics(blobs, per_m, column, row)
    height, width = easel.canvas.shape[1:]
    hair_px = coat.hair_m * per_m
    pad = math.ceil(hair_px) + 2
    x0, y0 = (table[:, 0] - table[:, 10]).min() - pad, (table[:, 1] - table[:, 11]).min() - pad
    x1, y1 = (table[:, 0] + table[:, 10]).max() + pad, (table[:, 1] + table[:, 11]).max() + pad
    left, top = max(0, int(x0)), max(0, int(y0))
    right, bottom = min(width, math.ceil(x1)), min(height, math.ceil(y1))
    if right - left < 2 or bottom - top < 2:
        return
    relief = _relief(table, (left, top, right, bottom), per_m, hair_px)
    hair = _hair((left - column, top - row, per_m), relief.shape[1:], coat)
    behind = light_behind(easel)
    look = np.array([coat.albedo, easel.light.ambient, (coat.rim, left, top), (row, (y1 - y0) - 2 * pad, 0)], f32)
    _shade_fur(easel.canvas, behind, relief, hair, point_rows(easel, foot[2]), look)


_FINEST_PER_M = 420.0
"""Pixels a metre beyond which the relief, soft anyway, is made at half the size (saves 6 ms in a close framing)."""


def _relief(table: NDArray[np.float32], box: tuple[int, int, int, int], per_m: float, hair_px: float) -> Plane:
    """Normals and soft coverage [4, h, w] of the box (left, top, right, bottom)."""
    left, top, right, bottom = box
    shrink = 2 if per_m > _FINEST_PER_M else 1
    rows, columns = -(-(bottom - top) // shrink), -(-(right - left) // shrink)
    field = np.zeros((5, rows, columns), f32)
    small = table.copy()
    small[:, :3] /= shrink
    small[:, 3:9] *= shrink * shrink
    small[:, 9:] /= shrink
    _melt(field, small, left / shrink, top / shrink, f32(shrink / max(0.5, 0.016 * per_m)))
    inverse = 1 / np.maximum(field[0], f32(1e-6))
    relief = np.empty((4, bottom - top, right - left), f32)
    for c in range(4):
        plane = field[4] if c == 3 else field[c + 1] * inverse
        sigma = max(0.45, 0.32 * hair_px / shrink) if c == 3 else max(0.4, 0.0045 * per_m / shrink)
        plane = cv2.GaussianBlur(plane, (0, 0), sigma)
        if shrink > 1:
            plane = cv2.resize(plane, (columns * shrink, rows * shrink), interpolation=cv2.INTER_LINEAR)
        relief[c] = plane[: bottom - top, : right - left]
    return relief


def _hair(origin: tuple[float, float, float], shape: tuple[int, ...], coat: Coat) -> Plane:
    """Strands and markings [2, h, w] fixed to the body: metres from the foot give the noise its place."""
    left, top, per_m = origin
    x = (np.arange(shape[1], dtype=f32)[None] + f32(left)) / f32(per_m)
    y = (np.arange(shape[0], dtype=f32)[:, None] + f32(top)) / f32(per_m)
    strands = fbm(x * 420 + y * 60 * np.sign(x) + 900 + coat.seed, y * 120 + 900 + 0 * x, octaves=3)
    marks = fbm(x * 22 + 50, y * 60 + 50 + np.abs(x) * 55, octaves=2, warp=0.5)
    marking = 1 + coat.stripes * np.clip((marks - 0.5) * 5, -1, 1)
    return np.stack([np.clip((strands - 0.5) * 1.7 + 0.5, 0, 1), marking]).astype(f32)
