"""Large files from a hub, whole or not at all: sizes, hashes and free disk first, then the bytes, going on where it
was cut.

    fetch({folder / "NAVA.safetensors": Remote(repository="baidu/NAVA", name="NAVA.safetensors", licence="...")})

The hub answers a HEAD request with the file's size and hash. What has come stays in `NAME.HASH.part` beside the target;
only a file whose hash is right gets its name. Needs the standard library alone.
"""

import hashlib
import http.client
import os
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clapboard.errors import MediaError, WeightsError
from clapboard.progress import Progress, Step

HUB: Final = "https://huggingface.co"
"""HF_ENDPOINT names another, as it does for the hub's own tools."""
BLOCK: Final = 1 << 20
TIMEOUT_S: Final = 30
TRIES: Final = 5
"""Connections in a row that may bring nothing before it gives up."""
SPARE: Final = 1 << 30
"""Bytes of disk that must stay free."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Remote:
    """A file of a repository on the hub."""

    repository: str
    name: str
    licence: str

    @property
    def url(self) -> str:
        """Where it is."""
        hub = os.environ.get("HF_ENDPOINT", HUB).rstrip("/")
        return f"{hub}/{self.repository}/resolve/main/{urllib.parse.quote(self.name)}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the hub says of a file."""

    size: int
    digest: str
    """SHA-256 of a large file (64 digits), or git's SHA-1 of a small one (40 digits)."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """Leaves redirections alone: the hub tells size and hash in the answer that redirects."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - urllib's own signature
        del args, kwargs


def fetch(files: Mapping[Path, Remote], *, progress: Progress) -> None:
    """Download the files that are not there yet. Cancel by raising in `progress`, which counts megabytes."""
    wanted = {path: (remote, ask(remote)) for path, remote in files.items() if not path.is_file()}
    left = {path: facts.size - part_size(part_of(path, facts)) for path, (_, facts) in wanted.items()}
    if wanted:
        check_disk(next(iter(wanted)).parent, sum(left.values()))
    total = sum(facts.size for _, facts in wanted.values())
    done = total - sum(left.values())
    for path, (remote, facts) in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        done += download(path, remote, facts, lambda count, before=done: show(progress, before + count, total))
        check_hash(path, facts)


def show(progress: Progress, done: int, total: int) -> None:
    """Bytes as megabytes."""
    progress(Step(stage="download", done=done >> 20, total=max(total >> 20, 1)))


def part_of(path: Path, facts: Facts) -> Path:
    """Where an unfinished file waits; another version of it has another name."""
    return path.with_name(f"{path.name}.{facts.digest[:8]}.part")


def part_size(part: Path) -> int:
    """Bytes of an unfinished file."""
    return part.stat().st_size if part.is_file() else 0


def check_disk(folder: Path, needed: int) -> None:
    """Raises before the first byte when the disk cannot hold them all."""
    place = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(place).free
    if needed + SPARE > free:
        raise MediaError(
            f"the download needs {needed / 1e9:.1f} GB but {place} has {free / 1e9:.1f} GB free; free"
            f" {(needed + SPARE - free) / 1e9:.1f} GB or choose another folder with --weights"
        )


def ask(remote: Remote) -> Facts:
    """Size and hash of a file; raises `MediaError` when the hub does not have it or tells no hash."""
    request = urllib.request.Request(remote.url, method="HEAD", headers={"Accept-Encoding": "identity"})
    opener = urllib.request.build_opener(_Stay)
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            headers = answer.headers
    except urllib.error.HTTPError as error:
        if error.code not in (301, 302, 303, 307, 308):
            raise refused(remote, error) from None
        headers = error.headers
    except OSError as error:
        raise MediaError(f"cannot reach {remote.url} ({error}); check the network and try again") from None
    size = headers.get("X-Linked-Size") or headers.get("Content-Length")
    digest = (headers.get("X-Linked-ETag") or headers.get("ETag") or "").removeprefix("W/").strip('"')
    if size is None or len(digest) not in (40, 64):
        raise MediaError(f"{remote.url} tells no size and hash, so it cannot be checked; is HF_ENDPOINT a hub?")
    return Facts(int(size), digest)


def refused(remote: Remote, error: urllib.error.HTTPError) -> MediaError:
    """An answer of the hub as one line."""
    why = {401: "asks for a login", 403: "forbids it", 404: "does not have it", 429: "asks to come back later"}
    return MediaError(f"{remote.url}: the hub {why.get(error.code, f'answers {error.code}')}; see its page there")


def download(path: Path, remote: Remote, facts: Facts, count: Callable[[int], None]) -> int:
    """Bring a file into its part, over as many connections as it takes; returns the bytes that came."""
    part, fails = part_of(path, facts), 0
    first = part_size(part)
    while (have := part_size(part)) < facts.size:
        reason: object = "it sent nothing"
        try:
            receive(remote, part, have, lambda: count(part_size(part) - first))
        except urllib.error.HTTPError as error:
            raise refused(remote, error) from None
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
            reason = error
        fails = 0 if part_size(part) > have else fails + 1
        if fails == TRIES:
            raise MediaError(
                f"{remote.url} broke off {TRIES} times ({reason}); run it again later, it goes on where it stopped"
            )
    return part_size(part) - first


def receive(remote: Remote, part: Path, have: int, count: Callable[[], None]) -> None:
    """One connection's bytes, put after those that are there (or in place of them if the server starts anew)."""
    request = urllib.request.Request(remote.url, headers={"Range": f"bytes={have}-", "Accept-Encoding": "identity"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        goes_on = answer.status == http.client.PARTIAL_CONTENT
        with part.open("ab" if goes_on else "wb") as file:
            while block := answer.read(BLOCK):
                file.write(block)
                file.flush()
                count()


def check_hash(path: Path, facts: Facts) -> None:
    """Give the finished part its name if its hash is right, else remove it."""
    part = part_of(path, facts)
    digest = hashlib.sha256() if len(facts.digest) == 64 else hashlib.sha1(f"blob {facts.size}\0".encode())
    with part.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    if digest.hexdigest() != facts.digest:
        part.unlink()
        raise WeightsError(f"{path.name} arrived damaged: its hash is not the hub's; it is removed, pull again")
    part.replace(path)
