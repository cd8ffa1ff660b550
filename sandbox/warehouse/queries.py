"""Queries: BigQuery's dialect is translated, tables are found and their readers judged, DuckDB answers."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from sandbox.api.errors import ApiError
from sandbox.warehouse.columns import Field, from_duck
from sandbox.warehouse.protection import Protection
from sandbox.warehouse.tables import Table, Tables

_DEEP = 8


@dataclass
class Result:
    """What a query answered: columns, rows, what it touched."""

    kind: str = "SELECT"
    fields: list[Field] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    written: Table | None = None
    affected: int | None = None


@dataclass
class Query:
    """One query of one caller. `may` raises ApiError where the caller must not read or write a table."""

    tables: Tables
    project: str
    dataset: str
    may: Callable[[Table, str], None]
    parameters: dict[str, str] = field(default_factory=dict)
    """Named ones by name, positional ones by their number, each as SQL."""
    protection: Protection = field(default_factory=Protection)

    def run(self, text: str, *, target: Table | None = None, disposition: str = "", dry: bool = False) -> Result:
        """Answer a query; 400 in BigQuery's words for what cannot be understood or is not known here."""
        statements = self._parsed(text)
        if len(statements) != 1:
            raise _invalid("The sandbox runs one statement at a time; scripts are not known here.")
        statement = statements[0]
        writes = target is not None or not isinstance(statement, exp.Query)
        with self.tables.writing if writes else nullcontext(), engine(self.tables.folder) as connection:
            try:
                if isinstance(statement, exp.Query):
                    return self._select(connection, statement, target, disposition or "WRITE_EMPTY", dry)
                return Change(self, connection, dry).apply(statement)
            except duckdb.Error as problem:
                raise refused(problem) from None

    def _parsed(self, text: str) -> list[exp.Expr]:
        try:
            found = [statement for statement in sqlglot.parse(text, read="bigquery") if statement is not None]
        except SqlglotError as problem:
            raise _invalid(f"Syntax error: {str(problem).partition(chr(10))[0]}") from None
        if any(isinstance(statement, exp.Command) for statement in found):
            raise _invalid("The sandbox does not know this kind of statement; run it on Google Cloud.")
        for node in (node for statement in found for node in statement.find_all(exp.Table, exp.Lateral)):
            if isinstance(node.this, exp.Func):
                raise _invalid(f"Table-valued function not found: {node.this.sql('bigquery').partition('(')[0]}")
        return found

    def _select(
        self, connection: duckdb.DuckDBPyConnection, statement: exp.Query, target: Table | None, how: str, dry: bool
    ) -> Result:
        result = Result()
        text = self.translated(statement, result)
        found = connection.sql(text)
        result.fields = [from_duck(name, type_) for name, type_ in zip(found.columns, found.types, strict=True)]
        if dry:
            return result
        if target is not None:
            self.may(target, "bigquery.tables.updateData")
            result.affected = self.tables.write(connection, target, text, how)
            result.written = target
        result.rows = found.fetchall()
        return result

    def translated(self, statement: exp.Expr, result: Result, through: tuple[Table, ...] = ()) -> str:
        """A statement in DuckDB's dialect, with every table replaced by where its rows are.

        `through` are the views that it stands in, the innermost last.
        """
        tree = statement.copy()
        hidden = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
        for node in list(tree.find_all(exp.Table)):
            if node.name in hidden and not node.db:
                continue
            alias = node.alias or node.name.rpartition(".")[2]
            source = self._source(self.named(node), result, through)
            node.replace(sqlglot.parse_one(f'SELECT 1 FROM {source} AS "{alias}"', read="duckdb").args["from_"].this)
        self.fill(tree)
        try:
            return tree.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
        except SqlglotError as problem:
            raise _invalid(f"The sandbox does not know this: {problem}") from None

    def fill(self, tree: exp.Expr) -> None:
        """Put the values of parameters in their places."""
        positions = iter(range(1, 1000))
        for mark in list(tree.find_all(exp.Parameter, exp.Placeholder)):
            key = mark.name or (str(next(positions)) if isinstance(mark, exp.Placeholder) else "")
            if key not in self.parameters:
                raise _invalid(f"Query parameter '{key}' not found.")
            mark.replace(sqlglot.parse_one(self.parameters[key], read="duckdb"))

    def _source(self, table: Table, result: Result, through: tuple[Table, ...]) -> str:
        if len(through) > _DEEP:
            raise _invalid("Views are nested too deeply.")
        if not through or not self.tables.authorized(through[-1], table):
            self.may(table, "bigquery.tables.getData")
        if table not in result.tables:
            result.tables.append(table)
        view = self.tables.view(table)
        if not view:
            return self.protection.source(self.tables, table)
        inner = Query(self.tables, table.project, table.dataset, self.may, protection=self.protection)
        return f"({inner.translated(inner._parsed(view)[0], result, (*through, table))})"

    def named(self, node: exp.Table) -> Table:
        """The table that a name in a query means."""
        parts = [part for piece in node.parts for part in piece.name.split(".")]
        if len(parts) == 1 and not self.dataset:
            raise _invalid(f'Table "{parts[0]}" must be qualified with a dataset (e.g. dataset.table).')
        before = [self.project, self.dataset] if len(parts) == 1 else [self.project]
        project, dataset, table = [*before, *parts][-3:]
        return Table(project, dataset, table)


@dataclass
class Change:
    """A statement that changes tables."""

    query: Query
    connection: duckdb.DuckDBPyConnection
    dry: bool

    def apply(self, statement: exp.Expr) -> Result:
        """Carry it out."""
        match statement:
            case exp.Create(kind="TABLE"):
                return self._create(statement)
            case exp.Insert():
                return self._insert(statement)
            case exp.Delete() | exp.Update():
                return self._rewrite(statement)
            case exp.Merge():
                return self._merge(statement)
        raise _invalid(f"The sandbox does not know {statement.key.upper()}; run it on Google Cloud.")

    def _create(self, statement: exp.Create) -> Result:
        target = self._target(statement.this, "bigquery.tables.create")
        result = Result("CREATE_TABLE_AS_SELECT" if statement.expression else "CREATE_TABLE", written=target)
        tables, there = self.query.tables, self.query.tables.exists(target)
        if there and not statement.args.get("replace"):
            if statement.args.get("exists"):
                return result
            raise ApiError(409, f"Already Exists: Table {target}", reason="duplicate")
        if statement.expression is None:
            raise _invalid("The sandbox makes tables in queries only by CREATE TABLE ... AS SELECT.")
        text = self.query.translated(statement.expression, result)
        if not self.dry:
            result.affected = tables.write(self.connection, target, text, "WRITE_TRUNCATE", anew=there)
        return result

    def _insert(self, statement: exp.Insert) -> Result:
        schema = statement.this if isinstance(statement.this, exp.Schema) else None
        target = self._target(statement.this, "bigquery.tables.updateData")
        fields = [field["name"] for field in self.query.tables.fields(target)]
        columns = [item.name for item in schema.expressions] if schema else fields
        result = Result("INSERT", written=target)
        text = self.query.translated(statement.expression, result)
        named = f"SELECT * FROM ({text}) AS t({', '.join(map(_quoted, columns))})"
        if not self.dry:
            result.affected = self.query.tables.write(self.connection, target, named, "WRITE_APPEND")
        return result

    def _rewrite(self, statement: exp.Delete | exp.Update) -> Result:
        tree, target = self._copied(statement)
        if any(node.name != "changed" for node in tree.find_all(exp.Table)):
            raise _invalid("The sandbox changes rows only by conditions on the table itself.")
        return self._changed(tree, target, Result(statement.key.upper(), written=target))

    def _merge(self, statement: exp.Merge) -> Result:
        tree, target = self._copied(statement)
        result, using = Result("MERGE", written=target), statement.args["using"]
        rows = self.query.translated(exp.select("*").from_(using.copy()), result)
        alias = using.alias or using.name.rpartition(".")[2]
        placed = sqlglot.parse_one(f'SELECT 1 FROM ({rows}) AS "{alias}"', read="duckdb")
        tree.args["using"].replace(placed.args["from_"].this)
        self._must_match_once(tree, f'({rows}) AS "{alias}"')
        return self._changed(tree, target, result)

    def _must_match_once(self, tree: exp.Expr, rows: str) -> None:
        """Refuse a change of one row by two, which DuckDB makes in some order."""
        held = tree.this.alias
        text = f'SELECT 1 FROM changed AS "{held}" JOIN {rows} ON true GROUP BY "{held}".rowid HAVING count(*) > 1'
        twice = sqlglot.parse_one(text, read="duckdb")
        twice.args["joins"][0].set("on", tree.args["on"].copy())
        self.query.fill(twice)
        matched = any(when.args.get("matched") for when in tree.find_all(exp.When))
        if matched and self.connection.execute(f"{twice.sql(dialect='duckdb')} LIMIT 1").fetchone():
            raise _invalid("UPDATE/MERGE must match at most one source row for each target row")

    def _copied(self, statement: exp.Expr) -> tuple[exp.Expr, Table]:
        """The statement over a copy of its table, which is called `changed`."""
        target = self._target(statement.this, "bigquery.tables.updateData")
        self.query.may(target, "bigquery.tables.getData")  # its conditions, and the count, tell what is in it
        self.query.protection.whole(self.query.tables, target)
        self.connection.execute(f"CREATE TEMP TABLE changed AS SELECT * FROM {self.query.tables.source(target)}")
        tree = statement.copy()
        tree.this.replace(exp.to_table("changed", alias=statement.this.alias or target.table))
        return tree, target

    def _changed(self, tree: exp.Expr, target: Table, result: Result) -> Result:
        self.query.fill(tree)
        done = self.connection.execute(tree.sql(dialect="duckdb")).fetchall()
        result.affected = int(done[0][0])
        if not self.dry:
            self.query.tables.write(self.connection, target, "SELECT * FROM changed", "WRITE_TRUNCATE")
        return result

    def _target(self, node: exp.Expr, permission: str) -> Table:
        table = node.find(exp.Table)
        assert table is not None
        target = self.query.named(table)
        self.query.may(target, permission)
        return target


def engine(folder: Path) -> duckdb.DuckDBPyConnection:
    """An engine of its own for one query, that reaches no file outside the warehouse's folder."""
    made = duckdb.connect(":memory:")
    folder.mkdir(parents=True, exist_ok=True)
    made.execute("SET TimeZone = 'UTC'; SET threads = 2; SET memory_limit = '2GB'")
    made.execute(f"SET temp_directory = '{folder}'; SET allowed_directories = ['{folder}/']")
    made.execute("SET enable_external_access = false; SET lock_configuration = true")
    return made


def refused(problem: duckdb.Error) -> ApiError:
    """What DuckDB says, in BigQuery's words; a hidden column says so itself."""
    text = str(problem).partition("\n")[0]
    if "Access Denied" in text:
        return ApiError(403, text[text.index("Access Denied") :], reason="accessDenied")
    return _invalid(text)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _invalid(text: str) -> ApiError:
    return ApiError(400, text, reason="invalidQuery")
