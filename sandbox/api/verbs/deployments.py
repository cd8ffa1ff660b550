"""Infrastructure Manager: deployments and previews that a registered runner really carries out."""

import secrets
from typing import Any

from sandbox.api import access, checking, generic, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, denied, exists
from sandbox.errors import SandboxError
from sandbox.physics.world import World

Values = dict[str, Any]

_MESSAGE = "google.cloud.config.v1."
_LOCK, _LOCKED, _WHO = "_lock", "_locked", "_who"
_BUSY = ("CREATING", "UPDATING", "DELETING")
_NO_RUNNER = "SANDBOX: nothing that applies deployments is registered here"


def _create(call: Call) -> Values:
    checking.required(call.api, "Deployment", call.body)
    _work_as(call, call.body)
    name = f"{call.name}/{generic.identity(call, 'deployments')}"
    body = stamping.written(call.api, "Deployment", call.body | {"name": name, "state": "CREATING"}, new=True)
    with call.resources.writing:
        if call.resources.get(call.api, name):
            raise exists(name)
        call.resources.create(call.api, name, body)
    return _apply(call, name, body, "CREATE")


def _change(call: Call) -> Values:
    with call.resources.writing:
        body = _idle(call)
        fields = [checking.camel(path.partition(".")[0]) for path in call.asked("updateMask").split(",") if path]
        fixed = {key for key, line in call.api.properties("Deployment").items() if line.get("readOnly")} | {"name"}
        given = {key: value for key, value in call.body.items() if key not in fixed}
        changed = {key: value for key, value in given.items() if not fields or key in fields}
        _work_as(call, body | changed)
        begun = body | changed | {"state": "UPDATING"}
        body = call.resources.replace(call.api, call.name, _without(begun, "errorCode", "tfErrors", "stateDetail"))
    return _apply(call, call.name, body, "UPDATE")


def _delete(call: Call) -> Values:
    """Take down what was made, unless the caller abandons it; what cannot be deleted keeps the deployment."""
    with call.resources.writing:
        body = call.resources.replace(call.api, call.name, _idle(call) | {"state": "DELETING"})
    abandoned = call.asked("deletePolicy") == "ABANDON"

    def work() -> Values:
        ended = {} if abandoned else _run(call, "deployment", body)
        if ended.get("state") == "FAILED":
            return call.resources.replace(call.api, call.name, body | _without(ended, "revision", "resources"))
        call.resources.delete(call.api, call.name)
        return body | {"state": "DELETED"}

    return call.facade.operations.start(call.name, f"{_MESSAGE}Deployment", work, _metadata(call.name))


def _work_as(call: Call, body: Values) -> None:
    """Refuse an account that is not there, or that the caller may not let work."""
    account = str(body.get("serviceAccount") or "")
    access.act_as(call, account)
    if not World(call.store).has("google_service_account", account):
        raise denied("iam.serviceAccounts.actAs", account, "it may not exist")


def _idle(call: Call) -> Values:
    body = call.get()
    if body.get("state") in _BUSY or body.get("lockState") == "LOCKED":
        raise ApiError(409, f"{call.name} is locked by another operation.", "ABORTED")
    return body


def _apply(call: Call, name: str, body: Values, action: str) -> Values:
    def work() -> Values:
        number = int(str(body.get("latestRevision", "/r--1")).rpartition("r-")[2]) + 1
        revision = f"{name}/revisions/r-{number}"
        begun = {"name": revision, "action": action, "state": "APPLYING", "createTime": stamping.now()}
        begun |= {key: body[key] for key in ("terraformBlueprint", "serviceAccount") if key in body}
        call.resources.create(call.api, revision, begun)
        ended = _run(call, "deployment", body | {"latestRevision": revision})
        _revise(call, begun, ended)
        kept = _without(ended, "revision", "resources")
        done = body | {"state": "ACTIVE"} | kept | {"latestRevision": revision, "updateTime": stamping.now()}
        return call.resources.replace(call.api, name, done)

    return call.facade.operations.start(name, f"{_MESSAGE}Deployment", work, _metadata(name))


def _run(call: Call, kind: str, body: Values) -> Values:
    """What the runner says; whatever goes wrong is a failure of this deployment, with the reason."""
    runner = call.facade.runners.get(kind)
    if runner is None:
        return {"state": "FAILED", "errorCode": "REVISION_FAILED", "stateDetail": _NO_RUNNER}
    try:
        return runner(body)
    except (SandboxError, OSError, ValueError) as problem:
        return {"state": "FAILED", "errorCode": "REVISION_FAILED", "stateDetail": f"SANDBOX: {problem}"}


def _revise(call: Call, begun: Values, ended: Values) -> None:
    """Remember what this apply made, in place of what was told while it ran."""
    revision, good = begun["name"], ended.get("state", "ACTIVE") == "ACTIVE"
    told = begun | {"state": "APPLIED" if good else "FAILED", "stateDetail": ended.get("stateDetail", "")}
    told |= {"updateTime": stamping.now()} | ended.get("revision", {})
    for name, _ in list(call.resources.below(call.api, revision, "resources")):
        call.resources.delete(call.api, name)
    intent = "CREATE" if begun["action"] == "CREATE" else "UPDATE"
    for number, line in enumerate(ended.get("resources", [])):
        name, state = f"{revision}/resources/{number:04}", "RECONCILED" if good else "FAILED"
        call.resources.replace(call.api, name, {"name": name, "terraformInfo": line, "state": state, "intent": intent})
    call.resources.replace(call.api, revision, told)


def _preview(call: Call) -> Values:
    """What an apply would do, kept as changes of resources."""
    of = call.resources.get(call.api, str(call.body.get("deployment"))) if call.body.get("deployment") else None
    _work_as(call, (of or {}) | call.body)
    with call.resources.writing:
        name = f"{call.name}/{generic.identity(call, 'previews')}"
        body = stamping.written(call.api, "Preview", call.body | {"name": name, "state": "CREATING"}, new=True)
        call.resources.create(call.api, name, body)

    def work() -> Values:
        ended = _run(call, "preview", (of or {}) | body | {"name": name})
        for number, line in enumerate(ended.get("changes", [])):
            change = f"{name}/resourceChanges/{number:04}"
            call.resources.create(call.api, change, {"name": change} | line)
        done = _without(body | ended, "changes")
        if done["state"] == "FAILED":
            done["errorCode"] = "PREVIEW_BUILD_RUN_FAILED"
        return call.resources.replace(call.api, name, done)

    return call.facade.operations.start(name, f"{_MESSAGE}Preview", work, _metadata(name))


def _lock(call: Call) -> Values:
    """Keep everybody from changing a deployment until it is unlocked with the id of this lock."""
    with call.resources.writing:
        body = _idle(call) | {"lockState": "LOCKED", _LOCK: str(secrets.randbelow(10**15)), _LOCKED: stamping.now()}
        body[_WHO] = call.principal
        call.resources.replace(call.api, call.name, body)
    return call.operation(stamping.shown(call.api, "Deployment", body), f"{_MESSAGE}Deployment")


def _lock_info(call: Call) -> Values:
    body = call.get()
    if body.get("lockState") != "LOCKED":
        raise ApiError(400, f"{call.name} is not locked.", "FAILED_PRECONDITION")
    return {"lockId": body[_LOCK], "who": body[_WHO], "createTime": body[_LOCKED], "operation": "LOCK"}


def _unlock(call: Call) -> Values:
    with call.resources.writing:
        body = call.get()
        if str(call.body.get("lockId")) != body.get(_LOCK):
            raise ApiError(400, f"{call.name} is not locked by {call.body.get('lockId')}.", "FAILED_PRECONDITION")
        body = _without(body, _LOCK, _LOCKED, _WHO) | {"lockState": "UNLOCKED"}
        call.resources.replace(call.api, call.name, body)
    return call.operation(stamping.shown(call.api, "Deployment", body), f"{_MESSAGE}Deployment")


def _metadata(name: str) -> Values:
    return {"@type": f"type.googleapis.com/{_MESSAGE}OperationMetadata", "target": name}


def _without(body: Values, *keys: str) -> Values:
    return {key: value for key, value in body.items() if key not in keys}


_PLACE = "config.projects.locations."
METHODS = {
    f"{_PLACE}deployments.create": _create,
    f"{_PLACE}deployments.patch": _change,
    f"{_PLACE}deployments.delete": _delete,
    f"{_PLACE}deployments.exportLock": _lock_info,
    f"{_PLACE}deployments.lock": _lock,
    f"{_PLACE}deployments.unlock": _unlock,
    f"{_PLACE}previews.create": _preview,
}
