"""Images as Artifact Registry lists them: by digest, and as packages with versions and tags."""

import re
from collections.abc import Callable
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


def _packages(call: Call) -> list[Values]:
    images, _ = _images(call)
    parent = "/".join(call.name.split("/")[:6])
    return [{"name": f"{parent}/packages/{image.replace('/', '%2F')}", "displayName": image} for image in images.all()]


def _package(call: Call) -> tuple[Images, str, str]:
    """(images, name of the package, image) that a path below a package means."""
    images, _ = _images(call)
    parts = call.name.replace("%2F", "/").split("/packages/", 1)
    image = re.split(r"/(?:versions|tags)(?:/|$)", parts[1])[0]
    if image not in images.all():
        raise not_found(call.name)
    return images, f"{parts[0]}/packages/{image.replace('/', '%2F')}", image


def _versions(call: Call) -> list[Values]:
    images, name, image = _package(call)
    out = []
    for digest, tags in images.digests(image).items():
        related = [{"name": f"{name}/tags/{tag}", "version": f"{name}/versions/{digest}"} for tag in sorted(tags)]
        out.append({"name": f"{name}/versions/{digest}", "relatedTags": related})
    return out


def _tags(call: Call) -> list[Values]:
    images, name, image = _package(call)
    held = sorted(images.tags(image).items())
    return [{"name": f"{name}/tags/{tag}", "version": f"{name}/versions/{digest}"} for tag, digest in held]


def _listed(find: Callable[[Call], list[Values]]) -> Callable[[Call], Values]:
    return lambda call: generic.page(call, find(call))


def _one(find: Callable[[Call], list[Values]]) -> Callable[[Call], Values]:
    def get(call: Call) -> Values:
        wanted = call.name.replace("%2F", "/")
        found = next((told for told in find(call) if told["name"].replace("%2F", "/") == wanted), None)
        if found is None:
            raise not_found(call.name)
        return found

    return get


_REPOSITORIES = "artifactregistry.projects.locations.repositories."
METHODS = {
    f"{_REPOSITORIES}{kind}.{verb}": method(find)
    for kind, find in {
        "dockerImages": _found,
        "packages": _packages,
        "packages.versions": _versions,
        "packages.tags": _tags,
    }.items()
    for verb, method in {"list": _listed, "get": _one}.items()
}
