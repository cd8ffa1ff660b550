"""Runs of a team's pipeline on this computer: started with one of the orchestrators, recorded, listed, compared."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from operations import airflow
from operations.outcome import Exit, OperationFailed
from operations.pipeline_compile import compile_, named
from pipelines.artifacts import Report, write_json
from pipelines.execute import Run, told
from pipelines.gate import Verdict
from pipelines.place import Place
from pipelines.release import Refused
from settings.problems import InvalidSettings, Problem, suggestion

Told = Callable[[str, float], None]
Work = Callable[[Run, Path, Told], None]
STAND_INS = "stand-ins of this computer: 'run' needs no estate"
SANDBOX = "the sandbox's Vertex AI and BigQuery; buckets are folders of this computer, as jobs mount them"
"""Who played Google's services in a run, and why."""


def start(run: Run, orchestrator: str, report: Told, *, by: str, work: Work | None = None) -> Report:
    """Runs the pipeline to its end and gives its record. A run of the same name continues where it had stopped.

    `work` does it; without one, the orchestrator of this computer. `by` is who starts it, or lets it go on: the record
    names who did so first, and beside them everybody who did so later.
    """
    begin = time.perf_counter()
    folder = run.place.file(run.place.uri(run.name))
    known = _read(folder / "record.json")
    facts = {"parameters": run.flow.parameters.model_dump(), "image": run.place.image}
    for key, value in facts.items():
        if known and known[key] != value:
            what = f"exists already with other {key}"
            raise InvalidSettings([Problem(f"run {run.name}", what, "choose another name")])
    first = known or {"by": by, "commit": run.commit}
    with _alone(folder, run.name):
        record: Report = facts | {
            "run": run.name,
            "pipeline": run.place.team,
            "environment": run.place.environment,
            "orchestrator": orchestrator,
            "commit": first["commit"],
            "by": first["by"],
            "also_by": sorted({*first.get("also_by", []), by} - {first["by"]}),
            "services": STAND_INS if run.place.stands_in else SANDBOX,
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "status": "running",
        }
        run.failure.unlink(missing_ok=True)
        write_json(folder / "record.json", record)
        try:
            (work or _ORCHESTRATED[orchestrator])(run, folder, report)
            stopped(run)
        except BaseException:
            write_json(folder / "record.json", record | {"status": "failed"})
            raise
        record |= {"status": "done", "steps": _steps(folder), "seconds": round(time.perf_counter() - begin, 2)}
        record |= changed(run) if run.release else judged(run)
        write_json(folder / "record.json", record)
    return record


def judged(run: Run) -> Report:
    """What came of a run: verdict, metrics, and the version where there is one."""
    verdict = told(run, "decide", "decision")
    passed = verdict["verdict"] == Verdict.PASS.name
    return {
        "verdict": verdict["verdict"],
        "reasons": verdict["reasons"],
        "metrics": told(run, "evaluate", "evaluation")["metrics"],
        "data": told(run, "split", "sets"),
        "exit_code": int(Verdict[verdict["verdict"]]),
        **({"version": told(run, "register", "version")} if passed else {}),
    }


def changed(run: Run) -> Report:
    """What came of a decision: the one report of its one step."""
    ((step, output),) = [(step.name, output) for step in run.steps.values() for output in step.outputs]
    return {output: told(run, step, output), "exit_code": 0}


def stopped(run: Run) -> None:
    """Says in our words what a step was stopped by, if it was."""
    if found := _read(run.failure):
        raise as_told(found)


def as_told(failure: Report) -> InvalidSettings | OperationFailed:
    """What a run has left about what stopped it, as the error that it was."""
    problems = [Problem(*problem) for problem in failure["problems"]]
    if failure["refused"]:
        return OperationFailed(problems[0].place, problems[0].text, problems[0].way_out, code=Exit.REFUSED)
    return InvalidSettings(problems)


def attempts_at(name: str) -> Iterator[str]:
    """What an orchestrator calls the attempts at a run: one that stopped goes on in the next, where it had stopped."""
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def going_on(run: Run) -> OperationFailed:
    """A run that has not ended is not started again."""
    return OperationFailed(f"run {run.name}", "is going on still", "wait for its end, or choose another name")


def records(place: Place) -> list[Report]:
    """All runs at a place, newest first."""
    folder = place.file(f"gs://{place.bucket}/runs")
    found = [_read(path) for path in folder.glob("*/record.json")]
    return sorted(filter(None, found), key=lambda one: (one["started"], one["run"]), reverse=True)


def record(place: Place, name: str) -> Report:
    """One run; InvalidSettings where there is none of that name."""
    return chosen_of(records(place), name)


def chosen_of(found: list[Report], name: str) -> Report:
    """The run of that name among these; InvalidSettings where there is none."""
    known = {one["run"]: one for one in found}
    if name not in known:
        way_out = suggestion(name, known, "see 'blueprint pipeline runs'")
        raise InvalidSettings([Problem("run", f"no run is called '{name}'", way_out)])
    return known[name]


def ranked(found: list[Report], names: list[str], metric: str, goal: str) -> tuple[list[Report], list[str]]:
    """These runs, or those of these names, from best to worst; and what nobody should guess: ties, missing metrics."""
    chosen = [chosen_of(found, name) for name in names] if names else found
    measured = [one for one in chosen if metric in one.get("metrics", {})]
    if not measured:
        raise InvalidSettings([Problem("compare", f"no run has the metric '{metric}'", "name another with --metric")])
    sign = -1 if goal == "maximize" else 1
    order = sorted(measured, key=lambda one: (sign * one["metrics"][metric], one["run"]))
    told_ = [f"{one['run']}: has no '{metric}' ({one['status']})" for one in chosen if one not in measured]
    best = [one["run"] for one in order if one["metrics"][metric] == order[0]["metrics"][metric]]
    if len(best) > 1:
        told_.append(f"{', '.join(best)}: share the best '{metric}'; nothing says which is better")
    return order, told_


def _read(path: Path) -> Report | None:
    found: Report | None = json.loads(path.read_text()) if path.exists() else None
    return found


def _steps(folder: Path) -> dict[str, Report]:
    found = [json.loads(path.read_text()) for path in folder.glob("*/done.json")]
    return {one["step"]: {key: one[key] for key in ("inputs", "outputs", "seconds")} for one in found}


@contextmanager
def _alone(folder: Path, name: str) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperationFailed(f"run {name}", "is going on in another process", "wait for its end") from None
        yield


def _inprocess(run: Run, folder: Path, report: Told) -> None:
    from pipelines.inprocess import run_here

    del folder
    begin = time.perf_counter()
    with suppress(Refused):  # which the run has noted
        run_here(run, lambda step: report(step, time.perf_counter() - begin))


def values(run: Run) -> Report:
    """What an orchestrator is told for a run: its facts, and the parameters that were chosen."""
    release = run.release.model_dump_json(exclude_none=True) if run.release else ""
    place = run.place.model_dump_json(exclude_none=True)
    return {"run": run.name, "place": place, "commit": run.commit, "release": release, **run.chosen}


def _vertex(run: Run, folder: Path, report: Told) -> None:
    (file,) = compile_(run.place, ["vertex"], folder, pipelines=[run.pipeline])
    arguments = folder / "arguments.json"
    write_json(arguments, values(run))
    words = [sys.executable, "-m", "operations.run_vertex", str(file), str(folder / ".kfp"), str(arguments)]
    _watched(run, words, dict(os.environ), folder, report)


def _composer(run: Run, folder: Path, report: Told) -> None:
    if not airflow.PROGRAM.exists():
        raise OperationFailed("airflow", "is not installed", "run 'make .venv/airflow'")
    compile_(run.place, ["composer"], folder / "dags", pipelines=[run.pipeline])
    home = Path(run.place.laptop.folder if run.place.laptop else folder) / "airflow"
    for words in airflow.test(home, named(run.place.team, run.pipeline), values(run)):
        _watched(run, words, airflow.environment(home, folder / "dags"), folder, report)


_ORCHESTRATED: dict[str, Work] = {
    "inprocess": _inprocess,
    "vertex": _vertex,
    "composer": _composer,
}


def tell(folder: Path, seen: set[str], begin: float, report: Told) -> None:
    """Reports the steps of a run's folder that have finished since the last time."""
    for step in [path.parent.name for path in folder.glob("*/done.json") if path.parent.name not in seen]:
        seen.add(step)
        report(step, time.perf_counter() - begin)


def _watched(run: Run, words: list[str], surroundings: dict[str, str], folder: Path, report: Told) -> None:
    """Runs an orchestrator's program, tells each step that it has finished, and says in our words why it ended."""
    log, seen, begin = folder / "orchestrator.log", set(_steps(folder)), time.perf_counter()
    with log.open("a") as file:
        process = subprocess.Popen(words, env=surroundings, stdout=file, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                time.sleep(0.05)
                tell(folder, seen, begin, report)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    stopped(run)
    if process.returncode:
        raise OperationFailed(f"run {run.name}", f"the orchestrator ended with {process.returncode}", f"see {log}")
