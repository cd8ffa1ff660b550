"""History in builds: a checkout is one commit and holds no login; who may read more asks Cloud Build for a token."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudbuild.pipelines import REPOSITORY
from operations.builds.runner import Worker
from operations.commits import resolved, with_history
from operations.outcome import Exit, OperationFailed
from operations.repository_login import ROLE, login
from sandbox import redirect
from sandbox.api.call import Facade
from sandbox.api.server import serving
from sandbox.git_host import Repositories
from sandbox.iam import Policies
from sandbox.store import Store
from tests.terraform_folder import SCHEMA

PLACE = "projects/p1/locations/europe-west1/connections/host/repositories"
BUILDER = "serviceAccount:change-check@p1.iam.gserviceaccount.com"


@pytest.fixture
def facade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Facade]:
    """A sandbox whose Git host has two repositories of two commits each, both connected to Cloud Build."""
    (tmp_path / ".sandbox").mkdir()
    with Store(tmp_path / ".sandbox" / "cloud.db") as store, serving(store, SCHEMA) as facade:
        store.put("google_project", "projects/p1", {"project_id": "p1", "id": "projects/p1"})
        api = {"project": "p1", "service": "cloudbuild.googleapis.com"}
        store.put("google_project_service", "p1/cloudbuild.googleapis.com", api)
        host = Repositories(store)
        for name in ("churn", "others"):
            host.create(name)
            first = host.seed(name, {"README.md": "hello\n"}, author="operator")
            words = ("commit-tree", f"{first}^{{tree}}", "-p", first, "-m", "Second")
            who = {f"GIT_{role}_{part}": "x@x" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
            host.git(name, "update-ref", "refs/heads/main", host.git(name, *words, env=who))
            store.put("google_cloudbuildv2_repository", f"{PLACE}/{name}", {"name": name, "id": f"{PLACE}/{name}"})
        monkeypatch.setenv(redirect.ENDPOINT, facade.endpoint)
        monkeypatch.setenv(redirect.PRINCIPAL, BUILDER)
        redirect.install(facade.endpoint, BUILDER)
        yield facade


@pytest.fixture
def store(facade: Facade) -> Store:
    return facade.store


@pytest.fixture
def checkout(store: Store, tmp_path: Path) -> Path:
    """What a build finds: one commit, and where it came from."""
    folder = tmp_path / "workspace"
    path = Repositories(store).path("churn").absolute().as_uri()
    subprocess.run(["git", "clone", "--quiet", "--depth=1", path, str(folder)], check=True)
    url = f"{os.environ[redirect.ENDPOINT]}/git/churn.git"
    subprocess.run(["git", "remote", "set-url", "origin", url], cwd=folder, check=True)
    return folder


def allow(store: Store) -> None:
    values = {"project": "p1", "role": ROLE, "member": BUILDER}
    store.put("google_project_iam_member", f"p1/{ROLE}/{BUILDER}", values)
    assert Policies.of(store)


def test_a_build_brings_history_with_a_read_token_of_its_repository(
    store: Store, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(store)
    commit = resolved(checkout, "HEAD")
    with pytest.raises(OperationFailed, match="the history before it cannot be had"):
        with_history(checkout, commit)
    monkeypatch.setenv(REPOSITORY, f"{PLACE}/churn")
    assert resolved(checkout, "origin/main") == commit
    with_history(checkout, commit)
    assert resolved(checkout, "HEAD~1")


def test_a_builder_that_may_not_is_told_which_role_it_lacks(
    store: Store, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(REPOSITORY, f"{PLACE}/churn")
    with pytest.raises(OperationFailed, match=f"accessReadToken.*{ROLE}") as refused:
        with_history(checkout, resolved(checkout, "HEAD"))
    assert refused.value.code == Exit.REFUSED
    allow(store)
    with_history(checkout, resolved(checkout, "HEAD"))


def test_a_read_token_opens_one_repository_of_one_host_and_pushes_nothing(
    store: Store, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(store)
    host = f"{os.environ[redirect.ENDPOINT]}/"
    assert login(f"{host}git/churn.git") == {}, "a person's own Git is left alone"
    monkeypatch.setenv(REPOSITORY, f"{PLACE}/churn")
    assert login(checkout.as_uri()) == {}, "no host is asked for files"
    found = login(f"{host}git/churn.git")
    assert found["GIT_CONFIG_KEY_0"] == f"http.{host}.extraHeader"

    def git(*words: str) -> int:
        around = os.environ | found | {"GIT_TERMINAL_PROMPT": "0"}
        return subprocess.run(["git", *words], cwd=checkout, env=around, capture_output=True, check=False).returncode

    assert git("ls-remote", f"{host}git/churn.git") == 0
    assert git("ls-remote", f"{host}git/others.git") != 0
    assert git("push", f"{host}git/churn.git", "HEAD:refs/heads/mine") != 0


LOOK_BACK = """
from pathlib import Path
from operations.commits import resolved, with_history
with_history(Path(), resolved(Path(), "HEAD"))
print("before:", resolved(Path(), "HEAD~1"))
"""


@pytest.mark.parametrize(("env", "status"), [([], "FAILURE"), ([f"{REPOSITORY}={PLACE}/churn"], "SUCCESS")])
def test_a_build_here_reaches_the_host_no_other_way(
    facade: Facade, tmp_path: Path, env: list[str], status: str
) -> None:
    allow(facade.store)
    commit, said = Repositories(facade.store).head("churn", "main"), list[str]()
    build = {
        "id": "1",
        "name": "projects/p1/locations/europe-west1/builds/1",
        "projectId": "p1",
        "serviceAccount": f"projects/p1/serviceAccounts/{BUILDER.partition(':')[2]}",
        "substitutions": {"COMMIT_SHA": commit},
        "source": {"connectedRepository": {"repository": f"{PLACE}/churn", "revision": commit}},
        "steps": [{"name": "builder", "entrypoint": "python", "args": ["-c", LOOK_BACK]}],
        "options": {"env": env},
    }
    ended = Worker(tmp_path, None, facade, said.append)(build)
    assert ended["status"] == status, said
    assert any("before:" in line for line in said) is (status == "SUCCESS")
