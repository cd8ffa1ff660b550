"""Approving an image for production: what Cloud Build has on record becomes the seal, and then what pipelines use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cloudbuild.pipelines import Pipeline, read_build
from cloudbuild.pipelines import read as read_pipelines
from operations.builds import duties
from operations.builds.desk import Desk
from operations.images.desk import Images
from operations.images.making import BASE, BASE_DIGEST, COMMIT, LOCK
from operations.images.sealing import Origin
from operations.outcome import OperationFailed
from settings.loading import names_of, read

PIPELINE = "container"
ITSELF = ("seal", "verify", "record")


def approve(settings: Path, image: str, digest: str, build: str) -> str:
    """Seal an image that a data engineer approved who did not write it; the name of the seal.

    Everything in the seal is what the image, Cloud Build and Git say; nothing is taken from who calls.
    """
    names, pipeline = names_of(read(settings)), read_pipelines()[PIPELINE]
    images = Images(names)
    address = images.address(image, digest)
    told = images.registry.labels(images.name(image), digest)
    if COMMIT not in told:
        raise OperationFailed(address, "does not say what it was built from", "have it built by its pipeline")
    consent = duties.consent(Desk(names), pipeline.place, build, Path.cwd(), told[COMMIT])
    origin = Origin(
        builder=f"https://cloudbuild.googleapis.com/{names.worker_pool(pipeline.place)}",
        build=build,
        repository=names.organization.repositories.containers,
        commit=told[COMMIT],
        base=told[BASE] + (f"@{told[BASE_DIGEST]}" if BASE_DIGEST in told else ""),
        packages=told[LOCK],
        checks=tuple(dict.fromkeys(_checks(pipeline))),
        authors=consent.authors,
        approver=consent.approver,
    )
    return images.approve(image, digest, origin)


def _checks(pipeline: Pipeline) -> Iterator[str]:
    """What the pipeline's builds run before the seal, as people run it."""
    for trigger in pipeline.triggers.values():
        for step in read_build(PIPELINE, trigger.build).steps:
            if step.id not in ITSELF:
                yield " ".join(step.args[:2])
