"""Container images as OCI layouts: one layout on disk for each image, its digest is the hash of its manifest."""

import hashlib
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.store import Store

Values = dict[str, Any]

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*")
_TYPE = "google_artifact_registry_repository"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_REFERENCE = "org.opencontainers.image.ref.name"


class ImageRefused(SandboxError):  # noqa: N818
    """The registry says no: HTTP status, its code, a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class Images:
    """The images of one Docker repository of Artifact Registry, which must exist."""

    def __init__(self, store: Store, location: str, project: str, repository: str) -> None:
        self.name = f"projects/{project}/locations/{location}/repositories/{repository}"
        found = store.get(_TYPE, self.name)
        if found is None or found.get("format") != "DOCKER":
            raise ImageRefused(404, "NAME_UNKNOWN", f"Repository {self.name} not found, or not for images")
        self.immutable = bool((found.get("docker_config") or [{}])[0].get("immutable_tags"))
        self._folder = (store.path.parent / "images" / location / project / repository).absolute()

    def all(self) -> list[str]:
        """The names of the images that were ever pushed."""
        return sorted(str(file.parent.relative_to(self._folder)) for file in self._folder.rglob("oci-layout"))

    def layout(self, image: str) -> Path:
        """The OCI layout of an image: `oci-layout`, `index.json`, `blobs/sha256/`."""
        if not _NAME.fullmatch(image):
            raise ImageRefused(400, "NAME_INVALID", f"{image!r} is no name for an image")
        return self._folder / image

    def put_blob(self, image: str, data: bytes, digest: str) -> str:
        """Keep a blob; its digest must be its hash."""
        found = digest_of(data)
        if digest != found:
            raise ImageRefused(400, "DIGEST_INVALID", f"The content is {found}, not {digest}")
        folder = self._made(image) / "blobs" / "sha256"
        _write(folder / found.partition(":")[2], data)
        return found

    def blob(self, image: str, digest: str) -> bytes:
        """A blob or a manifest by its digest."""
        if not _DIGEST.fullmatch(digest):
            raise ImageRefused(400, "DIGEST_INVALID", f"{digest!r} is no digest")
        file = self.layout(image) / "blobs" / "sha256" / digest.partition(":")[2]
        if not file.is_file():
            raise ImageRefused(404, "BLOB_UNKNOWN", f"{image}@{digest} is not here")
        return file.read_bytes()

    def put_manifest(self, image: str, reference: str, data: bytes, media_type: str = MANIFEST) -> str:
        """Keep a manifest under a tag or its digest; every blob that it names must be here. Returns the digest."""
        digest = digest_of(data)
        if reference.startswith("sha256:"):
            if reference != digest:
                raise ImageRefused(400, "DIGEST_INVALID", f"The manifest is {digest}, not {reference}")
        elif not _TAG.fullmatch(reference):
            raise ImageRefused(400, "TAG_INVALID", f"{reference!r} is no tag")
        for needed in _named(data):
            self.blob(image, needed)
        held = self.tags(image)
        if self.immutable and held.get(reference, digest) != digest:
            text = f"The repository has enabled tag immutability: {image}:{reference} is {held[reference]} already"
            raise ImageRefused(400, "MANIFEST_INVALID", text)
        self.put_blob(image, data, digest)
        tag = "" if reference.startswith("sha256:") else reference
        self._index(image, digest, len(data), media_type, tag)
        return digest

    def manifest(self, image: str, reference: str) -> tuple[bytes, str, str]:
        """(content, media type, digest) of a manifest by tag or digest."""
        digest = reference if reference.startswith("sha256:") else self.tags(image).get(reference, "")
        for line in self._entries(image):
            if line["digest"] == digest:
                return self.blob(image, digest), str(line["mediaType"]), digest
        raise ImageRefused(404, "MANIFEST_UNKNOWN", f"{image}:{reference} is not here")

    def tags(self, image: str) -> dict[str, str]:
        """Tag -> digest."""
        lines = self._entries(image)
        return {line["annotations"][_REFERENCE]: line["digest"] for line in lines if line.get("annotations")}

    def digests(self, image: str) -> dict[str, list[str]]:
        """Digest -> its tags, those without a tag included."""
        out: dict[str, list[str]] = {line["digest"]: [] for line in self._entries(image)}
        for tag, digest in self.tags(image).items():
            out[digest].append(tag)
        return out

    def push(self, image: str, layout: Path, tag: str) -> str:
        """Take an image over from an OCI layout on disk, by its one manifest; returns the digest."""
        index = json.loads((layout / "index.json").read_text())
        if len(index["manifests"]) != 1:
            raise ImageRefused(400, "MANIFEST_INVALID", f"{layout}: holds {len(index['manifests'])} manifests, not one")
        described = index["manifests"][0]
        blobs = layout / "blobs" / "sha256"
        manifest = (blobs / described["digest"].partition(":")[2]).read_bytes()
        for digest in _named(manifest):
            self.put_blob(image, (blobs / digest.partition(":")[2]).read_bytes(), digest)
        return self.put_manifest(image, tag, manifest, described.get("mediaType", MANIFEST))

    def delete(self) -> None:
        """Forget every image of the repository."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _made(self, image: str) -> Path:
        folder = self.layout(image)
        if not (folder / "oci-layout").exists():
            (folder / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
            _write(folder / "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
        return folder

    def _entries(self, image: str) -> list[Values]:
        file = self.layout(image) / "index.json"
        return list(json.loads(file.read_text())["manifests"]) if file.exists() else []

    def _index(self, image: str, digest: str, size: int, media_type: str, tag: str) -> None:
        entry: Values = {"mediaType": media_type, "digest": digest, "size": size}
        if tag:
            entry["annotations"] = {_REFERENCE: tag}
        lines = [line if not tag or _tag(line) != tag else _untagged(line) for line in self._entries(image)]
        named = {line["digest"] for line in [*lines, entry] if _tag(line)}
        kept: list[Values] = []
        for line in [*lines, entry]:
            if line not in kept and (_tag(line) or line["digest"] not in named):
                kept.append(line)
        index = {"schemaVersion": 2, "manifests": kept}
        _write(self._made(image) / "index.json", json.dumps(index, indent=2).encode())


def _tag(line: Values) -> str:
    return str((line.get("annotations") or {}).get(_REFERENCE, ""))


def _untagged(line: Values) -> Values:
    """What a tag named stays when the tag moves on."""
    return {key: value for key, value in line.items() if key != "annotations"}


def digest_of(data: bytes) -> str:
    """The digest of a blob or a manifest."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _named(manifest: bytes) -> list[str]:
    """The digests that a manifest or an index names."""
    try:
        body = json.loads(manifest)
        lines = [*([body["config"]] if "config" in body else []), *body.get("layers", []), *body.get("manifests", [])]
        return [str(line["digest"]) for line in lines]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ImageRefused(400, "MANIFEST_INVALID", "The manifest is not an OCI manifest") from None


def _write(file: Path, data: bytes) -> None:
    """All of it or nothing, whoever reads meanwhile."""
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as part:
        part.write(data)
    Path(part.name).replace(file)
