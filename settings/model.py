"""The typed shape of an installation. Unknown keys are errors; values are checked once, here, and only narrowed later."""

from __future__ import annotations

from functools import cached_property
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, StringConstraints

from settings.regions import REGIONS


class Model(BaseModel):
    """A settings record: frozen, strict about unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_region(region: str) -> str:
    if region not in REGIONS:
        from settings.problems import suggestion

        raise ValueError(f"unknown region '{region}'; {suggestion(region, REGIONS, 'see settings/regions.py')}")
    return region


Region = Annotated[str, AfterValidator(_known_region)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=2, max_length=14)]
EnvironmentKey = Literal["interactive", "nonproduction", "production"]
NumericId = Annotated[str, StringConstraints(pattern=r"^[0-9]{6,19}$")]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,63}$")]
Email = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$")]
Cidr = IPv4Network


class Adopted(Model):
    """Something that exists already: brought under management (`import`) or only pointed at (`reference`)."""

    id: Annotated[str, StringConstraints(min_length=1)]
    adopt: Literal["import", "reference"] = "reference"


class Existing(Model):
    """What the installation finds instead of making, by the key that the platform uses for it."""

    folders: dict[Literal["common", "interactive", "nonproduction", "production"], Adopted] = {}
    projects: dict[str, Adopted] = Field({}, description="By project key, for example 'common-logging'.")
    networks: dict[EnvironmentKey, Adopted] = {}
    key_rings: dict[str, Adopted] = Field({}, description="By ring key, for example 'interactive-europe-west4'.")
    access_policy: NumericId | None = Field(None, description="Number of the organization's access policy, if any.")


class GitHub(Model):
    """A GitHub organization, reached through the Cloud Build app."""

    host: Literal["github"]
    owner: str
    app_installation_id: PositiveInt
    ranges: list[Cidr] = Field(description="Published addresses of the host: the one way out of the networks.")

    @property
    def address(self) -> str:
        return f"https://github.com/{self.owner}"


class GitLab(Model):
    """A GitLab group, reached with tokens kept in Secret Manager."""

    host: Literal["gitlab"]
    owner: str
    uri: Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+$")] = "https://gitlab.com"
    ranges: list[Cidr] = Field(description="Published addresses of the host: the one way out of the networks.")

    @property
    def address(self) -> str:
        return f"{self.uri}/{self.owner}"


class Repositories(Model):
    """Where the code lives: the host and the names of the repositories connected to Cloud Build."""

    provider: Annotated[GitHub | GitLab, Field(discriminator="host")]
    infrastructure: str = "ml-platform"
    templates: str = "ml-templates"
    containers: str = "ml-containers"
    main_branch: str = "main"
    deployment_branch: str = "deployment"


class Contacts(Model):
    """Who Google writes to, by notification category."""

    billing: Email
    legal: Email
    security: Email
    suspension: Email
    technical: Email


class Organization(Model):
    """The organization, the account that pays and the words that every name is made of."""

    organization_id: NumericId
    parent: Annotated[str, StringConstraints(pattern=r"^(organizations|folders)/[0-9]{6,19}$")]
    customer_id: Annotated[str, StringConstraints(pattern=r"^C[0-9a-z]{6,12}$")]
    domain: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+$")]
    billing_account: Annotated[str, StringConstraints(pattern=r"^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$")]
    prefix: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{1,5}$")]
    suffix: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{4}$")]
    regions: Annotated[list[Region], Field(min_length=1)]
    multi_region: Literal["eu", "us", "asia"] = "eu"
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "EUR"
    labels: dict[Label, Label] = {}
    contacts: Contacts
    repositories: Repositories
    log_retention_days: Annotated[int, Field(ge=1, le=3650)] = 400
    common_budget: PositiveInt
    existing: Existing = Existing()

    @property
    def region(self) -> str:
        """The region of everything that lives in one region."""
        return self.regions[0]

    @property
    def under_folder(self) -> bool:
        """True where the whole platform hangs below a folder instead of the organization."""
        return self.parent.startswith("folders/")


class Network(Model):
    """The addresses of one environment. No two ranges of an installation overlap."""

    subnets: dict[Region, Cidr] = Field(description="Primary range of the subnet of each region.")
    services: Cidr = Field(description="Range for private services access.")
    google_apis: IPv4Address = Field(description="Address of the private service connect endpoint for Google APIs.")
    composer: Cidr | None = Field(None, description="Internal range that Composer environments may use.")


class Alerts(Model):
    """When people are called. Ratios are between 0 and 1, latency in milliseconds."""

    endpoint_error_ratio: Annotated[float, Field(gt=0, lt=1)] = 0.02
    endpoint_latency_ms: PositiveInt = 800


class Environment(Model):
    """One environment: what kind of life it allows, its addresses, keys, perimeter and models."""

    kind: Literal["interactive", "operational"]
    code: Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")]
    network: Network
    key_rotation_days: Annotated[int, Field(ge=1, le=90)] = 90
    key_protection: Literal["SOFTWARE", "HSM"] = "SOFTWARE"
    perimeter: Literal["dry_run", "enforced"] = "dry_run"
    allowed_models: list[Annotated[str, StringConstraints(pattern=r"^publishers/[\w.-]+(/models/[\w.@-]+(:\w+)?)?$")]]
    alerts: Alerts = Alerts()


class Team(Model):
    """One team, one model: its project in each environment."""

    title: str
    purpose: Literal["predictive", "generative"]
    orchestrator: Literal["vertex", "composer"]
    contact: Email
    budget: dict[EnvironmentKey, PositiveInt] = Field(description="Monthly amount in the organization's currency.")
    repository: str
    endpoints: list[Key] = Field([], description="Endpoint shells to which pipelines deploy models.")
    feature_store: bool = False
    sources: list[Key] = Field([], description="Source data that the team's people may ask for and its pipelines read.")


class Column(Model):
    """A column of a table; `classification` puts a policy tag on it."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]{0,127}$")]
    type: Literal["STRING", "INT64", "FLOAT64", "BOOL", "DATE", "TIMESTAMP", "NUMERIC"]
    mode: Literal["NULLABLE", "REQUIRED"] = "NULLABLE"
    classification: Literal["confidential", "restricted"] | None = None
    description: str = ""


class RowAccess(Model):
    """Rows that the members of one team's groups may see, as a BigQuery filter expression."""

    team: Key
    filter: str


class Table(Model):
    """A BigQuery table with its schema and, where given, versioned example rows (CSV beside the settings)."""

    columns: Annotated[list[Column], Field(min_length=1)]
    example: str | None = Field(None, description="CSV file with example rows, relative to the settings folder.")
    row_access: dict[Key, RowAccess] = {}


class SourceRecord(Model):
    """What every source has: an owner who alone decides who may read it."""

    description: str
    owner: Email = Field(description="Group of the people who approve every read grant.")
    maximum_access_hours: Annotated[int, Field(ge=1, le=168)] = 8


class BigQuerySource(SourceRecord):
    kind: Literal["bigquery"]
    tables: dict[str, Table]


class StorageSource(SourceRecord):
    kind: Literal["storage"]
    examples: list[str] = Field([], description="Example files, relative to the settings folder.")


class SpannerSource(SourceRecord):
    kind: Literal["spanner"]
    processing_units: Annotated[int, Field(ge=100, multiple_of=100)] = 100
    ddl: list[str] = []


class AlloyDBSource(SourceRecord):
    kind: Literal["alloydb"]
    cpu_count: Literal[2, 4, 8, 16, 32, 64] = 2


Source = Annotated[BigQuerySource | StorageSource | SpannerSource | AlloyDBSource, Field(discriminator="kind")]


class OrgPolicy(Model):
    """One organization policy. Exactly one of enforce, allow, deny, deny_all; dry_run only logs what it would refuse."""

    enforce: bool | None = None
    allow: list[str] | None = None
    deny: list[str] | None = None
    deny_all: Literal[True] | None = None
    dry_run: bool = False
    control: str | None = Field(None, description="Control id in Google's catalogue of security best practices.")


class Keys(Model):
    """Which services have a key of their own, in the common ring and in the ring of each environment."""

    common: list[str]
    environment: list[str]


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
    def networks(self) -> list[tuple[str, Cidr]]:
        """Every range of the installation with the place where it is written."""
        out: list[tuple[str, Cidr]] = []
        for key, environment in self.environments.items():
            place = f"environments/{key}.yaml.network"
            net = environment.network
            out += [(f"{place}.subnets.{region}", cidr) for region, cidr in net.subnets.items()]
            out += [(f"{place}.services", net.services), (f"{place}.google_apis", Cidr(net.google_apis))]
            out += [(f"{place}.composer", net.composer)] if net.composer else []
        return out
