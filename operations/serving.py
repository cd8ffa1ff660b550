"""The sandbox's API for Google's own clients, for as long as somebody wants it."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from operations.runners import Workshop
from operations.target import SandboxTarget, as_failures, home_of
from sandbox import redirect
from sandbox.api.server import serving
from sandbox.exclusive import exclusively
from sandbox.session import Cloud
from sandbox.store import Store


@dataclass(frozen=True)
class Served:
    """A sandbox that answers HTTP."""

    endpoint: str
    reachable: str
    """Who can reach it, for people."""
    environment: dict[str, str]
    """What a Python program needs around it so that Google's clients come here."""


@contextmanager
def served(
    root: Path,
    *,
    host: str,
    port: int,
    principal: str = redirect.OPERATOR,
    workshop: Workshop | None = None,
    cloud: Cloud | None = None,
) -> Iterator[Served]:
    """Serve the sandbox below `root` beside whatever else uses it; OperationFailed while another one serves it.

    Builds, deployments and jobs are really done, by `workshop` if one is given. Who runs the sandbox in this process
    already gives its `cloud`.
    """
    home = home_of("sandbox", root)
    with as_failures():
        home.mkdir(parents=True, exist_ok=True)
        with (
            exclusively(home / "serve.lock"),
            Store(home / "cloud.db") as store,
            serving(store, home / "schema", host=host, port=port) as facade,
        ):
            (workshop or Workshop(home, root, cloud)).register(facade)
            around = redirect.environment(facade.endpoint, principal, base={})
            yield Served(facade.endpoint, _reachable(host), around)


@contextmanager
def served_alone(root: Path, *, host: str, port: int, principal: str) -> Iterator[Served]:
    """The same by a process that does nothing else: its own clients, which do the sandbox's work, come here as well."""
    with served(root, host=host, port=port, principal=principal) as api, redirect.installed(api.endpoint):
        yield api


@contextmanager
def clients(target: str, root: Path, cloud: Cloud | None = None, principal: str = redirect.OPERATOR) -> Iterator[None]:
    """Google's clients in this process talk to the target while the block runs; steps of a build do so already.

    In the sandbox they act as the `principal`. Who runs the sandbox in this process already gives its `cloud`, so that
    deployments can be applied.
    """
    if target == "google" or redirect.ENDPOINT in os.environ:
        yield
        return
    with served(root, host="127.0.0.1", port=0, cloud=cloud) as api, redirect.installed(api.endpoint, principal):
        yield


@contextmanager
def beside(place: SandboxTarget, root: Path) -> Iterator[None]:
    """Google's clients in this process talk to a sandbox that it runs itself; what was begun ends before the block."""
    with serving(place.cloud.store, place.home / "schema") as facade:
        Workshop(place.home, root, place.cloud).register(facade)
        with redirect.installed(facade.endpoint, redirect.OPERATOR):
            try:
                yield
            finally:
                facade.operations.wait()


def _reachable(host: str) -> str:
    try:
        local = ipaddress.ip_address(socket.gethostbyname(host)).is_loopback
    except (OSError, ValueError):
        local = False
    return "only this computer can reach it" if local else "EVERY COMPUTER IN THIS NETWORK CAN REACH IT"
