"""Who works in a team's project, as a table."""

from __future__ import annotations

from functools import cache
from typing import Literal

from settings.model import Model
from stacks.tables import table


class Workloads(Model):
    """Identities of a team's project: Google's agents and the workloads' own, with what each may do there."""

    agents: dict[str, str]
    network_users: list[str]
    shared_keys: dict[str, list[str]]
    roles: dict[str, list[str]]
    titles: dict[str, str]
    datasets: dict[str, str]
    crossings: dict[str, dict[str, dict[Literal["methods", "permissions"], list[str]]]]


@cache
def workloads() -> Workloads:
    """The table of workloads."""
    found: Workloads = table(Workloads, "workloads")
    return found
