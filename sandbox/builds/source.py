"""What a build works on, where a client uploaded it: an archive in a bucket."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError

Read = Callable[[str, str], bytes]
"""Bytes of an object by bucket and name; SandboxError where the build's account may not read it."""


def unpack(build: dict[str, Any], read: Read, workspace: Path) -> None:
    """Fill the workspace with the build's source, or leave it empty where it names none.

    SandboxError for a source that is no archive in a bucket, and for names that lead out of the workspace.
    """
    source = build.get("source") or {}
    if not source:
        return
    found = source.get("storageSource")
    if found is None:
        raise SandboxError(
            f"source: {', '.join(source)} is not fetched here; upload an archive and name it storageSource"
        )
    bucket, name = str(found.get("bucket")), str(found.get("object"))
    data = read(bucket, name)
    try:
        if zipfile.is_zipfile(io.BytesIO(data)):
            _unzip(io.BytesIO(data), workspace)
        else:
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                archive.extractall(workspace, filter="data")
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as problem:
        raise SandboxError(
            f"gs://{bucket}/{name}: cannot be unpacked ({problem}); upload a .tar.gz or a .zip"
        ) from None


def _unzip(data: io.BytesIO, workspace: Path) -> None:
    with zipfile.ZipFile(data) as archive:
        for entry in archive.infolist():
            target = (workspace / entry.filename).resolve()
            if not target.is_relative_to(workspace.resolve()):
                raise SandboxError(f"{entry.filename}: leads out of the workspace; pack it without such names")
            archive.extract(entry, workspace)
