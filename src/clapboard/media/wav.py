"""Stems as broadcast WAV: 24-bit 48 kHz stereo with a bext chunk (EBU Tech 3285), as long as the film, block by block.

paths = write_stems(Path("stems"), "film", master)      # stems/film.dialogue.wav ... and stems/film.mix.wav
samples = read_wav(paths[Stem.MUSIC])                   # float32 [2, n]
"""

import math
import struct
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np

from clapboard import __version__
from clapboard.clock import SAMPLE_RATE
from clapboard.errors import MediaError
from clapboard.media.files import one_line, replacing
from clapboard.take import Master, Reel, Samples
from clapboard.timeline import Stem

_BLOCK: Final = 1 << 16
_CHANNELS: Final = 2
_SAMPLE_BYTES: Final = 3
_BLOCK_ALIGN: Final = _CHANNELS * _SAMPLE_BYTES
_FULL_SCALE: Final = 2**23
_PCM: Final = 1
_FMT: Final = struct.pack("<HHIIHH", _PCM, _CHANNELS, SAMPLE_RATE, SAMPLE_RATE * _BLOCK_ALIGN, _BLOCK_ALIGN, 24)
_MAX_RIFF: Final = 2**32 - 1
"""Larger files, over about four hours, take the 64-bit form (RF64, EBU Tech 3306)."""


def write_stems(folder: Path, name: str, master: Master) -> dict[Stem, Path]:
    """Writes `folder/name.<stem>.wav` for every stem and `folder/name.mix.wav`; returns the stems' paths.

    All appear or none. Stems that add up to a quiet mix may each be louder than full scale: then all files are lowered
    by the same gain, which their description tells, so that they still add up.
    """
    paths = {stem: folder / f"{name}.{stem}.wav" for stem in master.stems}
    reels = [(paths[stem], stem.value, reel) for stem, reel in master.stems.items()]
    reels.append((folder / f"{name}.mix.wav", "mix", master.mix))
    peak = max((float(np.abs(block).max()) for _, _, reel in reels for block in reel.blocks(_BLOCK)), default=0.0)
    gain = min(1.0, (1 - 1 / _FULL_SCALE) / peak) if peak else 1.0
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise one_line(folder, error) from None
    with ExitStack() as stack:
        for path, label, reel in reels:
            description = f"{name}: {label}, gain {20 * math.log10(gain):+.2f} dB"
            _write(stack.enter_context(replacing(path)), reel, gain, description)
    return paths


def _write(path: Path, reel: Reel, gain: float, description: str) -> None:
    with path.open("wb") as file:
        file.write(_header(reel.length, description))
        for block in reel.blocks(_BLOCK):
            whole = np.rint(block.T * np.float64(gain * _FULL_SCALE)).astype("<i4")
            file.write(np.ascontiguousarray(whole).view(np.uint8).reshape(-1, 4)[:, :_SAMPLE_BYTES].tobytes())


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _header(num_samples: int, description: str) -> bytes:
    """Everything before the first sample. The file has no date, so that the same film gives the same bytes."""
    history = f"A=PCM,F={SAMPLE_RATE},W=24,M=stereo,T=Clapboard {__version__}\r\n".encode("ascii")
    bext = struct.pack("<256s32s32s18sQH254x", description.encode("ascii", "replace"), b"Clapboard", b"", b"", 0, 1)
    data_bytes = num_samples * _BLOCK_ALIGN
    chunks = _chunk(b"fmt ", _FMT) + _chunk(b"bext", bext + history)
    riff_bytes = 4 + len(chunks) + 8 + data_bytes
    if riff_bytes <= _MAX_RIFF:
        return struct.pack("<4sI4s", b"RIFF", riff_bytes, b"WAVE") + chunks + struct.pack("<4sI", b"data", data_bytes)
    sizes = _chunk(b"ds64", struct.pack("<QQQI", riff_bytes + 36, data_bytes, num_samples, 0))
    head = struct.pack("<4sI4s", b"RF64", _MAX_RIFF, b"WAVE") + sizes
    return head + chunks + struct.pack("<4sI", b"data", _MAX_RIFF)


def read_wav(path: Path) -> Samples:
    """The samples of a WAV that `write_stems` wrote, float32 [2, n]."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MediaError(f"cannot read {path}: {error.strerror or error}") from None
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise MediaError(f"{path} is not a RIFF WAV file; give a stem that Clapboard wrote")
    at, chunks = 12, dict[bytes, bytes]()
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        chunks[kind] = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    if chunks.get(b"fmt ") != _FMT:
        raise MediaError(f"{path} is not 24-bit 48 kHz stereo; give a stem that Clapboard wrote")
    if at != len(data) or b"data" not in chunks:
        raise MediaError(f"{path} is truncated; write the stems again")
    bytes_TCB = np.frombuffer(chunks[b"data"], np.uint8).reshape(-1, _CHANNELS, _SAMPLE_BYTES)
    whole = np.zeros((*bytes_TCB.shape[:2], 4), np.uint8)
    whole[..., 1:] = bytes_TCB  # in the upper three bytes, so that the sign is right
    return np.ascontiguousarray(whole.view("<i4")[..., 0].T / np.float32(2**31), np.float32)
