"""The typed shape of an installation. Unknown keys are errors; values are checked once and only narrowed later."""

from __future__ import annotations

from functools import cached_property
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from settings.data_sources import AlloyDBSource, BigQuerySource, Source, SpannerSource, StorageSource, Table
from settings.environment import Alerts, Environment, Network
from settings.existing import Adopted, Existing
from settings.repositories import GitHub, GitLab, Repositories
from settings.values import (
    Address,
    BillingAccount,
    Cidr,
    Currency,
    CustomerId,
    Domain,
    Email,
    EnvironmentKey,
    Key,
    Label,
    LabelKey,
    Model,
    NumericId,
    Once,
    Parent,
    PlaceRange,
    Prefix,
    Region,
    Repository,
    Suffix,
    Text,
)

__all__ = [
    "Adopted",
    "Alerts",
    "AlloyDBSource",
    "BigQuerySource",
    "Cidr",
    "Environment",
    "Existing",
    "GitHub",
    "GitLab",
    "Key",
    "Model",
    "Network",
    "Source",
    "SpannerSource",
    "StorageSource",
    "Table",
]


class Contacts(Model):
    """Who Google writes to, by notification category."""

    billing: Email
    legal: Email
    security: Email
    suspension: Email
    technical: Email


class BuildNetwork(Model):
    """The addresses of one build project."""

    subnet: Cidr = Field(description="Range of the private workers.")
    google_apis: Address = Field(description="Address of the private service connect endpoint for Google APIs.")


class Builds(Model):
    """Where Cloud Build runs: private workers without public addresses, one pool for each build project."""

    machine_type: Annotated[str, Field(pattern=r"^[a-z0-9]+-[a-z0-9-]+$", examples=["e2-standard-4"])] = "e2-standard-4"
    disk_gb: Annotated[int, Field(ge=100, le=1000)] = 100
    drift_check: Annotated[str, Field(pattern=r"^(\S+ ){4}\S+$", examples=["0 5 * * *"])] = Field(
        "0 5 * * *", description="When the plan is compared with the cloud, as a cron line in UTC."
    )
    answers_check: Annotated[str, Field(pattern=r"^(\S+ ){4}\S+$", examples=["30 5 * * *"])] = Field(
        "30 5 * * *", description="When a generative team's live traffic is held against its release, in UTC."
    )
    retraining_check: Annotated[str, Field(pattern=r"^(\S+ ){4}\S+$", examples=["0 6 * * *"])] = Field(
        "0 6 * * *", description="When it is asked whether a predictive team's model has to be trained anew, in UTC."
    )
    infrastructure: BuildNetwork = Field(description="Builds that DevOps engineers approve.")
    workloads: BuildNetwork = Field(description="Builds that data engineers approve.")

    @property
    def networks(self) -> dict[str, BuildNetwork]:
        """The addresses of each build project."""
        return {"infrastructure": self.infrastructure, "workloads": self.workloads}

    @property
    def ranges(self) -> list[tuple[str, IPv4Network]]:
        """Every range with the key under which it is written."""
        subnets = [(f"{key}.subnet", network.subnet) for key, network in self.networks.items()]
        return subnets + [(f"{k}.google_apis", IPv4Network(n.google_apis)) for k, n in self.networks.items()]


class Organization(Model):
    """The organization, the account that pays and the words that every name is made of."""

    organization_id: NumericId = Field(description="Number of the Google Cloud organization.")
    parent: Parent = Field(description="Below what everything hangs: organizations/NUMBER or folders/NUMBER.")
    customer_id: CustomerId = Field(description="Id of the Cloud Identity or Workspace customer.")
    domain: Domain = Field(description="Domain of the groups that the platform makes.")
    billing_account: BillingAccount = Field(description="Account that pays for every project.")
    prefix: Prefix = Field(description="Begins every name: 2 to 6 letters and digits. Never changes.")
    suffix: Suffix = Field(description="Ends every project id, because Google never gives a deleted id back.")
    regions: Annotated[list[Region], Once, Field(min_length=1)] = Field(
        description="Where the platform runs; the first is the region of everything that lives in one region."
    )
    multi_region: Literal["eu", "us", "asia"] = Field("eu", description="Where data may lie: no resource leaves it.")
    currency: Currency = Field("EUR", description="Currency of the billing account; budgets are amounts in it.")
    labels: dict[LabelKey, Label] = Field({}, description="Labels of everything, for example a cost center.")
    contacts: Contacts = Field(description="Who Google writes to.")
    repositories: Repositories = Field(description="Where the code lives.")
    builds: Builds = Field(description="Where Cloud Build runs.")
    common_perimeter: Literal["dry_run", "enforced"] = Field(
        "dry_run", description="Mode of the perimeter around what serves all environments."
    )
    workplaces: Annotated[list[PlaceRange], Once] = Field(
        [], description="Public ranges from which people reach protected projects; the rest of the world does not."
    )
    log_retention_days: Annotated[int, Field(ge=1, le=3650)] = Field(400, description="How long audit logs are kept.")
    common_budget: PositiveInt = Field(description="Monthly amount for everything that serves all teams.")
    members: dict[str, Annotated[list[Email], Once]] = Field(
        {}, description="People by group of groups/*.yaml; who is in none of them here is managed elsewhere."
    )
    existing: Existing = Field(Existing(), description="What exists already and is imported or only pointed at.")

    @property
    def region(self) -> str:
        """The region of everything that lives in one region."""
        return self.regions[0]

    @property
    def under_folder(self) -> bool:
        """True where the whole platform hangs below a folder instead of the organization."""
        return self.parent.startswith("folders/")


class Team(Model):
    """One team, one model: its project in each environment."""

    title: Text = Field(description="What people call it.")
    purpose: Literal["predictive", "generative"]
    orchestrator: Literal["vertex", "composer"] = Field(description="What runs its pipelines.")
    contact: Email = Field(description="Who is told about budgets, alerts and incidents.")
    budget: dict[EnvironmentKey, PositiveInt] = Field(description="Monthly amount in the organization's currency.")
    repository: Repository = Field(description="Name of the team's repository at the provider.")
    endpoints: Annotated[list[Key], Once] = Field([], description="Endpoint shells to which pipelines deploy models.")
    feature_store: bool = Field(False, description="Whether pipelines write features to the team's online store.")
    members: dict[str, Annotated[list[Email], Once]] = Field(
        {}, description="People by group of groups/*.yaml of which every team has its own."
    )
    sources: Annotated[list[Key], Once] = Field(
        [], description="Source data that the team's people may ask for and its pipelines read."
    )


class OrgPolicy(Model):
    """One organization policy: exactly one of enforce, allow, deny, deny_all; dry_run only logs what it refuses."""

    enforce: bool | None = None
    allow: list[str] | None = None
    deny: list[str] | None = None
    deny_all: Literal[True] | None = None
    dry_run: bool = False
    folder: Literal["common", "interactive", "nonproduction", "production"] | None = Field(
        None, description="Only in this folder instead of everywhere."
    )
    control: str | None = Field(None, description="Control that it holds; the ids are those of policies/controls.yaml.")


class Keys(Model):
    """Which services have a key of their own, in the common ring and in the ring of each environment."""

    common: Annotated[list[Text], Once]
    environment: Annotated[list[Text], Once]


class Installation(Model):
    """Everything the settings say, parsed and cross-checked."""

    organization: Organization
    environments: dict[EnvironmentKey, Environment]
    teams: dict[Key, Team]
    sources: dict[Key, Source]
    apis: dict[str, list[str]]
    keys: Keys
    org_policies: dict[str, OrgPolicy]

    @cached_property
    def networks(self) -> list[tuple[str, IPv4Network]]:
        """Every range of the installation with the place where it is written."""
        out = [(f"organization.yaml.builds.{key}", range_) for key, range_ in self.organization.builds.ranges]
        for environment, it in self.environments.items():
            out += [(f"environments/{environment}.yaml.network.{key}", range_) for key, range_ in it.network.ranges]
        return out
