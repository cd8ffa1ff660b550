"""Whatever goes wrong on the way, at most three more runs complete the deploy, and destroy leaves nothing."""

import pytest

from operations.graph import Graph
from sandbox.faults import KINDS
from tests.faults.slice import Slice

SEEDS = 200


@pytest.fixture(scope="module")
def results(estate, schemas, tmp_path_factory):
    part = Slice.of(Graph.read(estate.folder), schemas, tmp_path_factory.mktemp("slice"))
    return [part.run(seed) for seed in range(SEEDS)]


def test_every_seed_ends_complete_with_nothing_twice_nothing_lost_and_nothing_left(results):
    assert {result.seed: result.problems for result in results if result.problems} == {}


def test_every_kind_of_fault_has_struck(results):
    assert {kind for result in results for kind in result.struck} == set(KINDS)
