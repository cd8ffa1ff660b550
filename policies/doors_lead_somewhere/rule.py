"""What crosses a perimeter goes to named projects, never to all of them."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-PER-2"]
RESOURCES = ["google_access_context_manager_service_perimeter*"]


def wrong(it: Values, house: House) -> object:
    paths = [
        "egress_to.resources",
        "spec.egress_policies.egress_to.resources",
        "status.egress_policies.egress_to.resources",
    ]
    ingress = [path.replace("egress", "ingress") for path in paths]
    return "*" in [one for path in paths + ingress for one in it.all(path)]
