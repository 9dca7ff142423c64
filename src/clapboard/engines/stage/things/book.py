"""Two books lying on the sill, one askew on the other: cloth covers, pale page edges."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clapboard.engines.stage.scene import Easel, Part, Rgb, Scene, Spot, Surface, times
from clapboard.engines.stage.turned import contact_shadow
from clapboard.timeline import Action, Member
from clapboard.vocabulary import ThingWords


@dataclass(frozen=True, slots=True)
class _Book:
    """Size in metres, turn in radians, height of its foot, cloth."""

    wide_m: float
    deep_m: float
    thick_m: float
    turn: float
    foot_m: float
    cloth: Rgb


_PILE = (
    _Book(0.205, 0.140, 0.026, 0.16, 0.0, (0.150, 0.042, 0.034)),
    _Book(0.172, 0.120, 0.020, -0.22, 0.026, (0.040, 0.070, 0.085)),
)


@dataclass(frozen=True, slots=True)
class _Pile:
    spot: Spot

    def paint(self, easel: Easel, t_s: float) -> None:
        """The pile, lowest first."""
        del t_s
        contact_shadow(easel, (self.spot.x_m, self.spot.y_m, self.spot.z_m), 0.105, 0.7)
        for book in _PILE:
            self._paint(easel, book)

    def _paint(self, easel: Easel, book: _Book) -> None:
        """Top cover, then the two upright faces that we see: spine in cloth, fore-edge in pages between boards."""
        cos, sin = math.cos(book.turn), math.sin(book.turn)

        def corner(u: float, v: float, rise: float) -> tuple[float, float]:
            x, z = u * book.wide_m / 2, v * book.deep_m / 2
            column, row, _ = easel.project(
                self.spot.x_m + x * cos - z * sin, self.spot.y_m + book.foot_m + rise, self.spot.z_m + x * sin + z * cos
            )
            return column, row

        def face(points: list[tuple[float, float]], colour: Rgb, rim: float, warm: float) -> None:
            surface = Surface(albedo=colour, rim=rim, rim_px=1.6, warm=warm)
            easel.shape([np.array(points)], surface, self.spot.z_m)

        top = book.thick_m
        side = 1.0 if book.turn > 0 else -1.0
        end = [corner(side, -1, 0), corner(side, 1, 0), corner(side, 1, top), corner(side, -1, top)]
        face(end, times(book.cloth, 0.7), 0.3, 0.5)
        face([corner(-1, -1, 0), corner(1, -1, 0), corner(1, -1, top), corner(-1, -1, top)], book.cloth, 0.15, 0.75)
        pages = (0.34, 0.29, 0.22)
        low, high = 0.17 * top, 0.83 * top
        face(
            [corner(-0.97, -1, low), corner(0.97, -1, low), corner(0.97, -1, high), corner(-0.97, -1, high)],
            pages,
            0.0,
            0.8,
        )
        cover = [corner(-1, -1, top), corner(1, -1, top), corner(1, 1, top), corner(-1, 1, top)]
        face(cover, times(book.cloth, 1.25), 0.55, 1.1)


class _Thing:
    words = ThingWords(
        name="book",
        words=("book", "novel", "paperback", "pile of books"),
        doings={},
        places={"window_room": ("table_right", "sill", "sill_left", "table_left", "table")},
        material="paper",
    )

    def block(self, member: Member, actions: Sequence[Action], scene: Scene) -> Part:
        """See `Thing.block`."""
        del actions  # a book does nothing
        spot = scene.spot(member, self.words)
        return Part(who=member.id, thing="book", depth_m=spot.z_m, paint=_Pile(spot).paint, layer="sill")


THING = _Thing()
