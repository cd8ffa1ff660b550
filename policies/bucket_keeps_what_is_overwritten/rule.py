"""What is overwritten or deleted in a bucket is kept: by versions, or by a locked retention."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["GCS-CO-6.2", "GCS-CO-6.7", "GCS-CO-6.17"]
RESOURCES = ["google_storage_bucket"]


def wrong(it: Values, house: House) -> object:
    return not (it.get("versioning.enabled") is True or it.get("retention_policy.is_locked") is True)
