"""Templates on their way into the catalog: candidates first, then the same bytes as a version of their own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import unified_diff
from functools import partial
from hashlib import sha256

from catalog_templates.archive import Archive, content
from operations.catalog_index import Contents, Index, Release, numbers, with_release
from operations.catalog_package import Package
from operations.catalog_record import Record
from operations.catalog_shelf import Shelf, put_once
from operations.outcome import Exit, OperationFailed

CANDIDATES, PUBLISHED = "candidates", "published"


def add_candidates(shelf: Shelf, packages: Sequence[Package], *, pull: int = 0) -> list[str]:
    """Put what a pull request would publish beside the catalog, under its number (0: none). Says the new names.

    Nothing on offer changes.
    """
    index = Index(shelf).read()
    added = []
    for one in packages:
        _must_be_newer(index, one)
        name = f"{CANDIDATES}/{pull}/{one.archive.name}"
        if shelf.get(name) is None and not _known(index, one.archive):
            put_once(shelf, name, one.archive.data)
            put_once(shelf, f"{CANDIDATES}/{pull}/{one.provenance_name}", one.provenance.encode())
            added.append(name)
    return added


def publish(
    shelf: Shelf, packages: Sequence[Package], *, record: Record | None = None, offer: bool = False
) -> list[str]:
    """Make each package a version of its own; with `offer` people may order it. Says what is new.

    What was a version before and is not on offer is said, too, where it should be.

    With the `record` of an approved build nothing is published that was not a candidate with the same bytes before.
    """
    index = Index(shelf)
    published = []
    for one in packages:
        archive = one.archive
        _must_be_newer(index.read(), one)
        if known := _known(index.read(), archive):
            if offer and known.state == "published":
                version = f"{archive.key} {archive.manifest.version}"
                published.append(f"{version}: is published already; promote it: 'blueprint catalog promote {version}'")
            continue
        if record and not _was_candidate(shelf, archive):
            text, way_out = "was no candidate with these bytes", "open a pull request, which adds the candidate"
            raise OperationFailed(f"{archive.key} {archive.manifest.version}", text, way_out, code=Exit.REFUSED)
        place = f"{PUBLISHED}/{archive.key}/{archive.manifest.version}"
        put_once(shelf, f"{place}/{archive.name}", archive.data)
        paper = one.recorded(record) if record else one
        # Danger: the paper of a build that failed half-way names another build than the one that would publish.
        put_once(shelf, f"{place}/{one.provenance_name}", paper.provenance.encode())
        index.change(partial(_added, one=one, archive=f"{place}/{archive.name}", offer=offer))
        published.append(f"{archive.key} {archive.manifest.version}")
    return published


def difference(shelf: Shelf, key: str, first: str, second: str) -> list[str]:
    """What two published versions of a template differ in, as a unified diff."""
    old, new = (content(fetch(shelf, Index(shelf).release(key, version))) for version in (first, second))
    lines: list[str] = []
    for name in sorted(old.keys() | new.keys()):
        before, after = (side.get(name, b"").decode().splitlines(keepends=True) for side in (old, new))
        lines += unified_diff(before, after, f"{key}-{first}/{name}", f"{key}-{second}/{name}")
    return [line.rstrip("\n") for line in lines]


def fetch(shelf: Shelf, release: Release) -> bytes:
    """The archive of a version; OperationFailed where it is gone or is not what the index says."""
    data = shelf.get(release.archive)
    if data is None or sha256(data).hexdigest() != release.sha256:
        text = "is gone" if data is None else "is not the archive that was published"
        way_out = "withdraw the version and tell the platform's engineers: the bucket keeps what was there before"
        raise OperationFailed(f"{shelf.place}/{release.archive}", text, way_out, code=Exit.REFUSED)
    return data


def _known(contents: Contents, one: Archive) -> Release | None:
    """The release that is this archive."""
    return contents.templates.get(one.key, {}).get(one.manifest.version)


def _was_candidate(shelf: Shelf, archive: Archive) -> bool:
    """Whether a pull request added these very bytes."""
    names = [name for name in shelf.names(f"{CANDIDATES}/") if name.endswith(f"/{archive.name}")]
    return any(shelf.get(name) == archive.data for name in names)


def _must_be_newer(contents: Contents, one: Package) -> None:
    """The same version with other content, or a version below the newest, is refused."""
    key, version = one.archive.key, one.archive.manifest.version
    known = contents.templates.get(key, {})
    same = known.get(version)
    if same and same.sha256 != one.archive.digest:
        text, way_out = "is published with other content", "raise version in manifest.yaml"
        raise OperationFailed(f"{key} {version}", text, way_out, code=Exit.REFUSED)
    newest = max(known, key=numbers, default=version)
    if not same and numbers(version) < numbers(newest):
        way_out = f"write a version above {newest} in manifest.yaml"
        raise OperationFailed(f"{key} {version}", f"is older than {newest}", way_out, code=Exit.REFUSED)


def _added(contents: Contents, *, one: Package, archive: str, offer: bool) -> Contents:
    made = Release(
        archive=archive,
        sha256=one.archive.digest,
        commit=json.loads(one.provenance)["commit"],
        state="offered" if offer else "published",
    )
    return with_release(contents, one.archive.key, one.archive.manifest.version, made)
