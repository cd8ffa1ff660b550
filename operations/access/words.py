"""How people name principals and places: personas, identities of workloads, projects and what lies in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from groups.personas import Persona
from sandbox.iam.origins import INTERNET, WORKPLACE
from sandbox.iam.places import MANAGER
from sandbox.iam.principals import EVERYBODY
from sandbox.iam.roles import permissions
from settings.model import Installation
from settings.names import COMMON, Names
from settings.problems import InvalidSettings, Problem, suggestion

KINDS = ("account", "bucket", "dataset", "key", "object", "repository", "secret", "table", "topic")
SETS = ("domain", "principal", "principalSet")
"""How members are spelled that are no address: everybody of a domain, of a pool, of a folder."""

FORMS = "write a persona, place/project/account, user:E-MAIL or serviceAccount:E-MAIL"


def wrong(place: str, text: str, way_out: str) -> InvalidSettings:
    """Bad input as the exception that ends with exit code 2."""
    return InvalidSettings([Problem(place, text, way_out)])


@dataclass(frozen=True)
class Words:
    """The vocabulary of one installation. `folders` maps an environment to its folder, `folders/...`."""

    it: Installation
    names: Names
    personas: Mapping[str, Persona]
    folders: Mapping[str, str]

    def who(self, text: str, where: str = "") -> str:
        """A principal as IAM spells it; a team's persona without a team means the team of the place asked about."""
        if (":" in text and "@" in text) or text in EVERYBODY or text.partition(":")[0] in SETS:
            return text
        parts = text.split("/")
        if len(parts) == 3:
            return f"serviceAccount:{self.names.service_account(*self._project(text, parts), parts[2])}"
        word, _, team = text.partition(":")
        key = word.replace("-", "_")
        if key not in self.personas:
            known = [name.replace("_", "-") for name in self.personas]
            raise wrong(f"who '{text}'", "is nobody that is known here", suggestion(word, known, FORMS))
        return f"group:{self.names.group(key, self._team(text, key, team, where))}"

    def _team(self, text: str, key: str, team: str, where: str) -> str | None:
        if not self.personas[key].per_team:
            return None
        found = team or (where.split("/")[1] if where.count("/") else "")
        if found not in self.it.teams:
            way_out = suggestion(found, self.it.teams, f"write '{text.partition(':')[0]}:TEAM'")
            raise wrong(f"who '{text}'", "is one group per team", way_out)
        return found

    def permission(self, text: str) -> str:
        """A permission that there is."""
        if text not in permissions():
            near = [name for name in permissions() if name.partition(".")[0] == text.partition(".")[0]]
            raise wrong(f"permission '{text}'", "is not known", suggestion(text, near, "write service.resource.verb"))
        return text

    def where(self, text: str) -> str:
        """A full resource name. `place`, `place/project`, `place/project/kind/name` and full names are understood."""
        if text.startswith("//"):
            return text
        parts = text.split("/")
        if text == "organization":
            return f"{MANAGER}organizations/{self.it.organization.organization_id}"
        if text == "billing":
            return f"//cloudbilling.googleapis.com/billingAccounts/{self.it.organization.billing_account}"
        if len(parts) == 1:
            if text not in self.folders:
                known = [*self.folders, "organization", "billing"]
                raise wrong(f"where '{text}'", "is no place", suggestion(text, known, f"places are {', '.join(known)}"))
            return MANAGER + self.folders[text]
        place, what = self._project(text, parts)
        project = self.names.project(place, what)
        if len(parts) == 2:
            return f"{MANAGER}projects/{project}"
        kind, name = parts[2], "/".join(parts[3:])
        if kind not in KINDS or not name:
            raise wrong(
                f"where '{text}'", f"'{kind}' is no kind", suggestion(kind, KINDS, f"kinds: {', '.join(KINDS)}")
            )
        return self._inside(place, what, project)[kind](name)

    def origin(self, text: str) -> str:
        """Where a call comes from: `internet`, `workplace`, or the id of a project."""
        parts = text.split("/")
        if text in (INTERNET, WORKPLACE):
            return text
        if len(parts) != 2:
            raise wrong(f"from '{text}'", "is no origin", f"write {INTERNET}, {WORKPLACE} or place/project")
        return self.names.project(*self._project(text, parts))

    def _project(self, text: str, parts: list[str]) -> tuple[str, str]:
        place, what = parts[0], parts[1]
        known = self.projects().get(place)
        if known is None:
            raise wrong(f"'{text}'", f"no place '{place}'", suggestion(place, self.projects(), "see settings/"))
        if what not in known:
            raise wrong(f"'{text}'", f"no project '{what}' in {place}", suggestion(what, known, "see settings/"))
        return place, what

    def projects(self) -> dict[str, list[str]]:
        """The projects there are, by place."""
        common = [
            key for key in self.it.apis if key not in ("all", "network") and not key.startswith(("team", "source"))
        ]
        common = [name for key in common for name in ([f"{key}-i", f"{key}-w"] if key == "delivery" else [key])]
        teams = ["keys", "network", *self.it.teams]
        return {COMMON: ["seed", *common], "data": list(self.it.sources)} | dict.fromkeys(self.it.environments, teams)

    def _inside(self, place: str, what: str, project: str) -> dict[str, Callable[[str], str]]:
        region = self.it.organization.region

        def bucket(name: str) -> str:
            purpose, _, rest = name.partition("/")
            root = f"//storage.googleapis.com/projects/_/buckets/{self.names.bucket(place, what, purpose)}"
            return f"{root}/objects/{rest}" if rest else root

        def table(name: str) -> str:
            dataset, _, rest = name.partition("/")
            return f"//bigquery.googleapis.com/projects/{project}/datasets/{dataset}" + (
                f"/tables/{rest}" if rest else ""
            )

        def key(name: str) -> str:
            ring, _, own = name.partition("/")
            place_of_own = f"projects/{project}/locations/{region}/keyRings/{ring}/cryptoKeys/{own}"
            return f"//cloudkms.googleapis.com/{place_of_own if own else self.names.key(place, region, name)}"

        def account(name: str) -> str:
            email = self.names.service_account(place, what, name)
            return f"//iam.googleapis.com/projects/{project}/serviceAccounts/{email}"

        def repository(name: str) -> str:
            root = f"projects/{project}/locations/{region}/repositories"
            return f"//artifactregistry.googleapis.com/{root}/{name}"

        return {
            "account": account,
            "bucket": bucket,
            "dataset": table,
            "key": key,
            "object": bucket,
            "repository": repository,
            "secret": lambda name: f"//secretmanager.googleapis.com/projects/{project}/secrets/{name}",
            "table": table,
            "topic": lambda name: f"//pubsub.googleapis.com/projects/{project}/topics/{name}",
        }
