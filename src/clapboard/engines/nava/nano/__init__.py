"""Nano: the joint model at a size that a laptop trains and samples, with its own autoencoders and weights.

    take = Nano().perform(timeline, seed=0, progress=silent)       # nothing to download

In the order of the files: domain.py (what it knows), films.py (what it learns from), pictures.py and sounds.py (the
autoencoders, with their train_*.py), net.py (the network), learn.py (its loss), performance.py (a Timeline performed).
Importing this package imports no torch.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from clapboard import engines
from clapboard.engines.nava.nano.domain import KINDS, LONGEST_S, PLACE
from clapboard.errors import MissingDependency
from clapboard.progress import Progress
from clapboard.take import Picture, Samples, Stems, Take
from clapboard.timeline import Stem, Timeline
from clapboard.vocabulary import Vocabulary

if TYPE_CHECKING:
    from clapboard.engines.nava.nano.performance import Performer


class Nano:
    """The engine: one yard, seven events, 112x64 pixels."""

    name = "nano"
    summary = "Our own 6 M joint model, weights included: a yard, seven events, 112x64 pixels, up to 4 s a shot."

    def __init__(self) -> None:
        self._performer: Performer | None = None

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The stage's words for what nano learned from it."""
        stage = engines.load("stage").vocabulary
        place = stage.place(PLACE)
        assert place is not None
        beds = {*place.beds, *place.weather_beds.values(), *(bed for own in place.hour_beds.values() for bed in own)}
        return Vocabulary(
            usual_s=LONGEST_S,
            is_still=True,
            places=(place,),
            things=tuple(thing for thing in stage.things if thing.name in KINDS),
            beds={name: words for name, words in stage.beds.items() if name in beds},
        )

    def _ready(self) -> "Performer":
        if self._performer is None:
            try:
                from clapboard.engines.nava.nano.performance import Performer
            except ImportError as error:
                raise MissingDependency(
                    f"the nano engine needs torch, which is not installed or too old ({error});"
                    " pip install -U 'clapboard[nava]'"
                ) from None
            self._performer = Performer()
        return self._performer

    def perform(self, timeline: Timeline, *, seed: int, progress: Progress) -> Take:
        """Picture and stems, born together."""
        return self._ready().perform(timeline, seed=seed, progress=progress)

    def resound(
        self, timeline: Timeline, picture: Picture, *, stems: frozenset[Stem], seed: int, progress: Progress
    ) -> Stems:
        """These stems again for a picture that stays: one of ours, beside the stems it has, or any other film's."""
        return self._ready().resound(timeline, picture, stems=stems, seed=seed, progress=progress)

    def illustrate(self, timeline: Timeline, sound: Samples, *, seed: int, progress: Progress) -> Take:
        """A picture for a given sound, float32 [2, samples of the film] at 48 kHz."""
        return self._ready().illustrate(timeline, sound, seed=seed, progress=progress)
