"""The registry protocol of images: `/docker/LOCATION/v2/PROJECT/REPOSITORY/IMAGE/...`."""

import re
import secrets
from urllib.parse import parse_qsl, unquote

from sandbox.api import access, perimeters
from sandbox.api.call import Facade
from sandbox.api.dispatch import Wire, reply
from sandbox.api.errors import ApiError
from sandbox.api.verbs import occurrences
from sandbox.bucket_api import Answer
from sandbox.iam import decide
from sandbox.images import ImageRefused, Images, digest_of

_PATH = re.compile(r"docker/([a-z0-9-]+)/v2/([a-z0-9-]+)/([a-z0-9-]+)/(.+?)/(blobs|manifests|tags)/(.+)")
_uploads: dict[str, bytearray] = {}


def answer(facade: Facade, wire: Wire) -> Answer:
    """Push and pull."""
    try:
        who = access.principal(wire.headers)
        path = unquote(wire.path).strip("/")
        if re.fullmatch(r"docker/[a-z0-9-]+/v2", path):
            return reply({})
        found = _PATH.fullmatch(path)
        if found is None:
            raise ImageRefused(404, "NAME_UNKNOWN", f"{path} is not served")
        location, project, repository, image, kind, rest = found.groups()
        images = Images(facade.store, location, project, repository)
        reads = wire.http in ("GET", "HEAD")
        _require(facade, who, wire, images.name, "downloadArtifacts" if reads else "uploadArtifacts")
        with facade.resources.writing:
            answered = _answer(images, wire, image, kind, rest)
            if (wire.http, kind, answered.status) == ("PUT", "manifests", 201):
                digest = dict(answered.headers)["Docker-Content-Digest"]
                occurrences.pushed(
                    facade, project, f"https://{location}-docker.pkg.dev/{project}/{repository}/{image}@{digest}"
                )
            return answered
    except ImageRefused as problem:
        return _problem(problem.status, problem.code, str(problem))
    except ApiError as problem:
        return _problem(problem.code, "UNAUTHORIZED" if problem.code == 401 else "DENIED", problem.message)


def _require(facade: Facade, who: str, wire: Wire, repository: str, verb: str) -> None:
    permission = f"artifactregistry.repositories.{verb}"
    about = f"//artifactregistry.googleapis.com/{repository}"
    if who == access.OPERATOR:
        return
    if not decide(facade.policies(), who, permission, about).allowed:
        raise ImageRefused(403, "DENIED", f'Permission "{permission}" denied on resource "{repository}"')
    perimeters.check(facade, who, wire.headers, permission, about)


def _answer(images: Images, wire: Wire, image: str, kind: str, rest: str) -> Answer:
    match wire.http, kind, rest:
        case "GET", "tags", "list":
            return reply({"name": image, "tags": sorted(images.tags(image))})
        case "GET" | "HEAD", "manifests", reference:
            data, media, digest = images.manifest(image, reference)
            return _content(data, media, digest)
        case "PUT", "manifests", reference:
            media = wire.headers.get("content-type", "")
            return _made(wire, images.put_manifest(image, reference, wire.body, media))
        case "GET" | "HEAD", "blobs", digest:
            return _content(images.blob(image, digest), "application/octet-stream", digest)
        case "POST" | "PATCH" | "PUT", "blobs", _ if rest.startswith("uploads"):
            return _upload(images, wire, image, rest.removeprefix("uploads").strip("/"))
    raise ImageRefused(405, "UNSUPPORTED", f"{wire.http} of {kind} is not served")


def _upload(images: Images, wire: Wire, image: str, id_: str) -> Answer:
    """One blob, at once or in chunks."""
    query = dict(parse_qsl(wire.query))
    if not id_:
        if "digest" in query:
            return _made(wire, images.put_blob(image, wire.body, query["digest"]))
        id_ = secrets.token_urlsafe(16)
        _uploads[id_] = bytearray()
    elif id_ not in _uploads:
        raise ImageRefused(404, "BLOB_UPLOAD_UNKNOWN", "No such upload; begin it again")
    _uploads[id_] += wire.body
    if wire.http == "PUT":
        data = bytes(_uploads.pop(id_))
        return _made(wire, images.put_blob(image, data, query.get("digest", "")))
    place = f"{wire.path.partition('/blobs/')[0]}/blobs/uploads/{id_}"
    size = len(_uploads[id_])
    return Answer(202, headers=(("Location", place), ("Range", f"0-{max(size - 1, 0)}"), ("Docker-Upload-UUID", id_)))


def _made(wire: Wire, digest: str) -> Answer:
    place = wire.path.partition("/blobs/")[0].partition("/manifests/")[0]
    kind = "manifests" if "/manifests/" in wire.path else "blobs"
    return Answer(201, headers=(("Location", f"{place}/{kind}/{digest}"), ("Docker-Content-Digest", digest)))


def _content(data: bytes, media: str, digest: str) -> Answer:
    assert digest_of(data) == digest
    return Answer(200, data, (("Content-Type", media), ("Docker-Content-Digest", digest)))


def _problem(status: int, code: str, message: str) -> Answer:
    found = reply({"errors": [{"code": code, "message": message}]}, status)
    challenge = (("WWW-Authenticate", 'Bearer realm="sandbox"'),) if status == 401 else ()
    return Answer(status, found.body, (*found.headers, *challenge))
