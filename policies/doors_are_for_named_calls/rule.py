"""What crosses a perimeter is a named service or role, and named methods where it is a service."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-PER-3"]
RESOURCES = ["google_access_context_manager_service_perimeter*"]


def wrong(it: Values, house: House) -> object:
    sides = [
        f"{w}{side}_to"
        for side in ("egress", "ingress")
        for w in ("", f"spec.{side}_policies.", f"status.{side}_policies.")
    ]
    for to in [block for side in sides for block in it.blocks(side)]:
        everything = "*" in to.all("operations.service_name") or "*" in to.all("operations.method_selectors.method")
        if everything or not (to.all("operations.service_name") or to.all("roles")):
            return "every call"
    return None
