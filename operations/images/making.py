"""Building an image: rooms of the code and locked packages on top of a base, into an image layout."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from operations.outcome import OperationFailed
from pipelines.images.image import FOLDER, Base, Image, bases, read
from pipelines.images.layout import Built, Start, build, layer
from pipelines.images.parts_list import bill
from settings.problems import InvalidSettings, Problem, suggestion

ROOT = FOLDER.parents[1]
APP = "app"
_OCI = "org.opencontainers.image"
TITLE, COMMIT, BASE, BASE_DIGEST = (f"{_OCI}.{word}" for word in ("title", "revision", "base.name", "base.digest"))
LOCK = "packages.sha256"
_LEFT_OUT = ("__pycache__", ".git")
_KINDS = (".py", ".yaml", ".yml", ".sql", ".json", ".jsonl", ".md", ".txt", ".csv")


@dataclass(frozen=True)
class Made:
    """An image with its bill of materials; `stand_in` says what it lacks where no registry could be asked."""

    key: str
    image: Built
    bill: str
    stand_in: str

    def write(self, folder: Path) -> None:
        """Write the layout and the bill into a folder of this image's name."""
        self.image.write(folder / self.key)
        (folder / self.key / "bill.cdx.json").write_text(self.bill, encoding="utf-8")


def find(key: str) -> Image:
    """The image of this name. InvalidSettings with what there is."""
    known = read()
    if key not in known:
        raise InvalidSettings([Problem("image", f"no image '{key}'", suggestion(key, known, ", ".join(known)))])
    return known[key]


def make(key: str, *, commit: str, start: Start | None, index: str) -> Made:
    """Build an image: the same sources, lock and base give the same digest, wherever it is built.

    Without a `start` the base is not in it, and without an `index` of packages they are not; its labels say so.
    """
    image, lock = find(key), FOLDER / key / find(key).packages
    base = bases()[image.base]
    missing = [what for what, there in (("its base", start), ("its packages", index)) if not there]
    stand_in = f"SANDBOX: without {' and '.join(missing)}" if missing else ""
    layers = [layer(packages(lock, index))] if index else []
    layers.append(layer(code(image, FOLDER / key)))
    built = build(
        start or Start(),
        layers,
        command=image.command,
        user=image.user,
        folder=f"/{APP}",
        labels=_labels(image, base, lock, commit, stand_in),
    )
    return Made(key, built, bill(key, built.digest, base, lock), stand_in)


def _labels(image: Image, base: Base, lock: Path, commit: str, stand_in: str) -> dict[str, str]:
    labels = {
        TITLE: image.title,
        COMMIT: commit,
        BASE: f"{base.image}:{base.tag}",
        LOCK: hashlib.sha256(lock.read_bytes()).hexdigest(),
    }
    if base.digest:
        labels[BASE_DIGEST] = base.digest
    return labels | ({"stand-in": stand_in} if stand_in else {})


def code(image: Image, folder: Path) -> Iterator[tuple[str, bytes]]:
    """What an image holds beside its base and its packages: names and bytes. `folder` is the image's own."""
    yield f"{APP}/packages.txt", (folder / image.packages).read_bytes()
    for room in image.code:
        for path in sorted((ROOT / room).rglob("*")):
            inside = path.relative_to(ROOT)
            if path.is_file() and path.suffix in _KINDS and not set(inside.parts) & set(_LEFT_OUT):
                yield f"{APP}/{inside}", path.read_bytes()


def packages(lock: Path, index: str) -> Iterator[tuple[str, bytes]]:
    """The locked packages of an index as they are installed for Linux; nothing of this computer is among them."""
    with tempfile.TemporaryDirectory() as folder:
        platform = ["--python-platform", "x86_64-manylinux_2_28", "--python-version", "3.11"]
        words = ["-m", "uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--target", folder]
        done = subprocess.run(
            [sys.executable, *words, *platform, "-r", str(lock)],
            # Danger: the address holds a login, which an argument would show to every process.
            env=os.environ | {"UV_COMPILE_BYTECODE": "0", "UV_DEFAULT_INDEX": index},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            told = " ".join(done.stderr.removeprefix("error: ").split()) or "uv failed"
            raise OperationFailed("/".join(lock.parts[-4:]), told, "ask again once the packages can be reached")
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and path.name not in (".lock", "RECORD") and path.suffix != ".pyc":
                yield f"{APP}/{path.relative_to(folder)}", path.read_bytes()
