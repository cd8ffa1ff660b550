"""The data tables beside the stacks, typed. They say what; the stacks only translate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from settings.loading import parse, read_yaml
from settings.model import Model
from settings.values import EnvironmentKey

FOLDER = Path(__file__).parent
OWN = "platform/"

FolderKey = Literal["common", "interactive", "nonproduction", "production"]
Role = Annotated[str, StringConstraints(pattern=r"^(roles/|platform/)[A-Za-z0-9_.]+$")]


class CustomRole(Model):
    """A role of the platform's own, where Google's narrowest is too wide."""

    title: str
    permissions: Annotated[list[str], Field(min_length=1)]


class Deployer(Model):
    """One identity that deploys: which stacks' state it keeps and what it may do where.

    `state` lists beginnings of stack names; an identity that `reads_state` sees all of it and changes none.
    `seed_hands_out` are the roles that it may grant on the seed project, and no others.
    """

    title: str
    state: list[str] = []
    reads_state: bool = False
    organization: list[Role] = []
    parent: list[Role] = []
    billing: list[Role] = []
    seed: list[Role] = []
    seed_hands_out: list[Role] = []
    access_policy: list[Role] = []
    folders: dict[FolderKey, list[Role]] = {}


class Everybody(Model):
    """What every deploying identity holds."""

    parent: list[Role]
    seed: list[Role]


class Deployers(Model):
    """Every deploying identity, what `all` of them hold, and who of them the repository host may be."""

    roles: dict[str, CustomRole]
    all: Everybody
    federated: list[str]
    deployers: dict[str, Deployer]

    def at_teams(self, environment: str) -> Deployer:
        """The one that deploys the projects of teams in an environment."""
        return next(deployer for deployer in self.deployers.values() if f"{environment}-" in deployer.state)

    @property
    def concerns(self) -> list[str]:
        """The identities that change something."""
        return [key for key, deployer in self.deployers.items() if deployer.state]


class Audit(Model):
    """Services whose data is audited, and roles whose grant is told at once."""

    services: list[str]
    log_types: list[Literal["ADMIN_READ", "DATA_READ", "DATA_WRITE"]]
    dangerous_roles: list[str]


class LogSink(Model):
    """Logs of the whole platform that go to one destination. An entry goes there when one of `any` is true of it."""

    description: str
    any: Annotated[list[str], Field(min_length=1)]

    @property
    def query(self) -> str:
        return " OR ".join(f"({part})" for part in self.any)


class LogSinks(Model):
    """One sink per kind of destination."""

    analytics: LogSink
    archive: LogSink
    stream: LogSink


class LogMetric(Model):
    """Log entries of the platform, counted per project."""

    description: str
    filter: str


class Alert(Model):
    """When whom to call. `threshold` is a number or a key of the environment's alerts.

    `audience` is the team (one policy per team project) or security (one per environment). `about` limits it to teams
    of one orchestrator or purpose, or to the common projects. `log_metric` counts log entries; otherwise `filter` names
    a metric of Google's.
    """

    title: str
    response: str
    audience: Literal["team", "security"]
    about: Literal["vertex", "composer", "predictive", "generative", "common"] | None = None
    severity: Literal["CRITICAL", "ERROR", "WARNING"] = "ERROR"
    filter: str | None = None
    ratio_to: str | None = None
    log_metric: str | None = None
    aligner: str = "ALIGN_DELTA"
    reducer: str | None = "REDUCE_SUM"
    group_by: list[str] = []
    seconds: int = 300
    lasting: int = 0
    threshold: float | str = 0


class Tile(Model):
    """One chart of an environment's dashboard, a line per team project and group."""

    title: str
    subject: Literal["quality", "latency", "errors", "resources", "tokens", "pipelines"]
    filter: str
    aligner: str = "ALIGN_DELTA"
    reducer: str = "REDUCE_SUM"
    group_by: list[str] = []


class Watching(Model):
    """What is counted, alerted on and shown."""

    log_metrics: dict[str, LogMetric]
    alerts: dict[str, Alert]
    tiles: dict[str, Tile]


class FirewallRule(Model):
    """One line of every network's firewall; see stacks/firewall.yaml."""

    priority: Annotated[int, Field(ge=0, le=2147483547)]
    direction: Literal["INGRESS", "EGRESS"]
    action: Literal["allow", "deny"]
    between: str
    protocol: str
    ports: list[str] = []
    accounts: str | None = None


class Domains(Model):
    """Names that lead to a network's private endpoint, and who answers for the few that do not."""

    private: list[str]
    resolvers: list[str]


class ProtectedServices(Model):
    """What perimeters protect, what they leave open and why, and which of the open is called from inside."""

    restricted: list[str]
    open: dict[str, str]
    reachable: list[str]


class PackageRepository(Model):
    """A repository of the artifacts project; see stacks/package_repositories.yaml."""

    format: Literal["DOCKER", "KFP", "PYTHON", "APT"]
    source: Literal["own", "remote", "virtual"]
    description: str
    upstream: str | None = None
    path: str | None = None
    of: list[str] = []
    keep: int = 0
    days: int = 0
    dry_run: bool = True


class Builder(Model):
    """An identity under which builds run; see stacks/delivery.yaml. `takes` is one deploying identity, or all.

    One that is `per_team` is as many identities; with a `purpose` only teams of that purpose have it.
    """

    title: str
    home: Literal["delivery-i", "delivery-w"]
    per_team: bool = False
    purpose: Literal["predictive", "generative"] | None = None
    takes: str | None = None
    state: Literal["read", "write"] | None = None
    plans: Literal["write", "both"] | None = None
    approved: Literal["read", "both"] | None = None
    releases: Literal["sign", "verify"] | None = None
    history: bool = False
    writes: list[str] = []
    templates: str | None = None
    orders: bool = False
    judges: EnvironmentKey | None = None
    artifacts: list[Role] = []

    def owners(self, teams: Mapping[str, str]) -> Sequence[str | None]:
        """The teams, of all by their purpose, that have such an identity; None where it is nobody's own."""
        return sorted(key for key, it in teams.items() if self.purpose in (None, it)) if self.per_team else [None]


class DeliveryPlace(Model):
    """A build project: which addresses it has, and which Google APIs it reaches."""

    title: str
    network: Literal["infrastructure", "workloads"]
    bundle: Literal["all-apis", "vpc-sc"]


class Delivery(Model):
    """The build projects, what Google's agents hold in them, and the identities of the builds."""

    places: dict[str, DeliveryPlace]
    agents: dict[str, Role]
    all: list[Role]
    readers: list[Role]
    builders: dict[str, Builder]


class LogRouter(Model):
    """Google's agent that carries logs to their destinations, and what it does there."""

    agent: str
    project: str
    roles: list[Role]


class Doors(Model):
    """Doors of the perimeters that belong to no single team; see stacks/exchange.yaml."""

    places: dict[Literal["common", "logging"], list[str]]
    logs: LogRouter
    builders: dict[Literal["read", "write"], Role]
    orders: dict[str, list[Role]]


def table(model: type[Any], name: str) -> Any:
    """The table `name` (a YAML file beside the stacks) as `model`. Raises InvalidSettings with every offence."""
    place = f"{FOLDER.name}/{name}.yaml"
    return parse(TypeAdapter(model), read_yaml(FOLDER / f"{name}.yaml", place), place)


def resolved(roles: Sequence[str], custom: dict[str, str]) -> dict[str, str]:
    """Full names by the role as it is written: `platform/NAME` stands for a role of the platform's own."""
    return {role: custom[role.removeprefix(OWN)] if role.startswith(OWN) else role for role in sorted(roles)}
