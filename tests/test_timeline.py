"""The contract: strict, exact, the same after a round trip."""

from itertools import pairwise

import pytest

from clapboard.errors import TimelineError
from clapboard.timeline import Timeline

FULL = """
clapboard: 1
prompt: "A glass ball drops: rain, 雨 and 🌧️"
seed: 7
fps: 24000/1001
size: [1280, 720]
shots:
  - id: s1
    duration_s: 6.0
    place: window_room
    hour: night
    weather: {rain: 0.6, wind: 0.2}
    acoustics: {space: living room, size_m: [5, 4, 2.6], surfaces: [wood, plaster], distance_m: 1.5}
    camera: {framing: medium, focus: ball, moves: [{kind: push_in, from_s: 0, to_s: 5}]}
    cast: [{id: ball, thing: glass_ball, at: table}]
    actions: [{at_s: 1.5, who: ball, does: drop, onto: table, material: glass on wood, force: 0.7, heard_at_s: 1.6}]
    lines: [{at_s: 2, who: narrator, text: Listen., delivery: whispered}]
    ambience: [{bed: rain_on_glass, level_db: -4}, {bed: room_tone}]
    curves: {rain: [[0, 0.4], [6, 0.9]]}
music: {mood: tense, instruments: [strings], arc: [[0, 0.2], [6, 1.0]], level_db: -10}
mix: {master: web, duck_db: 9, gains_db: {music: -3}, off: [dialogue]}
retakes: [{stem: ambience, from_s: 2, to_s: 4, seed: 9, note: short reverb}]
unstaged: [{text: dog, reason: not known}]
"""


def test_yaml_and_json_lose_nothing():
    timeline = Timeline.from_text(FULL)
    assert Timeline.from_text(timeline.to_yaml()) == timeline
    assert Timeline.from_text(timeline.to_json()) == timeline
    assert timeline.prompt.endswith("雨 and 🌧️")


def test_lengths_follow_from_the_clock():
    timeline = Timeline.from_text(FULL)
    assert timeline.num_frames == 144
    assert timeline.num_samples == 288_288
    assert timeline.shot_frames() == [range(0, 144)]


def shot(**changes):
    return {"id": "s1", "duration_s": 4, "place": "ocean_coast"} | changes


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"shots": [shot(weather={"rian": 1})]}, "did you mean 'rain'?"),
        ({"shots": [shot(duration=4)]}, "did you mean 'duration_s'?"),
        ({"shots": []}, "at least 1"),
        ({"shots": [shot()], "fps": 0}, "outside (0, 240]"),
        ({"shots": [shot()], "size": [0, 720]}, "size[0]"),
        ({"shots": [shot()], "size": [1281, 720]}, "is odd"),
        ({"shots": [shot(duration_s=1e9)]}, "duration_s"),
        ({"shots": [shot(duration_s=0)]}, "duration_s"),
        ({"shots": [shot(), shot()]}, "share an id"),
        ({"shots": [shot(actions=[{"at_s": 1, "who": "cat", "does": "meow"}])]}, "not in its cast"),
        (
            {"shots": [shot(cast=[{"id": "c", "thing": "cat"}], actions=[{"at_s": 4, "who": "c", "does": "meow"}])]},
            "the shot lasts 4",
        ),
        ({"shots": [shot(curves={"rain": [[2, 0], [1, 1]]})]}, "rising time"),
        ({"shots": [shot()], "clapboard": 2}, "clapboard"),
        ({"shots": [shot()], "retakes": [{"from_s": 3, "to_s": 2}]}, "from_s < to_s"),
    ],
)
def test_bad_timelines_are_refused_in_one_line(data, says):
    with pytest.raises(TimelineError) as error:
        Timeline.parse(data)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["shots: [", "{", "just words", "- 1", ""])
def test_text_that_is_no_timeline_is_refused_in_one_line(text):
    with pytest.raises(TimelineError) as error:
        Timeline.from_text(text)
    assert "\n" not in str(error.value)


def test_cuts_fall_on_frames_and_cover_the_film():
    lengths = [1.01, 2.5, 0.333, 4.2]
    shots = [shot(id=f"s{i}", duration_s=length) for i, length in enumerate(lengths)]
    timeline = Timeline.parse({"shots": shots, "fps": "30000/1001"})
    ranges = timeline.shot_frames()
    assert ranges[0].start == 0
    assert ranges[-1].stop == timeline.num_frames
    assert all(a.stop == b.start for a, b in pairwise(ranges))
