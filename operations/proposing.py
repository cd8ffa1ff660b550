"""A model proposes a better prompt; it is kept only where the gate says so, on the development split alone."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from operations.evaluations import Desk
from operations.outcome import Exit, OperationFailed
from operations.writing import write
from pipelines.gate import Judgement, Verdict
from pipelines.genai import evaluation as evaluations
from pipelines.genai import gating, prompt, report
from pipelines.genai.chain import Chain
from pipelines.genai.evaluation import Evaluation, Run
from pipelines.genai.prompt import SHORT, TEMPLATE, Prompt
from pipelines.genai.writer import ModelFailed
from settings.problems import InvalidSettings, Problem, suggestion

ASKED, MOST = "improve", 8


@dataclass(frozen=True)
class Proposal:
    """What a model proposed, what changes by it, and what the gate says."""

    candidate: Prompt
    difference: str
    judgement: Judgement
    label: str

    @property
    def kept(self) -> bool:
        """Whether it stands in the folder of the prompt now."""
        return self.judgement.verdict == Verdict.PASS


def proposed(desk: Desk, name: str) -> Proposal:
    """Ask for a better template of prompt `name`; it is written in the place of the old one where the gate passes it.

    Who answers and who proposes read neither the test items nor the vault; the judge has to be fit, as for the gate.
    Raises OperationFailed (a gate says no) for what is no template.
    """
    pinned, old = _used(desk, name)
    asked = desk.assets.prompt(ASKED)
    desk.admit([asked])
    now = _developed(desk.evaluation)
    desk.afford(2 * now.estimate())
    try:
        before = evaluations.run(now, desk.writer, desk.kept / "runs")
        text = asked.render({"answers": _worst(desk, before), "template": old.template})
        new = _read(old, desk.writer.generate(asked, text).text)
        then = replace(now, chain=_with(now, pinned, new))
        after = evaluations.run(then, desk.writer, desk.kept / "runs")
    except ModelFailed as error:
        raise OperationFailed(desk.writer.label, str(error), "the prompt is as it was; propose again") from None
    found = gating.improves(gating.read(desk.assets, desk.evaluation.name), after, before, desk.beside())
    told = Proposal(new, prompt.difference(old, new), found, desk.writer.label)
    if told.kept:
        write(desk.assets.folder / "prompts" / name / TEMPLATE, new.template)
    return told


def _used(desk: Desk, name: str) -> tuple[str, Prompt]:
    """The prompt as the chain pins it."""
    prompts: Mapping[str, Prompt] = desk.evaluation.chain.prompts
    used = {one.name: pinned for pinned, one in prompts.items()}
    if name not in used:
        way_out = suggestion(name, used, f"choose of {', '.join(used)}")
        raise InvalidSettings(
            [Problem(f"chains/{desk.evaluation.chain.name}.yaml", f"asks no prompt '{name}'", way_out)]
        )
    return used[name], prompts[used[name]]


def _developed(evaluation: Evaluation) -> Evaluation:
    """The evaluation over what tuning may see."""
    return replace(evaluation, it=evaluation.it.model_copy(update={"splits": ["develop"], "adversarial": False}))


def _with(evaluation: Evaluation, pinned: str, new: Prompt) -> Chain:
    """The chain with another version of one of its prompts."""
    chain, pin = evaluation.chain, f"{new.name}@{new.version[:SHORT]}"
    steps = {
        key: step.model_copy(update={"prompt": pin}) if step.prompt == pinned else step
        for key, step in chain.it.steps.items()
    }
    prompts = {pin if key == pinned else key: new if key == pinned else one for key, one in chain.prompts.items()}
    return replace(chain, it=chain.it.model_copy(update={"steps": steps}), prompts=prompts)


def _worst(desk: Desk, run: Run) -> str:
    ranked = sorted(run.rows, key=lambda one: report.worth(one, desk.evaluation.it.ranked_by))
    chosen = (run.items[one.number] for one in ranked[:MOST])
    return "\n\n".join(f"Question: {o.question}\nReference: {o.reference}\nAnswer: {o.answer}" for o in chosen)


def _read(old: Prompt, text: str) -> Prompt:
    """The prompt with another template, if that is one and says something new."""
    end = old.template[len(old.template.rstrip()) :]
    new = replace(old, template=text.strip() + end)
    if new.version == old.version:
        raise OperationFailed(f"prompts/{old.name}", "the model proposes nothing new", "leave it", code=Exit.REFUSED)
    with tempfile.TemporaryDirectory() as folder:
        for file, content in prompt.files(new).items():
            write(Path(folder) / old.name / file, content)
        try:
            return prompt.read(Path(folder) / old.name)
        except InvalidSettings as error:
            told = f"the model proposes what is no template: {error.problems[0]}"
            raise OperationFailed(f"prompts/{old.name}", told, "it was not kept", code=Exit.REFUSED) from None
