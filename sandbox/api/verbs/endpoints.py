"""Vertex AI's endpoints: models are deployed and share the traffic; a registered runner answers predictions."""

import json
import random
import secrets
from typing import Any

from sandbox.api import access, generic, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, not_found, unknown_to_sandbox
from sandbox.api.verbs import models, request_log, time_series
from sandbox.bucket_api import Answer
from sandbox.errors import SandboxError

Values = dict[str, Any]


def _deploy(call: Call) -> Values:
    with call.resources.writing:
        endpoint, given = call.get(), dict(call.body.get("deployedModel") or {})
        given["modelVersionId"] = models.version(call, str(given.get("model", "")))["versionId"]
        access.act_as(call, str(given.get("serviceAccount") or ""))
        given |= {"id": given.get("id") or str(secrets.randbelow(10**18)), "createTime": stamping.now()}
        asked = call.body.get("trafficSplit") or {}
        split = {given["id"] if key == "0" else key: share for key, share in asked.items()}
        held = [*(endpoint.get("deployedModels") or []), given]
        _proper(split, held)
        split = split or endpoint.get("trafficSplit") or {}
        call.resources.replace(call.api, call.name, endpoint | {"deployedModels": held, "trafficSplit": split})
    return call.operation({"deployedModel": given}, f"google.cloud.aiplatform.{call.api.version}.DeployModelResponse")


def _undeploy(call: Call) -> Values:
    with call.resources.writing:
        endpoint, gone = call.get(), call.body.get("deployedModelId")
        held = endpoint.get("deployedModels") or []
        left = [one for one in held if one["id"] != gone]
        if len(left) == len(held):
            raise not_found(f"{call.name}/deployedModels/{gone}")
        split = (call.body.get("trafficSplit") or endpoint.get("trafficSplit") or {}) if left else {}
        if split.get(gone):
            raise ApiError(400, f"{gone} answers {split[gone]} % of the requests.", "FAILED_PRECONDITION")
        split = {key: share for key, share in split.items() if key != gone}
        _proper(split, left)
        call.resources.replace(call.api, call.name, endpoint | {"deployedModels": left, "trafficSplit": split})
    return call.operation({}, f"google.cloud.aiplatform.{call.api.version}.UndeployModelResponse")


def _proper(split: Values, held: list[Values]) -> None:
    """Shares of models that are deployed add up to 100, unless there are none."""
    if split and sum(split.values()) != 100:
        raise ApiError(400, "The traffic split must add up to 100.")
    if unknown := set(split) - {one["id"] for one in held}:
        raise ApiError(400, f"The traffic split names models that are not deployed: {', '.join(unknown)}.")


def _patch(call: Call) -> Any:
    with call.resources.writing:
        _proper(call.body.get("trafficSplit") or {}, call.get().get("deployedModels") or [])
    return generic.answer(call)


def _delete(call: Call) -> Values:
    with call.resources.writing:
        if call.get().get("deployedModels"):
            raise ApiError(400, f"{call.name} has deployed models; undeploy them first.", "FAILED_PRECONDITION")
        call.resources.delete(call.api, call.name)
    return call.operation({}, "google.protobuf.Empty")


def _predict(call: Call) -> Values:
    endpoint = call.get()
    held = endpoint.get("deployedModels") or []
    if not held:
        raise ApiError(400, f"{call.name} has no deployed model.", "FAILED_PRECONDITION")
    runner = call.facade.runners.get("predict")
    if runner is None:
        raise unknown_to_sandbox("how this model predicts", "register a runner for `predict`")
    split = endpoint.get("trafficSplit") or {}
    shares = [int(split.get(one["id"], 0)) for one in held]
    if not sum(shares):
        raise ApiError(400, f"{call.name} sends no traffic to any model.", "FAILED_PRECONDITION")
    (chosen,) = random.choices(held, shares)
    model = models.version(call, f"{chosen['model'].partition('@')[0]}@{chosen['modelVersionId']}")
    try:
        answer = runner({"endpoint": call.name, "deployedModel": chosen, "model": model} | call.body)
    except SandboxError as problem:
        told = problem if isinstance(problem, ApiError) else ApiError(503, f"SANDBOX: {problem}")
        time_series.count(call, call.name, chosen["id"], told.code)
        raise told from None
    time_series.count(call, call.name, chosen["id"], 200)
    request_log.keep(call, call.name, chosen["id"])
    about = {"deployedModelId": chosen["id"], "model": chosen["model"], "modelVersionId": chosen["modelVersionId"]}
    return answer | about | {"modelDisplayName": model.get("displayName", "")}


def _generate(call: Call) -> Values:
    return said(call, call.body | {"model": call.name})


def said(call: Call, asked: Values) -> Values:
    """What the registered runner says to a request, whose method is the one that was called."""
    runner = call.facade.runners.get("generate")
    if runner is None:
        raise unknown_to_sandbox("what this model says", "register a runner for `generate`")
    return runner(asked | {"method": call.method.leaf})


def _stream(call: Call) -> Any:
    """The whole answer as one piece of a stream, in the form that the caller asks for."""
    answer = _generate(call)
    if call.asked("alt") == "sse":
        body = f"data: {json.dumps(answer)}\r\n\r\n".encode()
        return Answer(200, body, (("Content-Type", "text/event-stream"),))
    return Answer(200, json.dumps([answer]).encode(), (("Content-Type", "application/json; charset=UTF-8"),))


_PLACE = "aiplatform.projects.locations."
METHODS = {
    f"{_PLACE}endpoints.deployModel": _deploy,
    f"{_PLACE}endpoints.undeployModel": _undeploy,
    f"{_PLACE}endpoints.patch": _patch,
    f"{_PLACE}endpoints.delete": _delete,
    f"{_PLACE}endpoints.predict": _predict,
    f"{_PLACE}publishers.models.generateContent": _generate,
    f"{_PLACE}publishers.models.streamGenerateContent": _stream,
    f"{_PLACE}publishers.models.predict": _generate,
    f"{_PLACE}publishers.models.countTokens": _generate,
    f"{_PLACE}publishers.models.embedContent": _generate,
}
