"""What runs on the estate and what people do there: who misses a grant or an API although every stack is deployed.

needs.yaml says it as questions; what a template's deployer makes comes from the templates themselves. Each need
is asked of the whole estate once. A grant that alone answers one is missed when it is taken out; so is an API that a
call uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from catalog_templates.makers import types
from catalog_templates.template import read_all
from groups.personas import read as personas
from operations.access.words import Words
from sandbox.iam import Policies, decide
from sandbox.iam.places import MANAGER
from sandbox.physics.callers import demands
from sandbox.physics.change import Change
from sandbox.physics.world import World
from sandbox.store import Store
from sandbox.templates import agent
from settings.loading import names_of
from settings.model import Installation
from settings.names import COMMON
from stacks.tables import Delivery, Deployers, table

FILE = Path(__file__).with_name("needs.yaml")
PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Permissions whose service is called by another word; where acting as an account is meant, no API is called for it.
SERVICES = {"resourcemanager": "cloudresourcemanager", "billing": "cloudbilling"}
OF_THEIR_OWN = {
    "bigquery.readsessions.create": "bigquerystorage",
    "iam.serviceAccounts.getAccessToken": "iamcredentials",
    "bigquery.dataPolicies.maskedGet": "bigquery",
}
NO_CALL = ("iam.serviceAccounts.actAs",)
LOG_BUCKET = "google_logging_project_bucket_config"
BESIDE_TEAMS = ("aiplatform", "bigquery", "compute", "dataflow", "pubsub", "secretmanager", "storage")


@dataclass(frozen=True)
class Need:
    """One question that has to be answered with yes, and who asks it."""

    of: str
    who: str
    permission: str
    where: str
    context: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.of}: {self.who} {self.permission} {self.where}"


@dataclass
class Needs:
    """Every need of an installation, asked of the store that holds its estate."""

    it: Installation
    store: Store

    @cached_property
    def all(self) -> list[Need]:
        return [*self._written(), *self._of_templates()]

    @cached_property
    def givers(self) -> dict[Need, tuple[str, ...]]:
        """Need -> the addresses of what answers it, each of which alone would; none where nothing does."""
        policies = Policies.of(self.store)
        asked = {need: decide(policies, need.who, need.permission, need.where, need.context) for need in self.all}
        return {need: found.by if found.allowed else () for need, found in asked.items()}

    @cached_property
    def missed(self) -> dict[str, Need]:
        """Address of a grant, or `project/API` -> the first need that would miss it."""
        found: dict[str, Need] = {}
        for need, by in self.givers.items():
            if len(by) == 1:
                found.setdefault(by[0], need)
            for api in self._apis(need):
                found.setdefault(f"google_project_service {api}", need)
        return found

    def unmet(self) -> list[str]:
        """The needs that the estate does not meet."""
        return [str(need) for need, by in self.givers.items() if not by]

    def _apis(self, need: Need) -> Iterator[str]:
        """project/API of the call: about a resource of one project, by an account of another."""
        if need.permission in NO_CALL:
            return
        word = need.permission.partition(".")[0]
        service = OF_THEIR_OWN.get(need.permission, SERVICES.get(word, word))
        _, _, rest = need.where.partition("/projects/")
        homes = [rest.partition("/")[0]] if rest else []
        account = need.who.rpartition("@")[2].partition(".")[0] if need.who.endswith(".iam.gserviceaccount.com") else ""
        for project in {*homes, account}:
            yield f"{project}/{service}.googleapis.com"

    def _written(self) -> Iterator[Need]:
        for entry in yaml.safe_load(FILE.read_text()):
            for line in entry["needs"]:
                for who, permission, where in map(str.split, self._spelled_out(line)):
                    for place in self._where(where):
                        yield Need(entry["of"], self._who(who, where), permission, place)

    def _spelled_out(self, line: str) -> Iterator[str]:
        wanted = dict.fromkeys(PLACEHOLDER.findall(line))
        rows = [rows for rows in self._variables if wanted.keys() & rows[0].keys()]
        for chosen in product(*rows):
            known = {key: value for row in chosen for key, value in row.items()}
            yield PLACEHOLDER.sub(lambda slot, known=known: known[slot[1]], line)

    @cached_property
    def _variables(self) -> list[list[dict[str, str]]]:
        it, deployers = self.it, table(Deployers, "deployers")
        builders = table(Delivery, "delivery").builders
        purposes = {key: team.purpose for key, team in it.teams.items()}
        named = [
            (f"{name}-{team}" if team else name, builder.home)
            for name, builder in builders.items()
            for team in builder.owners(purposes)
        ]
        return [
            _rows("env", it.environments),
            _rows("op", [key for key, place in it.environments.items() if place.kind != "interactive"]),
            _rows("team", it.teams),
            _rows("composer", [key for key, team in it.teams.items() if team.orchestrator == "composer"]),
            _rows("source", it.sources),
            _rows(
                "project",
                [
                    f"{place}/{what}"
                    for place, held in self._words.projects().items()
                    for what in held
                    if what != "seed"
                ],
            ),
            _rows("template", [key.replace("_", "-") for key in _offered()]),
            _rows("build", table(Delivery, "delivery").places),
            _rows("keyed", BESIDE_TEAMS),
            _rows("airflow_keyed", ["artifactregistry", "composer"]),
            _rows("airflow_made", ["artifactregistry", "storage"]),
            _rows("fenced", [concern for concern, entry in deployers.deployers.items() if entry.access_policy]),
            _rows("organization", [it.organization.organization_id]),
            _rows("stream", [names_of(it).resource("log-stream")]),
            _rows("log_bucket", [f"//logging.googleapis.com/{id_}" for id_, _ in self.store.find(LOG_BUCKET)]),
            [{"builder": f"common/{home}/{name}", "home": f"common/{home}"} for name, home in named],
            [
                {"concern": concern, "state": entry.state[0]}
                for concern, entry in deployers.deployers.items()
                if entry.state
            ],
        ]

    @cached_property
    def _words(self) -> Words:
        names = names_of(self.it)
        ids = {str(values["display_name"]): id_ for id_, values in self.store.find("google_folder")}
        return Words(
            self.it, names, personas(), {key: ids[names.folder(key)] for key in (COMMON, *self.it.environments)}
        )

    def _who(self, text: str, where: str) -> str:
        service, _, place = text.removeprefix("agent:").partition("@")
        if text.startswith("agent:"):
            project = self._words.where("/".join((place or where).split("/")[:2])).rpartition("/")[2]
            return f"serviceAccount:{agent(f'{service}.googleapis.com', self.store.number('project', project))}"
        return self._words.who(text, where)

    def _where(self, text: str) -> list[str]:
        if text == "parent":
            return [MANAGER + self.it.organization.parent]
        if text.endswith("/subnet"):
            project = self._words.where(text.removesuffix("/subnet")).rpartition("/")[2]
            found = self.store.under("google_compute_subnetwork", f"projects/{project}/")
            return [f"//compute.googleapis.com/{id_}" for id_, _ in found]
        return [self._words.where(text)]

    def _of_templates(self) -> Iterator[Need]:
        """What the deployer of a template is asked when it makes each of the template's resources."""
        names, world = names_of(self.it), World(self.store)
        for environment, place in self.it.environments.items():
            for team, (key, template) in product(self.it.teams, _offered().items()):
                if place.kind != "interactive":
                    continue
                project = names.project(environment, team)
                word = f"launch-{key}".replace("_", "-")
                who = f"serviceAccount:{names.service_account(environment, team, word)}"
                accounts = [names.service_account(environment, team, it) for it in template.manifest.deployer.acts_as]
                for email in accounts:
                    about = f"//iam.googleapis.com/projects/{project}/serviceAccounts/{email}"
                    yield Need(f"template {key}", who, "iam.serviceAccounts.actAs", about)
                for type_ in types(template):
                    change = Change(type_, "create", {"project": project})
                    for demand in demands(change, world):
                        yield Need(f"template {key}", who, demand.permission, f"{MANAGER}projects/{project}")


def _offered() -> dict[str, Any]:
    return {key: it for key, it in read_all().items() if "interactive" in it.manifest.environments}


def _rows(name: str, values: Any) -> list[dict[str, str]]:
    return [{name: value} for value in values]
