"""What serves every team: networks, artifacts and the catalog, delivery, source data."""

from __future__ import annotations

from collections.abc import Sequence

from cloudbuild.pipelines import read as read_pipelines
from settings.names import COMMON
from stacks.artifacts import ArtifactsStack
from stacks.catalog import CatalogStack
from stacks.composition import Composition
from stacks.data import DataStack
from stacks.delivery import DeliveryStack
from stacks.network import NetworkStack
from stacks.perimeter import PerimeterStack
from stacks.source_kinds import ColumnClass, Kind
from stacks.stack import Stack
from stacks.tables import (
    Delivery,
    Deployers,
    Domains,
    FirewallRule,
    PackageRepository,
    ProtectedServices,
    table,
)
from stacks.triggers import TriggersStack


def networks(c: Composition, logging: Stack) -> Stack:
    """The common perimeter, then the network and the perimeter of each environment."""
    deployers = table(Deployers, "deployers")
    perimeter = PerimeterStack(
        c.app,
        f"perimeter-{COMMON}",
        **c.shared,
        deployers=[c.names.deployer(concern) for concern in deployers.deployers if concern not in deployers.federated],
        federated=[c.names.deployer(concern) for concern in deployers.federated],
        services=table(ProtectedServices, "restricted_services"),
        members=["keys", "logging"],
        mode=c.it.organization.common_perimeter,
    )
    perimeter.add_dependency(logging)
    for key, environment in c.it.environments.items():
        notebooks = [c.names.service_account(key, team, "notebook") for team in c.it.teams]
        stack = NetworkStack(
            c.app,
            f"network-{key}",
            **c.shared,
            environment=key,
            network=environment.network,
            apis=c.apis("network"),
            repository_clients=notebooks if environment.kind == "interactive" else [],
            rules=table(dict[str, FirewallRule], "firewall"),
            domains=table(Domains, "domains"),
            services=table(ProtectedServices, "restricted_services"),
            mode=environment.perimeter,
        )
        stack.add_dependency(perimeter)
        stack.add_dependency(c.find(f"keys-{key}"))
    return perimeter


def artifacts(c: Composition, perimeter: Stack) -> list[Stack]:
    """Images and packages, and the catalog, inside the common perimeter."""
    interactive, operational = c.names.deployer("interactive"), c.names.deployer("operational")
    artifacts = ArtifactsStack(
        c.app,
        "artifacts",
        **c.shared,
        apis=c.apis("artifacts"),
        repositories=table(dict[str, PackageRepository], "package_repositories"),
        delegates={"interactive": interactive, "operational": operational},
        mode=c.it.organization.common_perimeter,
    )
    catalog = CatalogStack(
        c.app,
        "catalog",
        **c.shared,
        apis=c.apis("catalog"),
        delegates={"interactive": interactive},
        mode=c.it.organization.common_perimeter,
    )
    for stack in (artifacts, catalog):
        stack.add_dependency(perimeter)
    return [artifacts, catalog]


def delivery(c: Composition, artifacts: Sequence[Stack]) -> Stack:
    """The projects in which builds run, and on top of them what starts builds; returns the projects."""
    purposes = {key: team.purpose for key, team in c.it.teams.items()}
    delivery = DeliveryStack(
        c.app,
        "delivery",
        **c.shared,
        apis=c.apis("delivery"),
        table=table(Delivery, "delivery"),
        approvers=c.approvers,
        orderers=c.orderers,
        teams=purposes,
        deployers={concern: c.names.deployer(concern) for concern in table(Deployers, "deployers").concerns},
        rules=table(dict[str, FirewallRule], "firewall"),
        domains=table(Domains, "domains"),
        mode=c.it.organization.common_perimeter,
    )
    for stack in artifacts:
        delivery.add_dependency(stack)
    triggers = TriggersStack(
        c.app,
        "delivery-triggers",
        **c.shared,
        pipelines=read_pipelines(),
        table=table(Delivery, "delivery"),
        teams={key: team.repository for key, team in c.it.teams.items()},
        purposes=purposes,
        team_personas=[key for key, persona in c.personas.items() if persona.per_team],
    )
    triggers.add_dependency(delivery)
    return delivery


def data(c: Composition) -> Stack:
    """The stack of source data, whose projects stand in the common perimeter, as their keys do."""
    tables = [table for s in c.it.sources.values() for table in getattr(s, "tables", {}).values()]
    files = {path for s in c.it.sources.values() for path in getattr(s, "examples", [])}
    files |= {table.example for table in tables if table.example}
    stack = DataStack(
        c.app,
        "data",
        **c.shared,
        sources=c.it.sources,
        apis={key: c.apis("source", f"source-{source.kind}") for key, source in c.it.sources.items()},
        teams={key: [t for t, team in c.it.teams.items() if key in team.sources] for key in c.it.sources},
        examples={path: (c.folder / path).read_text(encoding="utf-8") for path in sorted(files)},
        home=COMMON,
        mode=c.it.organization.common_perimeter,
        operational=[key for key, environment in c.it.environments.items() if environment.kind == "operational"],
        networks=list(c.it.environments),
        delegate=c.names.deployer("operational"),
        lender=c.lender,
        kinds=table(dict[str, Kind], "sources"),
        classes=table(dict[str, ColumnClass], "classifications"),
    )
    for environment in c.it.environments:
        stack.add_dependency(c.find(f"network-{environment}"))
    return stack
