"""What stands behind a published version: the approved build, and the people, as they are on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from cloudbuild.pipelines import read as read_pipelines
from operations.builds import duties, record
from operations.builds.desk import Desk
from operations.catalog_index import Release
from operations.outcome import Exit, OperationFailed
from settings.loading import names_of, read
from settings.model import Model

if TYPE_CHECKING:
    from google.cloud.devtools.cloudbuild_v1 import Build

PIPELINE, PUBLISHING = "interactive", "publish"
BUILT = "built"
WAY_OUT = "do not use it; order what the catalog offers"


@dataclass(frozen=True)
class Record:
    """The build that publishes a version, who wrote and merged the change, and who approved the build."""

    builder: str
    build: str
    authors: tuple[str, ...]
    merger: str
    approver: str


class Checks(Model):
    """Which checks a template went through, and what they looked at and found."""

    ran: list[str] = []
    problems: int
    examples: int
    tests: int


class Paper(Model):
    """The provenance of an archive; `built` names the build that published it."""

    template: str
    version: str
    archive: str
    sha256: str
    commit: str
    checks: Checks
    built: Record | None = None


_PAPER: TypeAdapter[Paper] = TypeAdapter(Paper)


def read_paper(artifact: str, data: bytes | None) -> Paper:
    """The provenance beside an archive. OperationFailed (a gate says no) where it is none."""
    try:
        return _PAPER.validate_json(data or b"")
    except ValueError:
        text = "has no provenance beside it that can be read"
        raise OperationFailed(artifact, text, WAY_OUT, code=Exit.REFUSED) from None


def on_record(settings: Path, build: str, commit: str) -> Record:
    """What is known of the running build. OperationFailed (a gate says no) where nobody else approved it."""
    desk, place = Desk(names_of(read(settings))), read_pipelines()[PIPELINE].place
    since = desk.last(place, desk.build(place, build))
    consent = duties.consent(desk, place, build, Path.cwd(), commit, since=since)
    return Record(desk.builder(place), build, consent.authors, consent.merger, consent.approver)


def must_be_on_record(settings: Path, artifact: str, paper: Paper, release: Release) -> None:
    """OperationFailed (a gate says no) unless the catalog and Cloud Build tell the same as a provenance."""
    if paper.built is None:
        raise OperationFailed(artifact, "was published by no build", WAY_OUT, code=Exit.REFUSED)
    desk, place = Desk(names_of(read(settings))), read_pipelines()[PIPELINE].place
    found = record.found(desk, place, artifact, paper.built.build, WAY_OUT)
    others = [*_others(paper, release), *_other_build(paper, paper.built, found, desk.builder(place))]
    others += _other_people(paper.built, found)
    if others:
        raise record.refused(artifact, paper.built.build, others, WAY_OUT)


def _others(paper: Paper, release: Release) -> Iterator[str]:
    if paper.sha256 != release.sha256:
        yield "archive"
    if not paper.commit or paper.commit != release.commit:
        yield "commit in the catalog"


def _other_build(paper: Paper, told: Record, found: Build, builder: str) -> Iterator[str]:
    yield from record.others(found, trigger=f"{PIPELINE}-{PUBLISHING}", step=PUBLISHING, commit=paper.commit)
    if told.builder != builder:
        yield "builder"


def _other_people(told: Record, found: Build) -> Iterator[str]:
    if not told.approver or told.approver != found.approval.result.approver_account:
        yield "approver"
    source = found.source.connected_repository
    origin = duties.origin_of(source.repository, source.revision)
    # Git knows of more authors than the host: whoever a commit names as one.
    if not told.authors or (origin and not set(origin.authors) <= set(told.authors)):
        yield "author"
    if origin and told.merger != origin.merged_by:
        yield "merger"
