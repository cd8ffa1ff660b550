"""Only service agents encrypt and decrypt with a key, never a person."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-KEY-1"]
PLACES = ("kms_crypto_key", "kms_key_ring", "project", "folder", "organization")
RESOURCES = [f"google_{place}_iam_member" for place in PLACES]
USES = ("roles/cloudkms.crypto", "roles/cloudkms.admin", "roles/owner")


def wrong(it: Values, house: House) -> object:
    return it.text("role").startswith(USES) and not it.text("member").startswith("serviceAccount:")
