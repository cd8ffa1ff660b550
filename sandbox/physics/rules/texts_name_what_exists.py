"""What is named inside a text must exist: metrics in alert conditions, objects and tables in URIs, tags in a schema."""

import re

from sandbox.physics.change import Change, missing, project_in
from sandbox.physics.world import World

ACTIONS = ("create", "update")

_NAMED = {
    "google_monitoring_alert_policy": [
        (re.compile(r'metric\.type\s*=\s*"logging\.googleapis\.com/user/([^"]+)"'), "google_logging_metric", r"\1")
    ],
    "google_bigquery_job": [
        (re.compile(r"^gs://([^/*]+)/([^*]+)$"), "google_storage_bucket_object", r"\1-\2"),
        (re.compile(r"^gs://([^/]+)/"), "google_storage_bucket", r"\1"),
    ],
    "google_vertex_ai_feature_online_store_featureview": [
        (
            re.compile(r"^bq://([^.]+)\.([^.]+)\.([^.]+)$"),
            "google_bigquery_table",
            r"projects/\1/datasets/\2/tables/\3",
        )
    ],
    "google_vertex_ai_feature_group": [
        (
            re.compile(r"^bq://([^.]+)\.([^.]+)\.([^.]+)$"),
            "google_bigquery_table",
            r"projects/\1/datasets/\2/tables/\3",
        )
    ],
    "google_bigquery_table": [
        (
            re.compile(r'"(projects/[^/"]+/locations/[^/"]+/taxonomies/[^/"]+/policyTags/[^/"]+)"'),
            "google_data_catalog_policy_tag",
            r"\1",
        )
    ],
}
TYPES = list(_NAMED)


def check(change: Change, world: World) -> None:
    for place, text in change.strings:
        for pattern, type_, id_ in _NAMED[change.type]:
            for found in pattern.finditer(text):
                wanted = found.expand(id_)
                if not world.has(type_, wanted) or not _in_scope(change, type_, wanted, world):
                    raise missing(f"{type_.removeprefix('google_')} {wanted}", place)


def _in_scope(change: Change, type_: str, wanted: str, world: World) -> bool:
    """An alert sees the metrics of its own project and of those that its scope takes in."""
    if type_ != "google_logging_metric":
        return True
    home = str((world.values(type_, wanted) or {}).get("project"))
    own = project_in(change.values)
    scope = f"locations/global/metricsScopes/{own}/projects/{home}"
    return own in ("", home) or world.has("google_monitoring_monitored_project", scope)
