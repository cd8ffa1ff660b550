"""What crosses a perimeter is named: no identity type, no everybody."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-PER-1"]
RESOURCES = ["google_access_context_manager_service_perimeter*"]


def wrong(it: Values, house: House) -> object:
    sides = ["egress_from", "ingress_from"]
    paths = [f"{w}{side}" for side in sides for w in ("", *(f"{p}.{side[:-5]}_policies." for p in ("spec", "status")))]
    froms = [one for path in paths for one in it.blocks(path)]
    return [
        o for o in froms if "ANY_" in o.text("identity_type") or not (o.all("identities") or o.all("identity_type"))
    ]
