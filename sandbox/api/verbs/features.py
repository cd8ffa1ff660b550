"""Vertex AI's feature store: an online view reads the newest row of its BigQuery source at the moment it is asked."""

from typing import Any

from sandbox.api import stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, not_found

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
METHODS = {f"{_VIEWS}fetchFeatureValues": _fetch, f"{_VIEWS}sync": _sync}
