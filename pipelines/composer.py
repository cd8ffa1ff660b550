"""The graph for Cloud Composer: the DAG file, and beside it the graph that it makes a DAG of."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from pipelines.artifacts import Report, write_json
from pipelines.flow import Flow
from pipelines.graph import Step
from pipelines.place import Place
from pipelines.services.jobs import request

DAG = Path(__file__).with_name("composer_dag.py")
RETRIES = 2


def compile_dag(flow: Flow, place: Place, steps: Mapping[str, Step], path: Path, *, python: str | None) -> None:
    """Writes the DAG file and its graph. `python` plays the container on this computer; None means Google."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path.with_name(f"{path.stem}.graph.json"), document(flow, place, steps, python=python))
    shutil.copyfile(DAG, path)


def document(flow: Flow, place: Place, steps: Mapping[str, Step], *, python: str | None) -> Report:
    """The graph with the custom job of every step, complete but for the run."""
    listed = [
        {
            "name": step.name,
            "before": step.before,
            "after_gate": step.after_gate,
            "inputs": {key: [it.step, it.output, it.kind] for key, it in step.inputs.items()},
            "outputs": step.outputs,
            "job": request(place, flow, step.name, "RUN", []),
        }
        for step in steps.values()
    ]
    return {
        "name": f"{place.team}-operational",
        "title": flow.title,
        "place": place.model_dump(exclude_none=True),
        "parameters": flow.parameters.model_dump(),
        "python": python,
        "retries": 0 if python else RETRIES,
        "steps": listed,
    }
