"""Rows that Terraform's load jobs bring. Terraform only notes such a job; its rows arrive with the first question."""

import fnmatch
from typing import Any

from sandbox.warehouse.loading import load
from sandbox.warehouse.tables import Table, Tables

_JOB, _DONE = "google_bigquery_job", "bigquery-job-ran"


def bring(tables: Tables, table: Table, born: str) -> None:
    """Run the load jobs into a table that have not run yet; `born` tells a table from a later one of its name."""
    for name, job in tables.store.find(_JOB):
        for asked in job.get("load") or []:
            (target,) = asked.get("destination_table") or [{}]
            if _table(target, job) == table:
                with tables.writing:
                    _once(tables, asked, table, f"{name}/{born}")


def _once(tables: Tables, asked: dict[str, Any], table: Table, mark: str) -> None:
    """Load, unless that was done; a load that fails is tried again with the next question."""
    done = tables.store.documents
    # Danger: the mark stands while the load runs, which asks for the rows itself.
    if not done.create(_DONE, mark, {}):
        return
    try:
        load(tables, _as_api(asked), table, list(_files(tables, asked)))
    except BaseException:
        done.delete(_DONE, mark)
        raise


def _table(target: dict[str, Any], job: dict[str, Any]) -> Table:
    """Where a job writes; Terraform also takes a table by its full name."""
    name = str(target.get("table_id") or "")
    if "/" in name:
        _, project, _, dataset, _, table = name.split("/")
        return Table(project, dataset, table)
    return Table(target.get("project_id") or job["project"], target.get("dataset_id") or "", name)


def _as_api(asked: dict[str, Any]) -> dict[str, Any]:
    keys = {"sourceFormat": "source_format", "skipLeadingRows": "skip_leading_rows", "autodetect": "autodetect"}
    keys |= {"fieldDelimiter": "field_delimiter", "writeDisposition": "write_disposition"}
    return {key: asked[name] for key, name in keys.items() if asked.get(name) is not None}


def _files(tables: Tables, asked: dict[str, Any]) -> Any:
    for uri in asked.get("source_uris") or []:
        bucket, _, pattern = uri.removeprefix("gs://").partition("/")
        for found in tables.store.objects.find(bucket):
            if fnmatch.fnmatchcase(found.name, pattern) and (held := tables.store.objects.get(bucket, found.name)):
                yield held.data
