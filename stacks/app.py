"""The composition root: settings in, synthesized stacks out. `python -m stacks.app SETTINGS OUT`."""

from __future__ import annotations

import sys
from pathlib import Path

from cdktf import App

from groups.personas import Persona
from groups.personas import read as read_personas
from settings.loading import names_of, read
from settings.model import Installation
from settings.names import COMMON, Names
from stacks.bootstrap import BootstrapStack
from stacks.data import DataStack
from stacks.groups import GroupsStack
from stacks.keys import KeysStack
from stacks.logging import LoggingStack
from stacks.network import NetworkStack
from stacks.organization import OrganizationStack
from stacks.perimeter import PerimeterStack
from stacks.stack import Stack
from stacks.tables import Audit, Deployers, LogSinks, table


def build(it: Installation, folder: Path, out: Path) -> App:
    """The whole estate of an installation, as an app that has not been synthesized yet; `folder` has example data."""
    app = App(outdir=str(out))
    names = names_of(it)
    shared = {"organization": it.organization, "names": names}
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
    _logging(app, it, names, personas).add_dependency(keys)
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
    _networks(app, it, names)
    _data(app, it, folder)
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


def _networks(app: App, it: Installation, names: Names) -> None:
    """The common perimeter, then the network and the perimeter of each environment."""
    perimeter = PerimeterStack(
        app,
        f"perimeter-{COMMON}",
        organization=it.organization,
        names=names,
        deployers=[names.deployer(concern) for concern in table(Deployers, "deployers").concerns],
        members=["keys", "logging", "monitoring"],
        mode=it.organization.common_perimeter,
    )
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
            mode=environment.perimeter,
        )
        stack.add_dependency(perimeter)


def _data(app: App, it: Installation, folder: Path) -> None:
    """The stack of source data, whose projects stand in the perimeter of production."""
    names, home = names_of(it), "production"
    tables = [table for s in it.sources.values() for table in getattr(s, "tables", {}).values()]
    files = {path for s in it.sources.values() for path in getattr(s, "examples", [])}
    files |= {table.example for table in tables if table.example}
    DataStack(
        app,
        "data",
        organization=it.organization,
        names=names,
        sources=it.sources,
        apis={key: _apis(it, "source", f"source-{source.kind}") for key, source in it.sources.items()},
        teams={key: [t for t, team in it.teams.items() if key in team.sources] for key in it.sources},
        examples={path: (folder / path).read_text(encoding="utf-8") for path in sorted(files)},
        home=home,
        mode=it.environments[home].perimeter,
        operational=[key for key, environment in it.environments.items() if environment.kind == "operational"],
        networks=list(it.environments),
        delegate=names.deployer("operational"),
    )


def main(settings: str, out: str) -> None:
    """Synthesize a settings folder into a folder of stacks."""
    build(read(Path(settings)), Path(settings), Path(out)).synth()


if __name__ == "__main__":
    main(*sys.argv[1:3])
