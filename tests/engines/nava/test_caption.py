"""A Timeline as the model reads it. Needs no torch."""

import subprocess
import sys

import pytest

from clapboard.engines.nava import Nava
from clapboard.engines.nava.caption import NO_SPEECH, VOICE_MARK, caption, shot_caption
from clapboard.timeline import Timeline

FULL = """
prompt: ignored where there are several shots and each says what it shows
size: [64, 64]
shots:
  - id: a
    duration_s: 6
    place: window_room
    hour: night
    season: autumn
    weather: {rain: 0.9}
    camera: {framing: close, focus: ball, moves: [{kind: push_in, amount: 0.2}]}
    acoustics: {space: living room, surfaces: [wood]}
    cast: [{id: ball, thing: glass_ball, at: table}, {id: g, thing: gull, count: 3}]
    actions:
      - {at_s: 2.5, who: g, does: fly}
      - {at_s: 1.5, who: ball, does: drop, onto: table, material: glass on wood, force: 0.9}
    ambience: [{bed: rain_on_glass}, {bed: room_tone}]
  - id: b
    duration_s: 4
    place: anywhere
    lines:
      - {at_s: 2, who: old man, text: Bonsoir., lang: fr, delivery: whispering, voice: deep}
      - {at_s: 1, who: anna, text: "Who is there?", voice: anna.wav}
music: {mood: tense, instruments: [strings, felt_piano], tempo_bpm: 90, arc: [[0, 0.1], [6, 1]]}
"""


def one_shot(prompt: str, **shot) -> Timeline:
    return Timeline.parse(
        {"prompt": prompt, "size": [64, 64], "shots": [{"id": "a", "duration_s": 5, "place": "anywhere", **shot}]}
    )


def test_everything_that_a_shot_lists_is_told_in_order():
    first, second = caption(Timeline.from_text(FULL)).split("\n\n")
    assert first == (
        "The scene is window room, at night, in autumn, heavy rain. There: glass ball at table, 3 gull. At 1.5 s the"
        " glass ball drops onto table (glass on wood), hard. At 2.5 s the gull flies. Close-up of ball, the camera"
        " pushes in slowly. Sound: rain on glass, room tone, with the echo of a living room, wood, tense music with"
        " strings, felt piano at 90 beats a minute, growing." + NO_SPEECH
    )
    assert second.endswith(
        f"At 1 s the anna says: <S>{VOICE_MARK}Who is there?<E>"
        f" At 2 s the old man says (whispering) in French: (voice: deep) <S>{VOICE_MARK}Bonsoir.<E>"
    )


def test_voices_come_in_the_order_of_the_spans():
    timeline = Timeline.from_text(FULL)
    assert shot_caption(timeline, 0).voices == ()
    assert shot_caption(timeline, 1).voices == ("anna.wav", "deep")


@pytest.mark.parametrize("quotes", ['"{}"', "“{},”", "«{}»", "「{}」"])
def test_a_line_quoted_in_the_prompt_becomes_a_span_where_it_stands(quotes):
    timeline = one_shot(
        f"A woman says {quotes.format('Hello  there')} and leaves",
        lines=[{"at_s": 1, "who": "woman", "text": "Hello there", "voice": "w.wav"}],
    )
    made = shot_caption(timeline, 0)
    assert made.text.startswith(f"A woman says <S>{VOICE_MARK}Hello there<E> and leaves.")
    assert made.text.count("<S>") == 1
    assert made.voices == ("w.wav",)


def test_a_described_voice_is_told_and_a_recorded_one_is_not():
    for voice, told in (("deep_male", "says (voice: deep male) <S>"), ("w.WAV", "says <S>")):
        line = {"at_s": 1, "who": "man", "text": "Hello", "voice": voice}
        assert told in caption(one_shot('A man says "Hello"', lines=[line]))


def test_spans_that_the_prompt_already_marks_are_kept_and_get_their_place_for_a_voice():
    made = shot_caption(one_shot(f"他说<S>Hi<E>，她答<S>{VOICE_MARK}Bye<E>。两个人在雨中。"), 0)
    assert made.text.count(f"<S>{VOICE_MARK}") == made.text.count("<S>") == 2
    assert made.voices == (None, None)


def test_the_phrases_are_chinese_where_the_prompt_is():
    text = caption(one_shot("清晨的海边，一名男子慢跑", camera={"moves": [{"kind": "pan_left"}]}))
    assert text == "清晨的海边，一名男子慢跑。远景，镜头向左摇。" + NO_SPEECH


def test_speech_and_the_rest_can_be_asked_for_apart():
    timeline = one_shot(
        'She says "Come in." softly',
        lines=[{"at_s": 1, "who": "she", "text": "Come in."}, {"at_s": 2, "who": "he", "text": "Yes"}],
        ambience=[{"bed": "rain"}],
    )
    speech, rest = shot_caption(timeline, 0, "speech"), shot_caption(timeline, 0, "rest")
    assert "Come in." in speech.text
    assert "Yes" in speech.text
    assert "Sound:" not in speech.text
    assert "<S>" not in rest.text
    assert "Come in." not in rest.text
    assert "Sound: rain." in rest.text
    assert rest.text.endswith(NO_SPEECH)
    assert rest.voices == ()


def test_a_backslash_in_a_line_is_only_a_backslash():
    timeline = one_shot(r'He says "C:\1 \g<0>"', lines=[{"at_s": 1, "who": "he", "text": r"C:\1 \g<0>"}])
    assert rf"<S>{VOICE_MARK}C:\1 \g<0><E>" in caption(timeline)


def test_the_engine_shows_its_caption():
    timeline = Timeline.from_text(FULL)
    assert Nava().caption(timeline) == caption(timeline)


def test_the_engine_is_there_without_torch_and_says_what_it_needs():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from clapboard.engines.nava import Nava\n"
        "from clapboard.timeline import Timeline\n"
        "from clapboard.errors import MissingDependency\n"
        "t = Timeline.parse({'size': [64, 64], 'shots': [{'id': 'a', 'duration_s': 1, 'place': 'x'}]})\n"
        "engine = Nava(); print(engine.summary != '', len(engine.caption(t)) > 0)\n"
        "try: engine.perform(t, seed=0, progress=print)\n"
        "except MissingDependency as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("True True\n")
    assert "pip install -U 'clapboard[nava]'" in done.stdout
