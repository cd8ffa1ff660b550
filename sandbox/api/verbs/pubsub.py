"""Pub/Sub: what is published to a topic waits in each of its subscriptions until somebody acknowledges it."""

import secrets
from typing import Any

from sandbox.api import stamping
from sandbox.api.call import Call

Values = dict[str, Any]

_QUEUE = "pubsub:queue"


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


METHODS = {
    "pubsub.projects.topics.publish": _publish,
    "pubsub.projects.subscriptions.pull": _pull,
    "pubsub.projects.subscriptions.acknowledge": _acknowledge,
}
