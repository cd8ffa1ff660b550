"""Customer-managed keys: which key a resource names, where keys lie, who may use them."""

from collections.abc import Iterator

from sandbox import facts
from sandbox.iam import decide
from sandbox.physics.change import Change, Path, project_in
from sandbox.physics.references import is_grant, path_in
from sandbox.physics.rules.caller_permitted import policies_of
from sandbox.physics.services import service_of
from sandbox.physics.world import World
from sandbox.templates import agent

STATES, PRIMARY = "kms:states", "kms:primary"
"""Where the API keeps the states of versions, and which of them encrypts."""


def keys_of(change: Change) -> Iterator[tuple[Path, str]]:
    """(place, key) of each key that is to protect the resource."""
    if change.type.startswith("google_kms_") or is_grant(change.type):
        return
    for place, text in change.strings:
        names = [part for part in place if isinstance(part, str)]
        if "/cryptoKeys/" in text and path_in(text) and ("key" in names[-1] or "key" in names[0]):
            yield place, "/".join(path_in(text).split("/")[:8])


def users_of(change: Change, world: World) -> list[str]:
    """The addresses of the agents that use a key of the resource."""
    project = project_in(change.values)
    if not project:
        return []
    table, number, service = facts.table("keys"), world.number(project), service_of(change.type)
    own = table["addresses"].get(change.type)
    if own:
        return [own.format(number=number)]
    return [agent(name, number) for name in table["agents"].get(service, [service])]


def may_use(email: str, key: str, world: World) -> bool:
    """Is the account permitted to encrypt and decrypt with the key, by a grant on it or on anything above?"""
    who, about = f"serviceAccount:{email}", f"//cloudkms.googleapis.com/{key}"
    policies = policies_of(who, world)
    return all(decide(policies, who, it, about).allowed for it in facts.table("keys")["permissions"])


def primary_state(key: str, world: World) -> str:
    """The state of the version that encrypts."""
    number = (world.store.documents.get(PRIMARY, key) or {}).get("number", 1)
    return str((world.store.documents.get(STATES, f"{key}/cryptoKeyVersions/{number}") or {}).get("state", "ENABLED"))


def location_of(key: str) -> str:
    """Where a key lies."""
    return key.split("/")[3]
