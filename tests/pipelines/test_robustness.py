"""What goes wrong in operation, planted one by one: each is stopped where it should be, and told."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from operations.outcome import Exit, OperationFailed
from operations.pipeline_promotion import evidence, promotion
from operations.pipeline_runs import start
from pipelines import execute
from pipelines.artifacts import Fitted, digest_of, load
from pipelines.execute import Run, arguments, told
from pipelines.flow import Flow
from pipelines.graph import STEPS, Step
from pipelines.inprocess import run_here
from pipelines.place import Place
from pipelines.release import Refused
from pipelines.services import batch_prediction, endpoints, experiments, features, monitoring, registry
from pipelines.services.ledger import Ledger
from pipelines.steps import batch_predict, deploy, evaluate, monitor, read_features, transform, tune, write_features
from pipelines.steps.evaluate import PRIOR
from settings.model import Installation
from settings.problems import InvalidSettings
from tests.pipelines.rows import EUROPE, contracts, done, place_at, with_source

Change = Callable[[pd.DataFrame], pd.DataFrame]


def storm(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(monthly_charges=frame.monthly_charges.where(frame.index % 3 > 0))


PLANTED: dict[str, tuple[Change, str]] = {
    "an empty source": (lambda frame: frame.iloc[:0], "no row of contracts is before 2026-11-01"),
    "a truncated source": (lambda frame: frame.iloc[:60], "rows, at least 100 are wanted"),
    "a lost column": (lambda frame: frame.drop(columns="support_calls"), "support_calls"),
    "a column of another type": (
        lambda frame: frame.assign(tenure_months=[f"{n} months" for n in frame.tenure_months]),
        "'tenure_months' is",
    ),
    "a value out of range": (
        lambda frame: frame.assign(monthly_charges=frame.monthly_charges.mask(frame.index == 3, -5.0)),
        "'monthly_charges' is below 0 EUR in 1 rows",
    ),
    "a storm of missing values": (storm, "'monthly_charges' is missing in"),
    "label leakage": (
        lambda frame: frame.assign(support_calls=np.where(frame.churned, 100, 1)),
        "'support_calls' alone tells 'churned' (AUC 1.000)",
    ),
    "duplicate rows": (lambda frame: pd.concat([frame, frame.iloc[:300]]), "of the rows stand twice"),
    "a missing label": (
        lambda frame: frame.assign(churned=frame.churned.astype(object).mask(frame.index % 50 == 0)),
        "'churned' is missing in",
    ),
    "a label in words": (
        lambda frame: frame.assign(churned=np.where(frame.churned, "left", "stays")),
        "'churned' is str, not truth",
    ),
    "a part of a whole number": (
        lambda frame: frame.assign(tenure_months=frame.tenure_months + 0.5 * (frame.index == 3)),
        "'tenure_months' is float64, not integer",
    ),
    "a number without end": (
        lambda frame: frame.assign(monthly_charges=frame.monthly_charges.mask(frame.index == 3, np.inf)),
        "'monthly_charges' is infinite in 1 rows",
    ),
    "one kind of label": (lambda frame: frame.assign(churned=False), "'churned' has one value only"),
}


@pytest.mark.proves("O8b", defect="rows that break the schema")
@pytest.mark.parametrize("case", PLANTED)
def test_bad_data_stops_the_run_before_training(case: str, place: Place, tmp_path: Path) -> None:
    change, said = PLANTED[case]
    bad = with_source(place, change(contracts()), tmp_path)
    steps: list[str] = []
    with pytest.raises(InvalidSettings) as error:
        run_here(Run("one", bad, {}), steps.append)
    assert said in str(error.value)
    assert steps[-1] in ("transfer", "transform", "validate")
    assert not Ledger(bad, "custom_jobs").names()


@pytest.mark.parametrize("column", ["tenure_months", "monthly_charges", "support_calls", "country"])
def test_a_value_that_may_be_missing_does_not_stop_a_run(column: str, place: Place, tmp_path: Path) -> None:
    rows = contracts()
    some = with_source(place, rows.assign(**{column: rows[column].mask(rows.index % 100 == 7)}), tmp_path)
    assert some.laptop
    tables = {
        "contracts": some.laptop.tables["contracts"].model_copy(update={"filter": "country IS NULL OR " + EUROPE})
    }
    run, _, verdict = done(some.model_copy(update={"laptop": some.laptop.model_copy(update={"tables": tables})}))
    missing = told(run, "validate", "validation")["missing"]
    holdout = pd.read_parquet(run.path("split", "holdout", "frame"))
    assert (verdict, holdout[column].isna().any()) == ("PASS", True)
    assert 0 < missing[column] < run.flow.validation.maximum_missing


def test_a_new_category_is_named_by_validation(place: Place, tmp_path: Path) -> None:
    rows = contracts()
    changed = with_source(place, rows.assign(country=rows.country.mask(rows.index == 5, "AT")), tmp_path)
    assert changed.laptop
    table = changed.laptop.tables["contracts"].model_copy(update={"filter": None})
    only = with_source(place, rows[rows.country != "US"].replace("BR", "AT"), tmp_path)
    assert only.laptop
    open_ = only.laptop.model_copy(
        update={"tables": {"contracts": table.model_copy(update={"path": only.laptop.tables["contracts"].path})}}
    )
    with pytest.raises(InvalidSettings, match=r"'country' has values that the contract does not know: \['AT'\]"):
        done(only.model_copy(update={"laptop": open_}))


@pytest.mark.proves("O14b", defect="a shifted feature")
def test_serving_rows_that_differ_from_training_raise_an_alert_that_names_the_feature(place: Place) -> None:
    from pipelines.flow import read_flow
    from pipelines.services import monitoring
    from pipelines.steps import monitor

    run, _, _ = done(place)
    flow = read_flow("churn")
    training = pd.read_parquet(run.path("read_features", "featured", "frame"))
    version = told(run, "register", "version")
    kept = experiments.at(place)
    facts = {
        "flow": flow,
        "deployment": {"endpoint": place.endpoint},
        "tracked": {"run": "two"},
        "experiments": kept,
    }
    alerts = Ledger(place, "alerts")
    assert alerts.names() == [], "unshifted rows alert nobody"
    shifted = training.assign(monthly_charges=training.monthly_charges * 3, score=0.5)
    found = monitor.run(
        training=training, predictions=shifted, version=version, monitor=monitoring.at(place, flow), **facts
    ).monitoring
    assert list(found["moved"]) == ["monthly_charges"]
    assert found["drift"]["monthly_charges"] > flow.monitoring.drift > found["drift"]["tenure_months"]
    alert = alerts.get("churn-1")
    assert alert and (alert["model"], alert["version"], list(alert["features"])) == ("churn", "1", ["monthly_charges"])


def test_steps_in_any_order_that_their_edges_allow_leave_the_same(
    place: Place, installation: Installation, tmp_path: Path
) -> None:
    usual, _, _ = done(place)
    other = Run("one", place_at(installation, tmp_path / "other"), {})
    left = dict(other.steps)
    while left:
        ready = [step for step in left.values() if not left.keys() & {*step.before, *(["decide"] * step.after_gate)}]
        step = left.pop(ready[-1].name)
        execute.execute(other, step.name, other.inputs(step), other.outputs(step))
    assert experiments.at(other.place).runs() == experiments.at(usual.place).runs()
    assert [v.digest for v in registry.at(other.place).versions()] == [v.digest for v in registry.at(place).versions()]


def test_a_run_that_was_killed_continues_without_doing_anything_twice(place: Place) -> None:
    run = Run("killed", place, {})
    words = [sys.executable, "-c", KILLED, json.dumps(arguments(run))]
    process = subprocess.Popen(words)
    marker = run.place.file(run.place.uri("killed", "train", "done.json"))
    while not marker.exists() and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = {path.parent.name: path.stat().st_mtime_ns for path in marker.parents[1].glob("*/done.json")}
    assert {"transfer", "split", "train"} <= set(finished) < set(run.steps)
    assert run_here(run, lambda _: None).name == "PASS"
    again = {path.parent.name: path.stat().st_mtime_ns for path in marker.parents[1].glob("*/done.json")}
    assert {name: again[name] for name in finished} == finished
    assert [v.version for v in registry.at(place).versions()] == ["1"]
    assert run_here(run, lambda _: None).name == "PASS"
    assert [v.version for v in registry.at(place).versions()] == ["1"]
    assert list(experiments.at(place).runs()) == ["killed"]


KILLED = """
import json, sys, time
from pipelines.execute import main
words = json.loads(sys.argv[1])
for step in ("transfer", "transform", "validate", "split", "write_features", "read_features", "tune", "train"):
    assert main([step, *words]) == 0
time.sleep(60)
"""


@pytest.fixture(scope="module")
def moments(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What a run has left before each of its steps."""
    place, folder = place_at(installation, tmp_path_factory.mktemp("moments")), tmp_path_factory.mktemp("before")
    assert place.laptop
    run = Run("one", place, {})
    for name, step in run.steps.items():
        Path(place.laptop.folder).mkdir(exist_ok=True)
        shutil.copytree(place.laptop.folder, folder / name)
        execute.execute(run, name, run.inputs(step), run.outputs(step))
    return {name: folder / name for name in run.steps}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_killed_after_its_work_is_done_again_and_leaves_one_of_everything(
    name: str, moments: dict[str, Path], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.laptop
    shutil.copytree(moments[name], place.laptop.folder)
    run = Run("one", place, {})
    work, did = execute._work, list[str]()

    def killed(run: Run, step: Step, *given: Any) -> None:
        work(run, step, *given)
        did.append(step.name)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(execute, "_work", killed)
        run_here(run, lambda _: None)
    monkeypatch.setattr(execute, "_work", lambda run, step, *given: (work(run, step, *given), did.append(step.name)))
    for one in (name, name):
        execute.execute(run, one, run.inputs(run.steps[one]), run.outputs(run.steps[one]))
    assert did == [name, name], "what was finished before is not done again, and neither is this one once it is done"
    assert len(registry.at(place).versions()) == int(STEPS.index(name) >= STEPS.index("register"))
    assert len(experiments.at(place).runs()) == int(STEPS.index(name) >= STEPS.index("track"))
    if STEPS.index(name) >= STEPS.index("write_features"):
        prepared = pd.read_parquet(run.path("transform", "prepared", "frame"))
        assert len(features.at(place).read(sorted(set(prepared.customer_id)))) == len(prepared)


def test_a_step_that_dies_while_it_writes_leaves_nothing_behind(place: Place, tmp_path: Path) -> None:
    from pipelines.artifacts import write_whole

    def dies(path: Path) -> None:
        path.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "artifact.json", dies)
    assert not (tmp_path / "artifact.json").exists()


def test_an_output_that_was_changed_is_made_anew(place: Place) -> None:
    run, _, _ = done(place)
    path = run.path("split", "training", "frame")
    wanted = path.read_bytes()
    path.write_bytes(b"something else")
    run_here(run, lambda _: None)
    assert path.read_bytes() == wanted


@pytest.mark.proves("O11", defect="a model that predicts no number")
def test_a_metric_that_is_not_a_number_is_an_error_and_never_a_verdict(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.artifacts.Fitted.predict", lambda self, frame: np.full(len(frame), np.nan))
    run = Run("one", place, {})
    with pytest.raises(InvalidSettings, match=r"no trial has a number|are not numbers"):
        run_here(run, lambda _: None)
    assert not registry.at(place).versions()


def test_an_evaluation_of_no_rows_is_an_error(place: Place) -> None:
    run, _, _ = done(place)
    training = pd.read_parquet(run.path("split", "training", "frame"))
    model = load(Fitted, run.path("train", "model", "model"))
    with pytest.raises(InvalidSettings, match="the holdout has no rows"):
        evaluate.run(
            model=model,
            model_digest="d",
            training=training,
            holdout=training.iloc[:0],
            flow=run.flow,
            registry=registry.at(place),
        )


def test_a_champion_that_cannot_see_the_rows_is_named_before_anything_is_scored(place: Place) -> None:
    run, _, _ = done(place)
    sides = {side: pd.read_parquet(run.path("split", side, "frame")) for side in ("training", "holdout")}
    sides["holdout"] = sides["holdout"].drop(columns="support_calls")
    model = load(Fitted, run.path("train", "model", "model"))
    with pytest.raises(InvalidSettings, match="champion 1: sees 'support_calls', which the flow has no more"):
        evaluate.run(model=model, model_digest="d", flow=run.flow, registry=registry.at(place), **sides)


def test_a_feature_of_another_kind_than_before_is_not_compared_with_what_it_was(place: Place) -> None:
    run, _, _ = done(place)
    featured = pd.read_parquet(run.path("read_features", "featured", "frame"))
    before = featured.drop(columns="country").assign(tenure_months="long")
    assert set(monitor.distances(featured, featured, run.flow)) == set(run.flow.inputs)
    assert set(monitor.distances(before, featured, run.flow)) == set(run.flow.inputs) - {"country", "tenure_months"}


def test_a_look_at_moved_rows_that_was_killed_finds_the_same_again(place: Place, flow: Flow) -> None:
    run, _, _ = done(place)
    rows = pd.read_parquet(run.path("batch_predict", "predictions", "frame"))
    given = {
        "training": pd.read_parquet(run.path("read_features", "featured", "frame")),
        "version": told(run, "register", "version"),
        "deployment": {"endpoint": place.endpoint},
        "tracked": {"run": "two"},
        "flow": flow,
        "monitor": monitoring.at(place, flow),
        "experiments": experiments.at(place),
    }
    first, again = (
        monitor.run(predictions=rows.assign(support_calls=rows.support_calls * 9 + 1), **given).monitoring
        for _ in range(2)
    )
    assert first == again
    assert first["drift"]["support_calls"] > flow.monitoring.drift
    third = monitor.run(predictions=rows, **given | {"tracked": {"run": "three"}}).monitoring
    assert third["drift"]["support_calls"] > flow.monitoring.drift, "it is held against the run before, not the first"


def test_a_prediction_that_is_not_a_number_is_an_error(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    run, _, _ = done(place)
    prepared = pd.read_parquet(run.path("transform", "prepared", "frame"))
    version, model = told(run, "register", "version"), load(Fitted, run.path("train", "model", "model"))
    given = {"predictor": batch_prediction.at(place, run.flow), "version": version, "model_digest": version["digest"]}
    monkeypatch.setattr(Fitted, "predict", lambda self, frame: np.where(np.arange(len(frame)) < 2, np.nan, 0.5))
    with pytest.raises(InvalidSettings, match=f"2 of {len(prepared)} predictions are not numbers"):
        batch_predict.run(prepared=prepared, model=model, run="one", **given)


def test_of_rows_that_stand_twice_the_one_that_is_trained_on_is_written(place: Place, flow: Flow) -> None:
    prepared = transform.run(source=contracts().head(9), flow=flow).prepared
    twice = pd.concat([prepared, prepared.head(2).assign(support_calls=99)], ignore_index=True)
    made = write_features.run(prepared=twice, validation={}, flow=flow, store=features.at(place)).written
    found = features.at(place).read(sorted(set(prepared.customer_id)))
    assert (made["rows"], len(found), 99 in set(found.support_calls)) == (9, 9, False)


def test_an_entity_that_is_a_number_is_read_back_as_it_was(place: Place, flow: Flow) -> None:
    columns = flow.columns | {flow.entity: flow.columns[flow.entity].model_copy(update={"type": "integer"})}
    numbered = flow.model_copy(update={"columns": columns})
    source = contracts().head(9).assign(customer_id=range(9))
    prepared, store = transform.run(source=source, flow=numbered).prepared, features.at(place)
    written = write_features.run(prepared=prepared, validation={}, flow=numbered, store=store).written
    found = read_features.run(training=prepared, written=written, flow=numbered, store=store).featured
    pd.testing.assert_frame_equal(found, prepared)
    assert store.online("3")["tenure_months"] == prepared.tenure_months[3]


def test_a_fold_that_leaves_one_label_has_no_metric_and_neither_has_its_trial(flow: Flow) -> None:
    rows = transform.run(source=contracts().head(90), flow=flow).prepared
    first = rows.customer_id == rows.customer_id[0]
    assert np.isfinite(tune.trial(rows, flow, {}))
    for few in (rows.assign(churned=first), rows.assign(customer_id="a")):
        assert np.isnan(tune.trial(few, flow, {}))


def test_without_a_champion_a_model_is_compared_with_no_model_at_all(place: Place) -> None:
    run, _, verdict = done(place)
    assert (verdict, told(run, "decide", "decision")["reference"]) == ("PASS", PRIOR)


def test_the_champion_itself_is_never_promoted_again(place: Place) -> None:
    done(place)
    run, steps, verdict = done(place, "two")
    decision = told(run, "decide", "decision")
    assert (verdict, decision["reference"]) == ("INCONCLUSIVE", "1")
    assert "the candidate is the champion" in decision["reasons"][0]
    assert "register" not in steps
    assert [v.version for v in registry.at(place).versions()] == ["1"]


@pytest.mark.proves("O12", defect="a model that is better than the first version and not than the one that passed last")
def test_a_candidate_is_compared_with_the_version_that_passed_last(
    place: Place, installation: Installation, tmp_path: Path
) -> None:
    weak, good, between = {"technique": "boosting", "iterations": 1}, {}, {"technique": "boosting", "iterations": 8}
    elsewhere = place_at(installation, tmp_path / "elsewhere")
    assert [done(elsewhere, name, **it)[2] for name, it in (("one", weak), ("two", between))] == ["PASS", "PASS"]
    assert [done(place, name, **it)[2] for name, it in (("one", weak), ("two", good))] == ["PASS", "PASS"]
    run, _, verdict = done(place, "three", **between)
    assert (verdict, told(run, "decide", "decision")["reference"]) == ("INCONCLUSIVE", "2")
    assert endpoints.at(place, run.flow).traffic() == {"2": 100}


def test_a_version_that_was_compared_with_a_champion_of_before_takes_no_crown(place: Place) -> None:
    done(place, "one", technique="boosting", iterations=1)
    run, _, _ = done(place, "two")
    late = {"flow": run.flow, "place": place, "endpoint": endpoints.at(place, run.flow), "registry": registry.at(place)}
    with pytest.raises(Refused, match="another version became champion meanwhile"):
        deploy.run(version={"version": "1"}, decision={"reference": "1"}, **late)


def test_a_champion_whose_bytes_have_changed_is_not_compared_with(place: Place) -> None:
    done(place)
    champion = registry.at(place).champion()
    assert champion
    place.file(champion.uri).write_bytes(b"other bytes")
    with pytest.raises(RuntimeError, match="registered is"):
        done(place, "two", strength=0.5)


@pytest.mark.proves("O11", "O12", defect="a model that is worse than the champion")
def test_a_bad_model_is_stopped_by_the_gate_and_the_registry_stays_as_it_was(place: Place, tmp_path: Path) -> None:
    rows = contracts()
    noise = np.random.default_rng(2).permutation(rows.churned.to_numpy())
    run, steps, verdict = done(with_source(place, rows.assign(churned=noise), tmp_path))
    assert verdict == "FAIL"
    assert "auc is" in told(run, "decide", "decision")["reasons"][0]
    assert not {"register", "batch_predict", "deploy", "monitor"} & set(steps)
    assert registry.at(place).versions() == []
    assert experiments.at(place).runs()["one"]["facts"]["verdict"] == "FAIL", "a failed run is recorded, too"


@pytest.mark.proves("I8a", "O8c", defect="rows that come late under the version that was")
def test_late_rows_make_a_new_data_version_and_move_no_row_to_the_other_side(place: Place, tmp_path: Path) -> None:
    rows = contracts()
    late = rows.sample(40, random_state=3)
    early = with_source(place, rows.drop(late.index), tmp_path)
    first, _, _ = done(early, "early")
    second, _, _ = done(place, "late")
    sides = {
        run.name: {
            side: set(pd.read_parquet(run.path("split", side, "frame")).customer_id) for side in ("training", "holdout")
        }
        for run in (first, second)
    }
    assert told(first, "split", "sets")["data"] != told(second, "split", "sets")["data"]
    for side in ("training", "holdout"):
        assert sides["early"][side] < sides["late"][side]
        versions = [told(run, "split", "sets")[side]["digest"] for run in (first, second)]
        assert versions == [digest_of(pd.read_parquet(run.path("split", side, "frame"))) for run in (first, second)]
        assert versions[0] != versions[1]


def test_who_runs_a_run_again_stands_beside_who_has_started_it(place: Place) -> None:
    for person, commit in (("dora@example.com", "first"), ("ada@example.com", "later"), ("dora@example.com", "last")):
        found = start(Run("one", place, {}, commit), "inprocess", lambda *_: None, by=person)
    assert (found["by"], found["also_by"], found["commit"]) == ("dora@example.com", ["ada@example.com"], "first")


def test_of_two_promotions_at_once_one_is_refused(installation: Installation, tmp_path: Path) -> None:
    source = place_at(installation, tmp_path)
    target = place_at(installation, tmp_path, "production")
    for name in ("one", "two"):
        start(Run(name, source, {"seed": len(name)}), "inprocess", lambda *_: None, by="ada@example.com")
        Ledger(source, "models-churn").put("aliases", {})
    runs = [
        promotion(source, target, evidence(source, name), approved_by="dora@example.com") for name in ("one", "two")
    ]

    def attempt(run: Run) -> str:
        try:
            start(run, "inprocess", lambda *_: None, by="dora@example.com")
        except OperationFailed as refused:
            assert refused.code is Exit.REFUSED
            return "refused"
        return "promoted"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, runs)) == ["promoted", "refused"]


def test_the_same_run_twice_at_once_is_refused(place: Place) -> None:
    import fcntl

    run = Run("one", place, {})
    folder = place.file(place.uri("one"))
    folder.mkdir(parents=True)
    with (folder / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OperationFailed, match="is going on in another process"):
            start(run, "inprocess", lambda *_: None, by="ada@example.com")
