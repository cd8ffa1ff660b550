"""The graph without an orchestrator: every step in this process, in order. What the twins are compared with."""

from __future__ import annotations

from collections.abc import Callable

from pipelines.execute import Run, execute, told
from pipelines.gate import Verdict


def run_here(run: Run, report: Callable[[str], None]) -> Verdict:
    """The verdict of a run. `report` is told each step before it begins; steps after the gate need a PASS."""
    verdict = Verdict.PASS
    for name, step in run.steps.items():
        if step.after_gate and verdict is not Verdict.PASS:
            continue
        report(name)
        execute(run, name, run.inputs(step), run.outputs(step))
        if name == "decide":
            verdict = Verdict[told(run, "decide", "decision")["verdict"]]
    return verdict
