"""The part of Cloud Storage that Terraform's gcs backend uses, without the wire: a request in, an answer out."""

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sandbox.crc32c import crc32c
from sandbox.objects import StoredObject
from sandbox.state_locks import is_lock, remember_living
from sandbox.store import Store
from sandbox.uploads import Resumable, Upload, multipart, parse_description

_API = ["storage", "v1", "b"]
_PAGE = 1000
# A condition that is silently ignored would let two writers overwrite each other.
_UNKNOWN_CONDITIONS = {"ifGenerationNotMatch", "ifMetagenerationMatch", "ifMetagenerationNotMatch"}


@dataclass(frozen=True)
class Request:
    """One HTTP request; header names in lower case, the path decoded and split at its slashes."""

    method: str
    path: list[str]
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What goes back: status, body, headers."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Refusal(Exception):  # noqa: N818
    """An answer other than the wanted one: HTTP status, Google's word for the reason, and a sentence."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


@dataclass(frozen=True)
class BucketApi:
    """Answers requests from a store; raises Refusal, or SandboxError and ValueError for what makes no sense."""

    store: Store
    resumable: Resumable
    port: int

    def answer(self, request: Request) -> Answer:
        unknown = _UNKNOWN_CONDITIONS & request.query.keys()
        if unknown:
            raise Refusal(400, "invalid", f"the sandbox does not know {', '.join(sorted(unknown))}")
        match request.method, request.path:
            case "GET", [*api, bucket, "o"] if api == _API:
                return self._list(bucket, request.query)
            case "GET", [*api, bucket, "o", name] if api == _API:
                found = self._object(bucket, name)
                return _media(found) if request.query.get("alt") == "media" else _json(resource(found))
            case "DELETE", [*api, bucket, "o", name] if api == _API:
                self._object(bucket, name)
                self.store.objects.delete(bucket, name, if_generation=_expected(request.query))
                return Answer(204)
            case "POST" | "PUT", ["upload", *api, bucket, "o"] if api == _API:
                self._require(bucket)
                return self._upload(bucket, request)
            case "GET" | "HEAD", [bucket, first, *rest]:
                return _media(self._object(bucket, "/".join([first, *rest])))
        raise Refusal(404, "notFound", f"the sandbox serves no {request.method} /{'/'.join(request.path)}")

    def _require(self, bucket: str) -> None:
        if self.store.get("google_storage_bucket", bucket) is None:
            raise Refusal(404, "notFound", "The specified bucket does not exist.")

    def _object(self, bucket: str, name: str) -> StoredObject:
        self._require(bucket)
        found = self.store.objects.get(bucket, name)
        if found is None:
            raise Refusal(404, "notFound", f"No such object: {bucket}/{name}")
        return found

    def _list(self, bucket: str, query: dict[str, str]) -> Answer:
        self._require(bucket)
        prefix, delimiter, token = (query.get(key, "") for key in ("prefix", "delimiter", "pageToken"))
        size = min(int(query.get("maxResults") or _PAGE), _PAGE)
        entries: dict[str, StoredObject | None] = {}
        for found in self.store.objects.find(bucket, prefix):
            head, cut, _ = found.name[len(prefix) :].partition(delimiter) if delimiter else (found.name, "", "")
            entries[prefix + head + cut if cut else found.name] = None if cut else found
        names = sorted(name for name in entries if name > token)
        page = {name: entries[name] for name in names[:size]}
        listing: dict[str, Any] = {
            "kind": "storage#objects",
            "items": [resource(found) for found in page.values() if found],
            "prefixes": [name for name, found in page.items() if not found],
        }
        if len(names) > size:
            listing["nextPageToken"] = names[size - 1]
        return _json(listing)

    def _upload(self, bucket: str, request: Request) -> Answer:
        query, content_type = request.query, request.headers.get("content-type", "")
        if "upload_id" in query:
            span = request.headers.get("content-range", "")
            received, upload, begun = self.resumable.receive(query["upload_id"], span, request.body)
            if upload is None:
                return Answer(308, headers=(("Range", f"bytes=0-{received - 1}"),) if received else ())
            return self._write(bucket, begun, upload)
        match query.get("uploadType"):
            case "multipart":
                return self._write(bucket, query, multipart(content_type, request.body))
            case "media":
                return self._write(bucket, query, Upload({"contentType": content_type}, request.body))
            case "resumable":
                upload_id = self.resumable.begin(parse_description(request.body), query)
                place = f"http://127.0.0.1:{self.port}/upload/{'/'.join(_API)}/{quote(bucket)}/o"
                return Answer(200, headers=(("Location", f"{place}?uploadType=resumable&upload_id={upload_id}"),))
        raise Refusal(400, "invalid", f"the sandbox does not know uploadType {query.get('uploadType')!r}")

    def _write(self, bucket: str, query: dict[str, str], upload: Upload) -> Answer:
        name = query.get("name") or str(upload.description.get("name", ""))
        if not name:
            raise Refusal(400, "required", "Required parameter: name")
        made = self.store.objects.put(
            bucket,
            name,
            upload.data,
            if_generation=_expected(query),
            content_type=str(upload.description.get("contentType") or "application/octet-stream"),
            metadata=remember_living(self.store) if is_lock(name) else upload.description.get("metadata"),
        )
        return _json(resource(made))


def _expected(query: dict[str, str]) -> int | None:
    return int(query["ifGenerationMatch"]) if "ifGenerationMatch" in query else None


def resource(found: StoredObject) -> dict[str, Any]:
    """An object as Cloud Storage describes it."""
    return {
        "kind": "storage#object",
        "id": f"{found.bucket}/{found.name}/{found.generation}",
        "bucket": found.bucket,
        "name": found.name,
        "generation": str(found.generation),
        "metageneration": str(found.metageneration),
        "size": str(found.size),
        "contentType": found.content_type,
        "timeCreated": found.created.replace("+00:00", "Z"),
        "updated": found.updated.replace("+00:00", "Z"),
        "storageClass": "STANDARD",
        "md5Hash": _md5(found),
        "etag": f"{found.generation}/{found.metageneration}",
        "metadata": {} if is_lock(found.name) else found.metadata,
    }


def _media(found: StoredObject) -> Answer:
    headers = {
        "Content-Type": found.content_type,
        "ETag": f'"{found.md5}"',
        "X-Goog-Generation": str(found.generation),
        "X-Goog-Metageneration": str(found.metageneration),
        "X-Goog-Stored-Content-Encoding": "identity",
        "X-Goog-Stored-Content-Length": str(found.size),
        "X-Goog-Hash": f"crc32c={crc32c(found.data)},md5={_md5(found)}",
    }
    return Answer(200, found.data, tuple(headers.items()))


def _md5(found: StoredObject) -> str:
    return b64encode(bytes.fromhex(found.md5)).decode()


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), (("Content-Type", "application/json; charset=UTF-8"),))


def error(status: int, reason: str, message: str) -> Answer:
    """An error shaped like Google's."""
    detail = {"message": message, "domain": "global", "reason": reason}
    return _json({"error": {"code": status, "message": message, "errors": [detail]}}, status)
