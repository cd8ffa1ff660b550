"""Versions of keys: the first is born with its key, one is primary, and only an enabled one is of use."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.api import generic, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, not_found
from sandbox.physics.keys import PRIMARY, STATES

Values = dict[str, Any]

_GRACE = timedelta(days=30)
_MAY_BECOME = {"ENABLED": ("DISABLED",), "DISABLED": ("ENABLED",)}


def version(call: Call, name: str) -> Values:
    """A version that was made as such, or the first one, which every key is born with."""
    found = call.resources.get(call.api, name)
    if found is None:
        key, _, number = name.partition("/cryptoKeyVersions/")
        born = call.resources.existing(call.api, key)
        if number != "1":
            raise not_found(name)
        template = born.get("versionTemplate") or {}
        found = {"name": name, "state": "ENABLED", "protectionLevel": template.get("protectionLevel", "SOFTWARE")}
        found["algorithm"] = template.get("algorithm", "GOOGLE_SYMMETRIC_ENCRYPTION")
    return found | (call.store.documents.get(STATES, name) or {})


def usable(call: Call, name: str) -> str:
    """The name of a version that may do its work now; 400 for any other."""
    state = version(call, name)["state"]
    if state != "ENABLED":
        raise ApiError(400, f"{name} is not enabled, current state is: {state}.", "FAILED_PRECONDITION")
    return name


def primary(call: Call, key: str) -> int:
    """The number of the version that encrypts."""
    return int((call.store.documents.get(PRIMARY, key) or {}).get("number", 1))


def _get(call: Call) -> Values:
    return version(call, call.name)


def _list(call: Call) -> Values:
    key = call.name.removesuffix("/cryptoKeyVersions")
    names = {name for name, _ in call.resources.below(call.api, key, "cryptoKeyVersions")}
    found = sorted({f"{key}/cryptoKeyVersions/1", *names}, key=lambda name: int(name.rpartition("/")[2]))
    return generic.page(call, [version(call, name) for name in found])


def _create(call: Call) -> Values:
    """The next number; who wants it to encrypt makes it primary."""
    with call.resources.writing:
        key = call.name.removesuffix("/cryptoKeyVersions")
        first = version(call, f"{key}/cryptoKeyVersions/1")
        numbers = [int(name.rpartition("/")[2]) for name, _ in call.resources.below(call.api, key, "cryptoKeyVersions")]
        name = f"{key}/cryptoKeyVersions/{max([1, *numbers]) + 1}"
        told = {"algorithm": first["algorithm"], "protection_level": first["protectionLevel"], "state": "ENABLED"}
        values = told | {"id": name, "name": name, "crypto_key": key, "generate_time": stamping.now()}
        call.store.put("google_kms_crypto_key_version", name, values)
        return version(call, name)


def _move(state: str, *sources: str) -> Any:
    """A method that brings a version from one of the sources to a state."""

    def change(call: Call) -> Values:
        with call.resources.writing:
            held = version(call, call.name)
            if held["state"] not in sources:
                raise ApiError(400, f"{call.name} is {held['state']}.", "FAILED_PRECONDITION")
            told: Values = {"state": state}
            if state == "DESTROY_SCHEDULED":
                told["destroyTime"] = (datetime.now(UTC) + _GRACE).isoformat().replace("+00:00", "Z")
            call.store.documents.put(STATES, call.name, told)
            return version(call, call.name)

    return change


def _patch(call: Call) -> Values:
    wanted = str(call.body.get("state"))
    if wanted not in _MAY_BECOME:
        raise ApiError(
            400, "A version becomes ENABLED or DISABLED here; destroy and restore have methods of their own."
        )
    done: Values = _move(wanted, wanted, *_MAY_BECOME[wanted])(call)
    return done


def _make_primary(call: Call) -> Values:
    with call.resources.writing:
        number = str(call.body.get("cryptoKeyVersionId"))
        usable(call, f"{call.name}/cryptoKeyVersions/{number}")
        call.store.documents.put(PRIMARY, call.name, {"number": int(number)})
        return _shown(call, call.name)


def _shown(call: Call, name: str) -> Values:
    key = stamping.shown(call.api, "CryptoKey", call.get(name))
    if key.get("purpose", "ENCRYPT_DECRYPT") == "ENCRYPT_DECRYPT":
        key["primary"] = version(call, f"{name}/cryptoKeyVersions/{primary(call, name)}")
    return key


def _get_key(call: Call) -> Values:
    return _shown(call, call.name)


_KEY = "cloudkms.projects.locations.keyRings.cryptoKeys."
METHODS = {
    f"{_KEY}get": _get_key,
    f"{_KEY}updatePrimaryVersion": _make_primary,
    f"{_KEY}cryptoKeyVersions.create": _create,
    f"{_KEY}cryptoKeyVersions.destroy": _move("DESTROY_SCHEDULED", "ENABLED", "DISABLED"),
    f"{_KEY}cryptoKeyVersions.get": _get,
    f"{_KEY}cryptoKeyVersions.list": _list,
    f"{_KEY}cryptoKeyVersions.patch": _patch,
    f"{_KEY}cryptoKeyVersions.restore": _move("DISABLED", "DESTROY_SCHEDULED"),
}
