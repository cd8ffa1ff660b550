"""Steps as functions: exact results, and properties that hold for any rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.artifacts import digest_of
from pipelines.distance import shift, summary
from pipelines.execute import Run, told
from pipelines.flow import Flow, read_flow
from pipelines.inprocess import run_here
from pipelines.place import Place
from pipelines.services import registry, warehouse
from pipelines.steps import conclude, deploy, evaluate, split, transfer, transform, tune
from pipelines.steps.train import fit, losses
from settings.problems import InvalidSettings
from tests.pipelines.rows import contracts, with_source


def test_the_transfer_reads_rows_before_the_cut_off_that_row_access_lets_it_see(place: Place, flow: Flow) -> None:
    early = flow.chosen({"until": "2026-03-01"})
    made = transfer.run(flow=early, place=place, warehouse=warehouse.at(place), sql=transfer_sql(), run="one")
    wanted = contracts().query("month < '2026-03-01' and country not in ('US', 'BR')")
    assert sorted(made.source.customer_id) == sorted(wanted.customer_id)
    assert "email" not in made.source


def transfer_sql() -> str:
    from pipelines.flow import query

    return query("churn")


def test_the_transfer_names_the_source_project_and_writes_into_its_own(place: Place) -> None:
    asked = warehouse.request(place, "SELECT 1", {"until": "2026-01-01"}, f"{place.project}.{place.dataset}.source")
    assert asked["query"]["destinationTable"]["projectId"] == place.project != place.source_project
    assert asked["query"]["destinationEncryptionConfiguration"]["kmsKeyName"].endswith("/cryptoKeys/bigquery")


def test_the_transform_gives_exactly_these_features(flow: Flow) -> None:
    source = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "month": ["2026-01-01", "2026-02-01"],
            "tenure_months": [24, 0],
            "monthly_charges": ["10.5", "20"],
            "support_calls": [4, 1],
            "country": ["DE", "FR"],
            "churned": [True, False],
            "left_over": [1, 2],
        }
    )
    prepared = transform.run(source=source, flow=flow).prepared
    assert list(prepared) == [*flow.columns, "calls_per_year"]
    assert prepared.monthly_charges.tolist() == [10.5, 20.0]
    assert prepared.calls_per_year.tolist() == [2.0, 12.0]
    assert prepared.month.tolist() == [pd.Timestamp("2026-01-01"), pd.Timestamp("2026-02-01")]


KEYS = st.lists(st.text("abc0123", min_size=1, max_size=6), min_size=1, max_size=80)


@settings(max_examples=60, deadline=None)
@given(KEYS, st.sampled_from(["hash", "time"]))
def test_the_sets_share_no_row_lose_none_and_are_the_same_every_time(keys: list[str], by: str) -> None:
    flow = read_flow("churn")
    flow = flow.model_copy(update={"split": flow.split.model_copy(update={"by": by})})
    frame = pd.DataFrame({"customer_id": keys})
    out = split.held_out(frame, flow)
    assert len(out) == len(frame)
    assert (split.held_out(frame, flow) == out).all()
    assert set(frame.customer_id[out]) & set(frame.customer_id[~out]) == set()
    order = np.random.default_rng(0).permutation(len(frame))
    assert (split.held_out(frame.iloc[order], flow) == out[order]).all()


def test_a_hash_holds_out_about_the_share_that_is_wanted(flow: Flow) -> None:
    out = split.held_out(pd.DataFrame({"customer_id": [f"c{i:05d}" for i in range(20_000)]}), flow)
    assert abs(out.mean() - flow.split.holdout) < 0.02


def test_data_that_was_not_validated_is_not_split(flow: Flow) -> None:
    prepared = transform.run(source=contracts(), flow=flow).prepared
    with pytest.raises(InvalidSettings, match="is not the data that was validated"):
        split.run(prepared=prepared, validation={"digest": digest_of(prepared.iloc[1:])}, flow=flow)


@pytest.mark.proves("I6b", defect="a trial without a number")
def test_tuning_finds_the_best_trial_and_keeps_its_limits(flow: Flow) -> None:
    class Known:
        def search(self, points, trial):  # type: ignore[no-untyped-def]
            return [{"parameters": p, "value": v} for p, v in zip(points, (0.4, None, 0.2, float("nan")), strict=True)]

    training = transform.run(source=contracts(), flow=flow).prepared
    best = tune.run(training=training, flow=flow, tuner=Known()).best
    assert best["parameters"]["strength"] == tune.search(flow)[1]["strength"]
    found = [point["strength"] for point in tune.search(flow)]
    limits = flow.tuning.search["strength"]
    assert len(found) == flow.tuning.trials
    assert all(limits.minimum <= value <= limits.maximum for value in found)


def test_two_trainings_give_the_same_bytes(flow: Flow) -> None:
    import pickle

    training = transform.run(source=contracts(), flow=flow).prepared
    for technique in ("logistic", "boosting"):
        chosen = flow.chosen({"technique": technique, "iterations": 20})
        first, second = (pickle.dumps(fit(training, chosen, chosen.parameters)) for _ in range(2))
        assert first == second


@pytest.mark.proves("O11", defect="a score that is not a number")
def test_a_score_that_is_not_a_number_is_never_a_metric() -> None:
    truth, scores = np.array([True, False, True]), np.array([0.5, np.nan, 0.7])
    with pytest.raises(InvalidSettings, match="1 of 3 scores are not numbers"):
        evaluate.metrics(truth, scores)
    assert np.isnan(losses(truth, scores)).tolist() == [False, True, False]


def test_calibration_is_perfect_for_true_shares_and_poor_for_boasts() -> None:
    truth = np.arange(1000) % 10 < 3
    assert evaluate.calibration_error(truth, np.full(1000, 0.3)) == pytest.approx(0.0)
    assert evaluate.calibration_error(truth, np.full(1000, 0.9)) == pytest.approx(0.6)


@pytest.mark.proves("O14b", defect="a shifted feature")
def test_a_shifted_feature_is_far_and_an_unshifted_one_is_near(flow: Flow) -> None:
    generator = np.random.default_rng(5)
    before = summary(pd.Series(generator.normal(0, 1, 2000)))
    limit = flow.monitoring.drift
    assert (
        shift(before, pd.Series(generator.normal(0, 1, 500)))
        < limit
        < shift(before, pd.Series(generator.normal(1, 1, 500)))
    )
    texts = summary(pd.Series(["DE"] * 60 + ["FR"] * 40))
    assert shift(texts, pd.Series(["DE"] * 58 + ["FR"] * 42)) < limit < shift(texts, pd.Series(["XX"] * 100))
    assert shift(before, pd.Series(np.full(500, np.nan))) > limit


def test_a_canary_is_taken_back_when_it_is_worse_than_the_champion_and_widened_when_it_is_shown_as_good(
    flow: Flow,
) -> None:
    def after(errors: int, requests: int, champion: int, minutes: int = 90) -> str:
        beside = {"requests": 900, "errors": champion}
        judged = conclude.judged_by(rule, {"requests": requests, "errors": errors, "champion": beside})
        return conclude.after(judged, minutes, rule)

    rule = flow.serving.canary
    assert after(6, 50, 9, minutes=5) == "roll back"
    assert after(6, 50, 108) == "wait", "what fails for both takes nothing back"
    assert (after(0, 19, 9), after(19, 19, 9)) == ("wait", "wait"), "too few to conclude anything"
    assert (after(5, 500, 9), after(5, 500, 9, minutes=5)) == ("widen", "wait")


def test_canary_and_rollout_divide_the_traffic() -> None:
    assert deploy.canary("3", "4", 10) == {"3": 90, "4": 10}
    assert deploy.canary(None, "1", 10) == {"1": 100}


def test_the_split_and_the_evaluation_have_to_be_about_the_same_rows(place: Place, flow: Flow) -> None:
    from pipelines.steps import decide

    evaluation = {"validation_set": {"digest": "training"}, "same_as_champion": False, "model": "m"}
    with pytest.raises(InvalidSettings, match="not about this run's holdout"):
        decide.run(evaluation=evaluation, scores=pd.DataFrame(), sets={"holdout": {"digest": "h"}}, flow=flow)


def test_source_rows_in_another_order_are_the_same_data(place: Place, flow: Flow, tmp_path: object) -> None:
    from pathlib import Path

    shuffled = contracts().sample(frac=1, random_state=1)
    other = with_source(place, shuffled, Path(str(tmp_path)))
    first, second = (
        transfer.run(flow=flow, place=one, warehouse=warehouse.at(one), sql=transfer_sql(), run="one").source
        for one in (place, other)
    )
    assert digest_of(first) == digest_of(second)


@pytest.mark.proves("O12", defect="two versions that say that they come from the same run, code, image and rows")
def test_a_registered_version_tells_the_run_the_code_the_image_and_the_rows_that_it_comes_from(
    place: Place, tmp_path: Path
) -> None:
    weak, fewer = {"technique": "boosting", "iterations": 1}, with_source(place, contracts().iloc[:-40], tmp_path)
    image = place.model_copy(update={"image": f"churn@sha256:{64 * 'a'}"})
    runs = [Run("weak", fewer, weak, commit=40 * "1"), Run("good", image, {}, commit=40 * "2")]
    for run in runs:
        run_here(run, lambda _: None)
    lineages = [version.card["lineage"] for version in registry.at(place).versions()]
    for run, lineage in zip(runs, lineages, strict=True):
        origin = {"run": run.name, "commit": run.commit, "image": run.place.image}
        assert lineage == origin | {"source": run.flow.source, "sets": told(run, "split", "sets")}
    first, second = lineages
    assert all(first[key] != second[key] for key in ("run", "commit", "image", "sets"))
