"""A key that signs."""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_google.kms_crypto_key import KmsCryptoKey, KmsCryptoKeyVersionTemplate
from constructs import Construct

ALGORITHM = "EC_SIGN_P256_SHA256"


def signing_key(scope: Construct, id_: str, *, ring: str, name: str) -> KmsCryptoKey:
    """A signing key in a ring, which no plan destroys; its private half stays with Cloud KMS."""
    return KmsCryptoKey(
        scope,
        id_,
        key_ring=ring,
        name=name,
        purpose="ASYMMETRIC_SIGN",
        version_template=KmsCryptoKeyVersionTemplate(algorithm=ALGORITHM, protection_level="SOFTWARE"),
        lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
    )
