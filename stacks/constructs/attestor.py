"""The seal that a promoted image carries."""

from __future__ import annotations

from cdktf_cdktf_provider_google.binary_authorization_attestor import (
    BinaryAuthorizationAttestor,
    BinaryAuthorizationAttestorAttestationAuthorityNote,
    BinaryAuthorizationAttestorAttestationAuthorityNotePublicKeys,
    BinaryAuthorizationAttestorAttestationAuthorityNotePublicKeysPkixPublicKey,
)
from cdktf_cdktf_provider_google.binary_authorization_policy import (
    BinaryAuthorizationPolicy,
    BinaryAuthorizationPolicyDefaultAdmissionRule,
)
from cdktf_cdktf_provider_google.container_analysis_note import (
    ContainerAnalysisNote,
    ContainerAnalysisNoteAttestationAuthority,
    ContainerAnalysisNoteAttestationAuthorityHint,
)
from cdktf_cdktf_provider_google.data_google_kms_crypto_key_version import DataGoogleKmsCryptoKeyVersion
from cdktf_cdktf_provider_google.kms_key_ring import KmsKeyRing
from constructs import Construct

from stacks.constructs.project import Project
from stacks.constructs.signing_key import signing_key

APIS = ("binaryauthorization", "cloudkms", "containeranalysis")


class Attestor(Construct):
    """A signing key, the note it signs under, and a policy that admits only images with the signature.

    Where Binary Authorization is enforced, an image without it does not run. The key is destroyed by no plan.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: Project,
        location: str,
        name: str,
        statement: str,
    ) -> None:
        super().__init__(scope, id_)
        binaryauthorization, cloudkms, containeranalysis = (project.using(api) for api in APIS)
        ring = KmsKeyRing(self, "ring", project=cloudkms, location=location, name=name)
        key = signing_key(self, "key", ring=ring.id, name=name)
        version = DataGoogleKmsCryptoKeyVersion(self, "version", crypto_key=key.id)
        note = ContainerAnalysisNote(
            self,
            "note",
            project=containeranalysis,
            name=name,
            attestation_authority=ContainerAnalysisNoteAttestationAuthority(
                hint=ContainerAnalysisNoteAttestationAuthorityHint(human_readable_name=statement)
            ),
        )
        attestor = BinaryAuthorizationAttestor(
            self,
            "attestor",
            project=binaryauthorization,
            name=name,
            description=statement,
            attestation_authority_note=BinaryAuthorizationAttestorAttestationAuthorityNote(
                note_reference=note.name,
                public_keys=[
                    BinaryAuthorizationAttestorAttestationAuthorityNotePublicKeys(
                        id=version.id,
                        pkix_public_key=BinaryAuthorizationAttestorAttestationAuthorityNotePublicKeysPkixPublicKey(
                            public_key_pem=version.public_key.get(0).pem,
                            signature_algorithm=version.public_key.get(0).algorithm,
                        ),
                    )
                ],
            ),
        )
        BinaryAuthorizationPolicy(
            self,
            "policy",
            project=binaryauthorization,
            description=statement,
            global_policy_evaluation_mode="ENABLE",
            default_admission_rule=BinaryAuthorizationPolicyDefaultAdmissionRule(
                evaluation_mode="REQUIRE_ATTESTATION",
                enforcement_mode="ENFORCED_BLOCK_AND_AUDIT_LOG",
                require_attestations_by=[attestor.name],
            ),
        )
