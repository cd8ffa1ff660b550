"""The rules over plans, asked about orders: what a template makes is judged like what a stack makes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from operations.policy import facts_of
from settings.loading import read
from settings.problems import Problem


def broken(plans: Mapping[str, dict[str, Any]], settings: Path) -> list[Problem]:
    """Every rule that a plan breaks and no waiver excuses. `plans` maps a name to Terraform's JSON of a plan."""
    from policies.scanning import scan_plans
    from policies.waivers import judge, read_waivers

    judged = scan_plans(plans, facts_of(read(settings)))
    verdict = judge(judged.findings, read_waivers(), today=date.today(), whole=False)
    return [
        Problem(found.place, f"{found.sentence} [{found.rule}] {found.detail}".strip(), "correct the template")
        for found in verdict.open
    ]
