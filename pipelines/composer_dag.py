"""The Composer DAG: a file for the DAG folder that needs nothing there but Airflow and its Google provider.

It makes a DAG of the graph that lies beside it under its own name; `pipelines/composer.py` writes both. A run brings
its place along: each step is a Vertex AI custom job there, in the team's image, as the team's identity. Where stand-ins
play Google's services, the place names a Python instead, which then plays the container.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

try:  # Airflow 3
    from airflow.sdk import Param, dag, task
    from airflow.sdk.exceptions import AirflowException, AirflowFailException
except ImportError:  # Airflow 2
    from airflow.decorators import dag, task
    from airflow.exceptions import AirflowException, AirflowFailException
    from airflow.models.param import Param

KINDS = {int: "integer", float: "number", str: "string", bool: "boolean"}
FACTS = {"run": "", "place": "", "commit": "unknown", "release": ""}
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED", "PAUSED")
GOING = ("QUEUED", "PENDING", "RUNNING")


def run_name(context: Any) -> str:
    """The chosen name of the run, or one that is made of Airflow's own."""
    named = context["params"]["run"] or context["dag_run"].run_id
    return re.sub(r"[^a-z0-9]+", "-", named.lower()).strip("-")[:40]


def arguments(graph: dict[str, Any], context: Any) -> list[str]:
    """What the step's process is told, apart from the step."""
    told = context["params"]
    chosen = {name: told[name] for name in graph["parameters"]}
    words = ["--run", run_name(context), "--place", told["place"], "--parameters", json.dumps(chosen)]
    return [*words, "--commit", told["commit"], *(["--release", told["release"]] if told["release"] else [])]


def custom_job(step: dict[str, Any], place: dict[str, Any], run: str, words: list[str]) -> dict[str, Any]:
    """The step's custom job, for this run at its place."""
    text = json.dumps(step["job"])
    for name, value in {**place, "run": run}.items():
        if isinstance(value, str):
            text = text.replace(f"$({name})", json.dumps(value)[1:-1])
    job: dict[str, Any] = json.loads(text)
    job["labels"].update(place["labels"])
    job["job_spec"]["worker_pool_specs"][0]["container_spec"]["args"] = [step["name"], "--inside", *words]
    return job


def on_vertex(place: dict[str, Any], run: str, job: dict[str, Any]) -> None:
    """Runs a custom job to its end as the pipeline's identity. What was stopped by its input is not tried again.

    A job that a worker had started before it was lost goes on, and is waited for.
    """
    from airflow.providers.google.cloud.hooks.vertex_ai.custom_job import CustomJobHook

    hook = CustomJobHook(impersonation_chain=place["service_account"])
    client = hook.get_job_service_client(place["region"])
    parent = f"projects/{place['project']}/locations/{place['region']}"
    wanted = {"parent": parent, "filter": f'display_name="{job["display_name"]}"'}
    known = [one for one in client.list_custom_jobs(request=wanted) if one.state.name.endswith(GOING)]
    newest = max(known, key=lambda one: one.create_time, default=None)
    name = (newest or client.create_custom_job(parent=parent, custom_job=job)).name
    begin = time.monotonic()
    while not (found := client.get_custom_job(name=name)).state.name.endswith(ENDED):
        time.sleep(min(20, 0.2 + (time.monotonic() - begin) / 10))
    if not found.state.name.endswith("SUCCEEDED"):
        # Danger: another step, or an attempt before, may have been stopped by its input, and this one lost its worker.
        told = kept(place, f"failures/{run}.json") or {}
        step = job["job_spec"]["worker_pool_specs"][0]["container_spec"]["args"][0]
        kind = AirflowFailException if told.get("step") == step else AirflowException
        raise kind(f"{name}: {found.state.name}: {found.error.message}")


def here(python: str, step: str, words: list[str]) -> None:
    """Runs the step in a process of this computer, where nothing gets better by another try."""
    surroundings = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    command = [python, "-m", "pipelines.execute", step, *words]
    done = subprocess.run(command, env=surroundings, check=False, capture_output=True, text=True)
    if done.returncode:
        raise AirflowFailException(f"step {step} ended with {done.returncode}: {done.stderr.strip()}")


def kept(place: dict[str, Any], path: str) -> dict[str, Any] | None:
    """A document of the team's bucket, if it is there."""
    if place.get("laptop"):
        file = Path(place["laptop"]["folder"]) / "buckets" / place["bucket"] / path
        return json.loads(file.read_text()) if file.exists() else None
    from airflow.providers.google.cloud.hooks.gcs import GCSHook

    hook = GCSHook(impersonation_chain=place["service_account"])
    if not hook.exists(bucket_name=place["bucket"], object_name=path):
        return None
    found: dict[str, Any] = json.loads(hook.download(bucket_name=place["bucket"], object_name=path))
    return found


def make(graph: dict[str, Any]) -> Any:
    """The DAG of a graph."""
    told = graph.get("facts")  # of a DAG that nobody starts
    facts = {name: Param(value, type="string") for name, value in (FACTS | (told or {})).items()}
    chosen = {name: Param(value, type=KINDS[type(value)]) for name, value in graph["parameters"].items()}

    @dag(
        dag_id=graph["name"],
        description=graph["title"],
        schedule=datetime.timedelta(minutes=graph["every_minutes"]) if told else None,
        is_paused_upon_creation=False,
        start_date=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        catchup=False,
        max_active_runs=1,
        params=facts | chosen,
        default_args={"retries": graph["retries"], "retry_delay": datetime.timedelta(minutes=5)},
        tags=[graph["team"]],
    )
    def pipeline() -> None:
        tasks = {step["name"]: _step(graph, step) for step in graph["steps"]}
        if "decide" in tasks:
            tasks["gate"] = _gate()
            tasks["decide"] >> tasks["gate"]
        for step in graph["steps"]:
            for before in step["before"]:
                tasks[before] >> tasks[step["name"]]
            if step["after_gate"]:
                tasks["gate"] >> tasks[step["name"]]

    return pipeline()


def _step(graph: dict[str, Any], step: dict[str, Any]) -> Any:
    @task(task_id=step["name"])
    def run(**context: Any) -> None:
        words, place = arguments(graph, context), json.loads(context["params"]["place"])
        if place.get("laptop") and not place["laptop"].get("services"):
            here(place["laptop"]["python"], step["name"], words)
        else:
            on_vertex(place, run_name(context), custom_job(step, place, run_name(context), words))

    return run()


def _gate() -> Any:
    @task.short_circuit(task_id="gate")
    def run(**context: Any) -> bool:
        place = json.loads(context["params"]["place"])
        decision = kept(place, f"runs/{run_name(context)}/decide/decision.json")
        if decision is None:
            raise AirflowFailException("decide: has left no decision")
        return bool(decision["verdict"] == "PASS")

    return run()


if (_path := Path(__file__).with_suffix(".graph.json")).exists():
    globals()["pipeline"] = make(json.loads(_path.read_text()))
