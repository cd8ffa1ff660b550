"""What a build leaves behind: files of its workspace as objects of a bucket."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox.errors import SandboxError

Upload = Callable[[str, str, bytes], None]
"""Bucket, name and bytes of one object; SandboxError where the build's identity may not write it."""


def keep(build: dict[str, Any], workspace: Path, upload: Upload) -> dict[str, Any]:
    """Upload `artifacts.objects` and return the build's results. SandboxError where a path matches no file."""
    if build.get("images"):
        raise SandboxError("images: none is built here; push by a step's own command")
    wanted = (build.get("artifacts") or {}).get("objects") or {}
    if not wanted:
        return {}
    target = urlsplit(str(wanted["location"]))
    if target.scheme != "gs":
        raise SandboxError(f"artifacts.objects.location: '{wanted['location']}' is no gs:// address; give one")
    files = [file for pattern in wanted.get("paths") or () for file in _matching(workspace, str(pattern))]
    for file in files:
        name = f"{target.path.strip('/')}/{file.name}".lstrip("/")
        upload(target.netloc, name, file.read_bytes())
    return {"numArtifacts": str(len(files))}


def _matching(workspace: Path, pattern: str) -> list[Path]:
    found = sorted(file for file in workspace.glob(pattern.lstrip("/")) if file.is_file())
    if not found:
        raise SandboxError(f"artifacts.objects.paths: '{pattern}' matches no file; correct the pattern")
    return found
