"""What things are made of, as sound: which modes ring, how fast they die, how long a contact lasts.

Ratios of modes come from the mechanics of simple bodies; loss factors are usual values for the materials (Cremer and
Heckl, Structure-Borne Sound; Fletcher and Rossing, The Physics of Musical Instruments). A mode of frequency f and loss
factor eta falls by 60 dB in 2.2 / (f * eta) seconds. Bodies are of everyday size: a tumbler, a tabletop.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def _shell_ratios(count: int) -> NDArray[np.float64]:
    """Bending of a ring, as a tumbler's rim does: n (n^2 - 1) / sqrt(n^2 + 1) for n = 2, 3, ... (Rayleigh)."""
    n = np.arange(2, count + 2)
    ratios = n * (n**2 - 1) / np.sqrt(n**2 + 1)
    return ratios / ratios[0]


def _bar_ratios(count: int) -> NDArray[np.float64]:
    """A free bar or tube: 1, 2.756, 5.404, 8.933, ... (Euler and Bernoulli)."""
    n = np.arange(1, count + 1)
    exact = np.where(n == 1, 3.0112, 2 * n + 1.0)
    return (exact / exact[0]) ** 2


def _plate_ratios(count: int, stiffer: float) -> NDArray[np.float64]:
    """A supported plate of sides 1 : 1.6, `stiffer` times as stiff along as across (wood: 12 along its grain)."""
    m, n = (axis.ravel().astype(float) for axis in np.mgrid[1:9, 1:9])
    along, across = (m / 1.6) ** 2, n**2
    ratios = np.sort(np.sqrt(stiffer * along**2 + 2 * np.sqrt(stiffer) * along * across + across**2))
    return (ratios / ratios[0])[:count]


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """A solid that rings."""

    ratios: NDArray[np.float64]
    lowest_hz: float
    loss: float
    contact_s: float
    """How long it stays in touch with a hard striker at force 0.6; shorter is brighter."""
    slope: float
    """Power of frequency with which modes are excited and radiated."""
    support_per_s: float = 3.0
    """Decay of every mode into what the body stands on."""
    twins: bool = False
    """Round bodies have their modes in pairs, a little out of tune: they beat."""
    click: float = 0.9
    """Peak of the contact itself against the peak of the ringing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loose:
    """Something that gives way: a thud, and many small cracks, rubs or drops."""

    thud_hz: float
    thud_s: float
    thud: float
    grains: int
    grain_hz: tuple[float, float]
    grain_s: float
    spread_s: float
    """How long the small sounds go on."""
    rub: float
    """Level of the soft noise between them."""


BODIES: Mapping[str, Body] = {
    "glass": Body(ratios=_shell_ratios(9), lowest_hz=1750, loss=0.002, contact_s=0.00010, slope=0.0, twins=True),
    "ceramic": Body(ratios=_shell_ratios(9), lowest_hz=1150, loss=0.005, contact_s=0.00014, slope=-0.15, twins=True),
    "porcelain": Body(ratios=_shell_ratios(8), lowest_hz=2000, loss=0.0028, contact_s=0.00011, slope=0.0, twins=True),
    "metal": Body(ratios=_plate_ratios(26, 1.0), lowest_hz=430, loss=0.0016, contact_s=0.00010, slope=0.0),
    "mast": Body(ratios=_bar_ratios(8), lowest_hz=410, loss=0.0022, contact_s=0.00025, slope=-0.3, twins=True),
    "wood": Body(
        ratios=_plate_ratios(32, 12.0),
        lowest_hz=140,
        loss=0.042,
        contact_s=0.00030,
        slope=0.05,
        support_per_s=14,
        click=0.75,
    ),
    "door": Body(
        ratios=_plate_ratios(32, 12.0),
        lowest_hz=92,
        loss=0.05,
        contact_s=0.00050,
        slope=-0.1,
        support_per_s=14,
        click=0.7,
    ),
    "hull": Body(
        ratios=_plate_ratios(32, 12.0),
        lowest_hz=68,
        loss=0.05,
        contact_s=0.00060,
        slope=-0.3,
        support_per_s=14,
        click=0.6,
    ),
    "stone": Body(ratios=_plate_ratios(20, 1.0), lowest_hz=760, loss=0.022, contact_s=0.00013, slope=0.1),
    "ice": Body(ratios=_plate_ratios(20, 1.0), lowest_hz=620, loss=0.012, contact_s=0.00018, slope=-0.1),
    "plastic": Body(ratios=_plate_ratios(16, 1.0), lowest_hz=360, loss=0.07, contact_s=0.00030, slope=0.0),
}

LOOSE: Mapping[str, Loose] = {
    "cloth": Loose(
        thud_hz=95, thud_s=0.030, thud=1.0, grains=10, grain_hz=(300, 1100), grain_s=0.008, spread_s=0.05, rub=0.25
    ),
    "earth": Loose(
        thud_hz=85, thud_s=0.035, thud=1.0, grains=24, grain_hz=(500, 2200), grain_s=0.003, spread_s=0.06, rub=0.10
    ),
    "grass": Loose(
        thud_hz=80, thud_s=0.030, thud=0.7, grains=40, grain_hz=(1500, 5000), grain_s=0.004, spread_s=0.12, rub=0.25
    ),
    "sand": Loose(
        thud_hz=90, thud_s=0.025, thud=0.6, grains=70, grain_hz=(1500, 6000), grain_s=0.002, spread_s=0.14, rub=0.35
    ),
    "gravel": Loose(
        thud_hz=110, thud_s=0.020, thud=0.5, grains=46, grain_hz=(1800, 5500), grain_s=0.003, spread_s=0.16, rub=0.10
    ),
    "snow": Loose(
        thud_hz=120, thud_s=0.028, thud=0.45, grains=110, grain_hz=(900, 3800), grain_s=0.003, spread_s=0.20, rub=0.20
    ),
    "leaves": Loose(
        thud_hz=100, thud_s=0.020, thud=0.25, grains=60, grain_hz=(2200, 7500), grain_s=0.003, spread_s=0.18, rub=0.25
    ),
    "paper": Loose(
        thud_hz=320, thud_s=0.012, thud=0.35, grains=36, grain_hz=(1800, 7000), grain_s=0.002, spread_s=0.16, rub=0.20
    ),
}

STRIKER_CONTACT_S: Mapping[str, float] = {
    "glass": 0.00010,
    "metal": 0.00008,
    "stone": 0.00012,
    "porcelain": 0.00011,
    "ceramic": 0.00013,
    "ice": 0.00018,
    "plastic": 0.00040,
    "wood": 0.00035,
    "shoe": 0.0008,
    "rope": 0.0007,
    "knuckle": 0.0016,
    "rubber": 0.0018,
    "water": 0.0020,
    "paw": 0.0035,
    "cloth": 0.0045,
}
"""How long each striker stays in touch with something rigid: hard and small is short (Hertz's contact), from 0.1 ms for
steel on stone to some ms for a padded hand."""

STRUCK: tuple[str, ...] = (*BODIES, *LOOSE, "water")
"""Everything that `impact` can strike."""
