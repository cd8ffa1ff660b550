"""Bases are pinned by what a registry answers, here the sandbox's Artifact Registry; no digest is ever made up."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml

from cloudbuild.pipelines import BUILDER, builder_image
from cloudbuild.pipelines import FOLDER as BUILDS
from operations.images import desk, making
from operations.images.desk import PACKAGES, Images
from operations.images.registry import send
from operations.outcome import OperationFailed
from pipelines.images.image import BASES, FOLDER, bases, read
from pipelines.images.layout import MANIFEST, Built, Start, build, layer
from sandbox import redirect
from sandbox.api.server import serving
from sandbox.store import Store
from settings.loading import names_of
from settings.model import Installation
from tests.terraform_folder import SCHEMA

STACKS = FOLDER.parents[1] / "stacks"
TODAY, INDEX = date(2026, 11, 26), "application/vnd.oci.image.index.v1+json"
UPSTREAM = "library/python"


@pytest.fixture
def images(tmp_path: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Images]:
    """The images of the installation in front of a sandbox whose cache of Docker Hub is still empty."""
    names = names_of(installation)
    project, name = names.project("common", "artifacts"), names.repository("docker-hub").partition("/")[2]
    place = f"projects/{project}/locations/{installation.organization.region}/repositories/{name.rpartition('/')[2]}"
    shutil.copytree(FOLDER, tmp_path / "images", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(desk, "FOLDER", tmp_path / "images")
    monkeypatch.setattr(desk, "bases", lambda: bases(tmp_path / "images"))
    monkeypatch.setattr(desk, "BUILDS", tmp_path)
    shutil.copy(BUILDS / BUILDER, tmp_path)
    with Store(tmp_path / "cloud.db") as store, serving(store, SCHEMA) as facade:
        store.put("google_project", f"projects/{project}", {"project_id": project, "id": f"projects/{project}"})
        for repository in (place, f"{place.rpartition('/')[0]}/{names.repository('images').rpartition('/')[2]}"):
            values = {"name": repository, "format": "DOCKER", "docker_config": []}
            store.put("google_artifact_registry_repository", repository, values)
        for key, value in ((redirect.ENDPOINT, facade.endpoint), (redirect.PRINCIPAL, redirect.OPERATOR)):
            monkeypatch.setenv(key, value)
        redirect.install(facade.endpoint)
        yield Images(names)


def based_on(content: bytes) -> Built:
    return build(Start(), [layer([("usr/bin/python", content)])], command=[], user=1, folder="/", labels={})


def upstream(images: Images, content: bytes) -> Built:
    """Publish a base as Docker Hub does: one tag for several architectures. What Linux on amd64 gets."""
    name = f"{images.names.repository('docker-hub').partition('/')[2]}/{UPSTREAM}"
    entries = []
    for architecture in ("arm64", "amd64"):
        built = based_on(content + architecture.encode())
        images.registry.push(built, name, architecture)
        platform = {"os": "linux", "architecture": architecture}
        entries.append({"mediaType": MANIFEST, "digest": built.digest, "size": 1, "platform": platform})
    tag = bases()["python"].tag
    url = f"https://{images.registry.host}/v2/{name}/manifests/{tag}"
    body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
    assert send("", "PUT", url, data=body, headers={"Content-Type": INDEX}).status_code == 201
    return built


def test_a_base_gets_the_digest_that_the_registry_answers_and_none_while_it_answers_none(
    images: Images, tmp_path: Path
) -> None:
    file = tmp_path / "images" / BASES
    before = file.read_text()
    with pytest.raises(OperationFailed, match="404"):
        images.pin(TODAY)
    assert file.read_text() == before
    upstream(images, b"one")
    with pytest.raises(OperationFailed, match=r"blueprint:1: is not in the registry yet; docker build --file"):
        images.pin(TODAY)
    assert builder_image("host/images", tmp_path) == "host/images/blueprint:1"
    made = based_on(b"builder")
    images.registry.push(made, images.name("blueprint"), "1")
    for content in (b"two", b"three"):
        base = upstream(images, content)
        assert images.pin(TODAY) == {"python": base.digest, "builder": made.digest}
        written = bases(tmp_path / "images")["python"]
        assert (written.digest, written.read) == (base.digest, TODAY)
    assert read(tmp_path / "images")
    assert builder_image("host/images", tmp_path) == f"host/images/blueprint@{made.digest}"


def test_an_image_starts_with_the_layers_of_its_pinned_base(images: Images, tmp_path: Path) -> None:
    base = upstream(images, b"one")
    cached = f"{images.names.repository('docker-hub').partition('/')[2]}/{UPSTREAM}"
    start = images.registry.start(cached, base.digest)
    made = making.make("churn", commit="c", start=start, index="")
    assert made.image.manifest["layers"][:1] == base.manifest["layers"]
    assert made.stand_in == "SANDBOX: without its packages"
    other = based_on(b"another").digest
    with pytest.raises(OperationFailed, match="404"):
        images.registry.start(cached, other)


def test_the_layers_of_the_base_arrive_where_the_registry_mounts_none(images: Images) -> None:
    base = upstream(images, b"one")
    cached = f"{images.names.repository('docker-hub').partition('/')[2]}/{UPSTREAM}"
    made = making.make("churn", commit="c", start=images.registry.start(cached, base.digest), index="")
    with pytest.raises(OperationFailed, match="is not here"):
        images.registry.push(made.image, images.name("churn"), "one")
    address = images.registry.push(made.image, images.name("churn"), "one", base=cached)
    assert address.endswith(f"/churn@{made.image.digest}")
    assert images.registry.has(images.name("churn"), made.image.digest)


def test_an_image_for_google_asks_for_its_packages_at_the_platform_and_nowhere_else(
    images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream(images, b"one")
    images.registry.push(based_on(b"builder"), images.name("blueprint"), "1")
    images.pin(TODAY)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    (package,) = yaml.safe_load((STACKS / "package_repositories.yaml").read_text())[PACKAGES]["of"][1:]
    assert package == "pypi"
    place = images.names.package_index(PACKAGES)
    with pytest.raises(OperationFailed, match=rf"churn/packages.txt: .*https://{place}") as failed:
        list(images.build(["churn"], "c", whole=True))
    assert redirect.OPERATOR not in str(failed.value), "the login is not shown"
