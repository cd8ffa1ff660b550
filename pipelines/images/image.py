"""An image as data: what it starts from, what is put on top, and what it runs. The folder's name is its key."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, TypeAdapter

from settings.loading import parse, read_yaml
from settings.model import Model
from settings.problems import InvalidSettings, Problem, suggestion

FOLDER = Path(__file__).parent
BASES = "bases.yaml"
TESTS = "test_image.py"
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
_PIN = re.compile(r"(?m)^([A-Za-z0-9._-]+)==(\S+)")


class Base(Model):
    """An image of somebody else. `digest` is None until a registry has been asked; `read` says when it was."""

    image: str
    tag: str
    digest: Digest | None
    read: date | None


class Image(Model):
    """One of our images. `packages` is a lock with hashes beside it, `code` are rooms that are copied in."""

    title: str
    base: str
    packages: str
    code: Annotated[list[str], Field(min_length=1)]
    command: list[str]
    user: Annotated[int, Field(ge=1000)]


def read(folder: Path = FOLDER) -> dict[str, Image]:
    """Every image by key. InvalidSettings where a file offends its form or names what is not there."""
    images: dict[str, Image] = {
        path.parent.name: parse(TypeAdapter(Image), read_yaml(path, _place(path)), _place(path))
        for path in sorted(folder.glob("*/image.yaml"))
    }
    known, problems = bases(folder), []
    for key, image in images.items():
        place = f"pipelines/images/{key}/image.yaml"
        if image.base not in known:
            problems.append(Problem(f"{place}.base", f"no base '{image.base}'", suggestion(image.base, known, BASES)))
        if not (folder / key / TESTS).is_file():
            problems.append(Problem(f"pipelines/images/{key}", f"no file '{TESTS}'", "test what the image has to do"))
        if not (folder / key / image.packages).is_file():
            problems.append(Problem(f"{place}.packages", f"no file '{image.packages}'", "run 'make lock'"))
        elif unhashed := sorted(set(pins(folder / key / image.packages)) - _hashed(folder / key / image.packages)):
            problems.append(Problem(f"{place}.packages", f"{', '.join(unhashed)} without a hash", "run 'make lock'"))
    if problems:
        raise InvalidSettings(problems)
    return images


def bases(folder: Path = FOLDER) -> dict[str, Base]:
    """Every base by key."""
    path = folder / BASES
    found: dict[str, Base] = parse(TypeAdapter(dict[str, Base]), read_yaml(path, _place(path)), _place(path))
    return found


def pins(lock: Path) -> dict[str, str]:
    """Version of every package of a lock."""
    return dict(_PIN.findall(lock.read_text(encoding="utf-8")))


def _hashed(lock: Path) -> set[str]:
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", lock.read_text(encoding="utf-8"))
    return {found[1] for entry in entries if (found := _PIN.match(entry)) and "--hash=sha256:" in entry}


def _place(path: Path) -> str:
    return "/".join(path.parts[-4 if path.name == "image.yaml" else -3 :])
