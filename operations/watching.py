"""What the scheduled job of a generative team does: live traffic against the release, questions and answers alike.

The traffic is a log of JSON lines, a file or a folder of a bucket. Every finding is one line of JSON, which the alert
policies of the estate count. The trend and the proposals are kept in that bucket; of a file, beside the runs and the
golden set.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from operations import traffic
from operations.drifting import event
from operations.evaluations import RELEASED, Desk
from operations.model_places import reached
from operations.reviews import ratings
from pipelines.genai import lines
from pipelines.genai.drift import lab, watching
from pipelines.genai.drift.lab import Embed
from pipelines.genai.drift.watching import Decay, Proposed
from pipelines.genai.nearness import unlike
from pipelines.genai.vertex.place import told
from pipelines.genai.vertex.watch_job import WatchJob
from settings import loading
from settings.writing import alone

EVENT = "genai-decay"
"""What the alert policy of the estate looks for in the log."""
SERIES, PROPOSALS = "watch.jsonl", "proposals.jsonl"


@dataclass(frozen=True)
class Findings:
    """What a look at the traffic found: lines of a log, and questions for the golden set."""

    logged: list[str]
    moved: bool
    decayed: bool
    proposals: list[Proposed]


def watched(
    desk: Desk,
    log: str,
    *,
    size: int,
    seed: int,
    alpha: float,
    margin: float,
    embed: Embed = lab.local,
    since: date | None = None,
) -> Findings:
    """Sample, score, compare; one line more of the trend, and new proposals."""
    name = log.rstrip("/").rpartition("/")[2]
    live = watching.sample(list(traffic.read(log, since)), size, seed)
    moved = lab.compare([item.question for item in desk.evaluation.golden.items], [one.question for one in live],
                        embed=embed, alpha=alpha)  # fmt: skip
    scored = list(watching.watch(desk.evaluation, live, embed))
    released = desk.kept_run(RELEASED)
    before = watching.released_scores(desk.evaluation, released, ratings(desk))
    found = watching.decays(scored, before, margin=margin, alpha=alpha)
    logged = [event(Path(name), moved), _event(name, desk, released.label, len(live), found)]
    series, proposals = _places(desk, log)
    traffic.put(series, traffic.text(series) + logged[1] + "\n")
    new = _proposed(proposals, watching.proposed(scored), most=10)
    return Findings(logged, any(one.drifted for one in moved), any(one.decayed for one in found), new)


def brought(desk: Desk) -> tuple[list[Proposed], int]:
    """Every question proposed for the golden set, those of the team's bucket brought beside it; how many are new.

    A proposal is no item: a person writes its reference.
    """
    here, new = _places(desk, "")[1], 0
    if desk.place:
        there = _places(desk, f"{traffic.BUCKET}{desk.place.bucket}/{traffic.FOLDER}")[1]
        new = len(_proposed(here, lines.of_text(traffic.text(there), Proposed, there)))
    return lines.of_text(traffic.text(here), Proposed, here), new


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
            traffic=f"gs://{place.bucket}/{traffic.FOLDER}",
            source=_uploaded(names.bucket(environment, owner, "definitions"), _archive(assets, settings)),
            image=image,
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
        blob = storage.Client(project="unused").bucket(bucket).blob(name)
        blob.upload_from_string(content, content_type="application/zip")
    return f"gs://{bucket}/{name}"


def _event(traffic: str, desk: Desk, released: str, answers: int, found: list[Decay]) -> str:
    line: dict[str, Any] = {"event": EVENT, "traffic": traffic, "evaluation": desk.evaluation.name, "answers": answers}
    line |= {"decayed": any(one.decayed for one in found), "judge": desk.evaluation.judge.label, "released": released}
    return json.dumps(line | {"metrics": [{**asdict(one), "decayed": bool(one.decayed)} for one in found]})


def _places(desk: Desk, log: str) -> tuple[str, str]:
    """Where the trend and the proposals are kept."""
    if log.startswith(traffic.BUCKET):
        kept = f"{log.rstrip('/').rpartition('/')[0]}/watch/{desk.evaluation.name}"
        return f"{kept}/{SERIES}", f"{kept}/{PROPOSALS}"
    golden = desk.assets.folder / "golden" / desk.evaluation.golden.name
    return str(desk.kept / SERIES), str(golden / PROPOSALS)


def _proposed(place: str, found: list[Proposed], most: int | None = None) -> list[Proposed]:
    """Those that ask what nothing proposed so far nearly asks, at most so many, written down with the others."""
    with nullcontext() if place.startswith(traffic.BUCKET) else alone(Path(place).parent):
        known = traffic.text(place)
        asked = [one.question for one in lines.of_text(known, Proposed, place)]
        fresh = unlike([*asked, *(one.question for one in found)], known=len(asked))
        new = [found[number - len(asked)] for number in fresh][:most]
        if new:
            traffic.put(place, known + lines.written(new))
    return new
