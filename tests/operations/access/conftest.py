"""The access of the example estate: asked of its stacks, and tried against a sandbox that holds it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.access.asking import Access, access_of_graph
from operations.access.words import Words
from operations.graph import Graph
from sandbox import redirect
from sandbox.api.server import serving
from sandbox.store import Store
from settings.model import Installation
from tests.estate import Estate
from tests.terraform_folder import SCHEMA


@pytest.fixture(scope="session")
def access(estate: Estate, installation: Installation) -> Access:
    """The synthesized example estate, ready to be asked."""
    return access_of_graph(installation, Graph.read(estate.folder))


@pytest.fixture(scope="module")
def cloud(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A copy of the deployed sandbox behind its API, so that attempts that succeed change nothing for others."""
    copy = tmp_path_factory.mktemp("trying") / "cloud.db"
    with Store(deployed / ".sandbox/cloud.db") as store:
        store.snapshot(copy)
    before = dict(os.environ)
    with Store(copy) as store, serving(store, SCHEMA) as facade:
        os.environ |= {redirect.ENDPOINT: facade.endpoint, "NO_GCE_CHECK": "true", "GOOGLE_CLOUD_PROJECT": "p"}
        redirect.install(facade.endpoint)
        yield store
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def words(cloud: Store, access: Access, installation: Installation) -> Words:
    """The words of the installation, with the folders that the sandbox really has."""
    by_name = {str(values["display_name"]): str(values["name"]) for _, values in cloud.find("google_folder")}
    names = access.words.names
    folders = {key: by_name[names.folder(key)] for key in access.words.folders}
    return Words(installation, names, access.words.personas, folders)
