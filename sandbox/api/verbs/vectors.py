"""Vertex AI Vector Search: exact neighbours instead of approximate ones, with restricts."""

import math
from typing import Any

from sandbox.api import stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, not_found

Values = dict[str, Any]

_POINTS = "aiplatform:datapoints"


def _upsert(call: Call) -> Values:
    index = call.get()
    size = ((index.get("metadata") or {}).get("config") or {}).get("dimensions")
    for point in call.body.get("datapoints") or []:
        if size and len(point.get("featureVector") or []) != int(size):
            raise ApiError(400, f"Datapoint {point.get('datapointId')} has not {size} dimensions.")
        call.store.documents.put(_POINTS, f"{call.name}/{point['datapointId']}", point)
    return {}


def _remove(call: Call) -> Values:
    call.get()
    for id_ in call.body.get("datapointIds") or []:
        call.store.documents.delete(_POINTS, f"{call.name}/{id_}")
    return {}


def _deploy(call: Call) -> Values:
    with call.resources.writing:
        endpoint, given = call.get(), call.body.get("deployedIndex") or {}
        if call.resources.get(call.api, str(given.get("index"))) is None:
            raise not_found(str(given.get("index")))
        held = [one for one in endpoint.get("deployedIndexes") or [] if one["id"] != given["id"]]
        made = given | {"createTime": stamping.now(), "indexSyncTime": stamping.now()}
        call.resources.replace(call.api, call.name, endpoint | {"deployedIndexes": [*held, made]})
    return call.operation({"deployedIndex": made}, f"google.cloud.aiplatform.{call.api.version}.DeployIndexResponse")


def _undeploy(call: Call) -> Values:
    with call.resources.writing:
        endpoint, gone = call.get(), call.body.get("deployedIndexId")
        left = [one for one in endpoint.get("deployedIndexes") or [] if one["id"] != gone]
        call.resources.replace(call.api, call.name, endpoint | {"deployedIndexes": left})
    return call.operation({}, f"google.cloud.aiplatform.{call.api.version}.UndeployIndexResponse")


def _neighbours(call: Call) -> Values:
    deployed = {one["id"]: one["index"] for one in call.get().get("deployedIndexes") or []}
    index = deployed.get(str(call.body.get("deployedIndexId")))
    if index is None:
        raise not_found(f"{call.name}/deployedIndexes/{call.body.get('deployedIndexId')}")
    held = [body for name, body in call.store.documents.find(_POINTS) if name.rpartition("/")[0] == index]
    config = (call.get(index).get("metadata") or {}).get("config") or {}
    measure = str(config.get("distanceMeasureType", "DOT_PRODUCT_DISTANCE"))
    whole = bool(call.body.get("returnFullDatapoint"))
    queries = call.body.get("queries") or []
    return {"nearestNeighbors": [_nearest(query, held, measure, whole) for query in queries]}


def _nearest(query: Values, held: list[Values], measure: str, whole: bool) -> Values:
    wanted = query.get("datapoint") or {}
    admitted = [point for point in held if _admits(point, wanted.get("restricts") or [])]
    scored = [
        (distance(wanted.get("featureVector") or [], point["featureVector"], measure), point) for point in admitted
    ]
    scored.sort(key=lambda pair: pair[0] if closer(measure) else -pair[0])
    shown = [
        {"distance": far, "datapoint": point if whole else {"datapointId": point["datapointId"]}}
        for far, point in scored[: int(query.get("neighborCount") or 10)]
    ]
    return {"id": wanted.get("datapointId", ""), "neighbors": shown}


def _admits(point: Values, restricts: list[Values]) -> bool:
    held = {line["namespace"]: set(line.get("allowList") or []) for line in point.get("restricts") or []}
    for line in restricts:
        tokens = held.get(line["namespace"], set())
        if line.get("allowList") and not tokens & set(line["allowList"]):
            return False
        if tokens & set(line.get("denyList") or []):
            return False
    return True


def closer(measure: str) -> bool:
    """Does a smaller number of this measure mean nearer?"""
    return measure in ("SQUARED_L2_DISTANCE", "L1_DISTANCE")


def distance(one: list[float], other: list[float], measure: str) -> float:
    """How far two vectors are apart, in Google's measures."""
    if len(one) != len(other):
        raise ApiError(400, f"The embedding has {len(one)} dimensions, the index {len(other)}.")
    if measure == "SQUARED_L2_DISTANCE":
        return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
    if measure == "L1_DISTANCE":
        return sum(abs(a - b) for a, b in zip(one, other, strict=True))
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    if measure == "COSINE_DISTANCE":
        return dot / ((math.hypot(*one) * math.hypot(*other)) or 1.0)
    return dot


_PLACE = "aiplatform.projects.locations."
METHODS = {
    f"{_PLACE}indexes.upsertDatapoints": _upsert,
    f"{_PLACE}indexes.removeDatapoints": _remove,
    f"{_PLACE}indexEndpoints.deployIndex": _deploy,
    f"{_PLACE}indexEndpoints.undeployIndex": _undeploy,
    f"{_PLACE}indexEndpoints.findNeighbors": _neighbours,
}
