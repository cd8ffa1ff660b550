"""Service Catalog: a solution for each template on offer, shared with the projects where it may be ordered.

Registering makes the catalog equal to the index; there is no step in a console. The sandbox's catalog is a stand-in:
Google has no Terraform resource for Service Catalog, and its API is a preview.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalog_templates.template import Template
from sandbox.store import Store
from settings.loading import names_of
from settings.model import Installation, Model

CATALOG = "//cloudprivatecatalogproducer.googleapis.com"  # no bucket can be called so


class Solution(Model):
    """A template as Service Catalog knows it. `shared_with` are the projects in which people find it."""

    key: str
    title: str
    summary: str
    version: str
    archive: str
    shared_with: list[str]


@dataclass(frozen=True)
class ServiceCatalog:
    """The solutions of one sandbox."""

    store: Store

    def solutions(self) -> dict[str, Solution]:
        """Every registered solution by key."""
        found = [self.store.get_object(CATALOG, one.name) for one in self.store.list_objects(CATALOG)]
        read = [Solution.model_validate_json(one.data) for one in found if one]
        return {solution.key: solution for solution in read}

    def register(self, wanted: Mapping[str, Solution]) -> list[str]:
        """Make the registered solutions equal to the wanted ones; says what changed."""
        known = self.solutions()
        for key, solution in wanted.items():
            if known.get(key) != solution:
                self.store.put_object(CATALOG, key, solution.model_dump_json().encode())
        for key in known.keys() - wanted.keys():
            self.store.delete_object(CATALOG, key)
        added = [f"{key} {it.version} registered" for key, it in wanted.items() if known.get(key) != it]
        return added + [f"{key} removed" for key in sorted(known.keys() - wanted.keys())]


def wanted(
    installation: Installation, offered: Mapping[str, tuple[str, Template]], archives: Mapping[str, str]
) -> dict[str, Solution]:
    """The solutions that should be registered: everything on offer, shared where its manifest says."""
    names = names_of(installation)
    return {
        key: Solution(
            key=key,
            title=template.manifest.title,
            summary=template.manifest.summary,
            version=version,
            archive=archives[key],
            shared_with=sorted(
                names.project(environment, team)
                for environment in template.manifest.environments
                for team in installation.teams
            ),
        )
        for key, (version, template) in offered.items()
    }
