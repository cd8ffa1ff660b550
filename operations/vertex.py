"""A pipeline on Vertex AI Pipelines: submitted from the bucket, asked for until it has ended, and put on a schedule."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from operations.outcome import OperationFailed
from operations.pipeline_compile import named
from operations.pipeline_runs import Told, attempts_at, going_on, stopped, values
from operations.pipeline_versions import FOLDER, Published
from pipelines.artifacts import Report
from pipelines.execute import Run
from pipelines.place import Place
from pipelines.release import Trial


def run_job(found: Published, content: dict[str, bytes], run: Run, folder: Path, report: Told) -> None:
    """The pipeline file is read from the bucket, by its address there. Each attempt at a run is a job of its own.

    Before a promotion makes a canary, the schedule is there that looks after it.
    """
    from google.api_core.exceptions import Conflict
    from google.cloud import aiplatform

    for name in list(logging.root.manager.loggerDict):
        if name.startswith("google.cloud.aiplatform"):  # each writes to the screen by itself; what matters is raised
            logging.getLogger(name).setLevel(logging.CRITICAL)
    del folder
    if run.pipeline == "promotion":
        look_by_itself(found, content, run.place)
    place, file = run.place, f"{named(run.place.team, run.pipeline)}.yaml"
    asked = partial(
        aiplatform.PipelineJob,
        display_name=f"{place.team}-{run.name}",
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
    for attempt in attempts_at(f"{named(place.team, run.pipeline)}-{run.name}"):
        job = asked(job_id=attempt)
        try:
            job.submit(service_account=place.service_account, network=place.network, experiment=experiment)
            break
        except Conflict:  # which AlreadyExists is, too
            _must_have_ended(run, attempt)
        except RuntimeError as error:  # Danger: this is how the client hides that it may not have the experiment
            raise error.__cause__ or error from None
    _watch(run, str(job.resource_name), report)


def _must_have_ended(run: Run, attempt: str) -> None:
    from pipelines.services.vertex_api import ENDED, client

    name = f"{run.place.parent}/pipelineJobs/{attempt}"
    if not client(run.place, "PipelineServiceClient").get_pipeline_job(name=name).state.name.endswith(ENDED):
        raise going_on(run)


def look_by_itself(found: Published, content: dict[str, bytes], place: Place) -> None:
    """Leaves the schedule that concludes canaries, with all that its runs have to be told: Vertex AI keeps it.

    It has one name whatever the version, and the one of the version before goes. A version from before there was such a
    pipeline has none to leave.
    """
    from pipelines.services.vertex_api import client

    name = named(place.team, "canary")
    if f"{name}.yaml" not in content:
        return
    schedule = wanted(name, found, content, place)
    client(place, "ScheduleServiceClient").create_schedule(parent=place.parent, schedule=schedule)
    take_away(place, keep=1)


def take_away(place: Place, *, keep: int = 0) -> None:
    """Of the schedules that conclude canaries only the newest stay; who does this at the same time keeps the same."""
    from google.api_core.exceptions import NotFound

    from pipelines.services.vertex_api import client

    schedules, name = client(place, "ScheduleServiceClient"), named(place.team, "canary")
    known = schedules.list_schedules(request={"parent": place.parent, "filter": f'display_name="{name}"'})
    for old in sorted(known, key=lambda one: (one.create_time, one.name), reverse=True)[keep:]:
        with suppress(NotFound):
            schedules.delete_schedule(name=old.name)


def wanted(name: str, found: Published, content: dict[str, bytes], place: Place) -> Report:
    """The schedule of a published pipeline, as Vertex AI is asked for it."""
    run = Run("", place, {}, found.commit, release=Trial())
    job = {
        "display_name": name,
        "pipeline_spec": next(yaml.safe_load_all(content[f"{name}.yaml"])),
        "runtime_config": {"gcs_output_directory": f"gs://{place.bucket}/pipelines", "parameter_values": values(run)},
        "service_account": place.service_account,
        "network": place.network,
        "encryption_spec": place.encryption,
        "labels": place.labels | {"version": found.version},
    }
    return {
        "display_name": name,
        "cron": f"*/{run.flow.serving.canary.look_every_minutes} * * * *",
        "max_concurrent_run_count": 1,
        "create_pipeline_job_request": {"parent": place.parent, "pipeline_job": job},
    }


def _watch(run: Run, name: str, report: Told) -> None:
    """Tells each step that has finished, until the job has ended."""
    from pipelines.services.vertex_api import client, wait

    jobs, seen, begin = client(run.place, "PipelineServiceClient"), set[str](), time.perf_counter()
    broken: dict[str, str] = {}

    def ask() -> Any:
        job = jobs.get_pipeline_job(name=name)
        for task in job.job_detail.task_details:
            if task.error.message:
                broken[task.task_name] = task.error.message
            if task.state.name == "SUCCEEDED" and task.task_name.replace("-", "_") in run.steps:
                if task.task_name not in seen:
                    report(task.task_name.replace("-", "_"), time.perf_counter() - begin)
                seen.add(task.task_name)
        return job

    try:
        wait(ask)
    except RuntimeError as error:
        stopped(run)
        told = "; ".join(f"step {step}: {why}" for step, why in broken.items()) or str(error).splitlines()[-1]
        raise OperationFailed(name, told, "see the job's tasks") from None
