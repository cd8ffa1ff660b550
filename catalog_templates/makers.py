"""Which roles a template's deployer needs, read from what the template makes."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from catalog_templates.template import MANIFEST, Template
from settings.problems import Problem

TABLE = Path(__file__).with_suffix(".yaml")
RESOURCE = re.compile(r'^resource\s+"(\w+)"', re.M)


def types(template: Template) -> list[str]:
    """The types of the resources that a template makes."""
    return sorted({t for file in template.folder.glob("*.tf") for t in RESOURCE.findall(file.read_text("utf-8"))})


def offences(template: Template) -> list[Problem]:
    """Where the manifest gives the deployer more or fewer roles than the template needs, or a type has no row."""
    table: dict[str, str] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    place = f"{template.key}/{MANIFEST}.deployer.roles"
    needed: dict[str, str] = {}
    problems = []
    for type_ in types(template):
        beginnings = [beginning for beginning in table if type_.startswith(beginning)]
        if not beginnings:
            problems.append(Problem(TABLE.name, f"no role is known that makes '{type_}'", "add a row"))
            continue
        needed[table[max(beginnings, key=len)]] = type_
    given = set(template.manifest.deployer.roles)
    problems += [
        Problem(place, f"lacks '{role}', which {needed[role]} needs", "add it") for role in needed.keys() - given
    ]
    problems += [Problem(place, f"'{role}' is needed by nothing here", "remove it") for role in given - needed.keys()]
    return problems
