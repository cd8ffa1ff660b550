"""Vertex AI's model registry: models with versions and aliases, each version a document of its own."""

import re
from typing import Any

from sandbox.api import generic, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, exists, invalid, not_found

Values = dict[str, Any]

_VERSIONS = "aiplatform:versions"
_SCHEMA = "GoogleCloudAiplatformV1Model"
_DEFAULT = "default"


def _upload(call: Call) -> Values:
    """A new model, or a new version of the parent model that the request names."""
    parent, given = call.name.removesuffix("/models"), call.body.get("model") or {}
    older = call.body.get("parentModel")
    with call.resources.writing:
        name = call.inside(older, f"{parent}/models").partition("@")[0] if older else _new(call, parent)
        held = _held(call, name)
        if older and not held:
            raise not_found(name)
        number = str(max((int(version["versionId"]) for version in held), default=0) + 1)
        aliases = list(given.get("versionAliases") or [])
        body = stamping.written(call.api, _SCHEMA, given | {"name": name, "versionId": number}, new=True)
        body |= {"versionCreateTime": stamping.now(), "versionUpdateTime": stamping.now()}
        if not held or _DEFAULT in aliases:
            aliases = [_DEFAULT, *(alias for alias in aliases if alias != _DEFAULT)]
        body["versionAliases"] = aliases
        _take_aliases(call, held, aliases)
        _put(call, body)
    return call.operation({"model": name, "modelVersionId": number}, f"{_message(call)}.UploadModelResponse")


def _new(call: Call, parent: str) -> str:
    """The name of a model that does not exist yet."""
    id_ = str(call.body.get("modelId") or generic.identity(call, "models"))
    if not re.fullmatch(r"[a-z0-9_][a-z0-9_-]{0,62}", id_):
        text = f"Invalid model id '{id_}': up to 63 small letters, digits, _ and -, and none of - first."
        raise invalid([("model_id", text)])
    name = f"{parent}/models/{id_}"
    if _held(call, name):
        raise exists(name)
    return name


def _message(call: Call) -> str:
    return f"google.cloud.aiplatform.{call.api.version}"


def _held(call: Call, name: str) -> list[Values]:
    """Every version of a model, oldest first."""
    found = [body for key, body in call.store.documents.find(_VERSIONS) if key.partition("@")[0] == name]
    return sorted(found, key=lambda body: int(body["versionId"]))


def _take_aliases(call: Call, held: list[Values], aliases: list[str]) -> None:
    """An alias belongs to one version at a time."""
    for version in held:
        left = [alias for alias in version["versionAliases"] if alias not in aliases]
        if left != version["versionAliases"]:
            _put(call, version | {"versionAliases": left}, shown=False)


def _put(call: Call, body: Values, *, shown: bool = True) -> None:
    call.store.documents.put(_VERSIONS, f"{body['name']}@{body['versionId']}", body)
    if shown and _DEFAULT in body["versionAliases"]:
        call.resources.replace(call.api, body["name"], body)


def version(call: Call, given: str = "") -> Values:
    """The version that `models/ID`, `models/ID@2` or `models/ID@alias` means; 404 where there is none."""
    name, _, wanted = (call.resources.plain(given) or call.name).partition("@")
    for body in _held(call, name):
        if (wanted or _DEFAULT) in (body["versionId"], *body["versionAliases"]):
            return body
    raise not_found(given or call.name)


def _get(call: Call) -> Values:
    return stamping.shown(call.api, _SCHEMA, version(call))


def _list_versions(call: Call) -> Values:
    found = _held(call, call.name.partition("@")[0])
    if not found:
        raise not_found(call.name)
    return generic.page(call, found)


def _merge(call: Call) -> Values:
    """Add aliases to a version; one with a leading `-` is taken away."""
    with call.resources.writing:
        body, given = version(call), call.body.get("versionAliases") or []
        gone = {alias[1:] for alias in given if alias.startswith("-")}
        if _DEFAULT in gone:
            raise ApiError(400, "The default alias can only be moved to another version.")
        new = [alias for alias in given if not alias.startswith("-")]
        _take_aliases(call, [one for one in _held(call, body["name"]) if one is not body], new)
        body["versionAliases"] = [
            alias for alias in dict.fromkeys([*body["versionAliases"], *new]) if alias not in gone
        ]
        _put(call, body)
        return stamping.shown(call.api, _SCHEMA, body)


def _patch(call: Call) -> Values:
    with call.resources.writing:
        body = version(call)
        fields = {path.partition(".")[0] for path in generic.mask(call)}
        if bad := fields - {"displayName", "description", "labels", "versionDescription"}:
            raise ApiError(400, f"Fields of a model that never change: {', '.join(sorted(bad))}.")
        generic.current(call, stamping.shown(call.api, _SCHEMA, body))
        body = generic.merged(call, body) | {"updateTime": stamping.now(), "versionUpdateTime": stamping.now()}
        _put(call, body)
        return stamping.shown(call.api, _SCHEMA, body)


def _delete(call: Call) -> Values:
    with call.resources.writing:
        _at_rest(call, call.name)
        call.resources.delete(call.api, call.name)
        for body in _held(call, call.name):
            call.store.documents.delete(_VERSIONS, f"{call.name}@{body['versionId']}")
    return call.operation({}, "google.protobuf.Empty")


def _delete_version(call: Call) -> Values:
    with call.resources.writing:
        body = version(call)
        if _DEFAULT in body["versionAliases"]:
            raise ApiError(400, "The default version cannot be deleted; move the alias first.", "FAILED_PRECONDITION")
        _at_rest(call, body["name"], body["versionId"])
        call.store.documents.delete(_VERSIONS, f"{body['name']}@{body['versionId']}")
    return call.operation({}, "google.protobuf.Empty")


def _at_rest(call: Call, name: str, version: str = "") -> None:
    """Refuse to remove what an endpoint serves."""
    for endpoint, body in call.resources.below(call.api, name.partition("/models/")[0], "endpoints"):
        for one in body.get("deployedModels") or []:
            model = call.resources.plain(str(one.get("model"))).partition("@")[0]
            if model == name and version in ("", one.get("modelVersionId")):
                text = f"{name} is deployed on {endpoint}; undeploy it first."
                raise ApiError(400, text, "FAILED_PRECONDITION")


def _import(call: Call) -> Values:
    """An evaluation of one version; what is imported never changes."""
    with call.resources.writing:
        held = version(call, call.name.removesuffix("/evaluations"))
        given = call.body.get("modelEvaluation") or {}
        name = f"{held['name']}@{held['versionId']}/evaluations/{generic.identity(call, 'evaluations')}"
        body = stamping.written(call.api, "GoogleCloudAiplatformV1ModelEvaluation", given | {"name": name}, new=True)
        call.resources.create(call.api, name, body)
    return stamping.shown(call.api, "GoogleCloudAiplatformV1ModelEvaluation", body)


def _evaluations(call: Call) -> Values:
    held = version(call, call.name.removesuffix("/evaluations"))
    parent = f"{held['name']}@{held['versionId']}"
    return generic.page(call, [body for _, body in call.resources.below(call.api, parent, "evaluations")])


_MODELS = "aiplatform.projects.locations.models."
METHODS = {
    f"{_MODELS}upload": _upload,
    f"{_MODELS}get": _get,
    f"{_MODELS}listVersions": _list_versions,
    f"{_MODELS}mergeVersionAliases": _merge,
    f"{_MODELS}patch": _patch,
    f"{_MODELS}delete": _delete,
    f"{_MODELS}deleteVersion": _delete_version,
    f"{_MODELS}evaluations.import": _import,
    f"{_MODELS}evaluations.list": _evaluations,
}
