"""A published version on its orchestrator: Vertex AI Pipelines or Composer, of Google or of the sandbox alike."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from operations.composer import run_dag
from operations.outcome import OperationFailed
from operations.pipeline_results import result
from operations.pipeline_runs import Told, as_told, start
from operations.pipeline_versions import version_of
from operations.vertex import run_job
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
    before = _failure(run)
    try:
        work(run, Path(), report)
    except OperationFailed:
        if (now := _failure(run)) and now != before:
            raise as_told(json.loads(now[1])) from None
        raise
    return result(run)


def _failure(run: Run) -> tuple[int, bytes] | None:
    """What the run has left in Google's bucket about what stopped it, and which writing of it this is."""
    from google.api_core.exceptions import Forbidden, NotFound
    from google.cloud.storage import Blob, Client

    blob = Blob.from_uri(run.place.failure(run.name), client=Client(project=run.place.project))
    # Danger: who may not list a folder is refused where nothing is, too; then the orchestrator's own words have to do.
    with suppress(Forbidden, NotFound):
        blob.reload()
        return int(blob.generation), blob.download_as_bytes()
    return None


def tensorboard(place: Place) -> str:
    """The TensorBoard that the estate has under this title; only Google knows its name."""
    from pipelines.services.vertex_api import client

    known = client(place, "TensorboardServiceClient").list_tensorboards(parent=place.parent)
    found = next((one.name for one in known if one.display_name == place.tensorboard), None)
    if found is None:
        raise OperationFailed(place.project, f"has no TensorBoard '{place.tensorboard}'", "deploy the team's stack")
    return str(found)


_ON = {"vertex": run_job, "composer": run_dag}
