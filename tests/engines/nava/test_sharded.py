"""Training cut between two processes gives what one gives, and goes on with any number of them."""

import copy
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import torch.distributed as dist  # noqa: E402
import torch.multiprocessing as mp  # noqa: E402
from torch.distributed.tensor import DTensor  # noqa: E402

from clapboard.engines.nava.lora import add_lora  # noqa: E402
from clapboard.engines.nava.sharded import ShardedTrainer, check_batch, num_calls, rows_of  # noqa: E402
from clapboard.engines.nava.train import Example, Noisy, Task, TrainConfig, Trainer, flow_loss  # noqa: E402
from clapboard.errors import InputError  # noqa: E402
from engines.nava.tiny_films import Look, write_film  # noqa: E402

TASKS: dict[Task, float] = {"joint": 2.0, "sound": 1.0, "picture": 1.0, "audio": 1.0, "video": 1.0}
RUN = TrainConfig(
    num_steps=10, batch_size=4, learning_rate=1e-3, weight_decay=0.1, clip_norm=0.5, ema_decay=0.9, tasks=TASKS,
    separate_levels=0.5,
)  # fmt: skip
SAME = 2e-6
"""Largest relative difference of losses: sums in another order, float32 (measured: 1.4e-7 after 12 steps)."""


def examples() -> list[Example]:
    """Clips of four sizes, half of them with a voice, so that processes have unequally many calls to make."""
    generator = torch.Generator().manual_seed(11)

    def draw(*shape: int):
        return torch.randn(*shape, generator=generator)

    return [
        Example(
            latents={"video": draw(3, 2, 4, 4), "audio": draw(length, 4)},
            text_NE=draw(3, 8),
            voices_RS=draw(1, 5) if length % 2 else None,
            positions=(1,) if length % 2 else (),
        )
        for length in (5, 6, 7, 8, 5, 5)
    ]


def prepared(model, kind: str):
    return model if kind == "full" else add_lora(model, rank=2, generator=torch.Generator().manual_seed(1))


def config(kind: str) -> TrainConfig:
    return replace(RUN, checkpointing=kind == "lora")


def one_process(rank, kind, model, folder, results):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder / 'meeting'}", rank=rank, world_size=2)
    try:
        trainer = ShardedTrainer(prepared(model, kind), examples(), config(kind))
        if (folder / "of_one.pt").exists():
            trainer.resume(folder / "of_one.pt")
        records = [trainer.advance() for _ in range(5)]
        trainer.save(folder / "of_two.pt")
        records += list(trainer.run())
        local = sum(p.to_local().numel() for p in trainer.parameters.values() if isinstance(p, DTensor))
        results.put((rank, records, local / sum(p.numel() for p in trainer.parameters.values())))
    finally:
        dist.barrier()
        dist.destroy_process_group()


def in_two(kind, model, folder):
    """What both processes saw."""
    context = mp.get_context("spawn")
    results = context.Queue()
    processes = [context.Process(target=one_process, args=(rank, kind, model, folder, results)) for rank in range(2)]
    for process in processes:
        process.start()
    found = sorted((results.get(timeout=240) for _ in processes), key=lambda result: result[0])
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    return found


def assert_same(found, expected):
    assert [record.task for record in found] == [record.task for record in expected]
    for own, other in zip(found, expected, strict=True):
        assert own.loss == pytest.approx(other.loss, rel=SAME)
        assert own.errors == pytest.approx(other.errors, rel=SAME)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["full", "lora"])
def test_two_processes_train_as_one_and_either_goes_on_from_the_other(model, tmp_path, kind):
    one = Trainer(prepared(copy.deepcopy(model), kind), examples(), config(kind))
    expected = list(one.run())
    assert {record.task for record in expected} >= {"joint", "sound", "picture"}
    for _, records, share in in_two(kind, model, tmp_path):
        assert_same(records, expected)
        assert 0.4 < share < 0.6  # each holds half of the numbers
    after = Trainer(prepared(copy.deepcopy(model), kind), examples(), config(kind)).resume(tmp_path / "of_two.pt")
    assert after.step == 5
    assert_same(list(after.run()), expected[5:])
    for name, p in after.parameters.items():
        assert torch.allclose(p, one.parameters[name], atol=1e-4)
    if kind == "full":
        (tmp_path / "meeting").unlink(missing_ok=True)
        half = Trainer(copy.deepcopy(model), examples(), config(kind))
        [half.advance() for _ in range(2)]
        half.save(tmp_path / "of_one.pt")
        for _, records, _ in in_two(kind, model, tmp_path):
            assert_same(records, expected[2:])


@pytest.mark.slow
def test_the_command_under_torchrun_gives_the_losses_of_one_process(release_folder, tmp_path):
    pytest.importorskip("diffusers")
    films = tmp_path / "films"
    films.mkdir()
    write_film(films / "dog.mp4", Look())
    (films / "dog.txt").write_text("dog barks")
    recipe = (
        "from pathlib import Path\nfrom clapboard.engines.nava.dataset import Source\n"
        "from clapboard.engines.nava.recipe import Recipe\nfrom clapboard.engines.nava.train import TrainConfig\n"
        f"RECIPE = Recipe(films=Source(folder=Path({str(films)!r}), seconds=0.25, size=(64, 64)),\n"
        f"    output=Path({str(tmp_path)!r}, 'NAME'), weights=Path({str(release_folder)!r}), device='cpu',\n"
        "    train=TrainConfig(num_steps=6, batch_size=2, ema_decay=0.9), save_every=4, held_out=1)\n"
    )
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    logs = []
    for name, start in (("two", torchrun), ("one", [])):
        (tmp_path / f"{name}.py").write_text(recipe.replace("NAME", name))
        command = [sys.executable, *start, "-m", "clapboard", "train", str(tmp_path / f"{name}.py")]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=environment)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[0] == str(tmp_path / name / "weights" / "NAVA.safetensors")
        assert len(done.stdout.splitlines()) == 2  # one process speaks
        logs.append([json.loads(line) for line in (tmp_path / name / "log.jsonl").read_text().splitlines()])
    for two, one in zip(*logs, strict=True):
        for field in ("loss", "held_out"):
            assert two.get(field) == (None if one.get(field) is None else pytest.approx(one[field], rel=SAME))
    assert "| Machine | 2 x CPU" in (tmp_path / "two" / "training_card.md").read_text()
    states = [Path(tmp_path, name, "checkpoints", "step-00000006.pt") for name in ("two", "one")]
    own, other = (torch.load(path, weights_only=True)["average"] for path in states)
    assert all(torch.allclose(x, other[name], atol=1e-5) for name, x in own.items())


def test_rows_of_a_batch_have_the_loss_of_their_own(model, draw):
    k, clean, noise = torch.tensor([300, 600, 900]), [], []
    for length in (5, 6, 5):
        clean.append({"video": draw(3, 2, 4, 4), "audio": draw(length, 4)})
        noise.append({name: draw(*x.shape) for name, x in clean[-1].items()})
    noisy = Noisy(clean, noise, {"video": k, "audio": k}, clean_first_frame=True)
    context = model.context([draw(3, 8) for _ in clean])
    whole = flow_loss(model, noisy, context)
    part = rows_of(noisy, [0, 2])
    assert part.indices["video"] is part.indices["audio"]  # they still share their noise levels
    assert (num_calls(noisy), num_calls(part)) == (2, 1)
    errors = flow_loss(model, part, context[[0, 2]]).errors_B
    for name, error_B in errors.items():
        assert torch.allclose(error_B, whole.errors_B[name][[0, 2]], rtol=1e-5)


@pytest.mark.slow
def test_one_process_may_be_cut_too(model, tmp_path):
    dist.init_process_group("gloo", init_method=f"file://{tmp_path / 'meeting'}", rank=0, world_size=1)
    try:
        expected = Trainer(copy.deepcopy(model), examples(), replace(RUN, num_steps=2)).run()
        assert_same(list(ShardedTrainer(model, examples(), replace(RUN, num_steps=2)).run()), list(expected))
    finally:
        dist.destroy_process_group()


def test_a_batch_is_shared_equally():
    check_batch(6, 3)
    with pytest.raises(InputError, match="a batch of 4 cannot be shared by 3 processes"):
        check_batch(4, 3)
