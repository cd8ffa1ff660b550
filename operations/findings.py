"""What a check finds: a verdict, a sentence and a way out; and the report that many of them make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from operations.outcome import Exit, OperationFailed

Verdict = Literal["ok", "warning", "failed", "unknown"]
AT_ONCE = 8


@dataclass(frozen=True)
class Finding:
    """The outcome of one check. `code` is how a command ends that stops at this finding."""

    name: str
    verdict: Verdict
    text: str
    way_out: str = ""
    code: Exit = Exit.FAILURE

    def as_json(self) -> dict[str, str]:
        """The machine's view."""
        return {"name": self.name, "verdict": self.verdict, "text": self.text, "way_out": self.way_out}


Check = Callable[[str], Finding]
"""A check is told the name that its finding bears."""


class Inconclusive(Exception):  # noqa: N818 - it says how a check ended
    """A check could not be made: why, and what would make it possible."""

    def __init__(self, text: str, way_out: str) -> None:
        self.text, self.way_out = text, way_out
        super().__init__(f"{text}; {way_out}")


@dataclass(frozen=True)
class Report:
    """Every finding of one examination, in a fixed order."""

    target: str
    findings: Sequence[Finding]

    @property
    def failures(self) -> list[Finding]:
        return [f for f in self.findings if f.verdict == "failed"]

    @property
    def code(self) -> Exit:
        """Bad input before failure before inconclusive; warnings count as done."""
        codes = {f.code for f in self.failures}
        if codes:
            return Exit.BAD_INPUT if Exit.BAD_INPUT in codes else Exit.FAILURE
        return Exit.INCONCLUSIVE if any(f.verdict == "unknown" for f in self.findings) else Exit.DONE

    def as_json(self) -> dict[str, Any]:
        """The machine's view."""
        return {"target": self.target, "checks": [f.as_json() for f in self.findings]}


def made(checks: Mapping[str, Check]) -> list[Finding]:
    """Make checks at the same time; one that cannot be made is unknown and stops no other."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(_finding, checks, checks.values()))


def _finding(name: str, check: Check) -> Finding:
    try:
        return check(name)
    except Inconclusive as error:
        return Finding(name, "unknown", error.text, error.way_out)
    except OperationFailed as error:
        return Finding(name, "failed", f"{error.problem.place}: {error.problem.text}", error.problem.way_out)
    except OSError as error:
        return Finding(name, "unknown", f"could not be checked ({error})", "give this program the right to look")
    except Exception as error:
        text = f"could not be checked ({type(error).__name__}: {error})"
        return Finding(name, "unknown", text, "this is a defect, please report it")
