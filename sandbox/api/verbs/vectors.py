"""Vertex AI Vector Search: exact neighbours instead of approximate ones, with restricts.

An index of batch updates holds what lies in its folder of a bucket, at the moment of the search.
"""

import json
import math
from collections.abc import Iterator
from typing import Any

from sandbox.api import stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, not_found

Values = dict[str, Any]

_POINTS = "aiplatform:datapoints"
_DEPLOYED = "google_vertex_ai_index_endpoint_deployed_index"


def _upsert(call: Call) -> Values:
    index = call.get()
    if index.get("indexUpdateMethod") != "STREAM_UPDATE":
        raise ApiError(400, "StreamUpdate is not enabled on this Index.")
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
    index = _deployed(call).get(str(call.body.get("deployedIndexId")))
    if index is None:
        raise not_found(f"{call.name}/deployedIndexes/{call.body.get('deployedIndexId')}")
    about = call.get(index).get("metadata") or {}
    held = [body for name, body in call.store.documents.find(_POINTS) if name.rpartition("/")[0] == index]
    held += _of_folder(call, str(about.get("contentsDeltaUri") or ""))
    config = about.get("config") or {}
    measure = str(config.get("distanceMeasureType", "DOT_PRODUCT_DISTANCE"))
    whole = bool(call.body.get("returnFullDatapoint"))
    queries = call.body.get("queries") or []
    return {"nearestNeighbors": [_nearest(query, held, measure, whole) for query in queries]}


def _deployed(call: Call) -> dict[str, str]:
    """The indexes at an endpoint, by the id that each has there: what the API brought, and what Terraform did."""
    brought = {one["id"]: one["index"] for one in call.get().get("deployedIndexes") or []}
    made = [it for _, it in call.store.find(_DEPLOYED) if it.get("index_endpoint") == call.name]
    return brought | {str(it["deployed_index_id"]): str(it["index"]) for it in made}


def _of_folder(call: Call, uri: str) -> Iterator[Values]:
    """The datapoints in the JSON files below a folder."""
    bucket, _, folder = uri.removeprefix("gs://").partition("/")
    below = f"{folder.rstrip('/')}/" if folder else ""
    for found in call.store.objects.find(bucket, below) if bucket else []:
        held = call.store.objects.get(bucket, found.name)
        if held and found.name.endswith(".json"):
            lines = enumerate(held.data.splitlines(), 1)
            yield from (_point(line, f"gs://{bucket}/{found.name}:{at}") for at, line in lines if line.strip())


def _point(line: bytes, place: str) -> Values:
    """A datapoint of a file, as the API has it; 400 for a line that is none."""
    try:
        told = json.loads(line.decode())
        restricts = [
            {"namespace": it["namespace"], "allowList": it.get("allow") or [], "denyList": it.get("deny") or []}
            for it in told.get("restricts") or []
        ]
        return {"datapointId": told["id"], "featureVector": [*map(float, told["embedding"])], "restricts": restricts}
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise ApiError(400, f"{place}: {type(problem).__name__}: {problem}; a line is a JSON datapoint.") from None


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
    """Does a point have what the query allows, and neither of the two what the other denies?"""
    held = {line.get("namespace"): line for line in point.get("restricts") or []}
    for line in restricts:
        there = held.get(line.get("namespace"), {})
        (tokens, refused), (wanted, denied) = (
            (set(side.get("allowList") or []), set(side.get("denyList") or [])) for side in (there, line)
        )
        if (wanted and not tokens & wanted) or tokens & denied or wanted & refused:
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
