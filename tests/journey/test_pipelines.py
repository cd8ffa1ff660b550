"""The pipelines' definitions in the deployed estate: who publishes, who looks, and who starts runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from google.cloud import aiplatform_v1

from operations import traffic, watching
from operations.answering import asked
from operations.composer import airflow
from operations.evaluations import desk
from operations.generative import opened
from operations.outcome import OperationFailed
from operations.pipeline_places import place_of
from operations.pipeline_release import acting
from operations.pipeline_versions import publish, published
from pipelines.execute import Run
from pipelines.genai.drift.traffic import Logged
from pipelines.place import Place
from pipelines.services.vertex_api import wait
from settings.loading import names_of
from settings.model import Installation
from tests.program import ROOT

ASSETS, TODAY = ROOT / "pipelines/genai", date.today()
COMMIT = "0123456789ab" + 28 * "0"
Act = Callable[[str], None]


@pytest.fixture
def place(installation: Installation, tmp_path: Path) -> Place:
    return place_of(installation, "churn", "nonproduction", image=None, folder=tmp_path / "laptop")


@pytest.mark.proves("D9", "P4a", defect="a person who publishes or starts a run without a build")
def test_the_builder_publishes_and_starts_runs_and_the_team_looks(
    act_as: Act, place: Place, installation: Installation
) -> None:
    builder = names_of(installation).service_account("common", "delivery-w", "operational-churn")
    run = Run("one", place, {})
    listing = ("dags", "list-runs", ["--dag-id", "churn-operational", "--output", "json"])
    act_as(f"serviceAccount:{builder}")
    publish(place, "composer", COMMIT)
    assert airflow(run, *listing) == (0, "[]")
    act_as("user:ada@example.com")
    assert [one.version for one in published(place)] == ["0123456789ab"]
    for attempt in (lambda: publish(place, "composer", COMMIT), lambda: airflow(run, *listing)):
        with pytest.raises(OperationFailed, match=r"(?i)ada@example\.com|permission"), acting("google", ""):
            attempt()
    act_as("user:bert@example.com")
    with pytest.raises(OperationFailed, match=r"(?i)bert@example\.com|permission"), acting("google", ""):
        published(place)


@pytest.mark.proves("GO-monitor-4", "GO-drift-3", defect="live answers that invent and cite what was not retrieved")
def test_the_application_logs_and_the_daily_look_scores_alerts_and_proposes(
    act_as: Act, installation: Installation, tmp_path: Path
) -> None:
    names, who = names_of(installation), names_of(installation).service_account
    bucket, settings = names.bucket("nonproduction", "assistant", "staging"), ROOT / "settings"
    golden = opened(ASSETS, settings)[0].golden("handbook").items[:30]
    wrong = [Logged(question=one.question, answer="Dragons own it. [moon#1]", day=TODAY.isoformat()) for one in golden]
    wrong = [one.model_copy(update={"passages": [{"id": "a#1", "text": "x"}], "trace": "bad"}) for one in wrong]

    def looked(image: str) -> tuple[str, dict[str, Any]]:
        act_as(f"serviceAccount:{who('common', 'delivery-w', 'operational-assistant')}")
        name = watching.submitted(ASSETS, settings, "assistant", "nonproduction", "sandbox", image)
        job = wait(lambda: aiplatform_v1.PipelineServiceClient().get_pipeline_job(name=name))
        assert job.service_account == who("nonproduction", "assistant", "pipeline")
        (log,) = (tmp_path / ".sandbox/pipelines").glob(f"*-{name.rpartition('/')[2]}/log")
        found = re.findall(r'\{"event": "genai-decay".*\}', log.read_text())
        return log.read_text(), json.loads(found[0])

    act_as(f"serviceAccount:{who('nonproduction', 'assistant', 'serving')}")
    with desk(ASSETS, settings, "assistant", "sandbox") as it:
        said = asked(it, [one.question for one in golden], None, None, share=1.0, today=TODAY)
    assert len(said) == len(golden) and all(said)
    good = looked("image@sha256:1")[1]
    assert (good["decayed"], good["answers"]) == (False, len(golden))
    assert "STUB behind the sandbox" in good["judge"]
    act_as(f"serviceAccount:{who('nonproduction', 'assistant', 'serving')}")
    traffic.add(f"gs://{bucket}/traffic", [*wrong, Logged(question="Why is the moon far?", day=TODAY.isoformat())])
    with pytest.raises(OperationFailed, match=r"storage\.objects\.create' denied"):
        traffic.put(f"gs://{bucket}/watch/assistant/watch.jsonl", "")
    assert looked("image@sha256:1")[1]["decayed"] is True
    act_as("operator")
    kept = traffic.text(f"gs://{bucket}/watch/assistant/watch.jsonl").splitlines()
    assert [json.loads(line)["decayed"] for line in kept] == [False, True]
    assert "moon" in traffic.text(f"gs://{bucket}/watch/assistant/proposals.jsonl")
