"""Progress on a terminal: bars with counts; elsewhere a line for each finished stack. Everything goes to stderr."""

from __future__ import annotations

import sys
import threading
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from operations.deploying import Confirm
from operations.workspace import Changes


class Shown:
    """A watcher that shows what it is told. Use as a context manager."""

    def __init__(self, title: str, stacks: int) -> None:
        self._console = Console(stderr=True)
        self._live = sys.stderr.isatty()
        columns = (
            TextColumn("{task.description:<24}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[now]}"),
        )
        self._progress = Progress(*columns, TimeElapsedColumn(), console=self._console, disable=not self._live)
        self._stacks = self._progress.add_task(title, total=stacks, now="stacks")
        self._resources: TaskID = self._progress.add_task("resources", total=None, now="")
        self._turn, self._count = threading.Lock(), 0

    def __enter__(self) -> Shown:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def asking(self, ask: Confirm | None) -> Confirm | None:
        """The same question with the bars out of its way."""
        if ask is None:
            return None

        def asked(stack: str, plan: str) -> bool:
            self._progress.stop()
            try:
                return ask(stack, plan)
            finally:
                self._progress.start()

        return asked

    def started(self, stack: str, what: str) -> None:
        self._progress.update(self._stacks, now=f"{what} {stack}")

    def changed(self, stack: str, address: str) -> None:
        self._progress.update(self._resources, advance=1, now=address.partition(".")[0])

    def finished(self, stack: str, changes: Changes) -> None:
        self._progress.update(self._stacks, advance=1)
        with self._turn:
            self._count += 1
            if not self._live:
                self._console.print(f"{self._count:>3}  {stack:<28} {told(changes)}", highlight=False)


def told(changes: Changes) -> str:
    """Changes as people say them."""
    words = [
        f"{n} to {verb}"
        for n, verb in ((changes.add, "add"), (changes.change, "change"), (changes.destroy, "destroy"))
        if n
    ]
    return ", ".join(words) or "no changes"
