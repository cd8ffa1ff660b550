"""Only service agents encrypt and decrypt with a key, never a person."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-KEY-1"]
RESOURCES = ["google_kms_crypto_key_iam_member"]


def wrong(it: Values, house: House) -> object:
    uses = it.text("role").startswith("roles/cloudkms.cryptoKey") or it.text("role") in (
        "roles/cloudkms.admin",
        "roles/owner",
    )
    return uses and not it.text("member").startswith("serviceAccount:")
