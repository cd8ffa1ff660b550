"""What came of runs at Google: asked of Vertex AI, where the runs themselves have recorded it."""

from __future__ import annotations

from operations.outcome import OperationFailed
from operations.pipeline_runs import record, records
from pipelines.artifacts import Report
from pipelines.execute import Run
from pipelines.gate import Verdict
from pipelines.place import Place
from pipelines.release import Release, Retirement, Rollback
from pipelines.services import endpoints, experiments, registry
from settings.problems import InvalidSettings, Problem, suggestion


def result(run: Run) -> Report:
    """Verdict, metrics and version of a run; of a promotion, the version that production has now."""
    if isinstance(run.release, Retirement):
        (kept,) = [one for one in registry.at(run.place).versions() if one.version == run.release.retire]
        facts = {"version": kept.version, "digest": kept.digest, "run": kept.run, "retired": kept.retired}
        return {"run": run.name, "status": "done", "exit_code": 0, "retirement": run.release.record() | facts}
    if isinstance(run.release, Rollback):
        now = endpoints.at(run.place, run.flow).traffic()
        return {"run": run.name, "status": "done", "exit_code": 0, "rollback": run.release.record() | {"to": now}}
    if isinstance(run.release, Release):
        made = _version(run.place, run.release.run)
        return {
            "run": run.name,
            "status": "done",
            "exit_code": 0,
            "promotion": run.release.record() | {"version": made},
        }
    return run_of(run.place, run.name)


def listed(place: Place, *, asked: bool = False) -> list[Report]:
    """Runs, newest first; those of this computer by their records, unless Vertex AI is to be `asked`."""
    if place.laptop and not asked:
        return records(place)
    return [recorded(place, name, one) for name, one in experiments.at(place).runs().items()]


def run_of(place: Place, name: str) -> Report:
    """What is known of one run; InvalidSettings where there is none of that name."""
    if place.laptop:
        return record(place, name)
    known = experiments.at(place).runs()
    if name not in known:
        way_out = suggestion(name, known, "see 'blueprint pipeline runs'")
        raise InvalidSettings([Problem(f"experiment {place.experiment}", f"no run is called '{name}'", way_out)])
    return recorded(place, name, known[name])


def recorded(place: Place, name: str, found: Report) -> Report:
    """A run as its experiment has it; one that has passed is done once its last step was."""
    facts, passed = found["facts"], found["facts"].get("verdict") == Verdict.PASS.name
    told = {
        "run": name,
        "status": "done" if found["ended"] else "unfinished",
        "orchestrator": "",
        "verdict": facts.get("verdict", ""),
        "commit": facts.get("commit", ""),
        "metrics": found["metrics"],
        "parameters": found["parameters"],
        "reasons": [],
        "exit_code": int(Verdict[facts["verdict"]]) if found["ended"] and facts.get("verdict") else 1,
    }
    if not (passed and found["ended"]):
        return told
    return told | {"version": {"version": _version(place, name), "digest": facts.get("model", "")}}


def _version(place: Place, run: str) -> str:
    """The version that a run has registered."""
    known = [one.version for one in registry.at(place).versions() if one.run == run]
    if not known:
        raise OperationFailed(f"run {run}", "has registered no version", "see the pipeline's register step")
    return known[-1]
