"""Recipes: Python files that say what to train, for `clapboard train FILE.py`.

A file defines `RECIPE`, any engine's value with a method `run(progress) -> str | None`, or a function `run` of that
form. What it returns is printed. The file is run as it is: train only by recipes that you trust.
"""

import runpy
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import cast

from clapboard.errors import ClapboardError, InputError
from clapboard.progress import Progress

Run = Callable[[Progress], str | None]


def load(path: Path) -> Run:
    """What the recipe runs; raises `InputError` with one line when there is nothing to run."""
    if not path.is_file():
        raise InputError(f"the recipe {path} does not exist; give a Python file that defines RECIPE or run(progress)")
    try:
        names = runpy.run_path(str(path))
    except ClapboardError:
        raise
    except ModuleNotFoundError as error:
        hint = "; pip install 'clapboard[nava]'" if error.name == "torch" else ""
        raise InputError(f"the recipe {path} needs {error.name}, which is not installed{hint}") from None
    except Exception as error:  # noqa: BLE001 - a recipe is anyone's code
        raise InputError(f"the recipe {path} fails{_line(path, error)}: {type(error).__name__}: {error}") from None
    run = names.get("run") or getattr(names.get("RECIPE"), "run", None)
    if callable(run):
        return cast(Run, run)
    if "RECIPE" in names:
        kind = type(names["RECIPE"]).__name__
        raise InputError(f"RECIPE in {path} is a {kind}, which cannot be run; make it a Recipe of an engine")
    raise InputError(f"the recipe {path} defines neither RECIPE nor run(progress); see the folder recipes for examples")


def _line(path: Path, error: Exception) -> str:
    """Where in the recipe it failed."""
    if isinstance(error, SyntaxError):
        return f" at line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f" at line {lines[-1]}" if lines else ""
