"""Vertex AI Feature Store: a table of features by entity and time, and an online store that serves one entity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import pandas as pd

from pipelines.artifacts import Report, save
from pipelines.place import Place
from pipelines.services.ledger import Ledger
from pipelines.services.warehouse import expire, own

ENTITY, TIME = "entity_id", "feature_timestamp"


class FeatureStore(Protocol):
    """Keeps features and gives them back."""

    def write(self, features: pd.DataFrame) -> str:
        """Keeps rows of `entity_id`, `feature_timestamp` and features, which are served then; the table's address."""
        ...

    def read(self, entities: Sequence[str]) -> pd.DataFrame:
        """All rows of some entities."""
        ...

    def online(self, entity: str) -> Report:
        """The latest features of one entity, as serving reads them; LookupError where there are none."""
        ...


def at(place: Place, run: str = "") -> FeatureStore:
    return OnLaptop(place) if place.stands_in else OnGoogle(place, run)


def merge(table: str, new: str, columns: Sequence[str]) -> str:
    """The statement that takes over rows: one that is written again replaces itself."""
    same = " AND ".join(f"known.{key} = new.{key}" for key in (ENTITY, TIME))
    changed = ", ".join(f"{name} = new.{name}" for name in columns if name not in (ENTITY, TIME))
    names, values = ", ".join(columns), ", ".join(f"new.{name}" for name in columns)
    return (
        f"MERGE `{table}` AS known USING `{new}` AS new ON {same} WHEN MATCHED THEN UPDATE SET {changed} "
        f"WHEN NOT MATCHED THEN INSERT ({names}) VALUES ({values})"
    )


class OnGoogle:
    """BigQuery for training, the online store for serving. Only a run writes."""

    def __init__(self, place: Place, run: str = "") -> None:
        self._place, self._run = place, run

    def write(self, features: pd.DataFrame) -> str:
        from google.cloud import bigquery

        client, labels = bigquery.Client(project=self._place.project), self._place.labels
        rows = features.assign(**{TIME: features[TIME].dt.tz_localize("UTC")})
        added = bigquery.LoadJobConfig(
            write_disposition="WRITE_APPEND", schema_update_options=["ALLOW_FIELD_ADDITION"], labels=labels
        )
        # No rows, only columns: the table is there afterwards, and has those of a feature that is new.
        client.load_table_from_dataframe(rows.iloc[:0], self._place.features, job_config=added).result()
        dataset, table = self._place.features.rsplit(".", 1)
        new = own(dataset, f"{table}_new", self._run)
        whole = bigquery.LoadJobConfig(write_disposition="WRITE_TRUNCATE", labels=labels)
        client.load_table_from_dataframe(rows, new, job_config=whole).result()
        expire(client, new)
        client.query(merge(self._place.features, new, list(rows)), bigquery.QueryJobConfig(labels=labels)).result()
        client.delete_table(new, not_found_ok=True)
        self._sync()
        return f"bq://{self._place.features}"

    @property
    def _view(self) -> str:
        store = f"{self._place.parent}/featureOnlineStores/{self._place.feature_store}"
        return f"{store}/featureViews/{self._place.feature_store}"

    def _sync(self) -> None:
        """Brings the table's newest rows to the online store; RuntimeError with Google's words where that fails."""
        from pipelines.services.vertex_api import client, until

        admin = client(self._place, "FeatureOnlineStoreAdminServiceClient")
        name = admin.sync_feature_view(feature_view=self._view).feature_view_sync
        done = until(lambda: admin.get_feature_view_sync(name=name), lambda found: bool(found.run_time.end_time))
        if done.final_status.code:
            raise RuntimeError(f"{name}: {done.final_status.message}")

    def read(self, entities: Sequence[str]) -> pd.DataFrame:
        from google.cloud import bigquery

        given = bigquery.ArrayQueryParameter("entities", "STRING", list(entities))
        config = bigquery.QueryJobConfig(query_parameters=[given], labels=self._place.labels)
        sql = f"SELECT * FROM `{self._place.features}` WHERE {ENTITY} IN UNNEST(@entities)"
        found = bigquery.Client(project=self._place.project).query(sql, job_config=config)
        frame: pd.DataFrame = found.to_arrow().to_pandas()
        return frame.assign(**{TIME: pd.to_datetime(frame[TIME]).dt.tz_localize(None)})

    def online(self, entity: str) -> Report:
        from google.api_core.exceptions import NotFound

        from pipelines.services.vertex_api import client

        asked = {"feature_view": self._view, "data_key": {"key": entity}, "data_format": "PROTO_STRUCT"}
        try:
            answer = client(self._place, "FeatureOnlineStoreServiceClient").fetch_feature_values(request=asked)
        except NotFound:
            raise LookupError(f"no features of entity '{entity}'") from None
        return dict(answer.proto_struct)


class OnLaptop:
    """STAND-IN. A file for each version of the table; a row that is written again replaces itself."""

    def __init__(self, place: Place) -> None:
        self._ledger = Ledger(place, "features")
        self._place = place
        self._file = self._ledger.folder / "features.parquet"

    def write(self, features: pd.DataFrame) -> str:
        with self._ledger.locked():
            known = pd.read_parquet(self._file) if self._file.exists() else features.iloc[:0]
            merged = pd.concat([known, features]) if len(known) else features
            merged = merged.drop_duplicates([ENTITY, TIME], keep="last")
            save(merged.sort_values([ENTITY, TIME], ignore_index=True), self._file)
        return f"bq://{self._place.features}"

    def read(self, entities: Sequence[str]) -> pd.DataFrame:
        frame = pd.read_parquet(self._file)
        return frame[frame[ENTITY].isin(list(entities))].reset_index(drop=True)

    def online(self, entity: str) -> Report:
        rows: Any = self.read([entity])
        if rows.empty:
            raise LookupError(f"no features of entity '{entity}'")
        latest: Report = rows.sort_values(TIME).iloc[-1].to_dict()
        return latest
