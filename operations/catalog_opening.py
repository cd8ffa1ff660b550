"""The desk of an installation, opened on a target: the same desk, in front of Google or of the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from operations import target
from operations.catalog_desk import Desk
from operations.catalog_engine import Engine
from operations.catalog_index import Index
from operations.catalog_register import ServiceCatalog
from operations.catalog_shelf import GoogleShelf, SandboxShelf, Shelf
from operations.outcome import OperationFailed
from settings.loading import names_of, read
from settings.model import Installation

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

PATIENCE = 120.0
LAUNCHER = "launcher"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
Who = Callable[[str], "Credentials"]


@contextmanager
def at_the_desk(settings: Path, root: Path, name: str = "sandbox") -> Iterator[Desk]:
    """The desk of an installation; waits its turn while another command uses the sandbox."""
    installation = read(settings)
    if name == "google":
        yield from _desk(
            installation, GoogleShelf(names_of(installation).template_bucket()), as_launcher, target.GOOGLE_LABEL
        )
        return
    with patiently(root) as place, in_sandbox(installation, place, root) as desk:
        yield desk


@contextmanager
def patiently(root: Path) -> Iterator[target.SandboxTarget]:
    """The sandbox below a folder, after waiting for whoever uses it now."""
    end = time.monotonic() + PATIENCE
    while True:
        context = target.opened("sandbox", root)
        try:
            place = context.__enter__()
        except OperationFailed as error:
            if "in use by" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.1)
            continue
        break
    try:
        yield cast("target.SandboxTarget", place)
    finally:
        context.__exit__(None, None, None)


@contextmanager
def in_sandbox(installation: Installation, place: target.SandboxTarget, root: Path) -> Iterator[Desk]:
    """The desk on a sandbox that this process runs. What a dead process left under way is marked as failed."""
    from operations.serving import beside
    from sandbox.workloads.deployments import give_up

    shelf = SandboxShelf(place.cloud.store, names_of(installation).template_bucket())
    give_up(place.cloud.store)
    with beside(place, root):
        yield from _desk(installation, shelf, as_sandbox_launcher, place.label)


def as_launcher(project: str) -> Credentials:
    """The launcher of a project, for whoever runs this and may act as it."""
    import google.auth
    from google.auth.impersonated_credentials import Credentials as Impersonated

    source, _ = google.auth.default(scopes=[SCOPE])
    return Impersonated(source, _address(project), [SCOPE])  # type: ignore[no-untyped-call]


def as_sandbox_launcher(project: str) -> Credentials:
    """The same where the sandbox plays Google: the command that takes an order is the launcher."""
    from operations.builds.runner import credentials

    return credentials(f"serviceAccount:{_address(project)}")


def _address(project: str) -> str:
    return f"{LAUNCHER}@{project}.iam.gserviceaccount.com"


def _desk(installation: Installation, shelf: Shelf, who: Who, label: str) -> Iterator[Desk]:
    engine = Engine(installation.organization.region, who)
    catalog = ServiceCatalog(f"organizations/{installation.organization.organization_id}")
    desk = Desk(installation, Index(shelf), engine, catalog, label)
    try:
        yield desk
    finally:
        desk.close()
