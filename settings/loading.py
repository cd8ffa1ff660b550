"""Reads a settings folder into one Installation, or reports every problem of the folder in one run."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from settings.model import Environment, Installation, Keys, Organization, OrgPolicy, Source, Team
from settings.names import COMMON, Names
from settings.problems import InvalidSettings, Problem, suggestion

ENVIRONMENTS = ("interactive", "nonproduction", "production")
FILES: dict[str, TypeAdapter[Any]] = {
    "organization": TypeAdapter(Organization),
    "apis": TypeAdapter(dict[str, list[str]]),
    "keys": TypeAdapter(Keys),
    "org_policies": TypeAdapter(dict[str, OrgPolicy]),
}
FOLDERS: dict[str, TypeAdapter[Any]] = {
    "environments": TypeAdapter(Environment),
    "teams": TypeAdapter(Team),
    "sources": TypeAdapter(Source),
}


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key that stands twice is an error instead of a silent overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key '{key}' stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path, place: str) -> Any:
    """The content of one YAML file; InvalidSettings where it cannot be read or is not YAML."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise InvalidSettings(
            [Problem(place, f"cannot be read ({error.strerror})", "create it or fix its mode")]
        ) from None
    except UnicodeDecodeError:
        raise InvalidSettings([Problem(place, "is not UTF-8 text", "save it as UTF-8")]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{place}:{mark.line + 1}" if mark else place
        text = getattr(error, "problem", None) or "is not YAML"
        raise InvalidSettings([Problem(where, text, "fix the YAML")]) from None


def parse(adapter: TypeAdapter[Any], document: Any, place: str) -> Any:
    """`document` as the adapter's type; InvalidSettings lists every offence with its key."""
    try:
        return adapter.validate_python(document)
    except ValidationError as error:
        raise InvalidSettings(_explain(adapter, item, place) for item in error.errors()) from None


def read(folder: Path) -> Installation:
    """The installation described by a settings folder. Raises InvalidSettings with every problem found."""
    if not folder.is_dir():
        raise InvalidSettings(
            [Problem(str(folder), "is not a settings folder", "run 'blueprint init' or pass --settings")]
        )
    problems: list[Problem] = []
    parts: dict[str, Any] = {}
    for name, adapter in FILES.items():
        parts[name] = _one(folder / f"{name}.yaml", f"{folder.name}/{name}.yaml", adapter, problems)
    for name, adapter in FOLDERS.items():
        parts[name] = {
            path.stem: _one(path, f"{folder.name}/{name}/{path.name}", adapter, problems)
            for path in sorted((folder / name).glob("*.yaml"))
        }
    if not problems:
        problems += _shape(folder, parts)
    if problems:
        raise InvalidSettings(problems)
    installation = Installation.model_construct(**parts)
    problems = [*_cross_checks(folder, installation)]
    if problems:
        raise InvalidSettings(problems)
    return installation


def names_of(installation: Installation) -> Names:
    """The names of an installation."""
    return Names.of(installation.organization, {k: e.code for k, e in installation.environments.items()})


def _one(path: Path, place: str, adapter: TypeAdapter[Any], problems: list[Problem]) -> Any:
    try:
        return parse(adapter, read_yaml(path, place), place)
    except InvalidSettings as error:
        problems += error.problems
        return None


def _shape(folder: Path, parts: dict[str, Any]) -> Iterator[Problem]:
    try:
        TypeAdapter(Installation).validate_python(
            {k: ({n: v for n, v in part.items()} if isinstance(part, dict) else part) for k, part in parts.items()}
        )
    except ValidationError as error:
        for item in error.errors():
            where, *rest = map(str, item["loc"])
            name = rest[0] if rest else ""
            way_out = (
                suggestion(name, ENVIRONMENTS, "rename the file") if where == "environments" else "rename the file"
            )
            yield Problem(
                f"{folder.name}/{where}/{name}.yaml", f"the file name is not a valid key ({item['msg']})", way_out
            )


def _explain(adapter: TypeAdapter[Any], item: Any, place: str) -> Problem:
    loc = [
        str(part)
        for part in item["loc"]
        if part not in ("[key]", "bigquery", "storage", "spanner", "alloydb", "github", "gitlab")
    ]
    where = ".".join([place, *loc[:-1]]) if item["type"] == "extra_forbidden" else ".".join([place, *loc])
    match item["type"]:
        case "extra_forbidden":
            known = _fields_at(adapter, item["loc"][:-1])
            return Problem(
                where,
                f"unknown key '{loc[-1]}'",
                suggestion(loc[-1], known, f"known are {', '.join(sorted(known))}" if known else "remove it"),
            )
        case "missing":
            return Problem(where, "is missing", "add it")
        case "value_error":
            text, _, way_out = str(item["ctx"]["error"]).partition("; ")
            return Problem(where, text, way_out or "change it")
        case "literal_error" | "union_tag_invalid":
            expected = item["ctx"].get("expected") or item["ctx"].get("expected_tags")
            given = item["ctx"].get("tag", item["input"])
            options = [word.strip(" '") for word in str(expected).replace(" or ", ",").split(",")]
            return Problem(
                where,
                f"'{given}' is not one of {', '.join(options)}",
                suggestion(str(given), options, "choose one of them"),
            )
        case "string_pattern_mismatch":
            return Problem(where, f"'{item['input']}' has the wrong form", f"write it as {item['ctx']['pattern']}")
        case _:
            return Problem(
                where, f"{item['msg'][0].lower()}{item['msg'][1:]}, not {item['input']!r:.60}", "change the value"
            )


def _fields_at(adapter: TypeAdapter[Any], loc: tuple[Any, ...]) -> set[str]:
    """The keys that are allowed at a place, from the exported JSON Schema."""
    schema = adapter.json_schema()
    found: list[Any] = [schema]

    def resolve(node: Any) -> list[Any]:
        if "$ref" in node:
            return resolve(schema["$defs"][node["$ref"].rsplit("/", 1)[1]])
        options = node.get("anyOf") or node.get("oneOf")
        return [leaf for option in options for leaf in resolve(option)] if options else [node]

    found = resolve(schema)
    for step in loc:
        deeper = []
        for node in found:
            child = node.get("properties", {}).get(step) or node.get("additionalProperties") or node.get("items")
            deeper += resolve(child) if isinstance(child, dict) else ([node] if isinstance(step, str) else [])
        found = deeper
    return {key for node in found for key in node.get("properties", {})}


def _cross_checks(folder: Path, it: Installation) -> Iterator[Problem]:
    where = folder.name
    for key in ENVIRONMENTS:
        if key not in it.environments:
            yield Problem(
                f"{where}/environments/{key}.yaml", "is missing", "every installation has all three environments"
            )
    codes = [e.code for e in it.environments.values()]
    if len(set(codes)) != len(codes):
        yield Problem(
            f"{where}/environments", f"two environments share a code ({', '.join(codes)})", "give each its own"
        )
    for (place_a, a), (place_b, b) in combinations(it.networks, 2):
        if a.overlaps(b):
            yield Problem(f"{where}/{place_b}", f"{b} overlaps {a} of {place_a}", "choose a free range")
    for key, environment in it.environments.items():
        for region in it.organization.regions:
            if region not in environment.network.subnets:
                yield Problem(
                    f"{where}/environments/{key}.yaml.network.subnets", f"has no range for {region}", "add one"
                )
    yield from _team_checks(where, it)
    yield from _source_checks(folder, it)
    for name, policy in it.org_policies.items():
        given = [f for f in ("enforce", "allow", "deny", "deny_all") if getattr(policy, f) is not None]
        if len(given) != 1:
            text = f"has {' and '.join(given) or 'no rule'}"
            yield Problem(
                f"{where}/org_policies.yaml.{name}", text, "give exactly one of enforce, allow, deny, deny_all"
            )


def _team_checks(where: str, it: Installation) -> Iterator[Problem]:
    names = names_of(it)
    for key, team in it.teams.items():
        place = f"{where}/teams/{key}.yaml"
        for source in team.sources:
            if source not in it.sources:
                yield Problem(
                    f"{place}.sources", f"no source '{source}'", suggestion(source, it.sources, "add the source")
                )
        for environment in it.environments:
            if environment not in team.budget:
                yield Problem(f"{place}.budget", f"has no amount for {environment}", "add one")
            if team.orchestrator == "composer" and it.environments[environment].network.composer is None:
                text = "has no range, but a team uses Composer"
                yield Problem(f"{where}/environments/{environment}.yaml.network.composer", text, "add one")
        try:
            for environment in (*it.environments, COMMON):
                names.project(environment, key)
            names.group("data_scientist", key)
        except InvalidSettings as error:
            yield from (Problem(place, f"{p.place} {p.text}", p.way_out) for p in error.problems)


def _source_checks(folder: Path, it: Installation) -> Iterator[Problem]:
    for key, source in it.sources.items():
        place = f"{folder.name}/sources/{key}.yaml"
        tables = source.tables if source.kind == "bigquery" else {}
        examples = [t.example for t in tables.values() if t.example] if tables else getattr(source, "examples", [])
        for example in examples:
            if not (folder / example).is_file():
                yield Problem(place, f"example file '{example}' does not exist", f"put it below {folder.name}/")
        for name, table in tables.items():
            for rule, access in table.row_access.items():
                if access.team not in it.teams:
                    near = suggestion(access.team, it.teams, "add the team")
                    yield Problem(f"{place}.tables.{name}.row_access.{rule}.team", f"no team '{access.team}'", near)


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema of every kind of file, by the name it is exported under."""
    singular = {"environments": "environment", "teams": "team", "sources": "source"}
    adapters = FILES | {singular[name]: adapter for name, adapter in FOLDERS.items()}
    return {name: _titled(adapter, name) for name, adapter in adapters.items()}


def _titled(adapter: TypeAdapter[Any], name: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name} | adapter.json_schema()
