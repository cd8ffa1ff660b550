"""Who built an artifact from which commit with which checks: images by their seal, archives by their provenance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from operations.catalog_package import PROVENANCE
from operations.catalog_shelf import GoogleShelf
from operations.images.desk import Images, told
from operations.outcome import Exit, OperationFailed
from operations.serving import clients
from settings.loading import names_of, read

ARCHIVE = ".zip"
WAY_OUT = "do not use it; order what the catalog offers"


def verified(settings: Path, root: Path, target: str, artifact: str) -> dict[str, Any]:
    """What is known of an image (HOST/NAME@sha256:...) or of an archive (gs://... or a file).

    OperationFailed (a gate says no) where it is not what was built.
    """
    if not artifact.endswith(ARCHIVE):
        with clients(target, root):
            return Images(names_of(read(settings))).verify(artifact)
    paper = artifact.removesuffix(ARCHIVE) + PROVENANCE
    if not artifact.startswith("gs://"):
        return _matching(artifact, _file(artifact), _file(paper))
    bucket, _, name = artifact.removeprefix("gs://").partition("/")
    with clients(target, root):
        shelf = GoogleShelf(bucket)
        return _matching(artifact, shelf.get(name), shelf.get(paper.partition(bucket)[2].lstrip("/")))


def explained(found: dict[str, Any]) -> Iterator[str]:
    """What is known as sentences."""
    if "predicate" in found:
        yield from told(found)
        return
    checks = found["checks"]
    yield f"archive   {found['archive']} sha256:{found['sha256']}"
    yield f"template  {found['template']} {found['version']}"
    yield f"commit    {found['commit']}"
    yield f"checks    {checks['tests']} tests, {checks['examples']} examples, {checks['problems']} problems"


def _matching(artifact: str, data: bytes | None, paper: bytes | None) -> dict[str, Any]:
    if data is None:
        raise OperationFailed(artifact, "does not exist", "see 'blueprint catalog versions'", code=Exit.BAD_INPUT)
    try:
        found: dict[str, Any] = json.loads(paper or b"")
        same = found["sha256"] == sha256(data).hexdigest()
    except (ValueError, KeyError, TypeError):
        text = "has no provenance beside it that can be read"
        raise OperationFailed(artifact, text, WAY_OUT, code=Exit.REFUSED) from None
    if not same:
        raise OperationFailed(artifact, "is not what its provenance says", WAY_OUT, code=Exit.REFUSED)
    return found


def _file(name: str) -> bytes | None:
    path = Path(name)
    return path.read_bytes() if path.is_file() else None
