"""The graph for Vertex AI Pipelines: compiled once to a file that Google and this computer run alike."""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from kfp import compiler, dsl

from pipelines.flow import Flow, Parameters
from pipelines.graph import Step, by_itself

ARTIFACTS = {"frame": "Dataset", "report": "Artifact", "model": "Model"}
FACTS = ("run", "place", "commit", "release")
"""What every step is told beside the chosen parameters; texts."""
TYPES: dict[Any, str] = {int: "int", float: "float"}


def compile_pipeline(flow: Flow, name: str, image: str, steps: Mapping[str, Step], path: Path) -> None:
    """Writes the pipeline. It holds no value of an environment: these are parameters, and the image is a digest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pipeline = dsl.pipeline(_graph(flow, image, steps), name=name, description=flow.title)
    compiler.Compiler().compile(pipeline, str(path))


def chosen_types() -> dict[str, str]:
    """Names and types of what a person may choose."""
    return {name: TYPES.get(field.annotation, "str") for name, field in Parameters.model_fields.items()}


def component_source(step: Step) -> str:
    """The function of a step's component. Its body is one call into the image, where all code is."""
    inputs = [f"{key}: dsl.Input[dsl.{ARTIFACTS[it.kind]}]" for key, it in step.inputs.items()]
    outputs = [f"made_{key}: dsl.Output[dsl.{ARTIFACTS[kind]}]" for key, kind in step.outputs.items()]
    told = [f"{name}: str" for name in FACTS] + [f"{name}: {type_}" for name, type_ in chosen_types().items()]
    chosen, facts = ", ".join(f"{name!r}: {name}" for name in chosen_types()), ", ".join(FACTS)
    given = ", ".join(f"{key!r}: {key}.path" for key in step.inputs)
    made = ", ".join(f"{key!r}: made_{key}.path" for key in step.outputs)
    lines = [
        f"def {step.name}({', '.join(told + inputs + outputs)}){' -> str' if step.name == 'decide' else ''}:",
        "    from pipelines.component import component",
        "",
        f"    verdict = component({step.name!r}, {facts}, {{{chosen}}}, {{{given}}}, {{{made}}})",
        *(["    return verdict"] if step.name == "decide" else []),
    ]
    return "\n".join(lines) + "\n"


def _component(step: Step, image: str) -> Any:
    source, name = component_source(step), f"<step {step.name}>"
    # kfp copies the source of the function into the file; it looks for it where Python looks for lines of code.
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    made: dict[str, Any] = {"dsl": dsl}
    exec(compile(source, name, "exec", dont_inherit=True), made)
    return dsl.component(made[step.name], base_image=image, install_kfp_package=False)


def _graph(flow: Flow, image: str, steps: Mapping[str, Step]) -> Callable[..., None]:
    types = dict.fromkeys(FACTS, str) | {name: type(value) for name, value in flow.parameters.model_dump().items()}
    defaults = {name: "" if name == "release" else inspect.Parameter.empty for name in FACTS}
    defaults |= flow.parameters.model_dump()

    def pipeline(*values: Any) -> None:
        given, tasks = dict(zip(types, values, strict=True)), dict[str, Any]()
        if by_itself(steps):
            given["run"] = dsl.PIPELINE_JOB_NAME_PLACEHOLDER
        for step in (step for step in steps.values() if not step.after_gate):
            tasks[step.name] = _task(step, image, given, tasks)
        if "decide" in tasks:
            with dsl.If(tasks["decide"].outputs["Output"] == "PASS", name="gate"):
                for step in (step for step in steps.values() if step.after_gate):
                    tasks[step.name] = _task(step, image, given, tasks)

    kind, signed = inspect.Parameter.POSITIONAL_OR_KEYWORD, cast(Any, pipeline)
    signed.__signature__ = inspect.Signature(
        [inspect.Parameter(name, kind, annotation=type_, default=defaults[name]) for name, type_ in types.items()]
    )
    return pipeline


def _task(step: Step, image: str, given: Mapping[str, Any], tasks: Mapping[str, Any]) -> Any:
    inputs = {key: tasks[it.step].outputs[f"made_{it.output}"] for key, it in step.inputs.items()}
    return _component(step, image)(**given, **inputs).set_display_name(step.name)
