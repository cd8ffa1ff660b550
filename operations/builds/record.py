"""What Cloud Build has on record of the build that an artifact names, held against what the artifact says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from operations.builds.desk import Desk
from operations.outcome import Exit, OperationFailed

if TYPE_CHECKING:
    from google.cloud.devtools.cloudbuild_v1 import Build


def found(desk: Desk, place: str, artifact: str, build: str, way_out: str) -> Build:
    """The build that an artifact names. OperationFailed (a gate says no) where there is none."""
    try:
        return desk.build(place, build)
    except OperationFailed as error:
        if error.code != Exit.BAD_INPUT:
            raise
        text = f"names a build that does not exist ({build})"
        raise OperationFailed(artifact, text, way_out, code=Exit.REFUSED) from None


def others(build: Build, *, trigger: str, step: str, commit: str) -> Iterator[str]:
    """In what a build is another one than that of this trigger whose step published this commit."""
    if build.substitutions.get("TRIGGER_NAME") != trigger:
        yield "trigger"
    # A build may have failed after it published; one whose publishing step did not end well published nothing.
    if step not in ended_well(build):
        yield "result"
    if not commit or commit != build.source.connected_repository.revision:
        yield "commit"


def ended_well(build: Build) -> dict[str, str]:
    """The steps of a build that ended well, as people run them, by their id."""
    return {step.id: " ".join(step.args[:2]) for step in build.steps if step.status.name == "SUCCESS"}


def refused(artifact: str, build: str, others: list[str], way_out: str) -> OperationFailed:
    """The failure (a gate says no) that says in what the build is another one."""
    text = f"names build {build}, of which is on record another {', '.join(others)}"
    return OperationFailed(artifact, text, way_out, code=Exit.REFUSED)
