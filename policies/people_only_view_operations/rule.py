"""In operational projects people hold roles that view; only pipelines write there."""

import re

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IAM-5"]
RESOURCES = ["google_project_iam_member"]
VIEWS = re.compile(r"([vV]iewer|[rR]eader|browser)$")


def wrong(it: Values, house: House) -> object:
    place = house.facts.environment(it.text("project"))
    person = it.text("member").startswith(("group:", "user:", "domain:", "principal:"))
    return person and place in house.facts.operational and not VIEWS.search(it.text("role"))
