"""In operational projects people hold roles that view; only pipelines write there."""

import re

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IAM-5"]
RESOURCES = ["google_project_iam_member", "google_folder_iam_member"]
VIEWS = re.compile(r"([vV]iewer|[rR]eader|browser)$")


def wrong(it: Values, house: House) -> object:
    person = it.text("member").startswith(("group:", "user:", "domain:", "principal"))
    return person and not VIEWS.search(it.text("role")) and bool(_places(it, house) & house.facts.operational)


def _places(it: Values, house: House) -> set[str | None]:
    """A folder is that of the projects which lie in it."""
    n = it.text("folder").removeprefix("folders/")
    inside = [p.text("project_id") for k in (n, f"folders/{n}") for p in house.having("google_project", "folder_id", k)]
    projects = [it.text("project")] if it.type == "google_project_iam_member" else inside
    return {house.facts.environment(project) for project in projects}
