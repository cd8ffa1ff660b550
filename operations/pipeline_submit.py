"""A published version on its orchestrator: Vertex AI Pipelines or Composer, of Google or of the sandbox alike."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from operations.composer import run_dag
from operations.outcome import Exit, OperationFailed
from operations.pipeline_compile import named
from operations.pipeline_results import result
from operations.pipeline_runs import Told, start, stopped, values
from operations.pipeline_versions import FOLDER, Published, version_of
from pipelines.artifacts import Report
from pipelines.execute import Run
from pipelines.place import Place


def submit(run: Run, version: str, report: Told, *, by: str) -> Report:
    """Starts a published version with its orchestrator, waits for its end and gives what came of it."""
    found, content = version_of(run.place, version)
    changes = {"image": found.image, "tensorboard": tensorboard(run.place)}
    run = replace(run, place=run.place.model_copy(update=changes), commit=found.commit)
    work = partial(_ON[found.orchestrator], found, content)
    if run.place.laptop:
        return start(run, found.orchestrator, report, by=by, work=work)
    work(run, Path(), report)
    return result(run)


def tensorboard(place: Place) -> str:
    """The TensorBoard that the estate has under this title; only Google knows its name."""
    from pipelines.services.vertex_api import client

    known = client(place, "TensorboardServiceClient").list_tensorboards(parent=place.parent)
    found = next((one.name for one in known if one.display_name == place.tensorboard), None)
    if found is None:
        raise OperationFailed(place.project, f"has no TensorBoard '{place.tensorboard}'", "deploy the team's stack")
    return str(found)


def _vertex(found: Published, content: dict[str, bytes], run: Run, folder: Path, report: Told) -> None:
    """The pipeline file is read from the bucket, by its address there."""
    from google.api_core.exceptions import AlreadyExists
    from google.cloud import aiplatform

    for name in list(logging.root.manager.loggerDict):
        if name.startswith("google.cloud.aiplatform"):  # each writes to the screen by itself
            logging.getLogger(name).setLevel(logging.WARNING)
    del content, folder
    place, file = run.place, f"{named(run.place.team, run.pipeline)}.yaml"
    job = aiplatform.PipelineJob(
        display_name=f"{place.team}-{run.name}",
        job_id=f"{named(place.team, run.pipeline)}-{run.name}",
        template_path=f"gs://{place.definitions}/{FOLDER}/{found.version}/{file}",
        pipeline_root=f"gs://{place.bucket}/pipelines",
        parameter_values=values(run),
        encryption_spec_key_name=place.key,
        labels=place.labels | {"run": run.name, "version": found.version},
        project=place.project,
        location=place.region,
        enable_caching=False,
    )
    experiment = None if run.release else place.experiment
    try:
        job.submit(service_account=place.service_account, network=place.network, experiment=experiment)
    except AlreadyExists:
        what = "was submitted already"
        raise OperationFailed(f"run {run.name}", what, "choose another name", code=Exit.BAD_INPUT) from None
    _watch(run, str(job.resource_name), report)


def _watch(run: Run, name: str, report: Told) -> None:
    """Tells each step that has finished, until the job has ended."""
    from pipelines.services.vertex_api import client, wait

    jobs, seen, begin = client(run.place, "PipelineServiceClient"), set[str](), time.perf_counter()

    def ask() -> Any:
        job = jobs.get_pipeline_job(name=name)
        for task in job.job_detail.task_details:
            if task.state.name == "SUCCEEDED" and task.task_name.replace("-", "_") in run.steps:
                if task.task_name not in seen:
                    report(task.task_name.replace("-", "_"), time.perf_counter() - begin)
                seen.add(task.task_name)
        return job

    try:
        wait(ask)
    except RuntimeError as error:
        stopped(run)
        raise OperationFailed(name, str(error).splitlines()[-1], "see the job's tasks") from None


_ON = {"vertex": _vertex, "composer": run_dag}
