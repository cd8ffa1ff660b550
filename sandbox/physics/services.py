"""Which API a type of resource belongs to, and which projects have to have enabled it."""

from collections.abc import Iterator
from functools import cache

from sandbox import facts
from sandbox.physics.change import Change, project_in
from sandbox.templates import host_of


@cache
def service_of(type_: str) -> str:
    """The API that makes resources of a type, such as `storage.googleapis.com`; empty where it is not known."""
    table = facts.table("services")
    known = table["types"].get(type_)
    if known:
        return f"{known}.googleapis.com"
    base = type_
    for ending in table["endings"]:
        base = base.removesuffix(ending)
    if base != type_:
        return service_of(base)
    family = next((service for start, service in table["families"].items() if type_.startswith(start)), "")
    return host_of(type_) or (f"{family}.googleapis.com" if family else "")


def needed(change: Change) -> Iterator[tuple[str, str]]:
    """(project, API) of each API that the change needs."""
    table = facts.table("services")
    service = service_of(change.type)
    if not service or service in table["always"]:
        return
    project = project_in(change.values)
    if project and service not in table["charged_to_the_caller"]:
        yield project, service
    if payer := change.text("billing_project"):
        yield payer, service
    if change.consumer and change.type not in table["without_consumer"]:
        yield change.consumer, service
