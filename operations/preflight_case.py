"""What the checks at Google share: the settings, the API and the answers that more than one of them reads."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from operations.estate_outline import Outline
from operations.findings import AT_ONCE, Inconclusive
from operations.google_api import Google, Refused, Unreachable
from settings.model import Installation


@dataclass(frozen=True)
class Case:
    """What the checks know: the settings, what the stacks make, the API, and the answers that several of them use."""

    it: Installation
    outline: Outline
    google: Google
    organization: dict[str, Any] | Refused
    projects: Mapping[str, dict[str, Any] | Inconclusive]

    def organization_found(self) -> dict[str, Any]:
        """The organization as Google describes it."""
        if isinstance(self.organization, Refused):
            raise self.organization
        return self.organization


def opened(it: Installation, outline: Outline, google: Google) -> Case:
    """The case, with its shared answers. Unreachable without a network, Refused where the token is not accepted."""
    organization: dict[str, Any] | Refused
    try:
        organization = google.get("cloudresourcemanager", f"v3/organizations/{it.organization.organization_id}")
    except Refused as error:
        if error.status == 401:
            raise
        organization = error
    except Unreachable:
        raise
    except Inconclusive as error:
        organization = Refused(0, error.text, error.way_out)
    ids = {*outline.projects, *(adopted.id for adopted in it.organization.existing.projects.values())}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(sorted(ids), pool.map(partial(_project, google), sorted(ids)), strict=True))
    return Case(it, outline, google, organization, found)


def _project(google: Google, id_: str) -> dict[str, Any] | Inconclusive:
    try:
        return google.get("cloudresourcemanager", f"v3/projects/{id_}")
    except Inconclusive as error:
        return error
