"""Containers of Vertex AI as processes: the command that is declared, with the environment that Google gives it."""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import iam
from sandbox.builds.step import Ended, Process, Surroundings
from sandbox.errors import SandboxError
from sandbox.images import Images
from sandbox.store import Store

Values = dict[str, Any]

MOUNT = "GCS_MOUNT"
"""Where a container's process finds the buckets that Google mounts at /gcs."""

_IMAGE = re.compile(r"([a-z0-9-]+)-docker\.pkg\.dev/([^/]+)/([^/]+)/([^:@]+)(?:@(sha256:[0-9a-f]{64})|:([\w.-]+))?")
_URI = re.compile(r"(?:gs://|/gcs/)([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])")
_LAST_LINES = 20


@dataclass(frozen=True)
class Host:
    """Where containers run. `environment` is what a principal's process starts with in a folder."""

    store: Store
    environment: Callable[[str, Path], Mapping[str, str]]


@dataclass
class Container:
    """One process of one container; `lines` is what it said last."""

    words: list[str]
    variables: Mapping[str, str]
    principal: str
    seconds: float | None = None

    def __post_init__(self) -> None:
        self.process = Process()
        self.lines: list[str] = []

    @classmethod
    def of(cls, store: Store, spec: Values, principal: str, more: Mapping[str, str]) -> "Container":
        """The container of a containerSpec: its own command and arguments go before those of the image."""
        entry, arguments = list(spec.get("command") or ()), list(spec.get("args") or ())
        if not entry:
            known_entry, known_arguments = declared(store, str(spec.get("imageUri") or ""))
            entry, arguments = known_entry, arguments or known_arguments
        words = [*entry, *arguments]
        if not words:
            text = "declares no command, and the sandbox has no such image"
            raise SandboxError(f"{spec.get('imageUri')}: {text}; declare one, or push the image")
        given = {str(line["name"]): str(line.get("value", "")) for line in spec.get("env") or ()}
        return cls(words, {**given, **more}, principal)

    def run(self, host: Host, folder: Path) -> Ended:
        """Run it to its end in a folder of its own."""
        around = Surroundings(folder, dict(host.environment(self.principal, folder)))
        step: Values = {"entrypoint": self.words[0], "args": self.words[1:]}
        step["env"] = [f"{name}={value}" for name, value in self.variables.items()]
        if self.seconds:
            step["timeout"] = f"{self.seconds}s"
        return self.process.run(step, around, {}, self._line)

    def last_words(self) -> str:
        """What it said at its end."""
        return "\n".join(self.lines)

    def _line(self, line: str) -> None:
        self.lines = [*self.lines[1 - _LAST_LINES :], line]


def declared(store: Store, image: str) -> tuple[list[str], list[str]]:
    """(entrypoint, arguments) that an image in the sandbox's registry declares; nothing where it is not there."""
    found = _IMAGE.fullmatch(image)
    if found is None:
        return [], []
    location, project, repository, name, digest, tag = found.groups()
    try:
        images = Images(store, location, project, repository)
        manifest = json.loads(images.manifest(name, digest or tag or "latest")[0])
        config = json.loads(images.blob(name, manifest["config"]["digest"])).get("config") or {}
    except (SandboxError, KeyError, ValueError):
        return [], []
    return list(config.get("Entrypoint") or ()), list(config.get("Cmd") or ())


@contextmanager
def mounted(store: Store, asked: Any, principal: str, folder: Path) -> Iterator[Path]:
    """The buckets that a request names, as folders: what is readable is there, what is written is uploaded at the end.

    SandboxError at the end where something was written that the principal may not create.
    """
    root = folder / "gcs"
    root.mkdir(parents=True, exist_ok=True)
    before: dict[Path, int] = {}
    buckets = [
        name for name in sorted(set(_URI.findall(json.dumps(asked)))) if store.has("google_storage_bucket", name)
    ]
    for bucket in buckets:
        (root / bucket).mkdir()
        for one in store.objects.find(bucket):
            path = (root / bucket / one.name).resolve()
            if one.name.endswith("/") or not path.is_relative_to(root / bucket):
                continue
            if not _may(store, principal, "storage.objects.get", bucket, one.name):
                continue
            found = store.objects.get(bucket, one.name)
            if found is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(found.data)
                before[path] = path.stat().st_mtime_ns
    try:
        yield root
    finally:
        for bucket in buckets:
            for path in sorted((root / bucket).rglob("*")):
                if path.is_file() and not path.is_symlink() and before.get(path) != path.stat().st_mtime_ns:
                    put(store, principal, bucket, str(path.relative_to(root / bucket)), path.read_bytes())


def account(store: Store, name: str, given: Any) -> str:
    """Whom a piece of work acts as: the account that it names, else Vertex AI's agent for other people's code."""
    if given:
        return f"serviceAccount:{str(given).rpartition('/')[2]}"
    number = store.number("project", name.split("/")[1])
    return f"serviceAccount:service-{number}@gcp-sa-aiplatform-cc.iam.gserviceaccount.com"


def put(store: Store, principal: str, bucket: str, name: str, data: bytes) -> None:
    """Keep an object as the principal; SandboxError where it may not."""
    if not store.has("google_storage_bucket", bucket):
        raise SandboxError(f"gs://{bucket}: there is no such bucket; make it first")
    for permission in store.objects.needed_to_write(bucket, name):
        if not _may(store, principal, permission, bucket, name):
            raise SandboxError(f"gs://{bucket}/{name}: {principal} needs {permission}")
    store.objects.put(bucket, name, data)


def read(store: Store, principal: str, bucket: str, name: str) -> bytes:
    """An object as the principal; SandboxError where it may not or there is none."""
    found = store.objects.get(bucket, name)
    if found is None:
        raise SandboxError(f"gs://{bucket}/{name}: there is no such object")
    if not _may(store, principal, "storage.objects.get", bucket, name):
        raise SandboxError(f"gs://{bucket}/{name}: {principal} needs storage.objects.get")
    return found.data


def _may(store: Store, principal: str, permission: str, bucket: str, name: str) -> bool:
    about = f"//storage.googleapis.com/projects/_/buckets/{bucket}/objects/{name}"
    return principal == "operator" or iam.decide(store, principal, permission, about).allowed


@contextmanager
def workplace() -> Iterator[Path]:
    """An empty folder for one process, removed with all it holds."""
    with tempfile.TemporaryDirectory(prefix="workload-", ignore_cleanup_errors=True) as folder:
        yield Path(os.path.realpath(folder))
