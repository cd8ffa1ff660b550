"""The estate as plans, and what rules know of the installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.policy import facts_of
from policies.rule import Facts
from settings.model import Installation
from tests.plans import Plan, plans_from_states


@pytest.fixture(scope="session")
def facts(installation: Installation) -> Facts:
    """Facts of the example installation."""
    return facts_of(installation)


@pytest.fixture(scope="session")
def plans(deployed: Path) -> dict[str, Plan]:
    """Every stack of the example estate as a plan document. Tests change copies only."""
    return plans_from_states(deployed)
