"""A key in the very project that uses it, for the one project that is there before any keys project."""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_google.kms_crypto_key import KmsCryptoKey, KmsCryptoKeyVersionTemplate
from cdktf_cdktf_provider_google.kms_crypto_key_iam_member import KmsCryptoKeyIamMember
from cdktf_cdktf_provider_google.kms_key_ring import KmsKeyRing
from constructs import Construct

from stacks.constructs.project import ENCRYPTER, Project

DAY = 24 * 60 * 60


class OwnKey(Construct):
    """A rotated key that no plan destroys. `key` is its id, to be had only once the service's agent may use it."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: Project,
        location: str,
        ring: str,
        service: str,
        rotation_days: int,
    ) -> None:
        super().__init__(scope, id_)
        key_ring = KmsKeyRing(self, "ring", project=project.using("cloudkms"), location=location, name=ring)
        key = KmsCryptoKey(
            self,
            "key",
            key_ring=key_ring.id,
            name=service,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=f"{rotation_days * DAY}s",
            destroy_scheduled_duration=f"{30 * DAY}s",
            version_template=KmsCryptoKeyVersionTemplate(
                algorithm="GOOGLE_SYMMETRIC_ENCRYPTION", protection_level="SOFTWARE"
            ),
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
        )
        grant = KmsCryptoKeyIamMember(
            self, "grant", crypto_key_id=key.id, role=ENCRYPTER, member=project.agent(service)
        )
        self.key: str = grant.crypto_key_id
