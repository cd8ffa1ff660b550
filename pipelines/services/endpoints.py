"""Vertex AI endpoints: which version answers which share of the requests."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from pipelines.artifacts import Report
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.release import Refused
from pipelines.services import answers
from pipelines.services.ledger import Ledger
from settings.problems import InvalidSettings, Problem

Traffic = dict[str, int]
"""Percent by version; adds up to 100."""


class Endpoint(Protocol):
    """The team's endpoint."""

    def traffic(self) -> Traffic:
        """Who answers now."""
        ...

    def deploy(self, version: str) -> None:
        """Deploys a version, where it is not yet. Nobody is sent to it by that."""
        ...

    def share(self, traffic: Traffic) -> None:
        """Divides the traffic anew; versions without any are undeployed. Refused where one of these is not deployed."""
        ...

    def tidy(self) -> None:
        """Undeploys what a step that died has left without traffic."""
        ...

    def observed(self, version: str, champion: str | None) -> Report:
        """What a version has answered since it was deployed: requests, errors and minutes; the champion's beside it."""
        ...


def at(place: Place, flow: Flow) -> Endpoint:
    return OnLaptop(place, flow) if place.stands_in else OnGoogle(place, flow)


def request(place: Place, flow: Flow, version: str) -> Report:
    """The model to deploy, with machine, replicas and identity."""
    serving = flow.serving
    return {
        "model": f"{place.parent}/models/{place.team}@{version}",
        "display_name": f"{place.team}-{version}",
        "service_account": place.service_account,
        "enable_access_logging": True,
        "dedicated_resources": {
            "machine_spec": {"machine_type": serving.machine_type},
            "min_replica_count": serving.replicas[0],
            "max_replica_count": serving.replicas[1],
        },
    }


def version_of(deployed: Any) -> str:
    """The version of a deployed model, from the name that this file gives it."""
    return str(deployed.display_name).rpartition("-")[2]


class OnGoogle:
    """Vertex AI."""

    def __init__(self, place: Place, flow: Flow) -> None:
        from pipelines.services.vertex_api import client

        self._place, self._flow, self._api = place, flow, client(place, "EndpointServiceClient")
        self._name = f"{place.parent}/endpoints/{place.endpoint}"

    def traffic(self) -> Traffic:
        endpoint = self._api.get_endpoint(name=self._name)
        versions = {one.id: version_of(one) for one in endpoint.deployed_models}
        return {versions[id_]: share for id_, share in endpoint.traffic_split.items() if share}

    def deploy(self, version: str) -> None:
        deployed = self._api.get_endpoint(name=self._name).deployed_models
        if version not in map(version_of, deployed):
            model = request(self._place, self._flow, version)
            self._api.deploy_model(endpoint=self._name, deployed_model=model).result(timeout=None)

    def share(self, traffic: Traffic) -> None:
        deployed = self._api.get_endpoint(name=self._name).deployed_models
        # A step that died while it deployed a version has it deployed twice: the older one goes on.
        latest_first = sorted(deployed, key=lambda one: one.create_time, reverse=True)
        known = {version_of(one): one.id for one in latest_first}
        _there(traffic, known)
        split = {known[version]: share for version, share in traffic.items()}
        endpoint = {"name": self._name, "traffic_split": split}
        self._api.update_endpoint(endpoint=endpoint, update_mask={"paths": ["traffic_split"]})
        self._undeploy(one.id for one in deployed if one.id not in split)

    def tidy(self) -> None:
        """What is young may be a version that a step has just deployed: none lasts longer than its job may."""
        endpoint = self._api.get_endpoint(name=self._name)
        before = datetime.now(UTC) - timedelta(minutes=self._flow.jobs.timeout_minutes)
        idle = [one for one in endpoint.deployed_models if not endpoint.traffic_split.get(one.id)]
        self._undeploy(one.id for one in idle if one.create_time < before)

    def _undeploy(self, ids: Iterable[str]) -> None:
        """What nobody is sent to meanwhile. Danger: told how to divide the traffic, Google would undeploy that, too."""
        from google.api_core.exceptions import NotFound

        for id_ in ids:
            if not self._api.get_endpoint(name=self._name).traffic_split.get(id_):
                with suppress(NotFound):
                    self._api.undeploy_model(endpoint=self._name, deployed_model_id=id_).result(timeout=None)

    def observed(self, version: str, champion: str | None) -> Report:
        endpoint = self._api.get_endpoint(name=self._name)
        deployed = {version_of(one): one for one in endpoint.deployed_models if endpoint.traffic_split.get(one.id)}
        since, beside = deployed[version].create_time, answers.NONE
        if champion in deployed:
            beside = answers.counted(self._place, deployed[champion].id, since)
        minutes = int((datetime.now(UTC) - since).total_seconds() // 60)
        return answers.counted(self._place, deployed[version].id, since) | {"minutes": minutes, "champion": beside}


class OnLaptop:
    """STAND-IN. Remembers requests and traffic; who asks it is answered by `pipelines.serve`."""

    def __init__(self, place: Place, flow: Flow) -> None:
        self._place, self._flow, self._ledger = place, flow, Ledger(place, "endpoints")

    def traffic(self) -> Traffic:
        found: Traffic = (self._ledger.get(self._place.endpoint) or {"traffic": {}})["traffic"]
        return found

    def deploy(self, version: str) -> None:
        with self._ledger.locked():
            deployed = {version: request(self._place, self._flow, version)} | self._deployed()
            self._ledger.put(self._place.endpoint, {"traffic": self.traffic(), "deployed": deployed})

    def share(self, traffic: Traffic) -> None:
        with self._ledger.locked():
            deployed = self._deployed()
            _there(traffic, deployed)
            kept = {version: asked for version, asked in deployed.items() if version in traffic}
            self._ledger.put(self._place.endpoint, {"traffic": traffic, "deployed": kept})

    def tidy(self) -> None:
        if self._deployed().keys() != (now := self.traffic()).keys():
            self.share(now)

    def observed(self, version: str, champion: str | None) -> Report:
        way_out = "say what both did by --canary, --champion and --minutes"
        raise InvalidSettings([Problem(f"version {version}", "nobody asks an endpoint on this computer", way_out)])

    def _deployed(self) -> Report:
        found: Report = (self._ledger.get(self._place.endpoint) or {"deployed": {}})["deployed"]
        return found


def _there(traffic: Traffic, deployed: Iterable[str]) -> None:
    if lost := sorted(set(traffic) - set(deployed)):
        raise Refused([Problem("endpoint", f"version {lost[0]} is not deployed any more", "look again")])
