"""A model may propose a better prompt; what stands is replaced only where the gate says that the proposal is better."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from operations.evaluations import Desk, pin
from operations.outcome import Exit, OperationFailed
from operations.proposing import proposed
from pipelines.gate import Verdict
from pipelines.genai.assets import Assets
from pipelines.genai.prompt import Prompt
from pipelines.genai.stub import Stub
from pipelines.genai.writer import Reply
from settings.problems import InvalidSettings
from tests.program import EXAMPLE, ROOT, blueprint

SETTINGS = ROOT / "settings"
TEMPLATE = "prompts/answer/template.txt"
RULE, WORSE = "- Answer in at most {{ sentences }}", "- Answer in about {{ sentences }}"


class Proposes(Stub):
    """The stand-in, but for the template that a test lets it propose; it keeps everything that it was sent."""

    def __init__(self, change: Callable[[str], str]) -> None:
        self.change, self.sent = change, list[str]()

    def generate(self, prompt: Prompt, text: str) -> Reply:
        if prompt.it.task in ("answer", "improve"):
            self.sent.append(text)
        reply = super().generate(prompt, text)
        return dataclasses.replace(reply, text=self.change(reply.text)) if prompt.it.task == "improve" else reply


def desk(assets: Assets, kept: Path, change: Callable[[str], str] = lambda text: text) -> Desk:
    return Desk.opened(assets.folder, SETTINGS, "assistant", kept=kept, writer=Proposes(change))


def loosened(assets: Assets) -> Path:
    """The example's prompt without the rule that keeps its answers short, pinned."""
    path = assets.folder / TEMPLATE
    assert RULE in path.read_text()
    path.write_text(path.read_text().replace(RULE, WORSE))
    pin(assets.folder, SETTINGS, "assistant")
    return path


@pytest.mark.proves("GO-prompt-5", defect="a proposal that answers worse, and one that is no template")
def test_a_proposal_is_kept_only_where_it_scores_better(copy: Assets, tmp_path: Path) -> None:
    path = copy.folder / TEMPLATE
    standing = path.read_text()
    worse = proposed(desk(copy, tmp_path / "a", lambda text: text.replace(RULE, WORSE)), "answer")
    assert (worse.judgement.verdict, worse.kept) == (Verdict.FAIL, False), worse.judgement.reasons
    assert path.read_text() == standing
    with pytest.raises(OperationFailed, match="does not use 'question'") as told:
        proposed(desk(copy, tmp_path / "b", lambda text: text.replace("{{ question }}", "{{ question_ }}")), "answer")
    assert told.value.code == Exit.REFUSED and path.read_text() == standing
    loosened(copy)
    better = proposed(desk(copy, tmp_path / "c"), "answer")
    assert better.kept, better.judgement.reasons
    assert "STUB" in better.label and "+- Answer in at most 1 sentence." in better.difference
    assert path.read_text() == better.candidate.template != standing


class Partial(Proposes):
    """A judge that always prefers the answer that stands first."""

    def generate(self, prompt: Prompt, text: str) -> Reply:
        reply = super().generate(prompt, text)
        first = '{"better": "first", "reason": "it stands first"}'
        return dataclasses.replace(reply, text=first) if prompt.it.task == "prefer" else reply


def test_a_judge_that_may_not_decide_a_release_keeps_no_proposal_either(copy: Assets, tmp_path: Path) -> None:
    path = loosened(copy)
    before, writer = path.read_text(), Partial(lambda text: text)
    found = proposed(Desk.opened(copy.folder, SETTINGS, "assistant", kept=tmp_path, writer=writer), "answer")
    assert (found.judgement.verdict, found.kept, path.read_text()) == (Verdict.FAIL, False, before)
    assert any("judge-goes-by-place" in reason for reason in found.judgement.reasons)


def test_only_the_development_split_is_read(copy: Assets, tmp_path: Path) -> None:
    loosened(copy)
    place = desk(copy, tmp_path)
    proposed(place, "answer")
    sent = "\n".join(place.writer.sent)  # type: ignore[attr-defined]
    golden = place.evaluation.golden
    assert all(item.question in sent for item in golden.tunable())
    held_out = [one.question for one in golden.everything() if one not in golden.tunable()]
    assert len(held_out) > 40 and [question for question in held_out if question in sent] == []


def test_without_a_word_on_what_a_proposal_has_to_show_none_is_kept(copy: Assets, tmp_path: Path) -> None:
    path, gate = loosened(copy), copy.folder / "evaluations/assistant/gate.yaml"
    before = path.read_text()
    gate.write_text(gate.read_text().partition("proposal:")[0])
    with pytest.raises(InvalidSettings, match=r"gate.yaml.proposal: is empty"):
        proposed(desk(copy, tmp_path), "answer")
    gate.write_text(gate.read_text().replace("budget_tokens: 400000", "budget_tokens: 500"))
    with pytest.raises(InvalidSettings, match="the budget is 500"):
        proposed(desk(copy, tmp_path / "dear"), "answer")
    assert path.read_text() == before and not (tmp_path / "dear").exists()


def test_the_command_says_what_it_did_by_its_exit_code(copy: Assets, tmp_path: Path) -> None:
    words = ("prompt", "propose", "answer", "--assets", str(copy.folder), *EXAMPLE)
    done = blueprint(*words, cwd=tmp_path)
    assert done.returncode == 4 and "the model proposes nothing new" in done.stderr
    loosened(copy)
    done = blueprint(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "PASS: STUB on this computer" in done.stdout and "blueprint prompt pin assistant" in done.stdout
    done = blueprint("prompt", "propose", "anser", *words[3:], cwd=tmp_path)
    assert done.returncode == 2
