"""The scalar values that settings are made of: each with its form and an example that an error can show."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from settings.problems import suggestion
from settings.regions import REGIONS

T = TypeVar("T")
LARGEST_PLACE = 16


class Model(BaseModel):
    """A settings record: frozen, strict about unknown keys and about types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _known_region(region: str) -> str:
    if region not in REGIONS:
        raise ValueError(f"unknown region '{region}'; {suggestion(region, REGIONS, 'see settings/regions.py')}")
    return region


def _range(value: Any) -> IPv4Network:
    if isinstance(value, IPv4Network):
        return value
    try:
        loose = IPv4Network(value if isinstance(value, str) else "", strict=False)
    except ValueError:
        raise ValueError(f"'{value}' is not an IPv4 range; write it like '10.0.0.0/20'") from None
    if "/" not in value:
        raise ValueError(f"'{value}' has no length; write it like '{value}/20'")
    if str(loose) != value:
        raise ValueError(f"'{value}' is not the beginning of its range; write it as '{loose}'")
    return loose


def _of_one_place(network: IPv4Network) -> IPv4Network:
    if network.prefixlen < LARGEST_PLACE:
        raise ValueError(f"'{network}' is more than one place has; write ranges of /{LARGEST_PLACE} or smaller")
    return network


def _address(value: Any) -> IPv4Address:
    if isinstance(value, IPv4Address):
        return value
    try:
        return IPv4Address(value if isinstance(value, str) else "")
    except AddressValueError:
        raise ValueError(f"'{value}' is not an IPv4 address; write it like '10.2.0.5'") from None


def _once(values: list[T]) -> list[T]:
    twice = next((v for i, v in enumerate(values) if v in values[:i]), None)
    if twice is not None:
        raise ValueError(f"'{twice}' stands twice; remove one")
    return values


def id_of(pattern: str, example: str) -> Callable[[T], T]:
    """A validator for records whose `id` has to match a pattern."""
    import re

    def check(record: T) -> T:
        given = getattr(record, "id", "")
        if not re.fullmatch(pattern, given):
            raise ValueError(f"id '{given}' has the wrong form; write it like '{example}'")
        return record

    return check


Region = Annotated[str, AfterValidator(_known_region), Field(json_schema_extra={"enum": sorted(REGIONS)})]
Cidr = Annotated[IPv4Network, BeforeValidator(_range), Field(examples=["10.0.0.0/20"])]
PlaceRange = Annotated[Cidr, AfterValidator(_of_one_place)]
"""Addresses of one place; two halves of the world are the whole world."""
Address = Annotated[IPv4Address, BeforeValidator(_address), Field(examples=["10.2.0.5"])]
Once = AfterValidator(_once)
"""No element of a list stands twice."""

EnvironmentKey = Literal["interactive", "nonproduction", "production"]
Key = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=2, max_length=14, examples=["customer-churn"])
]
Text = Annotated[str, Field(min_length=1)]
NumericId = Annotated[str, Field(pattern=r"^[0-9]{6,19}$", examples=["123456789012"])]
Label = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,63}$", examples=["cc-1042"])]
LabelKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$", examples=["cost-center"])]
Email = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$", examples=["platform@example.com"]),
    AfterValidator(str.lower),
]
"""In small letters: Google knows one account under both spellings."""
Parent = Annotated[str, Field(pattern=r"^(organizations|folders)/[0-9]{6,19}$", examples=["folders/345678901234"])]
CustomerId = Annotated[str, Field(pattern=r"^C[0-9a-z]{6,12}$", examples=["C01abcd2e"])]
Domain = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+$", examples=["example.com"])]
BillingAccount = Annotated[
    str, Field(pattern=r"^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", examples=["0A1B2C-3D4E5F-6A7B8C"])
]
Prefix = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,5}$", examples=["acme"])]
Suffix = Annotated[str, Field(pattern=r"^[a-z0-9]{4}$", examples=["k7q2"])]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])]
Repository = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", examples=["churn-model"])]
Owner = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$", examples=["example-ml"])]
HostUri = Annotated[str, Field(pattern=r"^https://[a-z0-9.-]+$", examples=["https://gitlab.com"])]
TableName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,1024}$", examples=["contracts"])]
