"""Vertex AI's jobs: a registered runner does them; without one they fail and say so."""

from typing import Any

from sandbox.api import generic, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError

Values = dict[str, Any]

_ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


def _create(kind: str) -> Any:
    def create(call: Call) -> Values:
        with call.resources.writing:
            made = generic.create(call)
        call.facade.operations.start(made["name"], "", lambda: _run(call, kind, made["name"]))
        return made

    return create


def _run(call: Call, kind: str, name: str) -> Values:
    runner = call.facade.runners.get(kind)
    begun = call.get(name) | {"state": "JOB_STATE_RUNNING", "startTime": stamping.now()}
    call.resources.replace(call.api, name, begun)
    try:
        if runner is None:
            raise ApiError(501, f"SANDBOX: nothing that runs a {kind.replace('_', ' ')} is registered here")
        end: Values = {"state": "JOB_STATE_SUCCEEDED"} | runner(begun)
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
    f"{_PLACE}batchPredictionJobs.create": _create("batch_prediction"),
    f"{_PLACE}customJobs.cancel": _cancel,
    f"{_PLACE}batchPredictionJobs.cancel": _cancel,
    f"{_PLACE}pipelineJobs.cancel": _cancel,
}
