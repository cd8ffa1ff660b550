"""The most that workloads may hold at a place, held against what the synthesized stacks grant them."""

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
from settings.problems import Problem, suggestion

FILE = Path(__file__).parents[2] / "groups/workload_limits.yaml"
ACCOUNT = "serviceAccount:"
Limits = Mapping[str, Mapping[str, Limit]]


def read_limits(file: Path = FILE) -> Limits:
    """Place -> kind of identity -> its limit."""
    place = f"groups/{file.name}"
    found: Limits = parse(TypeAdapter(dict[str, dict[str, Limit]]), read_yaml(file, place), place)
    return found


def held_by_workloads(access: Access) -> Iterator[tuple[str, str, str, str]]:
    """Place, kind of identity, role and address of each grant to a service account on a project or above one.

    A place that has no name of its own is told as IAM spells it, so that it has no limit.
    """
    places = _places(access)
    for where, grants in access.policies.grants.items():
        if where.startswith(MANAGER):
            for grant in grants:
                if grant.member.startswith(ACCOUNT):
                    kind = _kind(access, grant.member, where.rpartition("/")[2])
                    yield places.get(where, where), kind, grant.role, grant.address


def _places(access: Access) -> dict[str, str]:
    """The name of each folder and project in the limits: what there is once has its own, the rest that of its kind."""
    words = access.words
    found = {"organization": "organization"} | {word: f"{word}-folder" for word in words.folders}
    for place, projects in words.projects().items():
        for what in projects:
            alike = place if what in words.it.teams or place == "data" else what.partition("-")[0]
            found[f"{place}/{what}"] = alike
    return {access.policies.places.plain(words.where(word)): name for word, name in found.items()}


def workload_problems(access: Access, limits: Limits) -> Iterator[Problem]:
    """Every grant to a workload that goes beyond its limit. What is not in the file is refused: default deny."""
    for place, kind, role, address in held_by_workloads(access):
        limit, short = limits.get(place, {}).get(kind), spelled(access, role)
        text = f"gives '{short}' to {'an' if kind[0] in 'aeiou' else 'a'} {kind} in {place}"
        if limit is None or short not in limit.roles:
            way_out = "choose a narrower role, or raise groups/workload_limits.yaml"
            if place not in limits:
                near = suggestion(place, limits, "choose a narrower role, or add the place")
                way_out = f"groups/workload_limits.yaml has no '{place}'; {near}"
            yield Problem(address, f"{text}, beyond the limit", way_out)
            continue
        held = access.policies.permissions(role) or frozenset()
        for pattern in limit.never:
            if found := sorted(name for name in held if fnmatchcase(name, pattern)):
                yield Problem(address, f"{text}, which holds '{found[0]}'", "choose a narrower role")
                break


def _kind(access: Access, member: str, project: str) -> str:
    """What an identity is for: an account of a team by its name, elsewhere or not of a team by whose it is."""
    names, it = access.words.names, access.words.it
    account, _, home = member.removeprefix(ACCOUNT).partition("@")
    home = home.partition(".")[0]
    teams = {names.project(e, team) for e in it.environments for team in it.teams}
    if account.startswith("agent-of-"):
        return "agent"
    if home in teams:
        alien = project in teams - {home}
        return "neighbour" if alien else "launch" if account.startswith("launch-") else account
    kinds = {names.project(COMMON, "seed"): "deployer"}
    kinds |= {names.project(COMMON, place): "builder" for place in ("delivery-i", "delivery-w")}
    return kinds.get(home, "agent")


def spelled(access: Access, role: str) -> str:
    """A role as the files spell it: the platform's own by its key."""
    name = role.rpartition("/")[2].removeprefix(access.words.names.role_id(""))
    return role if role.startswith("roles/") else f"{OWN}{name}"
