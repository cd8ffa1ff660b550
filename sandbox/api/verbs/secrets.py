"""Secret Manager: versions are added and read; their data is where Terraform keeps it."""

import base64
from typing import Any

from sandbox.api import mapping, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, not_found
from sandbox.crc32c import crc32c

Values = dict[str, Any]

_TYPE = "google_secret_manager_secret_version"


def _add(call: Call) -> Values:
    call.get()
    data = (call.body.get("payload") or {}).get("data", "")
    attributes = {"secret": call.name, "secret_data": data, "is_secret_data_base64": True}
    with call.resources.writing:
        name, made = call.resources.create(call.api, f"{call.name}/versions/x", {"state": "ENABLED"}, attributes)
    return stamping.shown(call.api, "SecretVersion", made | {"name": name})


def _get(call: Call) -> Values:
    return call.get(_numbered(call))


def _access(call: Call) -> Values:
    name = _numbered(call)
    shown = call.get(name)
    if shown.get("state", "ENABLED") != "ENABLED":
        raise ApiError(400, f"Secret Version [{name}] is in {shown['state']} state.", "FAILED_PRECONDITION")
    line = mapping.of_type(_TYPE)
    assert line is not None
    _, values = call.resources.find(line, name)
    held = str((values or {}).get("secret_data") or "")
    raw = base64.b64decode(held) if (values or {}).get("is_secret_data_base64") else held.encode()
    check = str(int.from_bytes(base64.b64decode(crc32c(raw))))
    return {"name": name, "payload": {"data": base64.b64encode(raw).decode(), "dataCrc32c": check}}


def _state(state: str) -> Any:
    def change(call: Call) -> Values:
        with call.resources.writing:
            body = call.get()
            if body.get("state") == "DESTROYED":
                raise ApiError(400, f"Secret Version [{call.name}] is destroyed.", "FAILED_PRECONDITION")
            line = mapping.of_type(_TYPE)
            assert line is not None
            id_, _ = call.resources.find(line, call.name)
            kept = call.store.documents.get(_TYPE, id_) or {}
            call.store.documents.put(_TYPE, id_, kept | {"state": state})
            return call.get()

    return change


def _numbered(call: Call) -> str:
    """The name of a version; `latest` is the newest one, whatever its state."""
    secret, _, version = call.name.rpartition("/versions/")
    if version != "latest":
        return call.name
    held = [name for name, _ in call.resources.entries(call.api, secret, "versions")]
    if not held:
        raise not_found(call.name)
    return max(held, key=lambda name: int(name.rpartition("/")[2]))


_SECRETS = "secretmanager.projects.secrets."
METHODS = {
    f"{_SECRETS}addVersion": _add,
    f"{_SECRETS}versions.get": _get,
    f"{_SECRETS}versions.access": _access,
    f"{_SECRETS}versions.enable": _state("ENABLED"),
    f"{_SECRETS}versions.disable": _state("DISABLED"),
    f"{_SECRETS}versions.destroy": _state("DESTROYED"),
}
