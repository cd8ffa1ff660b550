"""Whatever goes wrong on the way, at most three more runs complete the deploy, and destroy leaves nothing.

What struck, the runs that were needed and what was left stand in .sandbox/faults.txt afterwards.
"""

import pytest

from operations.graph import Graph
from sandbox.faults import KINDS
from tests.faults.slice import Slice, table
from tests.program import ROOT

SEEDS, TABLE = 200, ROOT / ".sandbox" / "faults.txt"


@pytest.fixture(scope="module")
def results(estate, schemas, tmp_path_factory):
    part = Slice.of(Graph.read(estate.folder), schemas, tmp_path_factory.mktemp("slice"))
    found = [part.run(seed) for seed in range(SEEDS)]
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(table(found) + "\n")
    return found


def test_every_seed_ends_complete_with_nothing_twice_nothing_lost_and_nothing_left(results):
    assert {result.seed: result.problems for result in results if result.problems} == {}, TABLE.read_text()


def test_every_kind_of_fault_has_struck(results):
    assert {kind for result in results for kind in result.struck} == set(KINDS)
