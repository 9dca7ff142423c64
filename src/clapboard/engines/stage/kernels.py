"""Noise and small arithmetic for the painters: numba kernels that LLVM turns into vectors.

Habits that measured fastest (docs/log.md): one loop over x per step on contiguous rows, the octave loop outside the x
loop, every constant a float32 or int32, polynomials instead of libm. Kernels are serial and release the GIL; frames run
side by side in threads instead.
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba and OpenCV type their numbers more narrowly than numpy's stubs do

import math
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

f32 = np.float32
i32 = np.int32
u32 = np.uint32

Plane = NDArray[np.float32]
"""One channel, linear light, [height, width]."""
Canvas = NDArray[np.float32]
"""Linear-light HDR picture, planes R, G, B: [3, height, width]; 1.0 is a white wall in daylight, a flame is 4 to 7."""

JIT: Final[dict[str, Any]] = {"nogil": True, "fastmath": True, "error_model": "numpy", "cache": True}


@njit(inline="always", fastmath=True)
def hash01(x: int, y: int) -> float:
    """Uniform [0, 1) from two lattice integers (multiply-xorshift hash)."""
    h = u32(u32(x) * u32(0x9E3779B1)) ^ u32(u32(y) * u32(0x85EBCA77))
    h = u32(h ^ u32(h >> u32(16)))
    h = u32(h * u32(0x7FEB352D))
    h = u32(h ^ u32(h >> u32(15)))
    return f32(i32(h & u32(0xFFFFFF))) * f32(1.0 / 16777216.0)


@njit(inline="always", fastmath=True)
def value_noise(x: float, y: float) -> float:
    """Smooth noise in [0, 1) on the unit lattice; coordinates must be positive (they are cut, not floored)."""
    jx = i32(x)
    jy = i32(y)
    fx = x - f32(jx)
    fy = y - f32(jy)
    fx = fx * fx * (f32(3) - f32(2) * fx)
    fy = fy * fy * (f32(3) - f32(2) * fy)
    a = hash01(jx, jy)
    b = hash01(i32(jx + i32(1)), jy)
    c = hash01(jx, i32(jy + i32(1)))
    d = hash01(i32(jx + i32(1)), i32(jy + i32(1)))
    return a + (b - a) * fx + (c - a) * fy + (a - b - c + d) * fx * fy


@njit(inline="always", fastmath=True)
def fast_sin(x: float) -> float:
    """Sine within 0.001 for |x| < 25000: two parabolas (range reduction, then one refinement)."""
    turns = x * f32(0.15915494)
    turns = f32(i32(turns + f32(4096.5))) - f32(4096)
    x = x - turns * f32(6.2831853)
    y = f32(1.27323954) * x - f32(0.405284735) * x * abs(x)
    return f32(0.225) * (y * abs(y) - y) + y


@njit(**JIT)
def fbm_row(u: Any, v: Any, octaves: int, out: Any, scratch_u: Any, scratch_v: Any) -> None:
    """Fractal noise in [0, 1) at the points (u, v) of one row, gain 1/2, lacunarity 2.03."""
    n = u.shape[0]
    for x in range(n):
        out[x] = f32(0)
        scratch_u[x] = u[x]
        scratch_v[x] = v[x]
    weight = f32(0.5)
    total = f32(0)
    for _ in range(octaves):
        for x in range(n):
            out[x] += weight * value_noise(scratch_u[x], scratch_v[x])
        for x in range(n):
            scratch_u[x] = scratch_u[x] * f32(2.03) + f32(17.3)
        for x in range(n):
            scratch_v[x] = scratch_v[x] * f32(2.03) + f32(9.2)
        total += weight
        weight *= f32(0.5)
    scale = f32(1) / total
    for x in range(n):
        out[x] *= scale


@njit(**JIT)
def _fbm(u: Any, v: Any, octaves: int, warp: float, out: Any) -> None:
    height, width = u.shape
    a = np.empty(width, f32)
    b = np.empty(width, f32)
    offset = np.empty(width, f32)
    su = np.empty(width, f32)
    sv = np.empty(width, f32)
    for y in range(height):
        for x in range(width):
            a[x] = u[y, x] * f32(0.5)
        for x in range(width):
            b[x] = v[y, x] * f32(0.5)
        if warp > 0:
            fbm_row(a, b, 3, offset, su, sv)
        else:
            for x in range(width):
                offset[x] = f32(0.5)
        for x in range(width):
            a[x] = u[y, x] + (offset[x] - f32(0.5)) * f32(warp)
        for x in range(width):
            b[x] = v[y, x] + (offset[x] - f32(0.5)) * f32(warp * 0.7)
        fbm_row(a, b, octaves, out[y], su, sv)


def fbm(u: Plane, v: Plane, *, octaves: int, warp: float = 0.0) -> Plane:
    """Fractal noise field [h, w] in [0, 1) at coordinates u, v (broadcast, must stay positive).

    `warp` displaces the coordinates by a coarser noise first (domain warping), which turns blobs into wisps.
    """
    u, v = np.broadcast_arrays(np.asarray(u, f32), np.asarray(v, f32))
    out = np.empty(u.shape, f32)
    _fbm(np.ascontiguousarray(u), np.ascontiguousarray(v), octaves, float(warp), out)
    return out


def smoothstep(x: NDArray[np.floating] | float, low: float, high: float) -> Plane:
    """0 below `low`, 1 above `high`, smooth between (Hermite)."""
    t = np.clip((np.asarray(x, f32) - f32(low)) / f32(high - low), 0, 1).astype(f32)
    return t * t * (f32(3) - f32(2) * t)


def flicker(t_s: float, seed: int = 0) -> float:
    """A flame's brightness around 1: three incommensurate sines, about 10 % each way."""
    phase = seed * 1.7
    slow, fast = math.sin(t_s * 9.1 + phase), math.sin(t_s * 15.7 + 1 + phase * 2)
    return 1 + 0.06 * slow + 0.04 * fast + 0.025 * math.sin(t_s * 27 + phase)
