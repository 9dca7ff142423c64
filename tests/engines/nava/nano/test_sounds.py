"""Nano's sound codec: exact spectra and rates, shapes, seeds, reach, files, and the shipped weights."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from clapboard.engines.nava.nano import sounds  # noqa: E402
from clapboard.engines.nava.nano.train_sounds import Crops, Plan, distance, magnitudes, starts_of_change, train  # noqa: E402
from clapboard.errors import WeightsError  # noqa: E402


def tone(hz: float, num_samples: int = 9600, rate: int = sounds.CODEC_RATE):
    return torch.sin(2 * torch.pi * hz * torch.arange(num_samples, dtype=torch.float64) / rate).float()[None]


def burst(at: int, num_samples: int = 48_000):
    """A drum-like stroke that begins at a sample."""
    t_s = torch.arange(num_samples - at) / sounds.CODEC_RATE
    out = torch.zeros(1, num_samples)
    out[0, at:] = 0.25 * torch.exp(-t_s / 0.08) * torch.cos(2 * torch.pi * 110 * t_s)
    return out


def codec(seed: int = 0) -> sounds.SoundCodec:
    torch.manual_seed(seed)
    return sounds.SoundCodec().eval().requires_grad_(False)


def test_spectra_add_up_to_the_sound():
    noise = torch.randn(2, 9600, generator=torch.Generator().manual_seed(1))
    spectra = sounds.analysed(noise, sounds.WINDOW)
    again = sounds.synthesised(spectra)
    assert spectra.shape == (2, 80, 121)
    assert (again - noise)[:, sounds.WINDOW : -sounds.WINDOW].abs().max() < 1e-5
    assert abs(spectra.abs().square().mean() - 1) < 0.05


def test_a_tone_of_the_bank_is_that_tone():
    bank = sounds.tones_hz()
    index = 20
    strength = torch.zeros(1, 80, len(bank))
    strength[..., index] = 0.5
    sound = sounds.toned(strength, torch.zeros(1, len(bank)))
    index_T = torch.arange(9600) - (sounds.HOP - 1) / 2
    expected = 0.5 * torch.cos(2 * torch.pi * bank[index] / sounds.CODEC_RATE * index_T)
    assert sound.shape == (1, 9600)
    assert (sound[0] - expected)[sounds.WINDOW : -sounds.WINDOW].abs().max() < 1e-3


def test_the_bank_covers_its_range_finely():
    bank = sounds.tones_hz()
    assert bank[0] == sounds.TONES_HZ[0] and bank[-1] >= sounds.TONES_HZ[1]
    assert (bank[1:] / bank[:-1] < 1.17).all() and (bank.diff() <= bank[1:] * 0.0121 + 6).all()


def test_film_rate_keeps_every_old_sample():
    noise = torch.randn(1, 4800, generator=torch.Generator().manual_seed(2))
    doubled = sounds.to_film_rate(noise)
    assert doubled.shape == (1, 9600)
    assert (doubled[:, ::2] - noise).abs().max() < 1e-5
    assert (sounds.to_film_rate(tone(1000)) - tone(1000, 19_200, 48_000)).abs().max() < 1e-4


def test_codec_rate_passes_what_fits_and_stops_the_rest():
    low, high = (sounds.from_film_rate(tone(hz, 19_200, 48_000)) for hz in (5000, 14_000))
    assert low.shape == (1, 9600)
    assert (low - tone(5000))[:, 100:-100].abs().max() < 1e-3
    assert high[:, 100:-100].abs().max() < 1e-4


def test_bands_share_every_bin():
    curves = sounds.band_curves()
    assert curves.shape == (sounds.NUM_BANDS, sounds.WINDOW // 2 + 1)
    assert (curves.sum(0) - 1).abs().max() < 1e-5


def test_lengths():
    net = codec()
    latent = net.encode(torch.zeros(2, 96_000))
    assert latent.shape == (2, 50, sounds.CHANNELS)
    assert sounds.num_latents(96_000) == 50 and sounds.num_latents(96_001) == 51
    assert net.encode(torch.zeros(1, 96_001)).shape[1] == 51
    assert net.decode(latent, seed=1).shape == (2, 96_000)
    assert sum(parameter.numel() for parameter in net.parameters()) < 4_000_000


def test_same_seed_same_bytes_other_seed_other_noise():
    net = codec()
    latent = net.encode(burst(4000))
    first, again, other = (net.decode(latent, seed) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_change_reaches_no_further_than_the_network_does():
    net = codec()
    sound = burst(4000)
    before, after = net.encode(sound), net.encode(sound + torch.nn.functional.pad(burst(0, 480), (24_000, 23_520)))
    moved = (before - after).abs().amax((0, 2)) > 1e-6
    assert moved.nonzero()[:, 0].sub(12.5).abs().max() < 3.6  # latent 12 holds sample 24,000; 0.28 s either side


def test_distance_is_nothing_for_the_same_sound_and_grows_with_the_difference():
    sound = burst(4000)
    of_it = magnitudes(sound)
    levels = [part.mean((1, 2), keepdim=True) for part in of_it]
    same, near, far = (distance(of_it, magnitudes(sound * gain), levels) for gain in (1.0, 0.9, 0.5))
    assert same == 0
    assert 0 < near < far


def test_starts_are_found_where_they_are():
    stem = burst(24_000)[0].numpy().astype(np.float16)
    assert starts_of_change(stem).tolist() == [24_000]


def write_film(folder: Path) -> Path:
    path = folder / "0.npz"
    silence = np.zeros(48_000, np.float16)
    np.savez(path, effects=burst(12_000)[0].numpy().astype(np.float16), ambience=silence)
    return path


def test_crops_hold_the_event(tmp_path: Path):
    crops = Crops([write_film(tmp_path)], Plan(num_latents=10, events_part=1.0, silent_part=0.0))
    assert len(crops.stems) == 1  # silent stems are not kept
    rng = np.random.default_rng(0)
    assert all(np.abs(crops.draw(rng)).max() > 0.1 for _ in range(20))


@pytest.mark.slow
def test_training_writes_weights_that_load_and_repeats_itself(tmp_path: Path):
    films, plan = [write_film(tmp_path)], Plan(num_steps=2, batch_size=1, num_latents=5)
    paths = [tmp_path / f"{index}.safetensors" for index in range(2)]
    one, two = (train(films, path, plan, lambda _: None) for path in paths)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert not list(tmp_path.glob("*.part"))
    loaded = sounds.load_sounds(paths[0])
    for name, parameter in one.named_parameters():
        assert (loaded.get_parameter(name) - parameter).abs().max() < 1e-3
    further = train(films, paths[1], plan, lambda _: None, start=loaded)
    assert not torch.equal(further.decoder.head.weight, loaded.decoder.head.weight)


def test_a_foreign_file_is_refused(tmp_path: Path):
    from safetensors.torch import save_file

    path = tmp_path / "other.safetensors"
    save_file({"x": torch.zeros(1)}, path)
    with pytest.raises(WeightsError, match="lacks"):
        sounds.load_sounds(path)


def test_shipped_weights_keep_silence_events_and_instants():
    torch.set_num_threads(1)
    net = sounds.load_sounds()
    assert net.decode(net.encode(torch.zeros(1, 48_000)), seed=1).abs().max() < 1e-3  # -60 dBFS
    stroke = burst(24_000, 48_000)
    heard = net.decode(net.encode(stroke), seed=1)
    assert heard[:, : 24_000 - 360].abs().max() < 0.02  # nothing 15 ms before
    assert heard[:, 24_000 : 24_000 + 1200].square().mean() > 0.1 * stroke[:, 24_000 : 24_000 + 1200].square().mean()
