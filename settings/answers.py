"""What somebody has to say so that an installation can begin; everything else follows or is shipped."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from functools import cache
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt, TypeAdapter

from settings.cross_checks import STARTS
from settings.explaining import Schema, parse
from settings.model import Existing, Team
from settings.problems import InvalidSettings, Problem
from settings.values import (
    BillingAccount,
    Cidr,
    Currency,
    CustomerId,
    Domain,
    Email,
    HostUri,
    Key,
    Model,
    NumericId,
    Once,
    Owner,
    Parent,
    PlaceRange,
    Prefix,
    Region,
    Suffix,
)

PLACE = "answers"
GITHUB_RANGES = ("140.82.112.0/20", "143.55.64.0/20", "185.199.108.0/22", "192.30.252.0/22")
"""Addresses that GitHub publishes for Git. Source: the list `git` of https://api.github.com/meta, read 2026-11."""
UNMISTAKABLE = "bcdfghjkmnpqrstvwxz23456789"
"""No vowels (so no words), and no letters that look like digits."""


def new_suffix() -> str:
    """Four characters of chance, to be drawn once in the life of an installation. Never a number, never a word."""
    first = secrets.choice(UNMISTAKABLE[:19])
    return first + "".join(secrets.choice(UNMISTAKABLE) for _ in range(3))


class Answers(Model):
    """Answers to the questions of a new installation. Descriptions are the questions, defaults the usual answers."""

    organization_id: NumericId = Field(description="Number of your Google Cloud organization")
    parent: Parent | None = Field(
        None,
        description="Folder (folders/NUMBER) to hang everything below; nothing for the organization itself",
    )
    customer_id: CustomerId = Field(description="Customer id of your Cloud Identity or Workspace account")
    domain: Domain = Field(description="Domain of the groups that the platform makes")
    billing_account: BillingAccount = Field(description="Billing account that pays for every project")
    prefix: Prefix = Field(description="First word of every name, 2 to 6 letters and digits; it never changes")
    suffix: Suffix = Field(
        default_factory=new_suffix, description="Last word of every project id; drawn by chance once, never changes"
    )
    regions: Annotated[list[Region], Once, Field(min_length=1)] = Field(
        ["europe-west4"], description="Regions of the platform, the main one first"
    )
    multi_region: Literal["eu", "us", "asia"] | None = Field(
        None,
        description="Where data stays: eu, us or asia; nothing for that of the main region",
    )
    currency: Currency = Field("EUR", description="Currency of the billing account")
    common_budget: PositiveInt = Field(2000, description="Monthly budget for everything that serves all teams")
    contact: Email = Field(description="Address to which Google writes; a group of the domain")
    base_range: Cidr = Field(IPv4Network("10.0.0.0/8"), description="Private range that all addresses are taken from")
    workplaces: Annotated[list[PlaceRange], Once] = Field(
        [], description="Public ranges from which people reach protected projects"
    )
    repository_host: Literal["github", "gitlab"] = Field("github", description="Where the code lives")
    repository_owner: Owner = Field(description="Organization or group that owns the repositories there")
    app_installation_id: PositiveInt | None = Field(
        None, description="GitHub only: number of the Cloud Build app's installation"
    )
    gitlab_uri: HostUri = Field("https://gitlab.com", description="GitLab only: address of the server")
    repository_ranges: Annotated[list[Cidr], Once] = Field(
        [], description="Public ranges of the host; nothing for those that GitHub publishes"
    )
    existing: Existing = Field(
        Existing(), description="Folders, projects, networks and key rings that exist already, to import or to refer to"
    )
    teams: dict[Key, Team] = Field({}, description="The first teams, as in settings/teams")
    example: bool = Field(False, description="Whether to begin with the example teams and their example data")

    @property
    def home(self) -> str:
        """Below what everything hangs."""
        return self.parent or f"organizations/{self.organization_id}"


SHAPING = ("parent", "regions", "repository_host")
"""Asked although there is a usual answer, because everything hangs on them."""
HOSTS = {"app_installation_id": "github", "gitlab_uri": "gitlab", "repository_ranges": "gitlab"}
"""Asked for one host of repositories only."""


def questions(known: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Name, words and usual answer (None: there is none) of what a person is asked, given what is `known` by then."""
    for name, field in Answers.model_fields.items():
        if known.get(name) not in (None, ""):
            continue
        host = known.get("repository_host") or Answers.model_fields["repository_host"].default
        if host == HOSTS[name] if name in HOSTS else field.is_required() or name in SHAPING:
            usual = field.get_default(call_default_factory=False)
            text = ", ".join(usual) if isinstance(usual, list) else usual
            needed = field.is_required() or (name in HOSTS and not text)
            yield name, field.description or name, None if needed else text or ""


_ANSWERS: TypeAdapter[Answers] = TypeAdapter(Answers)


def answers_from(given: Mapping[str, Any], place: str = PLACE) -> Answers:
    """Answers out of plain values, texts as people type them included: lists with commas, nothing for the default.

    Raises InvalidSettings with every problem.
    """
    problems: list[Problem] = []
    try:
        answers: Answers = parse(_ANSWERS, _typed(given), place)
    except InvalidSettings as error:
        problems += error.problems
    else:
        problems += contradictions(answers, place)
        if not problems:
            return answers
    raise InvalidSettings(problems)


def check_answer(field: str, text: str) -> None:
    """Raises InvalidSettings where `text` is no answer to one question; for programs that ask one after the other."""
    try:
        parse(_ANSWERS, _typed({field: text}), PLACE)
    except InvalidSettings as error:
        own = [p for p in error.problems if f"{p.place}.".startswith(f"{PLACE}.{field}.")]
        if own and (text or own[0].text == "is missing"):
            raise InvalidSettings(own) from None


def contradictions(answers: Answers, place: str = PLACE) -> Iterator[Problem]:
    """What is wrong with answers that are all right one by one."""
    if answers.repository_host == "github" and answers.app_installation_id is None:
        way_out = "install the Cloud Build app at GitHub and give the number at the end of its address"
        yield Problem(f"{place}.app_installation_id", "is missing", way_out)
    if answers.repository_host == "gitlab" and not answers.repository_ranges:
        yield Problem(f"{place}.repository_ranges", "is missing", "give the public ranges of your GitLab server")
    if multi_region(answers) is None:
        text = f"no multi-region holds '{answers.regions[0]}'"
        yield Problem(f"{place}.multi_region", text, "choose eu, us or asia; the region is allowed in addition")


def multi_region(answers: Answers) -> str | None:
    """The multi-region that was chosen, or else the one around the main region."""
    around = (name for name, start in STARTS.items() if answers.regions[0].startswith(start))
    return answers.multi_region or next(around, None)


@cache
def _schema() -> Schema:
    return Schema(_ANSWERS.json_schema())


def _typed(given: Mapping[str, Any]) -> dict[str, Any]:
    schema = _schema()
    out = {key: _value(value, schema.child(schema.root, key).get("type")) for key, value in given.items()}
    return {key: value for key, value in out.items() if value not in ("", None)}


def _value(value: Any, type_: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if type_ == "array" and text:
        return [element.strip() for element in text.split(",") if element.strip()]
    if type_ == "integer" and text.isdecimal():
        return int(text)
    if type_ == "boolean" and text.lower() in ("true", "false", "yes", "no"):
        return text.lower() in ("true", "yes")
    return text
