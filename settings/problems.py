"""Bad input, told all at once: every problem of a run as `place: problem; way out`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: where it stands, what it is, and what to do about it."""

    place: str
    text: str
    way_out: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}; {self.way_out}"

    @classmethod
    def told(cls, line: str) -> Problem:
        """The problem that another process told as one line."""
        place, _, rest = line.partition(": ")
        text, _, way_out = rest.rpartition("; ")
        return cls(place, text or way_out, way_out if text else "see 'blueprint doctor'")


class InvalidSettings(Exception):  # noqa: N818 - the name says what is invalid
    """Input that cannot be used. `problems` holds every problem that one run could find."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def suggestion(wrong: str, known: Iterable[str], otherwise: str) -> str:
    """The way out of a misspelling: the nearest known word, or `otherwise` where none is near."""
    words = list(known)
    beginning = [word for word in words if len(wrong) > 2 and word.startswith(wrong)]
    near = get_close_matches(wrong, words, n=1) or (beginning if len(beginning) == 1 else [])
    return f"did you mean '{near[0]}'?" if near else otherwise
