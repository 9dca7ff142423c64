"""Reading: tokens, quotes, negation."""

import pytest

from clapboard.director.read import read
from clapboard.director.words import Spelling

PLAIN = Spelling(())


def words(prompt: str) -> list[str]:
    return [token.word for token in read(prompt, PLAIN).tokens]


def denied(prompt: str) -> list[str]:
    return [token.word for token in read(prompt, PLAIN).tokens if token.negated]


def quotes(prompt: str) -> list[str]:
    return [token.text for token in read(prompt, PLAIN).tokens if token.kind == "quote"]


def test_offsets_point_into_the_prompt():
    prompt = "Rain, 2.5 s of it — “never mind the rain”, she says. 🌧️"
    for token in read(prompt, PLAIN).tokens:
        assert token.kind == "quote" or prompt[token.start : token.end] == token.text


def test_hyphens_possessives_and_shortened_words():
    assert words("a close-up of the cat's tail") == ["a", "close", "up", "of", "the", "cat", "tail"]
    assert words("it isn't, it can’t") == ["it", "is", "not", ",", "it", "can", "not"]


def test_numbers_and_clock_times():
    numbers = [token.number for token in read("two, 2.5s, 0:04", PLAIN).tokens if token.number is not None]
    assert numbers == [2, 2.5, 4]


def test_an_emoji_is_its_word():
    assert words("🐈 on the 🔥") == ["cat", "on", "the", "fire"]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("no rain on the window", ["rain"]),
        ("without any wind or heavy rain, thunder", ["any", "wind", "heavy", "rain"]),
        ("without thunder and rain", ["thunder", "rain"]),
        ("no thunder and rain", ["thunder"]),
        ("it is not raining", ["raining"]),
        ("there isn't any fog", ["any", "fog"]),
        ("neither rain nor snow", ["rain", "snow"]),
        ("no sound of rain", ["sound", "of", "rain"]),
        ("not too heavy rain", []),
        ("not only rain but snow", []),
    ],
)
def test_negation(prompt: str, expected: list[str]):
    assert [word for word in denied(prompt) if word not in ("or", "and")] == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ('She says, "Go home."', ["Go home."]),
        ("«Rentrons» whispers the man", ["Rentrons"]),
        ("a 'vintage' room", []),
        ('Narrator: "So it ends"', ["So it ends"]),
        ("the cat's bowl isn't the dog's", []),
    ],
)
def test_quotes_are_what_is_said_or_written(prompt: str, expected: list[str]):
    assert quotes(prompt) == expected
