from itertools import pairwise

import numpy as np
import pytest

from clapboard import clock
from clapboard.engines.bars import BEEP_HZ, BEEP_PEAK, BEEP_S, Bars, flash_frames
from clapboard.media.image import to_rgb
from clapboard.progress import silent
from clapboard.timeline import Music, Stem, Timeline


def perform(duration_s=2.5, fps="24", **shot):
    shot = {"id": "s", "place": "bars", "duration_s": duration_s} | shot
    timeline = Timeline.parse({"fps": fps, "size": (320, 180), "shots": [shot]})
    return timeline, Bars().perform(timeline, seed=0, progress=silent)


def test_it_flashes_on_the_frame_nearest_to_each_second_and_only_there():
    timeline, take = perform()
    levels = [frame[:180].mean() for frame in take.picture.frames(0, 60)]
    assert [index for index, level in enumerate(levels) if level == 235] == [0, 24, 48] == flash_frames(timeline)
    assert max(level for level in levels if level < 235) < 150


@pytest.mark.parametrize(
    ("duration_s", "fps", "flashes"),
    [(0.01, "24", [0]), (3, "23.976", [0, 24, 48]), (3, "2.5", [0, 3, 5]), (8, "0.5", [0, 1, 2, 3])],
)
def test_flashes_at_other_rates(duration_s, fps, flashes):
    timeline, _ = perform(duration_s, fps)
    assert flash_frames(timeline) == flashes


def test_each_beep_starts_on_the_first_sample_of_its_flash():
    timeline, take = perform(fps="23.976")
    (beep,) = take.stems[Stem.EFFECTS]
    sound = beep.render(0, timeline.num_samples)[0]
    for cue in take.cues:
        assert cue.impact
        assert cue.seen_frame is not None
        assert cue.heard_sample == clock.first_sample(cue.seen_frame, timeline.fps)
        assert sound[cue.heard_sample] == pytest.approx(BEEP_PEAK)
        if cue.heard_sample:
            assert sound[cue.heard_sample - 1] == 0
        tone = sound[cue.heard_sample : cue.heard_sample + int(BEEP_S * clock.SAMPLE_RATE)]
        assert np.argmax(np.abs(np.fft.rfft(tone))) == BEEP_HZ * BEEP_S
    assert [cue.seen_frame for cue in take.cues] == flash_frames(timeline)


def test_the_bars_have_the_colours_of_the_standard():
    _, take = perform()
    rgb = to_rgb(next(take.picture.frames(1, 2)))
    bars = [rgb[5, int((1 / 8 + (i + 0.5) * 3 / 28) * 320)] for i in range(7)]
    three_quarters = [(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1)]
    assert np.abs(np.array(bars, int) - np.array(three_quarters) * 191).max() <= 2


def test_every_frame_shows_its_number():
    _, take = perform()
    frames = list(take.picture.frames(1, 24))
    for a, b in pairwise(frames):
        assert not np.array_equal(a, b)


def test_what_a_test_card_cannot_show_is_listed():
    shot = {
        "place": "kitchen",
        "cast": [{"id": "dog", "thing": "dog"}],
        "actions": [{"at_s": 1, "who": "dog", "does": "bark"}],
        "lines": [{"at_s": 1, "who": "dog", "text": "Woof."}],
        "ambience": [{"bed": "rain"}],
    }
    timeline, take = perform(**shot)
    assert [item.text for item in take.unstaged] == ["kitchen", "dog", "dog bark", "Woof.", "rain"]
    music = timeline.change(music=Music(mood="tense").model_dump())
    assert Bars().perform(music, seed=0, progress=silent).unstaged[0].text == "tense music"
    assert not perform()[1].unstaged


def test_only_the_asked_stems_are_sounded_again():
    timeline, take = perform()
    again = Bars().resound(timeline, take.picture, stems=frozenset({Stem.MUSIC}), seed=1, progress=silent)
    assert dict(again) == {Stem.MUSIC: ()}
