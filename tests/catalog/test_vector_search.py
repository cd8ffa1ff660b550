"""A vector search of the catalog finds passages by their embedding, and among those that a filter admits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud.aiplatform_v1 import IndexServiceClient, MatchServiceClient
from google.cloud.storage import Client

from catalog_templates.template import find
from operations.catalog_launching import launch
from tests.catalog.shop import order, shop

PASSAGES = {"leave": ("people", [1.0, 0.0]), "pay": ("people", [0.6, 0.8]), "keys": ("security", [0.9, 0.4])}
SIZE = 32


def lines() -> str:
    """The passages as the index reads them: an embedding, and the department as metadata."""
    found = [
        {
            "id": name,
            "embedding": [*vector, *[0.0] * (SIZE - len(vector))],
            "restricts": [{"namespace": "department", "allow": [department]}],
        }
        for name, (department, vector) in PASSAGES.items()
    ]
    return "\n".join(map(json.dumps, found))


def nearest(outputs: dict[str, str], *departments: str) -> list[str]:
    """The two nearest passages, of these departments only where some are named."""
    point: dict[str, Any] = {"feature_vector": [1.0, *[0.0] * (SIZE - 1)]}
    if departments:
        point["restricts"] = [{"namespace": "department", "allow_list": list(departments)}]
    query = {"datapoint": point, "neighbor_count": 2}
    asked = {"index_endpoint": outputs["endpoint"], "deployed_index_id": outputs["deployed"], "queries": [query]}
    (found,) = MatchServiceClient().find_neighbors(request=asked).nearest_neighbors
    return [it.datapoint.datapoint_id for it in found.neighbors]


@pytest.mark.proves("GO-rag-2", defect="a nearer passage of another department, and a vector written past the bucket")
def test_neighbours_are_found_among_what_a_filter_on_metadata_admits(deployed: Path, tmp_path: Path) -> None:
    with shop(deployed, tmp_path, find("bucket"), find("vector_search")) as (desk, _):
        kept = launch(desk, order("bucket", name="handbook"))
        bucket = Client(project=kept.project).bucket(kept.outputs["bucket"])
        bucket.blob("vectors/v1/passages.json").upload_from_string(lines())
        vectors = {"bucket": "handbook", "folder": "vectors/v1", "dimensions": SIZE}
        made = launch(desk, order("vector_search", name="handbook", **vectors)).outputs
        assert nearest(made) == ["leave", "keys"]
        assert nearest(made, "people") == ["leave", "pay"]
        assert nearest(made, "finance") == []
        slipped_in = {"datapoint_id": "slipped-in", "feature_vector": [1.0] * SIZE}
        with pytest.raises(BadRequest, match="StreamUpdate is not enabled"):
            IndexServiceClient().upsert_datapoints(request={"index": made["index"], "datapoints": [slipped_in]})
