"""A team's pipelines as the orchestrators read them: written to a folder; and what there is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.artifacts import Report
from pipelines.flow import read_flow
from pipelines.graph import PIPELINES, graph
from pipelines.place import Place
from pipelines.served import FLOWS

BOTH = ("vertex", "composer")


def named(team: str, pipeline: str, version: str = "") -> str:
    """How the orchestrators call a pipeline of a team; a published DAG has the version in its name."""
    return "-".join([team, pipeline, *([version] if version else [])])


def compile_(
    place: Place,
    orchestrators: Sequence[str],
    out: Path,
    *,
    version: str = "",
    pipelines: Sequence[str] = (*PIPELINES,),
) -> list[Path]:
    """Writes the definitions; the same flow and image give the same bytes, whatever the environment."""
    flow, written = read_flow(place.team), list[Path]()
    for pipeline in pipelines:
        steps = {one.name: one for one in graph(features=place.feature_store is not None, pipeline=pipeline)}
        if "vertex" in orchestrators:
            from pipelines.vertex import compile_pipeline

            name = named(place.team, pipeline)
            compile_pipeline(flow, name, place.image, steps, out / f"{name}.yaml")
            written.append(out / f"{name}.yaml")
        if "composer" in orchestrators:
            from pipelines.composer import compile_dag

            name = named(place.team, pipeline, version)
            compile_dag(flow, name, place.team, place.image, steps, out / f"{name}.py")
            written += [out / f"{name}.py", out / f"{name}.graph.json"]
    return written


def checked(place: Place) -> int:
    """How many steps the pipeline has, once both orchestrators could be given everything of it."""
    with TemporaryDirectory() as folder:
        compile_(place, BOTH, Path(folder))
    return len(graph(features=place.feature_store is not None))


def listed() -> dict[str, Report]:
    """Pipelines by team, each with its title and the parameters that can be chosen."""
    flows = {path.parent.name: read_flow(path.parent.name) for path in sorted(FLOWS.glob("*/flow.yaml"))}
    return {name: {"title": flow.title, "parameters": flow.parameters.model_dump()} for name, flow in flows.items()}
