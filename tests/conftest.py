"""Shared by all tests: small Timelines, and films made once."""

from pathlib import Path

import pytest

from clapboard import make
from clapboard.timeline import Timeline

STAGE = """
seed: 5
size: [160, 90]
shots:
  - id: s1
    duration_s: 4
    place: window_room
    hour: night
    weather: {rain: 0.4}
    cast: [{id: ball, thing: glass_ball}, {id: candle, thing: candle}]
    actions: [{at_s: 1, who: ball, does: drop, force: 0.8}]
    ambience: [{bed: rain_on_glass, level_db: -6}, {bed: room_tone}]
music: {mood: calm, instruments: [felt piano]}
"""


@pytest.fixture(scope="session")
def stage_timeline() -> Timeline:
    """Four seconds of the stage with all kinds of sound in it, at postage-stamp size."""
    return Timeline.from_text(STAGE)


@pytest.fixture(scope="session")
def stage_film(stage_timeline: Timeline, tmp_path_factory: pytest.TempPathFactory) -> make.Film:
    """That Timeline as a finished film with its stems; tests must not change the files."""
    folder: Path = tmp_path_factory.mktemp("film")
    return make.render(stage_timeline, folder / "film.mp4", stems=folder)


@pytest.fixture(scope="session")
def bars_film(tmp_path_factory: pytest.TempPathFactory) -> make.Film:
    """Four seconds of flashes and beeps."""
    timeline = Timeline.parse({"size": [96, 64], "shots": [{"id": "s", "duration_s": 4, "place": "test card"}]})
    return make.render(timeline, tmp_path_factory.mktemp("bars") / "bars.mp4", engine="bars")
