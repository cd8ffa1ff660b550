"""Vertex AI's feature store: an online view answers with what its last sync has brought from BigQuery."""

import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.api import stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, not_found
from sandbox.api.verbs import vectors

Values = dict[str, Any]

_TIME = "feature_timestamp"


def _fetch(call: Call) -> Values:
    view = call.get()
    _, keys, _ = _source(call, view)
    key = call.body.get("dataKey") or {}
    wanted = [str(key["key"])] if "key" in key else list((key.get("compositeKey") or {}).get("parts") or [])
    if len(wanted) != len(keys):
        raise ApiError(400, f"The view is keyed by {', '.join(keys)}; give as many parts.")
    matched = " AND ".join(f'CAST("{name}" AS VARCHAR) = ?' for name in keys)
    rows = _synced(call, view, f"WHERE {matched} LIMIT 1", wanted)
    if not rows:
        raise ApiError(404, f"No entity with key {'/'.join(wanted)} in {call.name}.")
    if call.body.get("dataFormat") == "PROTO_STRUCT":
        return {"protoStruct": {name: _plain(value) for name, value in rows[0].items() if name not in (*keys, _TIME)}}
    return {"keyValues": {"features": _features(rows[0], [*keys, _TIME])}, "dataKey": key}


def _search(call: Call) -> Values:
    """The entities whose embedding is nearest to one that is given, or to that of another entity."""
    view, query = call.get(), call.body.get("query") or {}
    index = view.get("indexConfig") or {}
    column = str(index.get("embeddingColumn") or "")
    if not column:
        raise ApiError(400, f"{call.name} has no index_config; only a view with an index is searched.")
    rows, (_, keys, _) = _synced(call, view), _source(call, view)
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


def _synced(call: Call, view: Values, more: str = "", given: list[str] | None = None) -> list[Values]:
    """Rows of a view as its last sync left them; none before the first."""
    from sandbox.warehouse.queries import engine

    folder = _warehouse(call).folder
    if not (file := _file(call, view, folder)).exists():
        return []
    with engine(folder) as connection:
        found = connection.execute(f"SELECT * FROM read_parquet('{file}') {more}", given or [])
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _file(call: Call, view: Values, folder: Path) -> Path:
    """Where a view's rows lie; a view that is made again begins without any."""
    born = f"{call.name} {view.get('createTime')}"
    return folder / "synced" / f"{hashlib.sha256(born.encode()).hexdigest()[:20]}.parquet"


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
    kinds = {bool: "BOOLEAN", int: "INTEGER", float: "FLOAT", Decimal: "FLOAT"}
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


def _warehouse(call: Call) -> Any:
    from sandbox.api.verbs.bigquery_tables import warehouse

    return warehouse(call)


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
    """Copies what the source holds now. What is wrong with it is the end of the sync, as it is Google's."""
    view, name, begun = call.get(), f"{call.name}/featureViewSyncs/{stamping.millis()}", stamping.now()
    problem = _copied(call, view)
    status = {"code": 9, "message": problem} if problem else {}
    body = {"name": name, "createTime": begun, "runTime": {"startTime": begun, "endTime": stamping.now()}}
    call.resources.create(call.api, name, body | {"finalStatus": status})
    return {"featureViewSync": name}


def _copied(call: Call, view: Values) -> str:
    """What refuses the copy. Of a feature group it has the newest value of each feature; of a table every row."""
    from sandbox.warehouse.queries import engine
    from sandbox.warehouse.tables import Table

    uri, keys, chosen = _source(call, view)
    parts = uri.removeprefix("bq://").split(".")
    if len(parts) != 3:
        raise not_found(uri)
    tables, table = _warehouse(call), Table(*parts)
    columns = {field["name"] for field in tables.fields(table)}
    if lost := sorted({*keys, *chosen} - columns):
        return f"{uri} has no column {lost[0]}."
    key, source = ", ".join(f'"{name}"' for name in keys), tables.source(table)
    newest = ", ".join(f'arg_max("{name}", "{_TIME}") AS "{name}"' for name in sorted(chosen))
    rows = f"SELECT {key}, {newest} FROM {source} GROUP BY {key}" if chosen else f"SELECT * FROM {source}"
    file = _file(call, view, tables.folder)
    file.parent.mkdir(parents=True, exist_ok=True)
    with engine(tables.folder) as connection:
        twice = connection.execute(f"SELECT {key} FROM ({rows}) GROUP BY {key} HAVING count(*) > 1 LIMIT 1").fetchone()
        if twice:
            return f"{uri} has several rows of {'/'.join(map(str, twice))}; a view over a table wants one of each."
        beside = file.with_suffix(".new")
        connection.execute(f"COPY ({rows}) TO '{beside}' (FORMAT parquet)")
    beside.replace(file)
    return ""


_VIEWS = "aiplatform.projects.locations.featureOnlineStores.featureViews."
METHODS = {
    f"{_VIEWS}fetchFeatureValues": _fetch,
    f"{_VIEWS}searchNearestEntities": _search,
    f"{_VIEWS}sync": _sync,
}
