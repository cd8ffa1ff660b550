"""Blueprints of Infrastructure Manager: the files that a deployment is made of, read as its own account."""

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox import iam
from sandbox.errors import SandboxError
from sandbox.store import Store

Values = dict[str, Any]

_STATE = ("config.deployments.getState", "config.deployments.updateState", "logging.logEntries.create")
_SOURCE = re.compile(r"gs://([^/]+)/([^#]+)(?:#(\d+))?")


class Refused(SandboxError):  # noqa: N818
    """A deployment cannot begin."""


def unpack(store: Store, asked: Values, folder: Path) -> None:
    """Fill a folder with a blueprint, and with nothing of one before; what a state says stays."""
    _must_work(store, asked)
    files = dict(_files(store, asked))
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if not path.name.startswith("terraform.tfstate"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, data in files.items():
        target = (folder / name).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise Refused(f"{name}: leads out of the blueprint; pack it without such names")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _must_work(store: Store, asked: Values) -> None:
    """The account keeps the state, and writes what its runs say into the bucket that is named, or one that it makes."""
    who, project = account(asked), f"//cloudresourcemanager.googleapis.com/projects/{asked['name'].split('/')[1]}"
    bucket, _, folder = str(asked.get("artifactsGcsBucket") or "").removeprefix("gs://").partition("/")
    runs = f"//storage.googleapis.com/projects/_/buckets/{bucket}/objects/{folder}/log"
    needed = [(permission, project) for permission in _STATE]
    needed += [("storage.objects.create", runs)] if bucket else [("storage.buckets.create", project)]
    for permission, about in needed:
        decision = iam.decide(store, f"serviceAccount:{who}", permission, about)
        if not decision.allowed:
            raise Refused(f"{about.rpartition('.com/')[2]}: {who} needs {permission} ({decision.why})")


def _files(store: Store, asked: Values) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file of a blueprint, read as the deployment's own account."""
    source = str((asked.get("terraformBlueprint") or {}).get("gcsSource") or "")
    found = _SOURCE.fullmatch(source)
    if found is None:
        raise Refused(f"terraformBlueprint.gcsSource: '{source}' is no gs:// address; give one")
    bucket, name, generation = found.groups()
    if not name.endswith(".zip"):
        prefix = name.rstrip("/") + "/"
        for one in store.objects.find(bucket, prefix):
            yield one.name.removeprefix(prefix), _read(store, asked, bucket, one.name)
        return
    data = _read(store, asked, bucket, name, generation)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from ((one, archive.read(one)) for one in archive.namelist() if not one.endswith("/"))
    except (zipfile.BadZipFile, RuntimeError) as problem:
        raise Refused(f"gs://{bucket}/{name}: cannot be unpacked ({problem}); pack it as a plain zip") from None


def _read(store: Store, asked: Values, bucket: str, name: str, generation: str | None = None) -> bytes:
    who = account(asked)
    about = f"//storage.googleapis.com/projects/_/buckets/{bucket}/objects/{name}"
    decision = iam.decide(store, f"serviceAccount:{who}", "storage.objects.get", about)
    found = store.objects.get(bucket, name)
    if found is None or (generation and str(found.generation) != generation):
        raise Refused(f"gs://{bucket}/{name}: there is no such object; upload the blueprint first")
    if not decision.allowed:
        raise Refused(f"gs://{bucket}/{name}: {who} needs storage.objects.get ({decision.why})")
    return found.data


def account(asked: Values) -> str:
    """The service account that a deployment works as."""
    return str(asked.get("serviceAccount") or "").rpartition("/")[2]
