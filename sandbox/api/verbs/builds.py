"""Cloud Build: builds that a registered runner really runs, triggers, and approvals."""

import uuid
from typing import Any

from sandbox.api import access, generic, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError
from sandbox.git_host.checks import reporting

Values = dict[str, Any]

_METADATA = "type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata"
_NO_RUNNER = "SANDBOX: nothing that runs builds is registered here"


def _create(call: Call) -> Values:
    access.act_as(call, str(call.body.get("serviceAccount") or ""))
    return _begin(call, call.name.removesuffix("/builds"), _asked(call, call.body))


def _run_trigger(call: Call) -> Values:
    """A build of the trigger's own steps; it waits where the trigger demands an approval."""
    trigger = call.get()
    if trigger.get("disabled"):
        raise ApiError(400, f"{call.name} is disabled.", "FAILED_PRECONDITION")
    body = dict(trigger.get("build") or {})
    source = call.body.get("source") or call.body
    body["substitutions"] = (
        (body.get("substitutions") or {}) | (trigger.get("substitutions") or {}) | (source.get("substitutions") or {})
    )
    body["substitutions"] |= {"TRIGGER_NAME": str(trigger.get("name") or "")}
    body |= {"buildTriggerId": call.name.rpartition("/")[2], "serviceAccount": trigger.get("serviceAccount", "")}
    if commit := source.get("commitSha"):
        body["substitutions"] |= {"COMMIT_SHA": commit, "SHORT_SHA": commit[:7]}
        if link := _connected(trigger):
            body["source"] = {"connectedRepository": {"repository": link, "revision": commit}}
    approval = bool((trigger.get("approvalConfig") or {}).get("approvalRequired"))
    return _begin(call, call.name.partition("/triggers/")[0], body, approval=approval)


def _connected(trigger: Values) -> str:
    """The repository of a second-generation connection that a trigger is about."""
    of_event, of_message = (trigger.get(key) or {} for key in ("repositoryEventConfig", "sourceToBuild"))
    return str(of_event.get("repository") or of_message.get("repository") or "")


def _begin(call: Call, parent: str, body: Values, *, approval: bool = False) -> Values:
    if "/locations/" not in parent:
        parent += "/locations/global"
    id_ = str(uuid.uuid4())
    name = f"{parent}/builds/{id_}"
    build = body | {"id": id_, "name": name, "projectId": parent.split("/")[1], "createTime": stamping.now()}
    build |= {"status": "PENDING" if approval else "QUEUED"}
    if approval:
        build["approval"] = {"state": "PENDING", "config": {"approvalRequired": True}}
    call.resources.create(call.api, name, build)
    metadata = {"@type": _METADATA, "build": build}
    if approval:
        return call.facade.operations.done(name, "google.devtools.cloudbuild.v1.Build", build, metadata)
    return _start(call, name, metadata)


def _start(call: Call, name: str, metadata: Values) -> Values:
    runner = call.facade.runners.get("build")

    def work() -> Values:
        with call.resources.writing:
            if (told := call.get(name))["status"] == "CANCELLED":
                return told
            begun = call.resources.replace(call.api, name, told | {"status": "WORKING", "startTime": stamping.now()})
        report = reporting(call.store, begun)
        try:
            report("pending")
            changed = runner(begun) if runner else {"status": "CANCELLED", "statusDetail": _NO_RUNNER}
        except Exception as problem:
            changed = {"status": "FAILURE", "statusDetail": f"SANDBOX: {problem}"}
        with call.resources.writing:
            ended = begun | {"status": "SUCCESS"} | changed | {"finishTime": stamping.now()}
            if (told := call.get(name))["status"] == "CANCELLED":
                ended |= {"status": "CANCELLED", "finishTime": told["finishTime"]}
            ended = call.resources.replace(call.api, name, ended)
            report("success" if ended["status"] == "SUCCESS" else "failure")
            return ended

    return call.facade.operations.start(name, "google.devtools.cloudbuild.v1.Build", work, metadata)


def _approve(call: Call) -> Values:
    """Approve or reject a build that waits; who did it, and when, stays on the build."""
    with call.resources.writing:
        build, result = call.get(), call.body.get("approvalResult") or {}
        if (build["status"], (build.get("approval") or {}).get("state")) != ("PENDING", "PENDING"):
            raise ApiError(400, f"{call.name} waits for no approval.", "FAILED_PRECONDITION")
        decision = result.get("decision", "APPROVED")
        told = {"approverAccount": call.principal.partition(":")[2] or call.principal, "approvalTime": stamping.now()}
        build["approval"] |= {"state": decision, "result": result | told | {"decision": decision}}
        build["status"] = "QUEUED" if decision == "APPROVED" else "CANCELLED"
        call.resources.replace(call.api, call.name, build)
    metadata = {"@type": _METADATA, "build": build}
    if decision != "APPROVED":
        return call.facade.operations.done(call.name, "google.devtools.cloudbuild.v1.Build", build, metadata)
    return _start(call, call.name, metadata)


def _cancel(call: Call) -> Values:
    with call.resources.writing:
        build = call.get()
        if build["status"] in ("PENDING", "QUEUED", "WORKING"):
            build |= {"status": "CANCELLED", "finishTime": stamping.now()}
            call.resources.replace(call.api, call.name, build)
    return build


def _retry(call: Call) -> Values:
    """The same build once more, as a new one; one that had to be approved has to be again."""
    build = call.get()
    access.act_as(call, str(build.get("serviceAccount") or ""))
    asked = _asked(call, build) | {"buildTriggerId": build.get("buildTriggerId", "")}
    return _begin(call, call.name.partition("/builds/")[0], asked, approval=bool(build.get("approval")))


def _asked(call: Call, build: Values) -> Values:
    """What a caller may say of a build; which trigger started it is not theirs to say."""
    given = call.api.properties("Build")
    return {key: value for key, value in build.items() if not given.get(key, {}).get("readOnly") and key != "name"}


def _trigger(call: Call) -> Any:
    """A trigger made or changed; whom its builds act as is for those who may act as them."""
    access.act_as(call, str(call.body.get("serviceAccount") or ""))
    return generic.answer(call)


def _list(call: Call) -> Values:
    shown = generic.listing(call)
    shown.get("builds", []).sort(key=lambda build: build["createTime"], reverse=True)
    return shown


_PLACES = ("cloudbuild.projects.", "cloudbuild.projects.locations.")
METHODS = {
    f"{place}{name}": method
    for place in _PLACES
    for name, method in {
        "builds.create": _create,
        "builds.list": _list,
        "builds.cancel": _cancel,
        "builds.approve": _approve,
        "builds.retry": _retry,
        "triggers.create": _trigger,
        "triggers.patch": _trigger,
        "triggers.run": _run_trigger,
    }.items()
}
