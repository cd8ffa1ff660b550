"""A model on its way to production: which one, on which evidence, on whose word."""

from __future__ import annotations

import json

from pydantic import TypeAdapter

from pipelines.artifacts import Report
from pipelines.place import Place
from settings.explaining import parse
from settings.problems import InvalidSettings
from settings.values import Model


class Refused(InvalidSettings):
    """What a gate says no to: nothing is wrong with the input, and asking again does not help."""


class Release(Model):
    """The model that a run at `source` has registered. `expected` is the champion that it is to follow."""

    run: str
    commit: str
    version: str
    digest: str
    metrics: dict[str, float]
    approved_by: str
    expected: str | None = None
    source: Place

    @classmethod
    def told(cls, text: str) -> Release | None:
        """The release that another process was given as JSON; an empty text is none."""
        if not text:
            return None
        release: Release = parse(TypeAdapter(cls), json.loads(text), "release")
        return release

    def record(self) -> Report:
        """What is kept of it, for those who ask later."""
        kept = self.model_dump(exclude={"source", "expected"})
        return kept | {"from": {"project": self.source.project, "version": self.version}}
