"""Drift tests keep their level where nothing moved, see what did, and say the same on every run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from operations.drifting import event
from pipelines.genai.drift import calibration, two_sample
from pipelines.genai.drift.lab import OF_VECTORS, TESTS, compare, holm
from pipelines.genai.drift.traffic import made
from pipelines.genai.drift.two_sample import Labels
from scripts.commands.drift import command
from settings.loading import read_yaml
from settings.problems import InvalidSettings
from tests.program import EXAMPLE, ROOT, blueprint


def test_false_alarms_are_within_the_binomial_interval_of_the_level() -> None:
    least, most = calibration.interval(300, 0.05)
    rates = {rate.test: rate.rejected for rate in calibration.null(300)}
    assert set(rates) == set(TESTS)
    assert {test: n for test, n in rates.items() if n > most} == {}
    assert {test: n for test, n in rates.items() if n < least and test in OF_VECTORS} == {}


def test_the_command_tells_false_alarms_and_refuses_a_test_that_gives_too_many(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["calibrate", "--runs", "20", "--alpha", "0.05"]
    assert not command.main(words, standalone_mode=False)
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told] == list(TESTS)
    assert all(line.endswith("of 20") for line in told)
    moved = "Who sells chairs in Oslo and delivers them in winter, with a screw, a saw and a brush?"
    monkeypatch.setattr(calibration, "made", lambda size, seed: [*made(size // 2, seed), *[moved] * (size // 2)])
    assert command.main(words, standalone_mode=False) == 4
    assert "vocabulary     20 of 20  TOO MANY" in capsys.readouterr().out.splitlines()


@pytest.mark.proves("GO-drift-2", defect="shifts of mean, scale, mixture and topic of known size")
def test_power_rises_with_what_was_planted() -> None:
    curves: dict[tuple[str, str], list[float]] = {}
    for rate in calibration.power(20):
        curves.setdefault((rate.shift, rate.test), []).append(rate.share)
    for shift in ("mean", "scale", "mixture", "topic"):
        for test in OF_VECTORS:
            curve = curves[shift, test]
            assert curve[0] <= 0.3, (shift, test, curve)
            assert curve[-1] >= 0.8, (shift, test, curve)
    assert curves["topic", "vocabulary"][-1] >= 0.8


@pytest.mark.proves("GO-drift-1", defect="traffic whose topic, words or length have moved")
@pytest.mark.parametrize(("shift", "name"), [("topic", "topic"), ("vocabulary", "vocabulary"), ("length", "length")])
def test_each_shift_is_detected_and_named(shift: str, name: str) -> None:
    moved = {m.test for m in compare(made(200, 1), made(200, 2, shift=shift, share=0.4)) if m.drifted}  # type: ignore[arg-type]
    assert {name, "mmd", "lsdd", "classifier"} <= moved
    assert (name == "length") == ("tokens" in moved)


def test_the_same_texts_give_the_same_numbers() -> None:
    first, second = made(60, 1), made(60, 2, shift="topic")
    assert compare(first, second) == compare(first, second)
    assert [m.test for m in compare(first, made(60, 3)) if m.drifted] == []


def test_the_statistics_are_those_of_their_definitions() -> None:
    generator = np.random.default_rng(0)
    points = generator.normal(size=(12, 3))
    (labels,) = Labels(5, 7, 10, 0).blocks()
    kernel = np.exp(-two_sample.squares(points, points) / two_sample.bandwidth(two_sample.squares(points, points)))
    for row, value in zip(labels, two_sample.mmd(points)(labels), strict=True):
        a, b = np.flatnonzero(row), np.flatnonzero(row == 0)
        first = kernel[np.ix_(a, a)].sum() - len(a)
        second = kernel[np.ix_(b, b)].sum() - len(b)
        by_hand = first / (5 * 4) + second / (7 * 6) - 2 * kernel[np.ix_(a, b)].mean()
        assert value == pytest.approx(by_hand)


def test_several_tests_are_corrected_for() -> None:
    assert holm({"a": 0.004, "b": 0.02, "c": 0.5}, 0.01) == set()
    assert holm({"a": 0.003, "b": 0.004, "c": 0.5}, 0.01) == {"a", "b"}


@pytest.mark.parametrize("alpha", [0.05, 0.006, 0.001])
def test_a_test_can_stand_at_every_level(alpha: float) -> None:
    first, second = made(40, 1), ["Who sells chairs in Oslo, with a screw, a saw and a brush?"] * 40
    moved = {m.test: m.drifted for m in compare(first, second, alpha=alpha)}
    assert moved["mmd"] and moved["vocabulary"], "nothing could be further apart"
    assert not any(m.drifted for m in compare(first, second, alpha=alpha, permutations=int(6 / alpha))), "the defect"


def test_many_permutations_are_those_of_one_draw_and_few_are_held_at_a_time() -> None:
    rows = np.vstack(list(Labels(5, 7, 1300, 3).blocks()))
    drawn = np.argsort(np.random.default_rng(3).random((1300, 12)), axis=1)
    assert (rows == Labels(5, 7, 1, 0).observed[drawn]).all()
    assert [len(block) for block in Labels(5, 7, 1300, 3).blocks()] == [500, 500, 300]


def test_too_little_traffic_says_nothing() -> None:
    with pytest.raises(InvalidSettings, match="traffic: has 3 texts, 20 are the least; wait for more"):
        compare(made(50, 1), made(3, 2))


def test_a_gradual_shift_gives_a_rising_series_and_an_end_that_refuses(tmp_path: Path) -> None:
    blueprint("drift", "simulate", "--to", "before.jsonl", "--seed", "1", cwd=tmp_path)
    codes = []
    for number, share in enumerate(("0", "0.3", "0.7")):
        made_ = blueprint(
            "drift",
            "simulate",
            "--to",
            f"{number}.jsonl",
            "--shift",
            "topic",
            "--share",
            share,
            "--seed",
            str(number + 2),
            cwd=tmp_path,
        )
        assert made_.returncode == 0, made_.stderr
        assets = ("--assets", str(ROOT / "pipelines/genai"), *EXAMPLE)
        codes.append(
            blueprint(
                "drift", "run", "--traffic", f"{number}.jsonl", "--reference", "before.jsonl", *assets, cwd=tmp_path
            ).returncode
        )
    assert (codes[0], codes[-1]) == (0, 4)
    series = [json.loads(line) for line in (tmp_path / ".sandbox/genai/drift.jsonl").read_text().splitlines()]
    distances = [next(t["statistic"] for t in one["tests"] if t["test"] == "mmd") for one in series]
    assert distances == sorted(distances)
    assert [one["drifted"] for one in series][0::2] == [False, True]


def test_broken_traffic_is_named_by_line(tmp_path: Path) -> None:
    (tmp_path / "live.jsonl").write_text('{"question": "a"}\n{"qestion": "b"}\n')
    done = blueprint(
        "drift", "run", "--traffic", "live.jsonl", "--assets", str(ROOT / "pipelines/genai"), *EXAMPLE, cwd=tmp_path
    )
    assert done.returncode == 2
    assert "live.jsonl:2" in done.stderr


def test_what_the_job_logs_is_what_the_alert_counts(tmp_path: Path) -> None:
    log = event(tmp_path / "today.jsonl", compare(made(60, 1), made(60, 2, shift="topic")))
    watched = read_yaml(ROOT / "stacks/watching.yaml", "watching.yaml")
    wanted = watched["log_metrics"][watched["alerts"]["questions-moved"]["log_metric"]]["filter"]
    found = json.loads(log)
    for key, value in re.findall(r"jsonPayload\.(\w+)=(\S+)", wanted):
        assert found[key] == json.loads(value)
