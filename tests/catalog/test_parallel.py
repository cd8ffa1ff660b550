"""Many people at the same moment."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Lock

import pytest
from google.api_core.operation import Operation

from catalog_templates.template import find
from operations.catalog_deployment import Deployment
from operations.catalog_desk import Desk
from operations.catalog_engine import Engine
from operations.catalog_launching import delete, launch
from operations.catalog_order import Order, Person
from operations.outcome import Exit, OperationFailed
from settings.model import Installation
from tests.catalog.shop import order, shop
from tests.catalog_templates.spoiling import spoiled

PEOPLE = [("ana", "churn"), ("ben", "churn"), ("cleo", "churn"), ("dan", "assistant"), ("eva", "assistant")]
TEMPLATES = ("tensorboard", "bigquery_dataset", "bucket")


def test_thirty_orders_of_five_people_at_once_make_thirty_and_none_twice(deployed: Path, tmp_path: Path) -> None:
    """Each person orders twice of each of three templates; nobody waits for anybody, and no two names collide."""
    wanted = [
        Order(key, team, Person(f"{who}@example.com", "data_scientist", team), said(who, number))
        for who, team in PEOPLE
        for key in TEMPLATES
        for number in range(2)
    ]
    templates = [find(key) for key in TEMPLATES]
    with shop(deployed, tmp_path, *templates) as (desk, store), ThreadPoolExecutor(8) as pool:
        desk.installation = staffed(desk.installation)
        made = list(pool.map(lambda one: launch(desk, one), wanted))
        assert len({(one.project, one.name) for one in made}) == len(wanted) == 30
        assert Counter(one.state for one in desk.deployments()) == {"ACTIVE": 30}
        names = [values["display_name"] for _, values in store.find("google_vertex_ai_tensorboard")]
        assert {f"{who}{number}" for who, _ in PEOPLE for number in range(2)} <= set(names)
        for type_ in ("google_storage_bucket", "google_bigquery_dataset"):
            ids = [id_ for id_, _ in store.find(type_) if "data-" in id_ or "data_" in id_]
            assert len(ids) == len(set(ids)) >= 10


def test_the_same_order_from_many_places_at_once_makes_one(deployed: Path, tmp_path: Path) -> None:
    def attempt(desk: Desk, _: int) -> str:
        try:
            return launch(desk, order("tensorboard")).state
        except OperationFailed as error:
            return error.problem.text

    with shop(deployed, tmp_path, find("tensorboard")) as (desk, _), ThreadPoolExecutor(8) as pool:
        ended = Counter(pool.map(lambda number: attempt(desk, number), range(8)))
        assert ended == {"ACTIVE": 1, "exists already in acme-int-churn-k7q2": 7}
        assert len(desk.deployments()) == 1


class Together(Engine):
    """Begins only when others, too, have found a place free: what happens where each order is a process of its own."""

    def begin(self, wanted: Deployment, *, new: bool) -> Operation:
        others.wait()
        return super().begin(wanted, new=new)


others = Barrier(4)


@pytest.mark.parametrize("quota", [1, 2])
def test_orders_of_one_moment_that_all_find_a_place_keep_the_quota(deployed: Path, tmp_path: Path, quota: int) -> None:
    few = spoiled(tmp_path / "few", "bucket", "manifest.yaml", "quota: 10", f"quota: {quota}")

    def attempt(desk: Desk, number: int) -> str:
        alone = replace(desk, engine=Together(desk.engine.region, desk.engine.who), turn=Lock())
        try:
            return launch(alone, order(name=f"images{number}")).state
        except OperationFailed as error:
            assert error.code == Exit.REFUSED
            return error.problem.text

    with shop(deployed, tmp_path, few) as (desk, store), ThreadPoolExecutor(4) as pool:
        desk.find("bucket", None)
        before = store.count()
        ended = Counter(pool.map(lambda number: attempt(desk, number), range(4)))
        told = re.compile(rf"team churn has \d of {quota} 'bucket' already - nothing remains")
        assert ended["ACTIVE"] == quota, ended
        assert [text for text in ended if text != "ACTIVE" and not told.fullmatch(text)] == []
        kept = desk.deployments()
        assert len(kept) == quota
        for one in kept:
            delete(desk, order(), one.name)
        assert store.count() == before


def staffed(installation: Installation) -> Installation:
    """The installation with all of them in their teams."""
    teams = {
        key: team.model_copy(
            update={"members": {"data_scientist": [f"{who}@example.com" for who, t in PEOPLE if t == key]}}
        )
        for key, team in installation.teams.items()
    }
    return installation.model_copy(update={"teams": teams})


def said(who: str, number: int) -> dict[str, str]:
    return {"name": f"{who}{number}", "purpose": f"Trial {number} of {who}."}
