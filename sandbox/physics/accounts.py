"""Service accounts by their address: those that somebody makes, and those that Google makes."""

import re
from dataclasses import dataclass
from functools import cache

from sandbox import facts
from sandbox.physics.world import World

_OWN = re.compile(r"([a-z0-9-]+)@([a-z0-9-]+)\.iam\.gserviceaccount\.com")


@dataclass(frozen=True)
class Agent:
    """An account of Google's: the service it acts for and the number of the project it belongs to."""

    service: str
    number: int
    born_with_api: bool


def agent_of(email: str) -> Agent | None:
    """The agent with this address; None for accounts that somebody makes."""
    digits = re.search(r"\d{6,}", email)
    if digits is None:
        return None
    service = _addresses().get(email.replace(digits[0], "{number}", 1))
    if service is None:
        return None
    name, born = service
    return Agent(name, int(digits[0]), born)


@cache
def _addresses() -> dict[str, tuple[str, bool]]:
    table = facts.table("service_agents")
    born = table["born_with_api"]
    named = {pattern: (service, service in born) for service, pattern in table["agents"].items()}
    return named | {pattern: (service, True) for pattern, service in table["default_accounts"].items()}


def agent_exists(email: str, agent: Agent, world: World) -> bool:
    """Was the agent born: with its API, by its identity, or because somebody asked for its address?"""
    project = world.store.numbered("project", agent.number)
    if project is None:
        return False
    if agent.born_with_api:
        return world.enabled(project, agent.service)
    identity = f"projects/{project}/services/{agent.service}"
    return world.has("google_project_service_identity", identity) or world.store.has_number("agent", email)


def account_exists(email: str, world: World) -> bool:
    """Is there a service account with this address? What cannot be judged counts as existing."""
    agent = agent_of(email)
    if agent is not None:
        return agent_exists(email, agent, world)
    own = _OWN.fullmatch(email)
    if own is None or own[2].startswith("gcp-sa-"):
        return True
    return world.has("google_service_account", f"projects/{own[2]}/serviceAccounts/{email}")
