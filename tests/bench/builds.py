"""The four pipelines: wall time of the builds of one whole change, as docs/whole-change.sh sends it on its way."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sandbox.store import Store
from tests.bench.numbers import ROOT, Number
from tests.program import EXAMPLE, blueprint

KIND = "cloudbuild:projects/locations/builds"


def measure(work: Path) -> Iterable[Number]:
    """Seconds on this computer, from a build's start to its end, added up for each pipeline.

    Minutes all in all: the applications' pipelines first, then that of the infrastructure; what people type is shown.
    """
    assert blueprint("up", *EXAMPLE, cwd=work).returncode == 0
    for part in ([], ["infrastructure"]):
        command = ["sh", str(ROOT / "docs/whole-change.sh"), *part]
        subprocess.run(command, cwd=work, check=True, stdout=subprocess.DEVNULL)
        for pipeline, seconds in sorted(taken(work / ".sandbox/change/.sandbox/cloud.db").items()):
            yield Number(f"{pipeline} pipeline, {len(seconds)} builds of one change", sum(seconds), "s")


def taken(database: Path) -> dict[str, list[float]]:
    """How long each finished build of each pipeline took."""
    with Store(database) as store:
        names = {str(v["trigger_id"]): str(v["name"]) for _, v in store.find("google_cloudbuild_trigger")}
        builds = [body for _, body in store.documents.find(KIND) if "finishTime" in body]
    found: dict[str, list[float]] = defaultdict(list)
    for build in builds:
        begin, end = (datetime.fromisoformat(build[key]) for key in ("startTime", "finishTime"))
        found[names[build["buildTriggerId"]].partition("-")[0]].append((end - begin).total_seconds())
    return found
