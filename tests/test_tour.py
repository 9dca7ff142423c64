"""The tour's example works, and its links lead somewhere."""

import re
from pathlib import Path

from clapboard.engines.stage import registry
from clapboard.engines.stage.staging import stage_shot
from clapboard.timeline import Timeline

TOUR = Path(__file__).parent.parent / "docs" / "tour.md"


def test_the_new_thing_of_the_tour_is_a_thing(monkeypatch):
    example = re.search(r"```python\n(.*?)```", TOUR.read_text(), re.DOTALL)
    assert example is not None
    names: dict = {}
    exec(example.group(1), names)
    things = registry.all_things() | {"gong": names["THING"]}
    monkeypatch.setattr("clapboard.engines.stage.staging.all_things", lambda: things)
    action = {"at_s": 0.25, "who": "g", "does": "strike"}
    shot = {"id": "s", "duration_s": 0.5, "place": "lake_camp", "cast": [{"id": "g", "thing": "gong"}]}
    staged = stage_shot(Timeline.parse({"shots": [shot | {"actions": [action]}]}), 0, seed=1)
    (part,) = staged.parts
    assert [cue.heard_sample for cue in part.cues] == [12_000]
    (_, source), *_ = part.sources
    assert (source.start, source.room) == (12_000, staged.scene.room)


def test_links_and_names_of_the_tour_exist():
    text, stage = TOUR.read_text(), Path(registry.__file__).parent
    linked = re.findall(r"\]\(([^)#]+)\)", text)
    named = re.findall(r"`(\w+\.py|\w+/)`", text.split("## The stage engine")[1].split("A new thing")[0])
    assert all((TOUR.parent / path).exists() for path in linked)
    assert named
    assert all((stage / name).exists() for name in named)
