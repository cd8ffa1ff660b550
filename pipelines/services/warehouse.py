"""BigQuery: the rows of a query. On a laptop the same SQL, translated, runs on DuckDB over example rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pandas as pd

from pipelines.artifacts import Report
from pipelines.place import Place
from settings.problems import InvalidSettings, Problem

DAYS = 7
"""How long a table stays that one run needs."""


def own(dataset: str, table: str, run: str) -> str:
    """The address of a table of one run: two at once read nothing of each other."""
    return f"{dataset}.{table}_{run.replace('-', '_')}"


def expire(client: Any, table: str) -> None:
    """From now on a run's table goes by itself."""
    found = client.get_table(table)
    found.expires = datetime.now(UTC) + timedelta(days=DAYS)
    client.update_table(found, ["expires"])


class Warehouse(Protocol):
    """Answers queries."""

    def rows(self, sql: str, parameters: Mapping[str, str], destination: str) -> pd.DataFrame:
        """The rows of a query, which are also kept for some days as the table `destination` of the own project."""
        ...


def at(place: Place) -> Warehouse:
    return OnLaptop(place) if place.stands_in else OnGoogle(place)


def request(place: Place, sql: str, parameters: Mapping[str, str], destination: str) -> Report:
    """The query job: its result goes to the own project, with the own key."""
    project, dataset, table = destination.split(".")
    given = [
        {"name": k, "parameterType": {"type": "DATE"}, "parameterValue": {"value": v}} for k, v in parameters.items()
    ]
    return {
        "labels": place.labels,
        "query": {
            "query": sql,
            "useLegacySql": False,
            "parameterMode": "NAMED",
            "queryParameters": given,
            "destinationTable": {"projectId": project, "datasetId": dataset, "tableId": table},
            "writeDisposition": "WRITE_TRUNCATE",
            "destinationEncryptionConfiguration": {"kmsKeyName": place.key.replace("/aiplatform", "/bigquery")},
        },
    }


class OnGoogle:
    """BigQuery."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def rows(self, sql: str, parameters: Mapping[str, str], destination: str) -> pd.DataFrame:
        from google.api_core.exceptions import BadRequest, NotFound
        from google.cloud import bigquery

        client = bigquery.Client(project=self._place.project)
        config: Any = bigquery.QueryJobConfig.from_api_repr(request(self._place, sql, parameters, destination))
        try:
            frame: pd.DataFrame = client.query(sql, job_config=config).to_arrow().to_pandas()
        except (BadRequest, NotFound) as error:
            raise _changed(error.message) from None
        expire(client, destination)
        return frame


class OnLaptop:
    """STAND-IN. DuckDB over files, with the rows that row access leaves to the pipeline."""

    def __init__(self, place: Place) -> None:
        assert place.laptop
        self._place, self._tables = place, place.laptop.tables

    def rows(self, sql: str, parameters: Mapping[str, str], destination: str) -> pd.DataFrame:
        import duckdb
        import sqlglot

        tree = sqlglot.parse_one(sql, read="bigquery")
        for table in tree.find_all(sqlglot.exp.Table):
            if table.name not in self._tables:
                raise InvalidSettings(
                    [Problem(f"source table '{table.name}'", "has no example rows", "add an example")]
                )
            table.replace(sqlglot.exp.to_table(table.name))
        with duckdb.connect() as connection:
            for name, table_ in self._tables.items():
                # Danger: DuckDB takes file names as literals only; quotes in them are doubled.
                file = table_.path.replace("'", "''")
                where = f" WHERE {table_.filter}" if table_.filter else ""
                connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{file}'{where}")
            try:
                return self._asked(connection, tree.sql(dialect="duckdb"), parameters)
            except duckdb.Error as error:
                raise _changed(str(error)) from None

    def _asked(self, connection: Any, sql: str, parameters: Mapping[str, str]) -> pd.DataFrame:
        frame: pd.DataFrame = connection.execute(sql, dict(parameters)).df()
        return frame


def _changed(told: str) -> InvalidSettings:
    """A query that the source cannot answer any more."""
    return InvalidSettings([Problem("source", told.splitlines()[0], "ask the owner what changed")])
