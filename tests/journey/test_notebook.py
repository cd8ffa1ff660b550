"""The notebook, top to bottom, as a data scientist on the deployed estate."""

from __future__ import annotations

import ast
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from operations.lending import entitlement_of, lending
from operations.serving import served
from tests.conftest import ROOT

NOTEBOOK = ROOT / "docs/notebooks/churn.ipynb"
OWNER = "group:data-owner-customers@example.com"


@pytest.fixture(scope="module")
def notebook(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The notebook with its outputs; its owner agrees to lend the data as soon as somebody asks."""
    folder = tmp_path_factory.mktemp("notebook")
    shutil.copytree(deployed / ".sandbox", folder / ".sandbox")
    shutil.copytree(ROOT / "settings", folder / "settings", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    with served(folder, host="127.0.0.1", port=0, principal="user:ada@example.com") as found:
        owner = threading.Thread(target=agree, args=(folder,), daemon=True)
        owner.start()
        mine = nbformat.read(NOTEBOOK, as_version=4)
        client = NotebookClient(
            mine, timeout=1800, iopub_timeout=300, startup_timeout=300, resources={"metadata": {"path": str(folder)}}
        )
        path = f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
        client.execute(env=os.environ | found.environment | {"PATH": path, "GCS_MOUNT": str(folder / "work")})
        owner.join(5)
        yield mine


def agree(folder: Path) -> None:
    """Approves the first request for the source."""
    entitlement, _ = entitlement_of(folder / "settings", "customers")
    with lending("sandbox", folder) as lender:
        while not (asked := [one for one in lender.of(entitlement) if one.state == "APPROVAL_AWAITED"]):
            time.sleep(0.2)
        lender.approve(asked[0].name, OWNER, "a question of the business")


def told(notebook: Any, word: str) -> str:
    """What the cells said that hold this word."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and word in cell.source]
    outputs = [out for cell in cells for out in cell.outputs]
    return "\n".join(out.get("text") or out["data"]["text/plain"] for out in outputs)


def steps_of_the_pipeline(code: str) -> set[str]:
    """Steps that code takes from the pipeline and runs: imported from pipelines.steps, bound once, called."""
    nodes = list(ast.walk(ast.parse(code)))
    imported = {
        alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "pipelines.steps"
        for alias in node.names
    }
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    own |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    return {name for name in imported - own if f"{name}.run" in called}


@pytest.mark.proves("O8a", defect="a notebook that prepares features by code of its own")
def test_the_notebook_uses_the_steps_of_the_pipeline_and_holds_no_output(notebook: Any) -> None:
    kept = nbformat.read(NOTEBOOK, as_version=4)
    source = "\n".join(cell.source for cell in kept.cells)
    cells = [cell.source for cell in kept.cells if cell.cell_type == "code"]
    code = "\n".join(line for cell in cells for line in cell.splitlines() if not line.startswith("!"))
    assert steps_of_the_pipeline(code) == {"transform", "validate", "split", "evaluate", "decide"}
    assert "transform" not in steps_of_the_pipeline(f"class transform:\n    run = dict\n{code}")
    assert "transform" not in steps_of_the_pipeline(code.replace("transform.run(", "prepared_by_hand("))
    assert all(not cell.get("outputs") for cell in kept.cells)
    assert "@" not in source and "iam.gserviceaccount" not in source


def test_data_is_asked_for_and_its_rows_come_once_the_owner_agrees(notebook: Any) -> None:
    assert "APPROVAL_AWAITED" in told(notebook, "data request")
    assert "count" in told(notebook, "source = lent()")


def test_features_are_written_by_a_job_and_one_entity_is_read_online(notebook: Any) -> None:
    assert "tenure_months" in told(notebook, "online")


def test_trials_and_training_ran_as_jobs(notebook: Any) -> None:
    assert "value" in told(notebook, "trials = ")
    assert "Pipeline" in told(notebook, "model = load")


def test_the_evaluation_is_kept_with_the_version(notebook: Any) -> None:
    assert "PASS" in told(notebook, "decide.run")
    shown = told(notebook, "list_model_evaluations")
    assert "churn-1" in shown
    assert "/split/holdout.parquet True" in shown, "the validation set lies where the evaluation says"


def test_runs_are_of_one_experiment_and_plotted_in_tensorboard(notebook: Any) -> None:
    assert {"logistic", "boosting"} <= set(told(notebook, "get_experiment_df").split())
    assert "log_loss" in told(notebook, "plotted")


@pytest.mark.proves("I9a", defect="a person who pushes an image")
def test_the_container_is_built_and_a_person_cannot_push_it(notebook: Any) -> None:
    said = told(notebook, "images build")
    assert "churn@sha256:" in said
    assert "refused, as it should be" in said
