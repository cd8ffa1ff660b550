"""Which build pushed an image is held against what Cloud Build has on record, before the seal and after it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from operations.builds.desk import Desk
from operations.images import approving
from operations.images.desk import Images
from operations.images.making import make
from operations.images.sealing import Origin
from operations.outcome import Exit, OperationFailed
from sandbox import redirect
from sandbox.api.server import serving
from sandbox.store import Store
from settings.loading import names_of
from settings.model import Installation
from tests.program import ROOT
from tests.terraform_folder import SCHEMA

COMMIT, PLACE = "c0ffee" + 34 * "0", "delivery-w"
Built = Callable[..., str]


@pytest.fixture
def store(tmp_path: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A sandbox with the repository of images and the project of their builds, to which Google's clients talk."""
    names = names_of(installation)
    parent = f"projects/{names.project('common', 'artifacts')}/locations/{installation.organization.region}"
    repository = f"{parent}/repositories/{names.repository('images').rpartition('/')[2]}"
    with Store(tmp_path / "cloud.db") as store, serving(store, SCHEMA) as facade:
        for place, api in (("artifacts", ""), (PLACE, "cloudbuild")):
            project = names.project("common", place)
            store.put("google_project", f"projects/{project}", {"project_id": project, "id": f"projects/{project}"})
            service = {"project": project, "service": f"{api}.googleapis.com"}
            store.put("google_project_service", f"{project}/{api}.googleapis.com", service)
        values = {"name": repository, "format": "DOCKER", "docker_config": [{"immutable_tags": True}]}
        store.put("google_artifact_registry_repository", repository, values)
        for key, value in ((redirect.ENDPOINT, facade.endpoint), (redirect.PRINCIPAL, redirect.OPERATOR)):
            monkeypatch.setenv(key, value)
        redirect.install(facade.endpoint)
        yield store


@pytest.fixture
def desk(installation: Installation) -> Desk:
    return Desk(names_of(installation))


@pytest.fixture
def built(store: Store, desk: Desk) -> Built:
    """Has Cloud Build hold a build on record, and gives its id."""

    def record(id_: str, trigger: str = "container-build", status: str = "SUCCESS", commit: str = COMMIT) -> str:
        name = f"projects/{desk.names.project('common', PLACE)}/locations/{desk.names.organization.region}/builds/{id_}"
        checked = [{"id": one, "args": ["images", one], "status": "SUCCESS"} for one in ("check", "test")]
        pushed = {"id": "build", "args": ["images", "build", "--push"], "status": status}
        source = {"connectedRepository": {"repository": "r", "revision": commit}}
        body = {"id": id_, "name": name, "substitutions": {"TRIGGER_NAME": trigger}, "source": source}
        kind = "cloudbuild:projects/locations/builds"
        store.documents.put(kind, name, body | {"steps": [*checked, pushed], "status": status})
        return id_

    return record


def pushed(images: Images, *builds: str) -> str:
    """Push an image as each of the builds, which all make the same one; its address."""
    (address,) = {images.push(make("churn", commit=COMMIT, start=None, index=""), COMMIT, it) for it in builds}
    return address


def by(desk: Desk, address: str, commit: str = COMMIT) -> Any:
    named = Images(desk.names).builds("churn", address.partition("@")[2])
    return approving.pushed(desk, PLACE, address, named, commit)


@pytest.mark.parametrize(
    ("trigger", "status", "commit", "reason"),
    [
        ("container-check", "SUCCESS", COMMIT, "another trigger"),
        ("container-build", "FAILURE", COMMIT, "another result"),
        ("container-build", "SUCCESS", "d" * 40, "another commit"),
    ],
)
def test_an_image_that_names_another_build_is_not_sealed(
    desk: Desk, built: Built, trigger: str, status: str, commit: str, reason: str
) -> None:
    address = pushed(Images(desk.names), built("b-1", trigger, status, commit))
    with pytest.raises(OperationFailed, match=f"names build b-1, of which is on record {reason}") as raised:
        by(desk, address)
    assert raised.value.code == Exit.REFUSED


@pytest.mark.parametrize(("build", "reason"), [("", "does not say which build pushed it"), ("b-9", "does not exist")])
def test_an_image_without_a_build_on_record_is_not_sealed(desk: Desk, store: Store, build: str, reason: str) -> None:
    address = pushed(Images(desk.names), build)
    with pytest.raises(OperationFailed, match=reason) as raised:
        by(desk, address)
    assert raised.value.code == Exit.REFUSED


def test_a_build_that_is_run_again_makes_the_same_image_and_is_the_one_that_pushed_it(desk: Desk, built: Built) -> None:
    address = pushed(Images(desk.names), built("b-1", status="FAILURE"), built("b-2"))
    found = by(desk, address)
    assert (found.id, approving.checks(found)) == ("b-2", ("images check", "images test"))


@pytest.mark.parametrize(
    ("planted", "reason"),
    [
        ({}, ""),
        ({"build": "b-2"}, "does not say which build pushed it"),
        ({"commit": "d" * 40}, "another commit"),
        ({"builder": "a laptop"}, "another builder"),
        ({"checks": ("images check", "images scan")}, "another check"),
    ],
)
def test_a_seal_that_tells_something_else_than_the_record_is_refused(
    desk: Desk, built: Built, planted: dict[str, Any], reason: str
) -> None:
    address = pushed(Images(desk.names), built("b-1"))
    built("b-2")
    true = {"builder": desk.builder(PLACE), "build": "b-1", "commit": COMMIT, "checks": ("images check", "images test")}
    others = {"repository": "r", "base": "python", "packages": "0", "bill": "0", "authors": ("ada",), "merger": ""}
    origin = Origin(**true | others | {"approver": "dora", "approval": "p-1"} | planted)
    statement = json.loads(origin.statement(*address.split("@")))
    if not reason:
        approving.must_be_on_record(ROOT / "settings", address, statement)
        return
    with pytest.raises(OperationFailed, match=reason) as raised:
        approving.must_be_on_record(ROOT / "settings", address, statement)
    assert raised.value.code == Exit.REFUSED
