"""What can be judged without synthesis: settings, groups and the other data folders."""

from __future__ import annotations

from pathlib import Path

from settings.loading import read


def check(settings: Path) -> str:
    """A sentence on what was found. InvalidSettings with every problem of every data folder."""
    it = read(settings)
    return (
        f"{settings}: {len(it.environments)} environments, {len(it.teams)} teams, {len(it.sources)} sources, "
        f"{len(it.org_policies)} organization policies - no problems"
    )
