"""What takes labels says which environment it belongs to."""

from policies.rule import House
from policies.values import Values

SEVERITY = "LOW"
CONTROLS = ["GCS-CO-6.4", "GCS-CO-6.8", "GCS-CO-6.18", "HOUSE-RES-1"]
RESOURCES = [
    "google_storage_bucket",
    "google_bigquery_dataset",
    "google_secret_manager_secret",
    "google_pubsub_topic",
    "google_composer_environment",
    "google_vertex_ai_*",
]


def wrong(it: Values, house: House) -> object:
    told = it.keys("labels") | it.keys("effective_labels")
    takes = "effective_labels" in it.values or "labels" in it.values or it.type == "google_storage_bucket"
    return takes and "environment" not in told and not it.open("labels")
