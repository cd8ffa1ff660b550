"""Nothing of the catalog is shared with an operational project."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-AI-3"]
RESOURCES = ["google_*_iam_member"]
SHARES = ("roles/cloudprivatecatalog", "roles/catalog", "roles/servicecatalog", "roles/config.")


def wrong(it: Values, house: House) -> object:
    places = {house.facts.environment(it.text(key)) for key in ("project", "member")}
    sharing = it.text("role").startswith(SHARES) or "-templates" in it.text("bucket")
    return sharing and places & house.facts.operational
