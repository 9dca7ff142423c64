"""All continuous beds by name: the words that ask for them, the curve that drives them and how loud they naturally are.

    render = BEDS["rain_on_glass"].make(level_curve, seed)
    stereo = render(0, 48_000)          # float32 [2, n], film samples

At a constant level of 0.6 every bed measures about -30 LUFS (ITU-R BS.1770); `nominal_db` says how much softer or
louder than that it sits in a scene.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from clapboard.engines.stage.curves import Curve
from clapboard.engines.stage.sounds import quiet, rain, wind
from clapboard.engines.stage.sounds.birds import birdsong
from clapboard.engines.stage.sounds.fire import fire
from clapboard.engines.stage.sounds.grid import Render
from clapboard.engines.stage.sounds.night import city_night, insects
from clapboard.engines.stage.sounds.shore import lake_lapping, waves


@dataclass(frozen=True, kw_only=True, slots=True)
class BedSpec:
    """One bed. `words` are the phrases of prompts that ask for it; `curve` names the curve that drives its level."""

    name: str
    words: tuple[str, ...]
    curve: str | None
    """None: it sounds at a constant level of 0.6 unless the Timeline says otherwise."""
    nominal_db: float
    make: Callable[[Curve, int], Render]


def _rain(surface: rain.Surface, words: tuple[str, ...]) -> BedSpec:
    make = partial(rain.rain, surface=surface)
    return BedSpec(name=surface.name, words=words, curve="rain", nominal_db=0.0, make=make)


def _wind(setting: wind.Setting, words: tuple[str, ...], nominal_db: float = -3.0) -> BedSpec:
    make = partial(wind.wind, setting=setting)
    return BedSpec(name=setting.name, words=words, curve="wind", nominal_db=nominal_db, make=make)


def _air(kind: quiet.Air, words: tuple[str, ...], nominal_db: float, curve: str | None = None) -> BedSpec:
    return BedSpec(name=kind.name, words=words, curve=curve, nominal_db=nominal_db, make=partial(quiet.air, kind=kind))


_SPECS = (
    _rain(rain.GLASS, ("rain on the window", "rain on glass", "rain on the pane", "rain against the window")),
    _rain(rain.ROOF, ("rain on the roof", "rain on the tiles", "rain on tin", "rain overhead")),
    _rain(rain.WATER, ("rain on water", "rain on the lake", "rain on the sea")),
    _rain(rain.LEAVES, ("rain on leaves", "rain in the forest", "rain in the trees")),
    _rain(rain.CANVAS, ("rain on the tent", "rain on canvas", "rain on an umbrella")),
    _rain(rain.OPEN, ("rain", "rainfall", "drizzle", "downpour", "pouring rain", "shower")),
    _wind(wind.OPEN, ("wind", "breeze", "gusts", "gale")),
    _wind(wind.INDOORS, ("howling wind", "wind outside", "wind in the chimney", "draught"), -6.0),
    _wind(wind.SEA, ("sea wind", "wind at sea", "sea breeze"), -3.0),
    _wind(wind.PINES, ("wind in the pines", "wind in the trees", "sighing pines")),
    _wind(wind.LEAVES, ("rustling leaves", "wind in the leaves", "leaves rustling")),
    BedSpec(
        name="waves",
        words=("waves", "surf", "breakers", "ocean", "sea", "waves breaking", "swell"),
        curve="sea",
        nominal_db=1.0,
        make=waves,
    ),
    BedSpec(
        name="lake_lapping",
        words=("lapping water", "lapping", "lake water", "water lapping", "small waves"),
        curve="wind",
        nominal_db=-9.0,
        make=lake_lapping,
    ),
    BedSpec(
        name="fire",
        words=("fire crackling", "crackling fire", "fireplace", "hearth"),
        curve="fire",
        nominal_db=-3.0,
        make=fire,
    ),
    BedSpec(
        name="insects",
        words=("crickets", "insects", "night insects", "cicadas", "chirping crickets"),
        curve="insects",
        nominal_db=-10.0,
        make=insects,
    ),
    BedSpec(
        name="birdsong",
        words=("birdsong", "birds singing", "dawn chorus", "songbirds", "chirping birds"),
        curve="birdsong",
        nominal_db=-6.0,
        make=birdsong,
    ),
    BedSpec(
        name="city_night",
        words=("city", "traffic", "distant traffic", "city hum", "cars", "street noise"),
        curve="city",
        nominal_db=-10.0,
        make=city_night,
    ),
    _air(quiet.ROOM_TONE, ("room tone", "quiet room", "silence of the room", "hum"), -20.0),
    _air(quiet.SNOW_HUSH, ("snow hush", "hush of snow", "snowfall", "muffled quiet"), -16.0, "snow"),
    _air(quiet.FOG_HUSH, ("fog hush", "foggy quiet", "hush of fog"), -16.0, "fog"),
    _air(quiet.MOUNTAIN_AIR, ("mountain air", "mountain quiet", "open air"), -16.0),
    _air(quiet.FOREST_AIR, ("forest air", "forest quiet", "woods"), -17.0),
)

BEDS: Mapping[str, BedSpec] = {spec.name: spec for spec in _SPECS}
