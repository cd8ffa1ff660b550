"""The graph for Cloud Composer: the DAG file, and beside it the graph that it makes a DAG of."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from pipelines.artifacts import Report, write_json
from pipelines.flow import Flow
from pipelines.graph import Step, by_itself
from pipelines.place import Place
from pipelines.services.jobs import request

DAG = Path(__file__).with_name("composer_dag.py")
RETRIES = 2


def compile_dag(flow: Flow, name: str, team: str, image: str, steps: Mapping[str, Step], path: Path) -> None:
    """Writes the DAG file and its graph. They hold no value of an environment; a run brings its place along."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path.with_suffix(".graph.json"), document(flow, name, _anywhere(team, image), steps))
    shutil.copyfile(DAG, path)


def document(flow: Flow, name: str, anywhere: Place, steps: Mapping[str, Step]) -> Report:
    """The graph with the custom job of every step, complete but for the run and its place."""
    listed = [
        {
            "name": step.name,
            "before": step.before,
            "after_gate": step.after_gate,
            "inputs": {key: [it.step, it.output, it.kind] for key, it in step.inputs.items()},
            "outputs": step.outputs,
            "job": request(anywhere, flow, step.name, "$(run)", []),
        }
        for step in steps.values()
    ]
    return {
        "name": name,
        "title": flow.title,
        "team": anywhere.team,
        "parameters": flow.parameters.model_dump(),
        "retries": RETRIES,
        "every_minutes": flow.serving.canary.look_every_minutes if by_itself(steps) else None,
        "steps": listed,
    }


def scheduled(graph: Report, name: str, facts: Report) -> Report:
    """The graph under another name, with all that its runs have to be told; Airflow then starts them by itself."""
    return graph | {"name": name, "facts": facts}


def _anywhere(team: str, image: str) -> Place:
    """A place whose values are words like $(bucket), which the DAG replaces by those of a run's place."""
    words: Report = {name: f"$({name})" for name in Place.model_fields}
    return Place.model_construct(**words | {"team": team, "image": image, "labels": {}, "laptop": None})
