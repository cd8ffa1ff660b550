"""Vertex AI endpoints: which version answers which share of the requests."""

from __future__ import annotations

from typing import Any, Protocol

from pipelines.artifacts import Report
from pipelines.flow import Flow
from pipelines.place import Place
from pipelines.services.ledger import Ledger

Traffic = dict[str, int]
"""Percent by version; adds up to 100."""


class Endpoint(Protocol):
    """The team's endpoint."""

    def traffic(self) -> Traffic:
        """Who answers now."""
        ...

    def deploy(self, version: str, traffic: Traffic) -> None:
        """Deploys a version, where it is not yet, and divides the traffic."""
        ...

    def share(self, traffic: Traffic) -> None:
        """Divides the traffic anew; versions without any are undeployed."""
        ...


def at(place: Place, flow: Flow) -> Endpoint:
    return OnLaptop(place, flow) if place.laptop else OnGoogle(place, flow)


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

    def _deployed(self) -> dict[str, Any]:
        """Ids of deployed models by version."""
        found = self._api.get_endpoint(name=self._name).deployed_models
        return {version_of(one): one.id for one in found}

    def traffic(self) -> Traffic:
        endpoint = self._api.get_endpoint(name=self._name)
        versions = {one.id: version_of(one) for one in endpoint.deployed_models}
        return {versions[id_]: share for id_, share in endpoint.traffic_split.items() if share}

    def deploy(self, version: str, traffic: Traffic) -> None:
        known = self._deployed()
        if version not in known:
            split = {("0" if key == version else known[key]): share for key, share in traffic.items()}
            model = request(self._place, self._flow, version)
            self._api.deploy_model(endpoint=self._name, deployed_model=model, traffic_split=split).result()
        self.share(traffic)

    def share(self, traffic: Traffic) -> None:
        known = self._deployed()
        split = {known[version]: share for version, share in traffic.items()}
        endpoint = {"name": self._name, "traffic_split": split}
        self._api.update_endpoint(endpoint=endpoint, update_mask={"paths": ["traffic_split"]})
        for version, id_ in known.items():
            if version not in traffic:
                self._api.undeploy_model(endpoint=self._name, deployed_model_id=id_, traffic_split=split).result()


class OnLaptop:
    """STAND-IN. Remembers requests and traffic; who asks it is answered by `pipelines.serve`."""

    def __init__(self, place: Place, flow: Flow) -> None:
        self._place, self._flow, self._ledger = place, flow, Ledger(place, "endpoints")

    def traffic(self) -> Traffic:
        found: Traffic = (self._ledger.get(self._place.endpoint) or {"traffic": {}})["traffic"]
        return found

    def deploy(self, version: str, traffic: Traffic) -> None:
        with self._ledger.locked():
            self._keep(traffic, {version: request(self._place, self._flow, version)})

    def share(self, traffic: Traffic) -> None:
        with self._ledger.locked():
            self._keep(traffic, {})

    def _keep(self, traffic: Traffic, more: Report) -> None:
        known = (self._ledger.get(self._place.endpoint) or {"deployed": {}})["deployed"] | more
        kept = {version: asked for version, asked in known.items() if version in traffic}
        self._ledger.put(self._place.endpoint, {"traffic": traffic, "deployed": kept})
