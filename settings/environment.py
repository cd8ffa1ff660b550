"""One environment: its kind of life, its addresses, its alerts and the models that may be used in it."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from settings.values import Address, Cidr, Model, Once, Region


class Network(Model):
    """The addresses of one environment. No two ranges of an installation overlap."""

    subnets: dict[Region, Cidr] = Field(description="Primary range of the subnet of each region.")
    services: Cidr = Field(description="Range for private services access.")
    google_apis: Address = Field(description="Address of the private service connect endpoint for Google APIs.")
    composer: Cidr | None = Field(None, description="Internal range that Composer environments may use.")

    @property
    def ranges(self) -> list[tuple[str, IPv4Network]]:
        """Every range with the key under which it is written."""
        out = [(f"subnets.{region}", range_) for region, range_ in self.subnets.items()]
        out += [("services", self.services), ("google_apis", IPv4Network(self.google_apis))]
        return out + ([("composer", self.composer)] if self.composer else [])


class Alerts(Model):
    """When people are called. Ratios are between 0 and 1, latency in milliseconds."""

    endpoint_error_ratio: Annotated[float, Field(gt=0, lt=1)] = 0.02
    endpoint_latency_ms: PositiveInt = 800
    feature_drift: Annotated[float, Field(gt=0, lt=1)] = 0.3


ModelName = Annotated[
    str,
    Field(
        pattern=r"^publishers/[\w.-]+(/models/[\w.@-]+(:\w+)?)?$",
        examples=["publishers/google/models/gemini-3.5-flash:predict"],
    ),
]


class Environment(Model):
    """One environment: what kind of life it allows, its addresses, keys, perimeter and models."""

    kind: Literal["interactive", "operational"]
    code: Annotated[str, Field(pattern=r"^[a-z]{3}$", examples=["prd"])] = Field(
        description="Stands for the environment in names."
    )
    network: Network
    key_rotation_days: Annotated[int, Field(ge=1, le=90)] = 90
    key_protection: Literal["SOFTWARE", "HSM"] = "SOFTWARE"
    perimeter: Literal["dry_run", "enforced"] = "dry_run"
    allowed_models: Annotated[list[ModelName], Once] = Field(
        description="Models of Model Garden that may be used here; every other one is refused."
    )
    composer_image: Annotated[str, Field(pattern=r"^composer-3-airflow-[0-9]+\.[0-9]+\.[0-9]+-build\.[0-9]+$")] = Field(
        "composer-3-airflow-2.11.1-build.14", description="Pinned image of Composer environments."
    )
    alerts: Alerts = Alerts()
