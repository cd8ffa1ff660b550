"""Finds the installed CDKTF bindings of a provider and reads the TypeScript they were generated as."""

import base64
import importlib.metadata
import importlib.util
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

from sandbox.errors import SandboxError

PACKAGES = {"google": "cdktf_cdktf_provider_google", "google-beta": "cdktf_cdktf_provider_google_beta"}
_SERVED = re.compile(r"bindings for hashicorp/[\w-]+ provider version (\S+)")


def version(provider: str) -> str:
    """The provider version that the installed bindings were generated from."""
    try:
        text = importlib.metadata.distribution(PACKAGES[provider].replace("_", "-")).read_text("METADATA") or ""
    except importlib.metadata.PackageNotFoundError:
        text = ""
    match = _SERVED.search(text)
    if match is None:
        raise SandboxError(f"{PACKAGES[provider]}: not installed; install the dependencies of this project again")
    return match.group(1)


def modules(provider: str) -> Iterator[str]:
    """The TypeScript source of every resource, data source and the provider itself."""
    parts: dict[str, list[str]] = {}
    with tarfile.open(_tarball(provider)) as archive:
        for member in archive:
            path = member.name.split("/")
            if not member.name.endswith(".js") or len(path) < 4 or path[1] != "lib":
                continue
            file = archive.extractfile(member)
            raw = file.read() if file else b""
            start = raw.rfind(b"application/json;base64,")
            if start > 0:  # sources survive only inside the source maps
                parts.setdefault(path[2], []).append(
                    json.loads(base64.b64decode(raw[start + 24 :]))["sourcesContent"][0]
                )
    for source in map("\n".join, parts.values()):
        if "tfResourceType" in source:
            yield source


def _tarball(provider: str) -> Path:
    found = importlib.util.find_spec(PACKAGES[provider])
    for folder in (found.submodule_search_locations if found else None) or []:
        for file in Path(folder, "_jsii").glob("*.jsii.tgz"):
            return file
    raise SandboxError(f"{PACKAGES[provider]}: its _jsii archive is missing; install the package again")
