"""What a dead run leaves behind: locks on states, and resources that no state got to know.

A lock object remembers which resources lived when it was taken. Terraform writes a state to its bucket every twenty
seconds and at the end; a run killed in between has made resources that nobody can find again: its next run would be
refused because they exist already. Those are taken back, and the next run makes them anew. A state that is a file, as
that of the stack which makes the bucket, has a note in the store for a lock.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.objects import StoredObject
from sandbox.store import Store

_LIVING = "sandbox-living"
_FILES = "sandbox:state-files"
_BUCKET = "google_storage_bucket"


@dataclass(frozen=True)
class StateLock:
    """A lock on a Terraform state, as its holder described it."""

    bucket: str
    name: str
    holder: str
    operation: str
    created: str

    def __str__(self) -> str:
        return f"gs://{self.bucket}/{self.name} ({self.operation} by {self.holder} since {self.created})"


def is_lock(name: str) -> bool:
    """Whether an object's name is that of a lock of the gcs backend."""
    return name.endswith(".tflock")


def remember_living(store: Store) -> dict[str, str]:
    """Metadata for a lock object: what lives at this moment."""
    return {_LIVING: json.dumps(sorted(_living(store)))}


@contextmanager
def state_file(store: Store, state: Path) -> Iterator[None]:
    """Around a run whose state is a file beside the store; where the block fails, the note stays for `recover`."""
    name = str(state.relative_to(store.path.parent))
    store.documents.put(_FILES, name, {"living": sorted(_living(store))})
    yield
    store.documents.delete(_FILES, name)


def stale_locks(store: Store) -> list[StateLock]:
    """The locks in the buckets of a sandbox; before any Terraform runs, each belongs to a dead run."""
    return [_described(found) for found in _locks(store)]


def recover(store: Store) -> list[str]:
    """Remove what dead runs left; one sentence for each thing removed. Only for who has the sandbox to itself."""
    locks, report = _locks(store), []
    for type_, id_ in sorted(_unrecorded(store, locks)):
        store.delete(type_, id_)
        report.append(f"{type_} {id_}: made by a run that died before its state knew; removed, apply makes it anew")
    for lock in locks:
        store.objects.delete(lock.bucket, lock.name)
        report.append(f"{_described(lock)}: left by a run that died; removed")
    for name, _ in store.documents.find(_FILES):
        store.documents.delete(_FILES, name)
    return report


def _locks(store: Store) -> list[StoredObject]:
    return [
        found
        for bucket, _ in store.find(_BUCKET)
        for described in store.objects.find(bucket)
        if is_lock(described.name) and (found := store.objects.get(bucket, described.name))
    ]


def _living(store: Store) -> set[tuple[str, str]]:
    return {(type_, id_) for type_, id_, _ in store.everything()}


def _unrecorded(store: Store, locks: list[StoredObject]) -> set[tuple[str, str]]:
    """What lives now, did not when the first of the locks was taken, and that no state and no API call made."""
    remembered = [
        {(type_, id_) for type_, id_ in json.loads(lock.metadata[_LIVING])}
        for lock in locks
        if _LIVING in lock.metadata
    ]
    remembered += [{(type_, id_) for type_, id_ in body["living"]} for _, body in store.documents.find(_FILES)]
    if not remembered:
        return set()
    earlier = set.intersection(*remembered)
    recorded = _recorded(store)
    return {
        (type_, id_)
        for type_, id_, values in store.everything()
        if (type_, id_) not in earlier
        and not {(type_, id_), (type_, values.get("id"))} & recorded
        and store.documents.get(type_, id_) is None
    }


def _recorded(store: Store) -> set[tuple[str, str | None]]:
    return {
        (resource["type"], instance.get("attributes", {}).get("id"))
        for place, data in _states(store)
        for resource in _state(place, data).get("resources", [])
        for instance in resource.get("instances", [])
    }


def _states(store: Store) -> Iterator[tuple[str, bytes]]:
    for bucket, _ in store.find(_BUCKET):
        for described in store.objects.find(bucket):
            if described.name.endswith(".tfstate") and (state := store.objects.get(bucket, described.name)):
                yield f"gs://{bucket}/{state.name}", state.data
    for name, _ in store.documents.find(_FILES):
        file = store.path.parent / name
        # Terraform makes the file when it begins, and fills it later.
        if file.exists() and (data := file.read_bytes()):
            yield str(file), data


def _state(place: str, data: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(data))
    except ValueError as error:
        raise SandboxError(f"{place}: not a Terraform state ({error}); delete the sandbox and begin anew") from None


def _described(lock: StoredObject) -> StateLock:
    try:
        said = dict(json.loads(lock.data))
    except ValueError:
        said = {}
    who, operation, created = (str(said.get(key) or "unknown") for key in ("Who", "Operation", "Created"))
    return StateLock(lock.bucket, lock.name, who, operation, created)
