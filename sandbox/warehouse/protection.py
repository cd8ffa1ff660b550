"""Who sees which rows and columns of a table: row access policies, policy tags, and data policies that mask."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from sandbox.api.errors import ApiError
from sandbox.iam.principals import matches
from sandbox.warehouse.columns import to_duck

if TYPE_CHECKING:
    from sandbox.warehouse.tables import Table, Tables

Values = dict[str, Any]

_FINE = "datacatalog.categories.fineGrainedGet"
_MASKED = "bigquery.dataPolicies.maskedGet"
_DEFAULTS = {
    "VARCHAR": "''", "BLOB": "''::BLOB", "BIGINT": "0", "DOUBLE": "0", "BOOLEAN": "false", "DATE": "DATE '1970-01-01'",
    "TIMESTAMPTZ": "TIMESTAMPTZ '1970-01-01 00:00:00+00'", "TIMESTAMP": "TIMESTAMP '1970-01-01 00:00:00'",
    "TIME": "TIME '00:00:00'",
}  # fmt: skip
# Masking rules of BigQuery, written by hand; the form of its hash is not documented.
_MASKS: dict[str, Callable[[str, str], str]] = {
    "ALWAYS_NULL": lambda column, kind: "NULL",
    "DEFAULT_MASKING_VALUE": lambda column, kind: _DEFAULTS.get(kind, "0" if kind.startswith("DECIMAL") else "NULL"),
    "SHA256": lambda column, kind: f"sha256(CAST({column} AS VARCHAR))",
    "LAST_FOUR_CHARACTERS": lambda column, kind: f"'XXXXX' || right({column}, 4)",
    "FIRST_FOUR_CHARACTERS": lambda column, kind: f"left({column}, 4) || 'XXXXX'",
    "EMAIL_MASK": lambda column, kind: f"regexp_replace({column}, '^[^@]*', 'XXXXX')",
    "DATE_YEAR_MASK": lambda column, kind: f"date_trunc('year', {column})",
}


@dataclass(frozen=True)
class Reader:
    """Who reads. `may` says whether IAM gives a permission on a full resource name."""

    identities: frozenset[str]
    email: str
    may: Callable[[str, str], bool]


@dataclass(frozen=True)
class Protection:
    """What of a table a reader sees; everything where there is no reader."""

    reader: Reader | None = None

    def source(self, tables: Tables, table: Table) -> str:
        """What DuckDB reads the visible rows and columns from. A hidden column fails the query that looks at it."""
        source = tables.source(table)
        if self.reader is None:
            return source
        predicates = self._predicates(tables, table)
        if predicates is not None:
            source = f"(SELECT * FROM {source} WHERE {' OR '.join(f'({one})' for one in predicates) or 'false'})"
        fields = tables.fields(table)
        shown = [self._shown(tables, table, field) for field in fields]
        if all(text == f'"{field["name"]}"' for text, field in zip(shown, fields, strict=True)):
            return source
        columns = ", ".join(f'{text} AS "{field["name"]}"' for text, field in zip(shown, fields, strict=True))
        return f"(SELECT {columns} FROM {source})"

    def whole(self, tables: Tables, table: Table) -> None:
        """Refuse what needs every row and column to a reader who does not see them all."""
        if self.reader is None:
            return
        predicates = self._predicates(tables, table)
        if predicates is not None and not any(one.strip("() ").upper() == "TRUE" for one in predicates):
            text = f"Access Denied: Table {table}: it has row access policies, and none of them gives all rows."
            raise ApiError(403, text, reason="accessDenied")
        hidden = [field["name"] for field in tables.fields(table) if self._shown(tables, table, field) != _name(field)]
        if hidden:
            text = f"Access Denied: Table {table}: policy tags protect the columns {', '.join(hidden)}."
            raise ApiError(403, text, reason="accessDenied")

    def _predicates(self, tables: Tables, table: Table) -> list[str] | None:
        """The filters that are this reader's; None for a table without row access policies."""
        assert self.reader is not None
        found = [
            values
            for _, values in tables.store.find("google_bigquery_row_access_policy")
            if (values.get("project"), values.get("dataset_id"), values.get("table_id"))
            == (table.project, table.dataset, table.table)
        ]
        mine = [one for one in found if any(matches(m, self.reader.identities) for m in one.get("grantees") or ())]
        return [self._translated(str(one["filter_predicate"])) for one in mine] if found else None

    def _translated(self, predicate: str) -> str:
        assert self.reader is not None
        try:
            tree = sqlglot.parse_one(predicate, read="bigquery")
        except SqlglotError as problem:
            raise ApiError(400, f"Row access policy: {problem}", reason="invalidQuery") from None
        for node in list(tree.find_all(exp.Func)):
            if node.sql("bigquery").upper() in ("SESSION_USER()", "CURRENT_USER()"):
                if node is tree:
                    return f"'{self.reader.email}'"
                node.replace(exp.Literal.string(self.reader.email))
        return tree.sql("duckdb")

    def _shown(self, tables: Tables, table: Table, field: Values) -> str:
        """A column in SQL, as this reader sees it."""
        assert self.reader is not None
        for tag in _tags(field):
            if not _protects(tables, tag) or self.reader.may(_FINE, f"//datacatalog.googleapis.com/{tag}"):
                continue
            kind = to_duck(field)
            rule = next((rule for rule, about in _policies(tables, tag) if self.reader.may(_MASKED, about)), "")
            if rule in _MASKS and field.get("type") not in ("RECORD", "STRUCT"):
                return f"CAST({_MASKS[rule](_name(field), kind)} AS {kind})"
            column = f"{table}.{field['name']}"
            text = f"Access Denied: User does not have permission to access policy tag {tag} on column {column}"
            return f"CAST(error('{text.replace(chr(39), chr(39) * 2)}') AS {kind})"
        return _name(field)


def _name(field: Values) -> str:
    return f'"{field["name"]}"'


def _tags(field: Values) -> Iterator[str]:
    """The policy tags of a column and of what it is made of."""
    yield from (field.get("policyTags") or {}).get("names") or []
    for child in field.get("fields") or []:
        yield from _tags(child)


def _protects(tables: Tables, tag: str) -> bool:
    """A taxonomy guards its columns only where that was switched on."""
    name = tag.partition("/policyTags/")[0]
    taxonomy = tables.store.get("google_data_catalog_taxonomy", name)
    return taxonomy is None or "FINE_GRAINED_ACCESS_CONTROL" in json.dumps(taxonomy.get("activated_policy_types"))


def _policies(tables: Tables, tag: str) -> Iterator[tuple[str, str]]:
    """(masking rule, full name) of each data policy of a tag."""
    for id_, values in tables.store.find("google_bigquery_datapolicy_data_policy"):
        if values.get("policy_tag") == tag:
            masking = (values.get("data_masking_policy") or [{}])[0]
            yield str(masking.get("predefined_expression") or ""), f"//bigquerydatapolicy.googleapis.com/{id_}"
