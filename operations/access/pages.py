"""Papers about people, made from the groups' files and the synthesized stacks: the README of the room, code owners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from groups.personas import Persona
from operations.access.asking import Access
from operations.access.matrix import as_table, matrix, read_capabilities
from operations.access.owners import code_owners

INTRO = """# Groups: who may do what

One file per persona; what holds for all of them is in `roles/`, `denials.yaml`, `limits.yaml` and `exclusive.yaml`.
`workload_limits.yaml` is the most that workloads may hold; `blueprint access questions` holds them against it.
From these files come the groups, their members and bindings, deny policies, entitlements, code owners and approvers.
This page is made by `make bless`.

To change what somebody may do: edit the persona, raise the limit if the role is new there, run `blueprint check`, ask
`blueprint access can WHO PERMISSION WHERE`, and add the question to `questions.yaml` if it matters.
"""


def people_page(access: Access) -> str:
    """groups/README.md."""
    personas = access.words.personas
    columns = ["persona", "purpose", "approves", "writes", "denied", "may ask for"]
    lines = [INTRO, "## Personas", "", *_table(columns, (_persona(k, p) for k, p in personas.items()))]
    lines += ["", "## Roles by place", "", *_table(["persona", "place", "roles"], _roles(access))]
    lines += ["", "## Denied whatever is granted", "", *_table(["denial", "whom, where", "why"], _denials(access))]
    lines += [
        "",
        "## What each may do in a team's project",
        "",
        "Asked of the synthesized stacks; `-` is no, `?` not known.",
    ]
    lines += [
        f"- *{key}* {capability.title}: `{capability.permission}`" for key, capability in read_capabilities().items()
    ]
    return "\n".join([*lines, "", *as_table(matrix(access))]) + "\n"


def _table(columns: list[str], rows: Iterable[list[str]]) -> list[str]:
    return [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", *(f"| {' | '.join(row)} |" for row in rows)]


def _persona(key: str, persona: Persona) -> list[str]:
    writes = [f"{repository} `{' '.join(paths)}`" for repository, paths in persona.writes.items()]
    denied = [f"{', '.join(words)} in {place}" for place, words in persona.denied.items()]
    lent = [f"`{', '.join(one.roles)}` for {one.hours} h from {one.approver}" for one in persona.lent.values()]
    parts = ["; ".join(part) for part in (persona.approves, writes, denied, lent)]
    return [f"[{persona.title}]({key}.yaml)" + (", per team" if persona.per_team else ""), persona.purpose, *parts]


def _roles(access: Access) -> Iterator[list[str]]:
    for key, persona in access.words.personas.items():
        for place, roles in persona.grants.items():
            yield [key, place, ", ".join(f"`{role}`" for role in sorted(roles))]


def _denials(access: Access) -> Iterator[list[str]]:
    for denial in access.rules.denials.values():
        whom = [f"every person in {', '.join(denial.people)}"] if denial.people else []
        whom += [f"everybody in {', '.join(denial.everybody)}"] if denial.everybody else []
        yield [denial.title, "; ".join(whom) or "personas that name it", denial.why]


def owners_pages(access: Access) -> dict[str, str]:
    """The code owners of every repository of the installation, by file name."""
    it, personas = access.words.it, access.words.personas
    found = {name: code_owners(it, personas, name) for name in ("infrastructure", "templates", "containers")}
    return found | {f"team-{team}": code_owners(it, personas, "team", team) for team in it.teams}
