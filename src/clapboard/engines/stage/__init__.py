"""The stage: our embedded engine. It paints 2.5-D places in linear light and synthesizes every sound, on any CPU.

Read in this order: `scene.py` (what a place and a thing are), `staging.py` (Timeline -> staged shots -> frames),
`scoring.py` (staged shots -> sound), then any file in `places/` and `things/`.
"""

from functools import cached_property

from clapboard.progress import Progress, Step
from clapboard.take import Picture, Stems, Take
from clapboard.timeline import Stem, Timeline, Unstaged
from clapboard.vocabulary import Vocabulary


class Stage:
    """Places from `places/`, things from `things/`; no download, no GPU; what it does not know it says."""

    name = "stage"
    summary = "procedural picture and sound on the CPU, nothing to download; knows its own places and things only"

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Words of all places and things, beds, moods and instruments."""
        from clapboard.engines.stage.music import INSTRUMENTS, MOODS
        from clapboard.engines.stage.registry import all_places, all_things
        from clapboard.engines.stage.sounds.beds import BEDS

        return Vocabulary(
            places=tuple(place.words for place in all_places().values()),
            things=tuple(thing.words for thing in all_things().values()),
            beds={name: spec.words for name, spec in BEDS.items()},
            moods=MOODS,
            instruments=INSTRUMENTS,
        )

    def perform(self, timeline: Timeline, *, seed: int, progress: Progress) -> Take:
        """Block every shot; frames and samples are made when they are asked for."""
        from clapboard.engines.stage.scoring import score
        from clapboard.engines.stage.staging import StagePicture, stage_shot

        shots, frames = [], timeline.num_frames
        for index in range(len(timeline.shots)):
            shots.append(stage_shot(timeline, index, seed))
            progress(Step(stage="blocking", done=index + 1, total=len(timeline.shots)))
        cues = [cue for staged in shots for part in staged.parts for cue in part.cues]
        inside = [cue for cue in cues if (cue.seen_frame or 0) < frames and cue.heard_sample < timeline.num_samples]
        unstaged = [item for staged in shots for item in staged.unstaged]
        spoken = [line.text for shot in timeline.shots for line in shot.lines]
        unstaged += [Unstaged(text=text, reason="speech is not synthesized yet") for text in spoken]
        known = {item.text for item in timeline.unstaged}
        return Take(
            picture=StagePicture(timeline, shots),
            stems=score(timeline, shots, seed),
            cues=tuple(sorted(inside, key=lambda cue: cue.heard_sample)),
            unstaged=tuple(item for item in unstaged if item.text not in known),
        )

    def resound(
        self, timeline: Timeline, picture: Picture, *, stems: frozenset[Stem], seed: int, progress: Progress
    ) -> Stems:
        """The same events at the same instants, sounded anew from another seed."""
        from clapboard.engines.stage.scoring import score
        from clapboard.engines.stage.staging import stage_shot

        assert picture.num_frames == timeline.num_frames, "the picture is of another film"
        shots = [stage_shot(timeline, index, timeline.seed, seed) for index in range(len(timeline.shots))]
        progress(Step(stage="blocking", done=len(shots), total=len(shots)))
        return {stem: sources for stem, sources in score(timeline, shots, seed).items() if stem in stems}
