"""Engines turn a Timeline into a Take. They register by entry point, ours the way a stranger's would:

[project.entry-points."clapboard.engines"]
bars = "clapboard.engines.bars:Bars"
"""

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol, cast

from clapboard.errors import InputError
from clapboard.progress import Progress

if TYPE_CHECKING:  # the command line asks for names alone, and NumPy takes longer to load than its help to print
    from clapboard.take import Picture, Stems, Take
    from clapboard.timeline import Stem, Timeline
    from clapboard.vocabulary import Vocabulary

GROUP = "clapboard.engines"
DEFAULT = "stage"


class Engine(Protocol):
    """One engine. On a CPU, the same Timeline and seed give the same bytes."""

    name: str
    summary: str
    """One line for `clapboard engines`: what it can and cannot do."""
    vocabulary: "Vocabulary"

    def perform(self, timeline: "Timeline", *, seed: int, progress: Progress) -> "Take":
        """The whole film. Raises `EngineError` when the Timeline asks for what the engine cannot do at all."""
        ...

    def resound(
        self, timeline: "Timeline", picture: "Picture", *, stems: "frozenset[Stem]", seed: int, progress: Progress
    ) -> "Stems":
        """The sound of these stems again, for a picture that stays."""
        ...


def names() -> list[str]:
    """Names of the installed engines."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def load(name: str) -> Engine:
    """The engine of this name; raises `InputError` when none is installed."""
    for point in entry_points(group=GROUP):
        if point.name == name:
            return cast(Engine, point.load()())
    raise InputError(f"no engine called {name!r}; installed: {', '.join(names())}")
