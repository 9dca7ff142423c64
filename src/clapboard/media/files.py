"""Files that appear complete or not at all.

check_writable(path)                 # before hours of rendering
with replacing(path) as part:        # write to `part`; on success it becomes `path`, on failure it is gone
    part.write_bytes(data)
"""

import errno
import os
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from clapboard.errors import MediaError

try:
    import fcntl
except ImportError:  # not on Windows, where a killed run's part stays until someone removes it
    fcntl = None

_YOUNG_S = 60.0
"""A part of this age may be of a run that has not locked it yet."""

# A full disk, a full quota, and the largest size that a file may have: the user frees space or writes elsewhere.
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def one_line(path: Path, error: OSError) -> MediaError:
    """The failed write as one line that says what to do."""
    if error.errno in _FULL:
        return MediaError(f"no space left to write {path}; free some space or choose another folder")
    return MediaError(f"cannot write {path}: {error.strerror or error}; choose another file or folder")


def _part(target: Path) -> Path:
    """A new hidden name beside the target, short because names end at 255 bytes."""
    return target.parent / f".clapboard-{secrets.token_hex(6)}.part"


def _sweep(folder: Path) -> None:
    """Remove the parts that killed runs left in a folder: those that nobody holds locked."""
    if fcntl is None:
        return
    for part in folder.glob(".clapboard-*.part"):
        with suppress(OSError):  # held by a living run, or gone in the meantime
            if time.time() - part.stat().st_mtime > _YOUNG_S:
                with part.open("rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    part.unlink()


@contextmanager
def _locked(part: Path) -> Generator[None]:
    """Tells other runs that this part is of a living one; the lock goes with the process."""
    if fcntl is None:
        yield
        return
    with part.open("rb") as file:
        with suppress(OSError):  # a file system without locks; then nobody else gets one either
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield


def check_writable(path: Path) -> None:
    """Raises `MediaError` when a file cannot be put at `path`; creates nothing that stays."""
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            raise MediaError(f"{path} is not a file; give the name of a file to write, such as {path / 'film.mp4'}")
        if not target.parent.is_dir():
            raise MediaError(f"cannot write {path}: the folder {target.parent} does not exist; create it first")
        if target.exists() and not os.access(target, os.W_OK):
            raise MediaError(f"cannot write {path}: the file is write-protected; choose another name")
        part = _part(target)
        part.touch(exist_ok=False)  # access bits are not the whole truth: read-only mounts, root, quotas
        part.unlink()
    except OSError as error:
        raise one_line(path, error) from None


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """A temporary name beside `path` that replaces it when the block ends well.

    Whatever ends the block otherwise (an error, Ctrl-C) removes the temporary file and leaves `path` as it was.
    An `OSError` becomes a `MediaError`.
    """
    target = path.resolve()
    _sweep(target.parent)
    part = _part(target)
    try:
        part.touch(exist_ok=False)
        with _locked(part):
            yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())  # otherwise a power cut may leave the new name with none of its bytes
        part.replace(target)
    except OSError as error:
        raise one_line(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Puts UTF-8 text at `path`, all of it or nothing."""
    check_writable(path)
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def read_text(path: Path) -> str:
    """The UTF-8 text at `path`."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise MediaError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise MediaError(f"{path} is not UTF-8 text; give a plan that `clapboard plan` wrote") from None
