"""Who may do what, a line for each resource that says so: what a reviewer reads when access changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

# What of a resource decides on access; a changed description is no change of access.
DECIDES = {
    "google_*_iam_member": ("role", "member", "condition"),
    "google_*_iam_custom_role": ("permissions",),
    "google_iam_deny_policy": ("rules",),
    "google_iam_workload_identity_pool_provider": ("attribute_condition",),
    "google_privileged_access_manager_entitlement": (
        "approval_workflow",
        "eligible_users",
        "max_request_duration",
        "privileged_access",
    ),
    "google_access_context_manager_access_level": ("basic",),
    "google_access_context_manager_service_perimeter*policy": (
        "egress_from",
        "egress_to",
        "ingress_from",
        "ingress_to",
    ),
    "google_bigquery_datapolicy_data_policy": ("data_masking_policy",),
    "google_bigquery_row_access_policy": ("filter_predicate", "grantees"),
}


def access_line(type_: str, values: Mapping[str, Any]) -> str | None:
    """What a resource says about access, or None where it says nothing."""
    keys = next((keys for glob, keys in DECIDES.items() if fnmatchcase(type_, glob)), None)
    if keys is None:
        return None
    said = [_said(key, value) for key in keys if (value := _plain(values.get(key))) not in (None, "")]
    return " | ".join(said)


def access_lines(document: Mapping[str, Any]) -> list[str]:
    """Every such line of a synthesized stack, with the address, sorted."""
    return sorted(_lines(document))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    for type_, entries in document.get("resource", {}).items():
        for name, values in entries.items():
            if (line := access_line(type_, values)) is not None:
                yield f"{type_}.{name}: {line}"


def _said(key: str, value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text if key in ("role", "member") else f"{key} {text}"


def _plain(value: Any) -> Any:
    """Values without what is unset, and without the lists that Terraform puts around single blocks."""
    if isinstance(value, Mapping):
        kept = {k: p for k, v in value.items() if k != "description" and (p := _plain(v)) is not None}
        return kept or None
    if isinstance(value, list):
        items = [p for item in value if (p := _plain(item)) is not None]
        return items[0] if len(items) == 1 else items or None
    return value
