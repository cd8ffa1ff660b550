"""Calls that cross from one perimeter into another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from constructs import Construct

from stacks.constructs.perimeter import Mode, perimeter_id
from stacks.constructs.perimeter_rule import Operations, PerimeterRule


class Crossing(Construct):
    """Lets `identities` who stand in one perimeter call exactly `operations` on the given projects of another.

    `operations` maps a service to its `methods` or `permissions`. The rule out of the perimeter where they stand and
    the rule into the one that they call come as a pair, each enforced where its perimeter's mode says so. `sources` are
    the numbers of the projects, and of the network's project, from which they call. Google refuses a rule into a
    perimeter whose project is not inside yet: the rules come `after` what puts it there.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        access_policy: str,
        title: str,
        origin: tuple[str, Mode],
        target: tuple[str, Mode],
        sources: Sequence[str],
        project_numbers: Sequence[str],
        identities: Sequence[str],
        operations: Operations,
        after: Sequence[Any] = (),
    ) -> None:
        super().__init__(scope, id_)
        resources = [f"projects/{number}" for number in project_numbers]
        for direction, (perimeter, mode) in (("egress", origin), ("ingress", target)):
            for kind in ("dry_run", "enforced") if mode == "enforced" else ("dry_run",):
                bound = PerimeterRule(direction, kind)
                came = (
                    {"sources": [bound.source(resource=f"projects/{number}") for number in sources]}
                    if direction == "ingress"
                    else {}
                )
                bound.policy(
                    self,
                    f"{direction}-{kind.replace('_', '-')}",
                    perimeter=perimeter_id(access_policy, perimeter),
                    title=title,
                    depends_on=list(after) or None,
                    **{
                        f"{direction}_from": bound.part("From", identities=list(identities), **came),
                        f"{direction}_to": bound.part("To", resources=resources, operations=bound.allowed(operations)),
                    },
                )
