"""The yard's ground plan, in metres: what its place paints and what its things stand on, fall into and pass behind.

pool = pond(scene)                  # the oval of water at y = 0
"""

from dataclasses import dataclass
from typing import Final

from clapboard.engines.stage.scene import Scene, Spot

SPOTS: Final = {
    "porch": Spot(x_m=-1.75, y_m=0.0, z_m=5.0, look_m=0.95),
    "left": Spot(x_m=-0.75, y_m=0.0, z_m=4.2, look_m=0.45),
    "middle": Spot(x_m=0.20, y_m=0.0, z_m=4.4, look_m=0.55),
    "pond": Spot(x_m=1.45, y_m=0.0, z_m=4.9, look_m=0.25),
    "road": Spot(x_m=0.0, y_m=0.0, z_m=11.0, look_m=0.6),
    "sky": Spot(x_m=2.0, y_m=8.0, z_m=40.0),
}
HOUSE_Z_M: Final = 5.5
"""The house's front wall faces us here; its right side runs back to `HOUSE_BACK_M`."""
HOUSE_BACK_M: Final = 7.0
WALL_Z_M: Final = 8.0
WALL_HEIGHT_M: Final = 0.40
"""The low wall between the yard and the road: it hides the ground from 8.0 to 10.9 m."""
ROAD_Z_M: Final = (9.2, 12.8)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pond:
    """The oval of water at y = 0 (half axes `rx_m` across, `rz_m` away) inside a rim of stones `rim_m` wide."""

    x_m: float
    z_m: float
    rx_m: float = 0.75
    rz_m: float = 0.60
    rim_m: float = 0.12


def squeeze(scene: Scene) -> float:
    """How much nearer to the middle a picture narrower than 16:9 brings things: 1 at 16:9."""
    return min(1.0, scene.size_px[0] / scene.size_px[1] * 9 / 16)


def pond(scene: Scene) -> Pond:
    """The pond of a scene; a narrow picture has a narrower one."""
    spot = scene.spots["pond"]
    return Pond(x_m=spot.x_m, z_m=spot.z_m, rx_m=0.75 * max(0.5, squeeze(scene)))
