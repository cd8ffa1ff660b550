"""Live answers are sampled and scored; what decays is told to those who are on call; what is missing is proposed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from google.cloud import aiplatform_v1

from cloudbuild.pipelines import read as read_pipelines
from cloudbuild.pipelines import read_build
from operations.evaluations import Desk
from operations.watching import EVENT, SERIES, watched
from pipelines.genai.assets import Assets
from pipelines.genai.drift import watching
from pipelines.genai.drift.traffic import Logged
from pipelines.genai.vertex.place import Place
from pipelines.genai.vertex.watch_job import WatchJob
from settings.loading import read_yaml
from tests.estate import Estate
from tests.program import EXAMPLE, ROOT, blueprint

HOW: dict[str, Any] = {"size": 200, "seed": 0, "alpha": 0.01, "margin": 0.05}


@pytest.fixture
def desk(copy: Assets, tmp_path: Path) -> Desk:
    return Desk.opened(copy.folder, ROOT / "settings", "assistant", kept=tmp_path / "kept")


def log(desk: Desk, path: Path, answer: str = "", extra: int = 0) -> str:
    """The traffic of a day: every golden question, answered by the chain or always in the same way."""
    rows = []
    for item in desk.evaluation.golden.items:
        said, spans = desk.evaluation.chain.run({"question": item.question}, desk.writer, trace="t")
        passages = [{"id": p["id"], "text": p["text"]} for p in spans[1].output]
        rows.append({"question": item.question, "answer": answer or said, "passages": passages})
    rows += [{"question": f"Why is the moon {n} miles off, +49 171 5550123?", "answer": "Yes."} for n in range(extra)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.mark.proves("GO-monitor-4", defect="answers that invent, and cite what was not retrieved")
def test_answers_that_got_worse_are_seen_and_the_trend_is_kept(desk: Desk, tmp_path: Path) -> None:
    good = watched(desk, log(desk, tmp_path / "good.jsonl"), **HOW)
    assert (good.decayed, good.moved) == (False, False)
    bad = watched(desk, log(desk, tmp_path / "bad.jsonl", "Dragons own every line. [moon#1]"), **HOW)
    assert bad.decayed and not bad.moved, "the questions are the same ones"
    trend = [json.loads(line) for line in (desk.kept / SERIES).read_text().splitlines()]
    assert [one["decayed"] for one in trend] == [False, True]
    fallen = {one["metric"] for one in trend[1]["metrics"] if one["decayed"]}
    assert fallen == {"judged", "cited", "grounded"}
    assert all("STUB" in one["judge"] for one in trend)


@pytest.mark.proves("GO-experiment-3", defect="questions about the moon among those about the handbook")
def test_what_the_golden_set_lacks_is_proposed_without_personal_data_and_once(desk: Desk, tmp_path: Path) -> None:
    traffic = log(desk, tmp_path / "live.jsonl", extra=3)
    new = watched(desk, traffic, **HOW).proposals
    assert [one.question for one in new][:3] == [f"Why is the moon {n} miles off, <phone number>?" for n in range(3)]
    assert all("nothing in the set is like it" in one.why for one in new[:3])
    assert watched(desk, traffic, **HOW).proposals == []
    kept = desk.assets.folder / "golden/handbook/proposals.jsonl"
    assert len(kept.read_text().splitlines()) == len(new)
    assert desk.assets.golden("handbook").content == desk.evaluation.golden.content, "a proposal is no item"


def test_a_sample_is_the_same_for_the_same_seed_and_every_answer_can_be_in_it() -> None:
    traffic = [Logged(question=str(number)) for number in range(40)]
    assert watching.sample(traffic, 10, 1) == watching.sample(traffic, 10, 1) != watching.sample(traffic, 10, 2)
    seen = {one.question for seed in range(40) for one in watching.sample(traffic, 10, seed)}
    assert len(seen) == 40


def test_the_command_prints_lines_for_the_log_and_names_a_broken_one(copy: Assets, desk: Desk, tmp_path: Path) -> None:
    traffic = log(desk, tmp_path / "live.jsonl")
    words = ("eval", "watch", "assistant", "--assets", str(copy.folder), *EXAMPLE, "--traffic")
    done = blueprint(*words, traffic, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["genai-drift", EVENT]
    (tmp_path / "live.jsonl").write_text('{"question": "a"}\n{"qestion": "b"}\n')
    done = blueprint(*words, traffic, cwd=tmp_path)
    assert done.returncode == 2 and "live.jsonl:2" in done.stderr


@pytest.mark.proves("GO-drift-3", "GO-monitor-5", defect="a finding that no policy counts, a team without the schedule")
def test_the_look_is_scheduled_and_what_it_finds_reaches_the_teams_channel(
    estate: Estate, desk: Desk, tmp_path: Path
) -> None:
    found = watched(desk, log(desk, tmp_path / "bad.jsonl", "Dragons own every line. [moon#1]"), **HOW)
    watching_table = read_yaml(ROOT / "stacks/watching.yaml", "watching.yaml")
    alert = watching_table["alerts"]["answers-decayed"]
    assert (alert["audience"], alert["about"]) == ("team", "generative")
    for key, value in re.findall(
        r"jsonPayload\.(\w+)=(\S+)", watching_table["log_metrics"]["answers-decayed"]["filter"]
    ):
        assert json.loads(found.logged[1])[key] == json.loads(value)
    triggers = read_pipelines()["operational"].triggers
    assert (triggers["watch"].schedule, triggers["watch"].purpose) == ("answers_check", "generative")
    assert "start-watch" in read_build("operational", "watch.yaml").steps[0].args
    jobs = {r.values["name"] for r in estate.resources("google_cloud_scheduler_job")}
    assert "operational-watch-assistant" in jobs and "operational-watch-churn" not in jobs
    policies = [
        r for r in estate.resources("google_monitoring_alert_policy") if "released" in str(r.values["display_name"])
    ]
    assert policies and all(r.values["notification_channels"] for r in policies)


def test_the_job_runs_as_the_team_inside_its_network_with_its_key() -> None:
    place = Place("p1", "europe-west4", "x", "b", "pipeline@p1.iam.gserviceaccount.com")
    job = WatchJob(
        place, "assistant", "production", "gs://b/traffic", "gs://d/watch/1.zip", "image@sha256:1", "net", "key"
    )
    asked = aiplatform_v1.PipelineJob(job.request())
    assert asked.service_account == place.service_account
    assert (asked.network, asked.encryption_spec.kms_key_name) == ("net", "key")
    assert json.dumps(job.request()["pipeline_spec"]).count("image@sha256:1") >= 1
    assert job.words[:4] == ["blueprint", "eval", "watch", "assistant"]
