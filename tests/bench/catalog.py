"""The catalog: checking templates, packaging, and orders from the form to what exists."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from catalog_templates.archive import archive
from catalog_templates.template import find, read_all
from operations.catalog_check import check
from operations.catalog_desk import Desk
from operations.catalog_launching import delete, deployment_name, launch, previewed
from operations.catalog_order import Order, Person
from operations.catalog_workshop import judge
from tests.bench.numbers import ROOT, Number
from tests.catalog.shop import order, shop
from tests.program import EXAMPLE, blueprint

PARALLEL = (1, 10, 30)
RUNS = 10
TEAMS, TEMPLATES = ("assistant", "churn"), ("bigquery_dataset", "bucket", "tensorboard")


def measure(work: Path) -> Iterable[Number]:
    """Seconds on this computer; the sandbox stands in for Infrastructure Manager."""
    schema = ROOT / ".sandbox/schema"
    seconds, checked = timed(lambda: check([], settings=ROOT / "settings", schema=schema))
    yield Number(f"catalog check of {len(checked)} templates", seconds, "s")
    seconds, archives = timed(lambda: [archive(it) for it in read_all().values()])
    yield Number(f"package {len(archives)} templates", seconds, "s")
    estate = work / "estate"
    (estate / ".sandbox").mkdir(parents=True)
    shutil.copytree(schema, estate / ".sandbox/schema")
    assert blueprint("up", *EXAMPLE, cwd=estate).returncode == 0
    with shop(estate, work / "shop", *(find(key) for key in TEMPLATES)) as (desk, _):
        yield from _form(desk)
        for together in PARALLEL:
            yield from _launches(desk, together)


def _form(desk: Desk) -> Iterable[Number]:
    _, _, template = desk.find("bucket", None)
    wanted = order("bucket", name="form")
    judged = [timed(lambda: judge(template, wanted.choices))[0] for _ in range(RUNS)]
    yield Number("form to judgement, median", median(judged), "s")
    planned = [timed(lambda: previewed(desk, wanted))[0] for _ in range(3)]
    yield Number("form to plan, median", median(planned), "s")


def _launches(desk: Desk, together: int) -> Iterable[Number]:
    wanted = [_wanted(number) for number in range(max(together, RUNS))]
    with ThreadPoolExecutor(together) as pool:
        whole, each = timed(lambda: list(pool.map(lambda it: timed(lambda: launch(desk, it))[0], wanted)))
    yield Number(f"launch, {together} at a time, median", median(each), "s")
    yield Number(f"launch, {together} at a time, p95", quantiles(each, n=20, method="inclusive")[-1], "s")
    yield Number(f"launch, {together} at a time, all {len(wanted)}", whole, "s")
    with ThreadPoolExecutor(PARALLEL[1]) as pool:
        list(pool.map(lambda it: delete(desk, it, deployment_name(find(it.template), it.choices)), wanted))


def _wanted(number: int) -> Order:
    """Orders of two teams and three templates in turn, so that no quota stands in the way."""
    team, key = TEAMS[number % len(TEAMS)], TEMPLATES[number % len(TEMPLATES)]
    person = Person({"churn": "ada", "assistant": "bert"}[team] + "@example.com", "data_scientist", team)
    return Order(key, team, person, {"name": f"trial{number}", "purpose": "Measured on this computer."})


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that an action takes, and its result."""
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result
