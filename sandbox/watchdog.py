"""Ends the programs that a dead process has started: terraform would wait for ever for providers that are gone.

A shell waits at the end of a pipe and is told which programs run. When the pipe ends without a word, whatever ended us,
it kills them with all that they have started. The next start takes back what they left half done.
"""

import os
import subprocess
import threading

_SHELL = """
trap '' INT TERM HUP
live=
while read -r sign pid; do
  if [ "$sign" = + ]; then live="$live $pid"; continue; fi
  rest=; for one in $live; do [ "$one" = "$pid" ] || rest="$rest $one"; done; live=$rest
done
for one in $live; do kill -s KILL -- "-$one"; done 2>/dev/null
"""


class Watchdog:
    """One for each process, started when the first program is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shell: subprocess.Popen[bytes] | None = None
        self._of = 0

    def begin(self, group: int) -> None:
        """A process group has begun; it is not to live longer than we do."""
        self._tell(f"+ {group}\n")

    def end(self, group: int) -> None:
        """It has ended by itself."""
        self._tell(f"- {group}\n")

    def _tell(self, line: str) -> None:
        with self._lock:
            # Danger: after a fork the pipe belongs to the parent; a child needs a watchdog of its own.
            if self._shell is None or self._of != os.getpid() or self._shell.poll() is not None:
                self._shell, self._of = self._start(), os.getpid()
            assert self._shell.stdin is not None
            self._shell.stdin.write(line.encode())
            self._shell.stdin.flush()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["/bin/sh", "-c", _SHELL],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )


WATCHDOG = Watchdog()
