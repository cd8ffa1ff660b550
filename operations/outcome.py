"""How every command ends: exit codes, and failures that a person can act on."""

from __future__ import annotations

from enum import IntEnum

from settings.problems import Problem


class Exit(IntEnum):
    """Exit codes of the program, the same for every command."""

    DONE = 0
    FAILURE = 1
    BAD_INPUT = 2
    INCONCLUSIVE = 3
    REFUSED = 4
    CHANGES = 5


class OperationFailed(Exception):  # noqa: N818 - it says what happened
    """Something went wrong outside the input: place, problem, way out."""

    def __init__(self, place: str, text: str, way_out: str, *, code: Exit = Exit.FAILURE) -> None:
        self.problem, self.code = Problem(place, text, way_out), code
        super().__init__(str(self.problem))
