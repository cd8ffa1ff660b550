"""Vertex AI custom jobs: one step in the team's container, with the team's identity, network and key."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from pipelines.artifacts import Report
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.services.ledger import Ledger
from settings.problems import InvalidSettings, Problem

NEEDED = ("image", "service_account", "network", "key", "experiment", "bucket")


class Jobs(Protocol):
    """Runs a step as a job of its own."""

    def run(self, request: Report, here: Callable[[], Any]) -> None:
        """Runs the job to its end. `here` is the same step, for where there is no Google."""
        ...


def at(place: Place) -> Jobs:
    return OnLaptop(place) if place.stands_in else OnGoogle(place)


def request(place: Place, flow: Flow, step: str, run: str, arguments: Sequence[str]) -> Report:
    """The custom job of a step. InvalidSettings where the place lacks what every job has to carry."""
    lost = [name for name in NEEDED if not getattr(place, name)]
    if lost or "@sha256:" not in place.image:
        what = f"has no {', '.join(lost)}" if lost else f"image '{place.image}' is not a digest"
        raise InvalidSettings([Problem(f"job {step}", what, "complete the run configuration")])
    return {
        "display_name": f"{place.team}-{step}-{run}",
        "labels": place.labels | {"step": step.replace("_", "-"), "run": run},
        "encryption_spec": place.encryption,
        "job_spec": {
            "worker_pool_specs": [
                {
                    "machine_spec": {"machine_type": flow.jobs.machine_type},
                    "replica_count": 1,
                    "container_spec": {
                        "image_uri": place.image,
                        "command": ["python", "-m", "pipelines.execute"],
                        "args": [step, *arguments],
                    },
                }
            ],
            "scheduling": {"timeout": {"seconds": 60 * flow.jobs.timeout_minutes}},
            "service_account": place.service_account,
            "network": place.network,
            "base_output_directory": {"output_uri_prefix": place.uri(run, step)},
            "experiment": f"{place.parent}/metadataStores/default/contexts/{place.experiment}",
            "tensorboard": place.tensorboard,
        },
    }


class OnGoogle:
    """Vertex AI."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def run(self, request: Report, here: Callable[[], Any]) -> None:
        from pipelines.services.vertex_api import client, started, wait

        del here
        jobs = client(self._place, "JobServiceClient")
        name = started(jobs, self._place, "custom_job", request)
        wait(lambda: jobs.get_custom_job(name=name))


class OnLaptop:
    """STAND-IN. Keeps the request and runs the step in this process."""

    def __init__(self, place: Place) -> None:
        self._ledger = Ledger(place, "custom_jobs")

    def run(self, request: Report, here: Callable[[], Any]) -> None:
        self._ledger.put(request["display_name"], json.loads(json.dumps(request)))
        here()
