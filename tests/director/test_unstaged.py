"""Nothing is dropped in silence: words that are not staged are listed, and only those."""

import pytest


def left(plan, prompt: str) -> list[tuple[str, str]]:
    return [(item.text, item.reason) for item in plan(prompt).unstaged]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a dog barks twice by the window", [("dog barks", "the engine has no dog")]),
        ("a red fox jumps over the lazy dog, camp",
         [("red fox jumps", "the engine has no fox"), ("lazy dog", "the engine has no dog")]),
        ("two robots on the beach", [("two robots", "the engine has no robot")]),
        ("the cat dances on the sill",
         [("dances", "the cat cannot do this; it can sit, meow, purr, look, flick tail")]),
        ("a cat on the sill meows, then curls up",
         [("curls", "the cat cannot do this; it can sit, meow, purr, look, flick tail")]),
        ("cats and dogs", [("dogs", "the engine has no dog")]),
        ("smoke above the camp", [("smoke", "the engine has no smoke")]),
        ("a black cat", [("black", "how things look is not chosen by words yet")]),
        ("a wooden table by the window", [("wooden", "how things look is not chosen by words yet")]),
        ("a sailboat on the lake", [("sailboat", "there is no sailboat at the lake camp")]),
        ("a room with a window, a boat sails by",
         [("boat sails", "there is no sailboat at the window room")]),
        ("a candle on the street", [("street", "the candle is at the sill here")]),
        ("the window, a tent", [("tent", "this shot is at the window room")]),
        ("people chatting by the window", [("people chatting", "speech is not synthesized yet")]),
        ("cinematic, window", [("cinematic", "styles of picture are not chosen by words yet")]),
        ("雨の夜", [("雨の夜", "only English is read yet")]),
        ("🦄 at the window", [("🦄", "this sign is not read yet")]),
        ("Ein altes Segelboot gleitet lautlos dahin", [("Ein altes Segelboot gleitet lautlos dahin", "no known word")]),
        ("no dogs, without any people, window", []),
        ("we can see and hear it all here, very well lit, window", []),
    ],
)  # fmt: skip
def test_what_is_left(plan, prompt: str, expected: list[tuple[str, str]]):
    assert left(plan, prompt) == expected


@pytest.mark.parametrize("word", ["zeppelin", "velociraptor", "trombonist", "spaceship"])
@pytest.mark.parametrize(
    "prompt",
    [
        "a {} by the window",
        "rain, a {}, thunder",
        "the {} near a candle hums softly while the kettle whistles",
        "close-up of the {}, window",
        "after 2 seconds the {} falls onto the table",
        "{}",
    ],
)
def test_an_unknown_noun_is_always_listed(plan, prompt: str, word: str):
    assert any(word in text for text, _ in left(plan, prompt.format(word)))


def test_each_entry_is_listed_once(plan):
    assert left(plan, "a dog at the window. A dog.") == [("dog", "the engine has no dog")]
