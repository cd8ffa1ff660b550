"""Tables: what they are stands in the store, their rows in one Parquet file each."""

import json
import re
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from sandbox.api.errors import ApiError
from sandbox.store import Store
from sandbox.warehouse.columns import Field, from_duck, to_duck

Values = dict[str, Any]
_TYPE = "google_bigquery_table"


@dataclass(frozen=True)
class Table:
    """The name of a table."""

    project: str
    dataset: str
    table: str

    @property
    def id(self) -> str:
        return f"projects/{self.project}/datasets/{self.dataset}/tables/{self.table}"

    @classmethod
    def of(cls, reference: Values, project: str = "") -> "Table":
        """A tableReference of the API."""
        return cls(reference.get("projectId") or project, reference["datasetId"], reference["tableId"])

    def __str__(self) -> str:
        return f"{self.project}:{self.dataset}.{self.table}"


class Tables:
    """Reads and writes rows; `make` creates a table that does not exist yet.

    `writing` is held by whoever reads to write: rows that two bring at once are all there.
    """

    def __init__(
        self, store: Store, make: Callable[[Table, list[Field]], None], writing: AbstractContextManager[Any]
    ) -> None:
        self.store, self._make, self.writing = store, make, writing

    @property
    def folder(self) -> Path:
        """Where all rows are."""
        return (self.store.path.parent / "warehouse").absolute()

    def values(self, table: Table) -> Values:
        """What the store says of a table; 404 where there is none."""
        found = self.store.get(_TYPE, table.id)
        if found is None:
            raise ApiError(404, f"Not found: Table {table}", reason="notFound")
        return found

    def exists(self, table: Table) -> bool:
        """Is there such a table?"""
        return self.store.get(_TYPE, table.id) is not None

    def fields(self, table: Table) -> list[Field]:
        """The columns of a table."""
        return list(json.loads(self.values(table).get("schema") or "[]"))

    def view(self, table: Table) -> str:
        """The query behind a view; empty for a table."""
        view = self.values(table).get("view") or [{}]
        return str(view[0].get("query") or "")

    def authorized(self, view: Table, table: Table) -> bool:
        """Does the dataset of a table let this view read it for whoever may read the view?"""
        place = {"project": table.project, "dataset_id": table.dataset}
        dataset = self.store.get("google_bigquery_dataset", f"projects/{table.project}/datasets/{table.dataset}") or {}
        beside = [values for _, values in self.store.find("google_bigquery_dataset_access")]
        told = {"project_id": view.project, "dataset_id": view.dataset}
        for entry in [*(dataset.get("access") or []), *(one for one in beside if place.items() <= one.items())]:
            about = [inner for one in entry.get("dataset") or [] for inner in one.get("dataset") or []]
            views = [one for one in entry.get("view") or [] if one.get("table_id") == view.table]
            if any(told.items() <= one.items() for one in [*about, *views]):
                return True
        return False

    def file(self, table: Table) -> Path:
        """Where the rows are. Load jobs of Terraform run now; a table made again has other rows."""
        born = str(self.values(table).get("creation_time") or "0")
        safe = "".join(letter if letter.isalnum() else "_" for letter in born)
        file = self.folder / table.project / table.dataset / f"{table.table}-{safe}.parquet"
        if not file.exists():
            from sandbox.warehouse.first_rows import bring

            bring(self, table, safe)
        return file

    def source(self, table: Table) -> str:
        """What DuckDB reads the rows from."""
        file = self.file(table)
        if file.exists():
            return f"(SELECT * FROM read_parquet({_text(file)}))"
        columns = ", ".join(f'CAST(NULL AS {to_duck(field)}) AS "{field["name"]}"' for field in self.fields(table))
        return f"(SELECT {columns or 'NULL AS nothing'} WHERE false)"

    def write(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Table,
        query: str,
        disposition: str,
        *,
        grow: bool = False,
        anew: bool = False,
    ) -> int:
        """Put what a query finds into a table, made where it is missing; how many rows it brought.

        A table may `grow` by columns that it does not have yet, or be made `anew`. A query that fails changes nothing.
        """
        with self.writing:
            connection.execute(f"CREATE OR REPLACE TEMP TABLE brought AS {query}")
            return self._written(connection, table, disposition, grow, anew)

    def _written(
        self, connection: duckdb.DuckDBPyConnection, table: Table, disposition: str, grow: bool, anew: bool
    ) -> int:
        found = connection.sql("SELECT * FROM brought")
        fields = [from_duck(name, type_) for name, type_ in zip(found.columns, found.types, strict=True)]
        if anew or not self.exists(table):
            with self.store.together():
                self.store.delete(_TYPE, table.id)
                self._make(table, fields)
        elif disposition == "WRITE_EMPTY" and self.count(table):
            raise ApiError(409, f"Already Exists: Table {table}", reason="duplicate")
        wanted = self.fields(table) or fields
        missing = [field["name"] for field in fields if field["name"] not in {line["name"] for line in wanted}]
        if missing and grow:
            wanted += [field for field in fields if field["name"] in missing]
            self.store.put(_TYPE, table.id, self.values(table) | {"schema": json.dumps(wanted)})
        elif missing:
            raise ApiError(400, f"Provided Schema does not match Table {table}. Cannot add field: {missing[0]}")
        rows = _shaped("brought", wanted, {field["name"] for field in fields})
        brought = int(connection.sql(f"SELECT count(*) FROM {rows}").fetchall()[0][0])
        if disposition != "WRITE_TRUNCATE" and self.file(table).exists():
            rows = f"({self.source(table)} UNION ALL BY NAME {rows})"
        self._save(connection, table, rows)
        return brought

    def count(self, table: Table) -> int:
        """How many rows a table has."""
        file = self.file(table)
        if not file.exists():
            return 0
        with duckdb.connect(":memory:") as connection:
            return int(connection.sql(f"SELECT count(*) FROM read_parquet({_text(file)})").fetchall()[0][0])

    def _save(self, connection: duckdb.DuckDBPyConnection, table: Table, rows: str) -> None:
        file = self.file(table)
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            part = Path(folder) / "part.parquet"
            connection.execute(f"COPY (SELECT * FROM {rows}) TO {_text(part)} (FORMAT parquet)")
            part.replace(file)
        for other in file.parent.iterdir():  # rows of tables that had this name
            if other != file and re.fullmatch(rf"{re.escape(table.table)}-\w+\.parquet", other.name):
                other.unlink(missing_ok=True)


def _shaped(source: str, fields: list[Field], present: set[str]) -> str:
    """The rows of a source with the columns of a table, in its order and types."""

    def column(field: Field) -> str:
        held = f'"{field["name"]}"' if field["name"] in present else "NULL"
        return f'CAST({held} AS {to_duck(field)}) AS "{field["name"]}"'

    return f"(SELECT {', '.join(map(column, fields))} FROM {source})"


def _text(value: Path | str) -> str:
    return "'" + str(value).replace("'", "''") + "'"
