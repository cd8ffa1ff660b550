"""The same steps over other data: what a pipeline is stands in its flow, and in no step."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from starlette.testclient import TestClient

from pipelines.execute import Run, told
from pipelines.flow import read_flow
from pipelines.inprocess import run_here
from pipelines.place import Place, Table
from pipelines.serve import application
from pipelines.served import FLOWS as PRODUCT
from pipelines.services import endpoints, registry
from settings.problems import InvalidSettings

FLOWS = Path(__file__).with_name("flows")
FEATURES = ["radius", "texture", "perimeter", "area", "smoothness"]


@pytest.fixture
def cells() -> pd.DataFrame:
    """Diagnosed samples as scikit-learn ships them; a number and a day are put beside each, which the data lacks."""
    found = load_breast_cancer(as_frame=True)
    rows = found.data[[f"mean {name}" for name in FEATURES]].set_axis(FEATURES, axis=1)
    days = pd.Timestamp("2026-01-01") + pd.to_timedelta(range(len(rows)), unit="h")
    return rows.assign(malignant=found.target == 0, sample=[f"s{i:04}" for i in range(len(rows))], taken=days.date)


def run_of(place: Place, cells: pd.DataFrame, folder: Path, name: str, **chosen: object) -> Run:
    """A run of the other team's flow over these rows."""
    assert place.laptop
    path = folder / f"{name}.csv"
    cells.to_csv(path, index=False)
    laptop = place.laptop.model_copy(update={"tables": {"cells": Table(path=str(path))}})
    return Run(name, place.model_copy(update={"team": "tumours", "laptop": laptop}), chosen, flows=FLOWS)


@pytest.mark.proves("O10", defect="a model that guesses")
@pytest.mark.parametrize("technique", ["logistic", "boosting"])
def test_other_data_becomes_a_model_that_serves(
    place: Place, cells: pd.DataFrame, tmp_path: Path, technique: str
) -> None:
    run = run_of(place, cells, tmp_path, "one", technique=technique)
    assert run_here(run, lambda _: None).name == "PASS"
    measured = told(run, "evaluate", "evaluation")
    assert measured["metrics"]["auc"] > 0.95
    assert measured["reference"]["metrics"]["auc"] == 0.5
    assert endpoints.at(run.place, run.flow).traffic() == {"1": 100}
    champion = registry.at(run.place).champion()
    assert champion
    assert set(champion.card["inputs"]) == {*FEATURES, "outline"}
    predictions = pd.read_parquet(run.path("batch_predict", "predictions", "frame"))
    sent = predictions[FEATURES].head(3).to_dict("records")
    answer = TestClient(application(champion.model(), run.flow, None)).post("/predict", json={"instances": sent})
    assert answer.json()["predictions"] == pytest.approx(predictions.score.head(3).tolist())
    guessing = run_of(
        place, cells.assign(malignant=cells.malignant.sample(frac=1, random_state=1).tolist()), tmp_path, "two"
    )
    assert run_here(guessing, lambda _: None).name == "FAIL"


@pytest.mark.proves("O8b", defect="a column that goes, changes its type or unit, or tells the label")
def test_a_changed_schema_stops_before_training(place: Place, cells: pd.DataFrame, tmp_path: Path) -> None:
    for name, changed, message in (
        ("gone", cells.drop(columns="area"), "clinic.area: is missing"),
        ("texts", cells.assign(texture="rough"), "'texture' is .*, not number"),
        ("metres", cells.assign(radius=cells.radius * 1000), "'radius' is above 50 micrometres in 569 rows"),
        ("future", cells.assign(smoothness=cells.malignant / 2), "'smoothness' alone tells 'malignant'"),
    ):
        run, steps = run_of(place, changed, tmp_path, name), list[str]()
        with pytest.raises(InvalidSettings, match=message):
            run_here(run, steps.append)
        assert steps[-1] in ("transform", "validate"), name


def test_a_formula_can_only_name_features(tmp_path: Path) -> None:
    text = (FLOWS / "tumours/flow.yaml").read_text()
    (tmp_path / "tumours").mkdir()
    for formula, message in (
        ("perimeter**2 / aera", "formula names 'aera', which is no feature"),
        ("(", "cannot be read"),
    ):
        (tmp_path / "tumours/flow.yaml").write_text(text.replace("perimeter**2 / area", formula))
        with pytest.raises(InvalidSettings, match=message):
            read_flow("tumours", tmp_path)


def test_a_flow_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    text = (PRODUCT / "churn/flow.yaml").read_text()
    (tmp_path / "churn").mkdir()
    for wrong, message in (
        (("replicas: [1, 3]", "replicas: [3, 1]"), "serving.replicas: 3 is more than 1"),
        (("at_most_minutes: 240", "at_most_minutes: 30"), "serving.canary: 60 is more than 30"),
        (("minimum: 0.05", "minimum: 0"), "search.strength: a logarithmic scale begins above 0"),
        (("maximum: 5.0", "maximum: 0.01"), "search.strength: 0.05 is more than 0.01"),
        (("'2026-11-01'", "'2026-13-45'"), "parameters.until: month must be in"),
        (("metric: log_loss", "goal: maximize\n  metric: log_loss"), "unknown key 'goal'"),
    ):
        assert wrong[0] in text
        (tmp_path / "churn/flow.yaml").write_text(text.replace(*wrong, 1))
        with pytest.raises(InvalidSettings, match=message):
            read_flow("churn", tmp_path)
