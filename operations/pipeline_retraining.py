"""A champion is trained anew because production asks it other things than it was trained on. Nothing is promoted here.

What was begun is written down before it begins, under the champion's version in the bucket of definitions: of two that
find the same, one begins, and what loses its gate is not tried again before the flow's own time is over.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import AwareDatetime, ValidationError

from operations.outcome import Exit, OperationFailed
from operations.pipeline_places import prepared
from operations.pipeline_results import run_of
from operations.pipeline_runs import Told
from operations.pipeline_submit import submit
from operations.pipeline_versions import bucket_of, version_of
from pipelines.artifacts import Report
from pipelines.flow import Flow, read_flow
from pipelines.place import Place
from pipelines.services import movement, registry
from pipelines.services.movement import Measured
from settings.values import Model

if TYPE_CHECKING:
    from google.cloud.storage import Blob

FOLDER = "retrainings"


class Retraining(Model):
    """What is kept of one: of which version of production, by which run of nonproduction, why, and what came of it."""

    version: str
    run: str
    why: list[dict[str, Any]]
    started: AwareDatetime
    outcome: str = ""


@dataclass(frozen=True)
class Decided:
    """What was decided, for people, and the run that came of it."""

    says: str
    run: str = ""
    outcome: str = ""


def retrain(production: Place, rehearsal: Place, report: Told, *, by: str, dry_run: bool = False) -> Decided:
    """Trains production's champion anew in the environment before, where monitoring says that a feature has moved."""
    flow = read_flow(production.team)
    champion = registry.at(production).champion()
    if champion is None:
        raise OperationFailed(production.project, "has no champion", "release a version first")
    why = moved(production, flow, champion.version)
    if not why:
        return Decided(f"version {champion.version}: nothing has moved")
    told = "\n".join(f"  {one}" for one in why)
    kept = _Kept(rehearsal, champion.version)
    if reason := kept.against(flow.monitoring.train_anew_after_days):
        return Decided(f"version {champion.version} has moved\n{told}\n{reason}")
    origin = run_of(rehearsal, champion.run)
    version_of(rehearsal, origin["commit"])
    now = datetime.now(UTC)
    name = f"retrain-{champion.version}-{now:%Y%m%d-%H%M%S}"
    chosen = json.dumps(_chosen(flow, origin["parameters"]) | {"until": f"{now:%Y-%m-%d}"})
    run = prepared(rehearsal, name, chosen)
    if dry_run:
        return Decided(f"version {champion.version} has moved\n{told}\nrun {name} would be started with {chosen}")
    entry = Retraining(version=champion.version, run=name, why=[asdict(one) for one in why], started=now)
    kept.begin(entry)
    try:
        outcome = str(submit(run, origin["commit"], report, by=by)["verdict"])
    except Exception as error:
        kept.end(entry, f"failed: {error}")
        raise
    kept.end(entry, outcome)
    return Decided(f"version {champion.version} has moved\n{told}\nrun {name}: {outcome}", name, outcome)


def moved(production: Place, flow: Flow, version: str) -> list[Measured]:
    """Every feature that is farther than its threshold.

    OperationFailed where nothing watches the version; INCONCLUSIVE where nothing has moved, but not all was looked at.
    """
    found, place = movement.measured(production, flow, version), f"version {version} in {production.project}"
    if found is None:
        raise OperationFailed(place, "is not watched by a monitoring job", "release it again, or go back to it")
    far = [one for one in found if one.moved]
    unseen = sorted(set(flow.features) - {one.feature for one in found})
    if unseen and not far:
        what = f"INCONCLUSIVE: nothing was looked at of {', '.join(unseen)}"
        way_out = "wait for requests that carry these features"
        raise OperationFailed(place, what, way_out, code=Exit.INCONCLUSIVE)
    return far


def _chosen(flow: Flow, parameters: Report) -> Report:
    """The parameters of a run, each of its own kind: Vertex AI gives every number back as one with a point."""
    known = flow.parameters.model_dump()
    return {name: type(value)(parameters[name]) for name, value in known.items() if name in parameters}


class _Kept:
    """The record of a version's retraining."""

    def __init__(self, place: Place, version: str) -> None:
        self._bucket, self._name = bucket_of(place), f"{FOLDER}/{version}.json"
        self._place = f"gs://{place.definitions}/{self._name}"
        self._found = self._bucket.get_blob(self._name)

    def against(self, days: int) -> str:
        """What speaks against another one now; empty where nothing does."""
        for blob in self._bucket.list_blobs(prefix=f"{FOLDER}/"):
            one, place = _read(blob), f"gs://{self._bucket.name}/{blob.name}"
            again = one.started + timedelta(days=days)
            if again <= datetime.now(UTC):
                continue
            if not one.outcome:
                return f"run {one.run} is under way since {one.started:%Y-%m-%d %H:%M}; if it died, remove {place}"
            if blob.name == self._name:
                return f"it was trained anew by run {one.run} ({one.outcome}); not again before {again:%Y-%m-%d}"
        return ""

    def begin(self, entry: Retraining) -> None:
        """Writes down that it begins. OperationFailed where somebody else has, meanwhile."""
        from google.api_core.exceptions import PreconditionFailed

        generation = self._found.generation if self._found else 0
        try:
            self._write(entry, if_generation_match=generation)
        except PreconditionFailed:
            raise OperationFailed(self._place, "another one has just begun", "wait for its end") from None

    def end(self, entry: Retraining, outcome: str) -> None:
        """Writes down what came of it."""
        self._write(entry.model_copy(update={"outcome": outcome}))

    def _write(self, entry: Retraining, **condition: int) -> None:
        text = entry.model_dump_json(indent=1) + "\n"
        self._bucket.blob(self._name).upload_from_string(text, content_type="application/json", **condition)


def _read(blob: Blob) -> Retraining:
    try:
        return Retraining.model_validate_json(blob.download_as_bytes())
    except ValidationError:
        place, way_out = f"gs://{blob.bucket.name}/{blob.name}", "put its version of before back, or remove it"
        raise OperationFailed(place, "is no record of a retraining", way_out) from None
