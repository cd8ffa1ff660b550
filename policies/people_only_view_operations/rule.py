"""In operational projects people hold roles that view; only pipelines write there."""

import re

from policies.rule import House
from policies.values import Values

SEVERITY, CONTROLS, RESOURCES = "CRITICAL", ["HOUSE-IAM-5"], ["google_*_iam_member"]
VIEWS = re.compile(r"([vV]iewer|[rR]eader|browser)$")
# Who owns the folders below the organization is listed in groups/limits.yaml.
OWNER = ("google_organization_iam_member", "roles/resourcemanager.folderAdmin")


def wrong(it: Values, house: House) -> object:
    sees = VIEWS.search(it.text("role")) or (it.type, it.text("role")) == OWNER
    person = it.text("member").startswith(("group:", "user:", "domain:", "principal"))
    return person and not sees and bool(_places(it, house) & house.facts.operational)


def _places(it: Values, house: House) -> set[str | None]:
    """A folder is that of the projects which lie in it; the organization is everywhere."""
    n = it.text("folder").removeprefix("folders/")
    inside = [p.text("project_id") for k in (n, f"folders/{n}") for p in house.having("google_project", "folder_id", k)]
    everywhere = house.facts.operational if it.type == OWNER[0] else ()
    return {*everywhere, *(house.facts.environment(text) for text in (*inside, *it.strings()))}
