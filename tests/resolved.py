"""References of a synthesized stack, followed to what they will be, and who holds which role by them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from settings.model import Installation
from tests.estate import Estate, Resource

REFERENCE = re.compile(r"\$\{(?P<data>data\.)?(?P<type>google_\w+)\.(?P<name>[\w-]+)\.(?P<attribute>\w+)\}")

READERS = {
    "bigquery": {"roles/bigquery.dataViewer", "roles/bigquerydatapolicy.maskedReader"},
    "storage": {"roles/storage.objectViewer"},
    "spanner": {"roles/spanner.databaseReader"},
    "alloydb": {"roles/alloydb.client", "roles/alloydb.databaseUser"},
}


def resolved(estate: Estate, resource: Resource, key: str) -> Any:
    """A value of a resource with its references replaced, where they lead to a value; else as synthesized."""
    return _follow(estate, resource.stack, resource.values.get(key))


def _follow(estate: Estate, stack: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_follow(estate, stack, item) for item in value]
    if isinstance(value, dict):
        return {key: _follow(estate, stack, item) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    return REFERENCE.sub(lambda found: _attribute(estate, stack, found), value)


def _attribute(estate: Estate, stack: str, found: re.Match[str]) -> str:
    section = "data" if found["data"] else "resource"
    values = estate.documents[stack][section][found["type"]][found["name"]]
    attribute = {"output_name": "name", "id": "name"}.get(found["attribute"], found["attribute"])
    if found["type"] == "google_service_account" and attribute in ("email", "member", "name"):
        project = _follow(estate, stack, values["project"])
        email = f"{values['account_id']}@{project}.iam.gserviceaccount.com"
        return {"email": email, "member": f"serviceAccount:{email}", "name": f"projects/{project}/{email}"}[attribute]
    if attribute not in values:
        return found[0]
    return str(_follow(estate, stack, values[attribute]))


def grants(estate: Estate, stack: str) -> Iterator[tuple[Resource, str, str]]:
    """Each grant that a stack makes on a resource, with its role and member."""
    for resource in estate.resources("google_*_iam_member", stack):
        yield resource, resource.values["role"], str(resolved(estate, resource, "member"))


def team_stacks(installation: Installation, kind: str = "*") -> list[tuple[str, str]]:
    """Environment and team of each team stack, of one kind of environment or of all."""
    return [
        (environment, team)
        for environment, place in installation.environments.items()
        for team in installation.teams
        if kind in ("*", place.kind)
    ]
