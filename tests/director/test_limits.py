"""Bad and extreme input."""

import sys

import pytest

from clapboard.director import Options, direct
from clapboard.errors import InputError
from clapboard.timeline import Acoustics, Timeline
from clapboard.vocabulary import PlaceWords, Vocabulary

RICH = (
    "A glass ball drops onto a wooden table at night while rain runs down the window; tense strings. "
    "Cut to the coast: three gulls cry twice, then far thunder, no music, a dog barks, slow pan left. "
)


@pytest.mark.parametrize("prompt", ["", "   ", "\n\t", "???", "...", "—"])
def test_an_empty_prompt_is_refused_in_one_line(plan, prompt: str):
    with pytest.raises(InputError, match="describe a place") as caught:
        plan(prompt)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("duration_s", [0, -1, 1e9, float("inf"), float("nan")])
def test_impossible_durations_are_refused(plan, duration_s: float):
    with pytest.raises(InputError, match="choose more than 0"):
        plan("window", duration_s=duration_s)


@pytest.mark.parametrize("size", [(0, 0), (1281, 720), (-2, 720), (10**9, 720)])
def test_impossible_sizes_are_refused(plan, size: tuple[int, int]):
    with pytest.raises(InputError):
        plan("window", size=size)


def test_a_prompt_over_the_limit_is_refused(plan):
    with pytest.raises(InputError, match="at most 20000"):
        plan("rain " * 5000)


def count_calls(plan, prompt: str) -> int:
    """Function calls, Python's and C's, that planning takes."""
    count = 0

    def seen(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        plan(prompt)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("prompt", [RICH * 60, "rain," * 2000, "cat meows " * 1000, "x" * 10_000, "🌧️é雨 " * 2000])
def test_work_grows_no_faster_than_the_prompt(plan, prompt: str):
    prompt = prompt[:10_000]
    assert plan(prompt).prompt == prompt
    assert count_calls(plan, prompt) < 7 * count_calls(plan, prompt[:2000])


@pytest.mark.parametrize("duration_s", [0.04, 0.5, 1.0, 3600.0])
def test_any_duration_gives_a_valid_timeline(plan, duration_s: float):
    timeline = plan(RICH, duration_s=duration_s)
    assert float(timeline.duration_s) == pytest.approx(duration_s)
    assert Timeline.from_text(timeline.to_yaml()) == timeline


def test_options_reach_the_timeline(plan):
    timeline = plan("window", fps="24000/1001", size=(640, 360), seed=7, master="apple")
    assert (str(timeline.fps), timeline.size, timeline.seed, timeline.mix.master) == (
        "24000/1001",
        (640, 360),
        7,
        "apple",
    )


def test_the_same_prompt_gives_the_same_timeline(plan):
    assert plan(RICH) == plan(RICH)


def test_an_engine_without_words_stages_nothing_and_says_so():
    timeline = direct("a cat by the window", Vocabulary(), options=Options())
    assert [shot.place for shot in timeline.shots] == ["anywhere"]
    assert [item.text for item in timeline.unstaged] == ["cat", "window"]


def test_a_place_without_a_bed_for_rain_sounds_the_plain_one():
    place = PlaceWords(name="moor", words=("moor",), spots=(), acoustics=Acoustics(), beds=())
    words = Vocabulary(places=(place,), beds={"rain_open": ("rain",), "waves": ()})
    timeline = direct("heavy rain on the moor", words, options=Options())
    assert [bed.bed for bed in timeline.shots[0].ambience] == ["rain_open"]


def test_options_are_not_needed_to_be_written(vocabulary: Vocabulary):
    assert direct("window", vocabulary, options=Options()).duration_s == 8
