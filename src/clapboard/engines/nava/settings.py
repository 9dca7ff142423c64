"""How the engine runs, beside what the Timeline says. Imports no torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from clapboard.engines.nava.sampler import Options


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The defaults are what `clapboard generate --engine nava` does."""

    options: "Options | None" = None
    """How to sample; none: as the release does, 50 steps."""
    device: Literal["cuda", "cpu"] | None = None
    """None: the GPU if there is one."""
    takes: Path | None = None
    """Where finished takes are remembered; none: in the user's cache."""
    separate: bool = False
    """Make the spoken lines (stem dialogue) and everything else (effects) in two further passes, with the picture held:
    three times the time where there are lines. The sound that was born with the picture is then not heard."""
