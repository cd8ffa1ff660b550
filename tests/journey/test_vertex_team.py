"""An estate whose predictive team is orchestrated by Vertex AI Pipelines: deployed, used as its people do, and held
against its twin of Composer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from operations.pipeline_places import elsewhere, prepared
from operations.pipeline_runs import SANDBOX
from operations.pipeline_submit import submit
from operations.pipeline_versions import publish
from operations.serving import served
from pipelines.artifacts import Report
from pipelines.place import Place
from sandbox import redirect
from settings.loading import names_of, read
from tests.changes import ADA
from tests.program import ROOT, blueprint

COMMIT, VERSION = "0123456789ab" + 28 * "0", "0123456789ab"
CHOSEN = "{seed: 3}"


def estate(deployed: Path, home: Path) -> Path:
    """A copy of the deployed estate with settings of its own."""
    shutil.copytree(deployed / ".sandbox", home / ".sandbox")
    shutil.copytree(ROOT / "settings", home / "settings", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return home


@contextmanager
def acting(home: Path) -> Iterator[Callable[[str], None]]:
    """Google's clients act as whoever is named."""
    with pytest.MonkeyPatch.context() as patch, served(home, host="127.0.0.1", port=0) as found:
        # Danger: runs are kept below the folder in which one stands.
        patch.chdir(home)
        patch.setenv(redirect.ENDPOINT, found.endpoint)
        redirect.install(found.endpoint)
        yield lambda principal: patch.setenv(redirect.PRINCIPAL, principal)


def ran(home: Path, orchestrator: str) -> Report:
    """The record of a run with chosen parameters, published and submitted as the team's builder."""
    builder = names_of(read(home / "settings")).service_account("common", "delivery-w", "operational-churn")
    with acting(home) as act_as:
        place: Place = elsewhere(home / "settings", "churn", "nonproduction", target="sandbox")
        act_as(f"serviceAccount:{builder}")
        publish(place, orchestrator, COMMIT)
        return submit(prepared(place, "chosen", CHOSEN), VERSION, lambda *_: None, by=builder)


@pytest.fixture(scope="module")
def home(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The estate after the team has changed its orchestrator, and nothing else."""
    home = estate(deployed, tmp_path_factory.mktemp("vertex"))
    team = home / "settings/teams/churn.yaml"
    team.write_text(team.read_text().replace("orchestrator: composer", "orchestrator: vertex"))
    planned = blueprint("plan", "nonproduction-churn", "production-churn", "--plans", "plans", cwd=home)
    assert planned.returncode == 5, planned.stderr
    judged = blueprint("policy", "check", "plans", cwd=home)
    assert judged.returncode == 0, judged.stdout + judged.stderr
    done = blueprint("deploy", "nonproduction-churn", "--auto-approve", cwd=home)
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture(scope="module")
def done(home: Path) -> Report:
    return ran(home, "vertex")


@pytest.mark.proves("D9", defect="a person who submits, and an unknown parameter")
def test_a_version_runs_on_vertex_ai_with_chosen_parameters_and_the_data_scientist_inspects_it(
    home: Path, done: Report
) -> None:
    with acting(home) as act_as:
        act_as(f"user:{ADA}")

        def ask(*words: str) -> Any:
            listed = blueprint("pipeline", *words, "--team", "churn", "--as", ADA, "--json", cwd=home)
            assert listed.returncode == 0, listed.stderr
            return json.loads(listed.stdout)

        (version,) = ask("versions")
        assert (version["version"], version["orchestrator"]) == (VERSION, "vertex")
        chosen = ("submit", "--team", "churn", "--version", VERSION, "--as", ADA, "--parameters")
        refused = blueprint("pipeline", *chosen, CHOSEN, cwd=home)
        assert (refused.returncode, "denied" in refused.stderr) == (4, True), refused.stderr
        unknown = blueprint("pipeline", *chosen, "{sed: 3}", cwd=home)
        assert (unknown.returncode, "did you mean 'seed'?" in unknown.stderr) == (2, True)
        (seen,) = ask("runs")
        assert (seen["run"], seen["verdict"], seen["parameters"]["seed"]) == ("chosen", done["verdict"], 3)
        assert seen["metrics"] == pytest.approx(done["metrics"])
        (model,) = ask("models", "--environment", "nonproduction")
        assert (model["digest"], model["run"]) == (done["version"]["digest"], "chosen")


def test_by_the_services_of_the_estate_both_orchestrators_give_the_same(
    deployed: Path, done: Report, tmp_path_factory: pytest.TempPathFactory
) -> None:
    twin = ran(estate(deployed, tmp_path_factory.mktemp("composer")), "composer")
    assert (twin["orchestrator"], done["orchestrator"]) == ("composer", "vertex")
    assert twin["services"] == done["services"] == SANDBOX
    assert twin["metrics"] == pytest.approx(done["metrics"])
    assert (twin["verdict"], twin["data"]) == (done["verdict"], done["data"])
    assert twin["version"]["digest"] == done["version"]["digest"]
