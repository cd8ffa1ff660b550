"""A perimeter restricts every service that holds data, models, keys or secrets."""

from policies.doors import configurations
from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-PER-4"]
RESOURCES = ["google_access_context_manager_service_perimeter", "google_access_context_manager_service_perimeters"]
SERVICES = "aiplatform artifactregistry bigquery cloudkms notebooks pubsub secretmanager storage"
NEEDED = {f"{name}.googleapis.com" for name in SERVICES.split()}


def wrong(it: Values, house: House) -> object:
    # What is enforced is judged by itself: a rehearsal restricts nothing.
    told = [NEEDED - {*one.all("restricted_services")} for one in configurations(it)]
    return [sorted(missing) for missing in told if missing] if told else "nothing"
