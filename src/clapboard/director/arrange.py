"""Arranges the facts of all shots into a Timeline."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from clapboard import clock
from clapboard.director.facts import ChangeFact, Missed, SceneFacts, When
from clapboard.director.happen import cast_of, happenings
from clapboard.director.known import Known
from clapboard.director.look import Setting, at_the_end, beds, camera, change_points, setting_of, weather_curves
from clapboard.errors import InputError
from clapboard.timeline import Stem

DEFAULT_DURATION_S: Final = 8.0
_SHOT_S: Final = 4.0  # a film of many shots is at least this long for each
_AFTER_LAST_S: Final = 2.0  # after the last time that the prompt gives
_USUAL_MOOD: Final = "calm"
_MUSIC_LEVEL: Final = 0.7  # intensity of music between its changes


class Film(NamedTuple):
    """What all shots share: plain data of the Timeline, and what was missed in each shot."""

    shots: list[dict[str, Any]]
    missed: list[list[Missed]]


def durations(scenes: Sequence[SceneFacts], asked_s: float | None, usual_s: float | None = None) -> list[float]:
    """The length of each shot in seconds: as asked, as the prompt says, as the engine's shots usually are, or long
    enough for the times in it."""
    own = _between_cuts(scenes)
    whole = [fact.duration_s for scene in scenes for fact in scene.lengths if fact.whole]
    if len(scenes) == 1 and asked_s is None:
        asked_s = next(iter([*whole, *(length for length in own if length is not None)]), None)
    total_s = asked_s if asked_s is not None else next(iter(whole), None)
    if total_s is None and all(length is not None for length in own):
        return [length for length in own if length is not None]
    if total_s is None and usual_s is not None:
        total_s = usual_s * len(scenes)
    if total_s is None:
        given_s = sum(length if length is not None else _SHOT_S for length in own)
        total_s = max(DEFAULT_DURATION_S, _SHOT_S * len(scenes), _needed(scenes), given_s)
    if not 0 < total_s <= clock.MAX_DURATION_S:
        raise InputError(f"a film of {total_s:g} s cannot be; choose more than 0 and at most {clock.MAX_DURATION_S} s")
    given_s = sum(length for length in own if length is not None)
    if given_s >= total_s or None not in own:
        own = [None] * len(scenes)
        given_s = 0.0
    each = clock.exact(total_s - given_s) / own.count(None)
    return [length if length is not None else float(round(each, 6)) for length in own]


def _between_cuts(scenes: Sequence[SceneFacts]) -> list[float | None]:
    """The length that each shot is given: by its own words, or by the times of the cuts around it."""
    own = [next((fact.duration_s for fact in scene.lengths if not fact.whole), None) for scene in scenes]
    first, first_s = 0, 0.0
    for number, scene in enumerate(scenes[1:], start=1):
        if scene.cut is None or scene.cut.at_s <= 0:
            continue
        since_s = scene.cut.at_s - first_s
        if scene.cut.relative or since_s <= 0:  # a time before that of the last cut counts from there
            own[number - 1] = own[number - 1] or scene.cut.at_s
            continue
        open_s = since_s - sum(length or 0.0 for length in own[first:number])
        unset = [index for index in range(first, number) if own[index] is None]
        for index in unset if open_s > 0 else ():
            own[index] = round(open_s / len(unset), 6)
        first, first_s = number, scene.cut.at_s
    return own


def _needed(scenes: Sequence[SceneFacts]) -> float:
    """Seconds that the times given in the prompt call for."""
    whens = [
        fact.when
        for scene in scenes
        for fact in (*scene.doings, *scene.lines, *scene.changes, *scene.weather)
        if fact.when
    ]
    ends = [(when.at_s or 0.0) + (when.length_s or _AFTER_LAST_S) for when in whens if when.at_s or when.length_s]
    return max([*ends, *(when.until_s for when in whens if when.until_s)], default=0.0)


def shots(scenes: Sequence[SceneFacts], known: Known, lengths_s: Sequence[float]) -> Film:
    """The shots as plain data, each handing its setting on to the next."""
    film = Film([], [])
    setting, start_s = Setting(), 0.0
    for number, (facts, duration_s) in enumerate(zip(scenes, lengths_s, strict=True), start=1):
        facts = _in_shot_time(facts, start_s)
        setting, missed = setting_of(facts, known, setting)
        cast = cast_of(facts, known)
        actions, lines, late = happenings(facts, cast, known, duration_s)
        curves = weather_curves(facts, setting.weather, duration_s)
        first = next((member["id"] for member in cast.members), None)
        place = known.vocabulary.place(facts.place)
        acoustics = facts.room.acoustics if facts.room else place.acoustics if place else None
        shot: dict[str, Any] = {
            "id": f"s{number}",
            "duration_s": duration_s,
            "place": facts.place,
            "hour": setting.hour,
            "weather": setting.weather,
            "season": setting.season,
            "camera": camera(facts.camera, cast.by_thing, first, duration_s, is_still=known.vocabulary.is_still),
            "acoustics": acoustics or {},
            "cast": cast.members,
            "actions": actions,
            "lines": lines,
            "ambience": beds(facts, known, setting),
            "curves": curves,
        }
        film.shots.append(shot)
        before_s = film.shots[-2]["duration_s"] if number > 1 else 0.0
        film.missed.append([*facts.missed, *missed, *cast.missed, *late, *_cut_elsewhere(facts, start_s, before_s)])
        setting = at_the_end(setting, curves)
        start_s += duration_s
    return film


def _cut_elsewhere(facts: SceneFacts, start_s: float, before_s: float) -> list[Missed]:
    """A cut that the film's length, or another length in the prompt, keeps from its time."""
    if facts.cut is None or any(math.isclose(facts.cut.at_s, time_s, abs_tol=0.001) for time_s in (start_s, before_s)):
        return []
    return [Missed(words=facts.cut.words, reason=f"this shot begins at {start_s:g} s")]


def _in_shot_time(facts: SceneFacts, start_s: float) -> SceneFacts:
    """Times of the film that lie in this shot, counted from its start."""

    def shifted(when: When | None) -> When | None:
        if when is None or when.at_s is None or when.at_s < start_s:
            return when
        until_s = when.until_s - start_s if when.until_s is not None else None
        return replace(when, at_s=when.at_s - start_s, until_s=until_s)

    return replace(
        facts,
        doings=tuple(replace(fact, when=shifted(fact.when)) for fact in facts.doings),
        weather=tuple(replace(fact, when=shifted(fact.when)) for fact in facts.weather),
        changes=tuple(replace(fact, when=shifted(fact.when)) for fact in facts.changes),
        lines=tuple(replace(fact, when=shifted(fact.when)) for fact in facts.lines),
        camera=tuple(replace(fact, when=shifted(fact.when)) for fact in facts.camera),
    )


def music(scenes: Sequence[SceneFacts], known: Known, duration_s: float) -> dict[str, Any] | None:
    """The film's music, or none when it is denied or nobody asks for it."""
    facts = [fact for scene in scenes for fact in scene.music]
    denied = {fact.instrument for fact in facts if fact.denied}
    wanted = [fact for fact in facts if not fact.denied]
    named = any(fact.asked and fact.mood is None for fact in wanted)
    # "Silent" may be said of anything; it gives way to music that is asked for by name.
    refused = any(fact.denied and fact.instrument is None and (fact.asked or not named) for fact in facts)
    if refused or not any(fact.asked for fact in wanted):
        return None
    moods = [fact.mood for fact in wanted if fact.mood]
    usual = _USUAL_MOOD if _USUAL_MOOD in known.vocabulary.moods else next(iter(known.vocabulary.moods), _USUAL_MOOD)
    instruments = dict.fromkeys(fact.instrument for fact in wanted if fact.instrument and fact.instrument not in denied)
    levels = [fact.level_db for fact in wanted if fact.level_db is not None]
    changes = [change for scene in scenes for change in scene.changes if change.of == "music"]
    return {
        "mood": moods[0] if moods else usual,
        "instruments": list(instruments),
        "tempo_bpm": next((fact.tempo_bpm for fact in wanted if fact.tempo_bpm), None),
        "key": next((fact.key for fact in wanted if fact.key), None),
        "arc": _arc(changes, duration_s),
        "level_db": levels[0] if levels else 0.0,
    }


def _arc(changes: Sequence[ChangeFact], duration_s: float) -> list[tuple[float, float]]:
    """Intensity over the film; empty when the prompt leaves it to the composer."""
    if [change.change for change in changes] == ["grow"] and changes[0].when is None:
        return [(0.0, 0.2), (duration_s, 1.0)]
    points: list[tuple[float, float]] = []
    for change in changes:
        points = change_points(change, _MUSIC_LEVEL, duration_s, points or None)
    return points


def mix(scenes: Sequence[SceneFacts], master: str) -> dict[str, Any]:
    """The desk: all stems off when the prompt wants no sound."""
    off = list(Stem) if any(scene.all_sound_off for scene in scenes) else []
    return {"master": master, "off": off}
