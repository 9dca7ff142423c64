"""Inflections that no rule makes, and real words that look like misspellings of other words."""

from typing import Final

from clapboard.director.tables import word_set

IRREGULAR: Final[dict[str, str]] = {
    inflected: base
    for base, forms in {
        "begin": "began begun",
        "blow": "blew blown",
        "break": "broke broken",
        "build": "built",
        "burn": "burnt",
        "catch": "caught",
        "child": "children",
        "come": "came",
        "creep": "crept",
        "die": "died dying dies",
        "draw": "drew drawn",
        "drive": "drove driven",
        "fall": "fell fallen",
        "fly": "flew flown flies",
        "foot": "feet",
        "freeze": "froze frozen",
        "give": "gave given",
        "go": "went gone goes",
        "goose": "geese",
        "grow": "grew grown",
        "hang": "hung",
        "hear": "heard",
        "hold": "held",
        "knife": "knives",
        "leaf": "leaves",
        "lie": "lay lain lying lies",
        "light": "lit",
        "lose": "lost",
        "man": "men",
        "mouse": "mice",
        "ring": "rang rung",
        "rise": "risen",
        "run": "ran",
        "say": "said says",
        "see": "saw seen",
        "shake": "shook shaken",
        "shine": "shone",
        "sing": "sang sung",
        "sink": "sank sunk",
        "sit": "sat",
        "sleep": "slept",
        "speak": "spoke spoken",
        "spin": "spun",
        "spring": "sprang sprung",
        "stand": "stood",
        "stick": "stuck",
        "strike": "struck",
        "sweep": "swept",
        "swim": "swam swum",
        "swing": "swung",
        "take": "took taken",
        "tell": "told",
        "throw": "threw thrown",
        "wake": "woke woken",
        "weep": "wept",
        "wolf": "wolves",
        "woman": "women",
        # words whose plural, or ending, means something else: they keep it
        "evening": "evening",
        "glasses": "glasses",
        "keys": "keys",
        "lens": "lens",
        "lights": "lights",
        "morning": "morning",
        "news": "news",
        "strings": "strings",
        "waves": "waves",
        "woods": "woods",
    }.items()
    for inflected in forms.split()
}

MISSPELLINGS: Final = {"lightening": "lightning"}
"""Words that are spelled like another one so often that they mean it."""

LOOKALIKES: Final = word_set(
    "cackle cackles cackling mourning stranger strangers crumble crumbles rambling rumbly tumble shadowed creaky"
    " roaring hanging singing longing"
)
"""Never corrected, though one letter away from a word that a film may know."""
