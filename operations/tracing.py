"""What happened at each step of a recorded run, and the same question again from one of its steps on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from operations.evaluations import Desk
from pipelines.genai import stepwise as steps
from pipelines.genai.evaluation import Run
from pipelines.genai.scoring import Scored
from settings.problems import InvalidSettings, Problem, suggestion


def traced(run: Run, item: str) -> list[dict[str, Any]]:
    """Every step of the first answer to an item: component, trace, what went in and what came out."""
    return _recorded(run, item).steps


def replayed(desk: Desk, run: Run, item: str, step: str) -> list[dict[str, Any]]:
    """The steps from one on, run again with what was recorded before it."""
    chain, one = desk.evaluation.chain, _recorded(run, item)
    names = list(chain.it.steps)
    if step not in names:
        raise InvalidSettings([Problem("--from", f"no step '{step}'", suggestion(step, names, "see the chain"))])
    passages = {p.id: asdict(p) for index in chain.indexes.values() for p in index.passages}
    before = {s["name"]: _whole(s["output"], passages) for s in one.steps if names.index(s["name"]) < names.index(step)}
    _, spans = chain.run({"question": one.question}, desk.writer, trace=f"{run.key} {item} again", recorded=before)
    return [asdict(span) for span in spans]


def stepwise(desk: Desk, run: Run) -> Iterator[str]:
    """Every step by itself over all items of a run, a line each."""
    for one in steps.stepwise(desk.evaluation, run):
        score = "" if one.score is None else f"{one.metric} {one.score:.3f}"
        yield f"{one.step:<12} {one.component:<34} {one.items:>6} {one.milliseconds:>8.2f} ms  {score}".rstrip()


def _recorded(run: Run, item: str) -> Scored:
    ids = [one.id for one in run.rows]
    if item not in ids:
        raise InvalidSettings(
            [Problem(f"run {run.key[:16]}", f"has no item '{item}'", suggestion(item, ids, "see it"))]
        )
    one = run.items[ids.index(item)]
    if not one.steps:
        raise InvalidSettings([Problem(f"run {run.key[:16]}", "was kept without its steps", "run it again")])
    return one


def _whole(output: Any, passages: Mapping[str, Any]) -> Any:
    """What a step gave: passages are kept by their ids, their texts stand in the index."""
    return [passages[id_] for id_ in output] if isinstance(output, list) else output
