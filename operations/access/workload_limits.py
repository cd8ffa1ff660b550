"""The most that workloads may hold in an environment, held against what the synthesized stacks grant them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import TypeAdapter

from groups.personas import OWN
from groups.rules import Limit
from operations.access.asking import Access
from sandbox.iam.places import MANAGER
from settings.loading import parse, read_yaml
from settings.names import COMMON
from settings.problems import Problem

FILE = Path(__file__).parents[2] / "groups/workload_limits.yaml"
ACCOUNT = "serviceAccount:"
Limits = Mapping[str, Mapping[str, Limit]]


def read_limits(file: Path = FILE) -> Limits:
    """Environment -> kind of identity -> its limit."""
    place = f"groups/{file.name}"
    found: Limits = parse(TypeAdapter(dict[str, dict[str, Limit]]), read_yaml(file, place), place)
    return found


def held_by_workloads(access: Access) -> Iterator[tuple[str, str, str, str]]:
    """Environment, kind of identity, role and address of each grant to a service account on a team's project."""
    names, it = access.words.names, access.words.it
    for environment in it.environments:
        for team in it.teams:
            project = names.project(environment, team)
            for grant in access.policies.grants.get(f"{MANAGER}projects/{project}", ()):
                if grant.member.startswith(ACCOUNT):
                    yield environment, _kind(access, grant.member, project), grant.role, grant.address


def workload_problems(access: Access, limits: Limits) -> Iterator[Problem]:
    """Every grant to a workload that goes beyond its limit. What is not in the file is refused: default deny."""
    for environment, kind, role, address in held_by_workloads(access):
        limit, short = limits.get(environment, {}).get(kind), _short(access, role)
        text = f"gives '{short}' to a {kind} in {environment}"
        if limit is None or short not in limit.roles:
            way_out = "choose a narrower role, or raise groups/workload_limits.yaml"
            yield Problem(address, f"{text}, beyond the limit", way_out)
            continue
        held = access.policies.permissions(role) or frozenset()
        for pattern in limit.never:
            if found := sorted(name for name in held if fnmatchcase(name, pattern)):
                yield Problem(address, f"{text}, which holds '{found[0]}'", "choose a narrower role")
                break


def _kind(access: Access, member: str, project: str) -> str:
    """What an identity is for: by name in the project itself, else by whose it is."""
    names, it = access.words.names, access.words.it
    account, _, home = member.removeprefix(ACCOUNT).partition("@")
    home = home.partition(".")[0]
    if account.startswith("agent-of-"):
        return "agent"
    if home == project:
        return "launch" if account.startswith("launch-") else account
    kinds = {names.project(COMMON, "seed"): "deployer"}
    kinds |= {names.project(COMMON, place): "builder" for place in ("delivery-i", "delivery-w")}
    kinds |= {names.project(e, team): "neighbour" for e in it.environments for team in it.teams}
    return kinds.get(home, "agent")


def _short(access: Access, role: str) -> str:
    """A role as the files spell it: the platform's own by its key."""
    name = role.rpartition("/")[2].removeprefix(access.words.names.role_id(""))
    return role if role.startswith("roles/") else f"{OWN}{name}"
