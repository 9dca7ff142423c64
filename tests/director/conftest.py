"""A vocabulary like the stage's, fixed here so that its growth changes no expectation."""

from typing import Any

import pytest

from clapboard.director import Options, direct
from clapboard.timeline import Acoustics, Timeline
from clapboard.vocabulary import DoingWords, PlaceWords, ThingWords, Vocabulary

PLACES = (
    PlaceWords(
        name="ocean_coast",
        words=("ocean", "sea", "coast", "beach", "shore", "bay", "waves", "surf", "cliff", "seaside"),
        spots=("sea", "sky", "headland", "foreground"),
        spot_words={"sea": ("water",)},
        acoustics=Acoustics(space="open sea", distance_m=12.0),
        beds=("waves",),
        hour="dusk",
        usual_cast=("lighthouse", "sailboat"),
        weather_beds={"rain": "rain_on_water", "wind": "wind_sea"},
    ),
    PlaceWords(
        name="window_room",
        words=("window", "room", "windowsill", "apartment", "city", "city at night", "night window", "living room"),
        spots=("sill", "table", "window", "street"),
        spot_words={"sill": ("windowsill", "window ledge", "ledge"), "table": ("desk",)},
        acoustics=Acoustics(space="living room", distance_m=1.4),
        beds=("room_tone",),
        hour="night",
        usual_cast=("candle",),
        indoors=True,
        weather_beds={"rain": "rain_on_glass", "wind": "wind_indoors"},
    ),
    PlaceWords(
        name="lake_camp",
        words=("lake", "camp", "campsite", "mountain", "mountain lake", "tent", "forest", "forest clearing", "pine"),
        spots=("fire_ring", "shore", "lake", "sky", "trees"),
        spot_words={"fire_ring": ("fire pit",), "trees": ("tree",)},
        acoustics=Acoustics(space="mountain lake", distance_m=4.0),
        beds=("mountain_air", "lake_lapping"),
        hour="night",
        usual_cast=("campfire",),
        weather_beds={"rain": "rain_on_leaves", "wind": "wind_pines"},
        hour_beds={"night": ("insects",), "dawn": ("birdsong",)},
    ),
)

EVERYWHERE = {"ocean_coast": ("sky",), "window_room": ("window",), "lake_camp": ("sky",)}

THINGS = (
    ThingWords(
        name="sailboat",
        words=("sailboat", "sailing boat", "boat", "yacht"),
        doings={
            "sail": DoingWords(words=("sail", "drift", "pass", "glide"), lasting=True),
            "creak": DoingWords(words=("creak",), duration_s=1.2),
        },
        places={"ocean_coast": ("sea",)},
        usual="sail",
    ),
    ThingWords(
        name="gull",
        words=("gull", "seagull"),
        doings={
            "fly": DoingWords(words=("fly", "soar", "circle"), lasting=True),
            "cry": DoingWords(words=("cry", "call", "scream", "screech"), duration_s=0.8, every_s=1.0),
        },
        places={"ocean_coast": ("sky", "foreground")},
    ),
    ThingWords(
        name="lighthouse",
        words=("lighthouse", "beacon"),
        doings={
            "flash": DoingWords(words=("flash", "sweep", "blink"), duration_s=1.0, every_s=4.0),
            "foghorn": DoingWords(words=("foghorn", "fog horn", "horn"), duration_s=3.0),
        },
        places={"ocean_coast": ("headland",)},
    ),
    ThingWords(
        name="cat",
        words=("cat", "kitten"),
        doings={
            "sit": DoingWords(words=("sit",), lasting=True),
            "meow": DoingWords(words=("meow", "mew"), duration_s=0.8),
            "purr": DoingWords(words=("purr",), lasting=True),
            "look": DoingWords(words=("turn its head", "look"), duration_s=1.6),
            "flick_tail": DoingWords(words=("flick its tail", "flick", "twitch"), duration_s=1.4),
        },
        places={"window_room": ("sill", "table")},
    ),
    ThingWords(
        name="candle",
        words=("candle", "candlelight"),
        doings={
            "burn": DoingWords(words=("burn", "flicker", "glow"), lasting=True),
            "go_out": DoingWords(words=("go out", "blow out", "extinguish"), duration_s=1.0),
        },
        places={"window_room": ("sill", "table")},
        usual="burn",
    ),
    ThingWords(
        name="kettle",
        words=("kettle", "teapot"),
        doings={
            "boil": DoingWords(words=("boil", "steam"), duration_s=3.0),
            "whistle": DoingWords(words=("whistle",), duration_s=2.0),
        },
        places={"window_room": ("table",)},
    ),
    ThingWords(
        name="campfire",
        words=("campfire", "fire", "bonfire"),
        doings={
            "burn": DoingWords(words=("burn", "glow", "flicker"), lasting=True),
            "crackle": DoingWords(words=("crackle", "pop"), duration_s=0.8),
            "flare": DoingWords(words=("flare", "flare up"), duration_s=1.5),
        },
        places={"lake_camp": ("fire_ring",)},
        usual="burn",
    ),
    ThingWords(
        name="thunder",
        words=("thunder", "thunderstorm", "lightning"),
        doings={
            "roll": DoingWords(
                words=("roll", "rumble", "growl"),
                duration_s=4.0,
                distances_m={"near": 400.0, "middle": 1000.0, "far": None},
            ),
            "crack": DoingWords(
                words=("crack", "clap", "thunderclap", "strike", "lightning"),
                duration_s=3.0,
                distances_m={"near": 343.0, "middle": 686.0, "far": None},
            ),
        },
        places=EVERYWHERE,
        usual="roll",
        dresses=False,
    ),
    ThingWords(
        name="glass_ball",
        words=("glass ball", "ball", "marble ball"),
        doings={
            "drop": DoingWords(words=("drop", "fall", "bounce", "land"), duration_s=2.0, needs_onto=True),
            "roll": DoingWords(words=("roll",), duration_s=1.5),
        },
        places={"window_room": ("table", "sill")},
        material="glass",
    ),
    ThingWords(
        name="owl",
        words=("owl",),
        doings={"hoot": DoingWords(words=("hoot", "call"), duration_s=1.0, every_s=1.6)},
        places={"lake_camp": ("trees",)},
        dresses=False,
    ),
    ThingWords(name="mug", words=("mug", "cup"), doings={}, places={"window_room": ("table",)}),
)

VOCABULARY = Vocabulary(
    places=PLACES,
    things=THINGS,
    beds={
        "waves": ("surf", "breakers", "swell"),
        "rain_on_glass": ("rain on the window", "rain on glass"),
        "rain_on_water": ("rain on the lake", "rain on the sea"),
        "rain_on_leaves": ("rain in the trees",),
        "rain_on_roof": ("rain on a tin roof", "rain on the roof"),
        "rain_on_canvas": ("rain on the tent", "rain on canvas"),
        "rain_open": ("rain", "drizzle", "downpour"),
        "wind_sea": ("sea wind",),
        "wind_indoors": ("wind in the chimney",),
        "wind_pines": ("wind in the pines",),
        "wind_open": ("wind", "breeze"),
        "lake_lapping": ("lapping water", "lapping"),
        "insects": ("crickets", "night insects"),
        "birdsong": ("birdsong", "birds singing"),
        "city_night": ("traffic", "distant traffic", "city hum"),
        "room_tone": ("room tone",),
        "mountain_air": ("mountain air",),
    },
    moods={
        "calm": ("calm", "peaceful", "serene", "gentle", "quiet", "still"),
        "hopeful": ("hopeful", "uplifting"),
        "tense": ("tense", "suspenseful", "tension"),
        "melancholy": ("melancholy", "sad", "wistful"),
        "mysterious": ("mysterious", "eerie"),
        "joyful": ("joyful", "happy"),
        "epic": ("epic", "heroic"),
    },
    instruments={
        "felt piano": ("soft piano",),
        "piano": ("grand piano",),
        "strings": ("violins", "string section", "orchestra"),
        "cello": (),
        "flute": ("whistle",),
        "guitar": (),
        "harp": (),
        "music box": (),
        "drum": ("drums",),
    },
)


@pytest.fixture
def vocabulary() -> Vocabulary:
    return VOCABULARY


@pytest.fixture
def plan():
    """A prompt's Timeline in this vocabulary."""

    def planned(prompt: str, **options: Any) -> Timeline:
        return direct(prompt, VOCABULARY, options=Options(**options))

    return planned
