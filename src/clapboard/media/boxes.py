"""The boxes of an MP4 file (ISO/IEC 14496-12): what the header says before any decoder is asked.

layout = scan(path)
layout.faststart, layout.movie_timescale
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from clapboard.errors import MediaError


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """`faststart`: the index (moov) lies before the media (mdat), so a player starts before it has all bytes."""

    faststart: bool
    fragmented: bool
    movie_timescale: int


def _boxes(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """(type, start of the contents, end) of each box in file bytes start..stop; an end past `stop` is cut off."""
    while start + 8 <= stop:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        contents = start + 8
        if size == 1:  # 64-bit size follows
            size = int.from_bytes(file.read(8), "big")
            contents += 8
        elif size == 0:  # until the end of the file
            size = stop - start
        if size < contents - start:
            return
        yield kind, contents, start + size
        start += size


def _timescale(file: BinaryIO, start: int, stop: int) -> int:
    """Ticks a second of the movie header (mvhd) inside moov; 0 when there is none."""
    for kind, contents, _ in _boxes(file, start, stop):
        if kind == b"mvhd":
            file.seek(contents)
            version = file.read(4)[0]
            file.seek(contents + (20 if version else 12))
            return int.from_bytes(file.read(4), "big")
    return 0


def scan(path: Path) -> Layout:
    """Reads the boxes; raises `MediaError` when the file is missing, truncated or not an MP4."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(4)
            if file.read(4) != b"ftyp":
                raise MediaError(f"{path} is not an MP4 file; give a film that Clapboard made")
            boxes = list(_boxes(file, 0, size))
            kinds = [kind for kind, _, _ in boxes]
            if not boxes or boxes[-1][2] != size or b"moov" not in kinds or b"mdat" not in kinds:
                raise MediaError(f"{path} is truncated: part of it is missing; copy or download it again")
            moov = kinds.index(b"moov")
            return Layout(
                faststart=moov < kinds.index(b"mdat"),
                fragmented=b"moof" in kinds,
                movie_timescale=_timescale(file, *boxes[moov][1:]),
            )
    except OSError as error:
        raise MediaError(f"cannot read {path}: {error.strerror or error}") from None
