"""Approving an image for production: what Cloud Build has on record becomes the seal, and then what pipelines use."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudbuild.pipelines import read as read_pipelines
from operations.builds import duties, record
from operations.builds.desk import Desk
from operations.images.approved import approved
from operations.images.desk import Images
from operations.images.making import BASE, BASE_DIGEST, COMMIT, LOCK
from operations.images.sealing import Origin
from operations.outcome import Exit, OperationFailed
from settings.loading import names_of, read

if TYPE_CHECKING:
    from google.cloud.devtools.cloudbuild_v1 import Build

PIPELINE, PUSHING = "container", "build"
WAY_OUT = "do not use it; have it built by the container pipeline"


def approve(settings: Path, image: str, digest: str, build: str) -> str:
    """Seal an image that a data engineer approved who did not write it; the name of the seal.

    An image holds what every commit brought since the one that was approved last; whoever wrote of that wrote it.
    Everything in the seal is what the image, Cloud Build and Git say; nothing is taken from who calls.
    """
    names, place = names_of(read(settings)), read_pipelines()[PIPELINE].place
    images, desk = Images(names), Desk(names)
    address = images.address(image, digest)
    told = images.registry.labels(images.name(image), digest)
    if COMMIT not in told:
        raise OperationFailed(address, "does not say what it was built from", "have it built by its pipeline")
    made = pushed(desk, place, address, images.builds(image, digest), told[COMMIT])
    before = approved(names, image) or {}
    consent = duties.consent(desk, place, build, Path.cwd(), told[COMMIT], since=before.get("commit", ""))
    origin = Origin(
        builder=desk.builder(place),
        build=str(made.id),
        repository=names.organization.repositories.containers,
        commit=told[COMMIT],
        base=told[BASE] + (f"@{told[BASE_DIGEST]}" if BASE_DIGEST in told else ""),
        packages=told[LOCK],
        bill=sha256(images.bill(image, digest)).hexdigest(),
        checks=checks(made),
        authors=consent.authors,
        merger=consent.merger,
        approver=consent.approver,
        approval=build,
    )
    return images.approve(image, digest, origin)


def pushed(desk: Desk, place: str, address: str, builds: Sequence[str], commit: str) -> Build:
    """The build on record that pushed an image of a commit, of those that the image names.

    OperationFailed (a gate says no) where it names none, or each is another one.
    """
    if not builds:
        raise OperationFailed(address, "does not say which build pushed it", WAY_OUT, code=Exit.REFUSED)
    for one in builds:
        found = record.found(desk, place, address, one, WAY_OUT)
        others = list(record.others(found, trigger=f"{PIPELINE}-{PUSHING}", step=PUSHING, commit=commit))
        if not others:
            return found
    raise record.refused(address, one, others, WAY_OUT)


def checks(build: Build) -> tuple[str, ...]:
    """What a build ran before it pushed, and what ended well."""
    return tuple(words for step, words in record.ended_well(build).items() if step != PUSHING)


def must_be_on_record(settings: Path, address: str, statement: dict[str, Any]) -> None:
    """OperationFailed (a gate says no) unless registry and Cloud Build tell the same as the seal of an image."""
    names, place = names_of(read(settings)), read_pipelines()[PIPELINE].place
    desk, run, what = Desk(names), statement["predicate"]["runDetails"], statement["predicate"]["buildDefinition"]
    build, commit = run["metadata"]["invocationId"], what["externalParameters"]["commit"]
    key, _, digest = address.rpartition("/")[2].partition("@")
    named = [one for one in Images(names).builds(key, digest) if one == build]
    others = [] if run["builder"]["id"] == desk.builder(place) else ["builder"]
    if list(checks(pushed(desk, place, address, named, commit))) != what["internalParameters"]["checks"]:
        others.append("check")
    if others:
        raise record.refused(address, build, others, WAY_OUT)
