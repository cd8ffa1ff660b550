"""Live answers are sampled and scored; what decays is told to those who are on call; what is missing is proposed."""

from __future__ import annotations

import dataclasses
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
from pipelines.genai import lines
from pipelines.genai.assets import Assets
from pipelines.genai.drift import lab, watching
from pipelines.genai.drift.traffic import Logged
from pipelines.genai.evaluation import Run
from pipelines.genai.nearness import unlike
from pipelines.genai.vertex.autosxs import AutoSxS
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
    assert fallen == {"judged", "cites_retrieved", "grounded"}
    assert all("STUB" in one["judge"] for one in trend)


def test_live_answers_are_held_against_what_the_released_ones_really_were(desk: Desk, tmp_path: Path) -> None:
    released = desk.kept_run("release")
    plain = [one.model_copy(update={"answer": re.sub(r" \[.*?\]", "", one.answer)}) for one in released.items]
    uncited = dataclasses.replace(released, items=plain)
    traffic = lines.records(Path(log(desk, tmp_path / "live.jsonl", "It is so.")), Logged)
    live = list(watching.watch(desk.evaluation, traffic, lab.local))

    def fallen(run: Run) -> set[str]:
        before = watching.released_scores(desk.evaluation, run, [])
        return {one.metric for one in watching.decays(live, before, margin=0.05, alpha=0.01) if one.decayed}

    assert "cites_retrieved" in fallen(released) and "cites_retrieved" not in fallen(uncited)
    assert "judged" in fallen(released)
    assert "judged" not in fallen(dataclasses.replace(released, label="Vertex AI")), "another judge's scores"


def test_answers_that_people_stop_to_like_are_seen(desk: Desk, tmp_path: Path) -> None:
    for disliked in (0, 40):
        path = Path(log(desk, tmp_path / f"{disliked}.jsonl"))
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        told = [{**row, "feedback": number >= disliked} for number, row in enumerate(rows)]
        path.write_text("".join(json.dumps(row) + "\n" for row in told))
        event = json.loads(watched(desk, str(path), **HOW).logged[1])
        assert [one["metric"] for one in event["metrics"] if one["decayed"]] == (["liked"] if disliked else [])


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


def test_a_question_that_nearly_asks_what_is_proposed_is_not_proposed_beside_it(desk: Desk, tmp_path: Path) -> None:
    usual = Path(log(desk, tmp_path / "usual.jsonl")).read_text()

    def asked(*questions: str) -> list[str]:
        path = tmp_path / "moon.jsonl"
        path.write_text(usual + "".join(json.dumps({"question": one, "answer": "Far."}) + "\n" for one in questions))
        return [one.question for one in watched(desk, str(path), **HOW).proposals]

    assert unlike([]) == []
    asked()
    first = "Why is the silver moon so many thousand miles off tonight?"
    alike, other = first.replace("?", ", please?"), "Which dragons live on the dark side of it?"
    assert len(asked(first, alike, other, "???", "???")) == 3, "one of two that are alike, and one of two the same"
    assert asked(alike, first.upper(), other, "???") == []
    many = [f"Is planet number {word} made of cheese or {word} bread?" for word in "abcdefghijkl"]
    assert (len(asked(*many)), len(asked(*many)), len(asked(*many))) == (10, 2, 0), "what is known takes no place"


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
    proposals = copy.folder / "golden/handbook/proposals.jsonl"
    proposals.write_text('{"question": "a"\n')
    done = blueprint(*words, log(desk, tmp_path / "live.jsonl", extra=3), cwd=tmp_path)
    assert done.returncode == 2 and "proposals.jsonl:1: is not JSON" in done.stderr
    (tmp_path / "live.jsonl").write_text('{"question": "a"}\n{"qestion": "b"}\n')
    done = blueprint(*words, traffic, cwd=tmp_path)
    assert done.returncode == 2 and "live.jsonl:2" in done.stderr


@pytest.mark.proves(
    "GO-drift-3", "GO-monitor-5", "HOUSE-LOG-3", defect="a finding that no policy counts, a team without the schedule"
)
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
    account = "pipeline@p1.iam.gserviceaccount.com"
    place = Place("p1", "europe-west4", "x", "b", account, network="net", key="key")
    job = WatchJob(place, "assistant", "production", "gs://b/traffic", "gs://d/watch/1.zip", "image@sha256:1")
    asked = aiplatform_v1.PipelineJob(job.request())
    assert asked.service_account == place.service_account
    assert (asked.network, asked.encryption_spec.kms_key_name) == ("net", "key")
    duels = aiplatform_v1.PipelineJob(AutoSxS(place).request("gs://b/autosxs/1"))
    assert (duels.service_account, duels.network, duels.encryption_spec.kms_key_name) == (account, "net", "key")
    assert dict(duels.labels) == {"job": "autosxs"}
    assert json.dumps(job.request()["pipeline_spec"]).count("image@sha256:1") >= 1
    assert job.words[:4] == ["blueprint", "eval", "watch", "assistant"]
