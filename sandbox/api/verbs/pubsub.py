"""Pub/Sub: what is published to a topic waits in each of its subscriptions until somebody acknowledges it."""

import secrets
from dataclasses import replace
from typing import Any

from sandbox.api import access, checking, generic, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError

Values = dict[str, Any]

_QUEUE = "pubsub:queue"


def _create(call: Call) -> Values:
    """Names that begin with goog are Google's own."""
    kind, id_ = call.name.split("/")[-2:]
    if id_.startswith("goog"):
        raise ApiError(400, f"Invalid [{kind}] name: (name={call.name})")
    with call.resources.writing:
        if kind == "subscriptions" and (topic := call.resources.plain(str(call.body.get("topic") or ""))):
            access.demand(call, "pubsub.topics.attachSubscription", access.full_name("pubsub", topic))
        return generic.create(call)


def _publish(call: Call) -> Values:
    call.get()
    ids = []
    with call.resources.writing:
        waiting = list(_subscriptions(call))
        for message in call.body.get("messages") or []:
            id_ = str(secrets.randbelow(9 * 10**15) + 10**15)
            ids.append(id_)
            body = {"message": message | {"messageId": id_, "publishTime": stamping.now()}, "ackId": id_}
            for subscription in waiting:
                call.store.documents.put(_QUEUE, f"{subscription}/{len(ids):06}-{id_}", body)
    return {"messageIds": ids}


def _subscriptions(call: Call) -> Any:
    topic = call.name.rpartition("/")[2]
    for id_, values in call.store.find("google_pubsub_subscription"):
        held = str(values.get("topic") or "")
        if held == call.name or ("/" not in held and held == topic and id_.split("/")[1] == call.name.split("/")[1]):
            yield id_


def _pull(call: Call) -> Values:
    call.get()
    most = int(call.body.get("maxMessages") or 1)
    held = [body for name, body in call.store.documents.find(_QUEUE) if name.startswith(f"{call.name}/")]
    return {"receivedMessages": held[:most]}


def _acknowledge(call: Call) -> Values:
    call.get()
    done = set(call.body.get("ackIds") or [])
    for name, body in call.store.documents.find(_QUEUE):
        if name.startswith(f"{call.name}/") and body["ackId"] in done:
            call.store.documents.delete(_QUEUE, name)
    return {}


def _patch(field: str) -> Any:
    """A change whose request wraps the resource and says in the body which fields are meant."""

    def change(call: Call) -> Values:
        given, mask = call.body.get(field) or {}, str(call.body.get("updateMask") or "")
        paths = [checking.camel(path.strip().partition(".")[0]) for path in mask.split(",") if path]
        if not paths:
            raise ApiError(400, "The update_mask in the request must be set and non-empty.")
        with call.resources.writing:
            new = call.get()
            for path in paths:
                new.pop(path, None)
            new |= {path: given[path] for path in paths if path in given}
            return call.resources.replace(call.api, call.name, new)

    return change


def _delay(call: Call) -> Values:
    """Nothing is hidden while somebody works on it, so there is no deadline to move."""
    call.get()
    return {}


def _of_topic(call: Call) -> Values:
    call.get(call.name.removesuffix("/subscriptions"))
    topic = replace(call, name=call.name.removesuffix("/subscriptions"))
    return {"subscriptions": sorted(_subscriptions(topic))}


METHODS = {
    "pubsub.projects.topics.create": _create,
    "pubsub.projects.subscriptions.create": _create,
    "pubsub.projects.topics.patch": _patch("topic"),
    "pubsub.projects.topics.subscriptions.list": _of_topic,
    "pubsub.projects.subscriptions.patch": _patch("subscription"),
    "pubsub.projects.subscriptions.modifyAckDeadline": _delay,
    "pubsub.projects.topics.publish": _publish,
    "pubsub.projects.subscriptions.pull": _pull,
    "pubsub.projects.subscriptions.acknowledge": _acknowledge,
}
