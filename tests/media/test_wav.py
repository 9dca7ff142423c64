import struct
import wave

import numpy as np
import pytest

from clapboard.errors import MediaError
from clapboard.media.wav import _header, read_wav, write_stems
from clapboard.take import Master, Reel
from clapboard.timeline import Stem


def mixed(scale: float = 0.2, length: int = 70_001) -> Master:
    rng, mix, stems = np.random.default_rng(4), Reel(length), {}
    total = np.zeros((2, length), np.float32)
    for stem in Stem:
        samples = rng.uniform(-scale, scale, (2, length)).astype(np.float32)
        total += samples
        stems[stem] = Reel(length)
        stems[stem].write(0, samples)
    mix.write(0, total)
    return Master(
        num_samples=length,
        stems=stems,
        mix=mix,
        ceiling_dbtp=-1.0,
        static_gain_db=0.0,
    )


def test_stems_and_mix_read_back_to_24_bits_and_add_up(tmp_path):
    master = mixed()
    paths = write_stems(tmp_path / "stems", "film", master)
    assert sorted(p.name for p in (tmp_path / "stems").iterdir()) == [
        "film.ambience.wav",
        "film.dialogue.wav",
        "film.effects.wav",
        "film.mix.wav",
        "film.music.wav",
    ]
    mix_path = tmp_path / "stems" / "film.mix.wav"
    for path, reel in [*((paths[stem], master.stems[stem]) for stem in Stem), (mix_path, master.mix)]:
        with wave.open(str(path)) as file:  # a second reader
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 3, 48000)
            assert file.getnframes() == master.num_samples
        assert np.abs(read_wav(path) - reel.read(0, reel.length)).max() <= 2**-23
    total = sum(read_wav(paths[stem]).astype(np.float64) for stem in Stem)
    assert np.abs(total - read_wav(mix_path)).max() < 10 ** (-90 / 20)


def test_stems_over_full_scale_are_lowered_together(tmp_path):
    paths = write_stems(tmp_path, "loud", mixed(scale=1.5))
    stems = [read_wav(paths[stem]).astype(np.float64) for stem in Stem]
    mix = read_wav(tmp_path / "loud.mix.wav")
    assert 0.999 < np.abs(mix).max() < 1
    assert np.abs(sum(stems) - mix).max() < 10 ** (-90 / 20)
    assert b"loud: mix, gain -1" in (tmp_path / "loud.mix.wav").read_bytes()[:400]


def test_the_broadcast_chunk_says_where_it_belongs(tmp_path):
    data = write_stems(tmp_path, "film", mixed())[Stem.MUSIC].read_bytes()
    at = data.index(b"bext")
    (size,) = struct.unpack_from("<I", data, at + 4)
    body = data[at + 8 : at + 8 + size]
    assert body[:256].rstrip(b"\0") == b"film: music, gain +0.00 dB"
    assert body[256:288].rstrip(b"\0") == b"Clapboard"
    assert struct.unpack_from("<QH", body, 338) == (0, 1)  # time reference, version
    assert body[602:].startswith(b"A=PCM,F=48000,W=24,M=stereo")


def test_a_film_of_six_hours_gets_the_64_bit_header():
    samples = 6 * 3600 * 48000
    header = _header(samples, "long")
    assert header[:4] == b"RF64"
    riff_bytes, data_bytes, count = struct.unpack_from("<QQQ", header, 20)
    assert (data_bytes, count) == (samples * 6, samples)
    assert riff_bytes == len(header) - 8 + data_bytes


def test_a_failure_leaves_no_stem(tmp_path):
    blocked = tmp_path / "film.mix.wav"
    blocked.mkdir()
    with pytest.raises(MediaError, match="cannot write"):
        write_stems(tmp_path, "film", mixed())
    assert list(tmp_path.iterdir()) == [blocked]


def test_what_is_not_our_wav_is_one_line(tmp_path):
    path = tmp_path / "a.wav"
    with pytest.raises(MediaError, match="cannot read"):
        read_wav(path)
    path.write_bytes(b"RIFX")
    with pytest.raises(MediaError, match="not a RIFF WAV"):
        read_wav(path)
    good = write_stems(tmp_path, "film", mixed())[Stem.MUSIC].read_bytes()
    path.write_bytes(good[:-5])
    with pytest.raises(MediaError, match="truncated"):
        read_wav(path)
    with wave.open(str(path), "w") as file:
        file.setparams((1, 2, 44100, 0, "NONE", ""))
        file.writeframes(b"\0\0")
    with pytest.raises(MediaError, match="not 24-bit"):
        read_wav(path)
