"""Planted defects: a seeded sample, each operator at least once. `make mutants-policy` plants every one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from operations.graph import Graph
from policies.rule import Facts
from sandbox.schema import cached
from sandbox.store import Store
from settings.model import Installation
from tests.conftest import ROOT
from tests.estate import Estate
from tests.mutation.defects import Defect, Found, Hunt, defects
from tests.mutation.operators import Operator, put, table
from tests.mutation.policy import report, survivors
from tests.plans import STORE, Plan, plans_of_graph

SEED, MORE = 20261125, 60


@pytest.fixture(scope="module")
def hunt(
    estate: Estate, installation: Installation, facts: Facts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hunt]:
    work = tmp_path_factory.mktemp("hunt")
    plans = plans_of_graph(Graph.read(estate.folder), cached(ROOT / ".sandbox" / "schema"), work)
    with Store(work / STORE) as store:
        yield Hunt(installation, plans, facts, store)


def sample(planted: list[Defect], seed: int) -> list[Defect]:
    """One defect of each operator, and some more."""
    chance = random.Random(seed)
    chance.shuffle(planted)
    first = {one.operator: one for one in reversed(planted)}
    return [*first.values(), *chance.sample(planted, MORE)]


@pytest.mark.proves("GO-govern-5", defect="143 kinds of defects, each planted in the estate")
def test_every_sampled_defect_is_found(hunt: Hunt) -> None:
    chosen = sample(list(defects(hunt.plans, table())), SEED)
    found = list(hunt.find(chosen))
    assert len({one.operator for one in chosen}) == len(table()) >= 40
    assert survivors(found) == []
    assert {kind for one in found for kind in one.by} >= {"rule", "inventory"}


def test_a_defect_that_nothing_looks_for_is_listed_by_name(hunt: Hunt) -> None:
    harmless = Operator("topic: kept longer", ("google_pubsub_topic",), put(message_retention_duration="86600s"))
    (one, *_) = defects({"logging": hunt.plans["logging"]}, [harmless])
    found = list(hunt.find([one]))
    assert survivors(found) == [f"topic: kept longer at logging: {one.address}"]
    assert "survives: topic: kept longer" in report(found)


def test_what_only_the_list_of_addresses_tells_of_is_listed_by_name(hunt: Hunt) -> None:
    gone = Operator("topic: taken out", ("google_pubsub_topic",), lambda values: None)
    (one, *_) = defects({"delivery": hunt.plans["delivery"]}, [gone])
    (found,) = hunt.find([one])
    assert set(found.by) == {"addresses"}
    assert f"by its address alone: topic: taken out at delivery: {one.address}" in report([found])
    unlisted = Found(replace(one, address="google_pubsub_topic.nowhere"))
    hunt._by_inventory(unlisted)
    assert unlisted.by == {}, "what is in no list is missed by none"


def test_a_role_beyond_the_limit_of_a_workload_is_found_by_the_limit(hunt: Hunt) -> None:
    (wider,) = (one for one in table() if one.name == "grant: a viewer becomes an administrator")
    found = list(hunt.find(defects({"delivery": hunt.plans["delivery"]}, [wider])))
    told = [one.by["limit"] for one in found if "limit" in one.by]
    assert told and all(" to a builder in " in line and "beyond the limit" in line for line in told), told


def test_an_operator_that_changes_nothing_plants_nothing(plans: dict[str, Plan]) -> None:
    nothing = Operator("bucket: as it is", ("google_storage_bucket",), put(force_destroy=False))
    assert list(defects(plans, [nothing])) == []
    assert list(defects(plans, [Operator("x", ("google_storage_bucket",), put(force_destroy=True))]))


def test_every_operator_fits_somewhere(plans: dict[str, Plan]) -> None:
    fitting = {one.operator for one in defects(plans, table())}
    assert [one.name for one in table() if one.name not in fitting] == []
