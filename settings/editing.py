"""Changes to a settings folder that touch one file, checked against the whole installation before they happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from settings.explaining import parse
from settings.folder import SettingsFolder
from settings.loading import FOLDERS, read
from settings.problems import InvalidSettings, Problem, suggestion
from settings.rendering import render
from settings.schemas import header, schemas
from settings.writing import delete, write


@dataclass(frozen=True)
class Change:
    """One file that is written or deleted, and the difference that it makes, as a patch."""

    path: Path
    diff: str


def add_team(
    folder: Path,
    name: str,
    *,
    purpose: str,
    orchestrator: str,
    contact: str,
    budget: Mapping[str, int],
    title: str | None = None,
    repository: str | None = None,
    endpoints: Sequence[str] = (),
    feature_store: bool = False,
    sources: Sequence[str] = (),
    dry_run: bool = False,
) -> Change:
    """Writes teams/NAME.yaml. `budget` has an amount for each environment; title and repository follow from the name.

    Raises InvalidSettings with every problem that the installation would have; then nothing is written.
    """
    relative = f"teams/{name}.yaml"
    on_disk = SettingsFolder(folder)
    if name in on_disk.keys("teams"):
        problem = Problem(on_disk.place(relative), f"there is a team '{name}' already", "choose another name")
        raise InvalidSettings([problem])
    document: dict[str, Any] = {
        "title": title or name.replace("-", " ").capitalize(),
        "purpose": purpose,
        "orchestrator": orchestrator,
        "contact": contact,
        "budget": dict(budget),
        "repository": repository or name,
        "endpoints": list(endpoints),
        "feature_store": feature_store,
        "sources": list(sources),
    }
    text = render({k: v for k, v in document.items() if v not in ([], False)}, schemas()["team"], header(relative))
    read(folder, {relative: text})
    if not dry_run:
        write(folder / relative, text)
    return Change(folder / relative, _diff(on_disk.place(relative), "", text))


def remove_team(folder: Path, name: str, *, dry_run: bool = False) -> Change:
    """Deletes teams/NAME.yaml. What exists in a cloud stays until the next deployment.

    Raises InvalidSettings where another file refers to the team, or where the rest is no installation; then nothing is
    deleted.
    """
    relative = f"teams/{name}.yaml"
    on_disk = SettingsFolder(folder)
    teams = on_disk.keys("teams")
    if name not in teams:
        way_out = suggestion(name, teams, f"known are {', '.join(teams)}" if teams else "there are none")
        raise InvalidSettings([Problem(on_disk.place("teams"), f"there is no team '{name}'", way_out)])
    if referring := [*_rows(on_disk, name), *_adopted(on_disk, name)]:
        raise InvalidSettings(Problem(p, f"refers to team '{name}'", "remove this entry first") for p in referring)
    read(folder, {relative: None})
    try:
        before = (folder / relative).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        place = on_disk.place(relative)
        raise InvalidSettings([Problem(place, f"cannot be read ({error.strerror})", "look at it yourself")]) from None
    if not dry_run:
        delete(folder / relative)
    return Change(folder / relative, _diff(on_disk.place(relative), before, ""))


def _rows(folder: SettingsFolder, team: str) -> list[str]:
    """Where sources give rows to a team; a source that does not parse is told by `read`."""
    places = []
    for key in folder.keys("sources"):
        try:
            source = parse(FOLDERS["sources"], folder.document(f"sources/{key}.yaml"), key)
        except InvalidSettings:
            continue
        for name, table in getattr(source, "tables", {}).items():
            at = folder.place(f"sources/{key}.yaml.tables.{name}.row_access")
            places += [f"{at}.{rule}" for rule, access in table.row_access.items() if access.team == team]
    return places


def _adopted(folder: SettingsFolder, team: str) -> list[str]:
    """Where the organization brings in projects of a team."""
    try:
        projects = folder.document("organization.yaml")["existing"]["projects"]
        keys = [str(key) for key in projects]
    except (InvalidSettings, LookupError, TypeError):
        return []
    wanted = {f"{environment}-{team}" for environment in folder.keys("environments")}
    return [folder.place(f"organization.yaml.existing.projects.{key}") for key in keys if key in wanted]


def _diff(place: str, before: str, after: str) -> str:
    names = (f"a/{place}" if before else "/dev/null", f"b/{place}" if after else "/dev/null")
    lines = unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), *names)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
