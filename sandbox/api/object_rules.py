"""What an object of Cloud Storage may be called, and what is said of one that the sandbox does not keep."""

import re
from typing import Any

from sandbox.api.errors import ApiError, invalid

_NOT_KEPT = (
    *("temporaryHold", "eventBasedHold", "retention", "acl", "kmsKeyName", "customTime", "contexts"),
    *("cacheControl", "contentDisposition", "contentEncoding", "contentLanguage"),
)
NOT_KEPT_BESIDE = (
    "predefinedAcl",
    "kmsKeyName",
    "contentEncoding",
    "destinationPredefinedAcl",
    "destinationKmsKeyName",
)


def kept(described: dict[str, Any]) -> dict[str, Any]:
    """Refuse what an object cannot have here: nobody shall believe in it."""
    if described.get("storageClass") not in (None, "", "STANDARD"):
        raise not_kept("storageClass")
    for key in _NOT_KEPT:
        if described.get(key):
            raise not_kept(key)
    return described


def not_kept(name: str) -> ApiError:
    """The refusal of one of them."""
    text = f"SANDBOX: objects have no {name} here; contentType and metadata are kept, and a bucket's retention policy"
    return ApiError(501, text)


def safe(name: str, *headers: str) -> None:
    """Refuse names that lead out of a folder when somebody writes them to a disk, and values that end a header."""
    parts = name.split("/")
    if len(name.encode()) > 1024 or {".", ".."} & set(parts) or name.startswith((".well-known/acme-challenge/", "/")):
        raise invalid([("name", f"Invalid object name: {name[:80]!r}")])
    if re.search(r"[\r\n\0]", name) or any(re.search(r"[\r\n\0]", value) for value in headers):
        raise invalid([("name", "Object names and headers cannot contain line breaks.")])
