"""Where orders are taken: who may order what, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from catalog_templates.archive import content
from catalog_templates.template import Template, read
from operations.catalog_counter import Counter
from operations.catalog_deployment import Deployment
from operations.catalog_engine import Engine
from operations.catalog_facts import Place
from operations.catalog_gates import must_be_offered
from operations.catalog_index import Index, Release
from operations.catalog_publish import fetch
from operations.catalog_register import ServiceCatalog
from operations.outcome import Exit, OperationFailed
from settings.loading import names_of
from settings.model import Installation
from settings.problems import InvalidSettings, Problem, suggestion
from settings.values import EnvironmentKey


@dataclass
class Desk:
    """The catalog of one installation, open for orders; with a `counter` they are handed in there."""

    installation: Installation
    index: Index
    engine: Engine
    catalog: ServiceCatalog
    label: str
    counter: Counter | None = None
    turn: Lock = field(default_factory=Lock)
    _templates: dict[str, Template] = field(default_factory=dict)
    _folder: TemporaryDirectory[str] = field(default_factory=lambda: TemporaryDirectory(prefix="catalog-"))

    def close(self) -> None:
        """Forget the unpacked archives."""
        self._folder.cleanup()

    def must_name(self, by: str | None) -> None:
        """Whoever hands in an order says who they are. InvalidSettings where `by` is nobody."""
        if self.counter and not by:
            raise InvalidSettings([Problem("--by", "is not given", "write your own address, which the order bears")])

    def place(self, team: str, environment: EnvironmentKey) -> Place:
        """A team's project. InvalidSettings for a team that does not exist."""
        if team not in self.installation.teams:
            known = f"teams are {', '.join(self.installation.teams)}; a build knows those of its image (README, Day 2)"
            way_out = suggestion(team, self.installation.teams, known)
            raise InvalidSettings([Problem(f"team '{team}'", "does not exist", way_out)])
        project = names_of(self.installation).project(environment, team)
        number = self.engine.number(project)
        if number is None:
            way_out = f"ask a member of {team}, or run 'blueprint deploy {environment}-{team}'"
            raise OperationFailed(project, "does not exist, or is not yours to see", way_out)
        return Place(self.installation, environment, team, number)

    def on_offer(self) -> dict[str, tuple[str, Template]]:
        """Version and template of everything that may be ordered, by key."""
        contents = self.index.read()
        offered = {key: contents.offered(key) for key in contents.templates}
        return {
            key: (version, self.template(key, contents.templates[key][version]))
            for key, version in offered.items()
            if version
        }

    def find(self, key: str, version: str | None) -> tuple[str, Release, Template]:
        """A version that may be ordered, the newest where none is named. OperationFailed with the reason where not."""
        contents = self.index.read()
        chosen = version or contents.offered(key)
        if chosen is None and key in contents.templates:
            text, way_out = "has no version on offer", "ask the MLOps engineers which template takes its place"
            raise OperationFailed(f"template '{key}'", text, way_out, code=Exit.REFUSED)
        release = self.index.release(key, chosen or "")
        must_be_offered(key, chosen or "", release, contents.offered(key))
        return chosen or "", release, self.template(key, release)

    def template(self, key: str, release: Release) -> Template:
        """The template of a release, unpacked from its archive and not from any source."""
        with self.turn:
            if release.sha256 not in self._templates:
                folder = Path(self._folder.name) / release.sha256[:16] / key
                for name, data in content(fetch(self.index.shelf, release)).items():
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / name).write_bytes(data)
                self._templates[release.sha256] = read(folder)
            return self._templates[release.sha256]

    def deployments(self, team: str | None = None) -> list[Deployment]:
        """What was ordered, of one team or of all."""
        names = names_of(self.installation)
        projects = [
            names.project(environment, key)
            for environment, place in self.installation.environments.items()
            for key in self.installation.teams
            if team in (None, key) and place.kind == "interactive"
        ]
        return [one for project in projects if self.engine.number(project) for one in self.engine.records(project)]


def shaped(template: Template, given: Mapping[str, str]) -> dict[str, Any]:
    """What was typed as text, in the form that each input has; Terraform judges the rest."""
    found: dict[str, Any] = {}
    for name, text in given.items():
        kind = template.variables[name].type if name in template.variables else "string"
        found[name] = _value(kind, text)
    return found


def _value(kind: str, text: str) -> Any:
    if kind == "number":
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            return text
    if kind == "bool":
        return {"true": True, "yes": True, "false": False, "no": False}.get(text.lower(), text)
    if kind.startswith("list"):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text
