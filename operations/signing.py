"""Signatures of Cloud KMS: ECDSA on P-256 over SHA-256, by a key version whose private half nobody has."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from operations.google_words import credentials, told

if TYPE_CHECKING:
    from google.cloud.kms import KeyManagementServiceClient


def signature(key: str, data: bytes) -> bytes:
    """A key version's signature."""
    from google.cloud.kms import Digest

    hashed = Digest(sha256=hashlib.sha256(data).digest())
    with told(key):
        answer = _client(key).asymmetric_sign(request={"name": key, "digest": hashed})
    return bytes(answer.signature)


def holds(key: str, data: bytes, signature: bytes) -> bool:
    """Whether a signature is of this content and this key version."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    with told(key):
        public = load_pem_public_key(_client(key).get_public_key(request={"name": key}).pem.encode())
    assert isinstance(public, EllipticCurvePublicKey)
    try:
        public.verify(signature, data, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _client(key: str) -> KeyManagementServiceClient:
    from google.cloud.kms import KeyManagementServiceClient

    return KeyManagementServiceClient(credentials=credentials(key))
