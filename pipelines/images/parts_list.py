"""What an image is made of, as a CycloneDX bill of materials: its base and every locked package."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from pipelines.images.image import Base, pins

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # a bill says what, not when


def bill(name: str, digest: str, base: Base, lock: Path) -> str:
    """The bill as JSON; the same image has the same bill. `digest` is the image's own."""
    image = Component(
        name=name,
        type=ComponentType.CONTAINER,
        bom_ref=name,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest.removeprefix("sha256:"))],
    )
    below = Component(name=base.image, version=base.digest or base.tag, type=ComponentType.CONTAINER, bom_ref="base")
    packages = [
        Component(
            name=package,
            version=version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{package}@{version}",
            purl=PackageURL("pypi", name=package, version=version),
        )
        for package, version in sorted(pins(lock).items())
    ]
    bom = Bom(components=[below, *packages], serial_number=uuid.uuid5(uuid.NAMESPACE_URL, digest))
    bom.metadata.component = image
    bom.metadata.timestamp = _EPOCH
    bom.register_dependency(image, [below, *packages])
    return str(JsonV1Dot6(bom).output_as_string(indent=2))
