"""Where access is logged, reading and writing is, and nobody is left out."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["GCS-CO-6.3", "GCS-CO-7.1", "HOUSE-LOG-2"]
RESOURCES = ["google_*_iam_audit_config"]


def wrong(it: Values, house: House) -> object:
    types = set(it.all("audit_log_config.log_type"))
    return it.all("audit_log_config.exempted_members") or {"ADMIN_READ", "DATA_READ", "DATA_WRITE"} - types
