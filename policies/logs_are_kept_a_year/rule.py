"""Central logs are kept for at least a year."""

from policies.rule import House
from policies.values import Values, number

SEVERITY = "HIGH"
CONTROLS = ["COM-CO-7.3", "GCS-CO-6.17"]
PLACES = ("project", "folder", "organization", "billing_account")
RESOURCES = [*(f"google_logging_{place}_bucket_config" for place in PLACES), "google_storage_bucket"]


def wrong(it: Values, house: House) -> object:
    if it.type == "google_storage_bucket":
        sinks = {sink.text("destination") for sink in house.of("google_logging_organization_sink")}
        kept = number(it.text("retention_policy.retention_period"))
        locked = it.get("retention_policy.is_locked") is True
        return f"storage.googleapis.com/{it.text('name')}" in sinks and not (kept >= 365 * 86400 and locked)
    return number(it.get("retention_days", 30)) < 365
