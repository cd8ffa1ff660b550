"""Runs a submitted pipeline with kfp.local, in a process of its own: `pipeline_child.py JOB ROOT STATES LOG`.

Every task's beginning and end is a line of JSON in the file STATES; why one failed is its last line in LOG, to which
this process writes. The client sends the pipeline through a Struct, so
every number arrives as a float: whole ones are put back.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from kfp import components, local
from kfp.local import task_dispatcher

_WHOLE = {"parallelism", "maxRetryCount", "parallelismLimit"}


def main(job_file: str, root: str, states: str, log: str) -> None:
    """Run to the end; a failed task ends the process with its message."""
    job = json.loads(Path(job_file).read_text())
    _report(Path(states), Path(log))
    spec = _restored(job["pipelineSpec"])
    local.init(local.SubprocessRunner(use_venv=False), pipeline_root=root, raise_on_error=True)
    components.load_component_from_text(yaml.safe_dump(spec))(**_arguments(job, spec))


def _report(states: Path, log: Path) -> None:
    run = task_dispatcher.run_single_task_implementation

    def told(**fields: Any) -> None:
        with states.open("a") as file:
            file.write(json.dumps(fields | {"time": time.time()}) + "\n")

    def reported(*args: Any, **options: Any) -> Any:
        name = str(options.get("component_name") or args[1]).removeprefix("comp-")
        told(task=name, state="RUNNING")
        try:
            outputs, status = run(*args, **options)
        except BaseException as problem:
            told(task=name, state="FAILED", message=str(problem))
            raise
        if getattr(status, "name", str(status)) == "SUCCESS":
            told(task=name, state="SUCCEEDED")
        else:
            sys.stdout.flush()
            told(task=name, state="FAILED", message=_last_words(log))
        return outputs, status

    task_dispatcher.run_single_task_implementation = reported


def _last_words(log: Path) -> str:
    """What a task has said last: its lines are indented, and the runner's are not."""
    lines = log.read_text(errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.startswith("    ") and line.strip()), "")


def _restored(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: int(value) if key in _WHOLE else _restored(value) for key, value in node.items()}
    return [_restored(item) for item in node] if isinstance(node, list) else node


def _arguments(job: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    declared = spec["root"].get("inputDefinitions", {}).get("parameters", {})
    given = (job.get("runtimeConfig") or {}).get("parameterValues") or {}
    return {name: _value(value, declared.get(name, {}).get("parameterType", "")) for name, value in given.items()}


def _value(value: Any, kind: str) -> Any:
    if kind == "NUMBER_INTEGER":
        return int(value)
    if isinstance(value, list):
        return [_value(item, "") for item in value]
    if isinstance(value, dict):
        return {key: _value(item, "") for key, item in value.items()}
    whole = isinstance(value, float) and value.is_integer() and not kind
    return int(value) if whole else value


if __name__ == "__main__":
    main(*sys.argv[1:5])
