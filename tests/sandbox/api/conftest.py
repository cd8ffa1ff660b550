from collections.abc import Iterator

import pytest

from sandbox import redirect
from sandbox.api.call import Facade
from sandbox.api.server import serving
from sandbox.store import Store
from tests.terraform_folder import SCHEMA


@pytest.fixture
def cloud(tmp_path, monkeypatch) -> Iterator[Facade]:
    """A sandbox with an API, to which every Google client of this process talks as its operator."""
    with Store(tmp_path / "cloud.db") as store, serving(store, SCHEMA) as facade:
        monkeypatch.setenv(redirect.ENDPOINT, facade.endpoint)
        monkeypatch.setenv(redirect.PRINCIPAL, redirect.OPERATOR)
        monkeypatch.setenv("NO_GCE_CHECK", "true")
        redirect.install(facade.endpoint)
        yield facade
