"""Results of runs in BigQuery: the tables of `results`, with the same columns, side by side in one dataset."""

from __future__ import annotations

from typing import Any

from pipelines.genai import results
from pipelines.genai.evaluation import Run
from pipelines.genai.vertex.place import Place, told

PREFIX = "genai_"


def store(place: Place, run: Run) -> str:
    """Write a run; writing it again changes nothing. The dataset it lies in. Raises ModelFailed."""
    from google.cloud import bigquery

    dataset = f"{place.project}.{place.dataset}"
    with told(f"dataset {dataset}"):
        client = bigquery.Client(project=place.project, location=place.region)
        for table in results.SCHEMA:
            key, target = results.KEYS[table], f"{dataset}.{PREFIX}{table}"
            client.create_table(bigquery.Table(target, schema=_schema(table)), exists_ok=True)
            value = bigquery.ScalarQueryParameter("value", "STRING", run.evaluation if key == "task" else run.key)
            before = bigquery.QueryJobConfig(query_parameters=[value])
            client.query(f"DELETE FROM `{target}` WHERE {key} = @value", job_config=before).result()
        for table, found in results.rows(run):
            lines = [dict(zip(results.SCHEMA[table], row, strict=True)) for row in found]
            added = bigquery.LoadJobConfig(
                schema=_schema(table), write_disposition="WRITE_APPEND", schema_update_options=["ALLOW_FIELD_ADDITION"]
            )
            if lines:
                client.load_table_from_json(lines, f"{dataset}.{PREFIX}{table}", job_config=added).result()
    return dataset


def _schema(table: str) -> list[Any]:
    from google.cloud import bigquery

    return [bigquery.SchemaField(name, kind) for name, kind in results.SCHEMA[table].items()]
