"""The composition root: settings in, synthesized stacks out. `python -m stacks.app SETTINGS OUT`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cdktf import App

from cloudbuild.pipelines import read as read_pipelines
from groups.personas import Persona, grants
from groups.personas import read as read_personas
from settings.loading import names_of, read
from settings.model import Installation
from settings.names import COMMON, Names
from settings.problems import InvalidSettings
from stacks.artifacts import ArtifactsStack
from stacks.bootstrap import BootstrapStack
from stacks.catalog import CatalogStack
from stacks.constructs.orchestrator import ORCHESTRATORS
from stacks.constructs.perimeter import Mode
from stacks.data import DataStack
from stacks.delivery import DeliveryStack
from stacks.exchange import ExchangeStack
from stacks.groups import GroupsStack
from stacks.interactive import InteractiveStack
from stacks.keys import KeysStack
from stacks.logging import LoggingStack
from stacks.network import NetworkStack
from stacks.observability import ObservabilityStack
from stacks.operational import OperationalStack
from stacks.organization import OrganizationStack
from stacks.perimeter import PerimeterStack
from stacks.stack import Stack
from stacks.tables import (
    Audit,
    Delivery,
    Deployers,
    Domains,
    Doors,
    FirewallRule,
    LogSinks,
    PackageRepository,
    ProtectedServices,
    Watching,
    table,
)
from stacks.triggers import TriggersStack

COMMON_PROJECTS = ("seed", "logging", "monitoring", "keys", "artifacts", "catalog", "delivery-i", "delivery-w")


def build(it: Installation, folder: Path, out: Path) -> App:
    """The whole estate of an installation, as an app that has not been synthesized yet; `folder` has example data."""
    app = App(outdir=str(out))
    names = names_of(it)
    shared: dict[str, Any] = {"organization": it.organization, "names": names}
    personas = read_personas()

    foundation = _foundation(app, it, names, personas)
    keys = KeysStack(
        app,
        f"keys-{COMMON}",
        **shared,
        environment=COMMON,
        services=it.keys.common,
        apis=_apis(it, "keys"),
        rotation_days=90,
        protection="SOFTWARE",
    )
    keys.add_dependency(foundation)
    logging = _logging(app, it, names, personas)
    logging.add_dependency(keys)
    for key, environment in it.environments.items():
        KeysStack(
            app,
            f"keys-{key}",
            **shared,
            environment=key,
            services=it.keys.environment,
            apis=_apis(it, "keys"),
            rotation_days=environment.key_rotation_days,
            protection=environment.key_protection,
        ).add_dependency(foundation)
    perimeter = _networks(app, it, names, logging)
    shared_by_teams = _artifacts(app, it, names, perimeter)
    shared_by_teams.append(_delivery(app, it, names, personas, shared_by_teams))
    shared_by_teams.append(_data(app, it, folder))
    _teams(app, it, names, personas, shared_by_teams)
    _exchange(app, it, names, personas)
    watched = [stack for stack in app.node.children if isinstance(stack, Stack)]
    observability = _observability(app, it, names, personas)
    for stack in watched:
        observability.add_dependency(stack)
    return app


def _apis(it: Installation, *kinds: str) -> list[str]:
    """The APIs of a project of the given kinds."""
    return sorted({api for kind in ("all", *kinds) for api in it.apis[kind]})


def _foundation(app: App, it: Installation, names: Names, personas: dict[str, Persona]) -> Stack:
    """Bootstrap, organization and groups, each on top of the one before; returns the last."""
    deployers: Deployers = table(Deployers, "deployers")
    bootstrap = BootstrapStack(
        app, "bootstrap", organization=it.organization, names=names, apis=_apis(it, *it.apis), table=deployers
    )
    organization = OrganizationStack(
        app,
        "organization",
        organization=it.organization,
        names=names,
        models={key: environment.allowed_models for key, environment in it.environments.items()},
        policies=it.org_policies,
        audit=table(Audit, "audit"),
        deployers=deployers,
    )
    organization.add_dependency(bootstrap)
    groups = GroupsStack(
        app,
        "groups",
        organization=it.organization,
        names=names,
        personas=personas,
        teams=list(it.teams),
        environments=list(it.environments),
        deployers=deployers.concerns,
    )
    groups.add_dependency(organization)
    return groups


def _logging(app: App, it: Installation, names: Names, personas: dict[str, Persona]) -> Stack:
    """The stack that keeps the audit trail."""
    return LoggingStack(
        app,
        "logging",
        organization=it.organization,
        names=names,
        apis=_apis(it, "logging"),
        sinks=table(LogSinks, "log_sinks"),
        audit=table(Audit, "audit"),
        personas=personas,
    )


def _networks(app: App, it: Installation, names: Names, logging: Stack) -> Stack:
    """The common perimeter, then the network and the perimeter of each environment."""
    perimeter = PerimeterStack(
        app,
        f"perimeter-{COMMON}",
        organization=it.organization,
        names=names,
        deployers=[names.deployer(concern) for concern in table(Deployers, "deployers").deployers],
        services=table(ProtectedServices, "restricted_services"),
        members=["keys", "logging"],
        mode=it.organization.common_perimeter,
    )
    perimeter.add_dependency(logging)
    for key, environment in it.environments.items():
        notebooks = [names.service_account(key, team, "notebook") for team in it.teams]
        stack = NetworkStack(
            app,
            f"network-{key}",
            organization=it.organization,
            names=names,
            environment=key,
            network=environment.network,
            apis=_apis(it, "network"),
            repository_clients=notebooks if environment.kind == "interactive" else [],
            rules=table(dict[str, FirewallRule], "firewall"),
            domains=table(Domains, "domains"),
            services=table(ProtectedServices, "restricted_services"),
            mode=environment.perimeter,
        )
        stack.add_dependency(perimeter)
        stack.add_dependency(app.node.find_child(f"keys-{key}"))
    return perimeter


def _artifacts(app: App, it: Installation, names: Names, perimeter: Stack) -> list[Stack]:
    """Images and packages, and the catalog, inside the common perimeter."""
    interactive, operational = names.deployer("interactive"), names.deployer("operational")
    artifacts = ArtifactsStack(
        app,
        "artifacts",
        organization=it.organization,
        names=names,
        apis=_apis(it, "artifacts"),
        repositories=table(dict[str, PackageRepository], "package_repositories"),
        delegates={"interactive": interactive, "operational": operational},
        mode=it.organization.common_perimeter,
    )
    catalog = CatalogStack(
        app,
        "catalog",
        organization=it.organization,
        names=names,
        apis=_apis(it, "catalog"),
        delegates={"interactive": interactive},
        mode=it.organization.common_perimeter,
    )
    for stack in (artifacts, catalog):
        stack.add_dependency(perimeter)
    return [artifacts, catalog]


def _delivery(
    app: App, it: Installation, names: Names, personas: dict[str, Persona], artifacts: Sequence[Stack]
) -> Stack:
    """The projects in which builds run, and on top of them what starts builds; returns the projects."""
    delivery = DeliveryStack(
        app,
        "delivery",
        organization=it.organization,
        names=names,
        apis=_apis(it, "delivery"),
        table=table(Delivery, "delivery"),
        teams=list(it.teams),
        deployers={concern: names.deployer(concern) for concern in table(Deployers, "deployers").concerns},
        rules=table(dict[str, FirewallRule], "firewall"),
        domains=table(Domains, "domains"),
        mode=it.organization.common_perimeter,
    )
    for stack in artifacts:
        delivery.add_dependency(stack)
    triggers = TriggersStack(
        app,
        "delivery-triggers",
        organization=it.organization,
        names=names,
        pipelines=read_pipelines(),
        table=table(Delivery, "delivery"),
        teams={key: team.repository for key, team in it.teams.items()},
        team_personas=[key for key, persona in personas.items() if persona.per_team],
    )
    triggers.add_dependency(delivery)
    return delivery


def _data(app: App, it: Installation, folder: Path) -> Stack:
    """The stack of source data, whose projects stand in the common perimeter, as their keys do."""
    names = names_of(it)
    tables = [table for s in it.sources.values() for table in getattr(s, "tables", {}).values()]
    files = {path for s in it.sources.values() for path in getattr(s, "examples", [])}
    files |= {table.example for table in tables if table.example}
    stack = DataStack(
        app,
        "data",
        organization=it.organization,
        names=names,
        sources=it.sources,
        apis={key: _apis(it, "source", f"source-{source.kind}") for key, source in it.sources.items()},
        teams={key: [t for t, team in it.teams.items() if key in team.sources] for key in it.sources},
        examples={path: (folder / path).read_text(encoding="utf-8") for path in sorted(files)},
        home=COMMON,
        mode=it.organization.common_perimeter,
        operational=[key for key, environment in it.environments.items() if environment.kind == "operational"],
        networks=list(it.environments),
        delegate=names.deployer("operational"),
    )
    for environment in it.environments:
        stack.add_dependency(app.node.find_child(f"network-{environment}"))
    return stack


def _teams(app: App, it: Installation, names: Names, personas: dict[str, Persona], on_top_of: Sequence[Stack]) -> None:
    """Each team's project in each environment; an operational one takes its models from the one before it."""
    for key, team in it.teams.items():
        before: tuple[str, Mode] | None = None
        earlier = list(on_top_of)
        for environment, place in it.environments.items():
            shared: dict[str, Any] = {
                "organization": it.organization,
                "names": names,
                "environment": environment,
                "place": place,
                "key": key,
                "team": team,
                "keys": it.keys.environment,
                "people": {
                    word: (f"group:{names.group(word, key)}", grants(persona, environment))
                    for word, persona in personas.items()
                    if persona.per_team
                },
                "sources": it.sources,
                "common": it.organization.common_perimeter,
            }
            if place.kind == "interactive":
                stack: Stack = InteractiveStack(
                    app,
                    f"{environment}-{key}",
                    **shared,
                    apis=_apis(it, "team", "team-interactive", "team-composer"),
                    launchers={},
                )
            else:
                kinds = ("team", f"team-{team.orchestrator}")
                stack = OperationalStack(
                    app,
                    f"{environment}-{key}",
                    **shared,
                    apis=_apis(it, *kinds),
                    orchestrator=ORCHESTRATORS[team.orchestrator],
                    promotes_from=before,
                )
                before = (environment, place.perimeter)
            for below in (app.node.find_child(f"network-{environment}"), *earlier):
                stack.add_dependency(below)
            earlier = [*on_top_of, stack] if before else earlier


def _exchange(app: App, it: Installation, names: Names, personas: dict[str, Persona]) -> None:
    """The doors of the perimeters, once everybody who passes exists."""
    starters: dict[str, list[str]] = {}
    for pipeline in read_pipelines().values():
        found = {persona for trigger in pipeline.triggers.values() for persona in trigger.starters}
        starters[pipeline.place] = sorted({*starters.get(pipeline.place, []), *found})
    exchange = ExchangeStack(
        app,
        "exchange",
        organization=it.organization,
        names=names,
        modes={key: environment.perimeter for key, environment in it.environments.items()},
        common=it.organization.common_perimeter,
        teams=list(it.teams),
        deployers=table(Deployers, "deployers"),
        delivery=table(Delivery, "delivery"),
        personas=personas,
        starters=starters,
        doors=table(Doors, "exchange"),
    )
    for stack in [child for child in app.node.children if isinstance(child, Stack)]:
        if stack is not exchange:
            exchange.add_dependency(stack)


def _observability(app: App, it: Installation, names: Names, personas: dict[str, Persona]) -> Stack:
    """The stack that watches everything, and therefore comes last."""
    watched = {COMMON: [names.project(COMMON, what) for what in COMMON_PROJECTS]}
    watched[COMMON] += [names.project("data", source) for source in it.sources]
    for key in it.environments:
        watched[key] = [names.project(key, what) for what in ("keys", "network", *it.teams)]
    audit: Audit = table(Audit, "audit")
    seed = names.project(COMMON, "seed")
    return ObservabilityStack(
        app,
        "observability",
        organization=it.organization,
        names=names,
        apis=_apis(it, "monitoring"),
        environments=it.environments,
        teams=it.teams,
        projects=watched,
        watching=table(Watching, "watching"),
        words={
            "deployers": f"^deploy-[a-z]+@{seed}[.]iam[.]gserviceaccount[.]com$",
            "dangerous_roles": " OR ".join(f'"{role}"' for role in audit.dangerous_roles),
            "domain": it.organization.domain,
        },
        personas=personas,
        mode=it.organization.common_perimeter,
    )


def main(settings: str, out: str) -> None:
    """Synthesize a settings folder into a folder of stacks; what is wrong with the settings ends it with 2."""
    try:
        build(read(Path(settings)), Path(settings), Path(out)).synth()
    except InvalidSettings as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main(*sys.argv[1:3])
