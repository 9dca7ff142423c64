"""Words: stems, singulars, folding, spelling."""

import pytest

from clapboard.director.words import Spelling, fold, singular, stem


@pytest.mark.parametrize(
    "forms",
    [
        "drop drops dropped dropping",
        "bounce bounces bounced bouncing",
        "fly flies flew flown flying",
        "cry cries cried crying",
        "hiss hisses hissed hissing",
        "whistle whistles whistling",
        "flash flashes flashing",
        "blow blows blew blown blowing",
        "rain rains raining rained",
        "roll rolls rolled rolling",
    ],
)
def test_inflections_share_a_stem(forms: str):
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    "pair", ["strings string", "waves wave", "woods wood", "evening even", "red re", "glasses glass"]
)
def test_endings_that_mean_something_stay(pair: str):
    plural, other = pair.split()
    assert stem(plural) != stem(other)


@pytest.mark.parametrize(
    ("word", "base"),
    [("dogs", "dog"), ("foxes", "fox"), ("puppies", "puppy"), ("wolves", "wolf"), ("glass", "glass"), ("bus", "bus")],
)
def test_singular(word: str, base: str):
    assert singular(word) == base


def test_fold_drops_case_and_accents():
    assert fold("Café") == "cafe"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("thnuder", "thunder"),
        ("candel", "candle"),
        ("windwo", "window"),
        ("campfier", "campfire"),
        ("lighthose", "lighthouse"),
        ("lightening", "lightning"),
        ("thunders", "thunders"),  # an inflection is no misspelling
        ("handle", "handle"),
        ("widow", "widow"),
        ("snore", "snore"),
        ("thud", "thud"),
    ],
)
def test_spelling_corrects_near_misses_and_leaves_other_words(written: str, meant: str):
    known = ["thunder", "candle", "window", "campfire", "lighthouse", "lightning", "shore"]
    assert Spelling(known).correct(written) == meant
