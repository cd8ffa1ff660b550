"""One run of a program such as terraform: streamed, and stopped in the way that loses nothing."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sandbox.watchdog import WATCHDOG

OnLine = Callable[[str], None]

_under_way: set["_Run"] = set()
_ENDINGS = (signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Completed:
    """How a run ended; `returncode` is negative where a signal killed it."""

    returncode: int
    stdout: str
    stderr: str


def run(words: Sequence[str], *, cwd: Path, env: Mapping[str, str], on_line: OnLine | None = None) -> Completed:
    """Run a program and wait for it; its exit code is the caller's to judge, OSError where it cannot be started.

    `on_line` gets every line of both outputs as it comes, without its line end, one call at a time; what it raises is
    raised here at the end. The program has no input. Ctrl-C (and SIGTERM, SIGHUP) asks it to stop, which makes
    terraform write its state and release its lock; a second one kills it. Either way KeyboardInterrupt is raised,
    after it has ended. It never outlives this process, whatever ends that.
    """
    process = subprocess.Popen(
        list(words),
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        # Its own group: a terminal's Ctrl-C reaches only us, and it gets exactly one signal for each.
        process_group=0,
    )
    WATCHDOG.begin(process.pid)
    try:
        return _Run(process, on_line).finish()
    finally:
        WATCHDOG.end(process.pid)


def interrupt() -> None:
    """Ask every program under way to stop; for a main thread whose worker threads wait in `run`."""
    for running in list(_under_way):
        running.stop()


def kill_one() -> None:
    """Kill one program under way at once, with everything it has started: what a fault plan asks for."""
    for running in list(_under_way)[:1]:
        running.stops += 1
        running.stop()


@dataclass(eq=False)
class _Run:
    process: subprocess.Popen[str]
    on_line: OnLine | None
    stops: int = 0
    said: dict[str, list[str]] = field(default_factory=lambda: {"stdout": [], "stderr": []})
    problems: list[Exception] = field(default_factory=list)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def finish(self) -> Completed:
        readers = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in (("stdout", self.process.stdout), ("stderr", self.process.stderr))
        ]
        _under_way.add(self)
        interrupted = False
        try:
            for reader in readers:
                reader.start()
            with _endings_as_interrupts():
                while True:
                    try:
                        self.process.wait()
                        for reader in readers:
                            reader.join()
                        break
                    except KeyboardInterrupt:
                        interrupted = True
                        self.stop()
        finally:
            _under_way.discard(self)
        if interrupted:
            raise KeyboardInterrupt
        if self.problems:
            raise self.problems[0]
        return Completed(self.process.returncode, "".join(self.said["stdout"]), "".join(self.said["stderr"]))

    def stop(self) -> None:
        """The first time: ask. From the second time on: kill, with everything it has started."""
        self.stops += 1
        try:
            if self.stops == 1:
                self.process.send_signal(signal.SIGINT)
            else:
                os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def _read(self, name: str, stream: IO[str] | None) -> None:
        assert stream is not None
        with stream:
            for line in stream:
                self.said[name].append(line)
                if self.on_line is None or self.problems:
                    continue
                try:
                    with self.turn:
                        self.on_line(line.rstrip("\r\n"))
                # A reader that gives up would block the program in the middle of an apply: drain, and raise at the end.
                except Exception as problem:
                    self.problems.append(problem)


@contextmanager
def _endings_as_interrupts() -> Iterator[None]:
    """Let SIGTERM and SIGHUP stop the program as Ctrl-C does; only the main thread may, elsewhere nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupted) for number in _ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
