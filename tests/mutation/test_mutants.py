"""What is taken out of the estate is missed: a seeded sample of all mutants, by many rules."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from operations.graph import Graph
from sandbox import physics
from sandbox.physics.change import Broken
from sandbox.physics.rules import caller_permitted
from sandbox.physics.world import World
from sandbox.store import Store
from tests.mutation.applier import in_order
from tests.mutation.mutants import Baseline, Laboratory
from tests.mutation.needs import Needs
from tests.mutation.rules import NO_CASE, deaths

SAMPLE = 150


@pytest.fixture(scope="module")
def baseline(estate, schemas, tmp_path_factory):
    return Baseline.of(Graph.read(estate.folder), schemas, tmp_path_factory.mktemp("baseline"))


@pytest.fixture(scope="module")
def outcomes(baseline, schemas, tmp_path_factory):
    mutants = random.Random("mutants").sample(list(baseline.mutants()), SAMPLE)
    with Store(tmp_path_factory.mktemp("laboratory") / "cloud.db") as store:
        return list(Laboratory(baseline, store, schemas).run(mutants))


def test_every_mutant_is_killed_or_has_a_reason_to_live(outcomes):
    alive = [str(outcome.mutant) for outcome in outcomes if not outcome.killed_by and not outcome.reason]
    assert alive == []


def test_the_sample_is_killed_by_many_rules(outcomes):
    rules = Counter(outcome.killed_by for outcome in outcomes if outcome.killed_by not in ("", "implied"))
    assert len(rules) >= 5 and sum(rules.values()) > SAMPLE / 3


def test_the_estate_in_another_order_is_accepted(baseline, schemas, tmp_path):
    with Store(tmp_path / "cloud.db") as store:
        laboratory = Laboratory(baseline, store, schemas, seed=7)
        for stack in baseline.nodes:
            laboratory.apply(stack, laboratory.shuffled(baseline.nodes[stack], stack))
        assert store.count() == sum(not n.is_data for nodes in baseline.nodes.values() for n in nodes.values())


def test_every_rule_refuses_something_of_the_estate(baseline, schemas, tmp_path):
    with Store(tmp_path / "cloud.db") as store:
        laboratory = Laboratory(baseline, store, schemas)
        for stack in baseline.nodes:
            laboratory.apply(stack, in_order(baseline.nodes[stack]))
        first: dict[str, list] = {}
        for done in baseline.applied.values():
            for made in filter(None, done.values()):
                first.setdefault(made.change.type, []).append(made)
        dead = deaths(store, [made for several in first.values() for made in several[:5]])
    assert {rule.name for rule in physics.all_rules()} - dead.keys() == NO_CASE.keys()


@pytest.mark.parametrize("action", ["update", "delete"])
def test_whoever_makes_something_may_change_and_undo_it_only_projects_are_their_owners(
    baseline, schemas, tmp_path, action
):
    with Store(tmp_path / "cloud.db") as store:
        laboratory = Laboratory(baseline, store, schemas)
        for stack in baseline.nodes:
            laboratory.apply(stack, in_order(baseline.nodes[stack]))
        stuck = set()
        for made in (made for done in baseline.applied.values() for made in done.values() if made):
            try:
                again = replace(made.change, action=action, values=made.values, prior=made.values)
                caller_permitted.check(again, World(store))
            except Broken:
                stuck.add(made.change.type)
    assert stuck == {"google_project"}


def test_the_estate_meets_every_need_of_what_runs_on_it(baseline, installation, schemas, tmp_path):
    with Store(tmp_path / "cloud.db") as store:
        laboratory = Laboratory(baseline, store, schemas)
        for stack in baseline.nodes:
            laboratory.apply(stack, in_order(baseline.nodes[stack]))
        needs = Needs(installation, store)
        assert needs.unmet() == []
        lost = next(address for address in needs.missed if address.startswith("google_project_iam_member "))
        store.delete("google_project_iam_member", lost.partition(" ")[2])
        assert Needs(installation, store).unmet() != []
