"""How much a person does by hand before the platform is there: the README says it, and it stays little."""

from __future__ import annotations

import re

from tests.program import ROOT

MOST = 10


def steps(readme: str) -> tuple[int, int]:
    """How many steps the section on deploying says there are, and how many it lists."""
    section = readme.partition("## Deploy to your organization")[2].partition("\n## ")[0]
    (said,) = re.findall(r"(\d+) steps from nothing", section)
    return int(said), len(re.findall(r"(?m)^\d+\. ", section))


def test_at_most_ten_steps_lead_from_nothing_to_a_deployed_platform() -> None:
    readme = (ROOT / "README.md").read_text()
    said, listed = steps(readme)
    assert said == listed <= MOST
    longer = readme.replace("1. Describe the installation", "1. Do this.\n1. Describe the installation")
    assert steps(longer) == (said, listed + 1)


def test_what_people_set_at_the_repository_host_is_a_step() -> None:
    section = (ROOT / "README.md").read_text().partition("## Deploy to your organization")[2].partition("\n## ")[0]
    (step,) = re.findall(r"(?ms)^\d+\. At the repository host.*?(?=^\d+\. )", section)
    assert [word for word in ("branches", "review", "required checks", "pull_request") if word not in step] == []
