"""A load or copy job that may not make its table needs it to be there: `create_disposition = "CREATE_NEVER"`."""

from typing import Any

from sandbox.physics.change import Change, missing
from sandbox.physics.world import World

TYPES = ("google_bigquery_job",)
ACTIONS = ("create",)


def check(change: Change, world: World) -> None:
    for kind in ("load", "copy", "query"):
        for job in _blocks(change.values.get(kind)):
            for target in (
                _blocks(job.get("destination_table")) if job.get("create_disposition") == "CREATE_NEVER" else ()
            ):
                path = str(target.get("table_id") or "")
                if "/" not in path:
                    path = f"projects/{target.get('project_id')}/datasets/{target.get('dataset_id')}/tables/{path}"
                if not world.has("google_bigquery_table", path):
                    raise missing(f"Table {path}", (kind, "destination_table"))


def _blocks(value: Any) -> list[dict[str, Any]]:
    """A nested block, however Terraform's wire holds it."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
