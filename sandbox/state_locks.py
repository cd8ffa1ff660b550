"""What a dead run leaves behind: locks on states, and resources that no state got to know.

A lock object remembers which resources lived when it was taken. Terraform writes a state to its bucket every twenty
seconds and at the end; a run killed in between has made resources that nobody can find again: its next run would be
refused because they exist already. Those are taken back, and the next run makes them anew.
"""

import json
from dataclasses import dataclass
from typing import Any

from sandbox.errors import SandboxError
from sandbox.store import Store, StoredObject

_LIVING = "sandbox-living"
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
        store.delete_object(lock.bucket, lock.name)
        report.append(f"{_described(lock)}: left by a run that died; removed")
    return report


def _locks(store: Store) -> list[StoredObject]:
    return [
        found
        for bucket, _ in store.find(_BUCKET)
        for described in store.list_objects(bucket)
        if is_lock(described.name) and (found := store.get_object(bucket, described.name))
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
        for bucket, _ in store.find(_BUCKET)
        for described in store.list_objects(bucket)
        if described.name.endswith(".tfstate") and (state := store.get_object(bucket, described.name))
        for resource in _state(state).get("resources", [])
        for instance in resource.get("instances", [])
    }


def _state(found: StoredObject) -> dict[str, Any]:
    try:
        return dict(json.loads(found.data))
    except ValueError as error:
        place = f"gs://{found.bucket}/{found.name}"
        raise SandboxError(f"{place}: not a Terraform state ({error}); delete the sandbox and begin anew") from None


def _described(lock: StoredObject) -> StateLock:
    try:
        said = dict(json.loads(lock.data))
    except ValueError:
        said = {}
    who, operation, created = (str(said.get(key) or "unknown") for key in ("Who", "Operation", "Created"))
    return StateLock(lock.bucket, lock.name, who, operation, created)
