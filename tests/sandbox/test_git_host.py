"""The Git host: real git against it, protected branches, and who wrote, approved and merged."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import pytest

from sandbox.api.server import serving
from sandbox.git_host import GitRefused, Pulls, Repositories
from sandbox.git_host.checks import Checks
from sandbox.store import Store
from tests.terraform_folder import SCHEMA

ADA, GRACE, EVE = "user:ada@example.com", "user:grace@example.com", "user:eve@example.com"
BUILDER = "serviceAccount:change-check@p2.iam.gserviceaccount.com"
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
    connection = HTTPConnection(urlsplit(facade.endpoint).netloc, timeout=300)
    headers = {"Authorization": f"Bearer sandbox:{principal}"}
    connection.request(method, f"/git/api/repositories/churn/{path}".rstrip("/"), json.dumps(body or {}), headers)
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
    assert [line["by"] for line in repositories.pushes("churn")] == ["operator", NOTEBOOK]


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


@pytest.mark.proves("G2b", defect="a later push to a branch of the same name, and an older one by somebody else")
def test_who_wrote_a_merged_change_stays_as_it_was(host, tmp_path):
    facade, repositories = host
    clone = pushed(facade, tmp_path, NOTEBOOK)
    git("switch", "--quiet", "-c", "other", cwd=clone)
    git("commit", "--quiet", "--allow-empty", "-m", "Again", cwd=clone)
    git("push", "--quiet", address(facade, ADA), "other", cwd=clone)
    git("push", "--quiet", address(facade, GRACE), "feature:mirror", cwd=clone)
    ask(facade, "POST", "pulls", ADA, {"source": "other", "title": "Train"})
    assert ask(facade, "POST", "pulls/1/approve", GRACE)[0] == 200, "who only copied a commit wrote none"
    _, merged = ask(facade, "POST", "pulls/1/merge", ADA)
    commit = merged["merged"]["commit"]
    git("commit", "--quiet", "--allow-empty", "-m", "Later", cwd=clone)
    git("push", "--quiet", address(facade, GRACE), "other", cwd=clone)
    assert Pulls(repositories).origin("churn", commit).authors == [ADA, NOTEBOOK]
    ask(facade, "POST", "pulls", ADA, {"source": "other", "title": "Later"})
    assert Pulls(repositories).authors(Pulls(repositories).get("churn", 2)) == [ADA, GRACE]


@pytest.mark.proves("G2b", defect="all but the last commit of a push, and a push of a tag")
@pytest.mark.parametrize("ref", ["refs/heads/hers", "refs/tags/hers"])
def test_who_brought_any_commit_of_a_push_does_not_approve_it(host, tmp_path, ref):
    facade, repositories = host
    clone = pushed(facade, tmp_path, ADA)
    git("commit", "--quiet", "--allow-empty", "-m", "First", cwd=clone)
    git("tag", "--annotate", "-m", "First", "first", cwd=clone)
    git("commit", "--quiet", "--allow-empty", "-m", "Second", cwd=clone)
    git("push", "--quiet", address(facade, GRACE), f"HEAD:{ref}", cwd=clone)
    git("switch", "--quiet", "-c", "other", "first", cwd=clone)
    git("commit", "--quiet", "--allow-empty", "-m", "Third", cwd=clone)
    git("push", "--quiet", address(facade, NOTEBOOK), "other", "first", cwd=clone)
    ask(facade, "POST", "pulls", NOTEBOOK, {"source": "other", "title": "Train"})
    assert Pulls(repositories).authors(Pulls(repositories).get("churn", 1)) == [NOTEBOOK, ADA, GRACE]
    assert ask(facade, "POST", "pulls/1/approve", GRACE)[0] == 403


@pytest.mark.proves("G2b", defect="two pushes by two people at the same moment")
def test_of_two_pushes_at_once_each_is_credited_to_its_own_person(host, tmp_path):
    facade, repositories = host
    clone = pushed(facade, tmp_path, ADA)
    hook = repositories.path("churn") / "hooks" / "pre-receive"
    # Both are under way before either is done.
    wait = f'touch "{tmp_path}/here-$$"\nuntil [ "$(ls "{tmp_path}" | grep -c ^here-)" = 2 ]; do sleep 0.05; done\n'
    hook.write_text(hook.read_text() + wait)
    with ThreadPoolExecutor() as both:
        pushes = [
            both.submit(git, "push", "--quiet", address(facade, who), f"feature:{branch}", cwd=clone)
            for who, branch in ((GRACE, "hers"), (NOTEBOOK, "its"))
        ]
    assert [one.exception() for one in pushes] == [None, None]
    credited = {(line["branch"], line["by"]) for line in repositories.pushes("churn")}
    assert credited == {("main", "operator"), ("feature", ADA), ("hers", GRACE), ("its", NOTEBOOK)}


@pytest.mark.proves("O1", "GO-ci-1", defect="a failed check, and none at the newest commit")
def test_a_merge_needs_the_success_of_each_required_check_at_its_newest_commit(host, tmp_path):
    facade, repositories = host
    repositories.change("churn", {"checks": {"check": BUILDER}})
    clone = pushed(facade, tmp_path, ADA)
    head = repositories.head("churn", "feature")
    ask(facade, "POST", "pulls", ADA, {"source": "feature", "title": "Train"})

    def merging():
        assert ask(facade, "POST", "pulls/1/approve", GRACE)[0] == 200
        status, body = ask(facade, "POST", "pulls/1/merge", ADA)
        return status, body.get("error", body)

    def report(state):
        head = repositories.head("churn", "feature")
        Checks(repositories).report("churn", head, name="check", state=state, by=BUILDER)

    assert merging()[1]["message"] == f"churn: pull request 1 is not checked at {head[:12]}: check is missing"
    for state in ("pending", "failure"):
        report(state)
        assert (merging()[0], f"check is {state}" in merging()[1]["message"]) == (409, True)
    report("success")
    (clone / "train.py").write_text("print(2)\n")
    git("commit", "--quiet", "-am", "More", cwd=clone)
    git("push", "--quiet", "origin", "feature", cwd=clone)
    assert "check is missing" in merging()[1]["message"], "the success was of an older commit"
    report("success")
    assert ask(facade, "GET", "pulls", ADA)[1]["pulls"][0]["checks"] == {"check": "success"}
    assert merging()[1]["state"] == "MERGED"


@pytest.mark.proves("GO-ci-1", defect="a test of a pull request that reports the check as the account of its build")
@pytest.mark.parametrize("principal", [BUILDER, ADA, GRACE, NOTEBOOK, "operator"])
def test_nobody_reports_a_check_over_the_wire(host, principal):
    facade, repositories = host
    repositories.change("churn", {"checks": {"check": BUILDER}, "readers": [BUILDER]})
    commit = repositories.head("churn", "main")
    for method in ("POST", "PUT", "PATCH"):
        told = {"name": "check", "state": "success"}
        assert ask(facade, method, f"commits/{commit}/checks", principal, told)[0] == 405
    assert ask(facade, "GET", f"commits/{commit}/checks", principal) == (200, {"checks": {"check": "missing"}})


@pytest.mark.parametrize(
    ("by", "state", "name", "status"),
    [(ADA, "success", "check", 403), (BUILDER, "success", "other", 403), (BUILDER, "fine", "check", 400)],
)
def test_a_check_is_reported_by_its_reporter_in_the_known_words(host, by, state, name, status):
    repositories = host[1]
    repositories.change("churn", {"checks": {"check": BUILDER}})
    with pytest.raises(GitRefused) as refused:
        Checks(repositories).report("churn", "ab" * 20, name=name, state=state, by=by)
    assert refused.value.status == status


def test_only_the_operator_says_what_a_merge_requires(host):
    facade, repositories = host
    rules = {"checks": {"a": BUILDER}}
    assert [ask(facade, "PATCH", "", one, rules)[0] for one in (ADA, "operator")] == [403, 200]
    assert repositories.get("churn")["checks"] == {"a": BUILDER}


@pytest.mark.parametrize("method", ["DELETE", "PUT", "POST"])
def test_a_repository_is_changed_by_patch_alone(host, method):
    facade, repositories = host
    assert ask(facade, method, "", "operator", {"approvals": 0})[0] == 405
    assert repositories.get("churn")["approvals"] == 1


def test_true_is_no_number_of_approvals(host):
    facade, repositories = host
    assert ask(facade, "PATCH", "", "operator", {"approvals": True})[0] == 400
    assert repositories.get("churn")["approvals"] == 1


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
