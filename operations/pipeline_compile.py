"""A team's pipeline as its orchestrator reads it: written to a folder, checked, and copied to where it is run from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from operations.outcome import OperationFailed
from pipelines.artifacts import Report
from pipelines.execute import Run
from pipelines.flow import FLOWS, read_flow

BOTH = ("vertex", "composer")


def compile_(run: Run, orchestrators: Sequence[str], out: Path) -> list[Path]:
    """Writes the definitions; the same flow and image give the same bytes."""
    team = run.place.team
    written = []
    if "vertex" in orchestrators:
        from pipelines.vertex import compile_pipeline

        compile_pipeline(run.flow, run.place, run.steps, out / f"{team}.yaml")
        written.append(out / f"{team}.yaml")
    if "composer" in orchestrators:
        from pipelines.composer import compile_dag

        compile_dag(run.flow, run.place, run.steps, out / f"{team}.py", python=None)
        written += [out / f"{team}.py", out / f"{team}.graph.json"]
    return written


def submit(run: Run, orchestrator: str, version: str, out: Path) -> str:
    """Copies a definition to the team's bucket and starts the orchestrator with it, at Google; the run's address."""
    from google.cloud.storage import Client

    place = run.place
    bucket = Client(project=place.project).bucket(place.definitions)
    prefix = "dags" if orchestrator == "composer" else version
    for path in compile_(run, [orchestrator], out):
        bucket.blob(f"{prefix}/{path.name}").upload_from_filename(str(path))
    if orchestrator == "composer":
        return _trigger(run)
    return _pipeline_job(run, f"gs://{place.definitions}/{version}/{place.team}.yaml")


def _pipeline_job(run: Run, template: str) -> str:
    from google.cloud import aiplatform

    place = run.place
    facts = {"run": run.name, "place": place.model_dump_json(exclude_none=True), "commit": run.commit}
    job = aiplatform.PipelineJob(
        display_name=f"{place.team}-{run.name}",
        job_id=f"{place.team}-{run.name}",
        template_path=template,
        pipeline_root=f"gs://{place.bucket}/pipelines",
        parameter_values=facts | dict(run.chosen),
        encryption_spec_key_name=place.key,
        labels=place.labels | {"run": run.name},
        project=place.project,
        location=place.region,
        enable_caching=False,
    )
    job.submit(service_account=place.service_account, network=place.network, experiment=place.experiment)
    return str(job.resource_name)


def _trigger(run: Run) -> str:
    """Starts the DAG through the environment's Airflow; Composer takes a minute to see a new file."""
    from google.auth import default
    from google.auth.transport.requests import AuthorizedSession

    place = run.place
    credentials, _ = default()
    session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
    environment = f"projects/{place.project}/locations/{place.region}/environments/{place.experiment}"
    conf = json.dumps({"run": run.name, "commit": run.commit, **run.chosen})
    body = {
        "command": "dags",
        "subcommand": "trigger",
        "parameters": [f"{place.team}-operational", "--run-id", run.name, "--conf", conf],
    }
    answer = session.post(f"https://composer.googleapis.com/v1/{environment}:executeAirflowCommand", json=body)
    if answer.status_code != 200:
        raise OperationFailed(environment, f"Composer answers {answer.status_code}", answer.text[:200])
    return f"{environment}/dags/{place.team}-operational/runs/{run.name}"


def listed() -> dict[str, Report]:
    """Pipelines by team, each with its title and the parameters that can be chosen."""
    flows = {path.parent.name: read_flow(path.parent.name) for path in sorted(FLOWS.glob("*/flow.yaml"))}
    return {name: {"title": flow.title, "parameters": flow.parameters.model_dump()} for name, flow in flows.items()}
