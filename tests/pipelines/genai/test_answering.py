"""The released assistant answers with the chain of its release, and with no other."""

from __future__ import annotations

from pathlib import Path

from operations.evaluations import pin
from pipelines.genai.assets import Assets
from pipelines.genai.drift.traffic import Logged
from pipelines.genai.lines import records
from tests.program import EXAMPLE, ROOT, blueprint

QUESTION = "When are invoices due?"
ANSWER = "Invoices are issued on the first working day of the month and are due within 14 days. [billing#1]\n"
LOG = ".sandbox/genai/traffic.jsonl"


def test_a_chain_that_was_not_released_answers_nobody_and_logs_nothing(copy: Assets, tmp_path: Path) -> None:
    words = ("release", "ask", "assistant", QUESTION, "--assets", str(copy.folder), *EXAMPLE)
    done = blueprint(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, ANSWER)
    assert [one.question for one in records(tmp_path / LOG, Logged)] == [QUESTION]
    template = copy.folder / "prompts/answer/template.txt"
    template.write_text(template.read_text().replace("you do not know.", "you do not know!"))
    pin(copy.folder, ROOT / "settings", "assistant")
    done = blueprint(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (4, "")
    assert "chains/assistant.yaml: is " in done.stderr and "release it first" in done.stderr
    assert len(records(tmp_path / LOG, Logged)) == 1


def test_nothing_asked_is_told(tmp_path: Path) -> None:
    words = ("release", "ask", "assistant", "--assets", str(ROOT / "pipelines/genai"), *EXAMPLE)
    done = blueprint(*words, cwd=tmp_path)
    assert done.returncode == 2 and "QUESTIONS: nothing is asked; give questions, or --questions FILE" in done.stderr
    assert not (tmp_path / LOG).exists()
