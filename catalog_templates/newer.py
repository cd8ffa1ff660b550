"""What Infrastructure Manager's Terraform (up to 1.5.7) does not know or take: found by reading, not by running.

The check is static: it finds the words of newer features. Terraform 1.5.7 itself is the judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog_templates.template import MANIFEST, Template
from settings.problems import Problem

PLACES = ("*.tf", MANIFEST, "README.md", "examples/*.tfvars.json", "tests/*.tftest.hcl")
OTHERS = re.compile(r"(?<![\w.])(?:var|local)\.\w+")

NEWER = {
    r"^\s*removed\s*\{": "removed blocks came with Terraform 1.7",
    r"^\s*ephemeral\s+\"": "ephemeral resources came with Terraform 1.10",
    r"^\s*ephemeral\s*=": "ephemeral values came with Terraform 1.10",
    r"\bprovider::": "functions of providers came with Terraform 1.8",
    r"\b(templatestring|issensitive|ephemeralasnull)\(": "this function came after Terraform 1.5",
    r"\w+_wo\s*=": "write-only arguments came with Terraform 1.11",
    r"^\s*(override_resource|override_data|override_module)\s*\{": "overrides came with Terraform 1.7",
}
UNWANTED = {
    r"^\s*backend\s+\"": "Infrastructure Manager keeps the state itself",
    r"^\s*cloud\s*\{": "Infrastructure Manager keeps the state itself",
    r"^\s*provisioner\s+\"": "a template runs nothing but the provider",
    r"^\s*module\s+\"": "a template is complete in itself, and only its own files are read here",
    r"^\s*import\s*\{": "an order makes something new",
    r"^\s*data\s+\"": "the platform says what exists, a template does not look around",
    r"resource\s+\"random_": "names are chosen, not drawn",
    r"\b(timestamp|uuid|bcrypt)\(": "its value changes with every plan",
    r"force_destroy\s*=\s*true": "what people keep is not deleted with its container",
    r"delete_contents_on_destroy\s*=\s*true": "what people keep is not deleted with its container",
}


def offences(template: Template) -> list[Problem]:
    """Every file, line and condition of a template that a catalog template must not have."""
    return [*_files(template), *_lines(template), *_conditions(template)]


def _files(template: Template) -> Iterator[Problem]:
    """What is packed and lies where nothing here looks: other folders, and Terraform as JSON."""
    seen = {path for place in PLACES for path in template.folder.glob(place)}
    for path in template.packed():
        if path not in seen:
            name, way_out = path.relative_to(template.folder), f"a template holds {', '.join(PLACES)}"
            yield Problem(f"{template.key}/{name}", "has no place here", way_out)


def _lines(template: Template) -> Iterator[Problem]:
    for file in sorted(template.folder.glob("*.tf")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            for pattern, reason in {**NEWER, **UNWANTED}.items():
                if not line.lstrip().startswith("#") and re.search(pattern, line):
                    text = f"'{line.strip()[:60]}' has no place here: {reason}"
                    yield Problem(f"{template.key}/{file.name}:{number}", text, "write it otherwise")


def _conditions(template: Template) -> Iterator[Problem]:
    for variable in template.variables.values():
        for condition in variable.conditions:
            for other in sorted(set(OTHERS.findall(condition)) - {f"var.{variable.name}"}):
                text = f"a condition names {other}; those that name another value came with Terraform 1.9"
                yield Problem(f"{template.key}/variables.tf.{variable.name}", text, "write it otherwise")
