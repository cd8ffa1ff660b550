"""Making and changing resources: what may exist once, what may be said twice, and where objects of buckets go."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

from sandbox import facts
from sandbox.blocks import Block
from sandbox.configuration import Configuration
from sandbox.diagnostics import Refused, already_exists, not_found
from sandbox.physics.world import CREATOR
from sandbox.store import Store
from sandbox.values import Completion

Values = dict[str, Any]

_IAM = re.compile(r"_iam_(member|binding|policy|audit_config)$")
_ATTEMPTS = 100


def create(
    store: Store, type_: str, block: Block, planned: Values, settings: Configuration, folder: Path | None
) -> Values:
    """Make a resource; raise Refused where Google says that it exists already."""
    twice_is_fine = bool(_IAM.search(type_)) or type_ in facts.table("ids")["idempotent"]
    tried: str | None = None
    for salt in range(_ATTEMPTS):
        values = Completion(type_, block, planned, store, settings, salt).complete()
        id_ = str(values["id"])
        if id_ == tried:
            raise already_exists(type_, f"{id_} already exists.")
        if type_ == "google_storage_bucket_object":
            _upload(store, values, folder)
        if store.get_kept(type_, id_) is None and store.create(type_, id_, values | _owned(type_, settings)):
            return values
        if twice_is_fine:
            store.put(type_, id_, values)
            return values
        tried = id_
    raise already_exists(type_, f"{tried} already exists.")


def update(
    store: Store, type_: str, block: Block, planned: Values, settings: Configuration, folder: Path | None
) -> Values:
    """Change a resource in place; raise Refused when it is gone."""
    values = Completion(type_, block, planned, store, settings).complete()
    id_ = str(values["id"])
    before = store.get(type_, id_)
    if before is None:
        raise not_found(f"{type_} {id_}")
    if type_ == "google_storage_bucket_object":
        _upload(store, values, folder)
    store.put(type_, id_, values | {name: value for name, value in before.items() if name == CREATOR})
    return values


def _owned(type_: str, settings: Configuration) -> Values:
    """Who makes a project owns it."""
    return {CREATOR: settings.caller()} if type_ == "google_project" and settings.caller() else {}


def _upload(store: Store, values: Values, folder: Path | None) -> None:
    """Put the content of a bucket object where readers of the bucket find it."""
    data = _content(values, folder)
    stored = store.objects.put(
        str(values["bucket"]),
        str(values["name"]),
        data,
        content_type=values.get("content_type") or "text/plain; charset=utf-8",
        metadata=values.get("metadata") or {},
    )
    digest = hashlib.md5(data, usedforsecurity=False).digest()
    values["md5hash"] = base64.b64encode(digest).decode()
    values["generation"] = stored.generation if isinstance(values.get("generation"), int) else str(stored.generation)
    values["content_type"] = stored.content_type


def _content(values: Values, folder: Path | None) -> bytes:
    if not values.get("source"):
        return str(values.get("content") or "").encode()
    file = Path(str(values["source"]))
    if folder is not None:
        file = folder / file
    try:
        return file.read_bytes()
    except OSError as error:
        problem = f"Error uploading object {values['name']}: {file}: {error.strerror}"
        raise Refused(problem, "The file must exist when Terraform applies.", ("source",)) from error
