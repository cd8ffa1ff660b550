"""Approving an image for production: what Cloud Build has on record becomes the seal."""

from __future__ import annotations

from pathlib import Path

from operations.builds import duties
from operations.builds.desk import Desk
from operations.images.desk import Images
from operations.images.making import BASE, BASE_DIGEST, COMMIT, LOCK
from operations.images.sealing import Origin
from operations.outcome import OperationFailed
from settings.loading import names_of, read

PLACE = "delivery-w"
CHECKS = ("images check", "hashed lock", "bill of materials")


def approve(settings: Path, image: str, digest: str, build: str) -> str:
    """Seal an image that a data engineer approved who did not write it; the address of the seal.

    Everything in the seal is what the image, Cloud Build and Git say; nothing is taken from who calls.
    """
    names = names_of(read(settings))
    images = Images(names)
    told = images.registry.labels(images.name(image), digest)
    if COMMIT not in told:
        raise OperationFailed(
            f"{image}@{digest}", "does not say what it was built from", "have it built by its pipeline"
        )
    origin = Origin(
        builder=f"https://cloudbuild.googleapis.com/{names.worker_pool(PLACE)}",
        build=build,
        repository=names.organization.repositories.containers,
        commit=told[COMMIT],
        base=told[BASE] + (f"@{told[BASE_DIGEST]}" if BASE_DIGEST in told else ""),
        packages=told[LOCK],
        checks=CHECKS,
        approver=duties.check(Desk(names), PLACE, build, Path.cwd(), told[COMMIT]),
    )
    return images.approve(image, digest, origin)
