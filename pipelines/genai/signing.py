"""Signatures over a release lock: by a key of this computer, or by Cloud KMS. Both sign SHA-256 with ECDSA P-256."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

HASH = Prehashed(hashes.SHA256())


class Signer(Protocol):
    """Something that holds a key."""

    name: str

    def sign(self, content: bytes) -> bytes:
        """The signature of a content."""

    def public_key(self) -> bytes:
        """The public half, as PEM."""


class LocalKey:
    """A key in a file that only its owner reads; made at its first use. For the sandbox."""

    def __init__(self, path: Path) -> None:
        self.name = "a key of this computer (sandbox)"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            key = ec.generate_private_key(ec.SECP256R1())
            plain = serialization.NoEncryption()
            path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
        loaded = serialization.load_pem_private_key(path.read_bytes(), None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        self._key = loaded

    def sign(self, content: bytes) -> bytes:
        return self._key.sign(hashlib.sha256(content).digest(), ec.ECDSA(HASH))

    def public_key(self) -> bytes:
        kind = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, kind)


class KmsKey:
    """A key version of Cloud KMS (EC_SIGN_P256_SHA256); the key never leaves it."""

    def __init__(self, version: str) -> None:
        from google.cloud import kms

        self.name, self._client = version, kms.KeyManagementServiceClient()

    def sign(self, content: bytes) -> bytes:
        digest = {"sha256": hashlib.sha256(content).digest()}
        signature: bytes = self._client.asymmetric_sign(request={"name": self.name, "digest": digest}).signature
        return signature

    def public_key(self) -> bytes:
        pem: str = self._client.get_public_key(request={"name": self.name}).pem
        return pem.encode()


def signature(content: bytes, signer: Signer) -> str:
    """The signature as text."""
    return base64.b64encode(signer.sign(content)).decode()


def holds(content: bytes, text: str, public_key: bytes) -> bool:
    """Whether a signature is of this content and this key."""
    key = serialization.load_pem_public_key(public_key)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        key.verify(base64.b64decode(text, validate=True), hashlib.sha256(content).digest(), ec.ECDSA(HASH))
    except (InvalidSignature, ValueError):
        return False
    return True
