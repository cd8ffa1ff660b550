"""The two files by which Google's own tools know a template, made from it and held to the fields they know."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator

from catalog_templates.template import Template
from catalog_templates.variables import Variable
from settings.problems import Problem

FIELDS = Path(__file__).with_name("metadata_fields.yaml")
VALUES: dict[str, dict[str, Any]] = {"text": {"type": "string"}, "flag": {"type": "boolean"}, "any": {}}
METADATA, DISPLAY = "metadata.yaml", "metadata.display.yaml"
TERRAFORM = ">= 1.3"


def metadata(template: Template) -> dict[str, str]:
    """Name and text of both files. The same template always gives the same text."""
    found = {METADATA: _document(template, _interface(template)), DISPLAY: _document(template, {"ui": _ui(template)})}
    return {name: yaml.safe_dump(document, sort_keys=False, width=120) for name, document in found.items()}


def offences(name: str, text: str) -> list[Problem]:
    """Where a file says something that Google's tools do not know, or lacks what they need."""
    return [
        Problem(f"{name}.{'.'.join(map(str, error.absolute_path))}", error.message, "correct manifest.yaml")
        for error in _validator().iter_errors(yaml.safe_load(text))
    ]


@cache
def _validator() -> Draft7Validator:
    kinds: dict[str, dict[str, str]] = yaml.safe_load(FIELDS.read_text(encoding="utf-8"))
    objects = {
        kind: {
            "type": "object",
            "properties": {name.rstrip("!"): _shape(of) for name, of in fields.items()},
            "required": [name.rstrip("!") for name in fields if name.endswith("!")],
            "additionalProperties": False,
        }
        for kind, fields in kinds.items()
    }
    return Draft7Validator({"$ref": "#/definitions/document", "definitions": objects | VALUES})


def _shape(of: str) -> dict[str, Any]:
    """The schema of a field, from how the table of fields writes it."""
    inner = {"$ref": f"#/definitions/{of.lstrip('*{}')}"}
    if of.startswith("*"):
        return {"type": "array", "items": inner}
    return {"type": "object", "additionalProperties": inner} if of.startswith("{}") else inner


def _document(template: Template, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "blueprints.cloud.google.com/v1alpha1",
        "kind": "BlueprintMetadata",
        "metadata": {
            "name": template.key.replace("_", "-"),
            "annotations": {"config.kubernetes.io/local-config": "true"},
        },
        "spec": {"info": {"title": template.manifest.title}, **spec},
    }


def _interface(template: Template) -> dict[str, Any]:
    manifest = template.manifest
    return {
        "info": {
            "title": manifest.title,
            "version": manifest.version,
            "actuationTool": {"flavor": "Terraform", "version": TERRAFORM},
            "description": {"tagline": manifest.summary},
        },
        "interfaces": {
            "variables": [_variable(it) for it in template.variables.values()],
            "outputs": [{"name": name, "description": text} for name, text in template.outputs.items()],
        },
        "requirements": {
            "roles": [{"level": "Project", "roles": list(manifest.deployer.roles)}],
            "services": [f"{service}.googleapis.com" for service in manifest.services],
        },
    }


def _variable(variable: Variable) -> dict[str, Any]:
    found = {"name": variable.name, "description": variable.description, "varType": variable.type}
    return found | ({"required": True} if variable.required else {"defaultValue": variable.default})


def _ui(template: Template) -> dict[str, Any]:
    return {"input": {"variables": {name: _field(template, it) for name, it in template.variables.items()}}}


def _field(template: Template, variable: Variable) -> dict[str, Any]:
    found: dict[str, Any] = {"name": variable.name, "title": variable.name.replace("_", " ").capitalize()}
    hints = variable.hints
    if hints.pattern:
        found |= {"regexValidation": hints.pattern, "validation": " ".join(variable.messages)}
    if hints.options:
        found["enumValueLabels"] = [{"label": option, "value": option} for option in hints.options]
    return found if variable.name in template.choices else found | {"invisible": True}
