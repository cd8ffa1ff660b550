"""The catalog for a person: one function for each thing that can be asked, on the sandbox of a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from catalog_templates.template import Template
from operations.catalog_counter import Slip
from operations.catalog_deployment import Deployment
from operations.catalog_desk import Desk, shaped
from operations.catalog_engine import Progress, must_exist
from operations.catalog_fulfilling import Made, formed, placed
from operations.catalog_opening import at_the_desk
from operations.catalog_workshop import judge
from settings.loading import read_yaml
from settings.problems import InvalidSettings, Problem

Refused = Callable[[str, str], list[Problem]]
"""What a template says against one input, by its name and what was typed."""
Choices = Mapping[str, Any] | Callable[[list[dict[str, Any]], Refused], dict[str, Any]]


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
        "controls": {control: _statements().get(control, control) for control in manifest.controls},
        "inputs": inputs_of(template),
    }


@cache
def _statements() -> dict[str, str]:
    """What each control says."""
    from policies.controls import catalogue

    return {one.id: one.statement for one in catalogue()}


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


def launched(root: Path, key: str, *, choices: Choices, version: str | None, **how: Any) -> Made:
    """Order a template; with `dry_run` only what would be made, a line for each resource."""
    with at_the_desk(how.pop("settings"), root, how.pop("target")) as desk:
        template = desk.find(key, version)[2]
        inputs = choices(inputs_of(template), partial(refused, template)) if callable(choices) else choices
        return _placed(desk, "launch", key, inputs, version, **how)


def refused(template: Template, name: str, typed: str) -> list[Problem]:
    """What a template says against one input as it was typed; the others are not looked at."""
    return [it for it in judge(template, shaped(template, {name: typed})) if it.place == name]


def updated(root: Path, name: str, *, choices: Mapping[str, Any], version: str | None, **how: Any) -> Made:
    """Change a deployment; with `dry_run` only what would change, a line for each resource."""
    with at_the_desk(how.pop("settings"), root, how.pop("target")) as desk:
        return _placed(desk, "update", name, choices, version, **how)


def deleted(root: Path, name: str, **how: Any) -> None:
    """Take down a deployment."""
    with at_the_desk(how.pop("settings"), root, how.pop("target")) as desk:
        _placed(desk, "delete", name, {}, **how)


def _placed(
    desk: Desk,
    do: Any,
    name: str,
    inputs: Mapping[str, Any],
    version: str | None = None,
    *,
    progress: Progress,
    dry_run: bool = False,
    **who: Any,
) -> Made:
    desk.must_name(who["by"])
    slip = Slip(
        do=do,
        name=name,
        by=who["by"] or "",
        environment=who["environment"],
        version=version,
        inputs=dict(inputs),
        dry_run=dry_run,
    )
    return placed(desk, slip, formed(desk, slip, **who), progress)


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


def order_file(path: Path) -> dict[str, Any]:
    """The inputs in a YAML file. InvalidSettings where it holds none."""
    found = read_yaml(path, str(path))
    if not isinstance(found, dict):
        raise InvalidSettings([Problem(str(path), "holds no inputs", "write them as 'input: value' lines")])
    return found
