"""Cloud KMS: keys that really encrypt and sign, with material that never leaves the sandbox's file."""

import base64
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sandbox.api.call import Call
from sandbox.api.errors import ApiError
from sandbox.api.verbs import key_versions as versions

Values = dict[str, Any]
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_MATERIAL = "kms:material"
_NOT_OURS = "Decryption failed: verify that 'name' refers to the correct CryptoKey."
_HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


def _encrypt(call: Call) -> Values:
    """With the version that the name tells, else the primary one; its number goes before what is sealed."""
    key = _key(call, "ENCRYPT_DECRYPT")
    number = int(call.name.partition("/cryptoKeyVersions/")[2] or versions.primary(call, key))
    name = versions.usable(call, f"{key}/cryptoKeyVersions/{number}")
    nonce, text = os.urandom(12), base64.b64decode(call.body.get("plaintext", ""))
    sealed = number.to_bytes(8) + nonce + AESGCM(_secret(call, name)).encrypt(nonce, text, _authenticated(call))
    return {"name": name, "ciphertext": base64.b64encode(sealed).decode()}


def _decrypt(call: Call) -> Values:
    key = _key(call, "ENCRYPT_DECRYPT")
    sealed = base64.b64decode(call.body.get("ciphertext", ""))
    number = int.from_bytes(sealed[:8])
    try:
        name = versions.usable(call, f"{key}/cryptoKeyVersions/{number}")
        text = AESGCM(_secret(call, name)).decrypt(sealed[8:20], sealed[20:], _authenticated(call))
    except (InvalidTag, ValueError, OverflowError):
        raise ApiError(400, _NOT_OURS) from None
    except ApiError as problem:
        raise ApiError(400, _NOT_OURS if problem.code == 404 else problem.message, problem.status) from None
    return {"plaintext": base64.b64encode(text).decode(), "usedPrimary": number == versions.primary(call, key)}


def _sign(call: Call) -> Values:
    name, digest = versions.usable(call, call.name), call.body.get("digest") or {}
    kind = next(iter(digest), "")
    if kind not in _HASHES:
        raise ApiError(400, "A digest is required: sha256, sha384 or sha512.")
    private, data = _private(call, name), base64.b64decode(digest[kind])
    ready = utils.Prehashed(_HASHES[kind])
    if isinstance(private, rsa.RSAPrivateKey):
        signature = private.sign(data, padding.PKCS1v15(), ready)
    else:
        signature = private.sign(data, ec.ECDSA(ready))
    return {"name": name, "signature": base64.b64encode(signature).decode()}


def _public(call: Call) -> Values:
    name = call.name.removesuffix("/publicKey")
    public = _private(call, name).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = public.public_bytes(serialization.Encoding.PEM, form).decode()
    return {"name": name, "pem": pem, "algorithm": versions.version(call, name)["algorithm"]}


def _key(call: Call, purpose: str) -> str:
    name = call.name.partition("/cryptoKeyVersions/")[0]
    found = call.resources.existing(call.api, name)
    if found.get("purpose", "ENCRYPT_DECRYPT") != purpose:
        raise ApiError(400, f"{name} has purpose {found.get('purpose')}, not {purpose}.", "FAILED_PRECONDITION")
    return name


def _authenticated(call: Call) -> bytes | None:
    return base64.b64decode(call.body.get("additionalAuthenticatedData", "")) or None


def _secret(call: Call, key: str) -> bytes:
    return base64.b64decode(_material(call, key, lambda: base64.b64encode(os.urandom(32)).decode()))


def _private(call: Call, name: str) -> Private:
    algorithm = str(versions.version(call, name)["algorithm"])
    if not algorithm.startswith(("EC_SIGN_P", "RSA_SIGN_PKCS1")):
        raise ApiError(400, f"{name} is a {algorithm} key; it does not sign.", "FAILED_PRECONDITION")

    def make() -> str:
        if algorithm.startswith("RSA"):
            made: Private = rsa.generate_private_key(65537, 2048)
        else:
            made = ec.generate_private_key(ec.SECP384R1() if "P384" in algorithm else ec.SECP256R1())
        form = serialization.PrivateFormat.PKCS8
        return made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()

    loaded = serialization.load_pem_private_key(_material(call, name, make).encode(), None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
    return loaded


def _material(call: Call, name: str, make: Any) -> str:
    with call.resources.writing:
        found = call.store.documents.get(_MATERIAL, name)
        if found is None:
            found = {"material": make()}
            call.store.documents.put(_MATERIAL, name, found)
        return str(found["material"])


_KEY = "cloudkms.projects.locations.keyRings.cryptoKeys."
METHODS = {
    f"{_KEY}encrypt": _encrypt,
    f"{_KEY}decrypt": _decrypt,
    f"{_KEY}cryptoKeyVersions.asymmetricSign": _sign,
    f"{_KEY}cryptoKeyVersions.getPublicKey": _public,
}
