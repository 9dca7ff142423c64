"""From films to weights at tiny size, with the real parts."""

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from clapboard.engines.nava.config import nano  # noqa: E402
from clapboard.engines.nava.nano import films, latents, pictures, sounds, train_net  # noqa: E402
from clapboard.engines.nava.nano.learn import NanoTrainer  # noqa: E402
from clapboard.engines.nava.nano.net import NanoNet, load  # noqa: E402
from clapboard.engines.nava.train import TrainConfig  # noqa: E402
from clapboard.engines.nava.training_run import locked  # noqa: E402
from clapboard.errors import InputError  # noqa: E402

TINY = replace(nano(), dim=24, ffn_dim=32, num_heads=2, num_double_layers=1, num_single_layers=1, freq_dim=16)
RUN = TrainConfig(num_steps=6, batch_size=2, learning_rate=1e-3, ema_decay=0.9)


@pytest.mark.slow
def test_films_become_latents_once_and_a_broken_run_goes_on(tmp_path, monkeypatch):
    folder = tmp_path / "films"
    films.make(folder, [3, 7])
    clip = films.read(folder / "000003.npz")
    assert clip.pictures.shape == (96, 64, 112, 3) and {len(x) for x in clip.sounds.values()} == {96_000}
    codecs = pictures.load(), sounds.load_sounds()
    kept = tmp_path / "latents.safetensors"
    latents.encode(sorted(folder.glob("*.npz")), kept, *codecs)
    written = kept.stat().st_mtime_ns
    latents.encode(sorted(folder.glob("*.npz")), kept, *codecs)
    assert kept.stat().st_mtime_ns == written
    clips = latents.read(kept, folder)
    assert [clip.plan.events[0].kind for clip in clips]

    net = NanoNet(TINY)
    latents.centre(net, clips)
    seen = torch.stack([latents.inward(net, clip).latents["video"] for clip in clips])
    assert seen.square().mean().item() == pytest.approx(1, rel=0.05)

    monkeypatch.setattr(train_net, "EVERY", 2)
    whole = train_net.run(clips, RUN, tmp_path / "whole", TINY)
    advance = NanoTrainer.advance

    for last in (1, 3):  # before the first checkpoint, and after it

        def dying(self, last=last):
            if self.step == last:
                raise KeyboardInterrupt
            return advance(self)

        monkeypatch.setattr(NanoTrainer, "advance", dying)
        with pytest.raises(KeyboardInterrupt):
            train_net.run(clips, RUN, tmp_path / "broken", TINY)
    monkeypatch.setattr(NanoTrainer, "advance", advance)
    with pytest.raises(InputError, match="holds a run on other clips"):
        train_net.run(clips, replace(RUN, batch_size=3), tmp_path / "broken", TINY)
    with locked(tmp_path / "broken"), pytest.raises(InputError, match="another run is going on"):
        train_net.run(clips, RUN, tmp_path / "broken", TINY)
    again = train_net.run(clips, RUN, tmp_path / "broken", TINY)
    assert (tmp_path / "broken/log.jsonl").read_text() == (tmp_path / "whole/log.jsonl").read_text()
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name
    shipped = load(tmp_path / "broken/nano.safetensors").state_dict()
    assert all(torch.allclose(shipped[name], x, atol=2e-3) for name, x in again.state_dict().items())
