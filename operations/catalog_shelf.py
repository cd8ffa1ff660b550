"""Where the catalog lies: objects that are written once and never again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from operations.google_words import told
from operations.outcome import Exit, OperationFailed
from sandbox.errors import PreconditionFailed
from sandbox.store import Store


class Shelf(Protocol):
    """What the catalog needs of a bucket."""

    @property
    def place(self) -> str:
        """How messages call it."""

    def get(self, name: str) -> bytes | None:
        """The bytes of an object; None where there is none."""

    def put_new(self, name: str, data: bytes) -> bool:
        """Write an object that does not exist yet; False, and nothing written, where it does."""

    def names(self, prefix: str) -> list[str]:
        """Names of objects, sorted."""


@dataclass(frozen=True)
class SandboxShelf:
    """A bucket of the sandbox."""

    store: Store
    bucket: str

    def __post_init__(self) -> None:
        if self.store.get("google_storage_bucket", self.bucket) is None:
            raise OperationFailed(self.place, "does not exist", "run 'blueprint up', or deploy catalog")

    @property
    def place(self) -> str:
        return f"gs://{self.bucket}"

    def get(self, name: str) -> bytes | None:
        found = self.store.objects.get(self.bucket, name)
        return found.data if found else None

    def put_new(self, name: str, data: bytes) -> bool:
        try:
            self.store.objects.put(self.bucket, name, data, if_generation=0)
        except PreconditionFailed:
            return False
        return True

    def names(self, prefix: str) -> list[str]:
        return [found.name for found in self.store.objects.find(self.bucket, prefix)]


def put_once(shelf: Shelf, name: str, data: bytes) -> None:
    """Write an object; the same bytes again are no change, other bytes are refused."""
    if shelf.put_new(name, data) or shelf.get(name) == data:
        return
    text, way_out = (
        "exists with other content, and nothing here is ever overwritten",
        "raise the version in manifest.yaml",
    )
    raise OperationFailed(f"{shelf.place}/{name}", text, way_out, code=Exit.REFUSED)


@dataclass(frozen=True)
class GoogleShelf:
    """A bucket of Cloud Storage, through Google's own client and the caller's credentials."""

    bucket: str

    @property
    def place(self) -> str:
        return f"gs://{self.bucket}"

    def get(self, name: str) -> bytes | None:
        with told(self.place):
            blob = self._bucket().get_blob(name)
            return None if blob is None else bytes(blob.download_as_bytes())

    def put_new(self, name: str, data: bytes) -> bool:
        from google.api_core.exceptions import PreconditionFailed as Taken

        with told(self.place):
            try:
                self._bucket().blob(name).upload_from_string(data, "application/octet-stream", if_generation_match=0)
            except Taken:
                return False
        return True

    def names(self, prefix: str) -> list[str]:
        with told(self.place):
            return sorted(blob.name for blob in self._bucket().list_blobs(prefix=prefix))

    def _bucket(self) -> Any:
        from google.cloud.storage import Client

        return Client(project="unused").bucket(self.bucket)
