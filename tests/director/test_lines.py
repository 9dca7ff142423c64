"""Spoken lines."""

import pytest

from clapboard.timeline import Line


@pytest.mark.parametrize(
    ("prompt", "who", "text", "delivery", "lang"),
    [
        ('A woman whispers, "Go home."', "woman", "Go home.", "whisper", "en"),
        ('"Where are you?" asks the old captain softly.', "old captain", "Where are you?", "softly", "en"),
        ('She says: "Never again"', "She", "Never again", None, "en"),
        ('Narrator: "So it ends."', "Narrator", "So it ends.", None, "en"),
        ("a man shouts 'stop it'", "man", "stop it", "shout", "en"),
        ('"The sea is calm tonight"', "voice", "The sea is calm tonight", None, "en"),
        ('the girl says "Bonjour Marie" in French', "girl", "Bonjour Marie", None, "fr"),
        ("a man says “もう帰ろう”", "man", "もう帰ろう", None, "ja"),
    ],
)
def test_lines(plan, prompt: str, who: str, text: str, delivery: str | None, lang: str):
    timeline = plan(prompt + " window")
    (line,) = timeline.shots[0].lines
    assert line == Line(at_s=line.at_s, who=who, text=text, delivery=delivery, lang=lang)
    assert (text, "speech is not synthesized yet") in {(item.text, item.reason) for item in timeline.unstaged}


def test_lines_take_their_turn_among_the_actions(plan):
    shot = plan('The cat meows. "Hush now, little one", she says. Then the kettle whistles.').shots[0]
    meow, whistle = shot.actions
    assert meow.at_s < shot.lines[0].at_s < whistle.at_s


def test_a_line_at_a_given_time(plan):
    assert plan('window, at 3 s a man says "It is late".').shots[0].lines[0].at_s == 3


def test_written_words_are_not_spoken(plan):
    timeline = plan('a sign that reads "OPEN" in the window')
    assert timeline.shots[0].lines == []
    assert [(item.text, item.reason) for item in timeline.unstaged] == [
        ('sign that reads "OPEN"', "written words are not drawn yet")
    ]


def test_reported_speech_is_listed(plan):
    timeline = plan("a woman says hello, rain on the window")
    assert [(item.text, item.reason) for item in timeline.unstaged] == [
        ("woman says hello", "speech is not synthesized yet")
    ]
