"""Buckets: they belong to the project that the query names, and their changes are counted."""

from typing import Any

from sandbox.api import generic
from sandbox.api.call import Call
from sandbox.api.errors import ApiError

Values = dict[str, Any]


def _list(call: Call) -> Values:
    prefix, project = call.asked("prefix"), call.asked("project")
    held = [id_ for id_, values in call.store.find("google_storage_bucket") if values.get("project") == project]
    return generic.page(call, [call.get(f"b/{id_}") for id_ in held if id_.startswith(prefix)])


def _insert(call: Call) -> Values:
    return generic.create(call, {"project": call.asked("project")})


def _change(call: Call) -> Values | None:
    with call.resources.writing:
        wanted = call.asked("ifMetagenerationMatch")
        if wanted and wanted != call.get().get("metageneration", "1"):
            text = "At least one of the pre-conditions you specified did not hold."
            raise ApiError(412, text, reason="conditionNotMet")
        return generic.answer(call)


METHODS = {
    "storage.buckets.list": _list,
    "storage.buckets.insert": _insert,
    "storage.buckets.patch": _change,
    "storage.buckets.update": _change,
    "storage.buckets.delete": _change,
}
