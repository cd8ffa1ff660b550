"""VPC Service Controls: a perimeter, and the projects that stand inside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_google.access_context_manager_service_perimeter import (
    AccessContextManagerServicePerimeter,
    AccessContextManagerServicePerimeterSpec,
    AccessContextManagerServicePerimeterSpecVpcAccessibleServices,
    AccessContextManagerServicePerimeterStatus,
    AccessContextManagerServicePerimeterStatusVpcAccessibleServices,
)
from cdktf_cdktf_provider_google.access_context_manager_service_perimeter_dry_run_resource import (
    AccessContextManagerServicePerimeterDryRunResource,
)
from cdktf_cdktf_provider_google.access_context_manager_service_perimeter_resource import (
    AccessContextManagerServicePerimeterResource,
)
from constructs import Construct

Mode = Literal["dry_run", "enforced"]
REACHABLE = "RESTRICTED-SERVICES"
ATTACHED = ("resources", "ingress_policies", "egress_policies")


def perimeter_id(access_policy: str, perimeter: str) -> str:
    """Full name of a perimeter from the number of the policy and its short name."""
    return f"accessPolicies/{access_policy}/servicePerimeters/{perimeter}"


def access_level_id(access_policy: str, level: str) -> str:
    """Full name of an access level from the number of the policy and its short name."""
    return f"accessPolicies/{access_policy}/accessLevels/{level}"


class Perimeter(Construct):
    """A perimeter around projects that hold data: in dry run it only logs what it would refuse, enforced it refuses.

    Projects attach themselves (PerimeterMember) and rules too (Crossing); the perimeter itself lets nobody in but who
    meets an access level. From its networks only the restricted services and `open_services` can be called. `key` is
    the short name, to be had only once the perimeter exists.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        access_policy: str,
        name: str,
        description: str,
        mode: Mode,
        restricted_services: Sequence[str],
        open_services: Sequence[str] = (),
        access_levels: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, id_)

        def configuration(block: Any, reachable: Any) -> Any:
            return block(
                restricted_services=_in_full(restricted_services),
                access_levels=sorted(access_levels),
                vpc_accessible_services=reachable(
                    enable_restriction=True, allowed_services=[REACHABLE, *_in_full(open_services)]
                ),
            )

        enforced = mode == "enforced"
        blocks = ("spec", "status") if enforced else ("spec",)
        perimeter = AccessContextManagerServicePerimeter(
            self,
            "perimeter",
            parent=f"accessPolicies/{access_policy}",
            name=perimeter_id(access_policy, name),
            title=name,
            description=description,
            perimeter_type="PERIMETER_TYPE_REGULAR",
            use_explicit_dry_run_spec=True,
            spec=configuration(
                AccessContextManagerServicePerimeterSpec, AccessContextManagerServicePerimeterSpecVpcAccessibleServices
            ),
            status=configuration(
                AccessContextManagerServicePerimeterStatus,
                AccessContextManagerServicePerimeterStatusVpcAccessibleServices,
            )
            if enforced
            else None,
            # Danger: without this the perimeter and what attaches itself to it undo each other on every apply.
            lifecycle=TerraformResourceLifecycle(
                ignore_changes=[f"{block}[0].{part}" for block in blocks for part in ATTACHED]
            ),
        )
        self.key: str = perimeter.title


def _in_full(services: Sequence[str]) -> list[str]:
    return [f"{service}.googleapis.com" for service in sorted(services)]


class PerimeterMember(Construct):
    """Puts a project inside a perimeter: in its dry run, and in the enforced one too where `mode` says so."""

    def __init__(
        self, scope: Construct, id_: str, *, access_policy: str, perimeter: str, project_number: str, mode: Mode
    ) -> None:
        super().__init__(scope, id_)
        attachment: dict[str, Any] = {
            "perimeter_name": perimeter_id(access_policy, perimeter),
            "resource": f"projects/{project_number}",
        }
        AccessContextManagerServicePerimeterDryRunResource(self, "dry-run", **attachment)
        if mode == "enforced":
            AccessContextManagerServicePerimeterResource(self, "enforced", **attachment)
