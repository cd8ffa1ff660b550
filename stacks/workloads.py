"""The table of workloads, typed: who works in a team's project."""

from __future__ import annotations

from settings.model import Model
from stacks.source_kinds import Operations


class Workloads(Model):
    """Identities of a team's project: Google's agents and the workloads' own, with what each may do there."""

    agents: dict[str, str]
    network_users: list[str]
    shared_keys: dict[str, list[str]]
    roles: dict[str, list[str]]
    titles: dict[str, str]
    starters: dict[str, list[str]]
    datasets: dict[str, str]
    crossings: dict[str, Operations]
