"""One step: its command, its surroundings, and how it ended."""

import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.watchdog import WATCHDOG

OnLine = Callable[[str], None]
WORKSPACE = Path("/workspace")
_SECONDS = re.compile(r"([0-9]+(?:\.[0-9]+)?)s")


@dataclass(frozen=True)
class Surroundings:
    """What every step of a build finds: the folder it works in and the environment it starts with.

    `environment` holds PATH, where entrypoints are looked up, and whatever makes the build act as its identity.
    """

    workspace: Path
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Ended:
    """How a step ended: `status` is one of Cloud Build's."""

    status: str
    exit_code: int
    detail: str = ""


class Process:
    """A step while it runs; `stop` ends it and everything that it has started."""

    def __init__(self) -> None:
        self._running: subprocess.Popen[str] | None = None
        self._stopped = ""
        self._lock = threading.Lock()

    def stop(self, why: str) -> None:
        """End it with this status; the first reason counts."""
        with self._lock:
            self._stopped = self._stopped or why
            if self._running is not None and self._running.poll() is None:
                with suppress(ProcessLookupError):  # Danger: whoever waits for it may know its end before this thread
                    os.killpg(self._running.pid, signal.SIGKILL)

    def run(self, step: Mapping[str, Any], around: Surroundings, secrets: Mapping[str, str], on_line: OnLine) -> Ended:
        """Run a step whose substitutions are filled in; SandboxError where it cannot be run here."""
        environment = _environment(step, around, secrets)
        folder = _folder(step, around.workspace)
        words = _words(step, environment["PATH"])
        with self._lock:
            if self._stopped:
                return Ended(self._stopped, -1)
            self._running = _started(words, folder, environment)
            WATCHDOG.begin(self._running.pid)
        clock = threading.Timer(seconds(step.get("timeout"), 24 * 3600), self.stop, ["TIMEOUT"])
        clock.start()
        try:
            assert self._running.stdout is not None
            for line in self._running.stdout:
                on_line(line.rstrip("\n"))
            code = self._running.wait()
        finally:
            clock.cancel()
            WATCHDOG.end(self._running.pid)
        return Ended(self._stopped, code) if self._stopped else _judged(step, code)


def seconds(duration: object, default: float) -> float:
    """A duration as the API writes it, such as `600s`."""
    found = _SECONDS.fullmatch(str(duration or ""))
    return float(found.group(1)) if found else default


def _judged(step: Mapping[str, Any], code: int) -> Ended:
    fine = code == 0 or code in [int(c) for c in step.get("allowExitCodes") or ()] or step.get("allowFailure") is True
    return Ended("SUCCESS", code) if fine else Ended("FAILURE", code, f"ended with {code}")


def _environment(step: Mapping[str, Any], around: Surroundings, secrets: Mapping[str, str]) -> dict[str, str]:
    out = dict(around.environment)
    for entry in step.get("env") or ():
        name, _, value = str(entry).partition("=")
        out[name] = value
    for name in step.get("secretEnv") or ():
        if name not in secrets:
            raise SandboxError(f"secretEnv: '{name}' is in no availableSecrets; declare it there")
        out[str(name)] = secrets[str(name)]
    return out


def _folder(step: Mapping[str, Any], workspace: Path) -> Path:
    given = Path(str(step.get("dir") or ""))
    inside = given.relative_to(WORKSPACE) if given.is_relative_to(WORKSPACE) else given
    folder = (workspace / inside).resolve()
    if not folder.is_relative_to(workspace.resolve()):
        raise SandboxError(f"dir: '{given}' leads out of the workspace; name a folder inside")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _words(step: Mapping[str, Any], path: str) -> list[str]:
    if script := step.get("script"):
        return ["bash", "-c", str(script)]
    entrypoint = str(step.get("entrypoint") or "")
    if not entrypoint:
        raise SandboxError(f"step '{step.get('id', '')}': names no entrypoint, and its image cannot run here; name one")
    found = shutil.which(entrypoint, path=path)
    if found is None:
        raise SandboxError(f"step '{step.get('id', '')}': '{entrypoint}' is not there; only its image has it")
    return [found, *[str(word) for word in step.get("args") or ()]]


def _started(words: list[str], folder: Path, environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        words,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
