"""The camera: a pinhole whose framing and moves come from the Timeline, and plates that move with it.

World: metres, x right, y up, z away from the camera, which stands at the origin at `eye_m` above y = 0. Each place
gives its `Lens`; a `View` is the camera at one instant and projects points to pixels. Static layers are painted once,
by the shot's first view with some margin, and then warped to the view of every frame (`View.warp_from`), nearer ones
more; a `Plate` does so for a whole picture, `cutout.py` for a layer in a box of its own.
"""
# pyright: reportArgumentType=false, reportReturnType=false, reportAssignmentType=false, reportCallIssue=false
# numba and OpenCV type their numbers more narrowly than numpy's stubs do

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from clapboard.engines.stage.kernels import Canvas, Plane, f32
from clapboard.timeline import Camera, Move

FRAMING_ZOOM = {"wide": 1.0, "medium": 1.35, "close": 1.9}


@dataclass(frozen=True, kw_only=True, slots=True)
class Lens:
    """A place's camera: row of the horizon (0 top .. 1 bottom), focal length in frame heights, eye height."""

    horizon: float = 0.56
    focal: float = 0.95
    eye_m: float = 1.6
    travel_m: float = 0.6
    """How far a full push moves the camera forward: small indoors, large over the sea."""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """The camera at one instant. `x_m`, `y_m`, `z_m` move it; `pan` and `tilt` turn it (shift, in frame heights)."""

    width_px: int
    height_px: int
    lens: Lens
    zoom: float = 1.0
    x_m: float = 0.0
    y_m: float = 0.0
    z_m: float = 0.0
    pan: float = 0.0
    tilt: float = 0.0

    @property
    def focal_px(self) -> float:
        """Pixels a metre at one metre's distance."""
        return self.lens.focal * self.height_px * self.zoom

    @property
    def centre_px(self) -> float:
        """Column of the point straight ahead at infinity."""
        return self.width_px / 2 - self.pan * self.height_px * self.zoom

    @property
    def horizon_px(self) -> float:
        """Row of the horizon."""
        return (0.5 + (self.lens.horizon - 0.5 + self.tilt) * self.zoom) * self.height_px

    def project(self, x_m: float, y_m: float, z_m: float) -> tuple[float, float, float]:
        """World point -> column, row, pixels a metre there. Points behind the camera come out at 5 cm before it."""
        scale = self.focal_px / max(0.05, z_m - self.z_m)
        drop = y_m - self.lens.eye_m - self.y_m
        return self.centre_px + (x_m - self.x_m) * scale, self.horizon_px - drop * scale, scale

    def azimuth(self, x_m: float, z_m: float) -> float:
        """-1 at the left edge of the picture, +1 at the right edge; beyond outside."""
        column, _, _ = self.project(x_m, 0.0, max(z_m, self.z_m + 0.3))
        return (column / self.width_px) * 2 - 1

    def warp_from(self, other: "View", depth_m: float, margin_px: tuple[int, int] = (0, 0)) -> np.ndarray:
        """2x3 affine map from pixels of a plate painted by `other` (offset by its margin) to pixels of this view."""
        scale, step = self.focal_px / other.focal_px, 0.0
        if math.isfinite(depth_m):
            away_m = max(0.05, depth_m - self.z_m)
            scale /= away_m / max(0.05, depth_m - other.z_m)
            step = self.focal_px / away_m
        tx = self.centre_px - scale * (other.centre_px + margin_px[0]) - (self.x_m - other.x_m) * step
        ty = self.horizon_px - scale * (other.horizon_px + margin_px[1]) + (self.y_m - other.y_m) * step
        return np.array([[scale, 0, tx], [0, scale, ty]], np.float64)


CameraPath = Callable[[float], View]
"""Shot time in seconds -> view. Pure."""


def _ease(t: float) -> float:
    """0..1 with soft start and stop (quintic, C2)."""
    t = min(1.0, max(0.0, t))
    return t * t * t * (t * (6 * t - 15) + 10)


def _handheld(t_s: float, seed: int) -> tuple[float, float]:
    """Sway of a held camera in frame heights: slow incommensurate sines, about +-0.6 % (chosen by eye)."""
    rng = np.random.default_rng([seed, 771])
    sway = [0.0, 0.0]
    for axis in (0, 1):
        for rate_hz, size in ((0.23, 0.0040), (0.61, 0.0022), (1.37, 0.0009), (2.9, 0.0003)):
            phase, detune = rng.uniform(0, 2 * math.pi), rng.uniform(0.85, 1.15)
            sway[axis] += size * math.sin(2 * math.pi * rate_hz * detune * t_s + phase)
    return sway[0], sway[1]


def _progress(move: Move, t_s: float, duration_s: float) -> float:
    end_s = duration_s if move.to_s is None else move.to_s
    return _ease((t_s - move.from_s) / max(1e-3, end_s - move.from_s))


def camera_path(
    camera: Camera, lens: Lens, size_px: tuple[int, int], duration_s: float, *, focus: tuple[float, float, float] | None
) -> Callable[[float, int], View]:
    """The shot's camera: (shot time, seed) -> View. Medium and close framings look at the world point `focus`."""
    base = View(width_px=size_px[0], height_px=size_px[1], lens=lens)
    zoom = FRAMING_ZOOM[camera.framing]
    pan0 = tilt0 = 0.0
    if focus is not None and zoom > 1:
        column, row, _ = base.project(*focus)
        pull = 1 - 1 / zoom  # centre it fully only when very close
        pan0 = (column - base.width_px / 2) / base.height_px * min(1.0, 1.3 * pull + 0.15)
        tilt0 = -(row / base.height_px - 0.52) * min(1.0, 1.3 * pull + 0.15)

    def view(t_s: float, seed: int) -> View:
        z_m = pan = tilt = 0.0
        sway_x = sway_y = 0.0
        for move in camera.moves:
            done, reach = _progress(move, t_s, duration_s), move.amount * 2
            if move.kind == "push_in":
                z_m += lens.travel_m * reach * done
            elif move.kind == "pull_out":
                z_m += lens.travel_m * reach * (1 - done)
            elif move.kind in ("pan_left", "pan_right"):
                pan += (0.10 * reach * (done - 0.5)) * (1 if move.kind == "pan_right" else -1)
            elif move.kind in ("tilt_up", "tilt_down"):
                tilt += (0.06 * reach * (done - 0.5)) * (1 if move.kind == "tilt_up" else -1)
            else:
                sway_x, sway_y = (reach * sway for sway in _handheld(t_s, seed))
        return View(
            width_px=base.width_px,
            height_px=base.height_px,
            lens=lens,
            zoom=zoom,
            z_m=z_m,
            pan=pan0 + pan + sway_x,
            tilt=tilt0 + tilt + sway_y,
        )

    return view


@dataclass(frozen=True, slots=True)
class Plate:
    """A static layer painted once: premultiplied light [3, h, w] and coverage [h, w] or none when it is opaque.

    `home` is the view it was painted by and `margin_px` how many extra columns and rows it has on each side.
    """

    light: Canvas
    alpha: Plane | None
    home: View
    depth_m: float
    margin_px: tuple[int, int] = (0, 0)

    def draw(self, canvas: Canvas, view: View) -> None:
        """Put the plate over the canvas as this view sees it."""
        height, width = canvas.shape[1:]
        warp = view.warp_from(self.home, self.depth_m, self.margin_px)
        still = np.allclose(warp, [[1, 0, -self.margin_px[0]], [0, 1, -self.margin_px[1]]], atol=1e-6)
        if still:
            left, top = self.margin_px
            cut = (slice(top, top + height), slice(left, left + width))
            parts = [plane[cut] for plane in self.light]
            alpha = None if self.alpha is None else self.alpha[cut]
        else:
            options = {"flags": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_REPLICATE}
            parts = [cv2.warpAffine(plane, warp, (width, height), **options) for plane in self.light]
            alpha = None if self.alpha is None else cv2.warpAffine(self.alpha, warp, (width, height), **options)
        for plane, part in zip(canvas, parts, strict=True):
            if alpha is None:
                plane[:] = part
            else:
                plane *= f32(1) - alpha
                plane += part


def union_margin(views: Sequence[View], depth_m: float) -> tuple[int, int]:
    """Margin in pixels that a plate at this depth needs so that none of these views sees past its edge."""
    home = views[0]
    left = top = 0.0
    for view in views:
        back = cv2.invertAffineTransform(view.warp_from(home, depth_m))
        for corner in ((0, 0), (view.width_px, view.height_px)):
            x, y = back @ np.array([corner[0], corner[1], 1.0])
            left = max(left, -x, x - home.width_px)
            top = max(top, -y, y - home.height_px)
    return math.ceil(left) + 2 if left > 0 else 0, math.ceil(top) + 2 if top > 0 else 0
