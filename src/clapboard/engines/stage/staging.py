"""From a Timeline to staged shots: scenes, blocked parts, built sets, and the film's picture and cues."""

import queue
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from clapboard import clock
from clapboard.engines.stage.camera import camera_path
from clapboard.engines.stage.curves import Curve, constant, from_points
from clapboard.engines.stage.develop import develop
from clapboard.engines.stage.kernels import f32
from clapboard.engines.stage.registry import all_places, all_things
from clapboard.engines.stage.scene import Part, Place, Scene, Set, Spot, spot_of
from clapboard.engines.stage.sounds.beds import BEDS
from clapboard.errors import EngineError
from clapboard.take import Frame
from clapboard.timeline import Acoustics, Shot, Timeline, Unstaged, Weather

WORKERS = 2
"""Frames painted side by side. Each holds a canvas; more than two passes the memory budget at 1080p."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StagedShot:
    """A shot whose cast is blocked; its set is built when the first frame is asked for."""

    shot: Shot
    place: Place
    scene: Scene
    parts: tuple[Part, ...]
    unstaged: tuple[Unstaged, ...]


def weather_curves(shot: Shot, start_s: float) -> dict[str, Curve]:
    """Each weather value as a curve of film time: the Timeline's curve of that name, or its constant."""
    curves: dict[str, Curve] = {}
    for name in Weather.model_fields:
        points = shot.curves.get(name)
        curves[name] = from_points(points, start_s) if points else constant(getattr(shot.weather, name))
    return curves


def merged(own: Acoustics, usual: Acoustics) -> Acoustics:
    """What the shot says of its room, and the place's acoustics for what it leaves open; a named space stands alone."""
    if own.space is not None:
        return own
    given = {name: value for name, value in own.model_dump().items() if value not in (None, [])}
    return usual.model_copy(update=given)


def fitted(spots: Mapping[str, Spot], size_px: tuple[int, int]) -> dict[str, Spot]:
    """A place's spots drawn together for a picture narrower than 16:9, so that none falls outside it."""
    squeeze = min(1.0, size_px[0] / size_px[1] * 9 / 16)
    return {name: replace(spot, x_m=spot.x_m * squeeze) for name, spot in spots.items()}


def _focus(shot: Shot, place: Place, spots: Mapping[str, Spot]) -> tuple[float, float, float] | None:
    """The world point to frame: the camera's focus, or the first member who acts, or the first of the cast."""
    acting = [action.who for action in shot.actions]
    wanted = [shot.camera.focus, *acting, *(member.id for member in shot.cast)]
    for name in wanted:
        for member in shot.cast:
            thing = all_things().get(member.thing)
            allowed = thing.words.places.get(place.words.name) if thing else None
            if member.id == name and allowed:
                spot = spot_of(member, allowed, spots)
                return spot.x_m, spot.y_m + spot.look_m * spot.scale, spot.z_m
    return None


def _unstaged(shot: Shot, place: Place) -> list[Unstaged]:
    """What the shot names and the stage does not have, beside things and doings."""
    known, members = ", ".join(place.spots), [member.id for member in shot.cast]
    found = [
        Unstaged(text=f"{member.id} at {member.at}", reason=f"{shot.place} has no such spot; it has {known}")
        for member in shot.cast
        if member.at is not None and member.at not in place.spots
    ]
    if shot.camera.focus not in (None, *members):
        reason = f"the cast of shot {shot.id} has no such member; it has {', '.join(members) or 'none'}"
        found.append(Unstaged(text=f"focus on {shot.camera.focus}", reason=reason))
    beds = [bed.bed for bed in shot.ambience]
    found += [Unstaged(text=bed, reason="the stage has no such background sound") for bed in beds if bed not in BEDS]
    read = {*Weather.model_fields, *(BEDS[bed].curve for bed in beds if bed in BEDS)}
    unread = [name for name in shot.curves if name not in read]
    reason = f"nothing follows such a curve; there are {', '.join(Weather.model_fields)}"
    return [*found, *(Unstaged(text=f"curve {name}", reason=reason) for name in unread)]


def stage_shot(timeline: Timeline, index: int, seed: int, sound_seed: int | None = None) -> StagedShot:
    """Block one shot. Members whose thing is unknown, or does not fit the place, are reported as unstaged."""
    shot, frames = timeline.shots[index], timeline.shot_frames()[index]
    place = all_places().get(shot.place)
    if place is None:
        known = ", ".join(all_places())
        raise EngineError(f"shot {shot.id}: the stage has no place {shot.place!r}; choose one of {known}")
    start_s = float(clock.frame_time(frames.start, timeline.fps))
    spots = fitted(place.spots, timeline.size)
    path = camera_path(shot.camera, place.lens, timeline.size, shot.duration_s, focus=_focus(shot, place, spots))
    scene = Scene(
        place=shot.place,
        hour=shot.hour,
        season=shot.season,
        seed=seed,
        fps=timeline.fps,
        first_frame=frames.start,
        num_frames=len(frames),
        size_px=timeline.size,
        weather=weather_curves(shot, start_s),
        spots=spots,
        lens=place.lens,
        view=lambda t_s: path(t_s - start_s, seed),
        room=merged(shot.acoustics, place.words.acoustics),
        sound_seed=seed if sound_seed is None else sound_seed,
    )
    parts, missing = [], _unstaged(shot, place)
    for member in shot.cast:
        thing = all_things().get(member.thing)
        if thing is None or shot.place not in thing.words.places:
            reason = "is not known to the stage" if thing is None else f"has no spot in {shot.place}"
            missing.append(Unstaged(text=member.thing, reason=f"{member.thing} {reason}"))
            continue
        actions = [action for action in shot.actions if action.who == member.id]
        for action in actions:
            if action.does not in thing.words.doings:
                known = ", ".join(thing.words.doings)
                missing.append(Unstaged(text=f"{member.id} {action.does}", reason=f"a {member.thing} can: {known}"))
        known_actions = [action for action in actions if action.does in thing.words.doings]
        parts.append(thing.block(member, known_actions, scene))
    return StagedShot(shot=shot, place=place, scene=scene, parts=tuple(parts), unstaged=tuple(missing))


class StagePicture:
    """The film's frames. Sets are built one at a time; frames of a shot are painted on all workers."""

    def __init__(self, timeline: Timeline, shots: Sequence[StagedShot]) -> None:
        self.width_px, self.height_px = timeline.size
        self.num_frames = timeline.num_frames
        self._fps = timeline.fps
        self._shots = shots
        self._built: tuple[int, Set] | None = None

    def _set(self, index: int) -> Set:
        if self._built is None or self._built[0] != index:
            self._built = None  # let the last set go before the next is built
            staged = self._shots[index]
            self._built = index, staged.place.build(staged.scene, staged.parts)
        return self._built[1]

    def _paint(self, built: Set, canvas: np.ndarray, frame_index: int) -> Frame:
        built.paint(canvas, float(clock.frame_time(frame_index, self._fps)))
        return develop(canvas, built.grade, frame_index)

    def frames(self, start: int, stop: int) -> Iterator[Frame]:
        """Frames start..stop-1, painted ahead on the workers."""
        canvases: queue.SimpleQueue[np.ndarray] = queue.SimpleQueue()
        for _ in range(WORKERS):
            canvases.put(np.empty((3, self.height_px, self.width_px), f32))

        def paint(built: Set, frame_index: int) -> Frame:
            canvas = canvases.get()
            try:
                return self._paint(built, canvas, frame_index)
            finally:
                canvases.put(canvas)

        with ThreadPoolExecutor(WORKERS, "paint") as pool:
            for index, staged in enumerate(self._shots):
                first = staged.scene.first_frame
                own = range(max(start, first), min(stop, first + staged.scene.num_frames))
                if own:
                    yield from _ahead(pool, partial(paint, self._set(index)), own)


def _ahead(pool: ThreadPoolExecutor, paint: Callable[[int], Frame], indices: range) -> Iterator[Frame]:
    """Results of `paint` in order, with at most twice the workers in flight."""
    waiting: queue.SimpleQueue[Future[Frame]] = queue.SimpleQueue()
    ahead = WORKERS + 1
    for count, index in enumerate(indices):
        waiting.put(pool.submit(paint, index))
        if count >= ahead:
            yield waiting.get().result()
    while not waiting.empty():
        yield waiting.get().result()
