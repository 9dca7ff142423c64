"""Light on flat shapes: ambient, a key that models the edge towards it, a rim from behind, flames near by, and fog."""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba and OpenCV type their numbers more narrowly than numpy's stubs do

from typing import TYPE_CHECKING

import cv2
import numpy as np

from clapboard.engines.stage.kernels import Plane, f32
from clapboard.engines.stage.raster import Mask

if TYPE_CHECKING:
    from clapboard.engines.stage.scene import Easel, Surface


def _edge(alpha: Plane, reach_px: float, towards: tuple[float, float]) -> Plane:
    """1 at the silhouette's edge facing `towards`, falling to 0 inward over `reach_px`."""
    pad = int(np.ceil(reach_px * 2)) + 1
    padded = cv2.copyMakeBorder(alpha, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
    soft = cv2.GaussianBlur(padded, (0, 0), max(0.5, reach_px))
    shift = np.array([[1, 0, -towards[0] * reach_px], [0, 1, -towards[1] * reach_px]], f32)
    soft = cv2.warpAffine(soft, shift, (padded.shape[1], padded.shape[0]))
    height, width = alpha.shape
    return np.clip(alpha - soft[pad : pad + height, pad : pad + width], 0, 1)


def _behind(easel: "Easel", mask: Mask) -> list[Plane]:
    """Soft light behind the mask's box, [h, w] per channel."""
    height, width = mask.alpha.shape
    source = easel.canvas if easel.behind is None else easel.behind
    fy, fx = source.shape[1] / easel.view.height_px, source.shape[2] / easel.view.width_px
    rows = slice(int(mask.top * fy), max(int(mask.top * fy) + 1, int((mask.top + height) * fy)))
    columns = slice(int(mask.left * fx), max(int(mask.left * fx) + 1, int((mask.left + width) * fx)))
    small = (max(1, width // 8), max(1, height // 8))
    planes = []
    for plane in source:
        soft = cv2.resize(np.ascontiguousarray(plane[rows, columns]), small, interpolation=cv2.INTER_AREA)
        planes.append(cv2.resize(cv2.blur(soft, (3, 3)), (width, height), interpolation=cv2.INTER_LINEAR))
    return planes


def shade(easel: "Easel", mask: Mask, surface: "Surface", depth_m: float) -> list[Plane]:
    """Linear light of a shape's pixels, [h, w] per channel, for `Easel.blend`."""
    light, unit = easel.light, easel.unit
    height, width = mask.alpha.shape
    key_edge = _edge(mask.alpha, 6 * unit, (-light.key_from[0], -light.key_from[1])) if any(light.key) else None
    rim = _edge(mask.alpha, surface.rim_px * unit, (0.0, 0.6)) * f32(surface.rim) if surface.rim else None
    behind = _behind(easel, mask) if rim is not None else None
    columns = np.arange(mask.left, mask.left + width, dtype=f32)[None]
    rows = np.arange(mask.top, mask.top + height, dtype=f32)[:, None]
    warm = [np.zeros((height, width), f32) for _ in range(3)]
    for point in light.points:
        x, y, per_m = easel.project(point.x_m, point.y_m, point.z_m)
        gap = (depth_m - point.z_m) / point.reach_m
        reach = point.reach_m * per_m
        fall = surface.warm / (1 + gap * gap + ((columns - x) / reach) ** 2 + ((rows - y) / reach) ** 2)
        for plane, colour in zip(warm, point.rgb, strict=True):
            plane += fall * f32(colour)
    texture = None if surface.texture is None else surface.texture[:height, :width]
    shown = f32(easel.haze(depth_m))
    out = []
    for c in range(3):
        lit = f32(light.ambient[c]) + warm[c]
        if key_edge is not None:
            lit = lit + f32(light.key[c]) * key_edge
        value = f32(surface.albedo[c]) * lit
        if texture is not None:
            value = value * texture
        if rim is not None and behind is not None:
            value = value + rim * behind[c]
        out.append((value + f32(surface.emission[c])) * shown + f32(light.fog[c]) * (1 - shown))
    return out
