"""Voices: read from files, encoded by the code and weights in the folder, never left out in silence."""

import wave

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from clapboard.engines.nava.speaker import WEIGHTS, load_speaker, read_voice  # noqa: E402
from clapboard.errors import InputError, MissingDependency, WeightsError  # noqa: E402
from engines.nava.tiny_release import forget_speaker, write_speaker  # noqa: E402


@pytest.fixture
def folder(tmp_path):
    """A folder with a speaker encoder."""
    yield write_speaker(tmp_path)
    forget_speaker()


def write_wav(path, hertz, length_s=1.0, rate=44_100, channels=2):
    t = np.arange(int(length_s * rate)) / rate
    samples = (np.sin(2 * np.pi * hertz * t) * 20_000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(samples, channels).tobytes())
    return path


def test_a_voice_is_read_as_mono_at_16_khz(tmp_path):
    speech = read_voice(write_wav(tmp_path / "a.wav", 440))
    assert speech.dtype == np.float32
    assert abs(len(speech) - 16_000) < 50
    spectrum = np.abs(np.fft.rfft(speech[:16_000] * np.hanning(len(speech[:16_000]))))
    assert abs(spectrum.argmax() * 16_000 / len(speech[:16_000]) - 440) < 2


def test_an_embedding_has_192_numbers_and_hears_30_seconds(folder, tmp_path):
    encoder = load_speaker(folder, "cpu")
    low, high = (read_voice(write_wav(tmp_path / "v.wav", hertz)) for hertz in (200, 900))
    assert encoder(low).shape == (192,)
    assert encoder(low).dtype == torch.float32
    assert not torch.allclose(encoder(low), encoder(high))
    long = np.concatenate([np.tile(low, 31)[: 30 * 16_000], high])
    assert torch.equal(encoder(long), encoder(long[: 30 * 16_000]))


def test_without_code_or_weights_there_is_an_error(tmp_path, folder):
    with pytest.raises(WeightsError, match=r"redimnet is not there.*remove the voice"):
        load_speaker(tmp_path / "empty", "cpu")
    stored = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).unlink()
    with pytest.raises(WeightsError, match=r"ft_mix.pt is not there"):
        load_speaker(folder, "cpu")
    (folder / WEIGHTS).write_bytes(stored[:500])
    with pytest.raises(WeightsError, match="fetch both again"):
        load_speaker(folder, "cpu")
    (folder / WEIGHTS).write_bytes(stored)
    (folder / "speaker" / "redimnet" / "model.py").write_text("import a_package_that_is_nowhere")
    forget_speaker()
    with pytest.raises(MissingDependency, match="a_package_that_is_nowhere"):
        load_speaker(folder, "cpu")


def test_files_that_are_no_voice_are_one_line(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_voice(tmp_path / "none.wav")
    (tmp_path / "text.wav").write_text("hello")
    with pytest.raises(InputError, match="cannot be read as sound"):
        read_voice(tmp_path / "text.wav")
    with pytest.raises(InputError, match=r"lasts 0\.\d+ s"):
        read_voice(write_wav(tmp_path / "short.wav", 440, length_s=0.2))
