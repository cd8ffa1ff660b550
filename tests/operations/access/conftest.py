"""The access of the example estate, asked without a cloud."""

from __future__ import annotations

import pytest

from operations.access.asking import Access, access_of_graph
from operations.graph import Graph
from settings.model import Installation
from tests.estate import Estate


@pytest.fixture(scope="session")
def access(estate: Estate, installation: Installation) -> Access:
    """The synthesized example estate, ready to be asked."""
    return access_of_graph(installation, Graph.read(estate.folder))
