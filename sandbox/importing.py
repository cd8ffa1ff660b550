"""Finds the existing resource that an import id means, in any of the spellings people use."""

import re
from typing import Any

from sandbox.configuration import Configuration
from sandbox.diagnostics import Refused, listing
from sandbox.store import Store
from sandbox.templates import last

Values = dict[str, Any]

_HOST = re.compile(r"^(https:)?//[^/]+/(compute/|storage/|bigquery/)?(v\d\w*/)?")


def find(store: Store, type_: str, given: str, settings: Configuration) -> Values:
    """The one resource that `given` means; a kept one lives again. Raises Refused for none or several."""
    wanted = _HOST.sub("", given.strip()).strip("/")
    exact = store.get(type_, given) or store.get(type_, wanted) or _revive(store, type_, wanted)
    if exact is not None:
        return exact
    candidates = [(id_, values) for id_, values in store.find(type_) if _means(id_, values, wanted)]
    if len(candidates) > 1:
        home = [item for item in candidates if last(str(item[1].get("project") or "")) == settings.project]
        candidates = home or candidates
    if not candidates:
        raise Refused(
            f"Cannot import non-existent remote object: {type_} {given}",
            f"The sandbox has no {type_} that this id could mean; an id like it: {_example(store, type_)}.",
        )
    if len(candidates) > 1:
        raise Refused(
            f"{type_} {given} may mean several resources",
            f"Give the full id: {listing([id_ for id_, _ in candidates])}.",
        )
    return candidates[0][1]


def _revive(store: Store, type_: str, id_: str) -> Values | None:
    values = store.get_kept(type_, id_) if type_ != "google_project" else None
    if values is not None:
        store.put(type_, id_, values)
    return values


def _means(id_: str, values: Values, wanted: str) -> bool:
    spaced = wanted.replace(" ", "/")
    if id_ in (wanted, spaced) or id_.endswith((f"/{wanted}", f"/{spaced}")):
        return True
    if " " in wanted and values.get("role"):  # IAM: parent role member
        parent, role, *member = wanted.split()
        same = values["role"] == role and (values.get("member") or "") == "".join(member[:1])
        return same and _parent(id_).endswith(parent)
    parts = re.split("[/:]", wanted)
    held = [part for part in re.split("[/:]", id_) if part]
    return len(parts) > 1 and parts[-1] == held[-1] and _in_order(parts, held)


def _parent(id_: str) -> str:
    return id_.partition("/roles/")[0]


def _in_order(parts: list[str], held: list[str]) -> bool:
    rest = iter(held)
    return all(part in rest for part in parts)


def _example(store: Store, type_: str) -> str:
    found = store.find(type_)
    return found[0][0] if found else "none exists yet"
