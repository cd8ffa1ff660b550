"""TensorBoard: runs of an experiment with time series, whose points are written and read."""

from typing import Any

from sandbox.api import generic, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, not_found

Values = dict[str, Any]

_POINTS = "aiplatform:points"


def _write(call: Call) -> Values:
    """Points of the time series of one run."""
    with call.resources.writing, call.store.together():
        call.get()
        _keep(call, call.name, call.body.get("timeSeriesData") or [])
    return {}


def _write_all(call: Call) -> Values:
    """Points of several runs of an experiment."""
    with call.resources.writing, call.store.together():
        call.get()
        for line in call.body.get("writeRunDataRequests") or []:
            run = call.inside(line["tensorboardRun"], f"{call.name}/runs")
            _keep(call, run, line.get("timeSeriesData") or [])
    return {}


def _keep(call: Call, run: str, data: list[Values]) -> None:
    for line in data:
        name = f"{run}/timeSeries/{line['tensorboardTimeSeriesId']}"
        series = call.get(name)
        if line.get("valueType", series.get("valueType")) != series.get("valueType"):
            raise ApiError(400, f"{name} holds {series.get('valueType')}, not {line['valueType']}.")
        held = (call.store.documents.get(_POINTS, name) or {}).get("values", [])
        steps = {str(point.get("step", 0)): point for point in [*held, *(line.get("values") or [])]}
        points = [steps[step] for step in sorted(steps, key=int)]
        call.store.documents.put(_POINTS, name, {"values": points})
        told = {"maxStep": str(points[-1].get("step", 0))}
        call.resources.replace(call.api, name, series | {"metadata": told | {"maxWallTime": stamping.now()}})


def _read(call: Call) -> Values:
    return {"timeSeriesData": _series(call, call.name)}


def _read_all(call: Call) -> Values:
    """Several time series of one TensorBoard at once."""
    names = call.lists.get("timeSeries") or call.lists.get("time_series") or []
    if strange := [name for name in names if not name.startswith(f"{call.name}/")]:
        raise not_found(strange[0])
    return {"timeSeriesData": [_series(call, name) for name in names]}


def _series(call: Call, name: str) -> Values:
    series, id_ = call.get(name), name.rpartition("/")[2]
    points = (call.store.documents.get(_POINTS, name) or {}).get("values", [])
    return {"tensorboardTimeSeriesId": id_, "valueType": series.get("valueType"), "values": points}


def _make(collection: str, id_: str, field: str) -> Any:
    """Several resources of one kind, all or none."""

    def make(call: Call) -> Values:
        schema = f"GoogleCloudAiplatformV1{field[0].upper()}{field[1:]}"
        scope = call.name.removesuffix(f"/{collection}")
        with call.resources.writing, call.store.together():
            made = []
            for line in call.body.get("requests") or []:
                parent = call.inside(line.get("parent") or scope, scope)
                call.get(parent)
                given = generic.proper(id_, str(line.get(id_) or generic.identity(call, collection)))
                name = f"{parent}/{collection}/{given}"
                body = stamping.written(call.api, schema, (line.get(field) or {}) | {"name": name}, new=True)
                call.resources.create(call.api, name, body)
                made.append(stamping.shown(call.api, schema, body))
        return {f"{field}{'' if field.endswith('s') else 's'}": made}

    return make


_BOARDS = "aiplatform.projects.locations.tensorboards."
METHODS = {
    f"{_BOARDS}batchRead": _read_all,
    f"{_BOARDS}experiments.batchCreate": _make("timeSeries", "tensorboardTimeSeriesId", "tensorboardTimeSeries"),
    f"{_BOARDS}experiments.write": _write_all,
    f"{_BOARDS}experiments.runs.batchCreate": _make("runs", "tensorboardRunId", "tensorboardRun"),
    f"{_BOARDS}experiments.runs.write": _write,
    f"{_BOARDS}experiments.runs.timeSeries.read": _read,
}
