"""What builds do with pipelines: publish, run what is published, and bring a chosen model to production."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operations.builds import duties
from operations.builds.desk import Desk
from operations.google_words import told
from operations.pipeline_promotion import evidence, promotion
from operations.pipeline_runs import Told
from operations.pipeline_submit import submit
from operations.pipeline_versions import MANIFEST, Published, published, put, version_of
from operations.serving import clients
from pipelines.artifacts import Report
from pipelines.place import Place
from sandbox import redirect
from settings.loading import names_of, read

DELIVERY = "delivery-w"


@contextmanager
def acting(target: str, person: str) -> Iterator[str]:
    """Google's clients act as a person while the block runs, or as who this process is; refusals are told. Who acts."""
    principal = f"user:{person}" if person else os.environ.get(redirect.PRINCIPAL, redirect.OPERATOR)
    if target == "laptop":
        yield person or principal
        return
    way_out = "see 'blueprint status', or deploy with 'blueprint up'"
    with told(person or principal, way_out), clients(target, Path.cwd(), principal=principal):
        yield person or principal


def release(
    settings: Path, source: Place, target: Place, run: str, build: str, report: Told
) -> tuple[Published, Report]:
    """Runs the promotion of a passing run's model in production, by production's own orchestrator.

    Who approved is asked of Cloud Build, which holds the running build until a data engineer does; whoever wrote the
    commit of the run, or what came since the newest in production, is refused. The definitions are those that ran in
    nonproduction, byte by byte.
    """
    found = evidence(source, run)
    names, commit = names_of(read(settings)), str(found["commit"])
    before = next((one.commit for one in published(target)), "")
    approved_by = duties.consent(Desk(names), DELIVERY, build, Path.cwd(), commit, since=before).approver
    version, content = version_of(source, commit)
    put(target, version.version, content | {MANIFEST: (version.model_dump_json(indent=1) + "\n").encode()})
    it = promotion(source, target, found, approved_by=approved_by)
    return version, submit(it, version.version, report, by=approved_by)
