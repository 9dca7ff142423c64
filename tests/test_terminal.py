"""Progress bars: on a terminal, and only when the work lasts."""

import os
import pty
import sys
import time

import pytest

from clapboard import terminal
from clapboard.progress import Step, silent


@pytest.fixture
def screen(monkeypatch):
    """A terminal: the file to write on it, and a function that reads what was written there."""
    here, there = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    os.set_blocking(here, False)
    with os.fdopen(there, "w") as file:

        def read() -> str:
            time.sleep(0.05)  # what was written comes out a moment later, and in parts
            shown = b""
            while True:
                try:
                    shown += os.read(here, 1 << 16)
                except BlockingIOError:
                    return shown.decode()

        yield file, read
    os.close(here)


def perform(progress, seconds: float):
    """Work in two stages."""
    for stage in ("sound", "picture"):
        for done in range(1, 5):
            progress(Step(stage=stage, done=done, total=4))
            time.sleep(seconds / 8)


def test_short_work_shows_nothing(screen, monkeypatch):
    file, read = screen
    monkeypatch.setattr(sys, "stderr", file)
    with terminal.bars() as progress:
        perform(progress, 0.0)
    assert "sound" not in read()


def test_long_work_shows_its_stages(screen, monkeypatch):
    file, read = screen
    monkeypatch.setattr(sys, "stderr", file)
    monkeypatch.setattr(terminal, "PATIENCE_S", 0.05)
    with terminal.bars() as progress:
        time.sleep(0.2)
        perform(progress, 0.4)
    shown = read()
    assert all(word in shown for word in ("preparing", "sound", "picture", "4/4"))


def test_an_error_puts_the_bars_away(screen, monkeypatch):
    file, read = screen
    monkeypatch.setattr(sys, "stderr", file)
    monkeypatch.setattr(terminal, "PATIENCE_S", 0.05)
    with pytest.raises(KeyboardInterrupt), terminal.bars() as progress:
        perform(progress, 0.2)
        raise KeyboardInterrupt
    assert "sound" in read()
    time.sleep(0.2)  # rich draws ten times a second
    assert read() == ""


def test_nobody_looks(capsys):
    with terminal.bars() as progress:
        assert progress is silent
    assert capsys.readouterr().err == ""
