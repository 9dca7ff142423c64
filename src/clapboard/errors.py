"""Every error that Clapboard raises on purpose.

    ClapboardError
    ├── InputError            the user asked for something that cannot be (prompt, option, Timeline)
    │   └── TimelineError     a Timeline file or value breaks the schema
    ├── MediaError            a file cannot be read, written, or is not ours
    ├── EngineError           an engine cannot perform this Timeline, or its Take breaks the contract
    │   └── WeightsError      model weights are missing, truncated, corrupt or of another shape
    ├── MissingDependency     an optional package is not installed; the message says which to install
    └── Cancelled             the user stopped the work

Each message is one line: what was found, the rule, what to do.
"""


class ClapboardError(Exception):
    """Base of all our errors; the command line prints it as one line and exits with 1."""


class InputError(ClapboardError):
    """The user asked for something that cannot be."""


class TimelineError(InputError):
    """A Timeline breaks its schema."""


class MediaError(ClapboardError):
    """A media file cannot be read or written, or was not made by Clapboard."""


class EngineError(ClapboardError):
    """An engine cannot perform this Timeline."""


class WeightsError(EngineError):
    """Model weights are missing, truncated, corrupt or of another shape."""


class MissingDependency(ClapboardError):
    """An optional package is not installed."""


class Cancelled(ClapboardError):
    """The user stopped the work."""
