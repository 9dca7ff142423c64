"""Released files become the real networks; pictures and sound go through them exactly, streamed or whole."""

import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from clapboard.engines.nava import layouts, store  # noqa: E402
from clapboard.engines.nava.codecs import (  # noqa: E402
    VIDEO_MEAN,
    VIDEO_STD,
    SoundCodec,
    Tiles,
    VideoCodec,
    cut,
    log_mel,
    num_samples,
    to_model_rate,
)
from clapboard.errors import WeightsError  # noqa: E402
from engines.nava import tiny_release  # noqa: E402

MEAN, STD = (torch.tensor(x)[:, None, None, None] for x in (VIDEO_MEAN, VIDEO_STD))


@pytest.fixture(scope="module")
def video(release_folder):
    return VideoCodec(release_folder, "cpu")


@pytest.fixture(scope="module")
def sound(release_folder):
    return SoundCodec(release_folder, "cpu")


def test_the_text_encoder_under_released_names_is_the_same_network(release_folder):
    ids = torch.arange(12)[None]
    ours, theirs = layouts.load_text(release_folder / store.TEXT, "cpu"), tiny_release.text_network().bfloat16()
    assert torch.equal(ours(input_ids=ids).last_hidden_state, theirs(input_ids=ids).last_hidden_state)


@pytest.mark.parametrize("names", ["released", "diffusers"])
def test_a_streamed_picture_equals_one_decoded_whole(release_folder, tmp_path, draw, names):
    network = tiny_release.video_network()
    folder = release_folder
    if names == "diffusers":
        folder = tmp_path
        (tmp_path / store.VIDEO).parent.mkdir(parents=True)
        torch.save(network.state_dict(), tmp_path / store.VIDEO)
    latent = draw(48, 3, 2, 4)
    whole = network.decode((latent * STD + MEAN)[None], return_dict=False)[0][0]
    chunks = list(VideoCodec(folder, "cpu").decode(latent))
    assert [len(chunk) for chunk in chunks] == [1, 4, 4]
    assert torch.equal(torch.cat(chunks).transpose(0, 1), whole)


def test_encoding_in_chunks_equals_encoding_whole(video, draw):
    pictures = draw(3, 9, 32, 64).clamp(-1, 1)
    whole = (tiny_release.video_network().encode(pictures[None], return_dict=False)[0].mode()[0] - MEAN) / STD
    assert torch.equal(video.encode(iter(pictures.unbind(1)), 3), whole)
    # a film that ends early goes on with its last picture
    longer = torch.cat([pictures[:, :7], pictures[:, 6:7], pictures[:, 6:7]], 1)
    assert torch.equal(video.encode(iter(pictures[:, :7].unbind(1)), 3), video.encode(iter(longer.unbind(1)), 3))


def test_weights_of_tiles_cover_the_picture_and_meet_in_ramps():
    tiles = cut((46, 80), Tiles(), 16)
    assert len(tiles) == 9
    total = torch.zeros(46 * 16, 80 * 16)
    for tile in tiles:
        assert tile.weight_HW.shape == (22 * 16, 40 * 16)
        assert tile.weight_HW.min() > 0
        total[tile.rows.start * 16 : tile.rows.stop * 16, tile.columns.start * 16 : tile.columns.stop * 16] += (
            tile.weight_HW
        )
    assert total.min() > 0
    # one row of tiles, overlap 8 latents: the ramps add up to one everywhere
    row = cut((4, 14 + 8), Tiles(rows=4, columns=14, row_stride=4, column_stride=8), 1)
    added = torch.zeros(4, 22)
    for tile in row:
        added[:, tile.columns] += tile.weight_HW
    assert torch.allclose(added, torch.ones(4, 22))
    assert len(cut((4, 6), Tiles(), 16)) == 1


def test_tiles_are_decoded_side_by_side_and_blended(release_folder, video, draw):
    latent, sizes = draw(48, 2, 6, 9), Tiles(rows=4, columns=6, row_stride=2, column_stride=3)
    tiles = cut((6, 9), sizes, 16)
    assert len(tiles) == 4
    total, blended = torch.zeros(96, 144), torch.zeros(5, 3, 96, 144)
    for tile in tiles:
        rows, columns = (slice(s.start * 16, s.stop * 16) for s in (tile.rows, tile.columns))
        alone = torch.cat(list(video.decode(latent[:, :, tile.rows, tile.columns])))
        blended[..., rows, columns] += alone * tile.weight_HW
        total[rows, columns] += tile.weight_HW
    tiled = torch.cat(list(VideoCodec(release_folder, "cpu", sizes).decode(latent)))
    assert torch.allclose(tiled, blended / total, atol=1e-5)
    one = torch.cat(list(VideoCodec(release_folder, "cpu", Tiles()).decode(latent)))
    assert torch.equal(one, torch.cat(list(video.decode(latent))))


def test_sound_has_48_khz_and_the_length_that_its_latents_say(sound, draw):
    latent = draw(7, 128)
    samples = sound.decode(latent)
    assert samples.shape == (2, num_samples(7)) == (2, 25 * 480)
    assert samples.dtype == np.float32
    assert 0.001 < np.abs(samples).max() <= 1
    vae, vocoder = tiny_release.sound_networks()
    values = (latent * vae.latents_std + vae.latents_mean).reshape(1, 7, 8, 16).transpose(1, 2)
    mel = vae.decode(values, return_dict=False)[0]
    assert np.array_equal(samples, vocoder(mel)[0].numpy())


def test_sound_is_encoded_to_the_asked_number_of_latents(sound):
    tone = np.sin(np.arange(48_000) * 2 * np.pi * 440 / 48_000, dtype=np.float32) * np.ones((2, 1), np.float32)
    assert sound.encode(tone, 25).shape == (25, 128)
    longer = sound.encode(tone, 40)
    assert longer.shape == (40, 128)
    # causal in time: what comes later changes nothing before it, but for half a window of the spectrum
    assert torch.allclose(longer[:24], sound.encode(tone, 25)[:24], atol=1e-4)


def test_the_way_to_16_khz_keeps_what_is_below_7_khz_and_drops_what_would_fold():
    t = torch.arange(48_000, dtype=torch.float64) / 48_000
    for hertz, least, most in [(100, 0.99, 1.01), (7000, 0.97, 1.03), (9000, 0, 1e-3), (15_000, 0, 1e-3)]:
        peak = to_model_rate(torch.sin(2 * torch.pi * hertz * t)[None])[0, 200:-200].abs().max()
        assert least <= peak <= most, hertz


def test_a_tone_is_loudest_in_its_own_mel_band():
    t = torch.arange(16_000) / 16_000
    mel = log_mel(torch.sin(2 * torch.pi * 1000 * t)[None])[0]
    assert mel.shape == (101, 64)
    # Slaney's scale: 1000 Hz is mel 15, 8 kHz is 45.245; 64 bands lie evenly between 0 and there
    assert mel[50].argmax() == round(15 / (45.2453 / 65)) - 1
    assert mel.min() >= np.log(1e-5) - 1e-6


@pytest.mark.parametrize("name", [store.TEXT, store.VIDEO, store.SOUND])
def test_files_that_are_not_right_are_one_line_each(release_folder, tmp_path, name):
    loaders = {store.TEXT: layouts.load_text, store.VIDEO: layouts.load_video, store.SOUND: layouts.load_sound}
    path = tmp_path / (release_folder / name).name
    for change, words in [
        (lambda: None, "does not exist"),
        (lambda: path.write_bytes((release_folder / name).read_bytes()[:4000]), "cannot be read"),
        (lambda: path.write_bytes(b"not weights at all"), "cannot be read"),
    ]:
        change()
        with pytest.raises(WeightsError, match=words) as caught:
            loaders[name](path, "cpu")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (store.VIDEO, lambda s: s.pop("decoder.head.2.bias"), "lacks 1"),
        (store.VIDEO, lambda s: s.update(extra=torch.zeros(1)), "holds 1 tensors"),
        (store.VIDEO, lambda s: s.update({"decoder.head.2.bias": torch.zeros(5)}), "shape"),
        (store.TEXT, lambda s: s.pop("norm.weight"), "lacks 1"),
        (store.TEXT, lambda s: s.pop("token_embedding.weight"), "does not hold this network"),
    ],
)
def test_every_tensor_must_be_there_and_no_other(release_folder, tmp_path, name, change, words):
    state = torch.load(release_folder / name, weights_only=True)
    change(state)
    path = tmp_path / "changed.pth"
    torch.save(state, path)
    with pytest.raises(WeightsError, match=words):
        (layouts.load_video if name == store.VIDEO else layouts.load_text)(path, "cpu")


def test_a_released_file_is_read_without_running_what_is_in_it(tmp_path):
    path = tmp_path / "code.pth"
    torch.save({"weight": shutil.rmtree}, path)
    with pytest.raises(WeightsError, match="cannot be read"):
        layouts.read(path)
