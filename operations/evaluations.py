"""Evaluation as a team works with it: run, compare, report, gate, release. Runs are kept below `.sandbox/genai`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from operations.generative import OPERATIONAL, checked, opened, unusable
from operations.model_places import STUB, reached, writer_of
from operations.outcome import OperationFailed
from operations.writing import write
from pipelines.gate import Judgement
from pipelines.genai import chain as chains
from pipelines.genai import evaluation as evaluations
from pipelines.genai import gating, release, report, results
from pipelines.genai.assets import Assets
from pipelines.genai.evaluation import Evaluation, Prices, Run
from pipelines.genai.prompt import Prompt
from pipelines.genai.vertex import warehouse
from pipelines.genai.vertex.place import Place
from pipelines.genai.writer import ModelFailed, Writer
from pipelines.scored import ALL
from settings.loading import parse, read_yaml
from settings.model import Installation
from settings.problems import InvalidSettings, Problem

KEPT = Path(".sandbox/genai")
RELEASED = "release"
PRICES, RESULTS = "prices.yaml", "results.duckdb"
DUCKDB, BIGQUERY = "duckdb", "bigquery"


@dataclass(frozen=True)
class Desk:
    """One evaluation of one assets folder, and where its runs are kept."""

    assets: Assets
    evaluation: Evaluation
    writer: Writer
    kept: Path
    place: Place | None
    installation: Installation
    where: Sequence[str]

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
        where: Sequence[str] = OPERATIONAL,
    ) -> Desk:
        """The desk of evaluation `name`, with the models of a `place`, or the stand-in.

        Raises InvalidSettings where an environment of `where` forbids a model.
        """
        found, installation = opened(assets, settings)
        writer = writer or writer_of(found, place)
        evaluation = evaluations.read(found, name, writer, _prices(found), place)
        it = cls(found, evaluation, writer, kept, place, installation, where)
        it.admit(evaluation.prompts)
        return it

    def admit(self, components: Iterable[Prompt]) -> None:
        """Raises InvalidSettings where the model of a component may not be asked, or cannot do what is asked of it."""
        if problems := unusable(self.assets, self.installation, components, self.where):
            raise InvalidSettings(problems)

    def run(self, told: Callable[[int, int], None] = lambda done, of: None) -> Run:
        """The run of the components as they are now; finished before, resumed, or done now."""
        self.afford(self.evaluation.estimate())
        try:
            run = evaluations.run(self.evaluation, self.writer, self.kept / "runs", told=told)
        except ModelFailed as error:
            way_out = "what is finished is kept; the same command goes on"
            raise OperationFailed(self.writer.label, str(error), way_out) from None
        results.store(self.kept / RESULTS, run)
        return run

    def afford(self, estimate: int) -> None:
        """Raises InvalidSettings where so many tokens are more than the budget of the gate; nothing was sent then."""
        budget = gating.read(self.assets, self.evaluation.name).budget_tokens
        if estimate > budget:
            text = f"a run sends about {estimate} tokens, the budget is {budget}"
            raise InvalidSettings([Problem("gate.yaml.budget_tokens", text, "ask fewer items or raise the budget")])

    def warehoused(self, run: Run) -> str:
        """Write a run into BigQuery too; the dataset that it lies in then."""
        if self.place is None:
            way_out = "add --models sandbox or --models google"
            raise InvalidSettings([Problem("--results", "BigQuery is not on this computer", way_out)])
        return warehouse.store(self.place, run)

    def kept_run(self, key: str) -> Run:
        """A run by the beginning of its key; `release` is the one that the release was let through with."""
        if key == RELEASED:
            return release.released(self.assets, self.evaluation.name)
        return run_of(self.kept, key)

    def judged(self, run: Run, against: Run, today: date) -> Judgement:
        """What the gate says about a run against another."""
        it = gating.read(self.assets, self.evaluation.name)
        return gating.judge(it, run, against, beside=self.beside(), today=today)

    def beside(self) -> gating.Beside:
        """What the gate knows beside the runs: the same on every computer, so nothing of the runs that one has kept."""
        from operations.reviews import calibrated

        defects = checked(self.assets, self.evaluation.golden.name)
        return gating.Beside(defects=defects, calibration=calibrated(self))


@contextmanager
def desk(
    assets: Path, settings: Path, name: str, models: str = STUB, environment: str = OPERATIONAL[0]
) -> Iterator[Desk]:
    """The desk of evaluation `name` in this folder, while those who answer for models can be reached."""
    with reached(models, opened(assets, settings)[1], environment) as place:
        where = OPERATIONAL if environment in OPERATIONAL else (environment,)
        yield Desk.opened(assets, settings, name, place=place, where=where)


def results_of(models: str) -> str:
    """Where the tables of a run's results belong, by who answers: Google's models, or one of this computer."""
    return BIGQUERY if models == "google" else DUCKDB


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
    write(path, report.page(run, against, judgement, deciding=desk.evaluation.it.ranked_by))
    return path


def pin(assets: Path, settings: Path, name: str) -> Path:
    """Pin every prompt and index of a chain to the version that it has now."""
    found = opened(assets, settings)[0]
    write(found.path("chains", name), chains.pinned(found, name))
    chains.read(found, name)
    return found.path("chains", name)


def _prices(assets: Assets) -> Prices:
    """The prices that the installation has written down, for nobody else knows them."""
    path = assets.folder / PRICES
    return parse(TypeAdapter(Prices), read_yaml(path, PRICES), PRICES) if path.exists() else {}
