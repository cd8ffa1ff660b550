"""A whole build: steps as soon as what they wait for is done, one failure ends all, then what it leaves behind."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sandbox.builds import STAND_IN
from sandbox.builds.artifacts import Upload, keep
from sandbox.builds.order import needs
from sandbox.builds.step import Ended, Process, Surroundings, seconds
from sandbox.builds.substitutions import substituted
from sandbox.builds.volumes import Volumes
from sandbox.errors import SandboxError

Values = dict[str, Any]
_TEN_MINUTES, _DAY = 600.0, 24 * 3600.0
_LOOK = 1.0
"""Seconds between two questions whether a build is still wanted."""


@dataclass(frozen=True)
class Outside:
    """What a build needs of the world: values of secrets by version name, a place for objects, someone to tell.

    `cancelled` says whether somebody has cancelled it meanwhile.
    """

    secret: Callable[[str], str]
    upload: Upload
    told: Callable[[Values], None] = lambda build: None
    line: Callable[[str], None] = lambda line: None
    cancelled: Callable[[], bool] = lambda: False


def run(build: Values, known: Mapping[str, str], around: Surroundings, outside: Outside) -> Values:
    """Run a build to its end and return it with status, times and, for each step, how it ended; labelled `STAND_IN`.

    `known` are Google's own substitutions. A build that cannot start here fails with the reason in `statusDetail`.
    The caller gets every intermediate state through `outside.told`.
    """
    try:
        filled = substituted(build, known)
        shared = dict(str(entry).partition("=")[::2] for entry in (filled.get("options") or {}).get("env") or ())
        everywhere = replace(around, environment=dict(around.environment) | shared)
        return _Running(filled, needs(filled["steps"]), everywhere, outside).finish()
    except SandboxError as problem:
        failed = build | {"status": "FAILURE", "finishTime": _now(), "statusDetail": str(problem)}
        outside.told(failed)
        return failed


@dataclass
class _Running:
    build: Values
    needs: list[frozenset[int]]
    around: Surroundings
    outside: Outside
    processes: dict[int, Process] = field(default_factory=dict)
    failure: str = ""
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.steps: list[Values] = [dict(step, status="QUEUED") for step in self.build["steps"]]
        self.volumes = Volumes(self.around.workspace)
        self.secrets = _secrets(self.build, self.outside.secret)

    def finish(self) -> Values:
        self._tell(status="WORKING", startTime=_now())
        clock = threading.Timer(seconds(self.build.get("timeout"), _TEN_MINUTES), self._stop, ["TIMEOUT"])
        clock.start()
        try:
            self._walk()
        except KeyboardInterrupt:
            self._stop("CANCELLED")
        finally:
            clock.cancel()
            self.volumes.close()
        if not self.failure:
            self._leave()
        self._tell(status=self.failure or "SUCCESS", finishTime=_now(), statusDetail=STAND_IN)
        return self.build

    def _walk(self) -> None:
        done: set[int] = set()
        waiting, running = set(range(len(self.steps))), dict[Future[Ended], int]()
        with ThreadPoolExecutor(len(self.steps)) as pool:
            while waiting or running:
                for number in sorted(n for n in waiting if self.needs[n] <= done and not self.failure):
                    waiting.discard(number)
                    self.processes[number] = Process()
                    running[pool.submit(self._step, number)] = number
                if not running:
                    return
                if not self.failure and self.outside.cancelled():
                    self._stop("CANCELLED")
                for future in wait(running, _LOOK, return_when=FIRST_COMPLETED).done:
                    number, ended = running.pop(future), future.result()
                    if ended.status == "SUCCESS":
                        done.add(number)
                    elif not self.failure:
                        name = self.steps[number].get("id", number)
                        self._tell(failureInfo={"type": "USER_BUILD_STEP", "detail": f"{name} {ended.detail}"})
                        self._stop(ended.status, but=number)

    def _step(self, number: int) -> Ended:
        step = self.steps[number]
        label = f'Step #{number} - "{step["id"]}"' if step.get("id") else f"Step #{number}"
        timing = {"startTime": _now()}
        self._note(number, status="WORKING", timing=timing)
        try:
            with self.volumes.mounted(step.get("volumes") or ()):
                ended = self.processes[number].run(
                    step, self.around, self.secrets, lambda line: self.outside.line(f"{label}: {line}")
                )
        except SandboxError as problem:
            ended = Ended("FAILURE", -1, str(problem))
        timing = timing | {"endTime": _now()}
        self._note(number, status=ended.status, exitCode=ended.exit_code, timing=timing)
        return ended

    def _stop(self, why: str, but: int = -1) -> None:
        """Nothing new starts; what runs ends. A step that another one's failure ends is cancelled."""
        self.failure = self.failure or why
        for number, process in list(self.processes.items()):
            if number != but:
                process.stop("CANCELLED" if why == "FAILURE" else why)

    def _leave(self) -> None:
        try:
            self.build["results"] = keep(self.build, self.around.workspace, self.outside.upload)
        except SandboxError as problem:
            self.failure = "FAILURE"
            self.build["failureInfo"] = {"type": "PUSH_FAILED", "detail": str(problem)}

    def _note(self, number: int, **values: Any) -> None:
        with self._turn:
            self.steps[number] = self.steps[number] | values
        self._tell()

    def _tell(self, **values: Any) -> None:
        with self._turn:
            self.build = self.build | values | {"steps": list(self.steps)}
            self.outside.told(self.build)


def _secrets(build: Values, value: Callable[[str], str]) -> dict[str, str]:
    declared = (build.get("availableSecrets") or {}).get("secretManager") or ()
    used = {str(name) for step in build["steps"] for name in step.get("secretEnv") or ()}
    if unused := sorted(str(entry["env"]) for entry in declared if entry["env"] not in used):
        raise SandboxError(f"availableSecrets: no step uses {', '.join(unused)}; remove it")
    return {str(entry["env"]): value(str(entry["versionName"])) for entry in declared}


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
