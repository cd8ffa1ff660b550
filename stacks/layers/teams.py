"""The projects of the teams, the doors of the perimeters between all projects, and what watches them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalog_templates.manifest import Manifest
from catalog_templates.template import read_all as read_templates
from cloudbuild.pipelines import read as read_pipelines
from groups.personas import grants
from settings.names import COMMON
from stacks.composition import Composition
from stacks.constructs.orchestrator import ORCHESTRATORS
from stacks.constructs.perimeter import Mode
from stacks.exchange import ExchangeStack
from stacks.interactive import InteractiveStack
from stacks.observability import ObservabilityStack
from stacks.operational import OperationalStack
from stacks.source_kinds import Kind
from stacks.stack import Stack
from stacks.tables import Audit, Delivery, Deployers, Doors, Watching, resolved, table
from stacks.workloads import Workloads


def teams(c: Composition, on_top_of: Sequence[Stack]) -> None:
    """Each team's project in each environment; an operational one takes its models from the one before it."""
    deployers, builds = table(Deployers, "deployers"), c.names.project(COMMON, "delivery-i")
    custom = {key: c.names.role(key) for key in deployers.roles}
    for key, team in c.it.teams.items():
        before: tuple[str, Mode] | None = None
        earlier = list(on_top_of)
        for environment, place in c.it.environments.items():
            shared: dict[str, Any] = {
                **c.shared,
                "environment": environment,
                "place": place,
                "key": key,
                "team": team,
                "keys": c.it.keys.environment,
                "people": {
                    word: (f"group:{c.names.group(word, key)}", grants(persona, environment))
                    for word, persona in c.personas.items()
                    if persona.per_team
                },
                "sources": c.it.sources,
                "builds": (
                    builds,
                    list(resolved(deployers.at_teams(environment).folders[environment], custom).values()),
                ),
                "common": c.it.organization.common_perimeter,
                "workloads": table(Workloads, "workloads"),
                "kinds": table(dict[str, Kind], "sources"),
            }
            if place.kind == "interactive":
                stack: Stack = InteractiveStack(
                    c.app,
                    f"{environment}-{key}",
                    **shared,
                    apis=c.apis("team", "team-interactive", "team-composer"),
                    desk=f"serviceAccount:{c.names.service_account(COMMON, 'delivery-i', 'order-desk')}",
                    orderers={persona: f"group:{c.names.group(persona, key)}" for persona in c.orderers},
                    templates=_templates(environment),
                )
            else:
                kinds = ("team", f"team-{team.orchestrator}")
                stack = OperationalStack(
                    c.app,
                    f"{environment}-{key}",
                    **shared,
                    apis=c.apis(*kinds),
                    orchestrator=ORCHESTRATORS[team.orchestrator],
                    promotes_from=before,
                    judges=_judges(c, key, environment),
                )
                before = (environment, place.perimeter)
            for below in (c.find(f"network-{environment}"), *earlier):
                stack.add_dependency(below)
            earlier = [*on_top_of, stack] if before else earlier


def _judges(c: Composition, key: str, environment: str) -> dict[str, str]:
    """The builders that judge releases of a team with the models of an environment."""
    found = {} if c.it.teams[key].purpose == "predictive" else table(Delivery, "delivery").builders
    own = {name: f"{name}-{key}" if it.per_team else name for name, it in found.items() if it.judges == environment}
    return {key: f"serviceAccount:{c.names.service_account(COMMON, found[key].home, own[key])}" for key in own}


def _templates(environment: str) -> dict[str, Manifest]:
    """The templates that are offered in an environment."""
    return {key: it.manifest for key, it in read_templates().items() if environment in it.manifest.environments}


def exchange(c: Composition) -> None:
    """The doors of the perimeters, once everybody who passes exists."""
    starters: dict[str, list[str]] = {}
    for pipeline in read_pipelines().values():
        found = {persona for trigger in pipeline.triggers.values() for persona in trigger.starters}
        starters[pipeline.place] = sorted({*starters.get(pipeline.place, []), *found})
    exchange = ExchangeStack(
        c.app,
        "exchange",
        **c.shared,
        modes={key: environment.perimeter for key, environment in c.it.environments.items()},
        common=c.it.organization.common_perimeter,
        teams=list(c.it.teams),
        deployers=table(Deployers, "deployers"),
        delivery=table(Delivery, "delivery"),
        personas=c.personas,
        approvers=c.approvers,
        starters=starters,
        orderers=c.orderers,
        doors=table(Doors, "exchange"),
    )
    for stack in c.stacks:
        if stack is not exchange:
            exchange.add_dependency(stack)


def observability(c: Composition) -> None:
    """The stack that watches everything, and therefore comes last."""
    watched = {COMMON: c.names.projects(COMMON, "data")} | {key: c.names.projects(key) for key in c.it.environments}
    audit: Audit = table(Audit, "audit")
    seed = c.names.project(COMMON, "seed")
    watched_stacks = c.stacks
    stack = ObservabilityStack(
        c.app,
        "observability",
        **c.shared,
        apis=c.apis("monitoring"),
        environments=c.it.environments,
        teams=c.it.teams,
        projects=watched,
        watching=table(Watching, "watching"),
        words={
            "deployers": f"^deploy-[a-z]+@{seed}[.]iam[.]gserviceaccount[.]com$",
            "dangerous_roles": " OR ".join(f'"{role}"' for role in audit.dangerous_roles),
            "domain": c.it.organization.domain,
        },
        personas=c.personas,
        mode=c.it.organization.common_perimeter,
    )
    for below in watched_stacks:
        stack.add_dependency(below)
