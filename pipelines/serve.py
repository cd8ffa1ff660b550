"""Online serving in the team's container: the contract of Vertex AI for containers, with the pipeline's own transform.

An instance has the columns of the source, or only the entity; then its features come from the online store.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pandas as pd

from pipelines.artifacts import Fitted, load
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.services.features import FeatureStore, at
from pipelines.steps.transform import derived
from settings.problems import InvalidSettings, Problem


def answer(
    model: Fitted, flow: Flow, store: FeatureStore | None, instances: Sequence[Mapping[str, Any]]
) -> list[float]:
    """The probability of the label for each instance, in order."""
    rows = [_row(number, instance, flow, store) for number, instance in enumerate(instances)]
    if not rows:
        return []
    return [float(score) for score in model.predict(derived(pd.DataFrame(rows), flow))]


def _row(number: int, instance: Mapping[str, Any], flow: Flow, store: FeatureStore | None) -> dict[str, Any]:
    place = f"instances[{number}]"
    if not isinstance(instance, Mapping):
        raise InvalidSettings([Problem(place, "is no object", f"send {', '.join(flow.features)}")])
    if store and set(instance) == {flow.entity}:
        try:
            found = store.online(str(instance[flow.entity]))
        except LookupError as error:
            raise InvalidSettings([Problem(place, str(error), "send its features instead")]) from None
        return {name: found.get(name) for name in flow.features}
    if lost := [name for name in flow.features if name not in instance]:
        raise InvalidSettings([Problem(place, f"has no '{lost[0]}'", f"send {', '.join(flow.features)}")])
    for name in flow.features:
        if not _fits(instance[name], flow.columns[name].type):
            kind = flow.columns[name].type
            raise InvalidSettings([Problem(f"{place}.{name}", f"{instance[name]!r} is no {kind}", "send one, or null")])
    return {name: instance[name] for name in flow.features}


def _fits(value: object, kind: str) -> bool:
    """Whether a model can take a value of a feature; it may be missing, as it may in training."""
    if value is None or kind not in ("integer", "number"):
        return value is None or isinstance(value, bool if kind == "truth" else str)
    try:
        return not isinstance(value, bool) and isfinite(float(cast(Any, value)))
    except (TypeError, ValueError):
        return False


def application(model: Fitted, flow: Flow, store: FeatureStore | None) -> Any:
    """The program that answers /predict and /health."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def predict(request: Request) -> JSONResponse:
        try:
            instances = list((await request.json())["instances"])
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"error": "body: has no 'instances'; send {\"instances\": [...]}"}, status_code=400)
        try:
            return JSONResponse({"predictions": answer(model, flow, store, instances)})
        except InvalidSettings as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ready"})

    return Starlette(routes=[Route("/predict", predict, methods=["POST"]), Route("/health", health)])


def fetched(place: Place, uri: str) -> Fitted:
    """The model at an address. Danger: Google mounts buckets in its jobs, and in no container that serves."""
    if place.laptop:
        return cast(Fitted, load(Fitted, place.file(uri)))
    from google.cloud import storage

    with TemporaryDirectory() as folder:
        file = Path(folder) / "model.pickle"
        storage.Blob.from_uri(uri, client=storage.Client(project=place.project)).download_to_filename(file)
        return cast(Fitted, load(Fitted, file))


def main() -> None:
    """Serves the model that Vertex AI names, at the port that it wants."""
    import uvicorn

    from pipelines.flow import read_flow

    place = Place.told(os.environ["BLUEPRINT_PLACE"])
    model = fetched(place, f"{os.environ['AIP_STORAGE_URI'].rstrip('/')}/model.pickle")
    store = at(place) if place.feature_store else None
    port = int(os.environ.get("AIP_HTTP_PORT", "8080"))
    uvicorn.run(application(model, read_flow(place.team), store), host="0.0.0.0", port=port)


if __name__ == "__main__":
    main()
