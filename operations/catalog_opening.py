"""The desk of an installation, opened on a target: the same desk, in front of Google or of the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from operations import target
from operations.catalog_counter import GoogleCounter, Slips
from operations.catalog_desk import Desk
from operations.catalog_engine import Engine
from operations.catalog_index import Index
from operations.catalog_register import ServiceCatalog
from operations.catalog_shelf import GoogleShelf, SandboxShelf, Shelf
from operations.outcome import OperationFailed
from settings.loading import names_of, read
from settings.model import Installation
from settings.names import COMMON

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

PATIENCE = 120.0
LAUNCHER = "launcher"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
Who = Callable[[str], "Credentials"]
# Who stands at the desk at Google: somebody who orders, or a build, by what it takes to speak to Service Catalog.
Acting = Literal["", "offers", "solutions"]
CUSTOMER: Acting = ""
DESK: Acting = "offers"
KEEPER: Acting = "solutions"


@contextmanager
def at_the_desk(settings: Path, root: Path, name: str = "sandbox", acting: Acting = CUSTOMER) -> Iterator[Desk]:
    """The desk of an installation; waits its turn while another command uses the sandbox.

    At Google people stand in front of it and hand in what they order; in the sandbox this process is the desk.
    """
    installation = read(settings)
    if name == "google":
        yield from _at_google(installation, acting)
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


def _at_google(installation: Installation, acting: Acting) -> Iterator[Desk]:
    names, shelf = names_of(installation), GoogleShelf(names_of(installation).template_bucket())
    who = as_launcher if acting == DESK else as_oneself
    catalog, counter = partial(taken, names.deployer(acting)) if acting else None, None
    if acting == CUSTOMER:
        project = names.project(COMMON, "delivery-i")
        counter = GoogleCounter(Slips(GoogleShelf(names.order_bucket())), project)
    yield from _desk(installation, shelf, who, target.GOOGLE_LABEL, catalog, counter)


def as_oneself(_: str) -> Credentials:
    """Whoever is logged in."""
    import google.auth

    found: Credentials = google.auth.default(scopes=[SCOPE])[0]
    return found


def taken(address: str) -> Credentials:
    """An account, for whoever runs this and may take it."""
    from google.auth.impersonated_credentials import Credentials as Impersonated

    return Impersonated(as_oneself(""), address, [SCOPE])  # type: ignore[no-untyped-call]


def as_launcher(project: str) -> Credentials:
    """The launcher of a project, whom the order desk takes."""
    return taken(_address(project))


def as_sandbox_launcher(project: str) -> Credentials:
    """The same where the sandbox plays Google: the command that takes an order is the launcher."""
    from operations.builds.runner import credentials

    return credentials(f"serviceAccount:{_address(project)}")


def _address(project: str) -> str:
    return f"{LAUNCHER}@{project}.iam.gserviceaccount.com"


def _desk(
    installation: Installation,
    shelf: Shelf,
    who: Who,
    label: str,
    keeper: Callable[[], Credentials] | None = None,
    counter: GoogleCounter | None = None,
) -> Iterator[Desk]:
    engine = Engine(installation.organization.region, who)
    catalog = ServiceCatalog(f"organizations/{installation.organization.organization_id}", keeper)
    desk = Desk(installation, Index(shelf), engine, catalog, label, counter)
    try:
        yield desk
    finally:
        desk.close()
