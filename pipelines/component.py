"""What a component of the compiled pipeline calls, in the team's container."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines import release as decided
from pipelines.execute import Run, execute, told
from pipelines.place import Place


def component(
    step: str,
    run: str,
    place: str,
    commit: str,
    release: str,
    chosen: Mapping[str, Any],
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
) -> str:
    """Does a step with the files that Vertex AI Pipelines names; the gate's verdict where it is the gate."""
    it = Run(run, Place.told(place), chosen, commit, release=decided.told(release))
    execute(it, step, {key: Path(path) for key, path in inputs.items()}, {key: Path(p) for key, p in outputs.items()})
    return str(told(it, "decide", "decision")["verdict"]) if step == "decide" else ""
