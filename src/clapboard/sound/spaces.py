"""What spaces are made of: absorption of surfaces, and the spaces that prompts name. Data, read by `room.py`.

To add a surface or a space, add a line. Bands are octaves; coefficients are the random-incidence absorption (ISO 354).
"""

from dataclasses import dataclass
from typing import Final

BANDS_HZ: Final = (125, 250, 500, 1000, 2000, 4000, 8000)
Bands = tuple[float, float, float, float, float, float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Surface:
    """A material: its absorption, the parts of a room it usually covers, and its other names."""

    absorption: Bands
    parts: tuple[str, ...]
    words: tuple[str, ...] = ()


def _surface(parts: str, words: str, *absorption: float) -> Surface:
    # Tables end at 4 kHz; the 8 kHz band repeats it, as room simulators do.
    a, b, c, d, e, f = absorption
    return Surface(absorption=(a, b, c, d, e, f, f), parts=tuple(parts.split()), words=tuple(words.split()))


# Textbook values: Vorlander, Auralization (2008), annex; Kuttruff, Room Acoustics, table 9; Harris, Handbook of
# Acoustical Measurements (grass, snow, sand, soil). Canvas and metal are judged from thin velour and steel deck.
SURFACES: Final = {
    "wood": _surface("floor", "wooden timber parquet plank planks log logs", 0.15, 0.11, 0.10, 0.07, 0.06, 0.07),
    "plaster": _surface("walls ceiling", "plastered drywall plasterboard", 0.20, 0.10, 0.06, 0.04, 0.05, 0.06),
    "glass": _surface("window", "window windows glazed", 0.35, 0.25, 0.18, 0.12, 0.07, 0.04),
    "brick": _surface("walls", "bricks", 0.03, 0.03, 0.03, 0.04, 0.05, 0.07),
    "concrete": _surface("floor walls ceiling", "cement asphalt bunker", 0.02, 0.03, 0.03, 0.03, 0.04, 0.07),
    "carpet": _surface("floor", "carpeted rug rugs", 0.08, 0.08, 0.30, 0.60, 0.75, 0.80),
    "curtain": _surface("curtain", "curtains drape drapes curtained", 0.07, 0.31, 0.49, 0.75, 0.70, 0.60),
    "tile": _surface("floor walls", "tiles tiled ceramic porcelain", 0.01, 0.01, 0.01, 0.02, 0.02, 0.02),
    "marble": _surface("floor walls", "", 0.01, 0.01, 0.01, 0.01, 0.02, 0.02),
    "stone": _surface("floor walls", "stones rock rocky", 0.02, 0.02, 0.03, 0.05, 0.05, 0.05),
    "grass": _surface("floor", "lawn meadow", 0.11, 0.26, 0.60, 0.69, 0.92, 0.99),
    "snow": _surface("floor", "snowy", 0.45, 0.75, 0.90, 0.95, 0.95, 0.95),
    "water": _surface("floor", "ice", 0.008, 0.008, 0.013, 0.015, 0.020, 0.025),
    "sand": _surface("floor", "sandy", 0.15, 0.35, 0.40, 0.50, 0.55, 0.80),
    "gravel": _surface("floor", "pebbles shingle", 0.25, 0.60, 0.65, 0.70, 0.75, 0.80),
    "leaves": _surface("floor", "soil earth dirt moss", 0.15, 0.25, 0.40, 0.55, 0.60, 0.60),
    "linoleum": _surface("floor", "lino vinyl", 0.02, 0.02, 0.03, 0.03, 0.04, 0.04),
    "canvas": _surface("floor walls ceiling", "", 0.50, 0.45, 0.40, 0.40, 0.45, 0.50),
    "metal": _surface("walls ceiling", "steel iron", 0.15, 0.12, 0.10, 0.08, 0.06, 0.05),
    "foam": _surface("walls ceiling", "", 0.30, 0.60, 0.95, 0.99, 0.95, 0.99),
    "upholstery": _surface("", "sofa cushions", 0.49, 0.66, 0.80, 0.88, 0.82, 0.70),
}

OPEN: Final[Bands] = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
"""No surface at all: the sky over a courtyard."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Echo:
    """A late reflection: a burst `spread_ms` long, `delay_s` after the sound, panned, its highs lost on the way."""

    delay_s: float
    level_db: float
    azimuth: float
    cutoff_hz: float
    spread_ms: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Space:
    """A space that prompts name. Walls and ceiling are surface names; "open" is none.

    Indoors the tail follows from size and surfaces. Outdoors `tail` says it: (seconds, level in dB under the sound).
    """

    words: tuple[str, ...]
    size_m: tuple[float, float, float]
    floor: str
    walls: str = "open"
    ceiling: str = "open"
    furnished: float = 0.0
    """Share of the floor under furniture."""
    tail: tuple[float, float] | None = None
    echoes: tuple[Echo, ...] = ()


def _echoes(*rows: tuple[float, float, float, float, float]) -> tuple[Echo, ...]:
    return tuple(
        Echo(delay_s=delay, level_db=level, azimuth=azimuth, cutoff_hz=cutoff, spread_ms=spread)
        for delay, level, azimuth, cutoff, spread in rows
    )


# Sizes are usual ones; furniture is chosen so that the usual room rings as such rooms do (living room 0.5 s, ISO
# 3382-2; bathroom 1 s; church 5 s). Tails outdoors: forests ring 1 to 2 s, faintly (Sakai et al., J. Acoust. Soc. Am.
# 1998, 2001). Echo delays are path lengths at 343 m/s (a canyon wall 70 m away answers after 0.4 s), their levels
# judged.
SPACES: Final = (
    Space(
        words=("room", "living room", "lounge", "sitting room", "apartment", "flat", "cabin", "hut"),
        size_m=(5.0, 4.0, 2.6), floor="wood", walls="plaster", ceiling="plaster", furnished=0.5,
    ),
    Space(
        words=("bedroom", "nursery", "hotel room"),
        size_m=(4.0, 3.5, 2.5), floor="carpet", walls="plaster", ceiling="plaster", furnished=0.4,
    ),
    Space(
        words=("kitchen", "diner", "cafe", "café"),
        size_m=(4.0, 3.0, 2.6), floor="tile", walls="plaster", ceiling="plaster", furnished=0.25,
    ),
    Space(
        words=("bathroom", "shower", "toilet", "washroom"),
        size_m=(3.0, 2.2, 2.4), floor="tile", walls="tile", ceiling="plaster", furnished=0.25,
    ),
    Space(
        words=("hallway", "corridor", "passage", "entrance hall"),
        size_m=(9.0, 1.8, 2.7), floor="wood", walls="plaster", ceiling="plaster", furnished=0.05,
    ),
    Space(
        words=("stairwell", "staircase", "stairs"),
        size_m=(6.0, 3.0, 12.0), floor="concrete", walls="concrete", ceiling="concrete", furnished=0.15,
    ),
    Space(
        words=("hall", "concert hall", "theatre", "theater", "auditorium", "ballroom"),
        size_m=(30.0, 20.0, 12.0), floor="wood", walls="plaster", ceiling="plaster", furnished=0.6,
    ),
    Space(
        words=("church", "cathedral", "chapel", "abbey", "temple"),
        size_m=(45.0, 20.0, 16.0), floor="stone", walls="stone", ceiling="plaster", furnished=0.3,
    ),
    Space(
        words=("warehouse", "factory", "garage", "gym", "swimming pool", "subway", "station", "tunnel"),
        size_m=(30.0, 16.0, 7.0), floor="concrete", walls="concrete", ceiling="metal", furnished=0.3,
    ),
    Space(
        words=("cave", "cavern", "grotto", "crypt", "dungeon", "cellar"),
        size_m=(18.0, 12.0, 7.0), floor="stone", walls="stone", ceiling="stone", furnished=0.3,
    ),
    Space(
        words=("studio", "recording studio", "vocal booth", "booth"),
        size_m=(5.0, 4.0, 2.8), floor="carpet", walls="curtain", ceiling="foam", furnished=0.1,
    ),
    Space(
        words=("office", "library", "classroom", "shop"),
        size_m=(8.0, 6.0, 2.8), floor="carpet", walls="plaster", ceiling="plaster", furnished=0.25,
    ),
    Space(
        words=("car", "van", "vehicle", "cockpit"),
        size_m=(2.4, 1.4, 1.2), floor="carpet", walls="glass", ceiling="curtain", furnished=0.8,
    ),
    Space(words=("tent",), size_m=(2.6, 2.0, 1.6), floor="canvas", walls="canvas", ceiling="canvas", furnished=0.4),
    Space(
        words=("courtyard", "yard", "backyard", "garden", "cloister"),
        size_m=(16.0, 12.0, 9.0), floor="stone", walls="brick",
    ),
    Space(
        words=("street", "alley", "city", "town", "square"),
        size_m=(70.0, 15.0, 14.0), floor="concrete", tail=(1.1, -19.0),
        echoes=_echoes(
            (0.041, -20, -0.9, 6000, 5), (0.056, -21, 0.9, 6000, 5), (0.098, -26, -0.8, 4500, 9),
            (0.131, -28, 0.7, 4000, 12), (0.29, -34, 0.2, 2500, 40),
        ),
    ),
    Space(
        words=("outdoors", "open air", "outside", "field", "meadow", "park", "desert", "beach", "coast", "shore"),
        size_m=(100.0, 100.0, 50.0), floor="grass",
    ),
    Space(words=("open water", "ocean", "sea", "at sea"), size_m=(100.0, 100.0, 50.0), floor="water"),
    Space(
        words=("lake", "lakeside", "fjord", "bay", "mountain lake"),
        size_m=(100.0, 100.0, 50.0), floor="water", tail=(1.6, -30.0),
        echoes=_echoes((0.92, -30, -0.6, 1800, 70), (1.47, -33, 0.7, 1400, 110)),
    ),
    Space(
        words=("forest", "woods", "woodland", "jungle", "grove", "camp"),
        size_m=(100.0, 100.0, 50.0), floor="leaves", tail=(1.4, -19.0),
        echoes=_echoes((0.047, -25, 0.6, 5000, 12), (0.083, -26, -0.7, 4500, 18), (0.16, -30, 0.3, 3500, 30)),
    ),
    Space(
        words=("canyon", "gorge", "ravine", "quarry", "cliffs"),
        size_m=(100.0, 100.0, 50.0), floor="stone", tail=(2.8, -22.0),
        echoes=_echoes(
            (0.41, -13, -0.8, 4000, 14), (0.63, -16, 0.8, 3200, 20), (1.04, -20, -0.5, 2200, 32),
            (1.55, -25, 0.6, 1500, 50), (2.2, -30, 0.0, 1000, 80),
        ),
    ),
    Space(
        words=("valley", "mountains", "mountain", "hills", "alps"),
        size_m=(100.0, 100.0, 50.0), floor="grass", tail=(2.2, -28.0),
        echoes=_echoes((0.86, -22, 0.7, 2400, 50), (1.31, -25, -0.7, 1800, 80), (2.05, -31, 0.2, 1100, 140)),
    ),
)  # fmt: skip

# Words of an `Acoustics.space` that change the space they stand beside.
SIZE_WORDS: Final = {"tiny": 0.6, "small": 0.75, "narrow": 0.85, "big": 1.4, "large": 1.5, "huge": 2.2, "vast": 2.5}
FURNISHED_WORDS: Final = {"furnished": 0.55, "cosy": 0.45, "cozy": 0.45, "empty": 0.0, "bare": 0.0, "unfurnished": 0.0}
TIME_WORDS: Final = {
    "dry": 0.5, "dead": 0.35, "damped": 0.5, "short reverb": 0.6, "long reverb": 1.5,
    "echoing": 1.5, "reverberant": 1.5,
}  # fmt: skip
