"""The released assistant answers, and its traffic log grows: what an application in front of it does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from operations import traffic
from operations.evaluations import Desk
from operations.outcome import Exit, OperationFailed
from pipelines.genai import lines, release
from pipelines.genai.answering import Assistant
from pipelines.genai.chain import Chain
from pipelines.genai.drift.traffic import Logged
from settings.problems import InvalidSettings, Problem


def asked(
    desk: Desk, questions: Sequence[str], file: Path | None, log: str | None, *, share: float, today: date
) -> list[str]:
    """The answers of the released assistant to all questions, in order; a share of them is logged.

    Raises OperationFailed (a gate says no) where the chain is not the one that was released.
    """
    every = [*questions, *(one.question for one in (lines.records(file, Logged) if file else []))]
    if not every:
        raise InvalidSettings([Problem("QUESTIONS", "nothing is asked", "give questions, or --questions FILE")])
    assistant = Assistant(_released(desk), desk.writer, share)
    found = [assistant.answer(question, today) for question in every]
    traffic.add(log or _log(desk), [logged for _, logged in found if logged])
    return [said for said, _ in found]


def _released(desk: Desk) -> Chain:
    chain = desk.evaluation.chain
    lock = release.read_lock(release.folder(desk.assets, desk.evaluation.name) / release.LOCK)
    if (released := lock["chain"]["version"]) != chain.version:
        text = f"is {chain.version[:12]}, released is {released[:12]}"
        raise OperationFailed(f"chains/{chain.name}.yaml", text, "release it first", code=Exit.REFUSED)
    return chain


def _log(desk: Desk) -> str:
    return f"gs://{desk.place.bucket}/{traffic.FOLDER}" if desk.place else str(desk.kept / "traffic.jsonl")
