"""Columns in BigQuery's words and in DuckDB's, and values as BigQuery's API writes them."""

import base64
import json
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

Field = dict[str, Any]

_TO_DUCK = {
    "STRING": "VARCHAR", "BYTES": "BLOB", "INTEGER": "BIGINT", "INT64": "BIGINT", "FLOAT": "DOUBLE",
    "FLOAT64": "DOUBLE",
    "NUMERIC": "DECIMAL(38,9)", "BIGNUMERIC": "DECIMAL(38,18)", "BOOLEAN": "BOOLEAN", "BOOL": "BOOLEAN",
    "TIMESTAMP": "TIMESTAMPTZ", "DATETIME": "TIMESTAMP", "DATE": "DATE", "TIME": "TIME", "JSON": "JSON",
    "GEOGRAPHY": "VARCHAR", "INTERVAL": "INTERVAL",
}  # fmt: skip
_FROM_DUCK = {
    "VARCHAR": "STRING", "BLOB": "BYTES", "BOOLEAN": "BOOLEAN", "DOUBLE": "FLOAT", "FLOAT": "FLOAT", "DATE": "DATE",
    "TIME": "TIME", "TIMESTAMP": "DATETIME", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP", "JSON": "JSON", "UUID": "STRING",
    "INTERVAL": "INTERVAL", '"NULL"': "INTEGER", "NULL": "INTEGER",
}  # fmt: skip
_WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")


def to_duck(field: Field) -> str:
    """The DuckDB type of a BigQuery column."""
    kind = str(field["type"]).upper()
    if kind in ("RECORD", "STRUCT"):
        inner = ", ".join(f'"{child["name"]}" {to_duck(child)}' for child in field.get("fields", []))
        found = f"STRUCT({inner})"
    else:
        found = _TO_DUCK.get(kind, "VARCHAR")
    return f"{found}[]" if field.get("mode") == "REPEATED" else found


def from_duck(name: str, type_: Any) -> Field:
    """The BigQuery column of a DuckDB type."""
    text = str(type_)
    if type_.id in ("list", "array"):
        return from_duck(name, type_.children[0][1]) | {"mode": "REPEATED"}
    if type_.id == "struct":
        fields = [from_duck(child, inner) for child, inner in type_.children]
        return {"name": name, "type": "RECORD", "mode": "NULLABLE", "fields": fields}
    kind = "NUMERIC" if text.startswith("DECIMAL") else "INTEGER" if _WHOLE.fullmatch(text) else ""
    return {"name": name, "type": kind or _FROM_DUCK.get(text, "STRING"), "mode": "NULLABLE"}


def row(fields: list[Field], values: tuple[Any, ...], *, whole_times: bool) -> dict[str, Any]:
    """A row as BigQuery's API writes it; times in whole microseconds where the client asks for them."""
    return {"f": [{"v": _cell(field, value, whole_times)} for field, value in zip(fields, values, strict=True)]}


def _cell(field: Field, value: Any, whole_times: bool) -> Any:
    if value is None:
        return [] if field.get("mode") == "REPEATED" else None
    if field.get("mode") == "REPEATED":
        single = field | {"mode": "NULLABLE"}
        return [{"v": _cell(single, item, whole_times)} for item in value]
    if field["type"] == "RECORD":
        return row(field["fields"], tuple(value.values()), whole_times=whole_times)
    return _scalar(value, whole_times)


def _scalar(value: Any, whole_times: bool) -> str:  # noqa: PLR0911
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.isoformat()
        moment = value.astimezone(UTC)
        micros = int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)
        return str(micros) if whole_times else repr(micros / 1_000_000)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return json.dumps(value) if isinstance(value, dict | list) else str(value)
