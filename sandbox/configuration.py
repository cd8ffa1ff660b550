"""How one Terraform process configured the provider."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.codec import unknown
from sandbox.iam.origins import WORKPLACE

ATTRIBUTION = "goog-terraform-provisioned"


@dataclass(frozen=True)
class Configuration:
    """The settings of a provider block that change what is planned; a value may still be unknown during a plan."""

    project: Any = None
    region: Any = None
    zone: Any = None
    billing_project: Any = None
    user_project_override: Any = None
    default_labels: Any = field(default_factory=dict)
    attribution: bool = True
    proactive: bool = False
    impersonated: Any = None
    acting: str = ""
    """Whom the process acts as, where its block impersonates nobody; empty for the person at this computer."""
    origin: str = WORKPLACE
    """From where the process calls, as far as perimeters ask."""

    @classmethod
    def of(cls, values: dict[str, Any], acting: str = "", origin: str = WORKPLACE) -> "Configuration":
        strategy = values.get("terraform_attribution_label_addition_strategy")
        return cls(
            project=values.get("project") or None,
            region=_last(values.get("region")) or None,
            zone=_last(values.get("zone")) or None,
            billing_project=values.get("billing_project"),
            user_project_override=values.get("user_project_override"),
            default_labels=values.get("default_labels") or {},
            attribution=values.get("add_terraform_attribution_label") is not False,
            proactive=strategy == "PROACTIVE",
            impersonated=values.get("impersonate_service_account"),
            acting=acting,
            origin=origin,
        )

    def charged(self) -> str:
        """The project that calls are charged to, where the block names one and says that it counts."""
        if self.user_project_override is True and isinstance(self.billing_project, str):
            return self.billing_project
        return ""

    def caller(self) -> str:
        """Who changes things, as IAM spells it; empty for the person at this computer, who may do everything."""
        email = self.impersonated if isinstance(self.impersonated, str) and self.impersonated else self.acting
        return f"serviceAccount:{email}" if email else ""

    def default(self, attribute: str) -> Any:
        """What a resource gets for `project`, `region` or `zone` when it does not say."""
        match attribute:
            case "project" | "zone":
                return getattr(self, attribute)
            case "region":
                if self.region is None and isinstance(self.zone, str):
                    return self.zone.rpartition("-")[0]
                return self.region
        return None


def _last(value: Any) -> Any:
    return value if value is None or unknown(value) else str(value).rpartition("/")[2]
