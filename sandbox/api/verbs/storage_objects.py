"""Objects of Cloud Storage: uploads, ranges, preconditions, changes of metadata, copies and compositions."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from sandbox.api import access, checking, object_rules
from sandbox.api.call import Call
from sandbox.api.dispatch import Wire, reply
from sandbox.api.errors import ApiError, invalid
from sandbox.bucket_api import Answer, BucketApi, Refusal, Request, resource
from sandbox.errors import PreconditionFailed, Retained, SandboxError
from sandbox.objects import StoredObject
from sandbox.uploads import Resumable

_UPLOADS = Resumable()
_CONDITIONS: dict[str, Callable[[StoredObject | None, int], bool]] = {
    "ifGenerationMatch": lambda found, value: (found.generation if found else 0) == value,
    "ifGenerationNotMatch": lambda found, value: (found.generation if found else 0) != value,
    "ifMetagenerationMatch": lambda found, value: found is not None and found.metageneration == value,
    "ifMetagenerationNotMatch": lambda found, value: found is None or found.metageneration != value,
}


def _served(handler: Callable[[Call, Wire], Answer]) -> Callable[[Call, Wire], Answer]:
    """A handler whose refusals are answers."""

    def answer(call: Call, wire: Wire) -> Answer:
        try:
            for key in object_rules.NOT_KEPT_BESIDE:
                if call.query.get(key):
                    raise object_rules.not_kept(key)
            return handler(call, wire)
        except PreconditionFailed:
            raise _precondition() from None
        except Retained as problem:
            raise ApiError(403, str(problem), reason="retentionPolicyNotMet") from None
        except Refusal as refusal:
            raise ApiError(refusal.status, str(refusal), reason=refusal.reason) from None
        except ApiError:
            raise
        except (SandboxError, ValueError) as problem:
            raise ApiError(400, str(problem)) from None

    return answer


def _plain(call: Call, wire: Wire) -> Answer:
    """What the bucket API answers as it is: listing, media, deletion."""
    path = [unquote(part) for part in re.sub(r"^/?(storage/)?(download/)?(?=storage/v1)", "", wire.path).split("/")]
    query = {key: value for key, value in call.query.items() if key in _KNOWN}
    bucket, name = _place(path)
    if name:
        found = call.store.objects.get(bucket, name)
        _pinned(found, call.query.get("generation"))
        _check(call, found)
    answer = _api(call).answer(Request(wire.http, path, query, wire.headers, wire.body))
    if wire.http == "DELETE":
        call.store.delete("google_storage_bucket_object", f"{bucket}-{name}")
    return _part(answer, wire.headers.get("range", "")) if "X-Goog-Hash" in dict(answer.headers) else answer


def _upload(call: Call, wire: Wire) -> Answer:
    path = [unquote(part) for part in re.sub(r"^/?(storage/)?(resumable/)?(?=upload/)", "", wire.path).split("/")]
    object_rules.safe(call.query.get("name", ""), wire.headers.get("content-type", ""))
    api = _api(call)
    with call.resources.writing:
        if "upload_id" not in call.query:
            _described(call, wire)
        query = {key: value for key, value in call.query.items() if key in _KNOWN}
        return api.answer(Request(wire.http, path, query, wire.headers, wire.body))


def _described(call: Call, wire: Wire) -> None:
    """Refuse a description that no object can have before a byte of it is kept."""
    name, body = call.query.get("name", ""), wire.body
    if call.query.get("uploadType") == "multipart":
        body = body.partition(b"\r\n\r\n")[2].partition(b"\r\n--")[0] or b"{}"
    if call.query.get("uploadType") in ("multipart", "resumable"):
        described = object_rules.kept(checking.body(call.api, "Object", checking.parsed(body)))
        name = name or str(described.get("name", ""))
        object_rules.safe(
            name, str(described.get("contentType", "")), *map(str, (described.get("metadata") or {}).values())
        )
    _writable(call, call.name.split("/")[1], name)


def _change(call: Call, wire: Wire) -> Answer:
    """patch and update of an object's description."""
    bucket, name = _object(call)
    given = _told(call, wire)
    object_rules.safe(name, str(given.get("contentType", "")))
    with call.resources.writing:
        found = _existing(call, bucket, name)
        _pinned(found, call.query.get("generation"))
        _check(call, found)
        metadata = dict(found.metadata) if call.method.leaf == "patch" else {}
        for key, value in (given.get("metadata") or {}).items():
            metadata[key] = value
        kept = {key: value for key, value in metadata.items() if value is not None}
        made = call.store.objects.describe(bucket, name, given.get("contentType") or found.content_type, kept)
        return reply(resource(made))


def _told(call: Call, wire: Wire) -> dict[str, Any]:
    given = checking.body(call.api, call.method.request, checking.parsed(wire.body))
    object_rules.kept(given.get("destination") or given)
    return given


def _copy(call: Call, wire: Wire) -> Answer:
    """rewriteTo and copyTo: one object to another place, in one go."""
    match = re.fullmatch(r"b/([^/]+)/o/(.+)/(?:rewriteTo|copyTo)/b/([^/]+)/o/(.+)", call.name)
    if match is None:
        raise invalid([("destinationObject", "The destination is not a bucket and an object.")])
    source, target = (match[1], match[2]), (match[3], match[4])
    access.demand(call, "storage.objects.get", access.full_name("storage", "b/{}/o/{}".format(*source)))
    object_rules.safe(target[1])
    with call.resources.writing:
        _writable(call, *target)
        found = _existing(call, *source)
        _pinned(found, call.query.get("sourceGeneration"))
        _check(call, found, "Source")
        call.get(f"b/{target[0]}")
        given = _told(call, wire)
        kind, metadata = given.get("contentType") or found.content_type, given.get("metadata", found.metadata)
        made = call.store.objects.put(*target, found.data, content_type=kind, metadata=metadata)
    if call.method.leaf == "copy":
        return reply(resource(made))
    size = str(made.size)
    done = {"kind": "storage#rewriteResponse", "done": True, "objectSize": size, "totalBytesRewritten": size}
    return reply(done | {"resource": resource(made)})


def _compose(call: Call, wire: Wire) -> Answer:
    bucket, name = _object(call, "/compose")
    given = _told(call, wire)
    sources = [(str(item.get("name", "")), item) for item in given.get("sourceObjects") or []]
    if not 0 < len(sources) <= 32:
        raise invalid([("sourceObjects", "The number of source components must be between 1 and 32.")])
    object_rules.safe(name)
    with call.resources.writing:
        _writable(call, bucket, name)
        parts = [_part_of(call, bucket, source, told) for source, told in sources]
        kind = (given.get("destination") or {}).get("contentType") or "application/octet-stream"
        return reply(resource(call.store.objects.put(bucket, name, b"".join(parts), content_type=kind)))


def _writable(call: Call, bucket: str, name: str) -> None:
    """Refuse to write where the caller may not, or where a precondition does not hold: then nothing is replaced."""
    create, *rest = call.store.objects.needed_to_write(bucket, name)
    about = access.full_name("storage", f"b/{bucket}/o/{name}")
    access.demand(call, create, about)
    _check(call, call.store.objects.get(bucket, name) if name else None)
    for permission in rest:
        access.demand(call, permission, about)


def _part_of(call: Call, bucket: str, name: str, told: dict[str, Any]) -> bytes:
    """One source of a composition, at the generation that is told."""
    access.demand(call, "storage.objects.get", access.full_name("storage", f"b/{bucket}/o/{name}"))
    found = _existing(call, bucket, name)
    _pinned(found, str(told.get("generation") or ""))
    wanted = (told.get("objectPreconditions") or {}).get("ifGenerationMatch")
    if wanted is not None and str(found.generation) != str(wanted):
        raise _precondition()
    return found.data


_KNOWN = {
    "alt",
    "delimiter",
    "prefix",
    "pageToken",
    "maxResults",
    "uploadType",
    "upload_id",
    "name",
    "ifGenerationMatch",
}


def _api(call: Call) -> BucketApi:
    return BucketApi(call.store, _UPLOADS, int(call.facade.endpoint.rpartition(":")[2]))


def _place(path: list[str]) -> tuple[str, str]:
    return path[3] if len(path) > 3 else "", "/".join(path[5:])


def _object(call: Call, ending: str = "") -> tuple[str, str]:
    _, bucket, _, name = call.name.removesuffix(ending).split("/", 3)
    return bucket, name


def _existing(call: Call, bucket: str, name: str) -> StoredObject:
    found = call.store.objects.get(bucket, name)
    if found is None or call.store.get("google_storage_bucket", bucket) is None:
        raise ApiError(404, f"No such object: {bucket}/{name}", reason="notFound")
    return found


def _pinned(found: StoredObject | None, generation: str | None) -> None:
    """Refuse another generation than the live one: the sandbox keeps no other."""
    if found is not None and generation and str(found.generation) != generation:
        raise ApiError(404, f"No such object: {found.bucket}/{found.name}#{generation}", reason="notFound")


def _check(call: Call, found: StoredObject | None, of: str = "") -> None:
    for name, holds in _CONDITIONS.items():
        key = f"if{of}{name.removeprefix('if')}"
        if key not in call.query:
            continue
        if not call.query[key].isdigit():
            raise invalid([(key, f"Invalid value for {key}: {call.query[key]!r}")])
        if not holds(found, int(call.query[key])):
            raise _precondition()


def _precondition() -> ApiError:
    return ApiError(412, "At least one of the pre-conditions you specified did not hold.", reason="conditionNotMet")


def _part(answer: Answer, wanted: str) -> Answer:
    """The range that was asked for, or all of it."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted.strip())
    size = len(answer.body)
    if match is None or answer.status != 200 or not (match[1] or match[2]):
        return answer
    first = int(match[1]) if match[1] else max(size - int(match[2]), 0)
    last = min(int(match[2]), size - 1) if match[1] and match[2] else size - 1
    if first > last:
        problem = reply({"error": {"code": 416, "message": "Range not satisfiable"}})
        return Answer(416, problem.body, (("Content-Range", f"bytes */{size}"),))
    headers = (*answer.headers, ("Content-Range", f"bytes {first}-{last}/{size}"))
    return Answer(206, answer.body[first : last + 1], headers)


RAW = {
    "storage.objects.insert": _served(_upload),
    "storage.objects.get": _served(_plain),
    "storage.objects.list": _served(_plain),
    "storage.objects.delete": _served(_plain),
    "storage.objects.patch": _served(_change),
    "storage.objects.update": _served(_change),
    "storage.objects.rewrite": _served(_copy),
    "storage.objects.copy": _served(_copy),
    "storage.objects.compose": _served(_compose),
}
