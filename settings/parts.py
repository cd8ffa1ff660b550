"""What was read from a settings folder, before anybody knows whether it makes an installation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from settings.folder import SettingsFolder
from settings.model import Environment, Keys, Organization, OrgPolicy, Source, Team
from settings.values import EnvironmentKey

ENVIRONMENTS: tuple[EnvironmentKey, ...] = get_args(EnvironmentKey)


@dataclass(frozen=True)
class Parts:
    """What of an installation parses. `present` has the keys of all files of a folder, whether they parse or not."""

    folder: SettingsFolder
    present: dict[str, frozenset[str]]
    organization: Organization | None
    environments: dict[EnvironmentKey, Environment]
    teams: dict[str, Team]
    sources: dict[str, Source]
    apis: dict[str, list[str]] | None
    keys: Keys | None
    org_policies: dict[str, OrgPolicy] | None

    def place(self, relative: str) -> str:
        """How problems name a file."""
        return self.folder.place(relative)
