"""How rooms and their sound are called."""

from typing import Final, NamedTuple

from clapboard.director.tables import word_set

SPACES: Final = tuple(
    space.strip()
    for space in [
        "room",
        " living room",
        " lounge",
        " sitting room",
        " apartment",
        " bedroom",
        " hotel room",
        " kitchen",
        " cafe",
        " office",
        " library",
        "classroom",
        " shop",
        " bathroom",
        " washroom",
        " toilet",
        " hallway",
        " corridor",
        " passage",
        " entrance hall",
        " stairwell",
        " staircase",
        "hall",
        " concert hall",
        " theatre",
        " theater",
        " auditorium",
        " ballroom",
        " church",
        " cathedral",
        " chapel",
        " abbey",
        " temple",
        " warehouse",
        "factory",
        " garage",
        " gym",
        " swimming pool",
        " subway",
        " station",
        " tunnel",
        " cave",
        " cavern",
        " grotto",
        " crypt",
        " dungeon",
        " cellar",
        "studio",
        " recording studio",
        " vocal booth",
        " booth",
        " car",
        " tent",
        " cabin",
        " hut",
        " courtyard",
        " yard",
        " garden",
        " cloister",
        " street",
        "alley",
        " outdoors",
        " open air",
        " field",
        " meadow",
        " park",
        " desert",
        " open water",
        " lakeside",
        " fjord",
        " forest",
        " woods",
        " woodland",
        "jungle",
        " canyon",
        " gorge",
        " ravine",
        " quarry",
        " valley",
    ]
)
"""Names of spaces; what they sound like is the sound department's knowledge."""

NOTE_SPACES: Final = {"outside": "outdoors", "furnished": "furnished room", "next room": "room"}
"""Other names of spaces, in a note about sound only."""

OUTDOORS: Final = word_set(
    "courtyard yard garden cloister street alley outdoors field meadow park desert lakeside fjord forest woods"
    " woodland jungle canyon gorge ravine quarry valley"
) | {"open air", "open water"}
"""Spaces under the sky."""

QUALITIES: Final = word_set("tiny small narrow big large huge vast furnished cosy cozy empty bare unfurnished")
"""In front of a space, they change its sound."""


class Reverb(NamedTuple):
    """A word for reverberation: how it is said of a space, and its RT60 in seconds where no space is named."""

    words: str
    rt60_s: float


# RT60s of rooms that people call so: 0.15 s a treated booth, 0.35 s a furnished bedroom, 1.8 s a concert hall, 3.5 s a
# large church (ISO 3382-1 annex A gives 1.8 to 2.2 s for halls).
REVERBS: Final[dict[str, Reverb]] = {
    "no reverb": Reverb("dead", 0.0),
    "no echo": Reverb("dead", 0.0),
    "without reverb": Reverb("dead", 0.0),
    "without echo": Reverb("dead", 0.0),
    "anechoic": Reverb("dead", 0.0),
    "dead": Reverb("dead", 0.12),
    "dry": Reverb("dry", 0.2),
    "drier": Reverb("dry", 0.2),
    "damped": Reverb("damped", 0.25),
    "short reverb": Reverb("short reverb", 0.35),
    "small reverb": Reverb("short reverb", 0.35),
    "little reverb": Reverb("short reverb", 0.35),
    "light reverb": Reverb("short reverb", 0.35),
    "less reverb": Reverb("short reverb", 0.35),
    "tight reverb": Reverb("short reverb", 0.35),
    "less echo": Reverb("short reverb", 0.35),
    "short echo": Reverb("short reverb", 0.35),
    "reverb": Reverb("reverberant", 1.2),
    "reverberation": Reverb("reverberant", 1.2),
    "reverberant": Reverb("reverberant", 1.6),
    "medium reverb": Reverb("", 0.8),
    "more reverb": Reverb("reverberant", 2.0),
    "wet": Reverb("reverberant", 1.8),
    "echo": Reverb("echoing", 1.8),
    "echoing": Reverb("echoing", 1.8),
    "echoey": Reverb("echoing", 1.8),
    "long reverb": Reverb("long reverb", 3.5),
    "big reverb": Reverb("long reverb", 3.5),
    "large reverb": Reverb("long reverb", 3.5),
    "huge reverb": Reverb("long reverb", 5.0),
    "long echo": Reverb("long reverb", 3.5),
}

ONLY_IN_NOTES: Final = word_set("dry drier dead wet damped")
"""Alone, they mean the room only in a note about sound (elsewhere, a dry leaf, a dead tree)."""

SURFACES: Final[dict[str, str]] = {
    "wood": "wood",
    "wooden": "wood",
    "timber": "wood",
    "parquet": "wood",
    "plaster": "plaster",
    "stone": "stone",
    "rocky": "stone",
    "marble": "marble",
    "tile": "tile",
    "tiled": "tile",
    "ceramic": "tile",
    "metal": "metal",
    "steel": "metal",
    "glass": "glass",
    "carpet": "carpet",
    "carpeted": "carpet",
    "rug": "carpet",
    "curtains": "curtain",
    "concrete": "concrete",
    "brick": "brick",
}
"""What rooms are made of."""

LANDINGS: Final[dict[str, str]] = {
    "wood": "wood",
    "wooden": "wood",
    "oak": "wood",
    "pine": "wood",
    "parquet": "wood",
    "stone": "stone",
    "granite": "stone",
    "slate": "stone",
    "marble": "stone",
    "concrete": "stone",
    "tile": "ceramic",
    "tiled": "ceramic",
    "ceramic": "ceramic",
    "porcelain": "porcelain",
    "metal": "metal",
    "steel": "metal",
    "iron": "metal",
    "tin": "metal",
    "glass": "glass",
    "ice": "ice",
    "plastic": "plastic",
    "carpet": "cloth",
    "carpeted": "cloth",
    "rug": "cloth",
    "cloth": "cloth",
    "cushion": "cloth",
    "sand": "sand",
    "sandy": "sand",
    "gravel": "gravel",
    "grass": "grass",
    "earth": "earth",
    "leaf": "leaves",
    "snow": "snow",
    "paper": "paper",
}
"""What things land on."""

BUILT: Final = word_set(
    "wall floor ground pavement path step stair staircase bridge house building tower roof arch gate fence pillar"
    " column bench table desk shelf sill ledge counter slab block tile plate bowl basin bath well fountain statue"
    " hearth fireplace chimney stove oven door frame box"
)
"""What is built of a material: behind the name of one, that name only says of what ("stone steps")."""

SOUND_NOUNS: Final = word_set("reverb reverberation echo acoustic acoustics sound ambience ambiance resonance")
"""After a space: only its sound is meant ("church reverb")."""

INSIDE: Final = word_set("in inside into within through")
"""In front of a space, in a prompt: what is heard is heard there."""

DISTANCES_M: Final[dict[str, float]] = {
    "close mic": 0.3,
    "close miked": 0.3,
    "up close": 0.5,
    "intimate": 0.6,
    "closer": 0.7,
    "far away": 20.0,
    "from afar": 20.0,
    "from next room": 8.0,
}
"""Where the listener is, in a note about sound; chosen by ear."""
