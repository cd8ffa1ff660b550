"""OCI image layouts, written without a container engine: the same input gives the same bytes, and so the same digest.

Format: OCI Image Format Specification 1.1 (image-layout, manifest, config). Layers are plain tar archives: what a
compressor makes of the same bytes depends on its version.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def digest(data: bytes) -> str:
    """The name that OCI gives to bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def layer(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A layer with these files (path below the root -> content): sorted, without times and owners."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in sorted(files):
            entry = tarfile.TarInfo(name.lstrip("/"))
            entry.size, entry.mode, entry.mtime = len(data), 0o644, 0
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


@dataclass(frozen=True)
class Start:
    """What an image starts from: the layers of its base, by descriptor, and their diff ids; empty for none."""

    layers: list[dict[str, Any]] = field(default_factory=list)
    diff_ids: list[str] = field(default_factory=list)
    environment: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Built:
    """An image: the digest by which it is used, and its blobs by digest (those of the base are elsewhere)."""

    digest: str
    blobs: Mapping[str, bytes]

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest as data."""
        found: dict[str, Any] = json.loads(self.blobs[self.digest])
        return found

    def write(self, folder: Path) -> None:
        """Write an image layout; blobs are shared between images that are written into one folder."""
        for name, data in self.blobs.items():
            path = folder / "blobs" / name.replace(":", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        entry = {"mediaType": MANIFEST, "digest": self.digest, "size": len(self.blobs[self.digest])}
        index = {"schemaVersion": 2, "manifests": [entry]}
        (folder / "index.json").write_text(json.dumps(index, sort_keys=True))


def build(
    start: Start, layers: Iterable[bytes], *, command: list[str], user: int, folder: str, labels: Mapping[str, str]
) -> Built:
    """An image of these layers on top of a start. `labels` stand in its config and, as annotations, in its manifest."""
    own = {digest(data): data for data in layers}
    config = _json(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {
                "User": str(user),
                "Entrypoint": command,
                "WorkingDir": folder,
                "Env": [*start.environment, f"PYTHONPATH={folder}"],
                "Labels": dict(labels),
            },
            "rootfs": {"type": "layers", "diff_ids": [*start.diff_ids, *own]},
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _descriptor(CONFIG, config),
            "layers": [*start.layers, *(_descriptor(LAYER, data) for data in own.values())],
            "annotations": dict(labels),
        }
    )
    return Built(digest(manifest), {digest(manifest): manifest, digest(config): config, **own})


def attached(to: Built, data: bytes, type_: str) -> Built:
    """Something that is said of an image, as a manifest of its own that names the image as its subject."""
    nothing = b"{}"
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": type_,
            "config": _descriptor(EMPTY, nothing),
            "layers": [_descriptor(type_, data)],
            "subject": _descriptor(MANIFEST, to.blobs[to.digest]),
        }
    )
    return Built(digest(manifest), {digest(manifest): manifest, digest(nothing): nothing, digest(data): data})


def _descriptor(type_: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": type_, "digest": digest(data), "size": len(data)}


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
