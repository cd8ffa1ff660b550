"""The pipelines as people read them, and whether their files are right."""

from __future__ import annotations

from collections.abc import Iterator

from cloudbuild.checking import check
from cloudbuild.pipelines import read
from settings.problems import InvalidSettings


def lines() -> Iterator[str]:
    """Each pipeline, and below it each of its triggers: event, repository, identity, build file, approval."""
    for key, pipeline in read().items():
        yield f"{key} - {pipeline.purpose}"
        for word, t in pipeline.triggers.items():
            waits = "waits for approval" if t.approval else ""
            yield f"  {word:<20} {t.event:<13} {t.repository:<15} {t.builder:<18} {t.build:<18} {waits}".rstrip()


def checked() -> None:
    """InvalidSettings with everything that is wrong with a build file."""
    if problems := check():
        raise InvalidSettings(problems)
