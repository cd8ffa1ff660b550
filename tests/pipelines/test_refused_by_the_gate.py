"""The gate says no in both twins: nothing of the model goes on, and both say so alike."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from operations.outcome import Exit
from operations.pipeline_runs import start
from pipelines.execute import Run, execute
from pipelines.graph import AFTER_GATE
from pipelines.services import endpoints, registry
from settings.model import Installation
from tests.pipelines.rows import contracts, place_at, with_source


@pytest.mark.proves("O9", "O12", defect="labels that are noise")
@pytest.mark.parametrize("orchestrator", ["vertex", "composer"])
def test_a_model_that_the_gate_refuses_goes_no_further_whoever_orchestrates(
    orchestrator: str, installation: Installation, tmp_path: Path
) -> None:
    """Without a Feature Store; what comes before the evaluation was done in process, and is not done again."""
    noise = np.random.default_rng(2).permutation(contracts().churned.to_numpy())
    place = place_at(installation, tmp_path, feature_store=None)
    run = Run("noise", with_source(place, contracts().assign(churned=noise), tmp_path), {})
    assert not {"write_features", "read_features"} & set(run.steps)
    for name in ("transfer", "transform", "validate", "split", "tune", "train"):
        execute(run, name, run.inputs(run.steps[name]), run.outputs(run.steps[name]))
    found = start(run, orchestrator, lambda *_: None, by="ada@example.com")
    assert (found["verdict"], found["exit_code"]) == ("FAIL", Exit.REFUSED)
    assert not set(AFTER_GATE) & set(found["steps"])
    assert registry.at(run.place).versions() == []
    assert endpoints.at(run.place, run.flow).traffic() == {}
    assert "version" not in found
    shutil.rmtree(tmp_path / "laptop")
