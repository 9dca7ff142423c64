"""Small files that are whole or not there, on disks that are full and folders that others use too."""

import hashlib
import os
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from clapboard.engines.nava.data_card import write  # noqa: E402
from clapboard.engines.nava.kept import Hashes, keep, recall  # noqa: E402
from clapboard.engines.nava.train import Trainer  # noqa: E402
from clapboard.engines.nava.weights import save  # noqa: E402
from clapboard.errors import MediaError  # noqa: E402
from engines.nava.full_disk import full_disk  # noqa: E402


def test_a_full_disk_is_one_line_and_leaves_what_was_there(tmp_path: Path, model):
    ways = {
        "clip.safetensors": lambda path: keep(path, {"x": torch.zeros(5000)}, {}),
        "step.pt": lambda path: Trainer.write(Trainer.__new__(Trainer), {"x": torch.zeros(50_000)}, path),
        "NAVA.safetensors": lambda path: save(model, path),
        "card.md": lambda path: write(path, "word " * 1000),
    }
    for name, way in ways.items():
        (tmp_path / name).write_text("old")
        with full_disk(), pytest.raises(MediaError, match=rf"cannot write .*{name} \(.*free some space") as caught:
            way(tmp_path / name)
        assert "\n" not in str(caught.value)
        assert (tmp_path / name).read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(ways)


def test_the_part_of_another_run_is_left_alone(tmp_path: Path):
    parts = [tmp_path / name for name in ("clip.part", "films.part", "card.md.part")]
    for part in parts:
        part.write_text("of another run")
    keep(tmp_path / "clip.safetensors", {"x": torch.ones(2)}, {})
    hashes = Hashes(tmp_path / "films.json")
    hashes(tmp_path / "clip.safetensors")
    hashes.save()
    write(tmp_path / "card.md", "A card.")
    assert torch.equal((recall(tmp_path / "clip.safetensors") or {})["x"], torch.ones(2))
    assert all(part.read_text() == "of another run" for part in parts)


def test_a_page_that_is_there_is_not_written_again(tmp_path: Path):
    write(tmp_path / "card.md", "Käse")
    os.utime(tmp_path / "card.md", ns=(1, 1))
    write(tmp_path / "card.md", "Käse")
    assert (tmp_path / "card.md").stat().st_mtime_ns == 1  # so a whole cache may be read-only
    write(tmp_path / "card.md", "Brot")
    assert (tmp_path / "card.md").read_text("utf-8") == "Brot"


def test_known_hashes_that_are_no_text_are_made_again(tmp_path: Path):
    (tmp_path / "film.mp4").write_bytes(b"film")
    known = tmp_path / "films.json"
    for broken in (b"{\xff\xfe", b'{"cut'):
        known.write_bytes(broken)
        hashes = Hashes(known)
        assert hashes(tmp_path / "film.mp4") == hashlib.sha256(b"film").hexdigest()
        hashes.save()
        assert str(tmp_path / "film.mp4") in known.read_text()
