"""What the scheduled job of a generative team does: live traffic against the release, questions and answers alike.

The traffic is a log of JSON lines, a file or a folder of a bucket. Every finding is one line of JSON, which the alert
policies of the estate count; the trend is kept beside the runs.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from operations.drifting import event
from operations.evaluations import RELEASED, Desk
from operations.model_places import reached
from operations.outcome import OperationFailed
from operations.writing import write
from pipelines.genai import lines
from pipelines.genai.drift import lab, watching
from pipelines.genai.drift.traffic import Logged
from pipelines.genai.drift.watching import Decay, Proposed
from pipelines.genai.vertex.embedding import VertexEmbedding
from pipelines.genai.vertex.place import told
from pipelines.genai.vertex.watch_job import WatchJob
from settings import loading

EVENT = "genai-decay"
"""What the alert policy of the estate looks for in the log."""
LOG = "traffic"
"""Where in the team's bucket the application writes what it was asked and what it answered."""
SERIES, PROPOSALS = "watch.jsonl", "proposals.jsonl"


@dataclass(frozen=True)
class Findings:
    """What a look at the traffic found: lines of a log, and questions for the golden set."""

    logged: list[str]
    moved: bool
    decayed: bool
    proposals: list[Proposed]


def watched(
    desk: Desk, traffic: str, *, size: int, seed: int, alpha: float, margin: float, embedding: str = ""
) -> Findings:
    """Sample, score, compare; one line more of the trend, and new proposals beside the golden set."""
    name = traffic.rstrip("/").rpartition("/")[2]
    live = watching.sample([one for _, one in _read(traffic)], size, seed)
    embed = VertexEmbedding(desk.place, embedding) if desk.place and embedding else lab.local
    moved = lab.compare([item.question for item in desk.evaluation.golden.items], [one.question for one in live],
                        embed=embed, alpha=alpha)  # fmt: skip
    scored = list(watching.watch(desk.evaluation, live, embed))
    found = watching.decays(scored, desk.kept_run(RELEASED), margin=margin, alpha=alpha)
    logged = [event(Path(name), moved), _event(name, desk, len(live), found)]
    series = desk.kept / SERIES
    write(series, (series.read_text(encoding="utf-8") if series.exists() else "") + logged[1] + "\n")
    new = _proposed(desk, watching.proposed(scored, most=10))
    return Findings(logged, any(one.drifted for one in moved), any(one.decayed for one in found), new)


def submitted(assets: Path, settings: Path, name: str, environment: str, target: str, image: str) -> str:
    """Start the job that looks at the traffic in the team's project, with the assets as they are here; its name."""
    installation = loading.read(settings)
    names, team = loading.names_of(installation), installation.teams
    with reached(target, installation, environment) as place:
        assert place is not None
        owner = next(key for key in team if names.project(environment, key) == place.project)
        job = WatchJob(
            place=place,
            evaluation=name,
            environment=environment,
            traffic=f"gs://{place.bucket}/{LOG}",
            source=_uploaded(names.bucket(environment, owner, "definitions"), _archive(assets, settings)),
            image=image,
            network=names.network_link(environment),
            key=names.key(environment, place.region, "aiplatform"),
        )
        return job.start()


def _archive(assets: Path, settings: Path) -> bytes:
    """Assets and settings where the commands look for them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder, place in ((assets, "pipelines/genai"), (settings, "settings")):
            for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
                archive.writestr(zipfile.ZipInfo(f"{place}/{path.relative_to(folder)}"), path.read_bytes())
    return out.getvalue()


def _uploaded(bucket: str, content: bytes) -> str:
    from google.cloud import storage

    name = f"watch/{hashlib.sha256(content).hexdigest()[:16]}.zip"
    with told("the bucket of definitions"):
        storage.Client().bucket(bucket).blob(name).upload_from_string(content, content_type="application/zip")
    return f"gs://{bucket}/{name}"


def _event(traffic: str, desk: Desk, answers: int, found: list[Decay]) -> str:
    line: dict[str, Any] = {"event": EVENT, "traffic": traffic, "evaluation": desk.evaluation.name, "answers": answers}
    line |= {"decayed": any(one.decayed for one in found), "judge": desk.evaluation.judge.label}
    return json.dumps(line | {"metrics": [{**asdict(one), "decayed": bool(one.decayed)} for one in found]})


def _proposed(desk: Desk, found: list[Proposed]) -> list[Proposed]:
    """Those that are not proposed yet, written down with the others."""
    path = desk.assets.folder / "golden" / desk.evaluation.golden.name / PROPOSALS
    known = lines.records(path, Proposed) if path.exists() else []
    asked = {one.question for one in known}
    new = [one for one in found if one.question not in asked]
    if new:
        write(path, lines.written([*known, *new]))
    return new


def _read(traffic: str) -> Iterator[tuple[str, Logged]]:
    if not traffic.startswith("gs://"):
        yield from ((traffic, one) for one in lines.records(Path(traffic), Logged))
        return
    from google.api_core.exceptions import GoogleAPICallError
    from google.cloud import storage

    bucket, _, prefix = traffic.removeprefix("gs://").partition("/")
    with TemporaryDirectory() as folder:
        try:
            for blob in storage.Client().list_blobs(bucket, prefix=prefix):
                path = Path(folder) / "log.jsonl"
                blob.download_to_filename(path)
                place = f"gs://{bucket}/{blob.name}"
                yield from ((place, one) for one in lines.records(path, Logged, place))
        except GoogleAPICallError as error:
            raise OperationFailed(
                traffic, f"{error.code} {error.message}", "see that it exists and may be read"
            ) from None
