"""Vertex AI's datasets with versions: what prompt management keeps prompts in. A version is the dataset as it was."""

from typing import Any

from sandbox.api import generic, stamping
from sandbox.api.call import Call

Values = dict[str, Any]

_KEPT = ("metadata", "modelReference")


def _create(call: Call) -> Values:
    """The operation is named below the dataset, which is where clients look for it."""
    with call.resources.writing:
        begun = generic.create(call)
    return _below(begun, str(begun["response"]["name"]))


def _version(call: Call) -> Values:
    with call.resources.writing:
        dataset = call.get(call.name.removesuffix("/datasetVersions"))
        call.body.update({key: dataset[key] for key in _KEPT if key in dataset})
        # Output only for callers, and yet what a version is about.
        number = generic.identity(call, "datasetVersions")
        name = f"{call.name}/{number}"
        body = stamping.written(call.api, call.method.request, call.body | {"name": name}, new=True)
        call.resources.create(call.api, name, body)
    begun = call.operation(stamping.shown(call.api, call.method.request, body))
    return _below(begun, call.name.removesuffix("/datasetVersions"))


def _restore(call: Call) -> Values:
    """The dataset becomes what it was in this version."""
    with call.resources.writing:
        version, name = call.get(), call.name.partition("/datasetVersions/")[0]
        dataset = call.get(name)
        for key in _KEPT:
            dataset.pop(key, None)
        call.resources.replace(call.api, name, dataset | {key: version[key] for key in _KEPT if key in version})
    return call.operation(version)


def _below(operation: Values, dataset: str) -> Values:
    return operation | {"name": f"{dataset}/operations/{operation['name'].rpartition('/')[2]}"}


_DATASETS = "aiplatform.projects.locations.datasets."
METHODS = {
    f"{_DATASETS}create": _create,
    f"{_DATASETS}datasetVersions.create": _version,
    f"{_DATASETS}datasetVersions.restore": _restore,
}
