"""Whole Timelines of good prompts, kept in golden/. `CLAPBOARD_RECORD=1 pytest tests/director` writes them anew."""

import os
from pathlib import Path

import pytest

from clapboard.timeline import Timeline

GOLDEN = Path(__file__).parent / "golden"

PROMPTS = {
    "rain": "rain on a night window, soft piano, far thunder",
    "ball": "A glass ball drops onto a wooden table at night while rain runs down the window; tense strings.",
    "coast": (
        "Dawn at the coast, a sailboat drifts past the lighthouse, three gulls cry, slow pan left, hopeful flute and"
        " strings"
    ),
    "camp": "campfire by a mountain lake under the aurora, owl hoots twice, then far thunder, no music",
    "snow": (
        "heavy snow outside the window, a cat purring beside a candle, kettle whistles at four seconds, close-up,"
        " handheld"
    ),
    "film": (
        "A 16 second film. Thick fog over the sea at dawn; the foghorn sounds at 2 s and the fog lifts. A boat creaks"
        ' softly. "Land ahead!" shouts the captain. Cut to the camp at night: the fire flares up, then an owl hoots'
        " three times, melancholy cello building to a crescendo, short reverb."
    ),
}


@pytest.mark.parametrize("name", PROMPTS)
def test_timeline(plan, name: str):
    timeline = plan(PROMPTS[name], seed=7)
    file = GOLDEN / f"{name}.yaml"
    if os.environ.get("CLAPBOARD_RECORD"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(timeline.to_yaml())
    assert timeline.to_yaml() == file.read_text()
    assert Timeline.from_text(file.read_text()) == timeline
