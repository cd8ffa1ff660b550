"""The operational pipeline: the whole flow by each orchestrator, rows read and checked, and compilation."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from operations import airflow
from operations.pipeline_places import place_of
from pipelines.graph import PIPELINES
from settings.loading import read
from tests.bench.numbers import BLUEPRINT, PYTHON, ROOT, SETTINGS, Number

FLOW = ("inprocess", "vertex", "composer")
ROWS = (10**4, 10**5, 10**6)
READ = """
import json, resource, sys, time
from pathlib import Path
import pandas as pd
from pipelines.execute import Run, execute, told
from pipelines.place import Place
place = Place.told(Path(sys.argv[1]).read_text())
run = Run(sys.argv[2], place, {})
begin = time.perf_counter()
for name in ("transfer", "transform", "validate"):
    execute(run, name, run.inputs(run.steps[name]), run.outputs(run.steps[name]))
seconds = time.perf_counter() - begin
rows = told(run, "validate", "validation")["rows"]
print(json.dumps([rows, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
DAGS = """
import sys, time
begin = time.perf_counter()
from airflow.models import DagBag
bag = DagBag(sys.argv[1], include_examples=False)
assert bag.dags and not bag.import_errors
print(time.perf_counter() - begin)
"""


def measure(work: Path) -> Iterable[Number]:
    yield from _flows(work)
    yield from _rows(work)
    yield from _compiled(work)


def _flows(work: Path) -> Iterator[Number]:
    found = {}
    for name in FLOW:
        words = (BLUEPRINT, "pipeline", "run", "--team", "churn", "--settings", SETTINGS, "--orchestrator", name)
        (work / name).mkdir()
        # The second model has to be better than the first: what the gate does not let through skips four steps.
        for run, chosen in (("cold", "{technique: boosting, iterations: 1}"), ("warm", "{seed: 3}")):
            begin = time.perf_counter()
            _said(*words, "--run", run, "--parameters", chosen, cwd=work / name)
            found[name] = time.perf_counter() - begin
        yield Number(f"pipeline run by {name}, warm, with the start of the program", found[name], "s", 60)
    for name in FLOW[1:]:
        yield Number(f"what {name} adds to the steps in process", found[name] - found["inprocess"], "s", 50)


def _rows(work: Path) -> Iterator[Number]:
    import pandas as pd

    example = pd.read_csv(ROOT / "settings/sources/examples/contracts.csv")
    example = example[example["country"].isin(["DE", "FR", "NL", "ES", "IT"])]
    place = place_of(read(SETTINGS), "churn", "nonproduction", image=None, folder=work / "rows")
    for count in ROWS:
        times = -(-count // len(example))
        many = pd.concat([example] * times, ignore_index=True).iloc[:count]
        many = many.assign(customer_id=[f"c{n}" for n in range(count)])
        file = work / f"{count}.parquet"
        many.to_parquet(file, index=False)
        assert place.laptop
        tables = {"contracts": place.laptop.tables["contracts"].model_copy(update={"path": str(file)})}
        there = place.model_copy(update={"laptop": place.laptop.model_copy(update={"tables": tables})})
        (work / "place.json").write_text(there.model_dump_json(exclude_none=True))
        said = _said(PYTHON, "-c", READ, work / "place.json", f"rows-{count}")
        rows, seconds, megabytes = json.loads(said.splitlines()[-1])
        yield Number(f"transfer, transform and validate {rows} rows", rows / seconds, "rows/s", None)
        yield Number(f"its memory at {rows} rows", megabytes, "MB", None)


def _compiled(work: Path) -> Iterator[Number]:
    begin = time.perf_counter()
    _said(BLUEPRINT, "pipeline", "compile", "--team", "churn", "--settings", SETTINGS, "--out", work / "out")
    yield Number(f"compiling {len(PIPELINES)} pipelines for both orchestrators", time.perf_counter() - begin, "s", 10)
    if airflow.PROGRAM.exists():
        around = airflow.environment(work / "home", work / "out")
        _said(airflow.PROGRAM, "db", "migrate", env=around)
        said = _said(airflow.PROGRAM.with_name("python"), "-c", DAGS, work / "out", env=around)
        title = f"importing {len(PIPELINES)} DAGs in Airflow, with Airflow itself"
        yield Number(title, float(said.split()[-1]), "s", 20)


def _said(*words: object, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
    """What a command says."""
    done = subprocess.run([*map(str, words)], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{words[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout
