"""Turns pydantic's validation errors into one line that names the field, the rule and the nearest right name."""

import difflib
import typing
from collections.abc import Iterable

from pydantic import BaseModel, ValidationError


def _fields_at(model: type[BaseModel], path: Iterable[int | str]) -> list[str]:
    """Field names allowed where `path` (without its last part) points."""
    here: object = model
    for part in path:
        if isinstance(part, int):
            continue
        if isinstance(here, type) and issubclass(here, BaseModel) and part in here.model_fields:
            here = _model_in(here.model_fields[str(part)].annotation)
    return list(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else []


def _model_in(annotation: object) -> object:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in typing.get_args(annotation):
        found = _model_in(inner)
        if isinstance(found, type):
            return found
    return None


def _dotted(path: Iterable[int | str]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the Timeline"


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """One line for the first problem, and how many more there are."""
    # an unknown field first: it often explains the missing one
    first, *others = sorted(error.errors(include_url=False), key=lambda found: found["type"] != "extra_forbidden")
    path = first["loc"]
    if first["type"] == "extra_forbidden":
        known = _fields_at(model, path[:-1])
        near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
        line = f"{_dotted(path)}: unknown field; {hint}"
    else:
        found = f" (found {first['input']!r:.60})" if first["type"] not in ("value_error", "missing") else ""
        message = first["msg"].removeprefix("Value error, ")
        line = f"{_dotted(path)}: {message}{found}"
    return line.replace("\n", " ") + (f" (and {len(others)} more)" if others else "")
