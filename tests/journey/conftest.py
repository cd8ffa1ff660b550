"""The deployed estate for Google's clients of a test, each of which acts as somebody."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from operations.serving import served
from sandbox import redirect


@pytest.fixture
def act_as(deployed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """A copy of the deployed estate, whose clients act as whoever is named."""
    shutil.copytree(deployed / ".sandbox", tmp_path / ".sandbox")
    with served(tmp_path, host="127.0.0.1", port=0) as found:
        monkeypatch.setenv(redirect.ENDPOINT, found.endpoint)
        redirect.install(found.endpoint)
        yield lambda principal: monkeypatch.setenv(redirect.PRINCIPAL, principal)
