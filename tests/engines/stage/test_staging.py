"""What a Timeline names and the stage does not have is listed, never dropped in silence."""

from clapboard.engines.stage import Stage
from clapboard.progress import silent
from clapboard.timeline import Timeline


def unstaged(**shot):
    body = {"id": "s1", "duration_s": 0.5, "place": "window_room"} | shot
    timeline = Timeline.parse({"size": [96, 64], "shots": [body]})
    return [item.text for item in Stage().perform(timeline, seed=0, progress=silent).unstaged]


def test_what_the_stage_knows_is_not_listed():
    cast = [{"id": "tom", "thing": "cat", "at": "table_right"}]
    beds, curves = [{"bed": "room_tone"}, {"bed": "waves"}], {"rain": [[0, 0.5]], "sea": [[0, 0.5]]}
    assert unstaged(cast=cast, camera={"focus": "tom"}, ambience=beds, curves=curves) == []


def test_unknown_words_of_a_timeline_are_listed():
    cast = [{"id": "tom", "thing": "cat", "at": "chimney"}, {"id": "rex", "thing": "dragon"}]
    found = unstaged(
        cast=cast,
        camera={"focus": "nobody"},
        ambience=[{"bed": "helicopter"}, {"bed": "room_tone"}],
        curves={"lava": [[0, 1]], "sea": [[0, 1]]},
        actions=[{"at_s": 0.1, "who": "tom", "does": "tap dance"}],
    )
    assert sorted(found) == [
        "curve lava",
        "curve sea",  # nothing here sounds or looks like a sea
        "dragon",
        "focus on nobody",
        "helicopter",
        "tom at chimney",
        "tom tap dance",
    ]
