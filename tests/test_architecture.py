"""The shape of the house: which way imports point, how long files and functions may be, how quick the import is."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "clapboard"
FILES = sorted(SOURCE.rglob("*.py"))

# Each part may import the parts named for it, and itself. `make` is the top of the story; the edges stand above it.
BASE = {"errors", "clock", "schema_errors", "progress"}
PLAN = BASE | {"timeline", "vocabulary"}
ALLOWED = {
    "errors": set(),
    "clock": {"errors"},
    "schema_errors": set(),
    "progress": set(),
    "timeline": BASE,
    "vocabulary": BASE | {"timeline"},
    "take": PLAN,
    "director": PLAN,
    "engines": PLAN | {"take"},
    "sound": PLAN | {"take"},
    "media": PLAN | {"take", "sound"},
    "quality": PLAN | {"take", "sound", "media"},
    "make": PLAN | {"take", "director", "engines", "sound", "media", "quality"},
    "terminal": BASE,
    "recipes": BASE,
    "cli": PLAN | {"take", "director", "engines", "media", "quality", "make", "terminal", "recipes"},
    "__init__": {"director", "engines", "make", "timeline"},
    "__main__": {"cli"},
}


def part_of(path: Path) -> str:
    """The part of the house that a file belongs to."""
    inside = path.relative_to(SOURCE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imports(path: Path) -> set[str]:
    """Dotted names of the clapboard modules that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("clapboard.")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_one_way(path: Path):
    part = part_of(path)
    public = {"__version__"}
    targets = {name.split(".")[1] for name in imports(path)} - {part} - public
    assert targets <= ALLOWED[part], f"{part} must not import {sorted(targets - ALLOWED[part])}"


@pytest.mark.parametrize("path", sorted((SOURCE / "engines").rglob("*.py")), ids=lambda path: path.stem)
def test_engines_do_not_import_each_other(path: Path):
    inside = path.relative_to(SOURCE / "engines").parts
    own = Path(inside[0]).stem
    others = {name.split(".")[2] for name in imports(path) if name.startswith("clapboard.engines.")}
    if own != "__init__":
        engines = {"bars", "stage", "nava", "diffusers", "remote"}
        assert not (others & engines) - {own}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_and_functions_keep_their_budgets(path: Path):
    text = path.read_text()
    assert text.count("\n") <= 500
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 60, f"{node.name} has {length} lines"


# Numba kernels take arrays one by one and commands take their options so; these still wait to be grouped.
TOO_MANY_PARAMETERS = {"paint_rain", "paint_snow", "paint_spatter", "paint_water", "running"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_functions_take_six_parameters_at_most(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and node.name not in TOO_MANY_PARAMETERS:
            decorators = " ".join(map(ast.unparse, node.decorator_list))
            names = {arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
            if "njit" not in decorators and "command" not in decorators:
                assert len(names - {"self", "cls"}) <= 6, f"{node.name} takes {len(names)} parameters"


def test_import_is_quick_and_brings_no_heavy_package():
    code = "import sys, clapboard; print(sorted({'torch', 'numba', 'cv2', 'av', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
