"""A DAG in a Composer environment: copied to its bucket, started, and asked for until it has ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from operations.outcome import Exit, OperationFailed
from operations.pipeline_compile import named
from operations.pipeline_runs import Told, attempts_at, going_on, stopped, tell, values
from operations.pipeline_versions import Published, bucket_of
from operations.vertex import take_away
from pipelines.artifacts import Report
from pipelines.composer import scheduled
from pipelines.execute import Run
from pipelines.place import Place
from pipelines.release import Trial

ENDED = ("success", "failed")
PARSING, ASK_AGAIN = 900, 10
"""Seconds that Composer gets to see a new DAG, and at most between questions."""


def run_dag(found: Published, content: dict[str, bytes], run: Run, folder: Path, report: Told) -> None:
    """The DAG is copied to the folder of DAGs under the version's own name, and started once Composer has seen it.

    Before a promotion makes a canary, the DAG is there that looks after it.
    """
    dag, begin = named(run.place.team, run.pipeline, found.version), time.perf_counter()
    bucket = bucket_of(run.place)
    for name in (f"{dag}.graph.json", f"{dag}.py"):
        bucket.blob(f"dags/{name}").upload_from_string(content[name])
    if run.pipeline == "promotion":
        look_by_itself(found, content, run.place)
    ask = partial(airflow, run)
    attempt, seen = _trigger(ask, dag, run), set[str]()
    while (state := state_of(ask, dag, attempt)) not in ENDED:
        tell(folder, seen, begin, report)
        time.sleep(_pause(time.perf_counter() - begin))
    tell(folder, seen, begin, report)
    if state == "failed":
        stopped(run)
        raise OperationFailed(f"run {run.name}", f"{dag} has failed", "see its tasks in Airflow")


def look_by_itself(found: Published, content: dict[str, bytes], place: Place) -> None:
    """Leaves the DAG that concludes canaries, with all that its runs have to be told: Composer starts it by itself.

    It has one name whatever the version, so that the one of the version before is replaced. What Vertex AI keeps of a
    time before Composer goes. A version from before there was such a pipeline has none to leave.
    """
    published, dag = (named(place.team, "canary", version) for version in (found.version, ""))
    if f"{published}.py" not in content:
        return
    run = Run("", place, {}, found.commit, release=Trial())
    graph = scheduled(json.loads(content[f"{published}.graph.json"]), dag, values(run))
    bucket = bucket_of(place)
    bucket.blob(f"dags/{dag}.graph.json").upload_from_string(json.dumps(graph, indent=1))
    bucket.blob(f"dags/{dag}.py").upload_from_string(content[f"{published}.py"])
    take_away(place)


def _pause(waited: float) -> float:
    """Seconds until the next question: short at first, because the sandbox is fast."""
    return min(ASK_AGAIN, 0.2 + waited / 10)


def _trigger(ask: Callable[..., tuple[int, str]], dag: str, run: Run) -> str:
    """Starts a run and gives Airflow's name of it: each attempt at the same run has one of its own."""
    begin, conf, attempts = time.perf_counter(), json.dumps(values(run)), attempts_at(run.name)
    attempt = next(attempts)
    while True:
        code, told = ask("dags", "trigger", [dag, "--run-id", attempt, "--conf", conf])
        if not code:
            return attempt
        if "already exists" in told.lower():
            if state_of(ask, dag, attempt) not in ENDED:
                raise going_on(run)
            attempt = next(attempts)
            continue
        if "not found" not in told.lower() or time.perf_counter() - begin > PARSING:
            raise OperationFailed(dag, told.strip()[-300:], "see the environment's DAGs in Airflow")
        time.sleep(_pause(time.perf_counter() - begin))


def state_of(ask: Callable[..., tuple[int, str]], dag: str, run: str) -> str:
    """The state of a run; queued before Airflow knows it. Airflow 2 wants the DAG as an option, Airflow 3 as a word."""
    for words in (["--dag-id", dag], [dag]):
        code, told = ask("dags", "list-runs", [*words, "--output", "json"])
        if not code:
            listed = json.loads(told[told.index("[") :])
            return str(next((one["state"] for one in listed if one["run_id"] == run), "queued"))
    raise OperationFailed(dag, told.strip()[-300:], "see the environment's DAGs in Airflow")


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
