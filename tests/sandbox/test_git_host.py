"""The Git host: real git against it, protected branches, and who wrote, approved and merged."""

import json
import os
import subprocess
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import pytest

from sandbox.api.server import serving
from sandbox.git_host import GitRefused, Pulls, Repositories
from sandbox.store import Store
from tests.terraform_folder import SCHEMA

ADA, GRACE, EVE = "user:ada@example.com", "user:grace@example.com", "user:eve@example.com"
NOTEBOOK = "serviceAccount:notebook@p1.iam.gserviceaccount.com"


@pytest.fixture
def host(tmp_path):
    with Store(tmp_path / "cloud.db") as store, serving(store, SCHEMA) as facade:
        made = Repositories(store)
        made.create("churn", writers=[ADA, GRACE, NOTEBOOK], approvers=[ADA, GRACE])
        made.seed("churn", {"README.md": "hello\n"}, author="operator")
        yield facade, made


def git(*words, cwd, fails=False):
    person = {f"GIT_{role}_{part}": "x@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    around = {"PATH": os.environ["PATH"], "HOME": str(cwd), "GIT_TERMINAL_PROMPT": "0", **person}
    done = subprocess.run(["git", *words], cwd=cwd, env=around, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) is fails, done.stderr
    return done.stderr + done.stdout


def address(facade, principal):
    place = urlsplit(facade.endpoint).netloc
    return f"http://me:{quote(f'sandbox:{principal}', safe='')}@{place}/git/churn.git"


def ask(facade, method, path, principal, body=None):
    connection = HTTPConnection(urlsplit(facade.endpoint).netloc, timeout=20)
    headers = {"Authorization": f"Bearer sandbox:{principal}"}
    connection.request(method, f"/git/api/repositories/churn/{path}", json.dumps(body or {}), headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def pushed(facade, tmp_path, principal, branch="feature", text="print(1)\n"):
    """A clone in which the principal pushed a branch with one change."""
    clone = tmp_path / f"clone-{branch}"
    git("clone", "--quiet", address(facade, principal), str(clone), cwd=tmp_path)
    git("switch", "--quiet", "-c", branch, cwd=clone)
    (clone / "train.py").write_text(text)
    git("add", ".", cwd=clone)
    git("commit", "--quiet", "-m", "Train", cwd=clone)
    git("push", "--quiet", "origin", branch, cwd=clone)
    return clone


@pytest.mark.proves("I2b", "O1", defect="a push over the protected branch: plain, forced and as a deletion")
def test_a_notebook_clones_and_pushes_a_branch_but_no_protected_one(host, tmp_path):
    facade, repositories = host
    before = repositories.head("churn", "main")
    clone = pushed(facade, tmp_path, NOTEBOOK)
    said = git("push", "origin", "feature:main", cwd=clone, fails=True)
    assert "main is protected" in said
    assert "main is protected" in git("push", "--force", "origin", "feature:main", cwd=clone, fails=True)
    assert "main is protected" in git("push", "origin", ":main", cwd=clone, fails=True)
    assert repositories.head("churn", "main") == before
    assert [line["by"] for line in repositories.pushes("churn", "feature")] == [NOTEBOOK]


def test_who_is_no_member_neither_reads_nor_writes(host, tmp_path):
    facade, _ = host
    assert "403" in git("clone", address(facade, EVE), "x", cwd=tmp_path, fails=True)
    assert git("clone", address(facade, "nobody"), "y", cwd=tmp_path, fails=True)
    assert ask(facade, "GET", "pulls", EVE)[0] == 403


@pytest.mark.proves("O1", defect="a direct push to the deployment branch")
def test_a_merge_needs_somebody_else_and_remembers_all_of_them(host, tmp_path):
    facade, repositories = host
    heard = []
    facade.merged.append(heard.append)
    clone = pushed(facade, tmp_path, NOTEBOOK)
    status, pull = ask(facade, "POST", "pulls", ADA, {"source": "feature", "title": "Train"})
    assert (status, pull["number"], pull["state"]) == (201, 1, "OPEN")
    assert ask(facade, "POST", "pulls/1/merge", ADA)[0] == 409
    assert "main is protected" in git("push", "origin", "feature:main", cwd=clone, fails=True)
    assert ask(facade, "POST", "pulls/1/approve", ADA)[0] == 403
    assert ask(facade, "POST", "pulls/1/approve", EVE)[0] == 403
    assert ask(facade, "POST", "pulls/1/approve", GRACE)[0] == 200
    (clone / "train.py").write_text("print(2)\n")
    git("commit", "--quiet", "-am", "More", cwd=clone)
    git("push", "--quiet", "origin", "feature", cwd=clone)
    assert ask(facade, "POST", "pulls/1/merge", ADA)[0] == 409, "the approval was for an older commit"
    ask(facade, "POST", "pulls/1/approve", GRACE)
    status, merged = ask(facade, "POST", "pulls/1/merge", ADA)
    commit = merged["merged"]["commit"]
    assert (status, repositories.head("churn", "main")) == (200, commit)
    origin = Pulls(repositories).origin("churn", commit)
    assert (origin.authors, origin.approvers, origin.merged_by) == ([ADA, NOTEBOOK], [GRACE], ADA)
    assert [pull["merged"]["commit"] for pull in heard] == [commit]
    assert repositories.git("churn", "show", f"{commit}:train.py") == "print(2)"


def test_what_conflicts_is_not_merged(host, tmp_path):
    facade, repositories = host
    pulls = Pulls(repositories)
    for branch, text in (("one", "a = 1\n"), ("two", "a = 2\n")):
        pushed(facade, tmp_path, ADA, branch, text)
        pulls.open("churn", source=branch, target="main", title=branch, author=ADA)
    for number in (1, 2):
        pulls.approve("churn", number, by=GRACE)
    pulls.merge("churn", 1, by=ADA)
    before = repositories.head("churn", "main")
    with pytest.raises(GitRefused, match="CONFLICT"):
        pulls.merge("churn", 2, by=ADA)
    assert (repositories.head("churn", "main"), pulls.get("churn", 2)["state"]) == (before, "OPEN")


def test_a_commit_that_no_merge_made_has_no_origin(host):
    _, repositories = host
    first = repositories.head("churn", "main")
    assert Pulls(repositories).origin("churn", first) is None


@pytest.mark.parametrize("name", ["../x", "A", "", "a/b", "x" * 64])
def test_a_name_that_leads_astray_is_refused(host, name):
    with pytest.raises(GitRefused):
        host[1].create(name)


def test_a_push_beside_the_server_is_refused(host, tmp_path):
    facade, repositories = host
    clone = pushed(facade, tmp_path, ADA)
    assert "push over HTTP" in git("push", str(repositories.path("churn")), "feature:main", cwd=clone, fails=True)
