"""What answers cost is computed from prices that the installation writes down, and from no others."""

from __future__ import annotations

import dataclasses

import pytest

from operations.evaluations import Desk
from pipelines.genai.assets import Assets
from pipelines.genai.image import Image
from pipelines.genai.prompt import Prompt
from pipelines.genai.scoring import scored
from pipelines.genai.stub import Stub
from pipelines.genai.writer import Reply
from settings.problems import InvalidSettings
from tests.program import ROOT


class Counted(Stub):
    """The stand-in, but every reply took a thousand tokens and gave twenty."""

    def generate(self, prompt: Prompt, text: str, images: tuple[Image, ...] = ()) -> Reply:
        return dataclasses.replace(super().generate(prompt, text), input_tokens=1000, output_tokens=20)


def priced(assets: Assets, prices: str) -> Desk:
    (assets.folder / "prices.yaml").write_text(prices)
    path = assets.folder / "evaluations/assistant/evaluation.yaml"
    path.write_text(path.read_text().replace("latency_ms, tokens]", "latency_ms, tokens, cost]"))
    return Desk.opened(assets.folder, ROOT / "settings", "assistant", writer=Counted())


def cost(desk: Desk) -> float | None:
    item = next(desk.evaluation.items())
    return scored(desk.evaluation, desk.writer, item, 0, "t").scores.get("cost")


def test_an_answer_costs_its_tokens_by_the_prices_of_its_model(copy: Assets) -> None:
    first = priced(copy, "gemini-3.5-flash: [0.3, 2.5]\n")
    assert cost(first) == pytest.approx(0.00035), "1000 tokens in at 0.30 and 20 out at 2.50 a million"
    dearer = priced(copy, "gemini-3.5-flash: [3, 25]\n")
    assert cost(dearer) == pytest.approx(0.0035)
    assert dearer.evaluation.version != first.evaluation.version, "costs by other prices are not compared"
    assert cost(priced(copy, "gemini-3.5-pro: [0.3, 2.5]\n")) is None, "nobody wrote down what this model costs"


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        ("gemini-3.5-flash: [0.3\n", r"prices\.yaml:\d+: "),
        ("gemini-3.5-flash: [0.3]\n", r"prices\.yaml\.gemini-3\.5-flash"),
        ("gemini-3.5-flash: [0.3, dear]\n", r"prices\.yaml\.gemini-3\.5-flash"),
        ("gemini-3.5-flash: [0.3, -1]\n", r"prices\.yaml\.gemini-3\.5-flash"),
        ("gemini-3.5-flash: [.nan, 1]\n", r"prices\.yaml\.gemini-3\.5-flash"),
        ("- 0.3\n", r"prices\.yaml: "),
    ],
)
def test_prices_that_are_none_are_named_with_their_model(copy: Assets, prices: str, told: str) -> None:
    with pytest.raises(InvalidSettings, match=told):
        priced(copy, prices)
