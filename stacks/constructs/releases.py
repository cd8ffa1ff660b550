"""Signatures of releases: who signs moves nothing, and who moves signs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_google.kms_crypto_key_iam_member import KmsCryptoKeyIamMember
from cdktf_cdktf_provider_google.kms_key_ring import KmsKeyRing
from cdktf_cdktf_provider_google.storage_bucket_iam_member import StorageBucketIamMember
from constructs import Construct

from stacks.constructs.builder import CREATOR, VIEWER, inside
from stacks.constructs.signing_key import signing_key

USES = {"sign": ("roles/cloudkms.signer", CREATOR), "verify": ("roles/cloudkms.publicKeyViewer", VIEWER)}


class ReleaseKeys(Construct):
    """A signing key for the releases of each team. `of` maps a team to the id of its key."""

    def __init__(
        self, scope: Construct, id_: str, *, project_id: str, location: str, ring: str, teams: Sequence[str]
    ) -> None:
        super().__init__(scope, id_)
        made = KmsKeyRing(self, "ring", project=project_id, location=location, name=ring)
        self.of: dict[str, str] = {team: signing_key(self, team, ring=made.id, name=team).id for team in sorted(teams)}


class ReleaseUse(Construct):
    """Lets a builder `sign` or `verify` with a team's key: it adds signatures to the team's folder, or reads them."""

    def __init__(
        self, scope: Construct, id_: str, *, member: str, use: str, key: str, bucket: str, folder: str
    ) -> None:
        super().__init__(scope, id_)
        of_key, of_bucket = USES[use]
        KmsCryptoKeyIamMember(self, "key", crypto_key_id=key, role=of_key, member=member)
        own = inside(bucket, folder, listed=of_bucket == VIEWER)
        StorageBucketIamMember(self, "signatures", bucket=bucket, role=of_bucket, member=member, condition=own)
