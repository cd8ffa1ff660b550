"""Customer-managed keys: which key a resource names, where keys lie, who may use them."""

from collections.abc import Iterator

from sandbox import facts
from sandbox.physics.change import Change, Path, project_in
from sandbox.physics.references import is_grant, path_in
from sandbox.physics.services import service_of
from sandbox.physics.world import World
from sandbox.templates import agent

_SCOPES = (
    ("google_kms_crypto_key", 8),
    ("google_kms_key_ring", 6),
)


def keys_of(change: Change) -> Iterator[tuple[Path, str]]:
    """(place, key) of each key that is to protect the resource."""
    if change.type.startswith("google_kms_") or is_grant(change.type):
        return
    for place, text in change.strings:
        names = [part for part in place if isinstance(part, str)]
        if "/cryptoKeys/" in text and ("kms_key" in names[-1] or "kms_key" in names[0]):
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
    """Is the account granted to encrypt with the key: on it, on its ring or on its project?"""
    member = f"serviceAccount:{email}"
    parts = key.split("/")
    scopes = [(type_, "/".join(parts[:length])) for type_, length in _SCOPES]
    scopes.append(("google_project", world.project_id(parts[1])))
    return any(
        _granted(world, type_, id_, role, member) for role in facts.table("keys")["roles"] for type_, id_ in scopes
    )


def _granted(world: World, type_: str, id_: str, role: str, member: str) -> bool:
    if world.has(f"{type_}_iam_member", f"{id_}/{role}/{member}"):
        return True
    bound = world.store.under(f"{type_}_iam_binding", f"{id_}/{role}")
    return any(member in (values.get("members") or ()) for _, values in bound)


def location_of(key: str) -> str:
    """Where a key lies."""
    return key.split("/")[3]
