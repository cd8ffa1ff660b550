"""Vertex ML Metadata, on which experiments stand: contexts hold artifacts and executions, events join those."""

from typing import Any

from sandbox.api import generic, stamping
from sandbox.api.call import Call

Values = dict[str, Any]

_EVENTS = "aiplatform:events"
_CONTEXTS = "_inContexts"


def _add_members(call: Call) -> Values:
    with call.resources.writing, call.store.together():
        call.get()
        for given in [*(call.body.get("artifacts") or []), *(call.body.get("executions") or [])]:
            name = _near(call, given)
            body = call.get(name)
            body[_CONTEXTS] = sorted({*(body.get(_CONTEXTS) or []), call.name})
            call.resources.replace(call.api, name, body)
    return {}


def _add_children(call: Call) -> Values:
    with call.resources.writing, call.store.together():
        call.get()
        for given in call.body.get("childContexts") or []:
            name = _near(call, given)
            body = call.get(name)
            body["parentContexts"] = sorted({*(body.get("parentContexts") or []), call.name})
            call.resources.replace(call.api, name, body)
    return {}


def _add_events(call: Call) -> Values:
    with call.resources.writing, call.store.together():
        call.get()
        for event in call.body.get("events") or []:
            artifact = _near(call, event["artifact"])
            call.get(artifact)
            kept = event | {"artifact": artifact, "execution": call.name, "eventTime": stamping.now()}
            call.store.documents.put(_EVENTS, f"{call.name}|{artifact}|{event.get('type')}", kept)
    return {}


def _near(call: Call, given: Any) -> str:
    """A resource of the same metadata store."""
    return call.inside(given, "/".join(call.name.split("/")[:6]))


def _inputs_and_outputs(call: Call) -> Values:
    call.get()
    events = [body for _, body in call.store.documents.find(_EVENTS) if body["execution"] == call.name]
    return _graph(call, [call.name], sorted({event["artifact"] for event in events}), events)


def _members(call: Call) -> Values:
    context = call.get()["name"]
    store = call.name.rpartition("/contexts/")[0]
    held: dict[str, list[str]] = {}
    for kind in ("executions", "artifacts"):
        found = call.resources.below(call.api, store, kind)
        held[kind] = [name for name, body in found if context in (body.get(_CONTEXTS) or [])]
    events = [body for _, body in call.store.documents.find(_EVENTS) if body["execution"] in held["executions"]]
    artifacts = sorted({*held["artifacts"], *(event["artifact"] for event in events)})
    return _graph(call, held["executions"], artifacts, events)


def _graph(call: Call, executions: list[str], artifacts: list[str], events: list[Values]) -> Values:
    def shown(names: list[str]) -> list[Values]:
        return [stamping.shown(call.api, "", body) for name in names if (body := call.resources.get(call.api, name))]

    return {"executions": shown(executions), "artifacts": shown(artifacts), "events": events}


def _create(call: Call) -> Values:
    """What is made without a state is live."""
    with call.resources.writing:
        if call.method.id.endswith("artifacts.create"):
            call.body.setdefault("state", "LIVE")
        return generic.create(call)


_STORE = "aiplatform.projects.locations.metadataStores."
METHODS = {
    f"{_STORE}contexts.addContextArtifactsAndExecutions": _add_members,
    f"{_STORE}contexts.addContextChildren": _add_children,
    f"{_STORE}contexts.queryContextLineageSubgraph": _members,
    f"{_STORE}executions.addExecutionEvents": _add_events,
    f"{_STORE}executions.queryExecutionInputsAndOutputs": _inputs_and_outputs,
    f"{_STORE}artifacts.create": _create,
}
