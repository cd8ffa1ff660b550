"""What a service or function calls goes through our network."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["CF-CO-4.4"]
RESOURCES = ["google_cloud_run_v2_service", "google_cloud_run_v2_job", "google_cloudfunctions2_function"]


def wrong(it: Values, house: House) -> object:
    if it.type == "google_cloudfunctions2_function":
        out = it.text("service_config.vpc_connector_egress_settings") == "ALL_TRAFFIC"
        outside = it.get("service_config.ingress_settings", "ALLOW_ALL") == "ALLOW_ALL"
        return not (out and it.text("service_config.vpc_connector")) or outside
    path = "template.template" if it.type.endswith("job") else "template"
    return it.text(f"{path}.vpc_access.egress") != "ALL_TRAFFIC"
