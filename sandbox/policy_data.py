"""Data sources that are IAM policies: computed from a configuration, or added up from what exists."""

import json
from typing import Any

from sandbox.question import Question
from sandbox.templates import digest_of

Values = dict[str, Any]


def policy(question: Question) -> Values:
    """Pure computation: the configuration as the JSON that IAM takes."""
    bindings = [
        {key: value for key, value in _binding(item).items() if value}
        for item in sorted(question.config.get("binding") or [], key=lambda item: str(item["role"]))
    ]
    audits = [
        {
            "auditLogConfigs": [
                {"exemptedMembers": sorted(log.get("exempted_members") or []), "logType": log["log_type"]}
                for log in item.get("audit_log_configs") or []
            ],
            "service": item["service"],
        }
        for item in question.config.get("audit_config") or []
    ]
    data: Values = {"auditConfigs": audits} if audits else {}
    text = json.dumps(data | {"bindings": bindings}, separators=(",", ":"))
    return {"policy_data": text, "id": str(int.from_bytes(digest_of(text)[:4]))}


def _binding(item: Values) -> Values:
    (condition,) = item.get("condition") or [None]
    out = {"members": sorted(item.get("members") or []), "role": item["role"]}
    return {"condition": condition, **out} if condition else out


def existing_policy(question: Question) -> Values:
    """The policy that the IAM resources about one parent add up to."""
    base = question.type_.removesuffix("_iam_policy")
    bindings: dict[str, set[str]] = {}
    wanted = question.asked()
    for kind in ("member", "binding"):
        for values in question.find(f"{base}_iam_{kind}", **wanted):
            bindings.setdefault(values["role"], set()).update(values.get("members") or [values.get("member")])
    shown = [{"members": sorted(members), "role": role} for role, members in sorted(bindings.items())]
    return {"policy_data": json.dumps({"bindings": shown}, separators=(",", ":")), "etag": "BwXhqDVeRkA="}
