"""The bill of materials of a release: every part by its hash, in bytes that are the same wherever they are made.

`releases/<name>/` holds `release.lock` and `evidence/`, the evaluation run that the release was let through with; the
next candidate is compared with it. Promotion moves the lock and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.genai import evaluation as evaluations
from pipelines.genai import lines
from pipelines.genai.assets import Assets
from pipelines.genai.evaluation import Evaluation, Run
from pipelines.genai.functions import schema
from settings.problems import InvalidSettings, Problem

LOCK, EVIDENCE = "release.lock", "evidence"
FORMAT = 1


def folder(assets: Assets, name: str) -> Path:
    """Where the release of a name lies."""
    return assets.folder / "releases" / name


def lock(evaluation: Evaluation, run: Run, *, image: str | None) -> dict[str, Any]:
    """The lock of what was evaluated. No chain has an adapter: a tuned model is a model that a prompt names."""
    prompts = list(evaluation.chain.prompts.values())
    asked = evaluation.asked(prompts)
    return {
        "format": FORMAT,
        "name": evaluation.name,
        "chain": {"name": evaluation.chain.name, "version": evaluation.chain.version},
        "prompts": {prompt.name: prompt.version for prompt in prompts},
        "models": {
            prompt.name: {"id": prompt.it.model, "version": prompt.it.model_version, **asked[prompt.name]}
            for prompt in prompts
        },
        "indexes": {index.name: index.version for index in evaluation.chain.indexes.values()},
        "adapter": None,
        "tools": {
            step.function: lines.digest({"inputs": step.inputs, "schema": schema(step.function)})
            for step in evaluation.chain.it.steps.values()
            if step.function
        }
        | {tool.name: tool.version for tool in evaluation.chain.tools.values()},
        "guardrails": {prompt.name: lines.digest(prompt.it.model_dump(mode="json")["safety"]) for prompt in prompts},
        "golden": {"name": evaluation.golden.name, "content": evaluation.golden.content},
        "evaluation": {"version": run.evaluation, "run": run.key, "label": run.label, "evidence": _evidence(run)},
        "image": image,
    }


def as_bytes(document: dict[str, Any]) -> bytes:
    """The bytes of a lock: sorted, one line a value, the same everywhere."""
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def evidence(run: Run) -> str:
    """The run as it is kept with the release: answers and scores, without steps and times."""
    kept = (
        one.model_copy(update={"steps": [], "scores": {m: v for m, v in one.scores.items() if m != "latency_ms"}})
        for one in run.items
    )
    return lines.written(kept)


def released(assets: Assets, name: str) -> Run:
    """The run that the release was let through with. Raises InvalidSettings where there is no release."""
    place = folder(assets, name) / EVIDENCE
    if not place.exists():
        way_out = f"run 'blueprint release build {name}' for the first one"
        raise InvalidSettings([Problem(f"releases/{name}", "there is no release to compare with", way_out)])
    return evaluations.load(place)


def read_lock(path: Path) -> dict[str, Any]:
    """The lock of a file. Raises InvalidSettings where it is none."""
    try:
        document = json.loads(lines.text(path))
    except ValueError as error:
        raise InvalidSettings([Problem(str(path), f"is not JSON ({error})", "build the release again")]) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InvalidSettings([Problem(str(path), "is no release lock of this format", "build the release again")])
    return document


def differences(found: dict[str, Any], written: dict[str, Any], place: str = "release.lock") -> Iterator[Problem]:
    """Every part that is not what the lock says, named by its key."""
    for key in sorted(found.keys() | written.keys()):
        now, then = found.get(key), written.get(key)
        if isinstance(now, dict) and isinstance(then, dict):
            yield from differences(now, then, f"{place}.{key}")
        elif now != then:
            yield Problem(
                f"{place}.{key}", f"is {_short(now)}, locked is {_short(then)}", "release again, or restore it"
            )


def _evidence(run: Run) -> str:
    return hashlib.sha256(evidence(run).encode()).hexdigest()


def _short(value: Any) -> str:
    text = str(value)
    return text[:16] if len(text) == 64 else text
