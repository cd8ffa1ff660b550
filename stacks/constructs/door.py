"""A door in a perimeter: who may pass, from where, to which projects, with which roles."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Literal

from constructs import Construct

from stacks.constructs.perimeter import Mode, perimeter_id

BINDINGS = "cdktf_cdktf_provider_google.access_context_manager_service_perimeter"


class Door(Construct):
    """One rule of a perimeter, in its dry run and, where the mode says so, enforced.

    It lets `identities` do what `roles` allow, and nothing else, in the projects of the given numbers. A way in also
    says from where: from projects (`source_projects`, by number) or under an access level. A rule that changes is
    closed for a moment, because Google wants titles to be unique.
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
    ) -> None:
        super().__init__(scope, id_)
        for variant, state in {"_dry_run": "dry-run", "": "enforced"}.items():
            if state == "enforced" and mode != "enforced":
                continue
            module = import_module(f"{BINDINGS}{variant}_{direction}_policy")
            words = f"access_context_manager_service_perimeter{variant}_{direction}_policy".split("_")
            name = "".join(word.title() for word in words)
            part = f"{name}{direction.title()}"
            origin: dict[str, Any] = {"identities": sorted(identities)}
            if direction == "ingress":
                block = getattr(module, f"{part}FromSources")
                sources = [block(resource=f"projects/{number}") for number in source_projects]
                origin["sources"] = sources + ([block(access_level=source_level)] if source_level else [])
            values = {
                f"{direction}_from": getattr(module, f"{part}From")(**origin),
                f"{direction}_to": getattr(module, f"{part}To")(
                    resources=[f"projects/{number}" for number in project_numbers], roles=sorted(set(roles))
                ),
            }
            getattr(module, name)(
                self,
                state,
                perimeter=perimeter_id(access_policy, perimeter),
                title=title,
                **values,
            )
