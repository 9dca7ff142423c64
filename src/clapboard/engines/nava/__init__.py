"""The NAVA family: one transformer that denoises picture and sound together (arXiv 2605.30073).

    take = Nava().perform(timeline, seed=0, progress=silent)     # weights: `clapboard pull nava`, or CLAPBOARD_NAVA

The way of a film, in the order of the files:

    caption.py  Timeline -> paragraphs      shots.py    its units           memory.py   what fits, before loading
    store.py    where weights are           layouts.py  released files      text.py     words -> embeddings
    sampler.py  noise -> latents            model.py    the backbone        solvers.py  UniPC, Euler, guidance
    codecs.py   latents <-> pixels, sound   picture.py  frames as watched   performance.py  the story of all this

Beside it: weights.py (files, strictly), settings.py, paging.py, takes.py, speaker.py, train.py, lora.py, golden.py and
check.py (`python -m clapboard.engines.nava.check FILE.safetensors`); training on your own films begins in recipe.py and
is told by training_run.py. Importing this package imports no torch.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from clapboard.engines.nava.settings import Settings
from clapboard.errors import MissingDependency
from clapboard.progress import Progress
from clapboard.take import Picture, Samples, Stems, Take
from clapboard.timeline import Acoustics, Stem, Timeline
from clapboard.vocabulary import PlaceWords, Vocabulary

if TYPE_CHECKING:
    from clapboard.engines.nava.performance import Performer


class Nava:
    """The engine. `weights` is a folder laid out like the release; without one the usual places are looked into."""

    name = "nava"
    summary = "The released 6.3 B joint model: any words, 10 s a shot; needs weights (clapboard pull nava) and a GPU."
    vocabulary = Vocabulary(
        free=True,
        places=(PlaceWords(name="anywhere", words=("anywhere",), spots=(), acoustics=Acoustics(), beds=()),),
    )
    """Free words: what the Timeline names goes into the caption as it is."""

    def __init__(self, weights: Path | None = None, settings: Settings | None = None) -> None:
        self._weights, self._settings = weights, settings or Settings()
        self._performer: Performer | None = None

    def _ready(self) -> "Performer":
        if self._performer is None:
            from clapboard.engines.nava import store

            try:
                from clapboard.engines.nava.performance import Performer
            except ImportError as error:
                raise MissingDependency(
                    f"the nava engine needs packages that are not installed or too old ({error});"
                    " pip install -U 'clapboard[nava]'"
                ) from None
            self._performer = Performer(store.find(self._weights), self._settings)
        return self._performer

    def caption(self, timeline: Timeline) -> str:
        """What the model will read, a paragraph per shot."""
        from clapboard.engines.nava.caption import caption

        return caption(timeline)

    def perform(self, timeline: Timeline, *, seed: int, progress: Progress) -> Take:
        """Picture and sound, born together; the sound of everything is one source a shot, on the effects stem."""
        return self._ready().perform(timeline, seed=seed, progress=progress)

    def resound(
        self, timeline: Timeline, picture: Picture, *, stems: frozenset[Stem], seed: int, progress: Progress
    ) -> Stems:
        """The sound alone for a picture that stays: one of ours by its latents, or any other film's."""
        return self._ready().resound(timeline, picture, stems=stems, seed=seed, progress=progress)

    def illustrate(self, timeline: Timeline, sound: Samples, *, seed: int, progress: Progress) -> Take:
        """A picture for a given sound: float32 [2, samples of the film] at 48 kHz."""
        return self._ready().illustrate(timeline, sound, seed=seed, progress=progress)
