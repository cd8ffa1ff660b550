"""A key that encrypts data is symmetric, and a key that signs is of a kind we know."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["COM-CO-2.5"]
RESOURCES = ["google_kms_crypto_key"]
SIGNING = ("EC_SIGN_P256_SHA256", "EC_SIGN_P384_SHA384")


def wrong(it: Values, house: House) -> object:
    purpose, algorithm = it.get("purpose", "ENCRYPT_DECRYPT"), it.text("version_template.algorithm")
    known = {"ENCRYPT_DECRYPT": ("", "GOOGLE_SYMMETRIC_ENCRYPTION"), "ASYMMETRIC_SIGN": SIGNING}
    return algorithm not in known.get(purpose, ())
