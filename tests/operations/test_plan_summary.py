"""What a reviewer reads of a plan: rights first, what is destroyed or made anew, and in a report everything else."""

from __future__ import annotations

from typing import Any

from operations.plan_summary import others, summary


def change(address: str, *actions: str, before: Any = None, after: Any = None, **more: Any) -> dict[str, Any]:
    told = {"actions": list(actions), "before": before, "after": after, **more}
    return {"address": address, "type": address.partition(".")[0], "change": told}


ROLE = {"role": "roles/viewer", "member": "group:a@example.com", "project": "p"}
PLAN = {
    "resource_changes": [
        change("google_storage_bucket.kept", "no-op", before={"name": "b"}, after={"name": "b"}),
        change("google_storage_bucket.moved", "delete", "create", replace_paths=[["location"]]),
        change("google_storage_bucket.gone", "delete", before={"name": "c"}),
        change("google_storage_bucket.new", "create", after={"name": "d"}),
        change("google_storage_bucket.other", "update", before={"a": 1, "b": 2}, after={"a": 1, "b": 3}),
        change("google_project_iam_member.old", "update", before=ROLE, after=ROLE | {"role": "roles/editor"}),
    ]
}


def test_a_reviewer_reads_who_gets_or_loses_a_right_and_what_is_destroyed_or_made_anew() -> None:
    assert list(summary(PLAN)) == [
        "- roles/viewer for group:a@example.com on p",
        "+ roles/editor for group:a@example.com on p",
        "REPLACED google_storage_bucket.moved because of location",
        "DESTROYED google_storage_bucket.gone",
    ]


def test_a_report_names_every_other_change_and_nothing_that_stays() -> None:
    told = list(others(PLAN))
    assert told == ["CREATED google_storage_bucket.new", "UPDATED google_storage_bucket.other in b"]
    assert not [line for line in (*told, *summary(PLAN)) if "kept" in line]
