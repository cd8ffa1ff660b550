"""What a permission is for, done with Google's own clients: one call for each permission that a question asks about.

A question about a project is tried at what the project has: its staging bucket, its table of features.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import google.auth
from google.api_core.exceptions import Forbidden, from_http_status
from google.api_core.iam import Policy
from google.auth.transport.requests import AuthorizedSession
from google.cloud import (
    aiplatform_v1,
    artifactregistry_v1,
    bigquery,
    config_v1,
    kms,
    resourcemanager_v3,
    secretmanager,
    storage,
)
from google.cloud.devtools import cloudbuild_v1

SOLUTIONS = "https://cloudprivatecatalogproducer.googleapis.com/v1beta1"
REGION = "europe-west4"
ANY = [bigquery.SchemaField("any", "STRING")]
CREATES_JOBS = "aiplatform.customJobs.create"


@dataclass(frozen=True)
class Target:
    """The resource of a question, by its full name."""

    resource: str

    def part(self, after: str, otherwise: str = "") -> str:
        """The segment that follows another one."""
        parts = self.resource.split("/")
        return parts[parts.index(after) + 1] if after in parts else otherwise

    @property
    def name(self) -> str:
        """The resource without its host."""
        return self.resource[2:].partition("/")[2]

    @property
    def project(self) -> str:
        return self.part("projects")

    @property
    def parent(self) -> str:
        return f"projects/{self.project}/locations/{REGION}"

    @property
    def bucket(self) -> storage.Bucket:
        return storage.Client(project="p").bucket(self.part("buckets", f"{self.project}-staging"))

    @property
    def blob(self) -> storage.Blob:
        return self.bucket.blob(self.resource.partition("/objects/")[2] or "attempt")

    @property
    def table(self) -> str:
        return f"{self.project}.{self.part('datasets', 'features')}.{self.part('tables', 'features')}"

    @property
    def image(self) -> str:
        return f"https://{REGION}-docker.pkg.dev/v2/{self.project}/{self.part('repositories')}/attempt"


def _plain(method: str, address: str, body: dict[str, Any] | None = None) -> None:
    """A call by Google's own session, where no client for the service is installed."""
    session = AuthorizedSession(google.auth.default()[0])
    answer = session.request(method, address, data=json.dumps(body or {}), timeout=300)
    if not answer.ok:
        raise from_http_status(answer.status_code, answer.text)


def _iam(target: Target, host: str, verb: str, body: dict[str, Any] | None = None) -> None:
    _plain("POST", f"https://{host}.googleapis.com/v1/{target.name}{verb}", body)


def _jobs() -> aiplatform_v1.JobServiceClient:
    return aiplatform_v1.JobServiceClient()


def _describe(target: Target) -> None:
    blob = target.blob
    blob.metadata = {"a": "b"}
    blob.patch()


def _act_as(target: Target) -> None:
    """A job that runs as the account, in the first project where this person may start jobs at all."""
    spec = {"job_spec": {"service_account": target.part("serviceAccounts")}}
    for project in resourcemanager_v3.ProjectsClient().search_projects():
        try:
            _jobs().create_custom_job(parent=f"projects/{project.project_id}/locations/{REGION}", custom_job=spec)
        except Forbidden as refusal:
            if CREATES_JOBS in str(refusal):
                continue
            raise
        return
    raise Forbidden(f"{CREATES_JOBS} in no project")


def _export(target: Target) -> None:
    bucket = f"gs://{target.project}-staging/attempt"
    bigquery.Client(project=target.project).extract_table(target.table, bucket).result(timeout=300)


CALLS: dict[str, Callable[[Target], object]] = {
    CREATES_JOBS: lambda t: _jobs().create_custom_job(parent=t.parent, custom_job={}),
    "aiplatform.endpoints.create": lambda t: aiplatform_v1.EndpointServiceClient().create_endpoint(
        parent=t.parent, endpoint={"display_name": "attempt"}
    ),
    "aiplatform.endpoints.deploy": lambda t: aiplatform_v1.EndpointServiceClient().deploy_model(
        endpoint=f"{t.parent}/endpoints/1", deployed_model={"model": f"{t.parent}/models/1"}
    ),
    "aiplatform.featureOnlineStores.create": lambda t: (
        aiplatform_v1.FeatureOnlineStoreAdminServiceClient().create_feature_online_store(
            parent=t.parent, feature_online_store={}, feature_online_store_id="attempt"
        )
    ),
    "aiplatform.featureViews.fetchFeatureValues": lambda t: (
        aiplatform_v1.FeatureOnlineStoreServiceClient().fetch_feature_values(
            request={"feature_view": f"{t.parent}/featureOnlineStores/none/featureViews/none", "data_key": {"key": "1"}}
        )
    ),
    "aiplatform.hyperparameterTuningJobs.create": lambda t: _jobs().create_hyperparameter_tuning_job(
        parent=t.parent, hyperparameter_tuning_job={}
    ),
    "aiplatform.models.get": lambda t: aiplatform_v1.ModelServiceClient().get_model(name=f"{t.parent}/models/1"),
    "aiplatform.models.list": lambda t: aiplatform_v1.ModelServiceClient().list_models(parent=t.parent),
    "aiplatform.models.upload": lambda t: aiplatform_v1.ModelServiceClient().upload_model(parent=t.parent, model={}),
    "aiplatform.pipelineJobs.create": lambda t: aiplatform_v1.PipelineServiceClient().create_pipeline_job(
        parent=t.parent, pipeline_job={}
    ),
    "aiplatform.tensorboardRuns.create": lambda t: aiplatform_v1.TensorboardServiceClient().create_tensorboard_run(
        parent=f"{t.parent}/tensorboards/1/experiments/none", tensorboard_run={}, tensorboard_run_id="attempt"
    ),
    "artifactregistry.repositories.downloadArtifacts": lambda t: _plain("GET", f"{t.image}/manifests/latest"),
    "artifactregistry.repositories.uploadArtifacts": lambda t: _plain("POST", f"{t.image}/blobs/uploads/"),
    "artifactregistry.tags.delete": lambda t: artifactregistry_v1.ArtifactRegistryClient().delete_tag(
        name=f"{t.parent}/repositories/{t.part('repositories')}/packages/attempt/tags/latest"
    ),
    "bigquery.datasets.create": lambda t: bigquery.Client(project=t.project).create_dataset("attempt"),
    "bigquery.jobs.create": lambda t: bigquery.Client(project=t.project).query("SELECT 1"),
    "bigquery.tables.delete": lambda t: bigquery.Client(project=t.project).delete_table(t.table),
    "bigquery.tables.export": _export,
    "bigquery.tables.getData": lambda t: list(
        bigquery.Client(project=t.project).list_rows(bigquery.TableReference.from_string(t.table), selected_fields=ANY)
    ),
    "bigquery.tables.updateData": lambda t: bigquery.Client(project=t.project).insert_rows_json(t.table, [{}]),
    "cloudbuild.builds.approve": lambda t: cloudbuild_v1.CloudBuildClient().approve_build(
        name=f"projects/{t.project}/builds/none"
    ),
    "cloudbuild.builds.create": lambda t: cloudbuild_v1.CloudBuildClient().create_build(project_id=t.project, build={}),
    "cloudkms.cryptoKeyVersions.useToSign": lambda t: kms.KeyManagementServiceClient().asymmetric_sign(
        name=f"{t.name}/cryptoKeyVersions/1", digest={"sha256": bytes(32)}
    ),
    "cloudkms.cryptoKeyVersions.viewPublicKey": lambda t: kms.KeyManagementServiceClient().get_public_key(
        name=f"{t.name}/cryptoKeyVersions/1"
    ),
    "cloudprivatecatalogproducer.catalogs.create": lambda t: _plain(
        "POST", f"{SOLUTIONS}/catalogs", {"parent": t.name, "displayName": "attempt"}
    ),
    "cloudprivatecatalogproducer.catalogs.list": lambda t: _plain("GET", f"{SOLUTIONS}/catalogs?parent={t.name}"),
    "config.deployments.create": lambda t: config_v1.ConfigClient().create_deployment(
        parent=t.parent, deployment={}, deployment_id="attempt"
    ),
    "config.deployments.get": lambda t: config_v1.ConfigClient().get_deployment(name=f"{t.parent}/deployments/none"),
    "iam.serviceAccountKeys.create": lambda t: _iam(t, "iam", "/keys"),
    "iam.serviceAccounts.actAs": _act_as,
    "iam.serviceAccounts.getAccessToken": lambda t: _iam(
        t, "iamcredentials", ":generateAccessToken", {"scope": ["https://www.googleapis.com/auth/cloud-platform"]}
    ),
    "iam.serviceAccounts.setIamPolicy": lambda t: _iam(t, "iam", ":setIamPolicy", {"policy": {}}),
    "pubsub.topics.publish": lambda t: _iam(t, "pubsub", ":publish", {"messages": [{"data": ""}]}),
    "resourcemanager.projects.setIamPolicy": lambda t: resourcemanager_v3.ProjectsClient().set_iam_policy(
        {"resource": t.name, "policy": {}}
    ),
    "resourcemanager.projects.update": lambda t: resourcemanager_v3.ProjectsClient().update_project(
        project={"name": t.name, "display_name": "attempt"}, update_mask={"paths": ["display_name"]}
    ),
    "secretmanager.secrets.setIamPolicy": lambda t: secretmanager.SecretManagerServiceClient().set_iam_policy(
        {"resource": t.name, "policy": {}}
    ),
    "secretmanager.versions.access": lambda t: secretmanager.SecretManagerServiceClient().access_secret_version(
        name=f"projects/{t.project}/secrets/{t.part('secrets')}/versions/latest"
    ),
    "storage.buckets.create": lambda t: storage.Client(project=t.project).create_bucket(f"{t.project}-attempt"),
    "storage.buckets.delete": lambda t: t.bucket.delete(),
    "storage.buckets.setIamPolicy": lambda t: t.bucket.set_iam_policy(Policy()),
    "storage.objects.create": lambda t: t.blob.upload_from_string(b"x"),
    "storage.objects.delete": lambda t: t.blob.delete(),
    "storage.objects.get": lambda t: t.blob.download_as_bytes(),
    "storage.objects.update": _describe,
}
