"""Seals: a signed statement of who built an image from what, kept beside it in the registry.

The statement is SLSA provenance (in-toto Statement 1, predicate 1), the envelope DSSE 1, the signature one of a key in
Cloud KMS whose private half nobody has. It is stored under the tag that cosign uses, `sha256-DIGEST.att`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from operations.images.registry import Registry
from operations.outcome import Exit, OperationFailed
from pipelines.images.layout import Built, Start, build

PAYLOAD = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
Values = dict[str, Any]


@dataclass(frozen=True)
class Origin:
    """Where an image comes from: the build, the commit, what it started from, and what was found in it."""

    builder: str
    build: str
    repository: str
    commit: str
    base: str
    packages: str
    checks: tuple[str, ...]
    approver: str

    def statement(self, name: str, digest: str) -> bytes:
        """The statement about an image, the same for the same origin."""
        materials = [
            {"uri": f"git+{self.repository}", "digest": {"gitCommit": self.commit}},
            {"uri": f"pkg:docker/{self.base}"},
            {"uri": "packages.txt", "digest": {"sha256": self.packages}},
        ]
        predicate = {
            "buildDefinition": {
                "buildType": "https://cloud.google.com/build",
                "externalParameters": {"image": name, "commit": self.commit},
                "internalParameters": {"checks": list(self.checks), "approver": self.approver},
                "resolvedDependencies": materials,
            },
            "runDetails": {"builder": {"id": self.builder}, "metadata": {"invocationId": self.build}},
        }
        subject = [{"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}]
        whole = {"_type": STATEMENT, "subject": subject, "predicateType": PROVENANCE, "predicate": predicate}
        return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()


def seal(registry: Registry, name: str, digest: str, origin: Origin, key: str) -> str:
    """Sign the statement with a version of a key and put it beside the image; the address of the seal.

    OperationFailed where there is no such image, or it is sealed already.
    """
    from google.cloud.kms import Digest, KeyManagementServiceClient

    if not registry.has(name, digest):
        raise OperationFailed(f"{name}@{digest}", "is not in the registry", "push it first", code=Exit.BAD_INPUT)
    payload = origin.statement(f"{registry.host}/{name}", digest)
    hashed = Digest(sha256=hashlib.sha256(_encoded(payload)).digest())
    signature = KeyManagementServiceClient().asymmetric_sign(request={"name": key, "digest": hashed}).signature
    envelope = {
        "payloadType": PAYLOAD,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key, "sig": base64.b64encode(signature).decode()}],
    }
    return registry.push(_artifact(envelope), name, _tag(digest))


def opened(registry: Registry, name: str, digest: str, key: str) -> Values:
    """The statement about an image, once its signature has been verified. OperationFailed (a gate says no) else."""
    place, way_out = f"{name}@{digest}", "do not use it; have it built and approved by the container pipeline"
    envelope = registry.content(name, _tag(digest))
    if envelope is None:
        raise OperationFailed(place, "carries no seal", way_out, code=Exit.REFUSED)
    try:
        told = json.loads(envelope)
        payload = base64.b64decode(told["payload"], validate=True)
        _verify(key, payload, base64.b64decode(told["signatures"][0]["sig"], validate=True))
        statement: Values = json.loads(payload)
        subject = statement["subject"][0]["digest"]["sha256"]
    except _Forged:
        raise OperationFailed(place, "has a seal that our key did not make", way_out, code=Exit.REFUSED) from None
    except (ValueError, KeyError, IndexError, TypeError):
        raise OperationFailed(place, "has a seal that cannot be read", way_out, code=Exit.REFUSED) from None
    if f"sha256:{subject}" != digest:
        raise OperationFailed(place, "has the seal of another image", way_out, code=Exit.REFUSED)
    return statement


class _Forged(Exception):  # noqa: N818 - it says what happened
    """The signature is not the key's."""


def _verify(key: str, payload: bytes, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from google.cloud.kms import KeyManagementServiceClient

    public = load_pem_public_key(KeyManagementServiceClient().get_public_key(request={"name": key}).pem.encode())
    assert isinstance(public, EllipticCurvePublicKey)
    try:
        public.verify(signature, _encoded(payload), ECDSA(SHA256()))
    except InvalidSignature:
        raise _Forged from None


def _encoded(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what is really signed."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload)


def _artifact(envelope: Values) -> Built:
    data = json.dumps(envelope, sort_keys=True).encode()
    return build(Start(), [data], command=[], user=0, folder="", labels={"dev.sigstore.predicate": PROVENANCE})


def _tag(digest: str) -> str:
    return f"{digest.replace(':', '-')}.att"
