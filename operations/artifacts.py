"""Who built an artifact from which commit with which checks: images by their seal, archives by their provenance."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from operations.catalog_index import Index, Release
from operations.catalog_package import PROVENANCE
from operations.catalog_publish import PUBLISHED
from operations.catalog_record import BUILT, WAY_OUT, Paper, must_be_on_record, read_paper
from operations.catalog_shelf import GoogleShelf
from operations.images import approving
from operations.images.desk import Images, behind, told
from operations.outcome import Exit, OperationFailed
from operations.serving import clients
from settings.loading import names_of, read

ARCHIVE = ".zip"


def verified(settings: Path, root: Path, target: str, artifact: str) -> dict[str, Any]:
    """What is known of an image (HOST/NAME@sha256:...) or of an archive (gs://... or a file).

    OperationFailed (a gate says no) where it is not what was built, or is published and no approved build did that.
    """
    names = names_of(read(settings))
    if not artifact.endswith(ARCHIVE):
        with clients(target, root):
            statement = Images(names).verify(artifact)
            approving.must_be_on_record(settings, artifact, statement)
            return statement
    paper = artifact.removesuffix(ARCHIVE) + PROVENANCE
    if not artifact.startswith("gs://"):
        return _told(_matching(artifact, _file(artifact), _file(paper)), built=False)
    bucket, _, name = artifact.removeprefix("gs://").partition("/")
    published = bucket == names.template_bucket() and name.startswith(f"{PUBLISHED}/")
    with clients(target, root):
        shelf = GoogleShelf(bucket)
        found = _matching(artifact, shelf.get(name), shelf.get(paper.partition(bucket)[2].lstrip("/")))
        if published:
            must_be_on_record(settings, artifact, found, _release(shelf, artifact, name, found))
    return _told(found, built=published)


def explained(found: dict[str, Any]) -> Iterator[str]:
    """What is known as sentences."""
    if "predicate" in found:
        yield from told(found)
        return
    checks = found["checks"]
    yield f"archive   {found['archive']} sha256:{found['sha256']}"
    yield f"template  {found['template']} {found['version']}"
    yield f"commit    {found['commit']}"
    yield f"checks    {', '.join(checks['ran'])}"
    yield f"found     {checks['problems']} problems in {checks['tests']} tests and {checks['examples']} examples"
    yield from behind(found[BUILT]) if BUILT in found else ["approved  by nobody: it is no version of the catalog"]


def _told(paper: Paper, *, built: bool) -> dict[str, Any]:
    """What is known; of who built it only what was held against the record."""
    return paper.model_dump(mode="json", exclude=set() if built else {BUILT})


def _matching(artifact: str, data: bytes | None, paper: bytes | None) -> Paper:
    if data is None:
        raise OperationFailed(artifact, "does not exist", "see 'blueprint catalog versions'", code=Exit.BAD_INPUT)
    found = read_paper(artifact, paper)
    if found.sha256 != sha256(data).hexdigest():
        raise OperationFailed(artifact, "is not what its provenance says", WAY_OUT, code=Exit.REFUSED)
    return found


def _release(shelf: GoogleShelf, artifact: str, name: str, paper: Paper) -> Release:
    """The version that the archive is on record as."""
    release = Index(shelf).read().templates.get(paper.template, {}).get(paper.version)
    if release is None or release.archive != name:
        text = f"is not version {paper.version} of {paper.template} in the catalog"
        raise OperationFailed(artifact, text, WAY_OUT, code=Exit.REFUSED)
    return release


def _file(name: str) -> bytes | None:
    path = Path(name)
    return path.read_bytes() if path.is_file() else None
