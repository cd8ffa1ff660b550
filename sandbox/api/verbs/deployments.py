"""Infrastructure Manager: deployments that a registered runner really applies."""

from typing import Any

from sandbox.api import checking, generic, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, exists

Values = dict[str, Any]

_MESSAGE = "google.cloud.config.v1.Deployment"
_NO_RUNNER = "SANDBOX: nothing that applies deployments is registered here"


def _create(call: Call) -> Values:
    checking.required(call.api, "Deployment", call.body)
    name = f"{call.name}/{generic.identity(call, 'deployments')}"
    body = stamping.written(call.api, "Deployment", call.body | {"name": name, "state": "CREATING"}, new=True)
    if call.resources.get(call.api, name):
        raise exists(name)
    call.resources.create(call.api, name, body)
    return _apply(call, name, body)


def _change(call: Call) -> Values:
    with call.resources.writing:
        body = call.get()
        if body.get("state") in ("CREATING", "UPDATING", "DELETING"):
            raise ApiError(409, f"{call.name} is locked by another operation.", "ABORTED")
        fields = [checking.camel(path.partition(".")[0]) for path in call.asked("updateMask").split(",") if path]
        changed = {key: value for key, value in call.body.items() if not fields or key in fields}
        body = call.resources.replace(call.api, call.name, body | changed | {"state": "UPDATING"})
    return _apply(call, call.name, body)


def _apply(call: Call, name: str, body: Values) -> Values:
    runner = call.facade.runners.get("deployment")

    def work() -> Values:
        failed = {"state": "FAILED", "errorCode": "REVISION_FAILED", "stateDetail": _NO_RUNNER}
        ended = {"state": "ACTIVE"} | runner(body) if runner else failed
        number = int(str(body.get("latestRevision", "/r--1")).rpartition("r-")[2]) + 1
        revision = f"{name}/revisions/r-{number}"
        told = {"name": revision, "state": "APPLIED" if ended["state"] == "ACTIVE" else "FAILED"}
        told |= {"createTime": stamping.now(), "stateDetail": ended.get("stateDetail", "")}
        call.resources.create(call.api, revision, told)
        done = body | ended | {"latestRevision": revision, "updateTime": stamping.now()}
        return call.resources.replace(call.api, name, done)

    metadata = {"@type": "type.googleapis.com/google.cloud.config.v1.OperationMetadata", "target": name}
    return call.facade.operations.start(name, _MESSAGE, work, metadata)


_DEPLOYMENTS = "config.projects.locations.deployments."
METHODS = {f"{_DEPLOYMENTS}create": _create, f"{_DEPLOYMENTS}patch": _change}
