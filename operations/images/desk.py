"""What people and builds do with images: check, pin, build, push, approve by sealing, verify."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from cloudbuild.pipelines import BUILDER, builder
from cloudbuild.pipelines import FOLDER as BUILDS
from operations.google_words import credentials
from operations.images.making import Made, find, make
from operations.images.occurrences import Occurrences, scanned
from operations.images.registry import Registry
from operations.images.sealing import Origin, Seal
from operations.outcome import Exit, OperationFailed
from operations.writing import write
from pipelines.images.image import BASES, FOLDER, Base, bases, read
from pipelines.images.layout import Start, attached
from pipelines.images.vulnerabilities import FILE, overdue, rules
from settings.names import COMMON, Names
from settings.problems import InvalidSettings, Problem

_ADDRESS = re.compile(r"[a-z0-9.-]+/[a-z0-9._/-]+@sha256:[0-9a-f]{64}")
CACHE, PACKAGES = "docker-hub", "python"
BILL = "application/vnd.cyclonedx+json"


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
        """Ask the cache of public images for the digest of each base, and our own registry for that of the builder.

        What they answer is written down; name -> digest. OperationFailed where a registry has no such image.
        """
        return self._pin_bases(today) | self._pin_builder(today)

    def _pin_builder(self, today: date) -> dict[str, str]:
        known, file = builder(BUILDS), BUILDS / BUILDER
        try:
            found = self.registry.resolve(self.name(known.image), known.tag)
        except OperationFailed as error:
            if not error.problem.text.startswith("404"):
                raise
            address = f"{self.registry.host}/{self.name(known.image)}:{known.tag}"
            way_out = f"docker build --file cloudbuild/Dockerfile --tag {address} . && docker push {address}"
            raise OperationFailed(address, "is not in the registry yet", way_out) from None
        text = file.read_text(encoding="utf-8")
        text = re.sub(r"(?m)^digest:.*$", f"digest: {found}", text)
        write(file, re.sub(r"(?m)^read:.*$", f"read: {today}", text))
        return {"builder": found}

    def _pin_bases(self, today: date) -> dict[str, str]:
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
            start, index = (self._start(key), self.index()) if whole else (None, "")
            yield make(key, commit=commit, start=start, index=index)

    def index(self) -> str:
        """Where builds, which have no way to the internet, have packages from; who is logged in is in the address."""
        place = self.names.package_index(PACKAGES)
        return f"https://oauth2accesstoken:{quote(credentials(place).token, safe='')}@{place}"

    def push(self, made: Made, commit: str, build: str) -> str:
        """Push an image under its commit, its bill beside it, and the build that does so; its address by digest.

        A commit that was pushed already never changes. Without a `build` nobody seals it.
        """
        base, name = bases()[find(made.key).base], self.name(made.key)
        address = self.registry.push(made.image, name, commit[:12], base=self._cached(base))
        self.registry.push(attached(made.image, made.bill.encode(), BILL), name, _beside(made.image.digest))
        if build:
            self.registry.tag(made.image, name, _by(made.image.digest) + build)
        return address

    def builds(self, key: str, digest: str) -> list[str]:
        """The builds that say that they pushed an image; the same sources are the same image in each."""
        begins = _by(digest)
        return [tag.removeprefix(begins) for tag in self.registry.tags(self.name(key)) if tag.startswith(begins)]

    def bill(self, key: str, digest: str) -> bytes:
        """The bill of materials that lies beside an image. OperationFailed where there is none of this image."""
        return self.registry.attachment(self.name(key), _beside(digest), digest, BILL)

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
        statement = self.seal.opened(by_digest(address))
        name, _, digest = address.removeprefix(f"{self.registry.host}/").partition("@")
        (sealed,) = (one["digest"]["sha256"] for one in statement["predicate"]["runDetails"]["byproducts"])
        if sha256(self.registry.attachment(name, _beside(digest), digest, BILL)).hexdigest() != sealed:
            text, way_out = "has another bill of materials than was sealed", "do not use it; have it built anew"
            raise OperationFailed(address, text, way_out, code=Exit.REFUSED)
        return statement

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


def by_digest(address: str) -> str:
    """An address that names an image by its digest. OperationFailed where it names none, or a tag."""
    if not _ADDRESS.fullmatch(address):
        way_out = "write it as HOST/NAME@sha256:DIGEST"
        raise OperationFailed(address, "is no image by digest", way_out, code=Exit.BAD_INPUT)
    return address


def _beside(digest: str) -> str:
    """The tag of what is said of an image, which every registry can find; cosign's way to name it."""
    return f"{digest.replace(':', '-')}.sbom"


def _by(digest: str) -> str:
    """How a tag begins that says which build pushed an image; said in the image it would change its digest."""
    return f"{digest.replace(':', '-')}.build-"


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


def told(statement: dict[str, Any]) -> Iterator[str]:
    """A statement as sentences."""
    subject, what = statement["subject"][0], statement["predicate"]["buildDefinition"]
    commit, base, _ = what["resolvedDependencies"]
    yield f"image     {subject['name']}@sha256:{subject['digest']['sha256']}"
    yield f"commit    {commit['digest']['gitCommit']} of {commit['uri'].removeprefix('git+')}"
    yield f"base      {base['uri'].removeprefix('pkg:docker/')}"
    (bill,) = statement["predicate"]["runDetails"]["byproducts"]
    yield f"bill      {bill['name']} sha256:{bill['digest']['sha256']}, beside the image"
    run, inside = statement["predicate"]["runDetails"], what["internalParameters"]
    yield f"checks    {', '.join(inside['checks'])}"
    yield from behind({"build": run["metadata"]["invocationId"], "builder": run["builder"]["id"]} | inside)
    yield f"sealed    by {inside['approval']}"


def behind(found: Mapping[str, Any]) -> Iterator[str]:
    """Which build stands behind something, and which people, as sentences."""
    yield f"build     {found['build']} by {found['builder']}"
    yield f"written   by {', '.join(found['authors'])}"
    if found.get("merger"):
        yield f"merged    by {found['merger']}"
    yield f"approved  by {found['approver']}"
