"""Recipe files: what they may define, and one line for everything that is wrong with one."""

import subprocess
import sys
from pathlib import Path

import pytest

from clapboard.errors import InputError
from clapboard.progress import silent
from clapboard.recipes import load

RECIPES = Path(__file__).parent.parent / "recipes"


def written(folder: Path, text: str) -> Path:
    path = folder / "recipe.py"
    path.write_text(text)
    return path


def test_a_recipe_is_a_function_or_a_value_that_runs(tmp_path):
    function = load(written(tmp_path, "def run(progress): return 'done'"))
    assert function(silent) == "done"
    text = "class R:\n    def run(self, progress):\n        return 'made'\n\nRECIPE = R()\n"
    assert load(written(tmp_path, text))(silent) == "made"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", r"defines neither RECIPE nor run\(progress\)"),
        ("RECIPE = {}", "RECIPE in .* is a dict, which cannot be run"),
        ("x = 1\ny = (", "fails at line 2: SyntaxError"),
        ("x = 1\n\nnonsense()", "fails at line 3: NameError: name 'nonsense'"),
        ("import no_such_package", "needs no_such_package, which is not installed"),
    ],
)
def test_what_is_wrong_with_a_recipe_is_one_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as caught:
        load(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_recipe_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        load(tmp_path / "none.py")


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.py")), ids=lambda path: path.stem)
def test_the_recipes_that_come_along_can_be_loaded(path):
    pytest.importorskip("torch")
    assert callable(load(path))


@pytest.mark.slow
def test_the_command_prints_what_the_recipe_returns(tmp_path):
    def train(text: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "clapboard", "train", str(written(tmp_path, text))]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = train("def run(progress): return 'weights.safetensors'")
    assert (done.returncode, done.stdout, done.stderr) == (0, "weights.safetensors\n", "")
    failed = train("RECIPE = 3")
    assert failed.returncode == 1 and failed.stdout == ""
    assert failed.stderr.startswith("clapboard: RECIPE in") and failed.stderr.count("\n") == 1
