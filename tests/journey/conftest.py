"""One sandbox with the whole example estate, deployed once by the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import EXAMPLE, blueprint


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose sandbox holds the example estate. Tests leave it as they found it."""
    folder = tmp_path_factory.mktemp("deployed")
    done = blueprint("up", *EXAMPLE, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "SANDBOX on this computer" in done.stdout
    return folder
