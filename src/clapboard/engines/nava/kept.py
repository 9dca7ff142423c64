"""Small files of tensors that can be made again: found by what decided them, whole or not there.

keep(path, {"video": video_KFHW}, {"peak_db": -3.0})
tensors = recall(path)                                   # none when it is not there, or broken
with replacing(path) as part: ...                        # any file: written to `part`, then it becomes `path`
"""

import hashlib
import json
import os
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from clapboard.errors import MediaError


def unwritable(path: Path, error: Exception) -> MediaError:
    """A failed write as one line that says what to do."""
    cause = error if isinstance(error, OSError) else error.__context__  # torch.save hides it under one of its own
    reason = (isinstance(cause, OSError) and cause.strerror) or str(error).partition("\n")[0]
    return MediaError(f"cannot write {path} ({reason}); free some space, or choose another folder")


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """A name beside the file, other in every process, that becomes it when the block ends well and else is gone."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    except (OSError, SafetensorError, RuntimeError) as error:  # the last is how torch.save fails
        raise unwritable(path, error) from None
    finally:
        if part.exists():
            part.unlink()


def checksum(tensors: dict[str, Tensor]) -> str:
    """Of all their bytes, in order of name."""
    value = 0
    for name in sorted(tensors):
        value = zlib.crc32(tensors[name].contiguous().view(torch.uint8).numpy().tobytes(), value)
    return str(value)


def keep(path: Path, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
    """Write tensors and facts, whole or not at all."""
    metadata = {"kept": json.dumps({"checksum": checksum(tensors), "facts": facts})}
    with replacing(path) as part:
        save_file({name: x.contiguous() for name, x in tensors.items()}, part, metadata=metadata)


def recall(path: Path) -> dict[str, Tensor] | None:
    """The tensors of a file that is whole."""
    try:
        with safe_open(str(path), framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            written = json.loads((file.metadata() or {})["kept"])["checksum"]
            return tensors if written == checksum(tensors) else None
    except (SafetensorError, OSError, KeyError, json.JSONDecodeError):
        return None


def facts_of(path: Path) -> dict[str, Any]:
    """What was written beside the tensors."""
    with safe_open(str(path), framework="pt") as file:
        return json.loads(file.metadata()["kept"])["facts"]


def stamp(path: Path) -> tuple[str, int, int]:
    """What tells a large file from others without reading it: name, size and time."""
    state = path.stat()
    return path.name, state.st_size, state.st_mtime_ns


def digest(*values: object) -> str:
    """A name for what these values decide."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:32]


class Hashes:
    """SHA-256 of films, computed again only when their size or time changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, list[Any]] = {}
        self._is_saved = True
        if path.is_file():
            try:
                self.known = json.loads(path.read_text("utf-8"))
            except ValueError:  # no JSON, or no UTF-8
                path.unlink()

    def __call__(self, film: Path) -> str:
        """Raises `MediaError` for a film that cannot be read."""
        try:
            now = list(stamp(film)[1:])
            kept = self.known.get(str(film))
            if kept is not None and kept[:2] == now:
                return kept[2]
            with film.open("rb") as opened:
                kept = [*now, hashlib.file_digest(opened, "sha256").hexdigest()]
        except OSError as error:
            raise MediaError(f"it cannot be read ({error.strerror})") from None
        self.known[str(film)] = kept
        self._is_saved = False
        return kept[2]

    def save(self) -> None:
        """Put what is new on disk."""
        if not self._is_saved:
            with replacing(self.path) as part:
                part.write_text(json.dumps(self.known), "utf-8")
            self._is_saved = True
