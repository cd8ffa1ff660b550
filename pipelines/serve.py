"""Online serving in the team's container: the contract of Vertex AI for containers, with the pipeline's own transform.

An instance has the columns of the source, or only the entity; then its features come from the online store.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

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
    frame = pd.DataFrame(rows)
    return [float(score) for score in model.predict(frame)]


def _row(number: int, instance: Mapping[str, Any], flow: Flow, store: FeatureStore | None) -> dict[str, Any]:
    place = f"instances[{number}]"
    if store and set(instance) == {flow.entity}:
        try:
            found = store.online(str(instance[flow.entity]))
        except LookupError as error:
            raise InvalidSettings([Problem(place, str(error), "send its features instead")]) from None
        return {name: found[name] for name in flow.inputs}
    if lost := [name for name in flow.features if name not in instance]:
        raise InvalidSettings([Problem(place, f"has no '{lost[0]}'", f"send {', '.join(flow.features)}")])
    row = derived(pd.DataFrame([{name: instance[name] for name in flow.features}]), flow)
    return {name: row[name].iloc[0] for name in flow.inputs}


def application(model: Fitted, flow: Flow, store: FeatureStore | None) -> Any:
    """The program that answers /predict and /health."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def predict(request: Request) -> JSONResponse:
        try:
            body = await request.json()
            return JSONResponse({"predictions": answer(model, flow, store, body["instances"])})
        except InvalidSettings as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"error": "body: has no 'instances'; send {\"instances\": [...]}"}, status_code=400)

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ready"})

    return Starlette(routes=[Route("/predict", predict, methods=["POST"]), Route("/health", health)])


def main() -> None:
    """Serves the model that Vertex AI names, at the port that it wants."""
    import uvicorn

    from pipelines.flow import read_flow

    place = Place.told(os.environ["BLUEPRINT_PLACE"])
    folder = os.environ["AIP_STORAGE_URI"]
    model = load(Fitted, place.file(folder) / "model.pickle")
    store = at(place) if place.feature_store else None
    port = int(os.environ.get("AIP_HTTP_PORT", "8080"))
    uvicorn.run(application(model, read_flow(place.team), store), host="0.0.0.0", port=port)


if __name__ == "__main__":
    main()
