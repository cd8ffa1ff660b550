"""Keys: one per service, region and environment, in a project of their own that nobody but its deployer touches."""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_google.kms_crypto_key import KmsCryptoKey, KmsCryptoKeyVersionTemplate
from cdktf_cdktf_provider_google.kms_key_ring import KmsKeyRing
from constructs import Construct

from settings.model import Organization
from settings.names import COMMON, Names
from stacks.constructs.folder import folder_of
from stacks.constructs.project import Project
from stacks.stack import Stack

DAY = 24 * 60 * 60


class KeysStack(Stack):
    """The keys project of one environment with a ring per region and a key per service, rotated and never destroyed.

    Grants on the keys live where the granted agent lives: with the project that uses the key.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        environment: str,
        services: list[str],
        apis: list[str],
        rotation_days: int,
        protection: str,
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=environment, concern="keys")
        project = Project(
            self,
            "project",
            project_id=names.project(environment, "keys"),
            folder=folder_of(self, environment, organization=organization, names=names),
            billing_account=organization.billing_account,
            labels=names.labels(environment, "keys"),
            apis=apis,
            adopted=organization.existing.projects.get(f"{environment}-keys"),
        )
        for region in organization.regions:
            ring_id = names.key_ring(environment, region)
            adopted = organization.existing.key_rings.get(ring_id.rsplit("/", 1)[1])
            if not (adopted and adopted.adopt == "reference"):
                ring = KmsKeyRing(
                    self,
                    f"ring-{region}",
                    project=project.using("cloudkms"),
                    location=region,
                    name=ring_id.rsplit("/", 1)[1],
                )
                if adopted:
                    ring.import_from(adopted.id)
                ring_id = ring.id
            for service in services:
                KmsCryptoKey(
                    self,
                    f"key-{region}-{service}",
                    key_ring=ring_id,
                    name=names.key(COMMON, region, service).rsplit("/", 1)[1],
                    purpose="ENCRYPT_DECRYPT",
                    rotation_period=f"{rotation_days * DAY}s",
                    destroy_scheduled_duration=f"{30 * DAY}s",
                    version_template=KmsCryptoKeyVersionTemplate(
                        algorithm="GOOGLE_SYMMETRIC_ENCRYPTION", protection_level=protection
                    ),
                    lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
                )
