"""Service Usage: an API is enabled where Terraform's google_project_service says so."""

import re
from typing import Any

from sandbox.api import generic, mapping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError

Values = dict[str, Any]

_TYPE = "google_project_service"


def _get(call: Call) -> Values:
    return _service(call, call.name)


def _service(call: Call, name: str) -> Values:
    project, service = name.split("/")[1], name.rpartition("/")[2]
    enabled = call.store.get(_TYPE, f"{project}/{service}") is not None
    parent = f"projects/{call.store.number('project', project)}"
    state = "ENABLED" if enabled else "DISABLED"
    return {"name": f"{parent}/services/{service}", "parent": parent, "config": {"name": service}, "state": state}


def _list(call: Call) -> Values:
    """The enabled ones; which others could be enabled, the sandbox does not know."""
    project = call.name.split("/")[1]
    if "DISABLED" in call.asked("filter"):
        return {"services": []}
    held = [id_.partition("/")[2] for id_, _ in call.store.find(_TYPE) if id_.startswith(f"{project}/")]
    return generic.page(call, [_service(call, f"projects/{project}/services/{service}") for service in held])


def _batch_get(call: Call) -> Values:
    names = call.lists.get("names") or []
    if not 0 < len(names) <= 30:
        raise ApiError(400, "Between 1 and 30 names can be asked for at once.")
    return {"services": [_service(call, call.inside(name, call.name)) for name in names]}


def _enable(call: Call) -> Values:
    _put(call, call.name)
    answer = {"service": _service(call, call.name)}
    return call.operation(answer, "google.api.serviceusage.v1.EnableServiceResponse")


def _batch_enable(call: Call) -> Values:
    ids = call.body.get("serviceIds") or []
    if not 0 < len(ids) <= 20:
        raise ApiError(400, "Between 1 and 20 services can be enabled at once.")
    names = [f"{call.name.removesuffix('/services')}/services/{id_}" for id_ in ids]
    for name in names:
        _put(call, name)
    answer = {"services": [_service(call, name) for name in names]}
    return call.operation(answer, "google.api.serviceusage.v1.BatchEnableServicesResponse")


def _disable(call: Call) -> Values:
    line = mapping.of_name("serviceusage", call.name)
    if line is not None and call.store.get(_TYPE, line.id_of(call.name)):
        with call.resources.writing:
            call.resources.delete(call.api, call.name)
    answer = {"service": _service(call, call.name)}
    return call.operation(answer, "google.api.serviceusage.v1.DisableServiceResponse")


def _put(call: Call, name: str) -> None:
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", name.rpartition("/")[2]):
        raise ApiError(400, f"'{name}' is no service.")
    with call.resources.writing:
        call.resources.create(call.api, name, {})


_SERVICES = "serviceusage.services."
METHODS = {
    f"{_SERVICES}get": _get,
    f"{_SERVICES}list": _list,
    f"{_SERVICES}enable": _enable,
    f"{_SERVICES}batchEnable": _batch_enable,
    f"{_SERVICES}batchGet": _batch_get,
    f"{_SERVICES}disable": _disable,
}
