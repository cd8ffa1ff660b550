"""The pipelines' definitions in the deployed estate: who publishes, who looks, and who starts runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from operations.composer import airflow
from operations.outcome import OperationFailed
from operations.pipeline_places import place_of
from operations.pipeline_release import acting
from operations.pipeline_versions import publish, published
from operations.serving import served
from pipelines.execute import Run
from pipelines.place import Place
from sandbox import redirect
from settings.loading import names_of
from settings.model import Installation

COMMIT = "0123456789ab" + 28 * "0"
Act = Callable[[str], None]


@pytest.fixture
def act_as(deployed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Act]:
    """A copy of the deployed estate, whose clients act as whoever is named."""
    shutil.copytree(deployed / ".sandbox", tmp_path / ".sandbox")
    with served(tmp_path, host="127.0.0.1", port=0) as found:
        monkeypatch.setenv(redirect.ENDPOINT, found.endpoint)
        redirect.install(found.endpoint)
        yield lambda principal: monkeypatch.setenv(redirect.PRINCIPAL, principal)


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
