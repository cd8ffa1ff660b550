"""Loads: files in the three formats that BigQuery takes become rows of a table."""

import tempfile
from pathlib import Path
from typing import Any

import duckdb

from sandbox.api.errors import ApiError
from sandbox.warehouse.columns import to_duck
from sandbox.warehouse.queries import engine
from sandbox.warehouse.tables import Table, Tables

Values = dict[str, Any]

FORMATS = ("CSV", "NEWLINE_DELIMITED_JSON", "PARQUET")


def load(tables: Tables, configuration: Values, table: Table, files: list[bytes]) -> int:
    """Put files into a table, made where it may be; how many rows they brought."""
    kind = configuration.get("sourceFormat") or "CSV"
    if kind not in FORMATS:
        raise ApiError(400, f"The sandbox loads {', '.join(FORMATS)}; not {kind}.", reason="invalid")
    if not tables.exists(table) and configuration.get("createDisposition") == "CREATE_NEVER":
        raise ApiError(404, f"Not found: Table {table}", reason="notFound")
    fields = (configuration.get("schema") or {}).get("fields") or (tables.fields(table) if tables.exists(table) else [])
    with tempfile.TemporaryDirectory(dir=_folder(tables)) as folder, engine(tables.folder) as connection:
        paths = []
        for place, data in enumerate(files):
            path = Path(folder) / f"{place}.data"
            path.write_bytes(data)
            paths.append(f"'{path}'")
        try:
            source = _reader(configuration, kind, ", ".join(paths), fields)
            grow = "ALLOW_FIELD_ADDITION" in (configuration.get("schemaUpdateOptions") or [])
            disposition = configuration.get("writeDisposition") or "WRITE_APPEND"
            return tables.write(connection, table, source, disposition, grow=grow)
        except duckdb.Error as problem:
            text = str(problem).partition("\n")[0]
            raise ApiError(400, f"Error while reading data: {text}", reason="invalid") from None


def _folder(tables: Tables) -> Path:
    tables.folder.mkdir(parents=True, exist_ok=True)
    return tables.folder


def _reader(configuration: Values, kind: str, paths: str, fields: list[Values]) -> str:
    columns = ", ".join(f"'{field['name']}': '{to_duck(field)}'" for field in fields)
    given = f", columns = {{{columns}}}" if columns else ""
    if kind == "PARQUET":
        return f"SELECT * FROM read_parquet([{paths}])"
    if kind == "NEWLINE_DELIMITED_JSON":
        return f"SELECT * FROM read_json([{paths}], format = 'newline_delimited'{given})"
    skip = int(configuration.get("skipLeadingRows") or 0)
    mark = str(configuration.get("fieldDelimiter") or ",").replace("\\t", "\t").replace("'", "''")
    guessed = configuration.get("autodetect") and not columns
    header = "" if guessed and not skip else f", header = false, skip = {skip}" if columns else ", header = true"
    return f"SELECT * FROM read_csv([{paths}], delim = '{mark}'{given}{header})"


def extract(tables: Tables, table: Table, kind: str) -> bytes:
    """The rows of a table as a file."""
    form = {"CSV": "csv, HEADER", "NEWLINE_DELIMITED_JSON": "json", "PARQUET": "parquet"}.get(kind or "CSV")
    if form is None:
        raise ApiError(400, f"The sandbox extracts {', '.join(FORMATS)}; not {kind}.", reason="invalid")
    with tempfile.TemporaryDirectory(dir=_folder(tables)) as folder, engine(tables.folder) as connection:
        path = Path(folder) / "out"
        connection.execute(f"COPY (SELECT * FROM {tables.source(table)}) TO '{path}' (FORMAT {form})")
        return path.read_bytes()
