"""Nano's picture codec keeps stillness still, looks only as far in time as it says, learns, and loads strictly."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
safetensors = pytest.importorskip("safetensors.torch")

from clapboard import engines  # noqa: E402
from clapboard.engines.nava.nano.domain import random_timeline  # noqa: E402
from clapboard.engines.nava.nano.films import film  # noqa: E402
from clapboard.engines.nava.nano.pictures import BOUND, CHANNELS, TIME, PictureCodec, load, save  # noqa: E402
from clapboard.engines.nava.nano.train_pictures import (  # noqa: E402
    Recipe,
    as_pictures,
    begin_linear,
    draw_clips,
    film_of,
    loss_of,
    orthogonal,
    rate_at,
    read_film,
    train,
)
from clapboard.errors import InputError, WeightsError  # noqa: E402
from clapboard.progress import silent  # noqa: E402

TINY = Recipe(num_steps=2, films_per_step=2, pictures_per_film=8, learning_rate=1e-4)


@pytest.fixture(scope="module")
def codec():
    torch.manual_seed(0)
    made = PictureCodec().eval().requires_grad_(False)
    for name, weight in made.named_parameters():
        if name.endswith("over.weight"):  # zero in a new codec, which would hide how far it looks
            weight.normal_(0, 0.05)
    return made


@pytest.fixture
def draw():
    return lambda *size: torch.rand(size, generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.fixture
def films(tmp_path):
    """Three films of a bright dot that moves over a dim slope."""
    rng = np.random.default_rng(0)
    for index in range(3):
        pictures = np.broadcast_to(np.arange(112, dtype=np.uint8)[:, None], (16, 64, 112, 3)).copy()
        pictures += rng.integers(0, 40, dtype=np.uint8)
        for frame in range(16):
            pictures[frame, 20 + index : 30 + index, 4 * frame : 4 * frame + 10] = 250
        np.savez(tmp_path / f"{index}.npz", pictures=pictures)
    return tmp_path


def test_sizes(codec, draw):
    assert sum(x.numel() for x in codec.parameters()) < 3e6
    latent = codec.encode(draw(2, 3, 8, 64, 112))
    assert latent.shape == (2, 16, 2, 8, 14)
    assert codec.decode(latent).shape == (2, 3, 8, 64, 112)


def test_a_still_film_has_one_still_latent_and_the_latent_the_same_pictures(codec, draw):
    latent = codec.encode(draw(1, 3, 1, 64, 112).expand(-1, -1, 16, -1, -1))
    assert (latent - latent[:, :, :1]).abs().max() < 1e-5
    moments = codec.decode(latent).unflatten(2, (-1, TIME))  # which may differ from each other, and at the ends
    assert (moments[:, :, 1:-1] - moments[:, :, 1:2]).abs().max() < 1e-4


def test_a_latent_sees_16_pictures_and_a_picture_5_latents(codec, draw):
    pictures = draw(1, 3, 32, 64, 112).requires_grad_()
    codec.encode(pictures)[:, :, 4].sum().backward()
    seen = pictures.grad.abs().sum((0, 1, 3, 4)).nonzero().flatten().tolist()
    assert seen == list(range(10, 26))
    latent = draw(1, 16, 10, 8, 14).requires_grad_()
    codec.decode(latent)[:, :, 4 * 5 + 1].sum().backward()
    seen = latent.grad.abs().sum((0, 1, 3, 4)).nonzero().flatten().tolist()
    assert seen == [3, 4, 5, 6, 7]


def test_latents_are_bounded_however_bright_the_picture(codec, draw):
    assert codec.bounded(draw(1, 3, 4, 64, 112) * 1e4).abs().max() <= 5


def test_a_saved_codec_loads_the_same_and_strictly(codec, draw, tmp_path):
    path = tmp_path / "codec.safetensors"
    save(codec, path)
    assert path.stat().st_size < 8e6
    assert not list(tmp_path.glob("*.part"))
    pictures = draw(1, 3, 4, 64, 112)
    assert (load(path).encode(pictures) - codec.encode(pictures)).abs().max() < 0.02  # float16 keeps 3 digits
    state = safetensors.load_file(path)
    state.pop("latent_std_K")
    safetensors.save_file(state, path)
    with pytest.raises(WeightsError, match="lacks 1 of the model's"):
        load(path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(WeightsError, match="cannot be read"):
        load(path)


def test_films_that_16_numbers_a_patch_can_tell_are_exact_before_training():
    rng = np.random.default_rng(3)
    basis = rng.normal(0, 4, (CHANNELS, TIME, 8, 8, 3))
    films = []
    for _ in range(12):
        patches = np.einsum("fmnk,ktyxc->ftmynxc", rng.normal(size=(2, 8, 14, CHANNELS)), basis)
        pictures = (patches.reshape(8, 64, 112, 3).round() + 128).clip(0, 255).astype(np.uint8)
        films.append(film_of(pictures))
    codec = PictureCodec().requires_grad_(False)
    begin_linear(codec, films, rng)
    pictures = as_pictures(films[0].pictures)[None]
    latent = codec.bounded(pictures)
    assert latent.std() == pytest.approx(1, abs=0.2)
    straight = (latent / BOUND).atanh() * BOUND
    assert (codec.decode(straight) - pictures).abs().mean() < 1.5 / 127.5  # the films are in whole levels


def test_what_moves_counts_seven_times():
    pictures = torch.zeros(1, 3, 4, 8, 8)
    wrong = torch.full_like(pictures, 0.1)  # flat, so edges and changes are right
    still = torch.zeros(1, 3, 1, 8, 8)
    assert float(loss_of(wrong, pictures, still)) == pytest.approx(0.1)
    assert float(loss_of(wrong, pictures, still + 0.5)) == pytest.approx(0.7)


def test_the_still_picture_leaves_out_what_moves(films):
    film = read_film(films / "0.npz")
    assert film.still.max() < 200 < film.pictures.max()


def test_the_learning_rate_rises_and_falls_to_nothing():
    recipe = replace(TINY, num_steps=1000, warmup_steps=100, learning_rate=1.0)
    rates = [rate_at(step, recipe) for step in range(1000)]
    assert max(rates) == pytest.approx(1, abs=0.01)
    assert rates[0] < 0.02
    assert 0 < rates[-1] < 0.01
    assert all(0 < rate_at(step, TINY) <= TINY.learning_rate for step in range(TINY.num_steps))  # fewer than the rise


@pytest.mark.slow
def test_training_writes_a_codec_with_even_latents_and_repeats_itself(films, tmp_path):
    path = tmp_path / "out" / "codec.safetensors"
    trained = train(films, path, TINY, silent)
    pictures = torch.stack([as_pictures(read_film(file).pictures) for file in sorted(films.glob("*.npz"))])
    with torch.no_grad():
        latent = load(path).encode(pictures)
    assert latent.mean((0, 2, 3, 4)).abs().max() < 0.05
    assert (latent.std((0, 2, 3, 4)) - 1).abs().max() < 0.05
    again = train(films, path, TINY, silent)
    assert all(torch.equal(a, b) for a, b in zip(trained.parameters(), again.parameters(), strict=True))


def test_orthogonal_steps_have_singular_values_near_one():
    values = torch.linalg.svdvals(orthogonal(torch.randn(24, 60, generator=torch.Generator().manual_seed(0))))
    assert values.min() > 0.5  # five steps bring them between 0.7 and 1.2
    assert values.max() < 1.5


def test_clips_are_drawn_where_something_happens(films):
    film = read_film(films / "0.npz")
    quiet = film_of(np.repeat(film.still[None], 200, axis=0))
    assert quiet.action_N.max() < 1
    busy = quiet.pictures.copy()
    busy[100:104, :32, :32] = 255
    rng = np.random.default_rng(0)
    clips, stills = draw_clips([film_of(busy)], replace(TINY, films_per_step=200, pictures_per_film=4), rng)
    shown = ((clips - stills).abs().amax((1, 2, 3, 4)) > 0.5).float().mean()
    assert 0.1 < shown < 0.9  # 7 of 197 starts, if drawn evenly


@pytest.mark.slow
def test_the_shipped_codec_knows_the_yard():
    vocabulary = engines.load("stage").vocabulary
    pictures = as_pictures(film(random_timeline(1_000_003, vocabulary)).pictures[:16])[None]
    with torch.no_grad():
        shipped = load()
        latent = shipped.encode(pictures)
        error = (shipped.decode(latent).clamp(-1, 1) - pictures) / 2
    assert latent.std() == pytest.approx(1, abs=0.4)
    assert -10 * float(error.square().mean().log10()) > 26  # dB; 30.3 over held-out films


def test_an_empty_folder_is_said(tmp_path):
    with pytest.raises(InputError, match=r"holds no \.npz films"):
        train(tmp_path, tmp_path / "x", TINY, silent)
