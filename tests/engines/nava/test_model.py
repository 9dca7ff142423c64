"""The backbone: streams, batches, sizes and precision."""

import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")

from clapboard.engines.nava.batch import run_ragged  # noqa: E402
from clapboard.engines.nava.model import Nava, rotate, rotation  # noqa: E402
from clapboard.engines.nava.weights import Storage, init_weights, store  # noqa: E402
from clapboard.errors import InputError  # noqa: E402


def call(model, latents, t, context, **flags):
    with torch.no_grad():
        return model(latents, t, model.prepare(context, tuple(latents)), **flags)


@pytest.fixture
def inputs(draw):
    return {"video": draw(2, 3, 3, 4, 6), "audio": draw(2, 7, 4)}


@pytest.fixture
def t():
    return torch.tensor([700.0, 20.0])


@pytest.fixture
def context(model, draw):
    with torch.no_grad():
        return model.context([draw(3, 8), draw(6, 8)])


def test_importing_the_package_imports_no_torch():
    code = "import sys, clapboard.engines.nava, clapboard.engines.nava.config; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_batch_equals_its_samples(model, inputs, t, context):
    both = call(model, inputs, dict.fromkeys(inputs, t), context, clean_first_frame=True)
    for row in range(2):
        one = {name: x[row : row + 1] for name, x in inputs.items()}
        alone = call(model, one, dict.fromkeys(one, t[row : row + 1]), context[row : row + 1], clean_first_frame=True)
        for name, velocity in alone.items():
            torch.testing.assert_close(both[name][row : row + 1], velocity, atol=1e-5, rtol=0)


def test_ragged_samples_equal_themselves_alone(model, t, context, draw):
    samples = [{"video": draw(3, 2, 4, 4), "audio": draw(5, 4)}, {"video": draw(3, 3, 2, 6), "audio": draw(9, 4)}]
    with torch.no_grad():
        found = run_ragged(model, samples, dict.fromkeys(("video", "audio"), t), context, masked=True)
    for row, sample in enumerate(samples):
        one = {name: x[None] for name, x in sample.items()}
        alone = call(model, one, dict.fromkeys(one, t[row : row + 1]), context[row : row + 1], masked=True)
        for name, velocity in alone.items():
            torch.testing.assert_close(found[row][name], velocity[0], atol=1e-5, rtol=0)


def test_masked_streams_do_not_see_each_other(model, inputs, t, context):
    times = dict.fromkeys(inputs, t)
    before = call(model, inputs, times, context, masked=True)
    changed = call(model, inputs | {"audio": inputs["audio"] + 1}, times, context, masked=True)
    assert torch.equal(before["video"], changed["video"])
    seeing = call(model, inputs, times, context)
    changed = call(model, inputs | {"audio": inputs["audio"] + 1}, times, context)
    assert (seeing["video"] - changed["video"]).abs().max() > 1e-4
    alone = call(model, {"video": inputs["video"]}, times, context)
    torch.testing.assert_close(alone["video"], before["video"], atol=1e-5, rtol=0)


def test_each_stream_has_its_own_timestep(model, inputs, t, context):
    shared = call(model, inputs, dict.fromkeys(inputs, t), context)
    copies = call(model, inputs, {"video": t, "audio": t.clone()}, context)
    other = call(model, inputs, {"video": t, "audio": t / 2}, context)
    torch.testing.assert_close(shared["audio"], copies["audio"], atol=1e-5, rtol=0)
    assert (other["audio"] - shared["audio"]).abs().max() > 1e-4


def test_odd_sizes_are_filled_up_and_cut_again(model, t, context, draw):
    odd = {"video": draw(2, 3, 2, 3, 5)}
    even = {"video": torch.nn.functional.pad(odd["video"], (0, 1, 0, 1))}
    times = {"video": t}
    assert torch.equal(
        call(model, odd, times, context)["video"], call(model, even, times, context)["video"][..., :3, :5]
    )


def test_rotation_keeps_lengths_and_depends_on_distance_alone(draw):
    table = rotation(10, None, 40, 0.24, torch.device("cpu"))
    q, k = draw(1, 1, 1, 10).expand(1, 40, 1, 10), draw(1, 1, 1, 10).expand(1, 40, 1, 10)
    turned_q, turned_k = rotate(q, table)[0, :, 0], rotate(k, table)[0, :, 0]
    torch.testing.assert_close(turned_q.norm(dim=1), q[0, :, 0].norm(dim=1))
    assert torch.allclose(turned_q[30] @ turned_k[20], turned_q[15] @ turned_k[5], atol=1e-5)


def test_voices_replace_context_rows(model, draw):
    texts = [draw(3, 8)]
    plain = model.context(texts)
    voiced = model.context(texts, draw(2, 5), [[1, 4]])
    assert {int(row) for row in (plain != voiced).any(-1)[0].nonzero()} == {1, 4}
    null = model.context(texts, torch.zeros(1, 5), [[1]])
    torch.testing.assert_close(null[0, 1], model.speaker.null_token[0])


def test_wrong_voices_are_refused(model, draw):
    with pytest.raises(InputError, match="2 voices for 3 spans of speech"):
        model.context([draw(3, 8)], draw(2, 5), [[0, 1, 2]])
    with pytest.raises(InputError, match="within the 6 rows"):
        model.context([draw(3, 8)], draw(1, 5), [[6]])
    with pytest.raises(InputError, match="7 rows"):
        model.context([draw(7, 8)])


def test_low_precision_stays_near(model, inputs, t, context):
    times = dict.fromkeys(inputs, t)
    expected = call(model, inputs, times, context)
    limits: dict[Storage, float] = {"bfloat16": 0.03, "float8": 0.15}
    for storage, allowed in limits.items():
        found = call(store(model, storage), inputs, times, context)
        for name, velocity in expected.items():
            assert (found[name] - velocity).norm() < allowed * velocity.norm(), (storage, name)


def test_checkpointing_gives_the_same_gradients(model, inputs, t, context):
    gradients = []
    for model.checkpointing in (False, True):
        model.zero_grad()
        output = model(inputs, dict.fromkeys(inputs, t), model.prepare(context.detach()))
        (output["video"].square().mean() + output["audio"].square().mean()).backward()
        gradients.append({name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None})
    assert gradients[0].keys() == gradients[1].keys()
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradient, gradients[1][name], msg=name)


def test_a_new_model_starts_as_the_table_says(config):
    model = Nava(config)
    init_weights(model, torch.Generator().manual_seed(0))
    state = model.state_dict()
    assert state["heads.video.head.weight"].abs().max() == 0 < state["heads.audio.head.weight"].abs().max()
    assert state["blocks.0.norm3.weight"].eq(1).all() and state["speaker.null_token"].eq(0).all()
    assert state["text.0.weight"].std().item() == pytest.approx(0.02, rel=0.2)
    bound = (6 / (config.dim + config.ffn_dim)) ** 0.5
    assert 0.8 * bound < state["blocks.0.ffn.0.weight"].abs().max() <= bound
    assert state["blocks.1.modulation.both"].std().item() == pytest.approx(config.dim**-0.5, rel=0.3)
