"""Who crosses a perimeter is a service account or a group, never one person."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-PER-1"]
RESOURCES = ["google_access_context_manager_service_perimeter*"]
KINDS = ("serviceAccount:", "group:", "principalSet://")


def wrong(it: Values, house: House) -> object:
    sides = ("egress_from", "ingress_from", "spec.egress_policies.egress_from", "spec.ingress_policies.ingress_from")
    return [one for side in sides for one in it.all(f"{side}.identities") if not str(one).startswith(KINDS)]
