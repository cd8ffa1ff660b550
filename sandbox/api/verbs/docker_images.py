"""Images as Artifact Registry lists them: one entry for each digest, with the tags that it has."""

from typing import Any

from sandbox.api import generic
from sandbox.api.call import Call
from sandbox.api.errors import not_found
from sandbox.images import Images

Values = dict[str, Any]


def _images(call: Call) -> tuple[Images, str]:
    _, project, _, location, _, repository = call.name.split("/")[:6]
    call.get("/".join(call.name.split("/")[:6]))
    return Images(call.store, location, project, repository), f"{location}-docker.pkg.dev/{project}/{repository}"


def _found(call: Call) -> list[Values]:
    images, host = _images(call)
    parent = "/".join(call.name.split("/")[:6])
    out = []
    for image in images.all():
        for digest, tags in images.digests(image).items():
            data, media, _ = images.manifest(image, digest)
            name = f"{parent}/dockerImages/{image.replace('/', '%2F')}@{digest}"
            told = {"name": name, "uri": f"{host}/{image}@{digest}", "tags": sorted(tags), "mediaType": media}
            out.append(told | {"imageSizeBytes": str(len(data))})
    return out


def _list(call: Call) -> Values:
    return generic.page(call, _found(call))


def _get(call: Call) -> Values:
    wanted = call.name.replace("%2F", "/")
    for told in _found(call):
        if told["name"].replace("%2F", "/") == wanted:
            return told
    raise not_found(call.name)


_REPOSITORIES = "artifactregistry.projects.locations.repositories."
METHODS = {f"{_REPOSITORIES}dockerImages.list": _list, f"{_REPOSITORIES}dockerImages.get": _get}
