"""What every stack of the estate is: one state in the state bucket, two pinned providers, one deploying identity."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from cdktf import GcsBackend, TerraformStack, TerraformVariable
from cdktf_cdktf_provider_google.provider import GoogleProvider
from cdktf_cdktf_provider_google_beta.provider import GoogleBetaProvider
from constructs import Construct

from settings.model import Organization
from settings.names import COMMON, Names

PROVIDER_VERSION = "6.50.0"


class Stack(TerraformStack):
    """One lifecycle, one state.

    `environment` is an environment key, "common" or "data"; `concern` names the identity that deploys it
    (names.deployer), which both providers impersonate; None = the caller deploys as itself (bootstrap). It stands in
    a variable of which no plan keeps the value: what only looks plans as another, and what it planned is applied as
    this one. State is reached with the caller's own identity: the backend block has to be the same for every target.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        environment: str,
        concern: str | None,
        team: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self.organization, self.names, self.environment = organization, names, environment
        self.region = organization.region
        GcsBackend(self, bucket=names.state_bucket(), prefix=f"stacks/{id_}")
        shared = {
            "region": self.region,
            "billing_project": names.project(COMMON, "seed"),
            "user_project_override": True,
            "impersonate_service_account": self._taken(names.deployer(concern)) if concern else None,
        }
        labels = names.labels(environment, id_, team=team)
        for provider in (GoogleProvider(self, "google", **shared), GoogleBetaProvider(self, "google-beta", **shared)):
            # Danger: the engine rewrites the keys of a provider's maps (cost-center becomes cost_center).
            provider.add_override("default_labels", labels)
        for provider in ("google", "google-beta"):
            pinned = {"source": f"hashicorp/{provider}", "version": PROVIDER_VERSION}
            self.add_override(f"terraform.required_providers.{provider}", pinned)
        self.add_override("terraform.required_version", ">= 1.10")
        if moves := renames().get(id_):
            self.add_override("moved", [{"from": old, "to": new} for old, new in sorted(moves.items())])

    def _taken(self, email: str) -> str:
        variable = TerraformVariable(self, "deployer", type="string", default=email, description="Who deploys this.")
        variable.add_override("ephemeral", True)
        named: str = variable.string_value
        return named


@cache
def renames() -> dict[str, dict[str, str]]:
    """Renamed addresses by stack, from stacks/moves.yaml."""
    table: dict[str, dict[str, str]] | None = yaml.safe_load(Path(__file__).with_name("moves.yaml").read_text())
    return table or {}
