"""Vertex AI: what a model is tracked with and served from."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformStack
from cdktf_cdktf_provider_google.vertex_ai_endpoint import (
    VertexAiEndpoint,
    VertexAiEndpointEncryptionSpec,
    VertexAiEndpointPrivateServiceConnectConfig,
)
from cdktf_cdktf_provider_google.vertex_ai_tensorboard import VertexAiTensorboard, VertexAiTensorboardEncryptionSpec
from cdktf_cdktf_provider_google_beta.google_vertex_ai_metadata_store import (
    GoogleVertexAiMetadataStore,
    GoogleVertexAiMetadataStoreEncryptionSpec,
)
from constructs import Construct

from stacks.constructs.project import Project


class Tracking(Construct):
    """The project's metadata store, the one that pipelines and experiments write to, and a TensorBoard; both with a
    customer key."""

    def __init__(
        self, scope: Construct, id_: str, *, project: Project, region: str, title: str, tensorboard: str
    ) -> None:
        super().__init__(scope, id_)
        GoogleVertexAiMetadataStore(
            self,
            "metadata",
            provider=TerraformStack.of(self).node.find_child("google-beta"),
            project=project.using("aiplatform"),
            region=region,
            # Danger: pipelines and experiments use the store with this name and no other.
            name="default",
            description=f"Lineage of {title}",
            encryption_spec=GoogleVertexAiMetadataStoreEncryptionSpec(kms_key_name=project.key("aiplatform")),
        )
        VertexAiTensorboard(
            self,
            "tensorboard",
            project=project.using("aiplatform"),
            region=region,
            display_name=tensorboard,
            encryption_spec=VertexAiTensorboardEncryptionSpec(kms_key_name=project.key("aiplatform")),
        )


class Endpoint(Construct):
    """An endpoint without models, to be reached over private service connect from the given projects only.

    `name` is all digits. Which models it serves is up to pipelines, so nothing here takes their traffic away.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: Project,
        region: str,
        name: str,
        display_name: str,
        callers: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        VertexAiEndpoint(
            self,
            "endpoint",
            project=project.using("aiplatform"),
            location=region,
            region=region,
            name=name,
            display_name=display_name,
            encryption_spec=VertexAiEndpointEncryptionSpec(kms_key_name=project.key("aiplatform")),
            private_service_connect_config=VertexAiEndpointPrivateServiceConnectConfig(
                enable_private_service_connect=True, project_allowlist=sorted(callers)
            ),
        )
