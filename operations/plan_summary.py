"""What a reviewer has to know of a plan: who gets or loses a right, and what is destroyed or made anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Values = dict[str, Any]
_ON = (
    "project",
    "folder",
    "org_id",
    "bucket",
    "repository",
    "dataset_id",
    "crypto_key_id",
    "service_account_id",
    "topic",
)


def summary(document: Values) -> Iterator[str]:
    """A line for each such change of one plan, as Terraform tells it to programs; rights first."""
    changes = [one for one in document.get("resource_changes", ()) if set(one["change"]["actions"]) - {"no-op", "read"}]
    rights = [one for one in changes if "_iam_" in one["type"]]
    for one in rights:
        before, after = (one["change"].get(key) or {} for key in ("before", "after"))
        if before:
            yield f"- {_right(before)}"
        if after:
            yield f"+ {_right(after)}"
    for one in (it for it in changes if it not in rights):
        actions = one["change"]["actions"]
        if set(actions) == {"create", "delete"}:
            paths = sorted({str(path[0]) for path in one["change"].get("replace_paths", ())})
            yield f"REPLACED {one['address']}" + (f" because of {', '.join(paths)}" if paths else "")
        elif actions == ["delete"]:
            yield f"DESTROYED {one['address']}"


def others(document: Values) -> Iterator[str]:
    """A line for each change that the summary leaves out: what is made, or which attributes become another."""
    for one in document.get("resource_changes", ()):
        actions, change = one["change"]["actions"], one["change"]
        if "_iam_" not in one["type"] and actions in (["create"], ["update"]):
            before, after = change.get("before") or {}, change.get("after") or {}
            names = sorted(name for name in after if after[name] != before.get(name)) if before else []
            yield f"{actions[0].upper()}D {one['address']}" + (f" in {', '.join(names)}" if names else "")


def _right(values: Values) -> str:
    members = [values["member"]] if values.get("member") else values.get("members") or ["who is known later"]
    about = next((str(values[key]).rpartition("/")[2] for key in _ON if values.get(key)), "what is known later")
    condition = " under a condition" if values.get("condition") else ""
    return f"{values.get('role', 'a policy')} for {', '.join(members)} on {about}{condition}"
