"""What can be judged without synthesis: the settings, and the groups with the people in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from cloudbuild import pipelines
from groups import personas, rules
from operations.access.duties import access_problems
from settings import loading
from settings.problems import InvalidSettings, Problem

T = TypeVar("T")


def check(settings: Path) -> str:
    """A sentence on what was found. InvalidSettings with every problem of every data folder."""
    problems: list[Problem] = []
    it = _tried(partial(loading.read, settings), problems)
    people, all_rules = _tried(personas.read, problems), _tried(rules.read_rules, problems)
    builds = _tried(pipelines.read, problems)
    if people is not None and all_rules is not None and builds is not None:
        problems += access_problems(people, all_rules, builds, it, settings.resolve().name)
    if it is None or people is None or problems:
        raise InvalidSettings(problems)
    return (
        f"{settings}: {len(it.environments)} environments, {len(it.teams)} teams, {len(it.sources)} sources, "
        f"{len(it.org_policies)} organization policies, {len(people)} personas and groups - no problems"
    )


def _tried(read: Callable[[], T], problems: list[Problem]) -> T | None:
    try:
        return read()
    except InvalidSettings as error:
        problems += error.problems
        return None
