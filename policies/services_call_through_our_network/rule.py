"""What a service or function calls goes through our network."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["CF-CO-4.4"]
RESOURCES = ["google_cloud_run_v2_service", "google_cloud_run_v2_job", "google_cloudfunctions2_function"]


def wrong(it: Values, house: House) -> object:
    if it.type == "google_cloudfunctions2_function":
        return not it.text("service_config.vpc_connector") or it.text("service_config.ingress_settings") == "ALLOW_ALL"
    path = "template.template" if it.type.endswith("job") else "template"
    return it.text(f"{path}.vpc_access.egress") != "ALL_TRAFFIC"
