"""Stems as streams of one network, each with its own noise level."""

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from clapboard.engines.nava.config import nano  # noqa: E402
from clapboard.engines.nava.nano.domain import KINDS, MAX_EVENTS, WIDTH, Event, Plan  # noqa: E402
from clapboard.engines.nava.nano.learn import LatentClip, NanoTrainer, levels, velocity_loss, window  # noqa: E402
from clapboard.engines.nava.nano.net import fresh, load, save  # noqa: E402
from clapboard.engines.nava.sampler import Guidance, Options, Prompt, Start, noise, sample  # noqa: E402
from clapboard.engines.nava.train import TrainConfig  # noqa: E402
from clapboard.errors import WeightsError  # noqa: E402

TINY = replace(nano(), dim=24, ffn_dim=32, num_heads=2, num_double_layers=1, num_single_layers=1, freq_dim=16)
SHAPES = {"video": (16, 12, 8, 14), "effects": (25, 32), "ambience": (25, 32)}
QUICK = Options(num_steps=3, shift=2.0, guidance=Guidance(align=False, timbre=False, video=2.0, audio=2.0))


@pytest.fixture
def net():
    made = fresh(TINY, seed=1)
    with torch.no_grad():
        made.cues.near["video"].weight.normal_(0, 0.1, generator=torch.Generator().manual_seed(3))
        made.heads["video"].head.weight.normal_(0, 0.1, generator=torch.Generator().manual_seed(2))
    return made


@pytest.fixture
def latents():
    return {name: noise(5, name, (2, *shape)) for name, shape in SHAPES.items()}


def rows(*events):
    return torch.from_numpy(Plan(events=events).rows())


def clips(count=4):
    lengths = {"video": (16, 24, 8, 14), "effects": (50, 32), "ambience": (50, 32)}
    made = []
    for k in range(count):
        latents = {name: noise(k, name, shape) for name, shape in lengths.items()}
        made.append(LatentClip(latents, Plan(events=(Event(kind=KINDS[k], at_s=0.5 + k),))))
    return made


def velocity(net, latents, **t):
    times = {name: torch.full((2,), t.get(name, 500.0), dtype=torch.float64) for name in latents}
    return net(latents, times, net.prepare(net.context([rows()] * 2)))


def test_config_fits_the_domain():
    assert nano().text_dim == WIDTH and nano().text_len == 1 + MAX_EVENTS
    assert 5.5e6 < sum(p.numel() for p in fresh(nano(), 0).parameters()) < 6.5e6


def test_every_stream_has_its_own_timestep_and_sees_the_others(net, latents):
    before = velocity(net, latents)
    assert {name: x.shape for name, x in before.items()} == {name: x.shape for name, x in latents.items()}
    for name in latents:
        after = velocity(net, latents, **{name: 10.0})
        assert all(not torch.allclose(before[other], after[other]) for other in latents)
        changed = velocity(net, latents | {name: latents[name] + 1.0})
        assert all(not torch.allclose(before[other], changed[other]) for other in latents)


def test_cues_tell_tokens_of_the_events_near_them(net):
    torch.nn.init.normal_(net.cues.near["audio"].weight, generator=torch.Generator().manual_seed(4))
    instants = torch.arange(50) / 12.5

    def told(at_s, timed=True):
        plan = Plan(events=(Event(kind="stone", at_s=at_s),))
        return net.cues("effects", instants, torch.from_numpy(plan.rows(timed=timed))[None])[0]

    assert torch.allclose(told(2.4)[10:45], told(2.0)[5:40], rtol=1e-3, atol=1e-3)  # five latents later
    assert told(0.0)[40:].abs().max() < 1e-3 * told(0.0).abs().max()  # nothing of what is three seconds away
    assert not told(2.0, timed=False).any()


@pytest.mark.parametrize("timed", [True, False])
def test_cues_change_every_stream_of_a_told_film_only(net, latents, timed):
    times = {name: torch.full((2,), 500.0, dtype=torch.float64) for name in latents}
    plan = Plan(events=(Event(kind="stone", at_s=0.7),))
    prepared = net.prepare(net.context([torch.from_numpy(plan.rows(timed=timed))] * 2))
    before = net(latents, times, prepared)
    torch.nn.init.zeros_(net.cues.near["video"].weight)
    after = net(latents, times, prepared)
    assert all(torch.equal(before[name], after[name]) != timed for name in latents)


def test_stems_differ_by_their_names_alone(net, latents):
    swapped = latents | {"effects": latents["ambience"], "ambience": latents["effects"]}
    before, after = velocity(net, latents), velocity(net, swapped)
    assert not torch.allclose(before["effects"], after["ambience"], atol=1e-4)


def test_one_stem_again_leaves_the_others(net):
    prompt = Prompt(text_NE=rows(Event(kind="drum", at_s=1.0)), negative_NE=rows() * 0)
    start = {name: noise(3, name, shape)[None] for name, shape in SHAPES.items()}
    first = sample(net, [prompt], Start(start), QUICK)
    held = {name: first[name] for name in ("video", "ambience")}
    again = sample(net, [prompt], Start(start | {"effects": noise(4, "effects", SHAPES["effects"])[None]}, held), QUICK)
    assert torch.equal(again["video"], first["video"]) and torch.equal(again["ambience"], first["ambience"])
    assert not torch.allclose(again["effects"], first["effects"])


def test_weights_come_back(net, latents, tmp_path):
    net.centre[1] += 2
    path = tmp_path / "nano.safetensors"
    save(net, path)
    again = load(path)
    assert again.config == TINY and torch.equal(again.centre, net.centre)
    assert torch.allclose(velocity(net, latents)["effects"], velocity(again, latents)["effects"], atol=0.02)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(WeightsError, match="cannot be read"):
        load(path)


def test_inward_and_outward_are_inverse(net, latents):
    net.centre.normal_()
    net.spread.uniform_(0.5, 2.0)
    there = net.inward(latents["video"], "night")
    torch.testing.assert_close(net.outward(there, "night"), latents["video"], atol=1e-5, rtol=1e-5)
    assert not torch.allclose(there, net.inward(latents["video"], "dusk"))


def test_levels_leave_something_to_learn():
    drawn = levels(list(SHAPES), 4000, torch.Generator().manual_seed(0))
    sigma = torch.stack(list(drawn.values()))
    assert sigma.max() < 1 and ((sigma > 0).sum(0) > 0).all()
    same, given = (sigma == sigma[0]).all(0).float().mean(), (sigma == 0).any(0).float().mean()
    assert abs(same - 0.45) < 0.03 and 0.15 < given < 0.3
    only_sound = ((sigma[0] == 0) & (sigma[1] > 0)).float().mean()
    assert only_sound > 0.05  # sound for a picture is trained


def test_given_streams_have_no_loss(net):
    clip = window(clips(1)[0].latents, 2.0, 2.0)
    clean = {name: x[None] for name, x in clip.items()}
    drawn = {name: torch.randn_like(x) for name, x in clean.items()}
    sigma = {"video": torch.zeros(1), "effects": torch.full((1,), 0.5), "ambience": torch.full((1,), 0.5)}
    loss = velocity_loss(net, clean, drawn, sigma, net.context([rows()]))
    assert loss.streams["video"] == 0 and "video" not in loss.errors_B and loss.streams["effects"] > 0


@pytest.mark.parametrize("start_s", [0.0, 2.0])
def test_windows_begin_together(start_s):
    latents = {"video": torch.arange(24.0).expand(1, 24)[..., None, None], "effects": torch.arange(50.0)[:, None]}
    cut = window(latents, start_s, 2.0)
    assert cut["video"].shape[1] == 12 and len(cut["effects"]) == 25
    assert cut["video"][0, 0, 0, 0] / 6 == cut["effects"][0, 0] / 12.5 == start_s


@pytest.mark.slow
def test_training_learns_and_resumes_exactly(tmp_path):
    config = TrainConfig(num_steps=30, batch_size=4, learning_rate=1e-2, ema_decay=0.9, bfloat16=True)
    unbroken = list(NanoTrainer(fresh(TINY, 0), clips(), config).run())
    trainer = NanoTrainer(fresh(TINY, 0), clips(), config)
    records = [trainer.advance() for _ in range(5)]
    trainer.save(tmp_path / "run.pt")
    again = NanoTrainer(fresh(TINY, 9), clips(), config).resume(tmp_path / "run.pt")
    assert records + list(again.run()) == unbroken
    losses = [record.loss for record in unbroken]
    assert sum(losses[-3:]) < 0.93 * sum(losses[:3])
