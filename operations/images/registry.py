"""A Docker registry over HTTP (OCI Distribution Specification 1.1): bases are read from it, images are pushed to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from operations.google_words import credentials, told
from operations.outcome import Exit, OperationFailed
from pipelines.images.layout import CONFIG, MANIFEST, Built, Start, digest

if TYPE_CHECKING:
    from requests import Response, Session

_INDEX = "application/vnd.oci.image.index.v1+json"
_DOCKER = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
CREATED = 201
_LINUX = {"os": "linux", "architecture": "amd64"}


@dataclass(frozen=True)
class Registry:
    """One registry, as `europe-west4-docker.pkg.dev`."""

    host: str

    def resolve(self, name: str, tag: str) -> str:
        """The digest that a tag has now, of the image for Linux on amd64."""
        answer = self._ask(
            "GET", f"{name}/manifests/{tag}", headers={"Accept": ", ".join((MANIFEST, _INDEX, *_DOCKER))}
        )
        manifest = answer.json()
        if "manifests" not in manifest:
            return digest(answer.content)
        for entry in manifest["manifests"]:
            if {key: entry.get("platform", {}).get(key) for key in _LINUX} == _LINUX:
                return str(entry["digest"])
        raise OperationFailed(f"{name}:{tag}", "has no image for Linux on amd64", "choose another base")

    def start(self, name: str, wanted: str) -> Start:
        """What an image with this base begins with; the base's layers stay where they are."""
        manifest = json.loads(self._exactly(f"{name}/manifests/{wanted}", wanted))
        config = json.loads(self._exactly(f"{name}/blobs/{manifest['config']['digest']}", manifest["config"]["digest"]))
        environment = list(config.get("config", {}).get("Env") or ())
        return Start(list(manifest["layers"]), list(config["rootfs"]["diff_ids"]), environment)

    def push(self, image: Built, name: str, tag: str, *, base: str | None = None) -> str:
        """Push an image under a tag that must be new; its address by digest. `base` is where its base's layers are."""
        own = set(image.blobs)
        for entry in [image.manifest["config"], *image.manifest["layers"]]:
            if entry["digest"] in own:
                self._upload(name, entry["digest"], image.blobs[entry["digest"]])
            elif base:
                self._mount(name, entry["digest"], base)
        self.tag(image, name, tag)
        return f"{self.host}/{name}@{image.digest}"

    def tag(self, image: Built, name: str, tag: str) -> None:
        """Name an image that is there by another tag, which must be new."""
        body, kind = image.blobs[image.digest], {"Content-Type": MANIFEST}
        self._ask("PUT", f"{name}/manifests/{tag}", data=body, headers=kind)

    def tags(self, name: str) -> list[str]:
        """The tags of all images of this name."""
        return list(self._ask("GET", f"{name}/tags/list").json().get("tags") or ())

    def labels(self, name: str, wanted: str) -> dict[str, str]:
        """What an image says of itself."""
        manifest = json.loads(self._exactly(f"{name}/manifests/{wanted}", wanted))
        return dict(manifest.get("annotations") or {})

    def attachment(self, name: str, tag: str, subject: str, type_: str) -> bytes:
        """What is kept of a type under a tag about an image. OperationFailed where it is about another one."""
        answer = self._ask("GET", f"{name}/manifests/{tag}", headers={"Accept": MANIFEST})
        manifest = answer.json()
        if (manifest.get("subject", {}).get("digest"), manifest.get("artifactType")) != (subject, type_):
            text, way_out = f"is no {type_} of {subject}", "have the image built by its pipeline"
            raise OperationFailed(f"{self.host}/{name}:{tag}", text, way_out, code=Exit.REFUSED)
        wanted = str(manifest["layers"][0]["digest"])
        return self._exactly(f"{name}/blobs/{wanted}", wanted)

    def has(self, name: str, wanted: str) -> bool:
        """Whether an image with this digest is there."""
        url = f"https://{self.host}/v2/{name}/manifests/{wanted}"
        return bool(send(self.host, "HEAD", url, headers={"Accept": f"{MANIFEST}, {CONFIG}"}).status_code == 200)

    def _mount(self, name: str, wanted: str, base: str) -> None:
        """Have a layer of the base here too; a registry that cannot mount begins an upload, and gets its bytes."""
        begun = self._ask("POST", f"{name}/blobs/uploads/", params={"mount": wanted, "from": base})
        if begun.status_code != CREATED:
            self._finish(begun, name, wanted, self._exactly(f"{base}/blobs/{wanted}", wanted))

    def _upload(self, name: str, wanted: str, data: bytes) -> None:
        self._finish(self._ask("POST", f"{name}/blobs/uploads/"), name, wanted, data)

    def _finish(self, begun: Response, name: str, wanted: str, data: bytes) -> None:
        url = urljoin(begun.url, begun.headers["Location"])
        self._checked(send(self.host, "PUT", url, params={"digest": wanted}, data=data), name)

    def _exactly(self, path: str, wanted: str) -> bytes:
        data = self._ask("GET", path, headers={"Accept": ", ".join((MANIFEST, *_DOCKER))}).content
        if digest(data) != wanted:
            raise OperationFailed(path, "is not what its digest says", "report this registry", code=Exit.REFUSED)
        return bytes(data)

    def _ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
        url = f"https://{self.host}/v2/{path}"
        return self._checked(send(self.host, method, url, headers=headers, **more), path)

    def _checked(self, answer: Response, what: str) -> Response:
        if answer.ok:
            return answer
        try:
            text = "; ".join(error.get("message", "") for error in answer.json()["errors"])
        except (ValueError, KeyError, TypeError, AttributeError):
            text = answer.text[:200]
        code = Exit.REFUSED if answer.status_code in (401, 403, 409) else Exit.FAILURE
        way_out = "check the name, your rights, and that the tag is new"
        raise OperationFailed(f"{self.host}/{what}", f"{answer.status_code} {text}".strip(), way_out, code=code)


def send(place: str, method: str, url: str, **more: Any) -> Response:
    """A request as who is logged in to Google, and its answer. OperationFailed about the place where there is none."""
    from google.auth.transport.requests import AuthorizedSession

    with told(place):
        session: Session = AuthorizedSession(credentials(place))  # type: ignore[no-untyped-call]
        return session.request(method, url, timeout=600, **more)
