"""BigQuery's datasets and tables: rows are counted, listed and streamed in; deleting takes the rows along."""

import json
from collections.abc import Callable
from typing import Any

from sandbox.api import access, discovery, generic
from sandbox.api.call import Call, Facade
from sandbox.api.errors import ApiError

Values = dict[str, Any]


def warehouse(call: Call) -> Any:
    """The rows behind this call."""
    from sandbox.warehouse.tables import Table, Tables

    def make(table: Table, fields: list[Values]) -> None:
        may(call, table, "bigquery.tables.create")
        reference = {"projectId": table.project, "datasetId": table.dataset, "tableId": table.table}
        body = {"tableReference": reference, "schema": {"fields": fields}}
        with call.resources.writing:
            call.resources.create(call.api, table.id, body)

    return Tables(call.store, make, call.resources.writing)


def protection(call: Call) -> Any:
    """What of a table this caller sees; the operator sees everything."""
    from sandbox.warehouse.protection import Protection, Reader

    if call.principal == access.OPERATOR:
        return Protection()
    identities = call.facade.policies().groups.identities(call.principal)
    email = call.principal.partition(":")[2]
    return Protection(Reader(identities, email, lambda permission, about: access.decide(call, permission, about)[0]))


def warehouse_of(facade: Facade, principal: str) -> tuple[Any, Callable[[Any, str], None]]:
    """The rows as work sees them that somebody does beside a request, and what refuses a table to it."""
    api = discovery.api("bigquery", "v2")
    call = Call(facade, api, api.methods["bigquery.jobs.insert"], principal, "", "", {}, {}, {})
    tables = warehouse(call)

    def demanded(table: Any, permission: str) -> None:
        may(call, table, permission)
        if permission == "bigquery.tables.getData":
            protection(call).whole(tables, table)

    return tables, demanded


def may(call: Call, table: Any, permission: str) -> None:
    """Refuse what the caller must not do with a table."""
    about = f"//bigquery.googleapis.com/{table.id}"
    if call.principal == access.OPERATOR:
        return
    allowed, _ = access.judge(call, permission, about)
    if not allowed:
        text = f"Access Denied: Table {table}: User does not have permission {permission} on table {table}."
        raise ApiError(403, text, reason="accessDenied")


def may_fill(call: Call, tables: Any, table: Any) -> None:
    """Refuse rows to a table that is there and that the caller must not change; who makes one is judged then."""
    if tables.exists(table):
        may(call, table, "bigquery.tables.updateData")


def _table(call: Call) -> Any:
    from sandbox.warehouse.tables import Table

    _, project, _, dataset, _, table = call.name.split("/")[:6]
    return Table(project, dataset, table)


def _dataset_shown(body: Values) -> Values:
    reference = body.get("datasetReference") or {}
    return body | {"id": f"{reference.get('projectId')}:{reference.get('datasetId')}"}


def _table_shown(body: Values) -> Values:
    held = body.get("tableReference") or {}
    return body | {"id": f"{held.get('projectId')}:{held.get('datasetId')}.{held.get('tableId')}", "type": _kind(body)}


def _kind(body: Values) -> str:
    kinds = {"view": "VIEW", "materializedView": "MATERIALIZED_VIEW", "externalDataConfiguration": "EXTERNAL"}
    return next((kind for key, kind in kinds.items() if body.get(key)), "TABLE")


def _get_dataset(call: Call) -> Values:
    return _dataset_shown(generic.shown(call, call.name))


def _list_datasets(call: Call) -> Values:
    parent = call.name.removesuffix("/datasets")
    return generic.page(call, [_dataset_shown(body) for _, body in call.resources.below(call.api, parent, "datasets")])


def _insert(call: Call) -> Values:
    """What the path says stands in the reference too, whatever a client left out."""
    with call.resources.writing:
        parts = call.name.split("/")
        key, names = ("tableReference", ("datasetId",)) if "datasets" in parts[2:-1] else ("datasetReference", ())
        call.body[key] = (call.body.get(key) or {}) | {"projectId": parts[1]} | dict.fromkeys(names, parts[-2])
        made = generic.create(call)
        return _table_shown(made) if names else _dataset_shown(made)


def _delete_dataset(call: Call) -> Values | None:
    with call.resources.writing:
        call.get()
        if call.asked("deleteContents") == "true":
            for name, _ in list(call.resources.below(call.api, call.name, "tables")):
                call.resources.delete(call.api, name)
        return generic.delete(call)


def _get_table(call: Call) -> Values:
    body = _table_shown(generic.shown(call, call.name))
    if body["type"] != "TABLE":
        return body
    tables, table = warehouse(call), _table(call)
    file = tables.file(table)
    size = file.stat().st_size if file.exists() else 0
    return body | {"numRows": str(tables.count(table)), "numBytes": str(size)}


def _list_tables(call: Call) -> Values:
    parent = call.name.removesuffix("/tables")
    found = [_table_shown(body) for _, body in call.resources.below(call.api, parent, "tables")]
    shown = generic.page(call, found)
    return shown | {"totalItems": len(found)}


def _rows(call: Call) -> Values:
    from sandbox.warehouse.columns import row
    from sandbox.warehouse.queries import engine

    call.get(call.name.removesuffix("/data"))
    tables, table = warehouse(call), _table(call)
    start, most = generic.number(call, "pageToken", "startIndex"), generic.number(call, "maxResults", default=10_000)
    total = tables.count(table)
    chosen = [name for name in call.asked("selectedFields").split(",") if name]
    fields = [field for field in tables.fields(table) if not chosen or field["name"] in chosen]
    if unknown := set(chosen) - {field["name"] for field in fields}:
        raise ApiError(400, f"Selected fields that table {table} does not have: {', '.join(sorted(unknown))}")
    columns = ", ".join(f'"{field["name"]}"' for field in fields) or "NULL"
    guard = protection(call)
    guard.whole(tables, table)
    with engine(tables.folder) as connection:
        query = f"SELECT {columns} FROM {tables.source(table)} LIMIT {most} OFFSET {start}"
        found = connection.sql(query).fetchall()
    whole = call.query.get("formatOptions.useInt64Timestamp", "").lower() == "true"
    body: Values = {"kind": "bigquery#tableDataList", "totalRows": str(total)}
    body |= {"rows": [row(fields, values[: len(fields)], whole_times=whole) for values in found]}
    return body | ({"pageToken": str(start + len(found))} if start + len(found) < total else {})


def _stream(call: Call) -> Values:
    """Rows that are streamed in arrive at once."""
    from sandbox.warehouse.loading import load

    call.get(call.name.removesuffix("/insertAll"))
    lines = "\n".join(json.dumps(line.get("json") or {}) for line in call.body.get("rows") or [])
    configuration = {"sourceFormat": "NEWLINE_DELIMITED_JSON", "writeDisposition": "WRITE_APPEND"}
    try:
        with call.resources.writing:
            load(warehouse(call), configuration, _table(call), [lines.encode()])
    except ApiError as problem:
        errors = [{"reason": "invalid", "message": problem.message}]
        return {"kind": "bigquery#tableDataInsertAllResponse", "insertErrors": [{"index": 0, "errors": errors}]}
    return {"kind": "bigquery#tableDataInsertAllResponse"}


def _projects(call: Call) -> Values:
    found = [
        {
            "kind": "bigquery#project",
            "id": values["project_id"],
            "projectReference": {"projectId": values["project_id"]},
        }
        for id_, values in call.store.find("google_project")
        if access.holds(call, "resourcemanager.projects.get", access.full_name("cloudresourcemanager", id_))
    ]
    return {"kind": "bigquery#projectList", "projects": found, "totalItems": len(found)}


def _changed(call: Call) -> Values:
    with call.resources.writing:
        made = generic.change(call)
    return _table_shown(made) if "tableReference" in made else _dataset_shown(made)


METHODS = {
    "bigquery.projects.list": _projects,
    "bigquery.datasets.get": _get_dataset,
    "bigquery.datasets.list": _list_datasets,
    "bigquery.datasets.insert": _insert,
    "bigquery.datasets.patch": _changed,
    "bigquery.datasets.update": _changed,
    "bigquery.datasets.delete": _delete_dataset,
    "bigquery.tables.get": _get_table,
    "bigquery.tables.list": _list_tables,
    "bigquery.tables.insert": _insert,
    "bigquery.tables.patch": _changed,
    "bigquery.tables.update": _changed,
    "bigquery.tabledata.list": _rows,
    "bigquery.tabledata.insertAll": _stream,
}
