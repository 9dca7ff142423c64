"""Progress is one record; a terminal bar, a job's row and silence are renderers of it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """`done` of `total` units of a stage ("picture", "sound", ...) are finished; total 0 means not yet known."""

    stage: str
    done: int
    total: int
    note: str = ""
    """A few words shown beside the bar (a loss)."""


Progress = Callable[[Step], None]
"""Called with each `Step`, from any thread. Raising `Cancelled` in it stops the work."""


def silent(step: Step) -> None:
    """The renderer that shows nothing."""
    del step
