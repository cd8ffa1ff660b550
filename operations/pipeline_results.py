"""What came of runs at Google: asked of Vertex AI, where the runs themselves have recorded it."""

from __future__ import annotations

from operations.outcome import OperationFailed
from operations.pipeline_runs import records
from pipelines.artifacts import Report
from pipelines.execute import Run
from pipelines.gate import Verdict
from pipelines.place import Place
from pipelines.services import experiments, registry


def result(run: Run) -> Report:
    """Verdict, metrics and version of a run; of a promotion, the version that production has now."""
    if run.release:
        made = _version(run.place, run.release.run)
        return {
            "run": run.name,
            "status": "done",
            "exit_code": 0,
            "promotion": run.release.record() | {"version": made},
        }
    found = experiments.at(run.place).runs().get(run.name)
    if found is None:
        what = f"has no run '{run.name}'"
        raise OperationFailed(f"experiment {run.place.experiment}", what, "see the pipeline's track step")
    return recorded(run.place, run.name, found)


def listed(place: Place) -> list[Report]:
    """Runs, newest first."""
    if place.laptop:
        return records(place)
    return [recorded(place, name, one) for name, one in experiments.at(place).runs().items()]


def recorded(place: Place, name: str, found: Report) -> Report:
    """A run as its experiment has it."""
    facts = found["facts"]
    record = {
        "run": name,
        "status": "done",
        "orchestrator": "",
        "verdict": facts.get("verdict", ""),
        "commit": facts.get("commit", ""),
        "metrics": found["metrics"],
        "parameters": found["parameters"],
        "reasons": [],
        "exit_code": int(Verdict[facts["verdict"]]) if facts.get("verdict") else 1,
    }
    passed = facts.get("verdict") == Verdict.PASS.name
    return record | (
        {"version": {"version": _version(place, name), "digest": facts.get("model", "")}} if passed else {}
    )


def _version(place: Place, run: str) -> str:
    """The version that a run has registered."""
    known = [one.version for one in registry.at(place).versions() if one.run == run]
    if not known:
        raise OperationFailed(f"run {run}", "has registered no version", "see the pipeline's register step")
    return known[-1]
