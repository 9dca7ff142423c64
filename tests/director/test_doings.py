"""Who is there and what happens: cast, spots, counts, subjects, order, repeats, force, distance, landings."""

import pytest

from clapboard.timeline import Action, Member, Timeline


def cast(timeline: Timeline) -> list[Member]:
    return timeline.shots[0].cast


def done(timeline: Timeline) -> list[tuple[float, str, str]]:
    """Actions that do not go on all through."""
    return [(a.at_s, a.who, a.does) for a in timeline.shots[0].actions if not (a.at_s == 0 and a.until_s)]


def order(timeline: Timeline) -> list[str]:
    return [f"{who} {does}" for _, who, does in done(timeline)]


def action(timeline: Timeline) -> Action:
    (only,) = timeline.shots[0].actions
    return only


@pytest.mark.parametrize(
    ("prompt", "members"),
    [
        ("a cat", [Member(id="cat", thing="cat")]),
        ("three cats", [Member(id="cat", thing="cat", count=3)]),
        ("cats", [Member(id="cat", thing="cat", count=3)]),
        ("a pair of candles", [Member(id="candle", thing="candle", count=2)]),
        ("a flock of gulls", [Member(id="gull", thing="gull", count=6)]),
        ("12 small white gulls", [Member(id="gull", thing="gull", count=12)]),
        ("9000 gulls", [Member(id="gull", thing="gull", count=50)]),
        ("a cat on the table", [Member(id="cat", thing="cat", at="table")]),
        ("on the windowsill a cat sleeps", [Member(id="cat", thing="cat", at="sill")]),
        ("a cat. The cat sits. It purrs", [Member(id="cat", thing="cat")]),
        ("a cat and another cat", [Member(id="cat", thing="cat"), Member(id="cat_2", thing="cat")]),
        (
            "a cat by a candle on the sill",
            [Member(id="cat", thing="cat"), Member(id="candle", thing="candle", at="sill")],
        ),
        ("at two seconds gulls cry", [Member(id="gull", thing="gull", count=3)]),
        ("a kittten", [Member(id="cat", thing="cat")]),
    ],
)
def test_members(plan, prompt: str, members: list[Member]):
    assert cast(plan(prompt)) == members


@pytest.mark.parametrize(
    ("prompt", "things"),
    [
        ("window", ["candle"]),  # the place's usual cast
        ("window, thunder", ["thunder", "candle"]),  # thunder does not dress the place
        ("window, a mug", ["mug"]),
        ("window without a candle", []),
        ("window, no cat", ["candle"]),
        ("a distant meow", ["cat"]),  # named by its doing only
        ("far hooting", ["owl", "campfire"]),
    ],
)
def test_who_is_there(plan, prompt: str, things: list[str]):
    timeline = plan(prompt)
    assert [member.thing for member in cast(timeline)] == things
    assert timeline.unstaged == []


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("the cat meows", ["cat meow"]),
        ("a meowing cat", ["cat meow"]),
        ("the meow of a small cat", ["cat meow"]),
        ("there hoots an owl", ["owl hoot"]),
        ("the cat at the night window meows", ["cat meow"]),
        ("the cat beside the candle meows", ["cat meow"]),
        ("The cat sits. It meows.", ["cat meow"]),
        ("the candle is blown out", ["candle go_out"]),
        ("someone blows the old candle out", ["candle go_out"]),
        ("the cat turns its head", ["cat look"]),
        ("thunder rolls while the glass ball rolls", ["thunder roll", "glass_ball roll"]),
        ("the wind whistles, then the kettle whistles", ["kettle whistle"]),
        ("rain drops onto the sill near the ball", []),
        ("a cat sits and a dog meows", []),
        ("a dog flies past the boat", []),
        ("the cat does not meow", []),
        ("no meowing", []),
        ("fog rolls in and a foghorn sounds", ["lighthouse foghorn"]),
        ("the candle near the ball drops", []),
        ("the kettle boils; after three seconds it whistles", ["kettle boil", "kettle whistle"]),
        ("the cat the kettle watches", []),
    ],
)
def test_subjects(plan, prompt: str, expected: list[str]):
    assert order(plan(prompt)) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("the kettle whistles, the cat meows", ["kettle whistle", "cat meow"]),
        ("the cat meows, then the kettle whistles", ["cat meow", "kettle whistle"]),
        ("After the kettle whistles, the cat meows", ["kettle whistle", "cat meow"]),
        ("The cat meows after the kettle whistles", ["kettle whistle", "cat meow"]),
        ("Before the candle goes out, the cat meows", ["cat meow", "candle go_out"]),
        ("The cat meows before the candle goes out", ["cat meow", "candle go_out"]),
        ("First the cat meows, next the kettle whistles, finally the candle goes out",
         ["cat meow", "kettle whistle", "candle go_out"]),
        ("the kettle boils, followed by a meow of the cat", ["kettle boil", "cat meow"]),
        ("thunder, then the owl hoots, then louder thunder", ["thunder roll", "owl hoot", "thunder roll"]),
        ("lightning, then thunder, then the owl hoots", ["thunder crack", "owl hoot"]),
        ("an owl hoots, then the fire pops, then the owl hoots again", ["owl hoot", "campfire crackle", "owl hoot"]),
    ],
)  # fmt: skip
def test_order(plan, prompt: str, expected: list[str]):
    timeline = plan(prompt)
    assert order(timeline) == expected
    starts = [at_s for at_s, _, _ in done(timeline)]
    assert len(set(starts)) == len(starts) and starts[0] >= 0.8
    assert timeline.unstaged == []


@pytest.mark.parametrize(
    "prompt",
    [
        "while the kettle whistles the cat meows",
        "the kettle whistles as the cat meows",
        "The kettle whistles. Meanwhile the cat meows.",
        "When the kettle whistles, the cat meows",
    ],
)
def test_at_once(plan, prompt: str):
    (first, _, _), (second, _, _) = done(plan(prompt))
    assert first == second


def test_one_happening_told_twice_is_one(plan):
    timeline = plan("the ball drops onto the table and bounces; when it lands the cat turns its head")
    assert done(timeline) == [(2.52, "glass_ball", "drop"), (2.52, "cat", "look")]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("the kettle whistles at two seconds", [(2, "kettle", "whistle")]),
        ("at 0:05 the kettle whistles", [(5, "kettle", "whistle")]),
        ("after 3 s the kettle whistles", [(3, "kettle", "whistle")]),
        ("the kettle whistles at 3 s and again at 6 s", [(3, "kettle", "whistle"), (6, "kettle", "whistle")]),
        ("the candle burns, it goes out at the end", [(6.7, "candle", "go_out")]),
        ("the cat meows at 1 s and the kettle whistles at 4 s", [(1, "cat", "meow"), (4, "kettle", "whistle")]),
        ("the cat meows at 2 s, half a second later the kettle boils", [(2, "cat", "meow"), (2.5, "kettle", "boil")]),
        ("the kettle boils at 2 s and whistles, then the cat meows at 5",
         [(2, "kettle", "boil"), (3.5, "kettle", "whistle"), (5, "cat", "meow")]),
        ("every two seconds the owl hoots", [(2, "owl", "hoot"), (4, "owl", "hoot"), (6, "owl", "hoot")]),
        ("the owl hoots twice at 2 s", [(2, "owl", "hoot"), (3.6, "owl", "hoot")]),
        ("at 1 s three hoots of the owl", [(1, "owl", "hoot"), (2.6, "owl", "hoot"), (4.2, "owl", "hoot")]),
        ("three gulls cry at 2 s", [(2, "gull", "cry"), (3, "gull", "cry"), (4, "gull", "cry")]),
        ("the cat meows four times at 7 s", [(7, "cat", "meow"), (7.3, "cat", "meow"), (7.6, "cat", "meow"),
                                              (7.9, "cat", "meow")]),
    ],
)  # fmt: skip
def test_times_and_repeats(plan, prompt: str, expected: list[tuple[float, str, str]]):
    timeline = plan(prompt)
    assert done(timeline) == expected
    assert timeline.unstaged == []


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a candle burns", Action(at_s=0, who="candle", does="burn", until_s=8)),
        ("a candle burns for 3 seconds", Action(at_s=0, who="candle", does="burn", until_s=3)),
        ("a boat sails from 2 to 5 s", Action(at_s=2, who="sailboat", does="sail", until_s=5)),
        ("softly the cat meows at 2 s", Action(at_s=2, who="cat", does="meow", force=0.35)),
        ("the kettle whistles loudly at 2 s", Action(at_s=2, who="kettle", does="whistle", force=0.9)),
        ("the ball drops at 1 s onto the marble sill",
         Action(at_s=1, who="glass_ball", does="drop", onto="sill", material="glass on stone")),
        ("the kettle whistles at 2 s for 3 seconds", Action(at_s=2, who="kettle", does="whistle", until_s=5)),
        ("at 1 s the glass ball falls", Action(at_s=1, who="glass_ball", does="drop", onto="table")),
        ("a glass ball on the sill drops at 1 s", Action(at_s=1, who="glass_ball", does="drop", onto="sill")),
    ],
)  # fmt: skip
def test_one_action(plan, prompt: str, expected: Action):
    timeline = plan(prompt)
    assert action(timeline) == expected
    assert timeline.unstaged == []


@pytest.mark.parametrize(
    ("prompt", "onto", "heard_at_s", "force"),
    [
        ("thunder cracks at 1 s, no candle", "middle", 3.0, 0.6),
        ("thunder cracks overhead at 1 s, no candle", "near", 2.0, 0.8),
        ("thunder cracks near at 1 second, no candle", "near", 2.0, 0.8),
        ("thunder close at 1 s, no candle", "near", 2.166, 0.8),
        ("thunder cracks near the window at 1 s, no candle", "middle", 3.0, 0.6),
        ("near thunder at 1 s, no candle", "near", 2.166, 0.8),
        ("at 1 s far thunder, no candle", "far", None, 0.35),
        ("at 1 s thunder rumbles softly in the distance, no candle", "far", None, 0.35),
        ("lightning strikes nearby at 1 s, no candle", "near", 2.0, 0.8),
        ("thunder cracks at 7 s, no candle", "middle", None, 0.6),  # the film ends before it would be heard
    ],
)
def test_thunder_is_heard_late(plan, prompt: str, onto: str, heard_at_s: float | None, force: float):
    (strike,) = plan(prompt + ", window").shots[0].actions
    assert (strike.onto, strike.heard_at_s, strike.force) == (onto, heard_at_s, force)


def test_a_time_behind_the_end_is_reported(plan):
    timeline = plan("the kettle whistles at 12 seconds, the cat meows", duration_s=8.0)
    assert order(timeline) == ["cat meow"]
    assert [(item.text, item.reason) for item in timeline.unstaged] == [("whistles", "the shot ends at 8 s")]


def test_the_film_grows_for_a_time_in_the_prompt(plan):
    timeline = plan("the kettle whistles at 12 seconds")
    assert timeline.duration_s == 14 and done(timeline) == [(12, "kettle", "whistle")]
