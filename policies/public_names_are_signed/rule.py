"""A public zone is signed, and not with SHA-1."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["DNS-CO-6.1"]
RESOURCES = ["google_dns_managed_zone"]


def wrong(it: Values, house: House) -> object:
    public = it.get("visibility", "public") == "public"
    return public and (
        it.text("dnssec_config.state") != "on" or "rsasha1" in it.all("dnssec_config.default_key_specs.algorithm")
    )
