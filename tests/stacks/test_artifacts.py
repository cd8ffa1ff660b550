"""Artifacts and catalog: immutable, scanned, encrypted, and written by one pipeline each."""

from settings.loading import names_of
from settings.model import Installation
from tests.estate import Estate
from tests.resolved import resolved

WRITES = ("artifactregistry.writer", "artifactregistry.repoAdmin", "artifactregistry.admin")
STORES = ("storage.objectCreator", "storage.objectUser", "storage.objectAdmin", "storage.admin")


def test_tags_of_own_images_never_move_and_images_are_scanned(estate: Estate) -> None:
    docker = [
        r.values for r in estate.resources("google_artifact_registry_repository") if r.values["format"] == "DOCKER"
    ]
    own = [repository for repository in docker if repository["mode"] == "STANDARD_REPOSITORY"]
    assert [repository["repository_id"] for repository in own] == ["images"]
    assert all(repository["docker_config"]["immutable_tags"] is True for repository in own)
    assert all(r["vulnerability_scanning_config"]["enablement_config"] == "INHERITED" for r in docker)
    enabled = {api.values["service"] for api in estate.resources("google_project_service", "artifacts")}
    assert "containerscanning.googleapis.com" in enabled


def test_every_repository_has_a_customer_key_and_own_ones_rehearse_their_cleanup(estate: Estate) -> None:
    for repository in estate.resources("google_artifact_registry_repository", "artifacts"):
        assert str(resolved(estate, repository, "kms_key_name")).endswith("/cryptoKeys/artifactregistry")
        if repository.values["mode"] == "STANDARD_REPOSITORY":
            assert {p["action"] for p in repository.values["cleanup_policies"]} == {"KEEP", "DELETE"}
            assert repository.values["cleanup_policy_dry_run"] is True


def test_public_packages_come_through_the_platform_so_that_nothing_needs_the_internet(estate: Estate) -> None:
    repositories = [r.values for r in estate.resources("google_artifact_registry_repository", "artifacts")]
    remote = {r["format"] for r in repositories if r["mode"] == "REMOTE_REPOSITORY"}
    assert remote == {"DOCKER", "PYTHON", "APT"}
    (virtual,) = [r for r in repositories if r["mode"] == "VIRTUAL_REPOSITORY"]
    first = max(virtual["virtual_repository_config"]["upstream_policies"], key=lambda policy: policy["priority"])
    assert first["id"] == "packages"


def test_only_the_container_pipeline_writes_images(estate: Estate, installation: Installation) -> None:
    names = names_of(installation)
    artifacts = names.project("common", "artifacts")
    writers: dict[str, set[str]] = {}
    for grant in estate.resources("google_artifact_registry_repository_iam_member"):
        if grant.values["project"] == artifacts and grant.values["role"].endswith(WRITES):
            writers.setdefault(grant.values["repository"], set()).add(str(resolved(estate, grant, "member")))
    assert writers["images"] == {f"serviceAccount:{names.service_account('common', 'delivery-w', 'container')}"}
    everywhere = [
        grant.address
        for grant in estate.resources("google_project_iam_member")
        if str(resolved(estate, grant, "project")) == artifacts and grant.values["role"].endswith(WRITES)
    ]
    assert everywhere == []


def test_only_the_interactive_pipeline_adds_templates_and_candidates_stay_apart(
    estate: Estate, installation: Installation
) -> None:
    names = names_of(installation)
    bucket = names.template_bucket()
    writers = {
        str(resolved(estate, grant, "member")): grant.values
        for grant in estate.resources("google_storage_bucket_iam_member")
        if str(resolved(estate, grant, "bucket")) == bucket and grant.values["role"].endswith(STORES)
    }
    publishing, checking = (
        f"serviceAccount:{names.service_account('common', 'delivery-i', role)}"
        for role in ("interactive", "interactive-check")
    )
    assert set(writers) == {publishing, checking}
    for who, folder in ((publishing, "published"), (checking, "candidates")):
        assert writers[who]["role"] == "roles/storage.objectCreator"
        assert f"/objects/{folder}/" in writers[who]["condition"]["expression"]


def test_templates_keep_their_versions_and_cannot_vanish_before_their_time(
    estate: Estate, installation: Installation
) -> None:
    (bucket,) = estate.resources("google_storage_bucket", "catalog")
    assert bucket.values["name"] == names_of(installation).template_bucket()
    assert bucket.values["versioning"]["enabled"] is True
    assert bucket.values["retention_policy"]["retention_period"] > 0
    assert bucket.values["force_destroy"] is False


def test_deployers_of_readers_may_hand_out_reading_and_nothing_else(estate: Estate) -> None:
    for stack, role in (("artifacts", "roles/artifactregistry.reader"), ("catalog", "roles/storage.objectViewer")):
        granters = estate.resources("google_project_iam_member", stack)
        assert granters
        for granter in granters:
            assert granter.values["condition"]["expression"].endswith(f".hasOnly(['{role}'])")
