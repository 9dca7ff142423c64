"""The commands for weights, and the caption in a plan. They need no torch."""

import json

import pytest

typer_testing = pytest.importorskip("typer.testing")

from clapboard import cli  # noqa: E402
from clapboard.errors import InputError  # noqa: E402
from clapboard.timeline import Timeline  # noqa: E402


@pytest.fixture
def run(monkeypatch, tmp_path):
    """A command line's output; our errors are raised as they are."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("CLAPBOARD_NAVA", raising=False)

    def invoke(*words):
        result = typer_testing.CliRunner().invoke(cli.app, words, catch_exceptions=False)
        return result.output

    return invoke


def test_models_are_listed_for_people_and_programs(run):
    lines = run("models").splitlines()
    assert [line.split()[0] for line in lines] == ["nava", "nava-fp8"]
    found = json.loads(run("models", "--json"))["models"]
    assert {"name", "licence", "download_gb", "folder", "lacks", "runs_here"} == set(found[0])
    assert found[0]["lacks"][0] == "NAVA.safetensors"


def test_pull_asks_for_the_licence(run):
    with pytest.raises(InputError, match="--accept-licences"):
        run("pull", "nava")


def test_a_plan_shows_the_caption_and_is_still_a_plan(run):
    if "nava" not in cli.engines.names():
        pytest.skip("the engine is not registered here; install the package again")
    text = run("plan", "a dog barks at a green zeppelin", "--engine", "nava")
    assert "# a dog barks at a green zeppelin." in text
    timeline = Timeline.from_text(text)
    assert timeline.shots[0].place == "anywhere"
    assert timeline.unstaged == []  # the engine reads the prompt itself
    assert "#" not in run("plan", "a dog barks", "--engine", "bars")
