"""The catalog for a person: one function for each thing that can be asked, on the sandbox of a folder."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from catalog_templates.template import Template
from operations.catalog_deployment import Deployment
from operations.catalog_desk import Desk, Person, people, shaped
from operations.catalog_engine import Progress, must_exist
from operations.catalog_opening import at_the_desk
from operations.catalog_orders import Order, delete, launch, preview_of_update, previewed, update
from settings.loading import read_yaml
from settings.model import Installation
from settings.problems import InvalidSettings, Problem, suggestion

Choices = Mapping[str, Any] | Callable[[list[dict[str, Any]]], dict[str, Any]]


def offers(settings: Path, root: Path, target: str) -> list[dict[str, Any]]:
    """Everything on offer."""
    with at_the_desk(settings, root, target) as desk:
        return [described_template(version, template) for version, template in desk.on_offer().values()]


def offer(settings: Path, root: Path, target: str, key: str) -> dict[str, Any]:
    """One template on offer, with its form."""
    with at_the_desk(settings, root, target) as desk:
        version, _, template = desk.find(key, None)
        return described_template(version, template)


def described_template(version: str, template: Template) -> dict[str, Any]:
    """A template for machines and for forms."""
    manifest = template.manifest
    return {
        "template": template.key,
        "version": version,
        "title": manifest.title,
        "summary": manifest.summary,
        "icon": manifest.icon,
        "environments": list(manifest.environments),
        "orderers": list(manifest.orderers),
        "quota": manifest.quota,
        "cost": manifest.cost.hint,
        "controls": list(manifest.controls),
        "inputs": inputs_of(template),
    }


def inputs_of(template: Template) -> list[dict[str, Any]]:
    """The form of a template: what each input is, its default and what limits it."""
    return [
        {
            "name": name,
            "type": it.type,
            "description": it.description,
            "accepted": " ".join(it.messages),
            "required": it.required,
            "default": None if it.required else it.default,
            "options": list(it.hints.options or ()),
            "pattern": it.hints.pattern,
            "minimum": it.hints.minimum,
            "maximum": it.hints.maximum,
            "shortest": it.hints.shortest,
            "longest": it.hints.longest,
        }
        for name, it in template.choices.items()
    ]


def launched(
    root: Path, key: str, *, choices: Choices, progress: Progress, version: str | None, dry_run: bool, **who: Any
) -> Deployment | list[str]:
    """Order a template; with `dry_run` only what would be made, a line for each resource."""
    with at_the_desk(who.pop("settings"), root, who.pop("target")) as desk:
        _, _, template = desk.find(key, version)
        chosen = choices(inputs_of(template)) if callable(choices) else choices
        order = order_of(desk.installation, key, _formed(template, chosen), version=version, **who)
        return previewed(desk, order) if dry_run else launch(desk, order, progress)


def updated(
    root: Path,
    name: str,
    *,
    choices: Mapping[str, Any],
    progress: Progress,
    version: str | None,
    dry_run: bool,
    **who: Any,
) -> Deployment | list[str]:
    """Change a deployment; with `dry_run` only what would change, a line for each resource."""
    with at_the_desk(who.pop("settings"), root, who.pop("target")) as desk:
        before = must_exist(desk.engine, desk.place(who["team"], who["environment"]).project, name)
        template = desk.template(before.template, desk.index.release(before.template, before.version))
        order = order_of(desk.installation, before.template, _formed(template, choices), **who)
        if dry_run:
            return preview_of_update(desk, order, name, version)
        return update(desk, order, name, version, progress)


def deleted(root: Path, name: str, *, progress: Progress, version: None = None, **who: Any) -> None:
    """Take down a deployment."""
    with at_the_desk(who.pop("settings"), root, who.pop("target")) as desk:
        delete(desk, order_of(desk.installation, "", {}, **who), name, progress)


def ordered(settings: Path, root: Path, target: str, team: str | None) -> list[Deployment]:
    """Deployments of a team or of all."""
    with at_the_desk(settings, root, target) as desk:
        return desk.deployments(team)


def described(settings: Path, root: Path, target: str, team: str, environment: Any, name: str) -> Deployment:
    """One deployment."""
    with at_the_desk(settings, root, target) as desk:
        return must_exist(desk.engine, desk.place(team, environment).project, name)


def costs(settings: Path, root: Path, target: str, team: str | None) -> list[dict[str, Any]]:
    """For each team what its deployments cost by, beside the budget of its interactive project."""
    with at_the_desk(settings, root, target) as desk:
        it = desk.installation
        found = {key: desk.deployments(key) for key in it.teams if team in (None, key)}
        return [
            {
                "team": key,
                "budget": it.teams[key].budget["interactive"],
                "currency": it.organization.currency,
                "deployments": [_cost(desk, one) for one in deployments],
            }
            for key, deployments in found.items()
        ]


def _cost(desk: Desk, one: Deployment) -> dict[str, Any]:
    template = desk.template(one.template, desk.index.release(one.template, one.version))
    cost = template.manifest.cost
    drivers = {key: one.inputs.get(key, template.variables[key].default) for key in cost.drivers}
    return {"name": one.name, "hint": cost.hint, "drivers": drivers}


def order_of(installation: Installation, key: str, choices: Mapping[str, Any], **who: Any) -> Order:
    """The order of a person, from what was typed. InvalidSettings where that means nobody."""
    persona, _, team = (who.get("persona") or f"data_scientist/{who['team']}").partition("/")
    problems = []
    if team and team not in installation.teams:
        problems.append(
            Problem(f"team '{team}'", "does not exist", suggestion(team, installation.teams, "see settings/teams"))
        )
    if who["environment"] not in installation.environments:
        known = ", ".join(installation.environments)
        problems.append(Problem(f"environment '{who['environment']}'", "does not exist", f"there are {known}"))
    if problems:
        raise InvalidSettings(problems)
    members = people(installation, persona, team or None)
    address = who.get("by") or next(iter(members), f"{getpass.getuser()}@{installation.organization.domain}")
    person = Person(address, persona, team or None)
    return Order(key, who["team"], person, choices, who["environment"], who.get("version"))


def order_file(path: Path) -> dict[str, Any]:
    """The inputs in a YAML file. InvalidSettings where it holds none."""
    found = read_yaml(path, str(path))
    if not isinstance(found, dict):
        raise InvalidSettings([Problem(str(path), "holds no inputs", "write them as 'input: value' lines")])
    return found


def _formed(template: Template, choices: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: value for name, value in choices.items() if isinstance(value, str)}
    return {**choices, **shaped(template, texts)}
