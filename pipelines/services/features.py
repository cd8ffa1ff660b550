"""Vertex AI Feature Store: a table of features by entity and time, and an online store that serves one entity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import pandas as pd

from pipelines.artifacts import Report, save
from pipelines.place import Place
from pipelines.services.ledger import Ledger

ENTITY, TIME = "entity_id", "feature_timestamp"


class FeatureStore(Protocol):
    """Keeps features and gives them back."""

    def write(self, features: pd.DataFrame) -> str:
        """Keeps rows of `entity_id`, `feature_timestamp` and features; the address of the table."""
        ...

    def read(self, entities: Sequence[str]) -> pd.DataFrame:
        """All rows of some entities."""
        ...

    def online(self, entity: str) -> Report:
        """The latest features of one entity, as serving reads them."""
        ...


def at(place: Place) -> FeatureStore:
    return OnLaptop(place) if place.laptop else OnGoogle(place)


class OnGoogle:
    """BigQuery for training, the online store for serving."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def write(self, features: pd.DataFrame) -> str:
        from google.cloud import bigquery

        config = bigquery.LoadJobConfig(
            write_disposition="WRITE_APPEND", schema_update_options=["ALLOW_FIELD_ADDITION"], labels=self._place.labels
        )
        client = bigquery.Client(project=self._place.project)
        rows = features.assign(**{TIME: features[TIME].dt.tz_localize("UTC")})
        client.load_table_from_dataframe(rows, self._place.features, job_config=config).result()
        return f"bq://{self._place.features}"

    def read(self, entities: Sequence[str]) -> pd.DataFrame:
        from google.cloud import bigquery

        given = bigquery.ArrayQueryParameter("entities", "STRING", list(entities))
        config = bigquery.QueryJobConfig(query_parameters=[given], labels=self._place.labels)
        sql = f"SELECT * FROM `{self._place.features}` WHERE {ENTITY} IN UNNEST(@entities)"
        found = bigquery.Client(project=self._place.project).query(sql, job_config=config)
        frame: pd.DataFrame = found.to_arrow().to_pandas()
        return frame.assign(**{TIME: pd.to_datetime(frame[TIME]).dt.tz_localize(None)})

    def online(self, entity: str) -> Report:
        from pipelines.services.vertex_api import client

        store = f"{self._place.parent}/featureOnlineStores/{self._place.feature_store}"
        asked = {
            "feature_view": f"{store}/featureViews/{self._place.feature_store}",
            "data_key": {"key": entity},
            "data_format": "PROTO_STRUCT",
        }
        answer = client(self._place, "FeatureOnlineStoreServiceClient").fetch_feature_values(request=asked)
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
