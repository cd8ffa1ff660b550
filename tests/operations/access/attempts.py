"""Trying it: what a question asks for, done with Google's own clients against the sandbox as that person."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from google.api_core.exceptions import Forbidden, GoogleAPICallError, MethodNotImplemented
from google.cloud import (
    aiplatform_v1,
    artifactregistry_v1,
    bigquery,
    config_v1,
    resourcemanager_v3,
    secretmanager,
    storage,
)
from google.cloud.devtools import cloudbuild_v1

from sandbox import redirect

REGION = "europe-west4"
CLIENT, ASKING = "client", "testIamPermissions"


@dataclass(frozen=True)
class Target:
    """The resource of a question, by its full name."""

    resource: str

    def part(self, after: str) -> str:
        """The segment that follows another one."""
        parts = self.resource.split("/")
        return parts[parts.index(after) + 1]

    @property
    def project(self) -> str:
        return self.part("projects")

    @property
    def parent(self) -> str:
        return f"projects/{self.project}/locations/{REGION}"

    @property
    def blob(self) -> storage.Blob:
        name = self.resource.partition("/objects/")[2] or "attempt"
        return storage.Client(project="p").bucket(self.part("buckets")).blob(name)

    @property
    def table(self) -> str:
        return f"{self.project}.{self.part('datasets')}.{self.part('tables')}"


def _jobs() -> aiplatform_v1.JobServiceClient:
    return aiplatform_v1.JobServiceClient()


def _share(target: Target) -> None:
    bucket = storage.Client(project="p").bucket(target.part("buckets"))
    policy = bucket.get_iam_policy(requested_policy_version=3)
    bucket.set_iam_policy(policy)


def _describe(target: Target) -> None:
    blob = target.blob
    blob.metadata = {"a": "b"}
    blob.patch()


def _lineage(target: Target) -> None:
    aiplatform_v1.ModelServiceClient().list_models(parent=target.parent)


ATTEMPTS: dict[str, Callable[[Target], object]] = {
    "aiplatform.customJobs.create": lambda t: _jobs().create_custom_job(parent=t.parent, custom_job={}),
    "aiplatform.hyperparameterTuningJobs.create": lambda t: _jobs().create_hyperparameter_tuning_job(
        parent=t.parent, hyperparameter_tuning_job={}
    ),
    "aiplatform.pipelineJobs.create": lambda t: aiplatform_v1.PipelineServiceClient().create_pipeline_job(
        parent=t.parent, pipeline_job={}
    ),
    "aiplatform.models.list": _lineage,
    "aiplatform.models.get": lambda t: aiplatform_v1.ModelServiceClient().get_model(name=f"{t.parent}/models/1"),
    "aiplatform.models.upload": lambda t: aiplatform_v1.ModelServiceClient().upload_model(parent=t.parent, model={}),
    "aiplatform.endpoints.create": lambda t: aiplatform_v1.EndpointServiceClient().create_endpoint(
        parent=t.parent, endpoint={"display_name": "attempt"}
    ),
    "bigquery.datasets.create": lambda t: bigquery.Client(project=t.project).create_dataset("attempt"),
    "bigquery.jobs.create": lambda t: bigquery.Client(project=t.project).query("SELECT 1"),
    "cloudbuild.builds.approve": lambda t: cloudbuild_v1.CloudBuildClient().approve_build(
        name=f"projects/{t.project}/builds/none"
    ),
    "config.deployments.get": lambda t: config_v1.ConfigClient().get_deployment(name=f"{t.parent}/deployments/none"),
    "secretmanager.versions.access": lambda t: secretmanager.SecretManagerServiceClient().access_secret_version(
        name=f"projects/{t.project}/secrets/{t.part('secrets')}/versions/latest"
    ),
    "storage.buckets.create": lambda t: storage.Client(project=t.project).create_bucket(f"{t.project}-attempt"),
}
INSIDE: dict[tuple[str, str], Callable[[Target], object]] = {
    ("tables", "bigquery.tables.delete"): lambda t: bigquery.Client(project=t.project).delete_table(t.table),
    ("tables", "bigquery.tables.getData"): lambda t: list(bigquery.Client(project=t.project).list_rows(t.table)),
    ("tables", "bigquery.tables.updateData"): lambda t: bigquery.Client(project=t.project).insert_rows_json(
        t.table, [{}]
    ),
    ("buckets", "storage.buckets.setIamPolicy"): _share,
    ("buckets", "storage.objects.create"): lambda t: t.blob.upload_from_string(b"x"),
    ("buckets", "storage.objects.delete"): lambda t: t.blob.delete(),
    ("buckets", "storage.objects.get"): lambda t: t.blob.download_as_bytes(),
    ("buckets", "storage.objects.update"): _describe,
}


def doing(permission: str, where: str) -> Callable[[Target], object] | None:
    """The call that does what a permission is for, if there is one. `where` as people write it, or the full name."""
    kinds = {"tables": ("/tables/", "/table/"), "buckets": ("/buckets/", "/bucket/", "/object/")}
    for (kind, wanted), call in INSIDE.items():
        if wanted == permission and any(part in where for part in kinds[kind]):
            return call
    return ATTEMPTS.get(permission)


def attempt(principal: str, permission: str, resource: str) -> tuple[bool, str]:
    """Whether it works as `principal`, and by which way it was tried. Only IAM's refusal counts as a no.

    A call that IAM lets through may still miss what it names (404, 400); one that the sandbox does not know raises.
    """
    os.environ[redirect.PRINCIPAL] = principal
    target = Target(resource)
    call = doing(permission, resource)
    if call is None:
        return permission in _held(target, permission), ASKING
    try:
        call(target)
    except Forbidden as refusal:
        if permission in str(refusal):
            return False, CLIENT
        return permission in _held(target, permission), ASKING  # refused for another permission on the way
    except MethodNotImplemented:
        raise
    except GoogleAPICallError:
        return True, CLIENT
    return True, CLIENT


def _held(target: Target, permission: str) -> list[str]:
    """testIamPermissions, by the client of the service where there is one."""
    resource = target.resource
    if "/buckets/" in resource and "/objects/" not in resource:
        return list(storage.Client(project="p").bucket(target.part("buckets")).test_iam_permissions([permission]))
    asked = {"resource": resource[2:].partition("/")[2], "permissions": [permission]}
    if "/tables/" in resource:
        found = bigquery.Client(project=target.project).test_iam_permissions(target.table, [permission])
        return list(found.get("permissions", []))
    if "/repositories/" in resource:
        return list(artifactregistry_v1.ArtifactRegistryClient().test_iam_permissions(asked).permissions)
    if "/secrets/" in resource:
        return list(secretmanager.SecretManagerServiceClient().test_iam_permissions(asked).permissions)
    if resource.startswith("//cloudresourcemanager.googleapis.com/projects/"):
        return list(resourcemanager_v3.ProjectsClient().test_iam_permissions(asked).permissions)
    return _asked(target, permission)


def _asked(target: Target, permission: str) -> list[str]:
    """The generic call, for services of which no client is installed."""
    host, _, path = target.resource[2:].partition("/")
    address = f"{os.environ[redirect.ENDPOINT]}/{host.partition('.')[0]}/v1/{path}:testIamPermissions"
    token = {"authorization": f"Bearer sandbox:{os.environ[redirect.PRINCIPAL]}", "content-type": "application/json"}
    request = urllib.request.Request(address, json.dumps({"permissions": [permission]}).encode(), token)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            held: list[str] = json.load(answer).get("permissions", [])
            return held
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{address}: {error.code} {error.read().decode()}") from None
