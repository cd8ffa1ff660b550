"""A sandbox with what a team's operational project has, for Google's own clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from operations import airflow
from pipelines.place import Place
from sandbox import redirect
from sandbox.api.call import Facade
from sandbox.api.server import serving
from sandbox.store import Store
from tests.terraform_folder import SCHEMA

APIS = ("aiplatform", "bigquery", "composer", "iam", "storage")


@contextmanager
def served(folder: Path) -> Iterator[Facade]:
    """A sandbox whose Composer has an Airflow; Google's clients of this process talk to it as its operator."""
    runners = {"airflow": airflow.runner(folder / "airflow")}
    with (
        pytest.MonkeyPatch.context() as patch,
        Store(folder / "cloud.db") as store,
        serving(store, SCHEMA, runners=runners) as facade,
    ):
        patch.setenv(redirect.ENDPOINT, facade.endpoint)
        patch.setenv(redirect.PRINCIPAL, redirect.OPERATOR)
        patch.setenv("NO_GCE_CHECK", "true")
        redirect.install(facade.endpoint)
        yield facade


def furnish(store: Store, place: Place) -> None:
    """The project of a place, with its APIs, its buckets and its Composer environment."""
    name = place.project
    store.put("google_folder", "folders/11", {"name": "folders/11", "parent": "organizations/1", "display_name": "f"})
    project = {"project_id": name, "name": name, "number": "77", "folder_id": "11", "org_id": "", "id": name}
    store.put("google_project", f"projects/{name}", project | {"id": f"projects/{name}"})
    for api in APIS:
        id_ = f"{name}/{api}.googleapis.com"
        store.put("google_project_service", id_, {"project": name, "service": f"{api}.googleapis.com", "id": id_})
    for bucket in (place.bucket, place.definitions):
        store.put("google_storage_bucket", bucket, {"name": bucket, "project": name, "location": "EUROPE-WEST4"})
    id_ = f"{place.parent}/tensorboards/1"
    board = {"project": name, "region": place.region, "name": id_, "id": id_, "display_name": place.tensorboard}
    store.put("google_vertex_ai_tensorboard", id_, board)
    id_ = f"{place.parent}/environments/{place.composer}"
    environment = {"project": name, "region": place.region, "name": place.composer, "id": id_}
    store.put("google_composer_environment", id_, environment | {"storage_config": [{"bucket": place.definitions}]})
