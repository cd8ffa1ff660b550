"""At Google a person leaves an order and the desk makes it: the commands that are typed there, before the sandbox."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from google.api_core.exceptions import Forbidden

from catalog_templates.template import find
from cloudbuild.pipelines import read as read_pipelines
from operations.builds.desk import Desk as Builds
from operations.builds.desk import sandbox_desk
from operations.builds.events import Event
from operations.builds.runner import credentials
from operations.catalog_counter import Slip, Slips
from operations.catalog_index import Index, Release, with_release
from operations.catalog_register import ServiceCatalog
from operations.catalog_shelf import GoogleShelf, SandboxShelf
from operations.commits import ask as git
from operations.outcome import Exit, OperationFailed
from sandbox import redirect
from sandbox.store import Store
from settings.loading import names_of
from settings.model import Installation
from settings.problems import InvalidSettings
from tests.catalog.shop import shop
from tests.program import BLUEPRINT, EXAMPLE, ROOT

ADA, BERT = "ada@example.com", "bert@example.com"
LAUNCH = ("launch", "bucket", "--set", "name=images", "--set", "purpose=Images of the shop.")


@dataclass
class Window:
    """A served sandbox with a Cloud Build, and what people type in front of it."""

    home: Path
    names: Any
    builds: Builds
    commit: str
    said: list[str]

    @property
    def store(self) -> Store:
        return Store(self.home / ".sandbox/cloud.db")

    def typed(self, *words: str, person: str = ADA) -> subprocess.Popen[str]:
        """What a person types on a computer of their own, where Google is the sandbox."""
        around = redirect.environment(os.environ[redirect.ENDPOINT], f"user:{person}")
        command = [BLUEPRINT, "catalog", *words, "--team", "churn", "--by", ADA, "--target", "google", *EXAMPLE]
        return subprocess.Popen(
            command, cwd=self.home, env=around, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def slips(self) -> list[str]:
        with self.store as store:
            found = [one.name for one in store.objects.find(self.names.order_bucket(), "orders/")]
        return [name.removeprefix("orders/").removesuffix(".json") for name in found]

    def rings(self, order: str) -> str:
        """Pub/Sub rings at the desk, which is a build; what the build said."""
        self.said.clear()
        # Planted: what a message says beside what its trigger asks for is nobody's business.
        told = {"order": order, "target": "nowhere", "builder": "another"}
        event = Event("message", "main", self.commit, attributes=told)
        (build,) = self.builds.run("interactive", read_pipelines()["interactive"], event, trigger="order", team=None)
        return f"{build.status.name} {' '.join(self.said)}"

    def ordered(self, *words: str) -> tuple[int, str, str]:
        """Somebody orders, the bell rings, and the answer comes: exit code, what was told, what the desk said."""
        before = set(self.slips())
        waiting = self.typed(*words)
        while not (new := set(self.slips()) - before):
            assert waiting.poll() is None, waiting.communicate()
            time.sleep(0.5)
        told = self.rings(new.pop())
        out, err = waiting.communicate()
        return waiting.returncode, out + err, told


@pytest.fixture(scope="module")
def window(deployed: Path, installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    home, repository = tmp_path_factory.mktemp("window"), tmp_path_factory.mktemp("templates")
    with shop(deployed, home, find("bucket"), find("workbench")):
        pass
    git(repository, "init", "--quiet", "--initial-branch", "main")
    # Planted: what lies in the repository of templates is imported by no build, nor does it say what the platform is.
    (repository / "click.py").write_text("raise SystemExit('planted')\n")
    (repository / "settings").mkdir()
    (repository / "settings/organization.yaml").write_text("prefix: planted\n")
    git(repository, "add", ".")
    git(repository, "-c", "user.name=m", "-c", "user.email=m@x", "commit", "--quiet", "-m", "First")
    said: list[str] = []
    with sandbox_desk(home, ROOT / "settings", repository, f"user:{ADA}", said.append) as builds:
        yield Window(home, names_of(installation), builds, git(repository, "rev-parse", "HEAD"), said)


def made(window: Window) -> list[str]:
    with window.store as store:
        return [id_ for id_, values in store.find("google_storage_bucket") if values["name"].endswith("-data-images")]


@pytest.mark.proves("I1b", "SC2", defect="the right of the desk to take the launcher is gone")
def test_what_is_ordered_at_the_desk_is_made_by_the_deployer_and_the_person_holds_no_right(window: Window) -> None:
    with pytest.raises(Forbidden, match=r"config\.deployments\.create"):
        _by_hand(window)
    with window.store as store:
        ((grant, held),) = [
            (id_, it)
            for id_, it in store.find("google_service_account_iam_member")
            if "order-desk@" in it["member"] and "/launcher@acme-int-churn" in it["service_account_id"]
        ]
        store.delete("google_service_account_iam_member", grant)
    code, told, _ = window.ordered(*LAUNCH)
    assert (code, made(window), "getAccessToken" in told) == (1, [], True), told
    with window.store as store:
        store.put("google_service_account_iam_member", grant, held)
    code, told, said = window.ordered(*LAUNCH)
    assert (code, len(made(window))) == (0, 1), (told, said)
    assert "bucket-images: active" in told
    assert "made by launch-bucket@acme-int-churn-k7q2" in told
    assert "was begun before" in window.rings(window.slips()[-1]), "a bell that rings twice makes nothing twice"
    code, told, said = window.ordered("update", "bucket-images", "--set", "keep_days=300", "--dry-run")
    assert (code, "update google_storage_bucket.this" in told) == (0, True), (told, said)
    code, told, said = window.ordered("delete", "bucket-images", "--yes")
    assert (code, made(window)) == (0, []), (told, said)


def _by_hand(window: Window) -> None:
    """What somebody would try without the desk: a deployment that works as the deployer."""
    from google.cloud.config_v1 import ConfigClient, Deployment, TerraformBlueprint

    project = window.names.project("interactive", "churn")
    account = f"projects/{project}/serviceAccounts/launch-bucket@{project}.iam.gserviceaccount.com"
    mine = Deployment(terraform_blueprint=TerraformBlueprint(gcs_source="gs://x/y.zip"), service_account=account)
    client = ConfigClient(credentials=credentials(f"user:{ADA}"))
    client.create_deployment(parent=f"projects/{project}/locations/europe-west3", deployment_id="mine", deployment=mine)


@pytest.mark.proves("I1a", defect="an order for a template that is not shared with the team")
def test_what_only_the_desk_knows_comes_back_with_its_reason(window: Window) -> None:
    catalog = ServiceCatalog(f"organizations/{window.names.organization.organization_id}", _operator)
    (known,) = catalog.catalogs()
    without = {key: it for key, it in known.solutions.items() if key != "bucket"}
    catalog.register([known.model_copy(update={"solutions": without})])
    code, told, said = window.ordered(*LAUNCH)
    assert (code, made(window)) == (Exit.REFUSED, []), (told, said)
    assert "template 'bucket': is not shared with acme-int-churn-k7q2; run 'blueprint catalog register'" in told
    assert said.startswith("SUCCESS"), "an order that is refused is no build that failed"
    catalog.register([known])


def _operator() -> Any:
    return credentials(redirect.OPERATOR)


REFUSED: dict[str, tuple[Callable[[Window], subprocess.Popen[str]], str]] = {
    "a member of another team": (lambda it: it.typed(*LAUNCH, person=BERT), "does not exist, or is not yours"),
    "an input that is not accepted": (lambda it: it.typed(*LAUNCH, "--set", "keep_days=1"), "Choose a whole number"),
    "a template that never was": (lambda it: it.typed("launch", "buckt"), "did you mean 'bucket'"),
}


@pytest.mark.proves("G3b", defect="an order for another team")
@pytest.mark.parametrize("what", REFUSED)
def test_nothing_reaches_the_desk_that_is_refused_before(window: Window, what: str) -> None:
    begin, told = REFUSED[what]
    before, asked = window.slips(), begin(window)
    out, err = asked.communicate()
    assert (asked.returncode != 0, told in err) == (True, True), out + err
    assert window.slips() == before


def test_an_order_is_left_once_and_stays_as_it_was(window: Window) -> None:
    mine = Slips(GoogleShelf(window.names.order_bucket()))
    slip = Slip(do="delete", name="bucket-images", by=ADA, environment="interactive")
    with pytest.raises(OperationFailed, match=r"storage\.objects\.create"):
        mine.leave("assistant", slip)
    order = mine.leave("churn", slip)
    with pytest.raises(OperationFailed, match=r"storage\.objects\."):
        mine.begin(order)
    assert "does not exist" in window.rings(order)
    answer = mine.answered(order)
    assert answer is not None
    with pytest.raises(InvalidSettings, match="does not exist in acme-int-churn"):
        answer.given()
    assert "is the name of none" in window.rings("churn/../assistant")


BY_HAND = {
    "no JSON": (b"bucket, please", "is no JSON"),
    "another form": (b'{"do": "launch"}', "by: is missing"),
    "another kind": (b"[]", "order '"),
    "nobody's": (b'{"do": "delete", "name": "bucket-x", "by": "", "environment": "interactive"}', "by: is empty"),
    "a stranger's": (
        b'{"do": "launch", "name": "bucket", "by": "eve@example.com", "environment": "interactive"}',
        "is not in data_scientist/churn; order as one of ada@example.com",
    ),
}


@pytest.mark.parametrize("what", BY_HAND)
def test_who_writes_a_slip_by_hand_gets_an_answer(window: Window, what: str) -> None:
    """Whoever may add an order may add anything."""
    text, told = BY_HAND[what]
    mine = Slips(GoogleShelf(window.names.order_bucket()))
    order = f"churn/{uuid4().hex}"
    assert mine.shelf.put_new(f"orders/{order}.json", text)
    assert window.rings(order).startswith("SUCCESS"), window.said
    answer = mine.answered(order)
    assert answer is not None
    with pytest.raises((InvalidSettings, OperationFailed), match=told):
        answer.given()


def test_an_order_that_ends_in_a_defect_of_the_desk_is_answered_and_its_build_fails(window: Window) -> None:
    """An archive that the index knows and that is none: nothing of the desk expects it."""
    data = b"no archive"
    with window.store as store:
        index = Index(SandboxShelf(store, window.names.template_bucket()))
        index.shelf.put_new("published/bucket/9.0.0/bucket.zip", data)
        broken = Release(
            archive="published/bucket/9.0.0/bucket.zip", sha256=sha256(data).hexdigest(), commit="", state="offered"
        )
        index.change(lambda contents: with_release(contents, "bucket", "9.0.0", broken))
    mine = Slips(GoogleShelf(window.names.order_bucket()))
    slip = Slip(do="launch", name="bucket", by=ADA, environment="interactive", version="9.0.0")
    order = mine.leave("churn", slip)
    assert window.rings(order).startswith("FAILURE"), window.said
    answer = mine.answered(order)
    assert answer is not None
    with pytest.raises(OperationFailed, match=r"ended in a defect of the desk \(BadZipFile"):
        answer.given()
    with window.store as store:
        Index(SandboxShelf(store, window.names.template_bucket())).set_state("bucket", "9.0.0", "withdrawn")
