"""APIs without a discovery document, written down by hand and told here in the form of one. Each is a stand-in."""

import functools
from pathlib import Path
from typing import Any

import yaml

from sandbox import facts

Values = dict[str, Any]

FOLDER = facts.FOLDER / "by_hand"
_HTTP = {"create": "POST", "list": "GET", "get": "GET", "patch": "PATCH", "delete": "DELETE"}
_QUERY: dict[str, tuple[str, ...]] = {"list": ("pageSize", "pageToken", "filter", "parent"), "patch": ("updateMask",)}


@functools.cache
def names() -> list[tuple[str, str]]:
    """(API, version) of every file."""
    return sorted((name, version) for name, _, version in (path.stem.partition(".") for path in FOLDER.glob("*.yaml")))


def document(name: str, version: str) -> Values:
    """The discovery document that Google would have."""
    told: Values = yaml.safe_load(Path(FOLDER / f"{name}.{version}.yaml").read_text())
    resources: Values = {}
    for collection, line in told.pop("collections").items():
        place, path = resources, version
        for part in collection.split("/")[:-1]:
            place, path = place[part]["resources"], f"{path}/{part}/{{{part}Id}}"
        last = collection.rpartition("/")[2]
        made = {
            verb: _method(f"{name}.{collection.replace('/', '.')}", verb, f"{path}/{last}", line)
            for verb in line["methods"]
        }
        place[last] = {"methods": made, "resources": {}}
    return told | {"resources": resources}


def _method(prefix: str, verb: str, collection: str, line: Values) -> Values:
    last = collection.rpartition("/")[2]
    on_one = verb in ("get", "patch", "delete")
    query = {name: {"type": "string", "location": "query"} for name in _QUERY.get(verb, ())}
    answers = {"list": f"List{last.capitalize()}Response", "delete": "Empty"}
    asked = {"create": line.get("request", line["message"]), "patch": line["message"]}.get(verb, "")
    out: Values = {"id": f"{prefix}.{verb}", "httpMethod": _HTTP[verb], "parameters": query}
    out["path"] = f"{collection}/{{{last}Id}}" if on_one else collection
    out["response"] = {"$ref": answers.get(verb, line["message"])}
    return out | ({"request": {"$ref": asked}} if asked else {})
