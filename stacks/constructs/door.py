"""A door in a perimeter: who may pass, from where, to which projects, with which roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from constructs import Construct

from stacks.constructs.perimeter import Mode, perimeter_id
from stacks.constructs.perimeter_rule import PerimeterRule


class Door(Construct):
    """One rule of a perimeter, in its dry run and, where the mode says so, enforced.

    It lets `identities` do what `roles` allow, and nothing else, in the projects of the given numbers. A way in also
    says from where: from projects (`source_projects`, by number) or under an access level. Google refuses a way to a
    project that is not inside yet: it comes `after` what puts it there. A rule that changes is closed for a moment,
    because Google wants titles to be unique.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        access_policy: str,
        perimeter: str,
        mode: Mode,
        direction: Literal["ingress", "egress"],
        title: str,
        identities: Sequence[str],
        roles: Sequence[str],
        project_numbers: Sequence[str],
        source_projects: Sequence[str] = (),
        source_level: str | None = None,
        after: Sequence[Any] = (),
    ) -> None:
        super().__init__(scope, id_)
        resources = [f"projects/{number}" for number in project_numbers]
        for kind in ("dry_run", "enforced") if mode == "enforced" else ("dry_run",):
            bound = PerimeterRule(direction, kind)
            origin: dict[str, Any] = {"identities": sorted(identities)}
            if direction == "ingress":
                origin["sources"] = [bound.source(resource=f"projects/{number}") for number in source_projects]
                origin["sources"] += [bound.source(access_level=source_level)] if source_level else []
            bound.policy(
                self,
                kind.replace("_", "-"),
                perimeter=perimeter_id(access_policy, perimeter),
                title=title,
                depends_on=list(after) or None,
                **{
                    f"{direction}_from": bound.part("From", **origin),
                    f"{direction}_to": bound.part("To", resources=resources, roles=sorted(set(roles))),
                },
            )
