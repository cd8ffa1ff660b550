"""Images: pushed and pulled by the registry protocol, kept as OCI layouts, named by the hash of their manifest."""

import hashlib
import json

import pytest
import requests
from google.api_core.exceptions import NotFound
from google.cloud import artifactregistry_v1 as registry

from sandbox.images import ImageRefused, Images

PLACE = "projects/p1/locations/europe-west1"
BASE = "https://europe-west1-docker.pkg.dev/v2/p1/images/serving/churn"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@pytest.fixture
def repository(cloud):
    docker = {"immutable_tags": True}
    wanted = registry.Repository(format_=registry.Repository.Format.DOCKER, docker_config=docker)
    client = registry.ArtifactRegistryClient()
    return client.create_repository(parent=PLACE, repository=wanted, repository_id="images").result(timeout=300)


def session(principal="operator"):
    made = requests.Session()
    made.headers["Authorization"] = f"Bearer sandbox:{principal}"
    return made


def pushed(layer: bytes, tag: str):
    """Push an image of one layer as a Docker client does; the answer to its manifest, and the manifest."""
    http, parts = session(), []
    for data in (b"{}", layer):
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        begun = http.post(f"{BASE}/blobs/uploads/")
        place = f"https://europe-west1-docker.pkg.dev{begun.headers['Location'].removeprefix('/docker/europe-west1')}"
        http.patch(place, data)
        assert http.put(place, params={"digest": digest}).status_code == 201
        parts.append({"mediaType": "application/octet-stream", "digest": digest, "size": len(data)})
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": parts[0], "layers": parts[1:]}).encode()
    return http.put(f"{BASE}/manifests/{tag}", manifest, headers={"Content-Type": MANIFEST}), manifest


def test_the_digest_is_the_hash_of_the_manifest_and_brings_the_image_back(cloud, repository):
    answer, manifest = pushed(b"layer", "v1")
    digest = f"sha256:{hashlib.sha256(manifest).hexdigest()}"
    assert (answer.status_code, answer.headers["Docker-Content-Digest"]) == (201, digest)
    for reference in ("v1", digest):
        found = session().get(f"{BASE}/manifests/{reference}")
        assert (found.content, found.headers["Content-Type"]) == (manifest, MANIFEST)
    layout = Images(cloud.store, "europe-west1", "p1", "images").layout("serving/churn")
    assert (layout / "blobs" / "sha256" / digest.partition(":")[2]).read_bytes() == manifest
    (held,) = registry.ArtifactRegistryClient().list_docker_images(parent=repository.name)
    assert (held.uri, list(held.tags)) == (f"europe-west1-docker.pkg.dev/p1/images/serving/churn@{digest}", ["v1"])


def test_an_immutable_tag_refuses_another_image_but_not_the_same(cloud, repository):
    first, _ = pushed(b"one", "v1")
    assert pushed(b"one", "v1")[0].status_code == 201
    again, _ = pushed(b"two", "v1")
    assert (again.status_code, "immutability" in again.text) == (400, True)
    assert pushed(b"two", "v2")[0].status_code == 201
    found = session().get(f"{BASE}/manifests/v1").headers["Docker-Content-Digest"]
    assert found == first.headers["Docker-Content-Digest"]


def test_a_movable_tag_moves(cloud):
    client, docker = registry.ArtifactRegistryClient(), registry.Repository(format_=registry.Repository.Format.DOCKER)
    client.create_repository(parent=PLACE, repository=docker, repository_id="images").result(timeout=300)
    digests = [pushed(layer, "latest")[0].headers["Docker-Content-Digest"] for layer in (b"one", b"two")]
    images = Images(cloud.store, "europe-west1", "p1", "images")
    assert images.digests("serving/churn") == {digests[0]: [], digests[1]: ["latest"]}


def test_what_is_not_whole_is_refused(cloud, repository):
    http = session()
    wrong = http.post(f"{BASE}/blobs/uploads/", b"data", params={"digest": f"sha256:{'0' * 64}"})
    missing = json.dumps({"layers": [{"digest": f"sha256:{'1' * 64}"}]})
    assert wrong.json()["errors"][0]["code"] == "DIGEST_INVALID"
    assert http.put(f"{BASE}/manifests/v1", missing).json()["errors"][0]["code"] == "BLOB_UNKNOWN"
    assert http.put(f"{BASE}/manifests/v1", "nonsense").json()["errors"][0]["code"] == "MANIFEST_INVALID"
    images = Images(cloud.store, "europe-west1", "p1", "images")
    for name in ("../x", "a/../../b", "A"):
        with pytest.raises(ImageRefused):
            images.layout(name)


def test_who_may_only_read_does_not_push(cloud, repository):
    pushed(b"layer", "v1")
    reader = "serviceAccount:run@p1.iam.gserviceaccount.com"
    assert session(reader).get(f"{BASE}/manifests/v1").status_code == 403
    values = {"project": "p1", "role": "roles/artifactregistry.reader", "member": reader, "condition": []}
    cloud.store.put("google_project_iam_member", f"p1/{values['role']}/{reader}", values)
    assert session(reader).get(f"{BASE}/manifests/v1").status_code == 200
    assert session(reader).put(f"{BASE}/manifests/v2", b"{}").status_code == 403


def test_packages_versions_and_tags_are_those_of_the_images(cloud, repository):
    answer, _ = pushed(b"layer", "v1")
    digest = answer.headers["Docker-Content-Digest"]
    client = registry.ArtifactRegistryClient()
    (package,) = client.list_packages(parent=repository.name)
    assert package.name == f"{repository.name}/packages/serving%2Fchurn"
    assert client.get_package(name=package.name) == package
    (version,) = client.list_versions(parent=package.name)
    assert (version.name, client.get_version(name=version.name)) == (f"{package.name}/versions/{digest}", version)
    (tag,) = client.list_tags(parent=package.name)
    assert (tag.name, client.get_tag(name=tag.name).version) == (f"{package.name}/tags/v1", version.name)
    (image,) = client.list_docker_images(parent=repository.name)
    assert client.get_docker_image(name=image.name).tags == ["v1"]
    with pytest.raises(NotFound):
        client.get_tag(name=f"{package.name}/tags/v2")
