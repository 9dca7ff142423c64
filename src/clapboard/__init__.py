"""Clapboard: a prompt becomes one film with its sound.

import clapboard
film = clapboard.generate("rain on a night window, soft piano, far thunder", "film.mp4")
print(film.path, film.report.loudness_lufs)
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "Film",
    "Options",
    "Retake",
    "Timeline",
    "generate",
    "load_engine",
    "mix",
    "plan",
    "render",
    "report",
    "retake",
    "still",
    "stream",
]

if TYPE_CHECKING:
    from clapboard.director import Options
    from clapboard.engines import load as load_engine
    from clapboard.make import Film, generate, mix, plan, render, report, retake, still, stream
    from clapboard.timeline import Retake, Timeline

_HOMES = {"Options": "director", "Retake": "timeline", "Timeline": "timeline", "load_engine": "engines"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    """Public names are imported when they are first used, so that `import clapboard` stays quick."""
    if name not in __all__:
        raise AttributeError(f"module 'clapboard' has no attribute {name!r}")
    import importlib

    home = importlib.import_module(f"clapboard.{_HOMES.get(name, 'make')}")
    return getattr(home, "load" if name == "load_engine" else name)
