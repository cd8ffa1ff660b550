"""What people and builds do with images: check, pin, build, push, approve by sealing, verify."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from operations.images.making import Made, find, make
from operations.images.occurrences import Occurrences, scanned
from operations.images.registry import Registry
from operations.images.sealing import Origin, Seal
from operations.outcome import Exit, OperationFailed
from operations.writing import write
from pipelines.images.image import BASES, FOLDER, Base, bases, read
from pipelines.images.layout import Start
from pipelines.images.vulnerabilities import FILE, overdue, rules
from settings.names import COMMON, Names
from settings.problems import InvalidSettings, Problem

_ADDRESS = re.compile(r"[a-z0-9.-]+/[a-z0-9._/-]+@sha256:[0-9a-f]{64}")
CACHE = "docker-hub"


@dataclass(frozen=True)
class Images:
    """The images of an installation, in the registry of its artifacts project."""

    names: Names

    @property
    def registry(self) -> Registry:
        """Where they are."""
        return Registry(self.names.repository("images").partition("/")[0])

    def name(self, key: str) -> str:
        """The name of an image in the registry."""
        return f"{self.names.repository('images').partition('/')[2]}/{key}"

    @property
    def occurrences(self) -> Occurrences:
        """What is known of them."""
        return Occurrences(self.names.project(COMMON, "artifacts"))

    @property
    def seal(self) -> Seal:
        """The seal of production: the attestor's note, and the version of its key."""
        name, region, project = self.names.attestor(), self.names.organization.region, self.occurrences.project
        key = f"projects/{project}/locations/{region}/keyRings/{name}/cryptoKeys/{name}/cryptoKeyVersions/1"
        return Seal(self.occurrences, f"projects/{project}/notes/{name}", key)

    def pin(self, today: date) -> dict[str, str]:
        """Ask the cache of public images for the digest of each base and write it down; base -> digest."""
        found, text = {}, (FOLDER / BASES).read_text(encoding="utf-8")
        for key, base in bases().items():
            found[key] = self.registry.resolve(self._cached(base), base.tag)
            line = f"{key}: {{image: {base.image}, tag: {base.tag}, digest: {found[key]}, read: {today}}}"
            text = re.sub(rf"(?m)^{re.escape(key)}:.*$", line, text)
        write(FOLDER / BASES, text)
        return found

    def build(self, keys: Iterable[str], commit: str, *, whole: bool) -> Iterator[Made]:
        """Build images; `whole` ones have their base and packages and are what Google gets."""
        for key in keys or read():
            yield make(key, commit=commit, start=self._start(key) if whole else None, packages=whole)

    def push(self, made: Made, commit: str) -> str:
        """Push an image under its commit; its address by digest. A commit that was pushed already never changes."""
        base = bases()[find(made.key).base]
        return self.registry.push(made.image, self.name(made.key), commit[:12], base=self._cached(base))

    def address(self, key: str, digest: str) -> str:
        """An image as everybody else calls it. OperationFailed where the digest is none, such as a tag."""
        return f"{self.registry.host}/{self.name(key)}@{_digest(digest)}"

    def scan(self, key: str, digest: str, today: date) -> list[str]:
        """What the scanner says of an image; OperationFailed where that keeps it out of production."""
        return scanned(self.occurrences, key, self.address(key, digest), today)

    def approve(self, key: str, digest: str, origin: Origin) -> str:
        """Seal an image for production; the name of the seal. OperationFailed where there is no such image."""
        image = self.address(key, digest)
        if not self.registry.has(self.name(key), digest):
            raise OperationFailed(image, "is not in the registry", "push it first", code=Exit.BAD_INPUT)
        return self.seal.make(image, origin)

    def verify(self, address: str) -> dict[str, Any]:
        """Who built an image from what, and what was checked; OperationFailed where its seal does not hold."""
        if not _ADDRESS.fullmatch(address):
            way_out = "write it as HOST/NAME@sha256:DIGEST"
            raise OperationFailed(address, "is no image by digest", way_out, code=Exit.BAD_INPUT)
        return self.seal.opened(address)

    def _start(self, key: str) -> Start:
        base = bases()[find(key).base]
        if base.digest is None:
            place = f"pipelines/images/{BASES}"
            raise OperationFailed(place, f"'{find(key).base}' has no digest", "run 'blueprint images pin'")
        return self.registry.start(self._cached(base), base.digest)

    def _cached(self, base: Base) -> str:
        """The base in our cache: builds have no way to the internet."""
        cache = self.names.repository(CACHE).partition("/")[2]
        return f"{cache}/{base.image.removeprefix('docker.io/')}"


def _digest(text: str) -> str:
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", text):
        way_out = "name what was built, as sha256:...; a tag may move"
        raise OperationFailed(text, "is no digest", way_out, code=Exit.BAD_INPUT)
    return text


def checked(today: date | None = None) -> list[str]:
    """Every image, once nothing is wrong with any. InvalidSettings with all problems else."""
    images = read()
    found = [*_exceptions(images, today or date.today())]
    for key, image in images.items():
        for room in image.code:
            if not (FOLDER.parents[1] / room).is_dir():
                place = f"pipelines/images/{key}/image.yaml.code"
                found.append(Problem(place, f"no room '{room}'", "name a folder of the repository"))
    if found:
        raise InvalidSettings(found)
    return list(images)


def _exceptions(images: Iterable[str], today: date) -> Iterator[Problem]:
    known, place = rules(), f"pipelines/images/{FILE.name}"
    for one in overdue(known, today):
        yield Problem(f"{place}.{one.id}", f"was over on {one.until}", f"ask {one.owner}, or remove it")
    for one in known.exceptions:
        if one.image not in images:
            yield Problem(f"{place}.{one.id}", f"is for '{one.image}', which is no image", ", ".join(images))


def commit_of(folder: Path) -> str:
    """The commit that is checked out."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def told(statement: dict[str, Any]) -> Iterator[str]:
    """A statement as sentences."""
    subject, what = statement["subject"][0], statement["predicate"]["buildDefinition"]
    commit, base, _ = what["resolvedDependencies"]
    yield f"image     {subject['name']}@sha256:{subject['digest']['sha256']}"
    yield f"commit    {commit['digest']['gitCommit']} of {commit['uri'].removeprefix('git+')}"
    yield f"base      {base['uri'].removeprefix('pkg:docker/')}"
    yield f"build     {statement['predicate']['runDetails']['metadata']['invocationId']}"
    yield f"written   by {', '.join(what['internalParameters']['authors'])}"
    yield f"checks    {', '.join(what['internalParameters']['checks'])}"
    yield f"approved  by {what['internalParameters']['approver']}"
