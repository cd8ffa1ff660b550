"""Evaluation as a team works with it: run, compare, report, gate, release. Runs are kept below `.sandbox/genai`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from operations.generative import OPERATIONAL, checked, opened, permitted
from operations.model_places import STUB, reached
from operations.outcome import OperationFailed
from operations.writing import write
from pipelines.gate import Judgement
from pipelines.genai import chain as chains
from pipelines.genai import evaluation as evaluations
from pipelines.genai import gating, prompt, release, report, results
from pipelines.genai.assets import Assets
from pipelines.genai.evaluation import Evaluation, Run
from pipelines.genai.stub import Stub
from pipelines.genai.vertex.model import VertexModel
from pipelines.genai.vertex.place import Place
from pipelines.genai.writer import ModelFailed, Writer
from pipelines.scored import ALL
from settings.problems import InvalidSettings, Problem

KEPT = Path(".sandbox/genai")
RELEASED = "release"


@dataclass(frozen=True)
class Desk:
    """One evaluation of one assets folder, and where its runs are kept."""

    assets: Assets
    evaluation: Evaluation
    writer: Writer
    kept: Path
    place: Place | None = None

    @classmethod
    def opened(
        cls,
        assets: Path,
        settings: Path,
        name: str,
        *,
        kept: Path = KEPT,
        writer: Writer | None = None,
        place: Place | None = None,
    ) -> Desk:
        """The desk of evaluation `name`, with the models of a `place`, or the stand-in.

        Raises InvalidSettings where an environment forbids a model.
        """
        found, installation = opened(assets, settings)
        writer = writer or (VertexModel(place) if place else Stub())
        evaluation = evaluations.read(found, name, writer, _prices(found), place)
        problems = [
            problem
            for component in evaluation.chain.prompts.values()
            for environment in OPERATIONAL
            for problem in prompt.not_allowed(component, permitted(installation, environment), environment)
        ]
        if problems:
            raise InvalidSettings(problems)
        return cls(found, evaluation, writer, kept, place)

    def run(self, told: Callable[[int, int], None] = lambda done, of: None) -> Run:
        """The run of the components as they are now; finished before, resumed, or done now."""
        budget = gating.read(self.assets, self.evaluation.name).budget_tokens
        if (estimate := self.evaluation.estimate()) > budget:
            text = f"a run sends about {estimate} tokens, the budget is {budget}"
            raise InvalidSettings([Problem("gate.yaml.budget_tokens", text, "ask fewer items or raise the budget")])
        try:
            run = evaluations.run(self.evaluation, self.writer, self.kept / "runs", told=told)
        except ModelFailed as error:
            way_out = "what is finished is kept; the same command goes on"
            raise OperationFailed(self.writer.label, str(error), way_out) from None
        results.store(self.kept / "results.duckdb", run)
        return run

    def kept_run(self, key: str) -> Run:
        """A run by the beginning of its key; `release` is the one that the release was let through with."""
        if key == RELEASED:
            return release.released(self.assets, self.evaluation.name)
        return run_of(self.kept, key)

    def judged(self, run: Run, against: Run, today: date) -> Judgement:
        """What the gate says about a run against another."""
        it = gating.read(self.assets, self.evaluation.name)
        from operations.reviews import calibrated

        defects = checked(self.assets, self.evaluation.golden.name)
        beside = gating.Beside(defects=defects, calibration=calibrated(self))
        return gating.judge(it, run, against, beside=beside, today=today)


@contextmanager
def desk(
    assets: Path, settings: Path, name: str, models: str = STUB, environment: str = OPERATIONAL[0]
) -> Iterator[Desk]:
    """The desk of evaluation `name` in this folder, while those who answer for models can be reached."""
    with reached(models, opened(assets, settings)[1], environment) as place:
        yield Desk.opened(assets, settings, name, place=place)


def run_of(kept: Path, key: str) -> Run:
    """A run that is kept, by the beginning of its key."""
    found = [path for path in sorted((kept / "runs").glob("*")) if path.name.startswith(key[:16])] if key else []
    if len(found) != 1:
        text = f"{len(found)} runs begin with '{key}'"
        raise InvalidSettings([Problem(str(kept / "runs"), text, "see 'blueprint eval run' for the key")])
    return evaluations.load(found[0])


def summary(run: Run) -> list[str]:
    """Every metric of a run over all its items, a line each."""
    rows = [row for row in report.moved(run, None) if row.slice == ALL]
    return [f"{row.metric:<16} {row.items:>6} {row.after:>10.3f}" for row in rows]


def compared(now: Run, then: Run) -> list[str]:
    """How each metric moved in each slice, a line each. Raises InvalidSettings where two runs cannot be compared."""
    gating.comparable(now, then)
    return [
        f"{row.metric:<16} {row.slice:<22} {row.items:>4} "
        f"{'' if row.before is None else f'{row.before:.3f}':>10} {row.after:>10.3f}"
        for row in report.moved(now, then)
    ]


def reported(desk: Desk, run: Run, against: Run | None, judgement: Judgement | None, path: Path) -> Path:
    """Write the report of a run as one HTML page."""
    if against:
        gating.comparable(run, against)
    write(path, report.page(run, against, judgement, deciding=desk.evaluation.it.release_on))
    return path


def pin(assets: Path, settings: Path, name: str) -> Path:
    """Pin every prompt and index of a chain to the version that it has now."""
    found = opened(assets, settings)[0]
    write(found.path("chains", name), chains.pinned(found, name))
    chains.read(found, name)
    return found.path("chains", name)


def _prices(assets: Assets) -> dict[str, tuple[float, float]]:
    """What a million tokens cost, in and out, by model: written down by the installation, for nobody else knows it."""
    path = assets.folder / "prices.json"
    return {key: (value[0], value[1]) for key, value in json.loads(path.read_text()).items()} if path.exists() else {}
