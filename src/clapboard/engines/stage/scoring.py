"""The stage's sound: what the cast does, the beds under the shots, and the music over all of them, as dry sources.

Beds and music run over cuts: a bed that consecutive shots share is one source whose level follows each shot's curve.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from clapboard import clock
from clapboard.engines.stage.curves import Curve, constant, from_points
from clapboard.engines.stage.music import compose, sources
from clapboard.engines.stage.sounding import running
from clapboard.engines.stage.sounds.beds import BEDS
from clapboard.engines.stage.sounds.grid import Render
from clapboard.engines.stage.sounds.night import city_night
from clapboard.engines.stage.sounds.shore import waves
from clapboard.engines.stage.staging import StagedShot
from clapboard.take import Source
from clapboard.timeline import Stem, Timeline

USUAL_LEVEL = 0.6
"""Level of a bed whose curve the shot does not give; beds are calibrated there."""

CUT_FADE_S = 0.25
"""A bed that ends at a cut fades over this long; at the film's own ends the desk fades."""


def score(timeline: Timeline, shots: Sequence[StagedShot], seed: int) -> dict[Stem, tuple[Source, ...]]:
    """Dry sources of every stem, dialogue empty until speech is synthesized."""
    stems: dict[Stem, list[Source]] = {stem: [] for stem in Stem}
    for staged in shots:
        for part in staged.parts:
            for stem, source in part.sources:
                stems[stem].append(source)
    stems[Stem.AMBIENCE] += _beds(shots, seed)
    if timeline.music is not None:
        duration_s = float(clock.frame_time(timeline.num_frames, timeline.fps))
        cues = [cue for staged in shots for part in staged.parts for cue in part.cues]
        strong = [float(clock.sample_time(cue.heard_sample)) for cue in cues if cue.impact]
        piece = compose(timeline.music, duration_s=duration_s, seed=seed, hits_s=strong)
        stems[Stem.MUSIC] += sources(piece, num_samples=timeline.num_samples, seed=seed)
    return {stem: tuple(source for source in found if source.length > 0) for stem, found in stems.items()}


def _beds(shots: Sequence[StagedShot], seed: int) -> Iterator[Source]:
    """One source per run of shots that share a bed."""
    names = dict.fromkeys(bed.bed for staged in shots for bed in staged.shot.ambience)
    for name in names:
        spec = BEDS.get(name)
        if spec is None:
            continue
        run: list[StagedShot] = []
        for staged in [*shots, None]:
            if staged is not None and any(bed.bed == name for bed in staged.shot.ambience):
                run.append(staged)
            elif run:
                yield _bed(name, run, seed)
                run = []


def _bed(name: str, run: Sequence[StagedShot], seed: int) -> Source:
    spec = BEDS[name]
    gains_db = [bed.level_db for staged in run for bed in staged.shot.ambience if bed.bed == name]
    level = _joined([_level(spec.curve, staged) for staged in run], [staged.scene.start_s for staged in run])
    render = _made(name, level, seed, run)
    span = run[0].scene.start_s, run[-1].scene.end_s
    gain_db = spec.nominal_db + float(np.mean(gains_db))
    return running(name, render, span, gain_db=gain_db, fade_s=CUT_FADE_S, room=run[0].scene.room)


def _made(name: str, level: Curve, seed: int, run: Sequence[StagedShot]) -> Render:
    """The bed's sound. Waves keep the beat of the foam that is seen, whatever the seed; cars hiss on a wet street."""
    if name == "waves":
        return waves(level, seed, beat_seed=run[0].scene.seed)
    if name == "city_night":
        wet = _joined([staged.scene.weather["rain"] for staged in run], [staged.scene.start_s for staged in run])
        return city_night(level, seed, wet)
    return BEDS[name].make(level, seed)


def _level(curve: str | None, staged: StagedShot) -> Curve:
    """The curve that drives a bed in one shot."""
    shot, scene = staged.shot, staged.scene
    if curve is None:
        return constant(USUAL_LEVEL)
    if curve in shot.curves:
        return from_points(shot.curves[curve], scene.start_s)
    if curve == "sea":
        wind = scene.weather["wind"]
        return lambda t_s: np.clip(0.3 + 0.7 * wind(t_s), 0, 1)
    if curve in scene.weather and scene.level(curve) > 0:
        return scene.weather[curve]
    return constant(USUAL_LEVEL)


def _joined(curves: Sequence[Curve], starts_s: Sequence[float]) -> Curve:
    """Each shot's own curve from its start on."""
    if len(curves) == 1:
        return curves[0]

    def level(t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        which = np.clip(np.searchsorted(starts_s, t_s, side="right") - 1, 0, len(curves) - 1)
        return np.choose(which, [curve(t_s) for curve in curves])

    return level
