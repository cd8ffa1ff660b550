"""Some services look at once whether their agent may do its work, and refuse the resource where a role is missing."""

from sandbox import facts
from sandbox.physics.change import Change, Values, forbidden, project_in
from sandbox.physics.references import path_in, shape_of
from sandbox.physics.world import World
from sandbox.templates import agent, last

TABLE = facts.table("agent_roles")
TYPES = list(TABLE)
ACTIONS = ("create", "update")
RANK = 7


def check(change: Change, world: World) -> None:
    for need in TABLE[change.type]:
        email = _email(change, need, world)
        for target in _targets(change, need):
            if email and not any(_granted(world, target, role, f"serviceAccount:{email}") for role in need["roles"]):
                message = f"{email} needs {need['roles'][0]} on {target}."
                raise forbidden(message, "forbidden", way_out="Grant it before; depend on the grant.")


def _email(change: Change, need: Values, world: World) -> str:
    if "account" in need:
        return next(iter(_at(change, need["account"])), "")
    project = change.text(need["of"]) if "of" in need else project_in(change.values)
    return agent(need["agent"], world.number(project))


def _targets(change: Change, need: Values) -> list[str]:
    if need.get("target") == "project":
        return [f"projects/{project_in(change.values)}"]
    if "host" in need:
        paths = [path_in(text) for text in _at(change, need["host"])]
        hosts = ["/".join(path.split("/")[:2]) for path in paths if path]
        return [host for host in hosts if last(host) != project_in(change.values)]
    return [_path(text) for text in _at(change, need["target"])]


def _at(change: Change, attribute: str) -> list[str]:
    path = attribute.split(".")
    return [
        text for place, text in change.strings if [part for part in place if isinstance(part, str)] == path and text
    ]


def _path(text: str) -> str:
    if "@" in text and "/" not in text:
        return f"projects/{text.partition('@')[2].partition('.')[0]}/serviceAccounts/{text}"
    return text.partition("/versions/")[0]


def _granted(world: World, target: str, role: str, member: str) -> bool:
    """On the thing itself, or on its project."""
    parts = target.split("/")
    for type_ in shape_of(parts):
        name = parts[1] if type_ == "google_project" else target
        if world.has(f"{type_}_iam_member", f"{name}/{role}/{member}"):
            return True
    return world.has("google_project_iam_member", f"{world.project_id(parts[1])}/{role}/{member}")
