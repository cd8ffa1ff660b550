"""A rule is a folder: `rule.yaml` (Checkov's own language) or `rule.py`, and two fixtures it tells apart.

A `rule.py` says in its docstring what may never happen otherwise, names SEVERITY, CONTROLS and RESOURCES (types or
globs), and has `wrong(it, house)`: what is wrong with one resource, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from policies.values import Values

FOLDER = Path(__file__).parent
FIXTURES = ("pass.tf", "fail.tf")
SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")


@dataclass(frozen=True)
class Facts:
    """What rules know of the installation: its regions and services, where images come from, whose project is whose.

    `environments` leads from a project id, or from its beginning where that ends with a dash, to an environment.
    """

    regions: frozenset[str] = frozenset()
    environments: Mapping[str, str] = field(default_factory=dict)
    operational: frozenset[str] = frozenset()
    images: str = ""
    apis: frozenset[str] = frozenset()

    def environment(self, text: str) -> str | None:
        """The environment of the project that a resource name or an address of a service account names."""
        for word in re.split("[@.:/]", text):
            for begin, environment in self.environments.items():
                if word == begin or (begin.endswith("-") and word.startswith(begin)):
                    return environment
        return None


@dataclass
class House:
    """Everything that is judged together, for rules that ask about more than one resource."""

    facts: Facts
    read: Callable[[], list[Values]]
    indexes: dict[tuple[str, str], dict[str, list[Values]]] = field(default_factory=dict)

    @cached_property
    def by_type(self) -> dict[str, list[Values]]:
        """Every resource, by type; read when a rule asks first."""
        found: dict[str, list[Values]] = {}
        for one in self.read():
            found.setdefault(one.type, []).append(one)
        return found

    def of(self, type_: str) -> list[Values]:
        """Every resource of a type."""
        return self.by_type.get(type_, [])

    def having(self, type_: str, path: str, text: str) -> list[Values]:
        """Every resource of a type with a text at a path; found by an index, because rules ask for each resource."""
        if (type_, path) not in self.indexes:
            index = self.indexes[type_, path] = {}
            for one in self.of(type_):
                index.setdefault(one.text(path), []).append(one)
        return self.indexes[type_, path].get(text, [])


Wrong = Callable[[Values, House], object]


@dataclass(frozen=True)
class Rule:
    """One rule: what it says, how much it matters, which controls it detects a breach of."""

    id: str
    sentence: str
    severity: str
    controls: tuple[str, ...]
    definition: Mapping[str, Any] | None = None
    resources: tuple[str, ...] = ()
    wrong: Wrong | None = None

    @property
    def folder(self) -> Path:
        """Where the rule and its fixtures lie."""
        return FOLDER / self.id


class NotUsable(Exception):  # noqa: N818 - it says what happened
    """A rule, waiver, control or plan that cannot be read: place, problem, way out."""

    def __init__(self, place: str, text: str, way_out: str) -> None:
        self.place, self.text, self.way_out = place, text, way_out
        super().__init__(f"{place}: {text}; {way_out}")


@cache
def rules(folder: Path = FOLDER) -> tuple[Rule, ...]:
    """Every rule, by folder. NotUsable for a folder that lacks its rule or one of its fixtures."""
    folders = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(("_", ".")))
    return tuple(_read(path) for path in folders)


def _read(folder: Path) -> Rule:
    place = f"policies/{folder.name}"
    for name in FIXTURES:
        if not (folder / name).is_file():
            raise NotUsable(place, f"has no {name}", "add what the rule accepts as pass.tf and rejects as fail.tf")
    if (folder / "rule.yaml").is_file():
        rule = _from_yaml(folder, place)
    elif (folder / "rule.py").is_file():
        rule = _from_python(folder)
    else:
        raise NotUsable(place, "has no rule", "add rule.yaml or rule.py")
    if rule.severity not in SEVERITIES or not rule.controls or not rule.sentence:
        raise NotUsable(place, "lacks a sentence, a severity or its controls", f"severities: {', '.join(SEVERITIES)}")
    return rule


def _from_yaml(folder: Path, place: str) -> Rule:
    try:
        raw = yaml.safe_load((folder / "rule.yaml").read_text(encoding="utf-8"))
        told = raw["metadata"]
        metadata = {"id": folder.name, "name": told["name"], "category": "GENERAL_SECURITY"}
        definition = {"metadata": metadata, "definition": raw["definition"]}
        types = tuple(_types(raw["definition"]))
        return Rule(folder.name, told["name"], told["severity"], tuple(told["controls"]), definition, types)
    except (yaml.YAMLError, KeyError, TypeError) as error:
        way_out = "it needs metadata (name, severity, controls) and definition"
        raise NotUsable(f"{place}/rule.yaml", f"is no rule ({error})", way_out) from None


def _types(definition: Any) -> Iterator[str]:
    if isinstance(definition, list):
        for one in definition:
            yield from _types(one)
    elif isinstance(definition, dict):
        yield from definition.get("resource_types", ())
        for one in definition.values():
            yield from _types(one)


def _from_python(folder: Path) -> Rule:
    module = import_module(f"policies.{folder.name}.rule")
    if missing := [name for name in ("SEVERITY", "CONTROLS", "RESOURCES", "wrong") if not hasattr(module, name)]:
        way_out = "policies/rule.py says what one has"
        raise NotUsable(f"policies/{folder.name}/rule.py", f"has no {' and no '.join(missing)}", way_out)
    sentence = " ".join((module.__doc__ or "").split())
    return Rule(
        folder.name,
        sentence,
        module.SEVERITY,
        tuple(module.CONTROLS),
        resources=tuple(module.RESOURCES),
        wrong=module.wrong,
    )
