"""Vertex AI batch prediction: one answer for each row of a table."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from pipelines.artifacts import Fitted, Report
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.services.ledger import Ledger
from pipelines.services.warehouse import expire, own


class Predictions(Protocol):
    """Scores tables."""

    def score(self, version: str, run: str, rows: pd.DataFrame, model: Fitted) -> pd.DataFrame:
        """The rows with a column `score`. `model` is the version's own."""
        ...


def at(place: Place, flow: Flow) -> Predictions:
    return OnLaptop(place, flow) if place.stands_in else OnGoogle(place, flow)


def request(place: Place, flow: Flow, version: str, run: str) -> Report:
    """The batch prediction job: model version, input, output and key."""
    return {
        "display_name": f"{place.team}-batch-{run}",
        "model": f"{place.parent}/models/{place.team}@{version}",
        "labels": place.labels | {"run": run},
        "encryption_spec": place.encryption,
        "service_account": place.service_account,
        "input_config": {
            "instances_format": "bigquery",
            "bigquery_source": {"input_uri": f"bq://{own(f'{place.project}.{place.dataset}', 'prepared', run)}"},
        },
        # Danger: of a table, Google makes arrays unless it is told otherwise; the server wants names.
        "instance_config": {"instance_type": "object"},
        "output_config": {
            "predictions_format": "bigquery",
            "bigquery_destination": {"output_uri": f"bq://{place.project}.{place.dataset}"},
        },
        "dedicated_resources": {
            "machine_spec": {"machine_type": flow.serving.machine_type},
            "starting_replica_count": 1,
            "max_replica_count": flow.serving.replicas[1],
        },
    }


class OnGoogle:
    """Vertex AI."""

    def __init__(self, place: Place, flow: Flow) -> None:
        self._place, self._flow = place, flow

    def score(self, version: str, run: str, rows: pd.DataFrame, model: Fitted) -> pd.DataFrame:
        from google.cloud import bigquery

        from pipelines.services.vertex_api import client, started, wait

        del model
        table = own(f"{self._place.project}.{self._place.dataset}", "prepared", run)
        warehouse = bigquery.Client(project=self._place.project)
        config = bigquery.LoadJobConfig(write_disposition="WRITE_TRUNCATE", labels=self._place.labels)
        warehouse.load_table_from_dataframe(rows, table, job_config=config).result()
        expire(warehouse, table)
        jobs = client(self._place, "JobServiceClient")
        asked = request(self._place, self._flow, version, run)
        name = started(jobs, self._place, "batch_prediction_job", asked)
        done = wait(lambda: jobs.get_batch_prediction_job(name=name))
        found = warehouse.list_rows(
            f"{self._place.project}.{self._place.dataset}.{done.output_info.bigquery_output_table}"
        )
        frame: pd.DataFrame = found.to_arrow().to_pandas()
        return frame.rename(columns={"prediction": "score"}).astype({"score": float})


class OnLaptop:
    """STAND-IN. Keeps the request and scores the rows with the version's own bytes."""

    def __init__(self, place: Place, flow: Flow) -> None:
        self._place, self._flow, self._ledger = place, flow, Ledger(place, "batch_predictions")

    def score(self, version: str, run: str, rows: pd.DataFrame, model: Fitted) -> pd.DataFrame:
        asked = request(self._place, self._flow, version, run)
        self._ledger.put(asked["display_name"], asked | {"rows": len(rows)})
        return rows.assign(score=model.predict(rows))
