"""How doings are done: force, distance, order, and looks that cannot be chosen."""

from typing import Final, Literal

from clapboard.director.facts import Distance, Position
from clapboard.director.tables import word_set

Order = Literal["then", "before", "after", "with"]

FORCES: Final[dict[str, float]] = {
    "faint": 0.2,
    "faintly": 0.2,
    "soft": 0.35,
    "softly": 0.35,
    "gentle": 0.35,
    "gently": 0.35,
    "quiet": 0.3,
    "quietly": 0.3,
    "light": 0.35,
    "lightly": 0.35,
    "slow": 0.4,
    "slowly": 0.4,
    "lazily": 0.4,
    "silently": 0.3,
    "calmly": 0.4,
    "briefly": 0.5,
    "steadily": 0.6,
    "brightly": 0.8,
    "bright": 0.8,
    "quick": 0.75,
    "quickly": 0.75,
    "fast": 0.8,
    "sharp": 0.8,
    "sharply": 0.8,
    "loud": 0.9,
    "loudly": 0.9,
    "louder": 0.95,
    "loudest": 1.0,
    "hard": 0.9,
    "heavy": 0.85,
    "heavily": 0.85,
    "strong": 0.85,
    "strongly": 0.85,
    "sudden": 0.8,
    "violent": 1.0,
    "violently": 1.0,
    "fiercely": 1.0,
    "huge": 1.0,
    "mighty": 1.0,
    "deep": 0.7,
    "low": 0.45,
    "long": 0.6,
}
"""Near a doing: its force 0..1."""

DISTANCES: Final[dict[str, Distance]] = {
    "far": "far",
    "far away": "far",
    "far off": "far",
    "faraway": "far",
    "distant": "far",
    "distantly": "far",
    "in distance": "far",
    "in far distance": "far",
    "on horizon": "far",
    "remote": "far",
    "nearby": "near",
    "close by": "near",
    "very close": "near",
    "so close": "near",
    "overhead": "near",
    "right above": "near",
}

DISTANCES_BEFORE: Final[dict[str, Distance]] = {"near": "near", "close": "near"}
"""Right in front of the thing or the doing, or last in the clause; elsewhere these are prepositions."""

SIDES: Final[dict[str, str]] = {
    phrase.format(side, other): side
    for side, other in (("left", "right"), ("right", "left"))
    for phrase in (
        "from {0}",
        "from {0} side",
        "from {0} to {1}",
        "from {0} to {1} side",
        "{0} to {1}",
        "to {1}",
        "to {1} side",
        "towards {1}",
        "toward {1}",
        "{1}wards",
        "{1}ward",
    )
}
"""The side that something comes from: what goes to the right comes from the left."""

FORCE_AT: Final[dict[Distance, float]] = {"near": 0.8, "middle": 0.6, "far": 0.35}
"""Force of a doing whose distance is given and whose force is not."""

ORDERS: Final[dict[str, Order]] = {
    "then": "then",
    "and then": "then",
    "after that": "then",
    "after which": "then",
    "afterwards": "then",
    "afterward": "then",
    "next": "then",
    "later": "then",
    "followed by": "then",
    "before": "before",
    "until": "before",
    "after": "after",
    "while": "with",
    "as": "with",
    "when": "with",
    "whenever": "with",
    "just as": "with",
    "as soon as": "with",
    "the moment": "with",
    "meanwhile": "with",
    "at same time": "with",
    "simultaneously": "with",
}
"""How what follows the word stands in time to what is around it."""

NOT_ORDER: Final = ("next to", "as if", "as well", "as though", "as a")

ALWAYS_BACK: Final = word_set("then afterwards afterward next later meanwhile followed simultaneously time that which")
"""Last words of order phrases that look back to what was told before, even at the start of a sentence."""

POSITIONS: Final[dict[str, Position]] = {
    "at start": "start",
    "at beginning": "start",
    "at first": "start",
    "first of all": "start",
    "immediately": "start",
    "halfway through": "middle",
    "halfway": "middle",
    "midway": "middle",
    "at end": "end",
    "at very end": "end",
    "in the end": "end",
    "finally": "end",
    "at last": "end",
    "lastly": "end",
}

THROUGHOUT: Final = (
    "throughout",
    "all through",
    "all the time",
    "the whole time",
    "the entire time",
    "the whole film",
    "the entire film",
    "in all shots",
    "in both shots",
    "in every shot",
    "in each shot",
    "from start to end",
    "from beginning to end",
)
"""Said of weather: in all shots."""

AGAIN: Final = ("again", "once more", "another time", "one more time")

ALWAYS_THERE: Final = word_set(
    "light lights lighting glow shadow shadows reflection reflections air atmosphere atmospheric ambient mood feeling"
    " vibe setting surroundings scenery landscape view"
)
"""Every picture has them; alone they ask for nothing."""

COLOURS: Final = word_set(
    "red orange yellow green blue purple violet pink brown black white grey gray golden gold silver crimson scarlet"
    " turquoise teal amber ginger tabby dark pale colorful colourful"
)

STYLES: Final = word_set(
    "cinematic photorealistic realistic hyperrealistic realism anime cartoon animated animation noir vintage retro 3d"
    " painting painterly watercolor watercolour impressionist pixar ghibli style styled aesthetic hd uhd 4k 8k hdr film"
    " grain beautiful stunning gorgeous masterpiece detailed epic quality ultra vertical horizontal"
    " widescreen resolution professional award winning"
)

ADJECTIVES: Final = (
    word_set(
        "old young big small little large tiny huge tall short long wide narrow round empty full new ancient modern"
        " broken wild lazy happy sad angry hungry sleepy curious beautiful ugly pretty lovely cozy cosy warm cold hot"
        " cool icy wet dry dusty dirty clean rusty shiny smooth rough sharp bright dim pale eerie strange mysterious"
        " lonely romantic peaceful quiet loud silent gentle soft hard heavy light fast slow deep high low thick thin"
        " rich poor fine rustic elegant cute fluffy graceful magical dreamy distant open closed clear calm"
    )
    | COLOURS
)

COMMON_VERBS: Final = word_set(
    "ask bake bark beat blur bend bite bow bring brush build buzz carry catch chase chat chop clap clean climb clink"
    " close cook cough count crack crash crawl creak cross cry cut dance dig dive drag draw drink drive drop eat enter"
    " explode explore fall feed fight fish fix float fly fold follow gallop gather grab growl hang hide hike hit hold"
    " honk hoot hop howl hug hum hunt hurry jog jump kick kiss kneel knit knock land laugh lead leap lick lift limp"
    " listen live load melt mix mount move nod open paint park pass pick plant play point pour practice prance pray"
    " pull push put race read ride ring roar roll rub run rush sail sail scare scratch scream search sell send shake"
    " shine shout shut sing sip skate ski skip slam sleep slide slip smash smell smile smoke snap sneeze sniff snore"
    " soar spin splash spread stare steal step stir stretch stroll stumble surf swim swing swoop talk tap taste tear"
    " throw tick tie toss touch trot turn type visit wade wag wake walk wander wash watch wave wear weep whirl whisper"
    " whistle work wrap write yawn"
)
"""Verbs that follow a noun which nobody can show: "a fox jumps" asks for a fox."""
