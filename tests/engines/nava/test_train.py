"""The loss and the loop."""

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from clapboard.engines.nava.lora import add_lora, load_lora, lora_state, merge_lora, save_lora  # noqa: E402
from clapboard.engines.nava.train import (  # noqa: E402
    Example,
    Noisy,
    Task,
    TrainConfig,
    Trainer,
    draw_indices,
    flow_loss,
    schedule,
)
from clapboard.errors import InputError, WeightsError  # noqa: E402

TASKS: dict[Task, float] = {"joint": 2.0, "sound": 1.0, "picture": 1.0, "audio": 1.0, "video": 1.0}
RUN = TrainConfig(num_steps=6, batch_size=2, learning_rate=1e-3, tasks=TASKS, ema_decay=0.9, separate_levels=0.5)


@pytest.fixture
def examples(draw):
    made = []
    for length in (5, 6, 5):
        latents = {"video": draw(3, 2, 4, 4), "audio": draw(length, 4)}
        made.append(Example(latents=latents, text_NE=draw(3, 8), voices_RS=draw(1, 5), positions=(1,)))
    return made


def copy_of(model):
    import copy

    return copy.deepcopy(model)


def test_weights_of_noise_levels():
    weights = schedule().weights
    assert weights[[0, 250, 500, 750, 999]].tolist() == pytest.approx([0, 0.3954, 1.0173, 1.9015, 0.1253], abs=1e-4)
    assert weights.max().item() == pytest.approx(2.0706, abs=1e-4)


@pytest.mark.parametrize("bfloat16", [False, True])
def test_a_killed_run_resumes_with_the_same_losses(model, examples, tmp_path, bfloat16):
    config = replace(RUN, bfloat16=bfloat16)
    unbroken = Trainer(copy_of(model), examples, config)
    expected = list(unbroken.run())
    assert {record.task for record in expected} >= {"joint", "sound"}
    first = Trainer(copy_of(model), examples, config)
    records = [first.advance() for _ in range(3)]
    first.save(tmp_path / "run.pt")
    again = Trainer(copy_of(model), examples, config).resume(tmp_path / "run.pt")
    assert records + list(again.run()) == expected
    for name, p in unbroken.parameters.items():
        assert torch.equal(p, again.parameters[name]) and torch.equal(unbroken.average[name], again.average[name])


def test_training_learns(model, examples):
    k = torch.tensor([300, 600])
    noise = [{name: x.flip(-1) for name, x in example.latents.items()} for example in examples[:2]]
    noisy = Noisy([example.latents for example in examples[:2]], noise, {"video": k, "audio": k})
    losses = []
    for steps in (0, 60):
        config = TrainConfig(num_steps=steps, batch_size=3, learning_rate=3e-3, first_frame=0.0, masked=0.0)
        list(Trainer(model, examples, config).run())
        with torch.no_grad():
            losses.append(flow_loss(model, noisy, model.context([e.text_NE for e in examples[:2]])).total.item())
    assert losses[1] < 0.85 * losses[0]


def test_tasks_have_their_streams():
    generator = torch.Generator().manual_seed(0)
    drawn = {task: draw_indices(task, 2, 0.0, generator) for task in TASKS}
    assert drawn["joint"]["video"] is drawn["joint"]["audio"]
    assert drawn["sound"]["video"] is None and drawn["picture"]["audio"] is None
    assert set(drawn["audio"]) == {"audio"} and set(drawn["video"]) == {"video"}
    apart = draw_indices("joint", 2, 1.0, generator)
    assert apart["video"] is not apart["audio"]


def test_checkpointing_changes_no_loss(model, examples):
    plain = list(Trainer(copy_of(model), examples, replace(RUN, num_steps=2)).run())
    lean = list(Trainer(copy_of(model), examples, replace(RUN, num_steps=2, checkpointing=True)).run())
    assert [r.loss for r in plain] == pytest.approx([r.loss for r in lean], rel=1e-5)


def test_lora_trains_little_and_merges(model, examples, tmp_path):
    base = {name: p.clone() for name, p in model.state_dict().items()}
    before = list(Trainer(copy_of(model), examples, replace(RUN, num_steps=1)).run())
    lora = add_lora(copy_of(model), rank=2, generator=torch.Generator().manual_seed(1))
    trainer = Trainer(lora, examples, replace(RUN, learning_rate=1e-2))
    records = list(trainer.run())
    assert records[0].loss == pytest.approx(before[0].loss)
    assert sum(p.numel() for p in trainer.parameters.values()) < 0.3 * sum(p.numel() for p in base.values())
    save_lora(lora, tmp_path / "lora.safetensors")
    other = add_lora(copy_of(model), rank=2, generator=torch.Generator().manual_seed(2))
    load_lora(other, tmp_path / "lora.safetensors")
    assert all(torch.equal(p, lora_state(lora)[name]) for name, p in lora_state(other).items())
    last = replace(RUN, num_steps=1, seed=9)
    with_lora = Trainer(lora, examples, last).advance().loss
    merged = merge_lora(other).requires_grad_(True)
    assert merged.state_dict().keys() == base.keys()
    assert Trainer(merged, examples, last).advance().loss == pytest.approx(with_lora, rel=1e-4)


def test_one_line_for_a_wrong_checkpoint(model, examples, tmp_path):
    trainer, path = Trainer(model, examples, RUN), tmp_path / "run.pt"
    with pytest.raises(WeightsError, match="does not exist"):
        trainer.resume(path)
    trainer.save(path)
    data = path.read_bytes()
    for broken in (b"", data[: len(data) // 2], b"nothing of ours"):
        path.write_bytes(broken)
        with pytest.raises(WeightsError, match="no training checkpoint") as caught:
            trainer.resume(path)
        assert "\n" not in str(caught.value)
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="disagree about an average"):
        Trainer(model, examples, replace(RUN, ema_decay=0.0)).resume(path)
    with pytest.raises(WeightsError, match="of another model"):
        Trainer(add_lora(model, rank=1, generator=torch.Generator()), examples, RUN).resume(path)


def test_a_checkpoint_is_mapped_while_it_is_read_and_not_needed_afterwards(model, examples, tmp_path):
    path = tmp_path / "run.pt"
    expected = Trainer(copy_of(model), examples, RUN)
    [expected.advance() for _ in range(3)]
    expected.save(path)
    seen = []

    class Watched(Trainer):
        def restore(self, state):
            seen.append(str(path) in Path("/proc/self/maps").read_text())
            super().restore(state)

    again = Watched(copy_of(model), examples, RUN).resume(path)
    assert seen == [True]  # processes that map the same file share its memory
    assert str(path) not in Path("/proc/self/maps").read_text()
    path.write_bytes(bytes(path.stat().st_size))
    assert list(again.run()) == list(expected.run())


def test_nothing_to_train_on(model):
    with pytest.raises(InputError, match="no examples"):
        Trainer(model, [], RUN)
