"""Published versions of a team's pipelines: definitions in the team's bucket, which are never written again.

A version is the commit that it was compiled from. `version.json` is written last and has the digest of every file; a
version without it does not exist.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from operations.outcome import Exit, OperationFailed
from operations.pipeline_compile import compile_
from pipelines.flow import read_flow
from pipelines.place import Place
from pipelines.served import FLOWS
from settings.values import Model

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

FOLDER, MANIFEST = "versions", "version.json"
SHORT = 12


class Published(Model):
    """A version: the commit, the image of all its stages, what can be chosen for a run, and its files by digest."""

    version: str
    commit: str
    team: str
    orchestrator: str
    image: str
    title: str
    parameters: dict[str, Any]
    files: dict[str, str]


def bucket_of(place: Place) -> Bucket:
    """The bucket of definitions."""
    from google.cloud.storage import Client

    return Client(project=place.project).bucket(place.definitions)


def publish(place: Place, orchestrator: str, commit: str) -> Published:
    """Compiles the team's pipelines into its bucket. OperationFailed where the version is there with other bytes."""
    if not re.fullmatch(r"[0-9a-f]{7,40}", commit):
        raise OperationFailed("--commit", f"'{commit}' is no commit", "name it by its hash", code=Exit.BAD_INPUT)
    version, flow = commit[:SHORT], read_flow(place.team)
    with TemporaryDirectory() as folder:
        written = compile_(place, [orchestrator], Path(folder), version=version)
        content = {path.name: path.read_bytes() for path in written + sources(place.team, orchestrator)}
    found = Published(
        version=version,
        commit=commit,
        team=place.team,
        orchestrator=orchestrator,
        image=place.image,
        title=flow.title,
        parameters=flow.parameters.model_dump(),
        files={name: hashlib.sha256(data).hexdigest() for name, data in sorted(content.items())},
    )
    put(place, version, content | {MANIFEST: (found.model_dump_json(indent=1) + "\n").encode()})
    return found


def sources(team: str, orchestrator: str) -> list[Path]:
    """What the compiled form was made of; it lies beside it for whoever wants to read it."""
    room = FLOWS.parent
    own = [room / "vertex.py"] if orchestrator == "vertex" else []
    return [*own, room / "graph.py", FLOWS / team / "flow.yaml", FLOWS / team / "transfer.sql"]


def put(place: Place, version: str, content: dict[str, bytes]) -> None:
    """Writes the files of a version, in order; one that is there already has to have the same bytes."""
    from google.api_core.exceptions import PreconditionFailed

    bucket = bucket_of(place)
    for name, data in content.items():
        blob = bucket.blob(f"{FOLDER}/{version}/{name}")
        try:
            blob.upload_from_string(data, if_generation_match=0)
        except PreconditionFailed:
            if blob.download_as_bytes() != data:
                what = f"gs://{place.definitions}/{blob.name}"
                way_out = "commit what you have changed: a version never changes"
                raise OperationFailed(what, "was published with other bytes", way_out, code=Exit.REFUSED) from None


def published(place: Place) -> list[Published]:
    """Every version, the latest first."""
    blobs = [one for one in bucket_of(place).list_blobs(prefix=f"{FOLDER}/") if one.name.endswith(f"/{MANIFEST}")]
    latest = sorted(blobs, key=lambda blob: blob.time_created, reverse=True)
    return [Published(**json.loads(blob.download_as_bytes())) for blob in latest]


def version_of(place: Place, version: str) -> tuple[Published, dict[str, bytes]]:
    """A version with its files, whose bytes are those that were published. OperationFailed where there is none."""
    from google.api_core.exceptions import NotFound

    bucket, prefix = bucket_of(place), f"{FOLDER}/{version[:SHORT]}"
    try:
        found = Published(**json.loads(bucket.blob(f"{prefix}/{MANIFEST}").download_as_bytes()))
        content = {name: bucket.blob(f"{prefix}/{name}").download_as_bytes() for name in found.files}
    except NotFound as error:
        known = [one.version for one in published(place)]
        way_out = f"there are {', '.join(known)}" if known else "publish one first"
        what = "is not published" if version[:SHORT] not in known else f"has lost a file ({error.message})"
        raise OperationFailed(f"version {version}", what, way_out, code=Exit.BAD_INPUT) from None
    for name, data in content.items():
        if hashlib.sha256(data).hexdigest() != found.files[name]:
            what = f"gs://{place.definitions}/{prefix}/{name}"
            raise OperationFailed(what, "is not what was published", "publish another version", code=Exit.REFUSED)
    return found, content
