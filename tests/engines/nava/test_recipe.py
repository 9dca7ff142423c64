"""Training from a recipe: the same run whether it is killed or not, what it leaves behind, and what it refuses."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from clapboard.engines.nava import Nava, memory  # noqa: E402
from clapboard.engines.nava.config import nava_6b  # noqa: E402
from clapboard.engines.nava.dataset import Source  # noqa: E402
from clapboard.engines.nava.lora import add_lora, load_lora, lora_state, merge_lora  # noqa: E402
from clapboard.engines.nava.recipe import Need, Recipe, check, check_memory, needed, num_lora  # noqa: E402
from clapboard.engines.nava.sampler import Options  # noqa: E402
from clapboard.engines.nava.settings import Settings  # noqa: E402
from clapboard.engines.nava.store import SOUND, TEXT, Release  # noqa: E402
from clapboard.engines.nava.train import TrainConfig  # noqa: E402
from clapboard.engines.nava.training_run import link_others, locked  # noqa: E402
from clapboard.engines.nava.weights import load  # noqa: E402
from clapboard.errors import Cancelled, EngineError, InputError, MediaError, WeightsError  # noqa: E402
from clapboard.progress import silent  # noqa: E402
from clapboard.timeline import Stem, Timeline  # noqa: E402
from engines.nava.tiny_films import Look, write_film  # noqa: E402
from engines.nava.tiny_release import backbone  # noqa: E402

STEPS = 9


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    for name, tone_hz in (("dog", 300.0), ("rain", 700.0)):
        write_film(folder / f"{name}.mp4", Look(seconds=0.7, tone_hz=tone_hz))
        (folder / f"{name}.txt").write_text(f"{name} barks in the rain")
    return folder


@pytest.fixture
def recipe(films, release_folder, tmp_path) -> Recipe:
    """Few steps on few clips; the clips are encoded by the first test alone."""
    return Recipe(
        films=Source(folder=films, seconds=0.25, size=(64, 64)),
        output=tmp_path / "run",
        weights=release_folder,
        train=TrainConfig(
            num_steps=STEPS, batch_size=2, learning_rate=1e-3, ema_decay=0.5, tasks={"joint": 1, "sound": 1}
        ),
        save_every=2,
        held_out=1,
        device="cpu",
    )


def log_of(recipe: Recipe) -> list[dict]:
    """The lines of the log, without what differs from run to run."""
    lines = map(json.loads, (recipe.output / "log.jsonl").read_text().splitlines())
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines]


def steps_of(recipe: Recipe) -> list[int]:
    return [line["step"] for line in log_of(recipe) if "loss" in line]


class Killed(Exception):
    """Stands for the end of the process: nothing of ours catches it."""


def killed_at(step: int):
    def progress(now):
        if now.stage == "training" and now.done == step:
            raise Killed

    return progress


def test_a_run_leaves_weights_log_and_cards(recipe, films):
    notes = []
    told = recipe.run(lambda step: notes.append(step.note) if step.stage == "training" else None)
    log = log_of(recipe)
    assert steps_of(recipe) == list(range(1, STEPS + 1)) and notes[-1] == f"loss {log[-2]['loss']:.4f}"
    assert {line["task"] for line in log if "task" in line} == {"joint", "sound"}
    assert set(log[0]["errors"]) <= {"video", "audio"}
    held_out = [(line["step"], line["held_out"]) for line in log if "held_out" in line]
    assert [step for step, _ in held_out] == [2, 4, 6, 8, 9] and held_out[-1][1] < held_out[0][1]
    assert [path.name for path in sorted((recipe.output / "checkpoints").iterdir())] == [
        "step-00000008.pt", "step-00000009.pt",
    ]  # fmt: skip
    state = torch.load(recipe.output / "checkpoints" / "step-00000009.pt", weights_only=True)
    written = load(recipe.output / "weights" / "NAVA.safetensors", backbone().config)
    assert all(torch.equal(p, state["average"][name]) for name, p in written.named_parameters())
    card = (recipe.output / "training_card.md").read_text()
    for words in ("all weights, ", "5 clips of 2 films, 1 more held out", f"| {STEPS} of 2 clips", "at step 2, ",
                  "CPU (", "| train.learning_rate | 0.001 |", "| train.tasks | joint 1, sound 1 |"):  # fmt: skip
        assert words in card
    assert "6 of 0.208 s" in (films / "latents" / "data_card.md").read_text()
    assert told.splitlines() == [str(recipe.output / name) for name in ("weights/NAVA.safetensors", "training_card.md")]


def test_a_killed_run_goes_on_with_the_same_losses(recipe, tmp_path):
    recipe.run(silent)
    broken = replace(recipe, output=tmp_path / "broken")
    for step in sorted(random.Random(7).sample(range(1, STEPS), 3)):
        with pytest.raises(Killed):
            broken.run(killed_at(step))
        with (broken.output / "log.jsonl").open("a") as log:
            log.write('{"step": 99, "lo')  # a line cut by the kill
    broken.run(silent)
    assert log_of(broken) == log_of(recipe)
    files = [run.output / "weights" / "NAVA.safetensors" for run in (broken, recipe)]
    ours, other = (load(file, backbone().config).state_dict() for file in files)
    assert all(torch.equal(x, other[name]) for name, x in ours.items())


@pytest.mark.slow
def test_more_steps_go_on_from_the_end(recipe, tmp_path):
    longer = replace(recipe, train=replace(recipe.train, num_steps=STEPS + 3))
    recipe.run(silent)
    longer.run(silent)
    whole = replace(longer, output=tmp_path / "whole")
    whole.run(silent)
    losses = [[line for line in log_of(run) if "loss" in line] for run in (longer, whole)]
    assert losses[0] == losses[1] and len(losses[0]) == STEPS + 3


def test_ctrl_c_says_where_it_goes_on(recipe):
    def interrupt(step):
        if step.stage == "training" and step.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(Cancelled, match=r"stopped after step 5; the same command goes on from step 4"):
        recipe.run(interrupt)
    recipe.run(silent)
    assert steps_of(recipe) == list(range(1, STEPS + 1))


def test_a_lora_alone_and_merged(recipe, release_folder):
    lora = replace(recipe, lora_rank=2, merge=True, train=replace(recipe.train, ema_decay=0.0))
    told = lora.run(silent)
    assert [Path(line).name for line in told.splitlines()] == [
        "lora.safetensors",
        "NAVA.safetensors",
        "training_card.md",
    ]
    base = load(release_folder / "NAVA.safetensors", backbone().config)
    model = load_lora(add_lora(base, rank=2, generator=torch.Generator()), lora.output / "lora.safetensors")
    sizes = memory.Sizes.of(backbone().config, memory.Files())
    assert sum(x.numel() for x in lora_state(model).values()) == num_lora(sizes, 2)
    assert any(x.abs().max() > 0 for name, x in lora_state(model).items() if name.endswith("lora_b"))
    merged = load(lora.output / "weights" / "NAVA.safetensors", backbone().config).state_dict()
    for name, x in merge_lora(model).state_dict().items():
        assert torch.allclose(x, merged[name], atol=1e-6)
    assert "a LoRA of rank 2" in (lora.output / "training_card.md").read_text()


@pytest.mark.slow
def test_a_model_from_random_numbers_is_one_that_the_engine_takes(recipe, tmp_path, release_folder):
    folder = tmp_path / "without"  # the other networks alone
    folder.mkdir()
    for entry in release_folder.iterdir():
        if entry.name != "NAVA.safetensors":
            (folder / entry.name).symlink_to(entry)
    fresh = replace(recipe, weights=folder, sizes=backbone().config, train=replace(recipe.train, num_steps=2))
    fresh.run(silent)
    engine = Nava(
        fresh.output / "weights", Settings(options=Options(num_steps=2), device="cpu", takes=tmp_path / "takes")
    )
    timeline = Timeline.parse({"size": [64, 64], "shots": [{"id": "s", "duration_s": 0.2, "place": "anywhere"}]})
    take = engine.perform(timeline, seed=0, progress=silent)
    assert take.stems[Stem.EFFECTS] and len(list(take.picture.frames(0, 5))) == 5


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.slow
def test_a_folder_of_another_run_is_refused(recipe):
    recipe.run(silent)
    others = {
        "learning_rate": replace(recipe, train=replace(recipe.train, learning_rate=1e-4)),
        "lora_rank": replace(recipe, lora_rank=4),
        "films": replace(recipe, films=replace(recipe.films, seconds=0.4)),
        "sizes": replace(recipe, sizes=backbone().config),
    }
    for name, other in others.items():
        with pytest.raises(InputError, match=rf"holds another run: its {name} is .* choose another output"):
            other.run(silent)
    assert steps_of(recipe) == list(range(1, STEPS + 1))


def test_a_broken_checkpoint_names_the_one_before(recipe):
    with pytest.raises(Killed):
        recipe.run(killed_at(7))
    newest = recipe.output / "checkpoints" / "step-00000006.pt"
    newest.write_bytes(newest.read_bytes()[:1000])
    with pytest.raises(WeightsError, match=r"no training checkpoint.*remove it to go on from step-00000004\.pt"):
        recipe.run(silent)
    newest.unlink()
    recipe.run(silent)
    assert steps_of(recipe) == list(range(1, STEPS + 1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"films": "films"}, "RECIPE.films: input should be an instance of Source, found 'films'"),
        ({"output": "run"}, "RECIPE.output: input should be an instance of Path, found 'run'"),
        ({"train": {"batch_size": "two"}}, "RECIPE.train.batch_size: input should be a valid integer, found 'two'"),
        ({"train": {"tasks": {"sing": 1.0}}}, "RECIPE.train.tasks.sing: input should be 'joint', 'sound'"),
        ({"train": {"tasks": {"joint": 0.0}}}, "train.tasks holds shares of 0 or more, not all 0"),
        ({"train": {"num_steps": 0}}, "train.num_steps is 1 or more"),
        ({"train": {"drop_text": 1.5}}, "train.drop_text is a share from 0 to 1"),
        ({"train": {"learning_rate": float("nan")}}, "train.learning_rate is above 0"),
        ({"train": {"tasks": {"joint": 1.0, "sound": float("nan")}}}, "train.tasks holds shares of 0 or more"),
        ({"train": {"tasks": {"joint": float("inf")}}}, "train.tasks holds shares of 0 or more"),
        ({"train": {"warmup_steps": -1}}, "train.warmup_steps is 0 or more"),
        ({"train": {"clip_norm": 0.0}}, "train.clip_norm is above 0, and finite"),
        ({"train": {"clip_norm": float("inf")}}, "train.clip_norm is above 0, and finite"),
        ({"train": {"weight_decay": -0.1}}, "train.weight_decay is 0 or more, and finite"),
        ({"train": {"weight_decay": float("nan")}}, "train.weight_decay is 0 or more, and finite"),
        ({"films": Source(folder=Path("x"), seconds=float("nan"))}, "films.seconds is above 0, and finite"),
        ({"films": Source(folder=Path("x"), seconds=float("inf"))}, "films.seconds is above 0, and finite"),
        ({"films": Source(folder=Path("x"), seconds=-2.0)}, "films.seconds is above 0, and finite"),
        ({"films": Source(folder=Path("x"), size=(64, 0))}, "films.size is 1 or more each way"),
        ({"sizes": replace(nava_6b(), patch_size=(1, 0, 2))}, "sizes are above 0"),
        ({"lora_rank": 0}, "lora_rank is 1 or more"),
        ({"merge": True}, "merge needs a lora_rank"),
        ({"storage": "bfloat16"}, "storage bfloat16 needs a lora_rank"),
        ({"save_every": 0}, "save_every is 1 or more"),
    ],
)
def test_a_recipe_that_cannot_be_is_one_line(recipe, change, message):
    train = change.pop("train", None)
    wrong = replace(recipe, **change, **({"train": replace(recipe.train, **train)} if train else {}))
    with pytest.raises(InputError) as caught:
        check(wrong)
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.slow
def test_missing_folders_and_wrong_sizes_are_one_line(recipe, tmp_path):
    with pytest.raises(WeightsError, match="does not exist; run `clapboard pull nava`"):
        replace(recipe, weights=tmp_path / "nowhere").run(silent)
    with pytest.raises(InputError, match=r"folder of films .* does not exist"):
        replace(recipe, films=replace(recipe.films, folder=tmp_path / "none"), cache=tmp_path / "c").run(silent)
    with pytest.raises(InputError, match="6 clips are to be held out, but there are 6"):
        replace(recipe, held_out=6).run(silent)
    with pytest.raises(InputError, match="vid_in_dim is 16 but the clips have 48"):
        replace(recipe, sizes=replace(backbone().config, vid_in_dim=16, vid_out_dim=16)).run(silent)
    (tmp_path / "file").write_text("")
    with pytest.raises(MediaError, match=r"cannot write into .*choose another output"):
        replace(recipe, output=tmp_path / "file" / "run").run(silent)


def test_weights_are_not_written_over_those_that_the_run_starts_from(recipe, release_folder):
    own = recipe.output / "weights"
    shutil.copytree(release_folder, own)
    before = sorted((path, path.read_bytes()) for path in own.rglob("*") if path.is_file())
    with pytest.raises(InputError, match=r"holds the weights that the run starts from; choose another output"):
        replace(recipe, weights=recipe.output / ".." / "run" / "weights").run(silent)
    assert sorted((path, path.read_bytes()) for path in own.rglob("*") if path.is_file()) == before
    other = recipe.output / "other"
    other.mkdir()
    (other / "Wan2.2-TI2V-5B").symlink_to(own / "Wan2.2-TI2V-5B")  # the same files by another way
    link_others(other, Release(own))
    assert sorted((path, path.read_bytes()) for path in own.rglob("*") if path.is_file()) == before
    assert (other / TEXT).is_file() and (other / SOUND).is_symlink()


def test_a_second_run_in_the_same_folder_is_one_line(recipe):
    with locked(recipe.output), pytest.raises(InputError, match=r"another run is going on in .*run; wait"):
        recipe.run(silent)
    with locked(recipe.output):
        pass  # it is free again


def test_a_finished_run_without_its_log_or_with_slow_steps_still_ends_well(recipe):
    recipe = replace(recipe, train=replace(recipe.train, num_steps=2))
    recipe.run(silent)
    log, card = recipe.output / "log.jsonl", recipe.output / "training_card.md"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    slow = [line | {"seconds": 36_000.0} if "loss" in line else line for line in lines]
    log.write_text("".join(json.dumps(line) + "\n" for line in slow))
    (recipe.output / "checkpoints" / "step-00000002.pt.77.part").write_text("of a killed run")
    recipe.run(silent)
    assert "1200.0 minutes" in card.read_text()
    assert [path.suffix for path in (recipe.output / "checkpoints").iterdir()] == [".pt"]
    log.unlink()
    recipe.run(silent)
    assert "no longer in the log" in card.read_text()
    with pytest.raises(InputError, match="a run of 2 steps, more than num_steps 1; raise num_steps"):
        replace(recipe, train=replace(recipe.train, num_steps=1)).run(silent)


def test_a_log_that_cannot_be_written_is_one_line(recipe):
    def full(step):
        if step.stage == "training":
            (recipe.output / "log.jsonl").unlink()
            (recipe.output / "log.jsonl").mkdir()

    with pytest.raises(MediaError, match=r"cannot write .*log\.jsonl \(Is a directory\)"):
        recipe.run(full)


def test_processes_on_a_cpu_share_its_memory(recipe):
    machine = memory.Machine(device="cpu", free=64 * memory.GB, main_free=64 * memory.GB)
    need = Need(state=20 * memory.GB, work=memory.GB)
    check_memory(need, machine, recipe, 2)
    with pytest.raises(EngineError, match=r"23\.\d GB more of main memory than is free \(80\.0 GB for weights"):
        check_memory(need, machine, recipe, 4)
    check_memory(need, replace(machine, device="cuda"), recipe, 4)


def test_too_little_memory_is_told_before_anything_is_loaded(recipe):
    machine = memory.Machine(device="cuda", free=24 * memory.GB, main_free=64 * memory.GB)
    large = replace(recipe, films=replace(recipe.films, seconds=2.0, size=(640, 352)))
    need = needed(large, nava_6b(), large.films.grid, 1)
    assert need.state == pytest.approx(20 * 6.297e9, rel=0.01)  # weights, gradients, two moments, average
    with pytest.raises(EngineError, match=r"about \d+\.\d GB more of GPU memory.*try lora_rank=16, checkpointing=True"):
        check_memory(need, machine, large)
    lora = replace(
        large, lora_rank=16, storage="bfloat16", train=replace(large.train, checkpointing=True, batch_size=1)
    )
    check_memory(needed(lora, nava_6b(), lora.films.grid, 1), machine, lora)


# --------------------------------------------------------------------------------------------------- real kills

SCRIPT = """
from pathlib import Path
import torch
from clapboard.engines.nava.dataset import Source
from clapboard.engines.nava.recipe import Recipe
from clapboard.engines.nava.train import TrainConfig

torch.set_num_threads(1)
RECIPE = Recipe(
    films=Source(folder=Path("{films}"), seconds=0.25, size=(64, 64)),
    output=Path("{output}"),
    weights=Path("{weights}"),
    train=TrainConfig(num_steps=60, batch_size=2, ema_decay=0.9, tasks={{"joint": 1, "sound": 1}}),
    save_every=5,
    held_out=1,
    device="cpu",
)
"""


@pytest.mark.slow
def test_a_process_that_is_killed_at_a_random_step_goes_on_with_the_same_losses(
    recipe, films, release_folder, tmp_path
):
    def script(name: str) -> Path:
        path = tmp_path / f"{name}.py"
        path.write_text(SCRIPT.format(films=films, output=tmp_path / name, weights=release_folder))
        return path

    def start(name: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "clapboard", "train", str(script(name))],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    rng = random.Random()  # any step will do: the seed is told when it fails
    aims = sorted(rng.sample(range(3, 58), 2))
    for aim, how in zip(aims, (signal.SIGKILL, signal.SIGTERM), strict=True):
        process = start("broken")
        log = tmp_path / "broken" / "log.jsonl"
        deadline_s = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < deadline_s:
            if log.is_file() and log.read_bytes().count(b'"loss"') >= aim:
                os.kill(process.pid, how)
                break
            time.sleep(0.002)
        _, error = process.communicate(timeout=60)
        assert process.returncode == (-signal.SIGKILL if how == signal.SIGKILL else 1), (aims, error)
        if how == signal.SIGTERM:
            assert "stopped after step" in error and error.count("\n") == 1
    for name in ("broken", "unbroken"):
        process = start(name)
        out, error = process.communicate(timeout=120)
        assert process.returncode == 0 and error == "" and "training_card.md" in out
    broken, unbroken = (log_of(replace(recipe, output=tmp_path / name)) for name in ("broken", "unbroken"))
    assert broken == unbroken and [line["step"] for line in broken if "loss" in line] == list(range(1, 61)), aims
