"""Progress on a terminal: one bar per stage, shown when it lasts longer than a second, silent when nobody looks."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from clapboard.progress import Progress, Step, silent

PATIENCE_S = 1.0
"""Work that is done sooner gets no bar."""


@contextmanager
def bars() -> Iterator[Progress]:
    """A progress renderer on standard error while the block runs; the silent one when that is not a terminal."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    shown = Bars(*columns, console=Console(stderr=True), transient=True)
    started = time.monotonic()
    tasks = {}

    def show(step: Step) -> None:
        if time.monotonic() - started < PATIENCE_S:
            return
        shown.start()
        if step.stage not in tasks:
            tasks[step.stage] = shown.add_task(step.stage, total=step.total or None)
        shown.update(tasks[step.stage], completed=step.done, total=step.total or None)

    try:
        yield show
    finally:
        shown.stop()
