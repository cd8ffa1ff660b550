"""Vertex AI's jobs: a registered runner does them; without one they fail and say so."""

from typing import Any

from sandbox.api import access, generic, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError
from sandbox.api.verbs import models

Values = dict[str, Any]

BATCH = "batch_prediction"
_LABEL = {"sandbox": "stand-in"}
_ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


def _create(kind: str) -> Any:
    def create(call: Call) -> Values:
        spec = call.body.get("jobSpec") or call.body.get("trialJobSpec") or call.body
        access.act_as(call, str(spec.get("serviceAccount") or ""))
        with call.resources.writing:
            made = generic.create(call)
        call.facade.operations.start(made["name"], "", lambda: _run(call, kind, made["name"]))
        return made

    return create


def _run(call: Call, kind: str, name: str) -> Values:
    runner = call.facade.runners.get(kind)
    with call.resources.writing:
        if (told := call.get(name))["state"].endswith(_ENDED):
            return {}
        begun = told | {"state": "JOB_STATE_RUNNING", "startTime": stamping.now()}
        call.resources.replace(call.api, name, begun)
    try:
        if runner is None:
            raise ApiError(501, f"SANDBOX: nothing that runs a {kind.replace('_', ' ')} is registered here")
        asked = begun | ({"registered": models.version(call, str(begun.get("model")))} if kind == BATCH else {})
        end: Values = {"state": "JOB_STATE_SUCCEEDED", "labels": (begun.get("labels") or {}) | _LABEL} | runner(asked)
    except Exception as problem:
        end = {"state": "JOB_STATE_FAILED", "error": {"code": 13, "message": str(problem)}}
    with call.resources.writing:
        if not call.get(name)["state"].endswith(_ENDED):
            call.resources.replace(call.api, name, begun | end | {"endTime": stamping.now()})
    return {}


def _cancel(call: Call) -> Values:
    with call.resources.writing:
        job = call.get()
        if not job["state"].endswith(_ENDED):
            prefix = job["state"].partition("_STATE_")[0]
            end = {"state": f"{prefix}_STATE_CANCELLED", "endTime": stamping.now()}
            call.resources.replace(call.api, call.name, job | end)
    return {}


_PLACE = "aiplatform.projects.locations."
METHODS = {
    f"{_PLACE}customJobs.create": _create("custom_job"),
    f"{_PLACE}batchPredictionJobs.create": _create(BATCH),
    f"{_PLACE}hyperparameterTuningJobs.create": _create("tuning_job"),
    f"{_PLACE}hyperparameterTuningJobs.cancel": _cancel,
    f"{_PLACE}customJobs.cancel": _cancel,
    f"{_PLACE}batchPredictionJobs.cancel": _cancel,
    f"{_PLACE}pipelineJobs.cancel": _cancel,
}
