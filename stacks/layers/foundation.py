"""Bootstrap, organization, groups, keys and the audit trail."""

from __future__ import annotations

from settings.names import COMMON
from stacks.bootstrap import BootstrapStack
from stacks.composition import Composition
from stacks.groups import GroupsStack
from stacks.keys import KeysStack
from stacks.logging import LoggingStack
from stacks.organization import OrganizationStack
from stacks.stack import Stack
from stacks.tables import Audit, Deployers, LogSinks, table


def foundation(c: Composition) -> Stack:
    """Bootstrap, organization and groups, each on top of the one before; returns the last."""
    deployers: Deployers = table(Deployers, "deployers")
    bootstrap = BootstrapStack(c.app, "bootstrap", **c.shared, apis=c.apis(*c.it.apis), table=deployers)
    organization = OrganizationStack(
        c.app,
        "organization",
        **c.shared,
        models={key: environment.allowed_models for key, environment in c.it.environments.items()},
        policies=c.it.org_policies,
        audit=table(Audit, "audit"),
        deployers=deployers,
    )
    organization.add_dependency(bootstrap)
    groups = GroupsStack(
        c.app,
        "groups",
        **c.shared,
        personas=c.personas,
        rules=c.rules,
        teams={key: team.members for key, team in c.it.teams.items()},
        environments=list(c.it.environments),
        lender=c.lender,
    )
    groups.add_dependency(organization)
    return groups


def keys(c: Composition, below: Stack) -> Stack:
    """The keys of each environment and of what is common; returns the common ones."""
    common = KeysStack(
        c.app,
        f"keys-{COMMON}",
        **c.shared,
        environment=COMMON,
        services=c.it.keys.common,
        apis=c.apis("keys"),
        rotation_days=90,
        protection="SOFTWARE",
    )
    common.add_dependency(below)
    for key, environment in c.it.environments.items():
        KeysStack(
            c.app,
            f"keys-{key}",
            **c.shared,
            environment=key,
            services=c.it.keys.environment,
            apis=c.apis("keys"),
            rotation_days=environment.key_rotation_days,
            protection=environment.key_protection,
        ).add_dependency(below)
    return common


def logging(c: Composition, below: Stack) -> Stack:
    """The stack that keeps the audit trail."""
    stack = LoggingStack(
        c.app,
        "logging",
        **c.shared,
        apis=c.apis("logging"),
        sinks=table(LogSinks, "log_sinks"),
        audit=table(Audit, "audit"),
        personas=c.personas,
    )
    stack.add_dependency(below)
    return stack
