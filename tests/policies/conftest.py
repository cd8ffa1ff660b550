"""The estate as plans, and what rules know of the installation."""

from __future__ import annotations

import pytest

from operations.graph import Graph
from operations.policy import facts_of
from policies.rule import Facts
from sandbox.schema import cached
from settings.model import Installation
from tests.conftest import ROOT
from tests.estate import Estate
from tests.plans import Plan, plans_of_graph


@pytest.fixture(scope="session")
def facts(installation: Installation) -> Facts:
    """Facts of the example installation."""
    return facts_of(installation)


@pytest.fixture(scope="session")
def plans(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Plan]:
    """Every stack of the example estate as a plan document. Tests change copies only."""
    work = tmp_path_factory.mktemp("plans")
    return plans_of_graph(Graph.read(estate.folder), cached(ROOT / ".sandbox" / "schema"), work)
