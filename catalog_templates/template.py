"""A template: one folder that is complete in itself, and nothing of it is listed anywhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import TypeAdapter

from catalog_templates.manifest import Manifest
from catalog_templates.variables import Variable, read_outputs, read_variables
from settings.loading import parse, read_yaml
from settings.problems import InvalidSettings, Problem, suggestion

FOLDER = Path(__file__).parent
MANIFEST = "manifest.yaml"
SUFFIXES = (".tf", ".hcl", ".yaml", ".json", ".md")
PRECONDITIONS = "preconditions.tf"
"""What inputs must fulfil together: outputs of variables alone, each named after the input that it refuses."""
ENTRIES = ("main.tf", "variables.tf", "outputs.tf", "versions.tf", MANIFEST, "README.md")


@dataclass(frozen=True)
class Template:
    """A folder with its manifest. `key` is the folder's name."""

    folder: Path
    manifest: Manifest

    @property
    def key(self) -> str:
        """The template's key everywhere: on the command line, in the catalog, in names."""
        return self.folder.name

    @cached_property
    def variables(self) -> dict[str, Variable]:
        """Every input by name, in the order of the file."""
        return {variable.name: variable for variable in read_variables(self.folder / "variables.tf")}

    @cached_property
    def outputs(self) -> dict[str, str]:
        """Description of every output."""
        files = [self.folder / "outputs.tf", *self.folder.glob(PRECONDITIONS)]
        return {name: text for file in files for name, text in read_outputs(file).items()}

    @property
    def choices(self) -> dict[str, Variable]:
        """What the person who orders decides."""
        return {name: it for name, it in self.variables.items() if name not in self.manifest.platform}

    def packed(self) -> list[Path]:
        """The files that belong to it, in every folder."""
        inside = (path for path in self.folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
        return sorted(it for it in inside if not any(part[0] == "." for part in it.relative_to(self.folder).parts))

    @property
    def examples(self) -> list[Path]:
        """Example orders, complete with what the platform fills."""
        return sorted((self.folder / "examples").glob("*.tfvars.json"))


def read(folder: Path) -> Template:
    """The template in a folder. InvalidSettings with every problem of its shape."""
    place = f"catalog_templates/{folder.name}"
    missing = [
        Problem(f"{place}/{entry}", "is missing", "write it") for entry in ENTRIES if not (folder / entry).is_file()
    ]
    if missing:
        raise InvalidSettings(missing)
    manifest = parse(TypeAdapter(Manifest), read_yaml(folder / MANIFEST, f"{place}/{MANIFEST}"), f"{place}/{MANIFEST}")
    template = Template(folder, manifest)
    problems = [*_unknown(template, place), *_undescribed(template, place)]
    if problems:
        raise InvalidSettings(problems)
    return template


def keys(folder: Path = FOLDER) -> list[str]:
    """The keys of all templates of a folder."""
    return sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}"))


def find(key: str, folder: Path = FOLDER) -> Template:
    """One template by key. InvalidSettings where there is none."""
    if key not in keys(folder):
        way_out = suggestion(key, keys(folder), "see 'blueprint catalog list'")
        raise InvalidSettings([Problem(f"template '{key}'", "does not exist", way_out)])
    return read(folder / key)


def read_all(folder: Path = FOLDER) -> dict[str, Template]:
    """Every template by key. InvalidSettings with the problems of all."""
    found: dict[str, Template] = {}
    problems: list[Problem] = []
    for key in keys(folder):
        try:
            found[key] = read(folder / key)
        except InvalidSettings as error:
            problems += error.problems
    if problems:
        raise InvalidSettings(problems)
    return found


def _unknown(template: Template, place: str) -> list[Problem]:
    manifest = template.manifest
    named = [(f"{MANIFEST}.platform", name) for name in manifest.platform]
    named += [(f"{MANIFEST}.cost.drivers", name) for name in manifest.cost.drivers]
    return [
        Problem(
            f"{place}/{where}",
            f"'{name}' is no variable",
            suggestion(name, template.variables, "declare it in variables.tf"),
        )
        for where, name in named
        if name not in template.variables
    ]


def _undescribed(template: Template, place: str) -> list[Problem]:
    at = f"{place}/variables.tf"
    problems = [
        Problem(f"{at}.{name}", "has no description", "say what the person who orders has to know")
        for name, variable in template.variables.items()
        if not variable.description
    ]
    problems += [
        Problem(f"{at}.{name}", "has no validation", "say which values are accepted and why")
        for name, variable in template.choices.items()
        if not variable.conditions and variable.type != "bool"
    ]
    if "name" not in template.choices:
        problems.append(Problem(f"{at}.name", "is missing", "every order has a name of the person's choice"))
    return problems


def unused(template: Template) -> list[Problem]:
    """Inputs that change nothing. Judged before publishing only: what is published stays readable as it is."""
    text = "\n".join(
        file.read_text(encoding="utf-8") for file in template.folder.glob("*.tf") if file.name != "variables.tf"
    )
    return [
        Problem(f"{template.key}/variables.tf.{name}", "is used nowhere", "use it, or remove it")
        for name in template.variables
        if not re.search(rf"\bvar\.{name}\b", text)
    ]
