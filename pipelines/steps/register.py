"""Brings a model that has passed into Model Registry, with all that a reader of it needs."""

from __future__ import annotations

from typing import NamedTuple

from pipelines.artifacts import Report
from pipelines.flow import Flow
from pipelines.gate import Verdict
from pipelines.place import Place
from pipelines.services.evaluation import Evaluations
from pipelines.services.registry import Registry
from settings.problems import InvalidSettings, Problem


class Made(NamedTuple):
    version: Report


def run(
    *,
    model_digest: str,
    model_uri: str,
    decision: Report,
    evaluation: Report,
    trained: Report,
    validation: Report,
    sets: Report,
    run: str,
    commit: str,
    flow: Flow,
    place: Place,
    registry: Registry,
    evaluations: Evaluations,
) -> Made:
    """The new version with card, lineage and evaluation. A model that the gate has not let through is refused."""
    if decision["verdict"] != Verdict.PASS.name or decision["model"] != model_digest:
        raise InvalidSettings([Problem("registry", "the gate did not let this model through", "see the decision")])
    card = {
        "title": flow.title,
        "inputs": {name: flow.contract[name].model_dump(exclude_none=True) for name in flow.inputs},
        "label": flow.label,
        "parameters": trained["parameters"],
        "metrics": evaluation["metrics"],
        "slices": evaluation["slices"],
        "decision": decision,
        "statistics": validation["statistics"],
        "lineage": {"run": run, "commit": commit, "image": place.image, "source": flow.source, "sets": sets},
    }
    version = registry.upload(model_uri, model_digest, run, card)
    evaluations.attach(version.version, evaluation, place.uri(run, "split", "holdout.parquet"))
    return Made({"version": version.version, "digest": version.digest, "uri": version.uri, "run": run})
