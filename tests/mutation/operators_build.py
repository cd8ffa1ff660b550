"""Defects in what is built and what runs: images, approvals, identities of builds, endpoints, Composer."""

from __future__ import annotations

from tests.mutation.operators import Change, Values, drop, gone, images, only, put

TRIGGER, REGISTRY = "google_cloudbuild_trigger", "google_artifact_registry_repository"
ADMISSION, COMPOSER = "google_binary_authorization_policy", "google_composer_environment"
OPEN = 'gcloud ai custom-jobs create --config={"enableWebAccess": true}'


def approved(values: Values) -> bool:
    return "'approval_required': True" in str(values)


def of_code(values: Values) -> bool:
    return any(f"'{event}': [{{" in str(values) for event in ("push", "pull_request"))


def in_production(values: Values) -> Values:
    return put(substitutions=(values.get("substitutions") or {}) | {"_ENVIRONMENT": "production"})(values)


def own_images(values: Values) -> bool:
    return values["format"] == "DOCKER" and values["mode"] == "STANDARD_REPOSITORY"


OPERATORS: dict[str, tuple[tuple[str, ...], Change]] = {
    "image: of a public registry": ((TRIGGER,), images("docker.io/library/python:3.12")),
    "image: of another project": ((TRIGGER,), images("europe-west4-docker.pkg.dev/somebody-else/images/blueprint:1")),
    "build: without approval": ((TRIGGER,), only(approved, put(approval_config__approval_required=False))),
    "build: approval taken out": ((TRIGGER,), only(approved, drop("approval_config"))),
    "build: straight into production": (
        (TRIGGER,),
        only(lambda v: not approved(v) and of_code(v), in_production),
    ),
    "build: on shared workers": ((TRIGGER,), put(build__options__worker_pool=None)),
    "build: as a shared account": ((TRIGGER,), put(service_account=None)),
    "build: log in a bucket": ((TRIGGER,), put(build__options__logging="GCS_ONLY")),
    "build: from nowhere": ((TRIGGER,), put(repository_event_config=[], source_to_build=[])),
    "build: opens a shell into jobs": ((TRIGGER,), put(build__step__args=[OPEN])),
    "workers: with an address": (("google_cloudbuild_worker_pool",), put(worker_config__no_external_ip=False)),
    "registry: tags move": ((REGISTRY,), only(own_images, put(docker_config=[{"immutable_tags": False}]))),
    "registry: nothing is scanned": (
        (REGISTRY,),
        put(vulnerability_scanning_config__enablement_config="DISABLED"),
    ),
    "registry: never cleans up": ((REGISTRY,), put(cleanup_policies=[])),
    "admission: of everything": ((ADMISSION,), put(default_admission_rule__evaluation_mode="ALWAYS_ALLOW")),
    "admission: only noted": ((ADMISSION,), put(default_admission_rule__enforcement_mode="DRYRUN_AUDIT_LOG_ONLY")),
    "admission: taken out": ((ADMISSION,), gone),
    "endpoint: public": (
        ("google_vertex_ai_endpoint",),
        put(private_service_connect_config=[], network=None),
    ),
    "features: public": (("google_vertex_ai_feature_online_store",), put(bigtable=[], optimized=[{}])),
    "features: emptied by force": (("google_vertex_ai_feature_online_store",), put(force_destroy=True)),
    "composer: public": ((COMPOSER,), put(config__enable_private_environment=False)),
    "composer: builds in public": ((COMPOSER,), put(config__enable_private_builds_only=False)),
    "composer: of any version": ((COMPOSER,), put(config__software_config__image_version="composer-3-airflow-2")),
    "composer: as a shared account": ((COMPOSER,), put(config__node_config__service_account=None)),
    "notebook: in operations": (
        ("google_vertex_ai_metadata_store",),
        only(lambda v: "-int-" not in v["project"], lambda v: v | {"__new__": "google_workbench_instance"}),
    ),
}
