"""The typed shape of source data: four kinds, each with an owner who alone decides who may read it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from settings.values import Email, Key, Model, TableName, Text


class Column(Model):
    """A column of a table; `classification` puts a policy tag on it."""

    name: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,127}$", examples=["customer_id"])]
    type: Literal["STRING", "INT64", "FLOAT64", "BOOL", "DATE", "TIMESTAMP", "NUMERIC"]
    mode: Literal["NULLABLE", "REQUIRED"] = "NULLABLE"
    classification: Literal["confidential", "restricted"] | None = None
    description: str = ""


class RowAccess(Model):
    """Rows that the members of one team's groups may see, as a BigQuery filter expression."""

    team: Key
    filter: Text = Field(description="Condition in SQL over the table's columns.")


class Table(Model):
    """A BigQuery table with its schema and, where given, versioned example rows (CSV beside the settings)."""

    columns: Annotated[list[Column], Field(min_length=1)]
    example: str | None = Field(None, description="CSV file with example rows, relative to the settings folder.")
    row_access: dict[Key, RowAccess] = {}


class SourceRecord(Model):
    """What every source has: an owner who alone decides who may read it."""

    description: Text
    owner: Email = Field(description="Group of the people who approve every read grant.")
    maximum_access_hours: Annotated[int, Field(ge=1, le=168)] = 8


class BigQuerySource(SourceRecord):
    kind: Literal["bigquery"]
    tables: dict[TableName, Table]


class StorageSource(SourceRecord):
    kind: Literal["storage"]
    examples: list[str] = Field([], description="Example files, relative to the settings folder.")


class SpannerSource(SourceRecord):
    kind: Literal["spanner"]
    processing_units: Annotated[int, Field(ge=100, multiple_of=100)] = 100
    ddl: list[str] = []


class AlloyDBSource(SourceRecord):
    kind: Literal["alloydb"]
    cpu_count: Literal[2, 4, 8, 16, 32, 64] = 2


Source = Annotated[BigQuerySource | StorageSource | SpannerSource | AlloyDBSource, Field(discriminator="kind")]
