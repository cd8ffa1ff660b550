"""What Google fills in when a resource is written: times, states, etags, links."""

import base64
import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from sandbox.api.discovery import Api

Values = dict[str, Any]

_READY = [
    "ACTIVE",
    "READY",
    "RUNNING",
    "ENABLED",
    "STABLE",
    "SUCCEEDED",
    "JOB_STATE_PENDING",
    "PIPELINE_STATE_PENDING",
    "QUEUED",
    "SUCCESS",
]
_BORN = ("createTime", "timeCreated", "creationTime")
_CHANGED = ("updateTime", "updated", "lastModifiedTime")


def now() -> str:
    """This moment as Google writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def millis() -> str:
    """This moment in milliseconds, as BigQuery counts."""
    return str(int(datetime.now(UTC).timestamp() * 1000))


def etag(body: Values) -> str:
    """Changes whenever the content does; where a thing belongs is not its content."""
    told = {key: value for key, value in body.items() if key not in ("etag", "parentContexts") and key[0] != "_"}
    text = json.dumps(told, sort_keys=True)
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:9]).decode()


def written(api: Api, schema: str, body: Values, *, new: bool) -> Values:
    """A resource that is about to be stored."""
    properties = api.properties(schema)
    out = {key: value for key, value in body.items() if value is not None and key != "etag"}
    moment = {key: millis() if api.name == "bigquery" else now() for key in (*_BORN, *_CHANGED)}
    filled = {key: moment[key] for key in (_BORN + _CHANGED if new else _CHANGED) if key in properties}
    if new and "uid" in properties:
        filled["uid"] = str(uuid.uuid4())
    states = properties.get("state", {}).get("enum")
    if new and states and "state" not in out:
        filled["state"] = next((state for state in _READY if state in states), states[-1])
    if "metageneration" in properties:
        filled["metageneration"] = str(int(out.get("metageneration", 0)) + 1)
    return out | filled


def shown(api: Api, schema: str, body: Values) -> Values:
    """A resource as it is answered: with its kind and its etag."""
    properties = api.properties(schema)
    out = {key: value for key, value in body.items() if not key.startswith("_")}
    if "default" in properties.get("kind", {}):
        out["kind"] = properties["kind"]["default"]
    if "metageneration" in properties:
        out.setdefault("metageneration", "1")
    if api.name == "storage" and "name" in out:
        out.setdefault("id", out["name"])
    if "etag" in properties:
        out["etag"] = etag(out)
    return out
