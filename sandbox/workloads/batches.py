"""Vertex AI's batch predictions: the model's server answers every row of a table or of files."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.errors import SandboxError
from sandbox.warehouse.tables import Table, Tables
from sandbox.workloads.containers import Host, account, put, read
from sandbox.workloads.servers import Server, started

Values = dict[str, Any]

_AT_ONCE = 64


@dataclass(frozen=True)
class Batches:
    """Runs batch predictions. `warehouse` gives a principal's tables, and what refuses one to it."""

    host: Host
    warehouse: Callable[[str], tuple[Tables, Callable[[Table, str], None]]]

    def __call__(self, job: Values) -> Values:
        """Score every row with `registered`, the model, and write what came of it; SandboxError where that fails."""
        who = account(self.host.store, job["name"], job.get("serviceAccount"))
        rows, form = self._rows(job["inputConfig"], who), _form(job)
        with started(self.host, job["registered"], who) as server:
            parts = [rows[start:][:_AT_ONCE] for start in range(0, len(rows), _AT_ONCE)]
            scored = [pair for part in parts for pair in _scored(server, part, form)]
        counts = {"successfulCount": str(len(scored)), "failedCount": "0"}
        return {"completionStats": counts, "outputInfo": self._write(job, scored, who)}

    def _rows(self, config: Values, who: str) -> list[Values]:
        if table := (config.get("bigquerySource") or {}).get("inputUri"):
            return self._of_table(_table(str(table)), who)
        if config.get("instancesFormat") != "jsonl":
            raise SandboxError(
                f"inputConfig.instancesFormat: '{config.get('instancesFormat')}'; the sandbox reads jsonl"
            )
        found = []
        for uri in (config.get("gcsSource") or {}).get("uris") or []:
            bucket, _, name = str(uri).removeprefix("gs://").partition("/")
            lines = read(self.host.store, who, bucket, name).decode().splitlines()
            found += [json.loads(line) for line in lines if line.strip()]
        return found

    def _of_table(self, table: Table, who: str) -> list[Values]:
        from sandbox.warehouse.queries import engine

        tables, may = self.warehouse(who)
        may(table, "bigquery.tables.getData")
        names = [field["name"] for field in tables.fields(table)]
        with engine(tables.folder) as connection:
            rows = connection.sql(f"SELECT * FROM {tables.source(table)}").fetchall()
        return [{name: _plain(value) for name, value in zip(names, row, strict=True)} for row in rows]

    def _write(self, job: Values, scored: list[tuple[Values, Any]], who: str) -> Values:
        config, moment = job["outputConfig"], datetime.now(UTC).strftime("%Y_%m_%dT%H_%M_%S_%fZ")[:-5] + "Z"
        if target := (config.get("bigqueryDestination") or {}).get("outputUri"):
            parts = str(target).removeprefix("bq://").split(".")
            table = Table(parts[0], parts[1], parts[2] if len(parts) > 2 else f"predictions_{moment}")
            lines = [json.dumps(row | {"prediction": answer}) for row, answer in scored]
            self._load(table, "\n".join(lines).encode(), who)
            return {"bigqueryOutputDataset": f"bq://{parts[0]}.{parts[1]}", "bigqueryOutputTable": table.table}
        prefix = str((config.get("gcsDestination") or {}).get("outputUriPrefix") or "").rstrip("/")
        folder = f"{prefix}/prediction-{job.get('displayName', 'job')}-{moment}"
        bucket, _, place = folder.removeprefix("gs://").partition("/")
        lines = [json.dumps({"instance": row, "prediction": answer}) for row, answer in scored]
        name = f"{place}/prediction.results-00000-of-00001"
        put(self.host.store, who, bucket, name, "".join(f"{line}\n" for line in lines).encode())
        return {"gcsOutputDirectory": folder}

    def _load(self, table: Table, data: bytes, who: str) -> None:
        from sandbox.warehouse.loading import load

        configuration = {"sourceFormat": "NEWLINE_DELIMITED_JSON", "writeDisposition": "WRITE_TRUNCATE"}
        tables, may = self.warehouse(who)
        if tables.exists(table):
            may(table, "bigquery.tables.updateData")
        load(tables, configuration, table, [data])


def _form(job: Values) -> Callable[[Values], Any]:
    """What the model gets of a row: of a table its values in the order of its columns, unless objects are asked for."""
    config = dict(job.get("instanceConfig") or {})
    kind = config.pop("instanceType", "") or ("array" if "bigquerySource" in job["inputConfig"] else "object")
    if config or kind not in ("array", "object"):
        raise SandboxError(f"instanceConfig: {job['instanceConfig']}; the sandbox knows instanceType array and object")
    return (lambda row: row) if kind == "object" else (lambda row: list(row.values()))


def _scored(server: Server, rows: list[Values], form: Callable[[Values], Any]) -> list[tuple[Values, Any]]:
    answers = server.predict({"instances": [form(row) for row in rows]}).get("predictions") or []
    if len(answers) != len(rows):
        raise SandboxError(f"the model answered {len(answers)} of {len(rows)} instances")
    return list(zip(rows, answers, strict=True))


def _table(uri: str) -> Table:
    parts = uri.removeprefix("bq://").split(".")
    if len(parts) != 3:
        raise SandboxError(f"{uri}: is no table; write bq://PROJECT.DATASET.TABLE")
    return Table(*parts)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
