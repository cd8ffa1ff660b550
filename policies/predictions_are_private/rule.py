"""Endpoints, feature stores and indexes are reached privately only."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-AI-2"]
RESOURCES = ["google_vertex_ai_endpoint", "google_vertex_ai_index_endpoint", "google_vertex_ai_feature_online_store"]


def wrong(it: Values, house: House) -> object:
    # A feature store of Bigtable has no endpoint: Vertex AI's API answers for it, inside the perimeter.
    if it.get("bigtable.auto_scaling.min_node_count"):
        return False
    paths = ("", "dedicated_serving_endpoint.")
    private = [it.get(f"{path}private_service_connect_config.enable_private_service_connect") for path in paths]
    return True not in private and not it.text("network") and it.get("public_endpoint_enabled", True)
