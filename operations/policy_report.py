"""What a check of the rules found, for people and for programs."""

from __future__ import annotations

from typing import Any

from operations.policy import Checked


def as_text(checked: Checked) -> str:
    """Each finding on a line of its own, then rows of waivers to look at, then the count."""
    verdict, judged = checked.verdict, checked.judged
    lines = []
    for found in sorted(verdict.open, key=lambda f: (f.rule, f.place)):
        detail = f" ({found.detail})" if found.detail else ""
        lines.append(f"{found.severity:<9} {found.place}: {found.sentence}{detail}  [{found.rule}]")
    lines += [f"{row}: ended on {row.until}; renew it with a reason of today, or remove it" for row in verdict.expired]
    lines += [f"{row}: matches nothing any more; remove it" for row in verdict.stale]
    judgements = sum(judged.judged.values())
    told = f"{len(judged.judged)} rules judged {judgements} times, {len(verdict.waived)} findings waived"
    return "\n".join([*lines, f"{checked.what}: {told}, {len(verdict.open)} open"])


def as_data(checked: Checked) -> dict[str, Any]:
    """The same for programs."""
    verdict = checked.verdict
    return {
        "what": checked.what,
        "open": [vars(found) for found in verdict.open],
        "waived": [{"rule": f.rule, "place": f.place, "reason": w.reason} for f, w in verdict.waived],
        "expired": [str(row) for row in verdict.expired],
        "stale": [str(row) for row in verdict.stale],
        "rules": dict(sorted(checked.judged.judged.items())),
    }
