"""Service Catalog by its API: a solution for each template on offer, shared with the projects where it may be ordered.

Registering makes the catalogs equal to the index; there is no step in a console. Google has no Terraform resource for
Service Catalog, its API is a preview, and what plays it in the sandbox is a stand-in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from catalog_templates.template import Template
from operations.google_words import told
from operations.outcome import OperationFailed
from settings.loading import names_of
from settings.model import Installation, Model

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.auth.transport.requests import AuthorizedSession

API = "https://cloudprivatecatalogproducer.googleapis.com/v1beta1"
KIND = "infrastructure-manager"
Values = dict[str, Any]


class Solution(Model):
    """A template as Service Catalog knows it. `archive` is its address in the catalog's bucket.

    One that was left half-way has no version, or several in one text; it is equal to none that is wanted.
    """

    title: str
    summary: str
    version: str
    archive: str


class Catalog(Model):
    """The solutions that people find in some projects."""

    title: str
    projects: list[str]
    solutions: dict[str, Solution]


@dataclass(frozen=True)
class ServiceCatalog:
    """The catalogs of an organization, such as `organizations/1`. `who` gives other credentials than one's own."""

    parent: str
    who: Callable[[], Credentials] | None = None

    def catalogs(self) -> list[Catalog]:
        """What is registered."""
        return [self._read(it) for it in self._list("catalogs", "catalogs", parent=self.parent)]

    def shares(self, key: str, project: str) -> bool:
        """Whether people find a template in a project."""
        catalogs = [it for it in self.catalogs() if project in it.projects]
        return any(it.solutions[key].version for it in catalogs if key in it.solutions)

    def register(self, wanted: Sequence[Catalog]) -> list[str]:
        """Make what is registered equal to what is wanted; says what changed."""
        known = {it["displayName"]: it for it in self._list("catalogs", "catalogs", parent=self.parent)}
        changed = []
        for one in wanted:
            told = {"parent": self.parent, "displayName": one.title, "description": "Written by the platform."}
            found = known.get(one.title) or self._ask("POST", "catalogs", told)
            before = self._read(found)
            changed += self._solutions(found["name"], before.solutions, one.solutions)
            changed += self._shares(found["name"], before.projects, one.projects)
        return changed

    def _solutions(self, catalog: str, known: Mapping[str, Solution], wanted: Mapping[str, Solution]) -> list[str]:
        for key in known.keys() - wanted.keys():
            self._clear(f"{catalog}/products/{key}")
            self._ask("DELETE", f"{catalog}/products/{key}")
        new = {key: it for key, it in wanted.items() if known.get(key) != it}
        for key, it in new.items():
            name = f"{catalog}/products/{key}"
            shown = {"displayMetadata": {"title": it.title, "description": it.summary}}
            if key in known:
                self._ask("PATCH", f"{name}?updateMask=displayMetadata", shown)
            else:
                self._ask("POST", f"{catalog}/products", {"name": name, "assetType": KIND, **shown})
            self._version(name, it)
        added = [f"{key} {it.version} registered" for key, it in new.items()]
        return added + [f"{key} removed" for key in sorted(known.keys() - wanted.keys())]

    def _version(self, product: str, wanted: Solution) -> None:
        """The one version of a product; others go once it is there, so that there is always one to order."""
        word = _word(wanted.version)
        held = {it["name"].rpartition("/")[2]: it for it in self._list(f"{product}/versions", "versions")}
        known = held.pop(word, None)
        if known and known.get("asset", {}).get("gcsPath") != wanted.archive:
            self._ask("DELETE", known["name"])
            known = None
        if known is None:
            version = {"name": f"{product}/versions/{word}", "description": wanted.version}
            self._ask("POST", f"{product}/versions", version | {"asset": {"gcsPath": wanted.archive}})
        for it in held.values():
            self._ask("DELETE", it["name"])

    def _shares(self, catalog: str, known: Sequence[str], wanted: Sequence[str]) -> list[str]:
        for project in sorted(set(wanted) - set(known)):
            body = {"association": {"resource": f"projects/{project}"}}
            self._ask("POST", f"{catalog}/associations", body)
        for it in self._list(f"{catalog}/associations", "associations"):
            if _project(it) not in wanted:
                self._ask("DELETE", it["name"])
        return [f"shared with {it}" for it in sorted(set(wanted) - set(known))] + [
            f"no longer shared with {it}" for it in sorted(set(known) - set(wanted))
        ]

    def _read(self, catalog: Values) -> Catalog:
        name, solutions = catalog["name"], {}
        for product in self._list(f"{name}/products", "products"):
            shown = product.get("displayMetadata", {})
            versions = list(self._list(f"{product['name']}/versions", "versions"))
            solutions[product["name"].rpartition("/")[2]] = Solution(
                title=shown.get("title", ""),
                summary=shown.get("description", ""),
                version=", ".join(it.get("description", "") for it in versions),
                archive=", ".join(it.get("asset", {}).get("gcsPath", "") for it in versions),
            )
        projects = sorted(_project(it) for it in self._list(f"{name}/associations", "associations"))
        return Catalog(title=catalog["displayName"], projects=projects, solutions=solutions)

    def _clear(self, product: str) -> None:
        for version in self._list(f"{product}/versions", "versions"):
            self._ask("DELETE", version["name"])

    def _list(self, path: str, of: str, **query: str) -> Iterator[Values]:
        asked = dict(query)
        while True:
            page = self._ask("GET", path, query=asked)
            yield from page.get(of, [])
            if not page.get("nextPageToken"):
                return
            asked["pageToken"] = page["nextPageToken"]

    def _ask(self, how: str, path: str, body: Values | None = None, query: Mapping[str, str] | None = None) -> Values:
        with told("Service Catalog", "run it again later"):
            answer = self._session.request(how, f"{API}/{path}", json=body, params=query)  # type: ignore[no-untyped-call]
            found: Values = answer.json()
        if not answer.ok:
            text = str(found.get("error", {}).get("message", answer.status_code))
            raise OperationFailed("Service Catalog", text, "ask who may change its catalogs")
        return found

    @cached_property
    def _session(self) -> AuthorizedSession:
        import google.auth
        from google.auth.transport.requests import AuthorizedSession

        who = self.who() if self.who else google.auth.default()[0]
        return AuthorizedSession(who)  # type: ignore[no-untyped-call]


def wanted(
    installation: Installation, offered: Mapping[str, tuple[str, Template]], archives: Mapping[str, str]
) -> list[Catalog]:
    """What should be registered: a catalog for each environment in which templates are offered."""
    names = names_of(installation)
    return [
        Catalog(
            title=f"{names.organization.prefix} {environment}",
            projects=sorted(names.project(environment, team) for team in installation.teams),
            solutions={
                key: Solution(
                    title=it.manifest.title, summary=it.manifest.summary, version=version, archive=archives[key]
                )
                for key, (version, it) in offered.items()
                if environment in it.manifest.environments
            },
        )
        for environment, place in installation.environments.items()
        if place.kind == "interactive"
    ]


def _project(association: Values) -> str:
    return str(association["resource"]).removeprefix("projects/")


def _word(version: str) -> str:
    """A version as a part of a name."""
    return f"v{version}".replace(".", "-")
