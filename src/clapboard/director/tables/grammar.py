"""Words that carry grammar, not pictures or sounds: they are never reported as unstaged."""

from typing import Final

from clapboard.director.tables import word_set

ARTICLES: Final = word_set("a an the its his her their my our your some any this these those")
"""Skipped inside phrases: "turns its head" is "turns head"."""

PREPOSITIONS: Final = word_set(
    "about above across after against along amid among around at atop before behind below beneath beside between"
    " beyond by down during for from in inside into near of off on onto out outside over past through throughout to"
    " toward towards under underneath until up upon via with within without"
)

CONJUNCTIONS: Final = word_set("and or nor but yet so while as when whenever then because although if")

CLAUSE_STARTERS: Final = word_set("but while as when whenever then before after until once meanwhile suddenly")

PRONOUNS: Final = word_set("it he she they them him itself himself herself themselves one which who")

NEGATORS: Final = word_set("no not without never neither nor nobody nothing minus")

_LIGHT_VERBS: Final = word_set(
    "am is are was were be been being do does did doing done have has had having can could will would shall should"
    " may might must let make makes making made get gets getting become becomes becoming seem seems appear appears"
    " appearing see sees seen seeing hear hears heard hearing show shows showing shown feature features featuring"
    " include includes including come comes coming came go goes going gone begin begins start starts want wants keep"
    " keeps kept give gives given there's look looks feel feels create generate imagine play plays playing played put"
    " place placed set sets need needs use uses using take takes found filled hold holds holding pause pauses"
    " surrounded seen overlooking facing"
)
"""Verbs without a picture of their own."""

_PRESENCE: Final = word_set(
    "sit sits sitting stand stands standing stood lie lies lying lay rest rests resting remain remains stay stays"
    " wait waits waiting"
)
"""Being somewhere is what things do when nothing is said."""

_ADVERBS: Final = word_set(
    "very really quite rather just only also too so such there that here now still even again ever always often"
    " sometimes almost nearly about more most less least much many few several each every all both other another same"
    " own else together apart away back forth once suddenly eventually gradually constantly continuously finally twice"
    " thrice repeatedly that what where why how whose whom like unlike than i you we me us mine yours ours hers theirs"
    " myself yourself ourselves something somewhere anything everything someone somebody everyone please maybe perhaps"
    " somehow meanwhile however though per etc ok okay yes well plus versus vs upon"
)
"""Adverbs and quantities without weight."""

_FILM_WORDS: Final = word_set(
    "film movie video clip scene shot shots footage image images picture view frame camera sequence moment moments"
    " sound sounds noise noises audio background foreground middle center centre side front part bit piece kind sort"
    " lot lots bunch group pair couple while first second third last next end beginning start edge top bottom rest"
    " hear heard listen time times way lit distance thing things s t d ll re ve m one ones of"
)

"""Words of film making that say nothing by themselves, and what is left of shortened words."""

FUNCTION: Final = (
    ARTICLES | PREPOSITIONS | CONJUNCTIONS | PRONOUNS | NEGATORS | _LIGHT_VERBS | _PRESENCE | _ADVERBS | _FILM_WORDS
)
"""Compared with folded words, not with stems."""

NUMBERS: Final[dict[str, float]] = {
    "zero": 0,
    "half": 0.5,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "ninety": 90,
    "hundred": 100,
}

QUANTITIES: Final[dict[str, int]] = {
    "a pair of": 2,
    "a couple of": 2,
    "both": 2,
    "a few": 3,
    "few": 3,
    "several": 3,
    "some": 3,
    "a group of": 4,
    "a handful of": 4,
    "many": 6,
    "a flock of": 6,
    "lots of": 6,
    "a lot of": 6,
    "a bunch of": 4,
    "a row of": 4,
    "countless": 12,
    "a dozen": 12,
    "dozens of": 12,
    "another": 1,
    "a": 1,
    "an": 1,
    "lone": 1,
    "single": 1,
    "solitary": 1,
}
"""Before a thing: how many. "Some" and "few" are a choice, the same as for a bare plural."""

BARE_PLURAL: Final = 3
"""How many "gulls" are when no number is given."""

MAX_COUNT: Final = 50
"""Of one cast member, as the Timeline has it."""

REPEATS: Final[dict[str, int]] = {
    "once": 1,
    "twice": 2,
    "thrice": 3,
    "two times": 2,
    "three times": 3,
    "a few times": 3,
    "several times": 3,
    "many times": 5,
    "again and again": 4,
    "over and over": 4,
    "repeatedly": 4,
}
"""After a doing: how often. "N times" with a number is read by rule."""

CONTRACTIONS: Final[dict[str, str]] = {"can't": "can not", "won't": "will not", "let's": "let us", "cannot": "can not"}

EMOJI: Final[dict[str, str]] = {
    "🌧": "rain",
    "☔": "rain",
    "⛈": "thunderstorm",
    "🌩": "thunder",
    "⚡": "lightning",
    "❄": "snow",
    "🌨": "snow",
    "🌫": "fog",
    "💨": "wind",
    "☁": "clouds",
    "☀": "sunny",
    "🌞": "sunny",
    "🌙": "night",
    "🌕": "night",
    "🌃": "night",
    "🌌": "night",
    "🌅": "sunrise",
    "🌄": "sunrise",
    "🌇": "sunset",
    "🌊": "ocean",
    "🏖": "beach",
    "🏕": "camp",
    "⛺": "tent",
    "🔥": "fire",
    "🕯": "candle",
    "🐈": "cat",
    "🐱": "cat",
    "🦉": "owl",
    "⛵": "sailboat",
    "🎹": "piano",
    "🎻": "violin",
    "🎸": "guitar",
    "🎵": "music",
    "🎶": "music",
}
"""Signs that mean one English word everywhere."""
