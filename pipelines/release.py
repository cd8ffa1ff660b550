"""What is decided about a model: that it goes to production, on which evidence, or out of use; and on whose word."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

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

    def record(self) -> Report:
        """What is kept of it, for those who ask later."""
        kept = self.model_dump(exclude={"source", "expected"})
        return kept | {"from": {"project": self.source.project, "version": self.version}}


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Retirement(Model):
    """A version that goes out of use for good."""

    retire: str
    why: Annotated[str, Field(min_length=10, max_length=300)]
    approved_by: str
    on: Day

    def record(self) -> Report:
        """What is kept of it, for those who ask later."""
        return self.model_dump(mode="json")


class Rollback(Model):
    """All traffic goes back to the champion, or from a champion to the one before."""

    roll_back: Annotated[str, Field(min_length=10, max_length=300, description="Why.")]
    approved_by: str
    on: Day

    def record(self) -> Report:
        """What is kept of it, for those who ask later."""
        return self.model_dump(mode="json")


class Trial(Model):
    """A canary is concluded by its rule, on which nobody has to decide."""

    trial: Literal["by its rule"] = "by its rule"

    def record(self) -> Report:
        """What is kept of it, for those who ask later."""
        return self.model_dump(mode="json")


Decision = Release | Retirement | Rollback | Trial


def told(text: str) -> Decision | None:
    """The decision that another process was given as JSON; an empty text is none."""
    if not text:
        return None
    document = json.loads(text)
    kinds = {"retire": Retirement, "roll_back": Rollback, "trial": Trial}
    kind = next((it for key, it in kinds.items() if key in document), Release)
    decision: Decision = parse(TypeAdapter(kind), document, "release")
    return decision
