"""Reads a settings folder into one Installation, or reports every problem of the folder in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from settings.cross_checks import problems_between
from settings.explaining import parse
from settings.folder import SUFFIX, SettingsFolder, read_yaml
from settings.model import Environment, Installation, Key, Keys, Organization, OrgPolicy, Source, Team
from settings.names import Names
from settings.parts import ENVIRONMENTS, Parts
from settings.problems import InvalidSettings, Problem, suggestion

__all__ = ["FILES", "FOLDERS", "names_of", "parse", "read", "read_yaml"]

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
KEY: TypeAdapter[str] = TypeAdapter(Key)
KEY_FORM = "rename it: 2 to 14 lower-case letters, digits and single hyphens, a letter first"
T = TypeVar("T")


def read(folder: Path, changes: Mapping[str, str | None] | None = None) -> Installation:
    """The installation described by a settings folder. Raises InvalidSettings with every problem found.

    `changes` maps paths below the folder to the text that stands in for them, None for a file that is gone: what an
    edit would lead to, before anything is written.
    """
    if not folder.is_dir():
        problem = Problem(str(folder), "is not a settings folder", "run 'blueprint init' or pass --settings")
        raise InvalidSettings([problem])
    on_disk = SettingsFolder(folder, changes or {})
    problems: list[Problem] = []
    parts = _parts(on_disk, problems)
    problems += problems_between(parts)
    if problems:
        raise InvalidSettings(problems)
    return Installation.model_construct(**{name: getattr(parts, name) for name in (*FILES, *FOLDERS)})


def names_of(installation: Installation) -> Names:
    """The names of an installation."""
    return Names.of(installation.organization, {k: e.code for k, e in installation.environments.items()})


def _parts(folder: SettingsFolder, problems: list[Problem]) -> Parts:
    parts: dict[str, Any] = {}
    present: dict[str, frozenset[str]] = {}
    problems += _attempt(problems, lambda: list(folder.unread(FILES, FOLDERS)), [])
    for name, adapter in FILES.items():
        parts[name] = _one(folder, f"{name}{SUFFIX}", adapter, problems)
    for name, adapter in FOLDERS.items():
        keys: list[str] = _attempt(problems, partial(folder.keys, name), [])
        wrong = {key: problem for key in keys for problem in _wrong_key(folder, name, key)}
        problems += wrong.values()
        found = {key: _one(folder, f"{name}/{key}{SUFFIX}", adapter, problems) for key in keys}
        present[name] = frozenset(found.keys() - wrong)
        parts[name] = {key: found[key] for key in sorted(present[name]) if found[key] is not None}
    return Parts(folder=folder, present=present, **parts)


def _one(folder: SettingsFolder, relative: str, adapter: TypeAdapter[Any], problems: list[Problem]) -> Any:
    return _attempt(problems, lambda: parse(adapter, folder.document(relative), folder.place(relative)), None)


def _attempt(problems: list[Problem], function: Callable[[], T], otherwise: T) -> T:
    try:
        return function()
    except InvalidSettings as error:
        problems += error.problems
        return otherwise


def _wrong_key(folder: SettingsFolder, name: str, key: str) -> Iterator[Problem]:
    place = folder.place(f"{name}/{key}{SUFFIX}")
    if name == "environments":
        if key not in ENVIRONMENTS:
            way_out = suggestion(key, ENVIRONMENTS, f"environments are {', '.join(ENVIRONMENTS)}")
            yield Problem(place, f"no environment is called '{key}'", way_out)
        return
    try:
        KEY.validate_python(key)
    except ValidationError:
        yield Problem(place, f"the file name '{key}' is not a key", KEY_FORM)
