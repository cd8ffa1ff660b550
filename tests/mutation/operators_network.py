"""Defects in networks and perimeters."""

from __future__ import annotations

from tests.mutation.operators import Change, Values, gone, identities, only, put

RULE, SUBNET = "google_compute_network_firewall_policy_rule", "google_compute_subnetwork"
DOOR = "google_access_context_manager_service_perimeter_*_policy"
PERIMETER, NETWORK = "google_access_context_manager_service_perimeter", "google_compute_network"


def allowing(values: Values) -> bool:
    return str(values["action"]) == "allow"


def outward(values: Values) -> bool:
    return str(values["direction"]) == "EGRESS"


def open_wide(values: Values) -> Values:
    place = "dest_ip_ranges" if outward(values) else "src_ip_ranges"
    return put(action="allow", **{f"match__{place}": ["0.0.0.0/0"]})(values)


def other_side(values: Values) -> Values:
    return put(direction="INGRESS", match__dest_ip_ranges=None, match__src_ip_ranges=["0.0.0.0/0"])(values)


def without_storage(values: Values) -> Values:
    for spec in [*values.get("spec", []), *values.get("status", [])]:
        spec["restricted_services"] = [s for s in spec["restricted_services"] or [] if s != "storage.googleapis.com"]
    return values


OPERATORS: dict[str, tuple[tuple[str, ...], Change]] = {
    "firewall: lets the world through": ((RULE,), only(allowing, open_wide)),
    "firewall: a refusal allows": ((RULE,), only(lambda v: not allowing(v), put(action="allow"))),
    "firewall: a way out becomes a way in": ((RULE,), only(lambda v: allowing(v) and outward(v), other_side)),
    "firewall: every protocol": (
        (RULE,),
        only(allowing, put(match__layer4_configs=[{"ip_protocol": "all", "ports": None}])),
    ),
    "firewall: every port": ((RULE,), only(allowing, put(match__layer4_configs__ports=None))),
    "firewall: every port, by a range": (
        (RULE,),
        only(allowing, put(match__layer4_configs__ports=["0-65535"])),
    ),
    "firewall: silent": ((RULE,), put(enable_logging=False)),
    "firewall: rule taken out": ((RULE,), gone),
    "route: to everywhere": (("google_compute_route",), put(dest_range="0.0.0.0/0")),
    "network: subnets by itself": ((NETWORK,), put(auto_create_subnetworks=True)),
    "network: default way out": ((NETWORK,), put(delete_default_routes_on_create=False)),
    "subnet: flows are not logged": ((SUBNET,), put(log_config=[])),
    "subnet: hardly any flow is logged": ((SUBNET,), put(log_config__flow_sampling=0.01)),
    "subnet: reaches Google in public": ((SUBNET,), put(private_ip_google_access=False)),
    "names: not logged": (("google_dns_policy",), put(enable_logging=False)),
    "names: public and not signed": (("google_dns_managed_zone",), put(visibility="public")),
    "way out: silent": (("google_compute_router_nat",), put(log_config__enable=False)),
    "door: for any identity": (
        (DOOR,),
        put(
            egress_from__identity_type="ANY_IDENTITY",
            egress_from__identities=None,
            ingress_from__identity_type="ANY_IDENTITY",
            ingress_from__identities=None,
        ),
    ),
    "door: for any service account": (
        (DOOR,),
        put(egress_from__identity_type="ANY_SERVICE_ACCOUNT", ingress_from__identity_type="ANY_SERVICE_ACCOUNT"),
    ),
    "door: for one person, outward": ((DOOR,), identities("egress_from__identities", "user:jane@example.com")),
    "door: for one person, inward": ((DOOR,), identities("ingress_from__identities", "user:jane@example.com")),
    "door: to every project": ((DOOR,), put(egress_to__resources=["*"], ingress_to__resources=["*"])),
    "door: to one more project": (
        (DOOR,),
        put(egress_to__resources=["projects/1"], ingress_to__resources=["projects/1"]),
    ),
    "door: for every service": (
        (DOOR,),
        put(
            egress_to__roles=None,
            ingress_to__roles=None,
            egress_to__operations=[{"service_name": "*", "method_selectors": []}],
            ingress_to__operations=[{"service_name": "*", "method_selectors": []}],
        ),
    ),
    "door: for every method": (
        (DOOR,),
        put(
            egress_to__operations=[{"service_name": "storage.googleapis.com", "method_selectors": [{"method": "*"}]}],
            ingress_to__operations=[{"service_name": "storage.googleapis.com", "method_selectors": [{"method": "*"}]}],
        ),
    ),
    "level: of the whole world": (
        ("google_access_context_manager_access_level",),
        put(basic__conditions__ip_subnetworks=["0.0.0.0/0"]),
    ),
    "perimeter: without storage": ((PERIMETER,), without_storage),
    "perimeter: enforces less than it rehearses": (
        (PERIMETER,),
        put(status=[{"restricted_services": ["storage.googleapis.com"]}]),
    ),
    "perimeter: a project stands outside": ((f"{PERIMETER}_*resource",), gone),
    "perimeter: taken out": ((PERIMETER,), gone),
}
