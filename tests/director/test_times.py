"""Times: of doings and of the film."""

import pytest

from clapboard.director.facts import When
from clapboard.director.read import read
from clapboard.director.times import find_times
from clapboard.director.words import Spelling


def found(prompt: str) -> tuple[list[When], list[float]]:
    times, lengths = find_times(read(prompt, Spelling(())), frozenset())
    return [fact.when for fact in times], [fact.duration_s for fact in lengths]


@pytest.mark.parametrize(
    ("prompt", "when"),
    [
        ("at two seconds", When(at_s=2)),
        ("at 2.5 s", When(at_s=2.5)),
        ("at about 3 sec", When(at_s=3)),
        ("after 3 s", When(at_s=3)),
        ("at second 4", When(at_s=4)),
        ("0:04", When(at_s=4)),
        ("3 seconds in, a knock", When(at_s=3)),
        ("one and a half seconds into it", When(at_s=1.5)),
        ("half a second later", When(later_s=0.5)),
        ("a few seconds later", When(later_s=3)),
        ("a couple of seconds later", When(later_s=2)),
        ("then after 2 s", When(later_s=2)),
        ("for 3 seconds", When(length_s=3)),
        ("until 5 s", When(until_s=5)),
        ("from 2 to 5 seconds", When(at_s=2, until_s=5)),
        ("between 1 and 2 s", When(at_s=1, until_s=2)),
        ("every second", When(every_s=1)),
        ("every two seconds", When(every_s=2)),
        ("two seconds apart", When(every_s=2)),
        ("at the end", When(position="end")),
        ("halfway through", When(position="middle")),
        ("in the last two seconds", When(position="end")),
    ],
)
def test_times_of_doings(prompt: str, when: When):
    assert found(prompt) == ([when], [])


@pytest.mark.parametrize(
    ("prompt", "duration_s"),
    [("a 10-second film", 10), ("12 s", 12), ("a clip, 1 minute long", 60), ("one and a half minutes", 90)],
)
def test_lengths_of_the_film(prompt: str, duration_s: float):
    assert found(prompt) == ([], [duration_s])


@pytest.mark.parametrize("prompt", ["the second cat", "two cats", "a second knock", "90 bpm"])
def test_no_times(prompt: str):
    assert found(prompt) == ([], [])


@pytest.mark.parametrize(
    ("prompt", "times_s"),
    [
        ("a knock at 2 s, then one at 5", [2, 5]),
        ("a knock at 2 s and at 5 and at 6.5", [2, 5, 6.5]),
        ("a knock at 2 s, then one at 5 pm", [2]),
        ("a knock at 5", []),
    ],
)
def test_a_bare_number_is_a_time_behind_one_with_its_unit(prompt: str, times_s: list[float]):
    assert [when.at_s for when in found(prompt)[0]] == times_s
