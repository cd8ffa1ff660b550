"""Vertex AI's custom jobs and tuning jobs: containers that run to their end."""

import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

from sandbox.builds.step import seconds
from sandbox.errors import SandboxError
from sandbox.workloads import STAND_IN, studies
from sandbox.workloads.containers import MOUNT, Container, Host, account, mounted, workplace

Values = dict[str, Any]

_WEEK = 7 * 24 * 3600.0
_METRICS = "metrics.jsonl"


@dataclass(frozen=True)
class Jobs:
    """Runs jobs. `stopped` says whether somebody has cancelled the one of this name."""

    host: Host
    stopped: Callable[[str], bool]

    def custom(self, job: Values) -> Values:
        """Run a custom job to its end; SandboxError where it fails."""
        with workplace() as folder:
            self._run(job["name"], job["jobSpec"], folder)
        return {}

    def tuning(self, job: Values) -> Values:
        """Run every trial of a tuning job, as many at a time as it allows; a trial that fails is infeasible."""
        study, most = job["studySpec"], int(job.get("maxTrialCount") or 1)
        points = studies.points(study, most, random.Random(job["name"].rpartition("/")[2]))
        with ThreadPoolExecutor(max(1, int(job.get("parallelTrialCount") or 1))) as pool:
            trials = list(pool.map(lambda line: self._trial(job, *line), enumerate(points, 1)))
        failed = [one for one in trials if one["state"] == "INFEASIBLE"]
        if len(failed) > int(job.get("maxFailedTrialCount") or most - 1):
            raise SandboxError(f"{len(failed)} trials failed; the first: {failed[0]['infeasibleReason']}")
        return {"trials": trials}

    def _trial(self, job: Values, number: int, point: Mapping[str, Any]) -> Values:
        told = [{"parameterId": name, "value": value} for name, value in point.items()]
        out: Values = {"id": str(number), "name": f"{job['name']}/trials/{number}", "parameters": told}
        with workplace() as folder:
            more = {"CLOUD_ML_HP_METRIC_FILE": str(folder / _METRICS), "CLOUD_ML_TRIAL_ID": str(number)}
            arguments = [f"--{name}={value}" for name, value in point.items()]
            try:
                self._run(job["name"], job["trialJobSpec"], folder, more, arguments)
            except SandboxError as problem:
                return out | {"state": "INFEASIBLE", "infeasibleReason": str(problem)}
            metrics = studies.measured(job["studySpec"], folder / _METRICS)
        if metrics is None:
            return out | {"state": "INFEASIBLE", "infeasibleReason": "the trial reported no metric"}
        return out | {"state": "SUCCEEDED", "finalMeasurement": {"metrics": metrics}}

    def _run(
        self,
        name: str,
        spec: Values,
        folder: Path,
        more: Mapping[str, str] | None = None,
        arguments: list[str] | None = None,
    ) -> None:
        container_spec = _container(spec)
        container_spec = container_spec | {"args": [*(container_spec.get("args") or ()), *(arguments or ())]}
        principal = account(self.host.store, name, spec.get("serviceAccount"))
        with mounted(self.host.store, [spec], principal, folder) as root:
            around = _told(name, spec) | {MOUNT: str(root)} | dict(more or {})
            container = Container.of(self.host.store, container_spec, principal, around)
            container.seconds = seconds((spec.get("scheduling") or {}).get("timeout"), _WEEK)
            with _watched(container, lambda: self.stopped(name)):
                ended = container.run(self.host, folder)
        if ended.status != "SUCCESS":
            raise SandboxError(f"{STAND_IN}; it {ended.detail or ended.status.lower()}: {container.last_words()}")


class _watched:  # noqa: N801
    """Ends a container as soon as somebody has cancelled its job."""

    def __init__(self, container: Container, cancelled: Callable[[], bool]) -> None:
        self._container, self._cancelled, self._over = container, cancelled, Event()

    def __enter__(self) -> None:
        Thread(target=self._watch, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            if self._cancelled():
                self._container.process.stop("CANCELLED")
                return


def _container(spec: Values) -> Values:
    """The one container of a job; what needs more than one process cannot run here."""
    pools = spec.get("workerPoolSpecs") or []
    replicas = sum(int(pool.get("replicaCount") or 1) for pool in pools)
    if replicas != 1:
        raise SandboxError(f"workerPoolSpecs: {replicas} replicas; the sandbox runs jobs of one")
    found: Values = pools[0].get("containerSpec") or {}
    if not found:
        raise SandboxError("workerPoolSpecs[0]: no containerSpec; the sandbox installs no Python package")
    return found


def _told(name: str, spec: Values) -> dict[str, str]:
    """What Vertex AI tells a job in its environment."""
    base = str((spec.get("baseOutputDirectory") or {}).get("outputUriPrefix") or "").rstrip("/")
    parts = {"AIP_MODEL_DIR": "model", "AIP_CHECKPOINT_DIR": "checkpoints", "AIP_TENSORBOARD_LOG_DIR": "logs"}
    places = {key: f"{base}/{part}/" for key, part in parts.items()} if base else {}
    project = name.split("/")[1]
    return places | {
        "CLOUD_ML_JOB_ID": name.rpartition("/")[2],
        "CLOUD_ML_PROJECT_ID": project,
        "GOOGLE_CLOUD_PROJECT": project,
    }
