"""What the platform fills into an order: computed from the settings, never asked of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from catalog_templates.manifest import Identity
from sandbox import facts as google
from settings.loading import names_of
from settings.model import Installation
from settings.values import EnvironmentKey

IMAGE_PREFIX = "ainotebooks-vm/cloud-notebooks-managed/image-name/"
LABEL_LONGEST = 63
ORDERED = ("person", "ordered_at", "labels")


@dataclass(frozen=True)
class Place:
    """A team's project in an environment, as orders see it. `number` is the project's, which only Google knows."""

    installation: Installation
    environment: EnvironmentKey
    team: str
    number: str

    @property
    def project(self) -> str:
        """The project's id."""
        return names_of(self.installation).project(self.environment, self.team)

    @property
    def runs(self) -> str:
        """The bucket in which Infrastructure Manager keeps what its runs said: with a key, unlike one that it makes."""
        return names_of(self.installation).bucket(self.environment, self.team, "launches")

    def facts(self) -> list[str]:
        """Every name that `fact` knows."""
        of_services = [service.partition(".")[0] for service in google.table("service_agents")["agents"]]
        several = {"key": self.installation.keys.environment, "identity": get_args(Identity), "agent": of_services}
        return [*self._plain(), *ORDERED, *(f"{kind}.{of}" for kind, each in several.items() for of in each)]

    def fact(self, name: str, *, person: str, deployment: str, ordered_at: str) -> Any:
        """One fact by the name that manifests call it. KeyError for a name that means nothing."""
        kind, _, of = name.partition(".")
        names = names_of(self.installation)
        if kind == "key":
            return names.key(self.environment, self.installation.organization.region, of)
        if kind == "identity":
            return names.service_account(self.environment, self.team, of)
        if kind == "agent":
            return google.table("service_agents")["agents"][f"{of}.googleapis.com"].format(number=self.number)
        labels = names.labels(self.environment, self.team, team=self.team) | _own_labels(person, deployment)
        return {**self._plain(), **dict(zip(ORDERED, (person, ordered_at, labels), strict=True))}[name]

    def _plain(self) -> dict[str, Any]:
        names, it = names_of(self.installation), self.installation
        place, region = it.environments[self.environment], it.organization.region
        host = names.project(self.environment, "network")
        return {
            "project": self.project,
            "region": region,
            "network": names.network_link(self.environment),
            "subnet": names.subnet_link(self.environment, region),
            "callers": sorted([self.project, host]),
            "scientists": f"group:{names.group('data_scientist', self.team)}",
            "allowed_models": list(place.allowed_models),
            "composer_image": place.composer_image,
            "composer_range": str(place.network.composer) if place.network.composer else None,
            "workplaces": [str(one) for one in it.organization.workplaces],
            "workbench_image": _image(it),
        }


def now() -> str:
    """The moment of an order, to the microsecond: Infrastructure Manager's own moments are finer than a second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _image(it: Installation) -> str:
    """The first image of Workbench that the organization's policy allows."""
    policy = it.org_policies.get("ainotebooks.environmentOptions")
    images = [one.removeprefix(IMAGE_PREFIX) for one in (policy.allow if policy else None) or []]
    return images[0] if images else ""


def _own_labels(person: str, deployment: str) -> dict[str, str]:
    word = "".join(letter if letter.isalnum() else "-" for letter in person.lower())
    return {"ordered-by": word[:LABEL_LONGEST].strip("-"), "deployment": deployment[:LABEL_LONGEST].strip("-")}
