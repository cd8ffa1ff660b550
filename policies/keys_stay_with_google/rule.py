"""A key is protected by software or a hardware module at Google, and is never imported."""

from policies.rule import House
from policies.values import Values

SEVERITY = "MEDIUM"
CONTROLS = ["COM-CO-2.6"]
RESOURCES = ["google_kms_crypto_key"]


def wrong(it: Values, house: House) -> object:
    level = it.get("version_template.protection_level", "SOFTWARE")
    return level not in ("SOFTWARE", "HSM") or it.get("import_only") is True
