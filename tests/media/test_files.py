import os
import subprocess
import sys
from pathlib import Path

import pytest

from clapboard.errors import MediaError
from clapboard.media.files import check_writable, read_text, replacing, write_text


def test_a_good_target_stays_as_it_was(tmp_path):
    old = tmp_path / "old.mp4"
    old.write_bytes(b"old")
    check_writable(old)
    check_writable(tmp_path / "new.mp4")
    assert [p.name for p in tmp_path.iterdir()] == ["old.mp4"]
    assert old.read_bytes() == b"old"


def test_what_cannot_be_written_is_refused_with_one_line(tmp_path):
    for target, reason in [
        (tmp_path, "is not a file"),
        (tmp_path / "none" / "film.mp4", "does not exist; create it first"),
        (tmp_path / ("x" * 300), "too long"),
    ]:
        with pytest.raises(MediaError, match=reason) as caught:
            check_writable(target)
        assert "\n" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_protected_files_and_folders_are_refused(tmp_path):
    protected = tmp_path / "film.mp4"
    protected.touch(mode=0o400)
    with pytest.raises(MediaError, match="write-protected"):
        check_writable(protected)
    tmp_path.chmod(0o500)
    with pytest.raises(MediaError, match="Permission denied"):
        check_writable(tmp_path / "new.mp4")
    tmp_path.chmod(0o700)


def test_the_new_file_appears_whole_and_through_a_link(tmp_path):
    real, link = tmp_path / "real.mp4", tmp_path / "link.mp4"
    real.write_bytes(b"old")
    link.symlink_to(real)
    with replacing(link) as part:
        part.write_bytes(b"new")
        assert real.read_bytes() == b"old"
    assert real.read_bytes() == b"new"
    assert link.is_symlink()
    assert len(list(tmp_path.iterdir())) == 2


def test_text_is_utf_8_or_one_line(tmp_path):
    path = tmp_path / "plan.yaml"
    write_text(path, "prompt: 雨 🎬\n")
    assert read_text(path) == "prompt: 雨 🎬\n"
    with pytest.raises(MediaError, match="No such file"):
        read_text(tmp_path / "none.yaml")
    with pytest.raises(MediaError, match="does not exist"):
        write_text(tmp_path / "none" / "plan.yaml", "")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MediaError, match="is not UTF-8"):
        read_text(path)


@pytest.mark.skipif(sys.platform == "win32", reason="locks of files are not portable")
def test_the_next_run_sweeps_what_a_killed_one_left(tmp_path):
    code = "import sys; from pathlib import Path; from clapboard.media.files import replacing\n"
    code += "with replacing(Path(sys.argv[1])) as part: print(part, flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(tmp_path / "film.mp4")]
    alive, dead = (subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in "12")
    parts = [Path((run.stdout or sys.stdin).readline().strip()) for run in (alive, dead)]
    dead.kill()
    dead.communicate()
    write_text(tmp_path / "plan.yaml", "young parts stay")
    assert all(part.exists() for part in parts)
    for part in parts:
        os.utime(part, (1, 1))
    write_text(tmp_path / "plan.yaml", "old ones that nobody holds go")
    assert [part.exists() for part in parts] == [True, False]
    alive.communicate("done")
    assert (tmp_path / "film.mp4").exists() and len(list(tmp_path.iterdir())) == 2
