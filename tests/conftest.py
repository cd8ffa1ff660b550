"""What is made once per test run: the synthesized example estate, and a sandbox that holds it."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox import redirect
from sandbox.schema import Schemas, cached
from settings.loading import read
from settings.model import Installation
from tests.estate import Estate
from tests.program import EXAMPLE, blueprint
from tests.terraform_folder import SCHEMA

ROOT = Path(__file__).parents[1]

# Danger: a run in the background of a shell starts with Ctrl-C ignored, and so would every process that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


# The longest, and beside it one that needs no deployed estate, while the other's is being made.
FIRST = ("test_whole_change.py", "test_states.py", "test_infrastructure_change.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys take longest: begun first, they keep no worker waiting for another at the end."""
    items.sort(key=lambda it: ("journey" not in it.path.parts, (*FIRST, it.path.name).index(it.path.name)))


@pytest.fixture(scope="module", autouse=True)
def redirected_for_one_module_at_most() -> Iterator[None]:
    """What one module redirects to its sandbox goes to no sandbox, or to its own, in the next."""
    before = {name: os.environ.get(name) for name in (redirect.ENDPOINT, redirect.PRINCIPAL, "NO_GCE_CHECK")}
    yield
    for name, value in before.items():
        os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@pytest.fixture(scope="session")
def installation() -> Installation:
    """The example installation of this repository."""
    return read(ROOT / "settings")


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first worker of a run fills and that all of them read."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with folder.with_suffix(".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (made := folder.with_suffix(".made")).exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            made.touch()
    return folder


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """The example estate, synthesized once in a process of its own."""

    def make(out: Path) -> None:
        subprocess.run([sys.executable, "-m", "stacks.app", str(ROOT / "settings"), str(out)], check=True, cwd=ROOT)

    return Estate.read(once(tmp_path_factory, "estate", make))


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose sandbox holds the example estate. Tests leave it as they found it; each worker has a copy."""

    def make(folder: Path) -> None:
        done = blueprint("up", *EXAMPLE, cwd=folder)
        assert done.returncode == 0, done.stderr
        assert "SANDBOX on this computer" in done.stdout

    folder = tmp_path_factory.mktemp("deployed")
    shutil.copytree(once(tmp_path_factory, "up", make), folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    """Both providers' schemas, from the cache that all tests share."""
    return cached(SCHEMA)
