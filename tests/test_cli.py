"""The command line: what it prints, where, and with which exit code; what bad input leaves behind, which is nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from clapboard import cli, media
from clapboard.timeline import Stem, Timeline

TINY = ["--engine", "bars", "--size", "96x64", "--seconds", "0.5"]
COMMAND = [sys.executable, "-m", "clapboard"]
OLDER = b"an older film"


@dataclass(frozen=True)
class Outcome:
    """What a command left on the terminal."""

    exit_code: int
    out: str
    err: str


@pytest.fixture
def clapboard(capsys, monkeypatch):
    """Runs the command in this process, as its entry point does."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}

    def run(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["clapboard", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        captured = capsys.readouterr()
        return Outcome(int(end.value.code or 0), captured.out, captured.err)

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder, with an older film under the default name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "film.mp4").write_bytes(OLDER)
    return tmp_path


@pytest.fixture
def refused(clapboard, folder):
    """Runs a command that must fail; the line it prints."""

    def run(*arguments: str, exit_code: int = 1) -> str:
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        outcome = clapboard(*arguments)
        after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        assert outcome.exit_code == exit_code
        assert outcome.out == ""
        assert_one_line(outcome.err)
        assert after == before
        return outcome.err

    return run


def assert_one_line(err: str):
    assert err.startswith("clapboard: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize("prompt", ["", "   ", "\n", "...", "words " * 4000, "rain\udcff"])
def test_a_prompt_that_cannot_be_read_is_refused(refused, prompt):
    assert "prompt" in refused("generate", prompt, *TINY)


@pytest.mark.parametrize(
    "prompt",
    [("rain on a window. " * 600)[:10_000], "雨の夜、静かなピアノ", "дождь ночью", "🌧️🎹", "مطر", "a\0b", "-x-"],
)
def test_any_script_and_length_makes_a_film(clapboard, folder, prompt):
    outcome = clapboard("generate", *TINY, "--seconds", "0.1", "--json", "--", prompt)
    assert outcome.exit_code == 0, outcome.err
    assert json.loads(outcome.out)["timeline"]["prompt"] == prompt
    assert media.read_slate(folder / "film.mp4").timeline.prompt == prompt


@pytest.mark.parametrize("size", ["0x0", "0x64", "97x64", "1x1", "100000x100000", "-96x64", "abc", "96", "9x9x9", ""])
def test_a_bad_size_is_refused(refused, size):
    assert "size" in refused("generate", "bars", *TINY, "--size", size)


@pytest.mark.parametrize("fps", ["0", "-1", "abc", "1e9", "nan", "24/0", "", "1e999999999", "4294967296/4294967297"])
def test_a_bad_rate_is_refused(refused, fps):
    assert "frame rate" in refused("generate", "bars", *TINY, "--fps", fps)


@pytest.mark.parametrize("seconds", ["0", "-3", "nan", "inf", "1e9", "1e-9"])
def test_a_bad_length_is_refused(refused, seconds):
    refused("generate", "bars", *TINY, "--seconds", seconds)


@pytest.mark.parametrize("seed", ["-1", str(2**70)])
def test_a_bad_seed_is_refused(refused, seed):
    assert "seed" in refused("generate", "bars", *TINY, "--seed", seed)


@pytest.mark.parametrize(
    "target", ["missing/film.mp4", "taken", "film.png", "", "film.mp4/x.mp4", "n" * 300 + ".mp4", "/dev/null"]
)
@pytest.mark.parametrize("command", ["generate", "render", "mix", "retake"])
def test_an_unwritable_target_is_refused(refused, folder, bars_film, command, target):
    (folder / "taken").mkdir()
    (folder / "plan.yaml").write_text(bars_film.timeline.to_yaml())
    work = {
        "generate": ["generate", "bars", *TINY],
        "render": ["render", "plan.yaml", "--engine", "bars"],
        "mix": ["mix", str(bars_film.path), "--music", "off"],
        "retake": ["retake", str(bars_film.path)],
    }
    refused(*work[command], "-o", target)


def test_other_targets_are_refused_too(refused, bars_film):
    film = str(bars_film.path)
    assert "plan itself" in refused("render", "film.mp4", "-o", "film.mp4")
    refused("plan", "bars", "--engine", "bars", "-o", "missing/plan.yaml")
    refused("still", "bars", *TINY, "-o", "missing/still.png")
    assert "image/jpeg" in refused("still", "bars", *TINY, "-o", "still.jpg")
    refused("report", film, "--html", "missing/page.html")
    assert "video/mp4" in refused("report", film, "--html", film)
    for stems in ("film.mp4", "film.mp4/stems"):
        assert "folder" in refused("generate", "bars", *TINY, "--stems", stems)


@pytest.mark.parametrize("arguments", [["--json"], ["--stems", "stems"]])
def test_a_stream_carries_the_film_alone(refused, arguments):
    assert arguments[0] in refused("generate", "bars", *TINY, "-o", "-", *arguments)


@pytest.mark.parametrize("command", [["still", "bars", *TINY], ["retake", "film.mp4"], ["mix", "film.mp4"]])
def test_what_cannot_stream_says_so(refused, command):
    assert "stream" in refused(*command, "-o", "-")


@pytest.mark.parametrize("command", [["retake"], ["mix"], ["report"]])
def test_a_truncated_or_foreign_film_is_refused(refused, folder, bars_film, command):
    film = bars_film.path.read_bytes()
    target = [] if command == ["report"] else ["-o", "film.mp4"]
    contents = {"cut.mp4": film[:-2000], "head.mp4": film[:900], "empty.mp4": b"", "text.mp4": b"not a film"}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        assert name in refused(*command, name, *target)
    (folder / "foreign.mp4").write_bytes(film.replace(b"clapboard", b"flapboard"))
    assert "not made by Clapboard" in refused(*command, "foreign.mp4", *target)
    refused(*command, "missing.mp4", *target)
    refused(*command, ".", *target)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"fps: [24\n", "line 2"),
        (b'{"fps": 24', "line 1"),
        (b"shots: [{id: a, duration_s: 1, place: bars, wheather: {rain: 1}}]", "did you mean 'weather'"),
        (b"shots: [{id: a, duration_s: 1, place: bars}]\nclapbord: 1", "did you mean 'clapboard'"),
        (bytes(range(256)), "not UTF-8"),
        (b"hello", "mapping"),
        (b"", "mapping"),
        (b"fps: 24", "shots"),
        (b"shots: [{id: a, duration_s: 1, place: bars}]\nsize: [97, 64]", "odd"),
        (b"shots: [{id: a, duration_s: 1, place: bars}]\nfps: 1/4294967296", "too fine"),
    ],
)
def test_a_broken_plan_is_refused(refused, folder, text, said):
    (folder / "plan.yaml").write_bytes(text)
    assert said in refused("render", "plan.yaml", "--engine", "bars")


def test_a_place_that_the_stage_does_not_know_is_refused(refused, folder):
    (folder / "plan.yaml").write_text("shots: [{id: a, duration_s: 1, place: mars}]")
    line = refused("render", "plan.yaml")
    assert "'mars'" in line
    assert "window_room" in line


def test_a_thing_that_the_stage_does_not_know_is_unstaged(clapboard, folder):
    shot = "{id: a, duration_s: 0.1, place: window_room, cast: [{id: d, thing: dragon}]}"
    (folder / "plan.yaml").write_text(f"size: [64, 64]\nshots: [{shot}]")
    outcome = clapboard("render", "plan.yaml")
    assert outcome.exit_code == 0, outcome.err
    assert "dragon" in outcome.out


def test_unknown_names_are_refused_with_the_known_ones(refused, bars_film):
    film = str(bars_film.path)
    assert "installed: bars" in refused("generate", "bars", "--engine", "blender")
    assert "broadcast-eu" in refused("generate", "bars", *TINY, "--master", "loud")
    assert "broadcast-eu" in refused("mix", film, "-o", "film.mp4", "--master", "loud")
    assert "dialogue" in refused("retake", film, "-o", "film.mp4", "--stem", "voice", exit_code=2)


@pytest.mark.parametrize(
    "window", [["--from", "4", "--to", "2"], ["--to", "0"], ["--to", "9"], ["--from", "4"], ["--from", "-1"]]
)
def test_a_window_that_cannot_be_is_refused(refused, bars_film, window):
    refused("retake", str(bars_film.path), "-o", "film.mp4", *window)


@pytest.mark.parametrize("gain", ["loud", "nan", "inf", "99", "-99"])
def test_a_bad_gain_is_refused(refused, bars_film, gain):
    assert "music" in refused("mix", str(bars_film.path), "-o", "film.mp4", "--music", gain)


@pytest.mark.parametrize("at", ["-1", "0.5", "99", "nan", "inf"])
def test_a_still_outside_the_film_is_refused(refused, at):
    assert "outside" in refused("still", "bars", *TINY, "--at", at)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["generate"], "PROMPT"),
        (["generate", "bars", "--bogus"], "--bogus"),
        (["generate", "bars", "--seconds", "abc"], "--seconds"),
        (["generate", "bars", "--seed", "1.5"], "--seed"),
        (["retake", "film.mp4"], "--output"),
        (["bogus"], "bogus"),
        (["--bogus"], "--bogus"),
    ],
)
def test_wrong_usage_ends_with_2_and_points_to_the_help(refused, arguments, said):
    line = refused(*arguments, exit_code=2)
    assert said in line
    assert "--help`" in line


def test_help_lists_commands_engines_and_presets(clapboard):
    commands = clapboard()
    assert commands.exit_code == 0
    for name in ("generate", "plan", "render", "retake", "mix", "still", "report", "engines"):
        assert name in commands.out
    words = clapboard("generate", "--help").out
    assert all(word in words for word in ("bars", "stage", "web", "apple", "broadcast-eu", "broadcast-us", "off"))
    assert clapboard("--version").out == f"{cli.__version__}\n"
    assert all(name in clapboard("engines").out for name in ("bars", "stage"))


def test_json_is_one_object_on_standard_output_and_nothing_else(clapboard, folder):
    def object_of(*arguments: str) -> dict:
        outcome = clapboard(*arguments, "--json")
        assert outcome.exit_code == 0, outcome.err
        assert outcome.err == ""
        assert outcome.out.count("\n") == 1
        return json.loads(outcome.out)

    made = object_of("generate", "a test card", *TINY, "--stems", "stems")
    assert made["path"] == "film.mp4"
    assert list(made["stems"]) == [stem.value for stem in Stem]
    assert all(Path(path).is_file() for path in made["stems"].values())
    assert made["report"]["frames_decoded"] == 12
    plan = object_of("plan", "a test card", *TINY)
    assert Timeline.parse(plan) == Timeline.parse(made["timeline"])
    (folder / "plan.json").write_text(json.dumps(plan))
    assert object_of("render", "plan.json", "--engine", "bars")["timeline"] == made["timeline"]
    assert object_of("retake", "film.mp4", "-o", "film.mp4", "--seed", "3")["timeline"]["retakes"][0]["seed"] == 3
    quiet = object_of("mix", "film.mp4", "-o", "quiet.mp4", "--music", "off", "--effects", "-6", "--master", "apple")
    assert quiet["timeline"]["mix"]["off"] == ["music"]
    assert quiet["timeline"]["mix"]["master"] == "apple"
    assert object_of("report", "quiet.mp4")["frames_decoded"] == 12
    assert object_of("report", "quiet.mp4", "--html", "page.html")["file"] == "quiet.mp4"
    assert object_of("still", "a test card", *TINY, "--at", "0.2")["path"] == "still.png"
    assert set(object_of("engines")["engines"]) >= {"bars", "stage"}


@pytest.mark.usefixtures("folder")
def test_unstaged_words_are_told(clapboard):
    told = "dragon: "
    assert told in clapboard("generate", "a test card, a dragon", *TINY).out
    plan = clapboard("plan", "a test card, a dragon", *TINY)
    assert told in plan.err
    assert Timeline.from_text(plan.out).unstaged[0].text == "dragon"
    assert told in clapboard("plan", "a test card, a dragon", *TINY, "-o", "plan.yaml").err
    assert told in clapboard("render", "plan.yaml", "--engine", "bars").out
    assert told in clapboard("still", "a test card, a dragon", *TINY).err


@pytest.mark.usefixtures("folder")
def test_a_note_that_names_no_room_is_told(clapboard, bars_film):
    outcome = clapboard("retake", str(bars_film.path), "-o", "film.mp4", "--note", "xyzzy")
    assert outcome.exit_code == 0, outcome.err
    assert "xyzzy: " in outcome.out


def test_a_plan_is_printed_or_written_as_yaml_or_json(clapboard, folder):
    printed = clapboard("plan", "a test card", *TINY).out
    clapboard("plan", "a test card", *TINY, "-o", "plan.yaml")
    clapboard("plan", "a test card", *TINY, "-o", "plan.json")
    assert (folder / "plan.yaml").read_text() == printed
    assert Timeline.parse(json.loads((folder / "plan.json").read_text())) == Timeline.from_text(printed)
    assert json.loads(clapboard("plan", "--json-schema").out)["title"] == "Timeline"


LIMITED = """
import resource, runpy, sys
limit_bytes = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
runpy.run_module("clapboard", run_name="__main__")
"""
"""The command where no file may grow past a size, as on a full disk."""


@pytest.mark.usefixtures("bars_film")  # its kernels are compiled by then
def test_a_full_disk_harms_no_film(folder):
    large = ["generate", "bars", *TINY, "--size", "3840x2160", "--fps", "240", "--seconds", "0.0125"]
    limits_bytes = (2_000, 12_000)  # too little for the sound while it is mixed (5 kB), for the film (20 kB)
    commands = [[sys.executable, "-c", LIMITED, str(limit_bytes), *large] for limit_bytes in limits_bytes]
    for process in [subprocess.Popen(command, cwd=folder, stdout=-1, stderr=-1, text=True) for command in commands]:
        out, err = process.communicate(timeout=30)
        assert process.returncode == 1
        assert out == ""
        assert_one_line(err)
        assert "free some space" in err
    assert [path.name for path in folder.iterdir()] == ["film.mp4"]
    assert (folder / "film.mp4").read_bytes() == OLDER


def test_ctrl_c_and_kill_harm_no_film(tmp_path):
    running = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        folder = tmp_path / number.name
        folder.mkdir()
        (folder / "film.mp4").write_bytes(OLDER)
        command = [*COMMAND, "generate", "bars", *TINY, "--size", "1280x720", "--seconds", "30"]
        # a job in the background of a script starts with Ctrl-C ignored, and its children too
        listening = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        running[number] = subprocess.Popen(command, cwd=folder, stdout=-1, stderr=-1, text=True, preexec_fn=listening)
    for number, process in running.items():
        while not any(part.stat().st_size for part in (tmp_path / number.name).glob(".*.part")):  # amid the picture
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.01)
        process.send_signal(number)
    for number, process in running.items():
        out, err = process.communicate(timeout=30)
        assert process.returncode == 1
        assert out == ""
        assert_one_line(err)
        assert [path.name for path in (tmp_path / number.name).iterdir()] == ["film.mp4"]
        assert (tmp_path / number.name / "film.mp4").read_bytes() == OLDER


def test_a_stream_is_a_film(tmp_path):
    command = [*COMMAND, "generate", "a test card, a dragon", *TINY, "-o", "-"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert b"dragon: " in ended.stderr
    assert not list(tmp_path.iterdir())
    film = tmp_path / "film.mp4"
    film.write_bytes(ended.stdout)
    assert sum(1 for _ in media.decode_frames(film)) == 12
    assert np.concatenate(list(media.decode_sound(film)), 1).shape == (2, 24_000)


def test_a_reader_that_leaves_ends_the_stream_in_one_line():
    command = [*COMMAND, "generate", "bars", *TINY, "--size", "1280x720", "--seconds", "20", "-o", "-"]
    process = subprocess.Popen(command, stdout=-1, stderr=-1)
    assert process.stdout is not None
    assert process.stderr is not None
    assert len(os.read(process.stdout.fileno(), 1000)) > 8
    process.stdout.close()
    err = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(30) == 1
    assert_one_line(err)


def test_a_reader_that_leaves_ends_printing_in_one_line():
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run([*COMMAND, "engines"], stdout=writer, stderr=-1, text=True, check=False)
    os.close(writer)
    assert ended.returncode == 1
    assert_one_line(ended.stderr)


def test_the_command_starts_without_heavy_packages():
    code = "import sys, clapboard.cli; print(sorted({'numpy', 'numba', 'cv2', 'av', 'yaml', 'PIL'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
