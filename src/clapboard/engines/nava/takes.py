"""Latents of finished takes, kept on disk: a retake, a new mix or a second look need not film the same again.

    takes = Takes(folder)
    if (kept := takes.recall(key)) is None:
        takes.keep(key, Kept(latents, cut))

A take is found by what decided it (weights, options, sizes, captions, voices, seed), so no other can be found in its
place. The oldest go when all together are larger than `MAX_BYTES`; a folder that is gone costs only time.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from clapboard.engines.nava.config import STREAMS
from clapboard.engines.nava.model import Latents
from clapboard.errors import MediaError

MAX_BYTES: Final = 2 * 10**9
"""About eighty shots of the usual size."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Both streams' latents [1, ...] of every shot, and the words that the model did not read."""

    latents: list[Latents]
    cut: list[str]


class Takes:
    """The takes in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: str) -> Path:
        """Where a take is."""
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.safetensors"

    def prepare(self) -> None:
        """Raises before the work when nothing can be kept after it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            probe = self.folder / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise MediaError(
                f"takes cannot be kept in {self.folder} ({error.strerror}); set XDG_CACHE_HOME to a folder that can be"
                " written"
            ) from None

    def recall(self, key: str) -> Kept | None:
        """The take, if it is there whole; what cannot be read is removed, and made again."""
        path = self.path(key)
        if not path.is_file():
            return None
        try:
            with safe_open(str(path), framework="pt") as file:
                facts = json.loads((file.metadata() or {})["take"])
                shots = range(facts["num_shots"])
                latents = [{name: file.get_tensor(f"{shot}.{name}") for name in STREAMS} for shot in shots]
        except (SafetensorError, KeyError):
            path.unlink()
            return None
        path.touch()  # it was needed: the oldest go first
        return Kept(latents, facts["cut"])

    def keep(self, key: str, kept: Kept) -> None:
        """Write the take, whole or not at all, and let the oldest go."""
        path = self.path(key)
        part = path.with_suffix(".part")
        tensors = {f"{i}.{name}": x.contiguous() for i, shot in enumerate(kept.latents) for name, x in shot.items()}
        facts = json.dumps({"num_shots": len(kept.latents), "cut": kept.cut})
        try:
            save_file(tensors, part, metadata={"take": facts})
        except (SafetensorError, OSError) as error:
            part.unlink(missing_ok=True)
            raise MediaError(f"cannot keep the take in {self.folder} ({error}); free some space") from None
        part.replace(path)
        total = 0
        for old in sorted(self.folder.glob("*.safetensors"), key=lambda file: file.stat().st_mtime, reverse=True):
            total += old.stat().st_size
            if total > MAX_BYTES and old != path:
                old.unlink()
