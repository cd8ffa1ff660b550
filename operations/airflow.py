"""Airflow in an environment of its own, which runs DAGs of a folder on this computer."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from operations.outcome import OperationFailed

Values = dict[str, Any]

PROGRAM = Path(__file__).parents[1] / ".venv/airflow-environment/bin/airflow"


def environment(home: Path, dags: Path, around: Mapping[str, str] | None = None) -> dict[str, str]:
    """What Airflow has to know to run DAGs of a folder, with nothing of this environment in its way but `around`."""
    settings = {"LOAD_EXAMPLES": "False", "DAGS_FOLDER": str(dags.resolve()), "UNIT_TEST_MODE": "False"}
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "PYTHONPATH"))}
    own = {"AIRFLOW_HOME": str(home.resolve())} | {f"AIRFLOW__CORE__{k}": v for k, v in settings.items()}
    if around:
        own["AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT"] = "google-cloud-platform://"  # every environment of Composer has it
    return kept | own | dict(around or {})


def runner(home: Path) -> Callable[[Values], Values]:
    """What runs a DAG for the sandbox's Composer: told the folder with `dags`, the run's DAG and values.

    By the `environment` that it is told, too, tasks find the sandbox as Composer's own account.
    """

    def run(asked: Values) -> Values:
        if not PROGRAM.exists():
            raise OperationFailed("airflow", "is not installed", "run 'make .venv/airflow'")
        folder = Path(asked["folder"])
        with (folder / "log").open("a") as log:
            for words in test(home, asked["dag_id"], asked["conf"]):
                around = environment(home, folder / "dags", asked.get("environment"))
                done = subprocess.run(words, env=around, stdout=log, stderr=log, check=False)
                if done.returncode:
                    raise OperationFailed(asked["dag_id"], f"Airflow ended with {done.returncode}", f"see {log.name}")
        return {}

    return run


def test(home: Path, dag: str, values: Mapping[str, Any]) -> Iterator[list[str]]:
    """The commands that run a DAG to its end; before the first, one at a time, Airflow makes its database.

    Whoever iterates has run each to its end before the next. Half a database, of somebody who was stopped, goes.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (whole := home / "migrated").exists():
            (home / "airflow.db").unlink(missing_ok=True)
            yield [str(PROGRAM), "db", "migrate"]
            whole.touch()
    yield [str(PROGRAM), "dags", "test", dag, "--conf", json.dumps(values)]
