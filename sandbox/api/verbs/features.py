"""Vertex AI's feature store: an online view reads the newest row of its BigQuery source at the moment it is asked."""

from typing import Any

from sandbox.api import stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, not_found
from sandbox.api.verbs import vectors

Values = dict[str, Any]


def _fetch(call: Call) -> Values:
    from sandbox.warehouse.queries import engine

    view = call.get()
    uri, keys, chosen = _source(call, view)
    key = call.body.get("dataKey") or {}
    wanted = [str(key["key"])] if "key" in key else list((key.get("compositeKey") or {}).get("parts") or [])
    if len(wanted) != len(keys):
        raise ApiError(400, f"The view is keyed by {', '.join(keys)}; give as many parts.")
    tables, table = _table(call, uri)
    fields = tables.fields(table)
    matched = " AND ".join(f'CAST("{name}" AS VARCHAR) = ?' for name in keys)
    with engine(tables.folder) as connection:
        newest = ' ORDER BY "feature_timestamp" DESC' if any(f["name"] == "feature_timestamp" for f in fields) else ""
        found = connection.execute(f"SELECT * FROM {tables.source(table)} WHERE {matched}{newest} LIMIT 1", wanted)
        row = found.fetchone()
    if row is None:
        raise ApiError(404, f"No entity with key {'/'.join(wanted)} in {call.name}.")
    shown = [(field["name"], field["type"], value) for field, value in zip(fields, row, strict=True)]
    kept = [line for line in shown if line[0] not in (*keys, "feature_timestamp") and (not chosen or line[0] in chosen)]
    if call.body.get("dataFormat") == "PROTO_STRUCT":
        return {"protoStruct": {name: _plain(value) for name, _, value in kept}}
    features = [{"name": name, "value": _typed(kind, value)} for name, kind, value in kept if value is not None]
    return {"keyValues": {"features": features}, "dataKey": key}


def _search(call: Call) -> Values:
    """The entities whose embedding is nearest to one that is given, or to that of another entity."""
    view, query = call.get(), call.body.get("query") or {}
    index = view.get("indexConfig") or {}
    column = str(index.get("embeddingColumn") or "")
    if not column:
        raise ApiError(400, f"{call.name} has no index_config; only a view with an index is searched.")
    rows, keys = _everything(call, view)
    wanted = (query.get("embedding") or {}).get("value")
    if "entityId" in query:
        wanted = next((row[column] for row in rows if _id(row, keys) == query["entityId"]), None)
    if wanted is None:
        raise not_found(str(query.get("entityId") or "query.embedding"))
    measure = str(index.get("distanceMeasureType") or "SQUARED_L2_DISTANCE")
    scored = [(vectors.distance(wanted, row[column], measure), row) for row in rows if _admits(query, row)]
    scored.sort(key=lambda pair: pair[0] if vectors.closer(measure) else -pair[0])
    found = [
        {"entityId": _id(row, keys), "distance": distance}
        | (
            {"entityKeyValues": {"keyValues": {"features": _features(row, keys)}}}
            if call.body.get("returnFullEntity")
            else {}
        )
        for distance, row in scored[: int(query.get("neighborCount") or 10)]
    ]
    return {"nearestNeighbors": {"neighbors": found}}


def _everything(call: Call, view: Values) -> tuple[list[Values], list[str]]:
    """Every row behind a view, and its key columns."""
    from sandbox.warehouse.queries import engine

    uri, keys, _ = _source(call, view)
    tables, table = _table(call, uri)
    names = [field["name"] for field in tables.fields(table)]
    with engine(tables.folder) as connection:
        rows = connection.sql(f"SELECT * FROM {tables.source(table)}").fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows], keys


def _id(row: Values, keys: list[str]) -> str:
    return "/".join(str(row[key]) for key in keys)


def _admits(query: Values, row: Values) -> bool:
    """Whether a row passes the filters of text columns; filters of numbers are not known here."""
    if query.get("numericFilters"):
        raise ApiError(501, "The sandbox knows string_filters only.", "UNIMPLEMENTED")
    for line in query.get("stringFilters") or []:
        held = str(row.get(line["name"]))
        if line.get("allowTokens") and held not in line["allowTokens"]:
            return False
        if held in (line.get("denyTokens") or ()):
            return False
    return True


def _features(row: Values, keys: list[str]) -> list[Values]:
    kinds = {bool: "BOOLEAN", int: "INTEGER", float: "FLOAT"}
    shown = {name: value for name, value in row.items() if name not in keys and value is not None}
    return [{"name": name, "value": _typed(kinds.get(type(value), ""), value)} for name, value in shown.items()]


def _source(call: Call, view: Values) -> tuple[str, list[str], set[str]]:
    """(table, key columns, features) behind a view, direct or through a feature group."""
    if direct := view.get("bigQuerySource"):
        return str(direct["uri"]), list(direct.get("entityIdColumns") or []), set()
    groups = (view.get("featureRegistrySource") or {}).get("featureGroups") or []
    if len(groups) != 1:
        raise ApiError(501, "The sandbox serves views over BigQuery or over one feature group.", "UNIMPLEMENTED")
    place = call.name.partition("/featureOnlineStores/")[0]
    group = call.get(f"{place}/featureGroups/{groups[0]['featureGroupId']}")
    held = group.get("bigQuery") or {}
    keys = list(held.get("entityIdColumns") or ["entity_id"])
    return str((held.get("bigQuerySource") or {}).get("inputUri")), keys, set(groups[0].get("featureIds") or [])


def _table(call: Call, uri: str) -> tuple[Any, Any]:
    from sandbox.api.verbs.bigquery_tables import warehouse
    from sandbox.warehouse.tables import Table

    parts = uri.removeprefix("bq://").split(".")
    if len(parts) != 3:
        raise not_found(uri)
    return warehouse(call), Table(*parts)


def _typed(kind: str, value: Any) -> Values:
    if kind in ("INTEGER", "INT64"):
        return {"int64Value": str(value)}
    if kind in ("FLOAT", "FLOAT64", "NUMERIC"):
        return {"doubleValue": float(value)}
    if kind in ("BOOLEAN", "BOOL"):
        return {"boolValue": bool(value)}
    if isinstance(value, list):
        return {"doubleArrayValue": {"values": [float(item) for item in value]}}
    return {"stringValue": str(value)}


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _sync(call: Call) -> Values:
    """Nothing to copy: a view always answers from its source."""
    call.get()
    name = f"{call.name}/featureViewSyncs/{stamping.millis()}"
    moment = stamping.now()
    body = {"name": name, "createTime": moment, "runTime": {"startTime": moment, "endTime": moment}}
    call.resources.create(call.api, name, body | {"finalStatus": {}})
    return {"featureViewSync": name}


_VIEWS = "aiplatform.projects.locations.featureOnlineStores.featureViews."
METHODS = {
    f"{_VIEWS}fetchFeatureValues": _fetch,
    f"{_VIEWS}searchNearestEntities": _search,
    f"{_VIEWS}sync": _sync,
}
