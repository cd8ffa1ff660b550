"""Runs one step: the only place where files, services and the pure function of a step meet.

    python -m pipelines.execute STEP --run RUN --place JSON --parameters JSON

This is what the team's container does in every stage, whichever orchestrator has started it. A step that was finished
in the same run is not done again; a step that was killed has left nothing and starts anew.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import json
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from pipelines import release as decided
from pipelines.artifacts import Fitted, Report, file_digest, load, save, write_json
from pipelines.flow import Flow, query, read_flow
from pipelines.graph import JOBS, KINDS, SUFFIX, Step, graph, parameters
from pipelines.place import Place
from pipelines.release import Decision, Refused, Release, Retirement, Rollback, Trial
from pipelines.served import FLOWS
from settings.problems import InvalidSettings, Problem


@dataclass(frozen=True)
class Run:
    """One run of a flow at a place. `chosen` are the parameters that a person chose, `commit` is the code's."""

    name: str
    place: Place
    chosen: Mapping[str, Any]
    commit: str = "unknown"
    flows: Path = FLOWS
    inside: bool = False
    release: Decision | None = None

    @cached_property
    def flow(self) -> Flow:
        """The flow with the chosen parameters."""
        return read_flow(self.place.team, self.flows).chosen(dict(self.chosen))

    @property
    def pipeline(self) -> str:
        """The one that makes a model, or the one that does what was decided about it."""
        if self.release is None:
            return "operational"
        named = {Release: "promotion", Retirement: "retirement", Rollback: "rollback", Trial: "canary"}
        return named[type(self.release)]

    @cached_property
    def steps(self) -> dict[str, Step]:
        """The pipeline's graph at this place."""
        found = graph(features=self.place.feature_store is not None, pipeline=self.pipeline)
        return {step.name: step for step in found}

    @property
    def failure(self) -> Path:
        """What stopped the run, if it was its input."""
        return self.place.file(self.place.failure(self.name))

    def path(self, step: str, output: str, kind: str) -> Path:
        """Where an output is kept if the orchestrator does not say."""
        return self.place.file(self.place.uri(self.name, step, f"{output}.{SUFFIX[kind]}"))

    def inputs(self, step: Step) -> dict[str, Path]:
        return {key: self.path(it.step, it.output, it.kind) for key, it in step.inputs.items()}

    def outputs(self, step: Step) -> dict[str, Path]:
        return {key: self.path(step.name, key, kind) for key, kind in step.outputs.items()}


def execute(run: Run, name: str, inputs: Mapping[str, Path], outputs: Mapping[str, Path]) -> None:
    """Does a step, unless it is done: from the files of its inputs to the files of its outputs.

    What is wrong with its input is written down, too, for whoever has started the orchestrator; what this step had left
    there in an attempt before goes.
    """
    if step_of(run.failure) == name:
        run.failure.unlink(missing_ok=True)
    try:
        _execute(run, name, inputs, outputs)
    except InvalidSettings as error:
        problems = [astuple(problem) for problem in error.problems]
        write_json(run.failure, {"step": name, "refused": isinstance(error, Refused), "problems": problems})
        raise


def step_of(failure: Path) -> str:
    """The step that a run was stopped in by its input; empty where none was."""
    return str(json.loads(failure.read_text())["step"]) if failure.exists() else ""


def _execute(run: Run, name: str, inputs: Mapping[str, Path], outputs: Mapping[str, Path]) -> None:
    step = run.steps[name]
    lost = [key for key, path in inputs.items() if not path.exists()]
    if lost:
        raise InvalidSettings([Problem(f"step {name}", f"input '{lost[0]}' is not there", "run the steps before it")])
    digests = {key: file_digest(path) for key, path in inputs.items()}
    done = run.place.file(run.place.uri(run.name, name)) / "done.json"
    key = _key(run, name, digests)
    if not _finished(done, key, step, run):
        begin = time.perf_counter()
        work = partial(_work, run, step, inputs, digests)
        _as_job(run, name, work) if name in JOBS and not run.inside else work()
        made = {output: file_digest(path) for output, path in run.outputs(step).items()}
        seconds = round(time.perf_counter() - begin, 3)
        write_json(done, {"step": name, "key": key, "inputs": digests, "outputs": made, "seconds": seconds})
    for output, path in run.outputs(step).items():
        if outputs[output] != path:
            outputs[output].parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, outputs[output])


def _key(run: Run, name: str, digests: Mapping[str, str]) -> str:
    facts = [name, run.flow.model_dump(mode="json"), digests, run.place.image, run.release and run.release.record()]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _finished(done: Path, key: str, step: Step, run: Run) -> bool:
    if not done.exists():
        return False
    told = json.loads(done.read_text())
    paths = run.outputs(step)
    return told["key"] == key and all(p.exists() and file_digest(p) == told["outputs"][o] for o, p in paths.items())


def _as_job(run: Run, name: str, work: partial[None]) -> None:
    from pipelines.services import jobs

    asked = jobs.request(run.place, run.flow, name, run.name, ["--inside", *arguments(run)])
    jobs.at(run.place).run(asked, work)


def arguments(run: Run) -> list[str]:
    """What a step's process is told, apart from the step."""
    place = run.place.model_dump_json(exclude_none=True)
    chosen = json.dumps(dict(run.chosen))
    words = ["--run", run.name, "--place", place, "--parameters", chosen, "--commit", run.commit]
    return words + (["--release", run.release.model_dump_json(exclude_none=True)] if run.release else [])


def _work(run: Run, step: Step, inputs: Mapping[str, Path], digests: Mapping[str, str]) -> None:
    given = {}
    for key, type_ in parameters(step.name).items():
        given[key] = load(type_, inputs[key]) if type_ in KINDS else _told(run, key, type_, digests)
    made = step.run(**given)
    for key, path in run.outputs(step).items():
        save(getattr(made, key), path)


def _told(run: Run, key: str, type_: Any, digests: Mapping[str, str]) -> Any:
    """What a step is given apart from artifacts: facts of the run, or a service of the place."""
    facts: dict[str, Callable[[], Any]] = {
        "flow": lambda: run.flow,
        "place": lambda: run.place,
        "run": lambda: run.name,
        "commit": lambda: run.commit,
        "release": lambda: run.release,
        "arguments": lambda: arguments(run),
        "sql": lambda: query(run.place.team, run.flows),
        "model_uri": lambda: run.place.uri(run.name, "train", "model.pickle"),
        "model_digest": lambda: digests.get("model") or _digest_of_model(run),
    }
    if key in facts:
        return facts[key]()
    at = sys.modules[type_.__module__].at
    return at(**{name: facts[name]() for name in inspect.signature(at).parameters})


def _digest_of_model(run: Run) -> str:
    return file_digest(run.path("train", "model", KINDS[Fitted]))


def trial(run: Run, words: Sequence[str]) -> None:
    """One trial of the tuning job: its point comes as a word, its metric goes where Google looks for it."""
    from pipelines.services.tuning import POINT, report
    from pipelines.steps import tune

    (point,) = [json.loads(word.removeprefix(f"--{POINT}=")) for word in words]
    training = load(parameters("tune")["training"], run.inputs(run.steps["tune"])["training"])
    report(run.flow.tuning.metric, tune.trial(training, run.flow, point))


def told(run: Run, step: str, output: str) -> Report:
    """A report that a finished step of a run has made."""
    report: Report = load(dict, run.path(step, output, "report"))
    return report


def main(words: list[str] | None = None) -> int:
    """Runs a step as a process of its own; bad input is told in sentences and ends with 2."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.execute")
    parser.add_argument("step")
    for option in ("--run", "--place", "--parameters"):
        parser.add_argument(option, required=True)
    parser.add_argument("--commit", default="unknown")
    parser.add_argument("--release", default="", help="what was decided about a model, as JSON")
    parser.add_argument("--inside", action="store_true", help="this is the step's job already: submit no other")
    parser.add_argument("--trial", action="store_true", help="this is a trial of the step's tuning job")
    parser.add_argument("--flows", type=Path, default=FLOWS)
    given, more = parser.parse_known_args(words)
    if more and not given.trial:
        parser.error(f"unknown words: {' '.join(more)}")
    try:
        run = _run_of(given)
        if given.step not in run.steps:
            raise InvalidSettings([Problem("step", f"no step is called '{given.step}'", f"there are {[*run.steps]}")])
        step = run.steps[given.step]
        if given.trial:
            trial(run, more)
            return 0
        execute(run, given.step, run.inputs(step), run.outputs(step))
    except InvalidSettings as error:
        print(error, file=sys.stderr)
        return 4 if isinstance(error, Refused) else 2
    return 0


def _run_of(given: argparse.Namespace) -> Run:
    try:
        place, release = Place.told(given.place), decided.told(given.release)
        chosen = json.loads(given.parameters)
    except json.JSONDecodeError as error:
        problem = Problem("--place, --parameters or --release", f"is no JSON ({error})", "write a JSON object")
        raise InvalidSettings([problem]) from None
    return Run(given.run, place, chosen, given.commit, given.flows, given.inside, release)


if __name__ == "__main__":
    sys.exit(main())
