"""Finds the places and things: every module in `places/` defines PLACE, every module in `things/` defines THING."""

import importlib
import pkgutil
from functools import cache
from typing import cast

from clapboard.engines.stage import places, things
from clapboard.engines.stage.scene import Place, Thing

DEFAULT_PLACE = "ocean_coast"


@cache
def all_places() -> dict[str, Place]:
    """Places by name, the default one first."""
    names = sorted((module.name for module in pkgutil.iter_modules(places.__path__)), key=lambda n: n != DEFAULT_PLACE)
    found = [cast(Place, importlib.import_module(f"{places.__name__}.{name}").PLACE) for name in names]
    return {place.words.name: place for place in found}


@cache
def all_things() -> dict[str, Thing]:
    """Things by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(things.__path__))
    found = [cast(Thing, importlib.import_module(f"{things.__name__}.{name}").THING) for name in names]
    return {thing.words.name: thing for thing in found}
