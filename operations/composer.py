"""A DAG in a Composer environment: copied to its bucket, started, and asked for until it has ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from operations.outcome import Exit, OperationFailed
from operations.pipeline_compile import named
from operations.pipeline_runs import Told, stopped, tell, values
from operations.pipeline_versions import Published, bucket_of
from pipelines.artifacts import Report
from pipelines.execute import Run

PARSING, ASK_AGAIN = 900, 10
"""Seconds that Composer gets to see a new DAG, and at most between questions."""


def run_dag(found: Published, content: dict[str, bytes], run: Run, folder: Path, report: Told) -> None:
    """The DAG is copied to the folder of DAGs under the version's own name, and started once Composer has seen it."""
    dag, begin = named(run.place.team, run.pipeline, found.version), time.perf_counter()
    bucket = bucket_of(run.place)
    for name in (f"{dag}.graph.json", f"{dag}.py"):
        bucket.blob(f"dags/{name}").upload_from_string(content[name])
    ask = partial(airflow, run)
    _trigger(ask, dag, run)
    seen: set[str] = set()
    while (state := _state(ask, dag, run.name)) not in ("success", "failed"):
        tell(folder, seen, begin, report)
        time.sleep(_pause(time.perf_counter() - begin))
    tell(folder, seen, begin, report)
    if state == "failed":
        stopped(run)
        raise OperationFailed(f"run {run.name}", f"{dag} has failed", "see its tasks in Airflow")


def _pause(waited: float) -> float:
    """Seconds until the next question: short at first, because the sandbox is fast."""
    return min(ASK_AGAIN, 0.2 + waited / 10)


def _trigger(ask: Callable[..., tuple[int, str]], dag: str, run: Run) -> None:
    begin, conf = time.perf_counter(), json.dumps(values(run))
    while True:
        code, told = ask("dags", "trigger", [dag, "--run-id", run.name, "--conf", conf])
        if not code:
            return
        if "already exists" in told.lower():
            what = "was submitted already"
            raise OperationFailed(f"run {run.name}", what, "choose another name", code=Exit.BAD_INPUT)
        if "not found" not in told.lower() or time.perf_counter() - begin > PARSING:
            raise OperationFailed(dag, told.strip()[-300:], "see the environment's DAGs in Airflow")
        time.sleep(_pause(time.perf_counter() - begin))


def _state(ask: Callable[..., tuple[int, str]], dag: str, run: str) -> str:
    code, told = ask("dags", "list-runs", ["--dag-id", dag, "--output", "json"])
    if code:
        raise OperationFailed(dag, told.strip()[-300:], "see the environment's DAGs in Airflow")
    listed = json.loads(told[told.index("[") :])
    return str(next((one["state"] for one in listed if one["run_id"] == run), "queued"))


def airflow(run: Run, command: str, subcommand: str, parameters: list[str]) -> tuple[int, str]:
    """Runs a command of the environment's Airflow: its exit code and what it says."""
    from google.auth import default
    from google.auth.transport.requests import AuthorizedSession

    place = run.place
    credentials, _ = default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
    environment = f"projects/{place.project}/locations/{place.region}/environments/{place.composer}"
    url = f"https://composer.googleapis.com/v1/{environment}"

    def ask(verb: str, body: Report) -> Report:
        answer = session.post(f"{url}:{verb}", json=body, timeout=60)
        if not answer.ok:
            told = answer.json().get("error", {}).get("message", "") if answer.content else ""
            code = Exit.REFUSED if answer.status_code == 403 else Exit.FAILURE
            raise OperationFailed(environment, told or f"answers {answer.status_code}", "ask who may", code=code)
        found: Report = answer.json()
        return found

    asked = {"command": command, "subcommand": subcommand, "parameters": parameters}
    begun, lines, waited = ask("executeAirflowCommand", asked), list[str](), 0.0
    if begun.get("error"):
        raise OperationFailed(environment, begun["error"], "see the environment in the console")
    which = {key: begun[key] for key in ("executionId", "pod", "podNamespace") if key in begun}
    while True:
        polled = ask("pollAirflowCommand", which | {"nextLineNumber": len(lines) + 1})
        lines += [line.get("content", "") for line in polled.get("output", [])]
        if polled.get("outputEnd"):
            return int(polled.get("exitInfo", {}).get("exitCode", 0)), "\n".join(lines)
        time.sleep(_pause(waited))
        waited += 1
