"""What BigQuery's jobs do: queries, loads, copies and extracts."""

import fnmatch
import re
from typing import Any

from sandbox.api import access
from sandbox.api.call import Call
from sandbox.api.errors import ApiError
from sandbox.api.verbs.bigquery_tables import may, may_fill, protection, warehouse

Values = dict[str, Any]

RESULTS = "bigquery:results"


def _query(call: Call, name: str, body: Values, _: bytes | None) -> None:
    from sandbox.warehouse.queries import Query
    from sandbox.warehouse.tables import Table

    asked, project = body["configuration"]["query"], body["jobReference"]["projectId"]
    if asked.get("useLegacySql") is True:
        raise ApiError(400, "The sandbox does not know legacy SQL; use GoogleSQL.", reason="invalidQuery")
    dataset, target = asked.get("defaultDataset") or {}, asked.get("destinationTable")
    query = Query(
        warehouse(call),
        dataset.get("projectId") or project,
        dataset.get("datasetId", ""),
        lambda table, permission: may(call, table, permission),
        _parameters(asked.get("queryParameters") or []),
        protection(call),
    )
    table = Table.of(target, project) if target else None
    dry = bool(body["configuration"].get("dryRun"))
    found = query.run(asked["query"], target=table, disposition=asked.get("writeDisposition", ""), dry=dry)
    told: Values = {"statementType": found.kind, "totalBytesProcessed": "0", "totalBytesBilled": "0", "cacheHit": False}
    told["referencedTables"] = [_reference(one) for one in found.tables]
    if found.affected is not None and found.kind in ("INSERT", "DELETE", "UPDATE"):
        told["numDmlAffectedRows"] = str(found.affected)
    told["schema"] = {"fields": found.fields}
    body["statistics"] |= {"query": told, "totalBytesProcessed": "0"}
    asked["destinationTable"] = target or (
        _reference(found.written)
        if found.written
        else {"projectId": project, "datasetId": "_sandbox", "tableId": name[-12:]}
    )
    if not dry:
        _keep(call, name, found.fields, found.rows)


def _keep(call: Call, name: str, fields: list[Values], rows: list[tuple[Any, ...]]) -> None:
    from sandbox.warehouse.columns import row

    shown = {str(whole): [row(fields, values, whole_times=whole) for values in rows] for whole in (True, False)}
    if shown["True"] == shown["False"]:
        del shown["False"]
    call.store.documents.put(RESULTS, name, {"fields": fields, "rows": shown})


def _reference(table: Any) -> Values:
    return {"projectId": table.project, "datasetId": table.dataset, "tableId": table.table}


def _parameters(given: list[Values]) -> dict[str, str]:
    """Query parameters as SQL: text is quoted, numbers stand as they are."""
    out = {}
    for place, line in enumerate(given, 1):
        kind, value = line.get("parameterType") or {}, line.get("parameterValue") or {}
        if kind.get("type") == "ARRAY":
            inner = [_literal(kind["arrayType"]["type"], item.get("value")) for item in value.get("arrayValues") or []]
            text = f"[{', '.join(inner)}]"
        else:
            text = _literal(kind.get("type", "STRING"), value.get("value"))
        out[line.get("name") or str(place)] = text
    return out


def _literal(kind: str, value: Any) -> str:
    from sandbox.warehouse.columns import to_duck

    quoted = "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"
    return f"CAST({quoted} AS {to_duck({'type': kind})})"


def _load(call: Call, name: str, body: Values, data: bytes | None) -> None:
    from sandbox.warehouse.loading import load
    from sandbox.warehouse.tables import Table

    asked = body["configuration"]["load"]
    table = Table.of(asked["destinationTable"], body["jobReference"]["projectId"])
    files = [data] if data is not None else list(_sources(call, asked.get("sourceUris") or []))
    tables = warehouse(call)
    may_fill(call, tables, table)
    brought = load(tables, asked, table, files)
    told = {"inputFiles": str(len(files)), "inputFileBytes": str(sum(map(len, files))), "outputRows": str(brought)}
    body["statistics"]["load"] = told | {"badRecords": "0", "outputBytes": told["inputFileBytes"]}


def _sources(call: Call, uris: list[str]) -> Any:
    for uri in uris:
        match = re.fullmatch(r"gs://([^/]+)/(.+)", uri)
        if match is None:
            raise ApiError(400, f"Source URI must be a Google Cloud Storage location: [{uri}].", reason="invalid")
        names = [found.name for found in call.store.objects.find(match[1]) if fnmatch.fnmatchcase(found.name, match[2])]
        if not names:
            raise ApiError(404, f"Not found: URI {uri}", reason="notFound")
        for name in names:
            may_use(call, match[1], name)
            found = call.store.objects.get(match[1], name)
            assert found is not None
            yield found.data


def may_use(call: Call, bucket: str, name: str, permission: str = "storage.objects.get") -> None:
    """Refuse an object that the caller must not use."""
    about = access.full_name("storage", f"b/{bucket}/o/{name}")
    if call.principal != access.OPERATOR and not access.judge(call, permission, about)[0]:
        text = f"Access Denied: File gs://{bucket}/{name}: {permission} denied."
        raise ApiError(403, text, reason="accessDenied")


def _copy(call: Call, name: str, body: Values, _: bytes | None) -> None:
    from sandbox.warehouse.queries import engine
    from sandbox.warehouse.tables import Table

    asked, project = body["configuration"]["copy"], body["jobReference"]["projectId"]
    tables, target = warehouse(call), Table.of(asked["destinationTable"], project)
    sources = [Table.of(line, project) for line in asked.get("sourceTables") or [asked["sourceTable"]]]
    for source in sources:
        may(call, source, "bigquery.tables.getData")
        protection(call).whole(tables, source)
    may_fill(call, tables, target)
    rows = " UNION ALL BY NAME ".join(f"SELECT * FROM {tables.source(source)}" for source in sources)
    with engine(tables.folder) as connection:
        tables.write(connection, target, rows, asked.get("writeDisposition") or "WRITE_EMPTY")


def _extract(call: Call, name: str, body: Values, _: bytes | None) -> None:
    from sandbox.warehouse.loading import extract
    from sandbox.warehouse.tables import Table

    asked = body["configuration"]["extract"]
    table = Table.of(asked["sourceTable"], body["jobReference"]["projectId"])
    may(call, table, "bigquery.tables.export")
    protection(call).whole(warehouse(call), table)
    data = extract(warehouse(call), table, asked.get("destinationFormat", ""))
    for uri in asked.get("destinationUris") or [asked.get("destinationUri", "")]:
        bucket, _, place = uri.removeprefix("gs://").partition("/")
        name = place.replace("*", "000000000000")
        for permission in call.store.objects.needed_to_write(bucket, name):
            may_use(call, bucket, name, permission)
        if not call.store.has("google_storage_bucket", bucket):
            raise ApiError(404, f"Not found: Bucket {bucket}", reason="notFound")
        call.store.objects.put(bucket, name, data)


WORK = {"query": _query, "load": _load, "copy": _copy, "extract": _extract}
