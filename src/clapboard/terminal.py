"""Progress on a terminal: one bar per stage when the work lasts longer than a second; silence when nobody looks."""

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

from clapboard.progress import Progress, Step, silent

PATIENCE_S = 1.0
"""Work that is done sooner gets no bar."""


@contextmanager
def bars() -> Generator[Progress]:
    """A progress renderer on standard error while the block runs; the silent one when that is not a terminal."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    counts = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    columns = (TextColumn("{task.description:>9}"), *counts, TextColumn("{task.fields[note]}"))
    shown = Bars(*columns, console=Console(stderr=True), transient=True)
    # until the first step is done a bar without an end tells that there is work: kernels may be compiling
    tasks = {"preparing": shown.add_task("preparing", total=None, note="")}
    lock = threading.Lock()

    def show(step: Step) -> None:
        with lock:
            if "preparing" in tasks:
                shown.remove_task(tasks.pop("preparing"))
            if step.stage not in tasks:
                tasks[step.stage] = shown.add_task(step.stage, total=step.total or None, note="")
            shown.update(tasks[step.stage], completed=step.done, total=step.total or None, note=step.note)

    curtain = threading.Timer(PATIENCE_S, shown.start)
    curtain.daemon = True
    curtain.start()
    try:
        yield show
    finally:
        curtain.cancel()
        curtain.join()
        shown.stop()
