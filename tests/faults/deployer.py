"""Deploys and destroys one stack in this process as Terraform would, against a provider that has bad luck.

Real: the provider, its retries, the store, the recovery at the start. Played: Terraform, which keeps a state that it
writes now and then, goes on beside what failed, makes anew what is tainted, and dies when it is killed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tf.gen import tfplugin_pb2 as pb

from operations.protections import unprotected
from sandbox.codec import decode, encode
from sandbox.faults import Faults, Killed
from sandbox.provider import Provider
from sandbox.schema import Schemas
from sandbox.state_locks import recover, remember_living
from sandbox.store import Store
from tests.mutation.applier import Applier, in_order, nodes, settings_of

Values = dict[str, Any]

BUCKET, STATE, LOCK = "states", "stacks/slice/default.tfstate", "stacks/slice/default.tflock"
WRITES_EVERY = 7  # resources between two writes of the state


def killed() -> None:
    """What a kill means here."""
    raise Killed


@dataclass
class Deployer:
    """One stack and its state."""

    name: str
    document: Values
    store: Store
    schemas: Schemas
    faults: Faults | None
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.graph = nodes(self.name, self.document)
        self.applier = Applier(self.store, self.schemas, lambda change: None)
        self.providers = {
            "google": Provider(self.schemas.google, self.store, faults=self.faults),
            "google-beta": Provider(self.schemas.beta, self.store, faults=self.faults),
        }

    def deploy(self) -> bool:
        """One run; True where it ended and nothing is left to do."""
        self.problems = []
        recover(self.store)
        state = self._read()
        self._lock()
        try:
            self._walk(state)
        except Killed:
            self.problems.append("killed")
            return False
        self._write(state)
        self.store.objects.delete(BUCKET, LOCK)
        return not self.problems

    def _walk(self, state: dict[str, Values]) -> None:
        graph, failed, fresh = self.graph, set[str](), 0
        self.applier.known = {}
        for address in in_order(graph):
            node = graph[address]
            if node.needs & failed:
                failed.add(address)
                continue
            if node.is_data:
                self.applier.known[address] = self.applier.read(node, self.document)
                continue
            values = self._one(address, state)
            if values is None:
                failed.add(address)
                continue
            self.applier.known[address] = values
            fresh += 1
            if fresh % WRITES_EVERY == 0:
                self._write(state)

    def _one(self, address: str, state: dict[str, Values]) -> Values | None:
        """The values of a resource that is as it should be; None where that failed."""
        node = self.graph[address]
        held = state.get(address)
        exists = held is not None and self.store.has(node.type, str(held["values"]["id"]))
        if held and exists and not held["tainted"]:
            return dict(held["values"])
        if held and exists and not self._call(address, held["values"], None, state):
            return None
        state.pop(address, None)
        return self._call(address, None, self.applier.planned(node, self.document)[1], state)

    def _provider(self, address: str) -> Provider:
        node = self.graph[address]
        return self.providers[str(node.values.get("provider", "google"))]

    def _call(
        self, address: str, prior: Values | None, planned: Values | None, state: dict[str, Values]
    ) -> Values | None:
        """One change through the provider, and what the state knows of it then; no id after a delete that worked."""
        node = self.graph[address]
        request = pb.ApplyResourceChange.Request(
            type_name=node.type, prior_state=encode(prior), planned_state=encode(planned)
        )
        answer = self._provider(address).ApplyResourceChange(request, settings_of(node, self.document))
        errors = [item for item in answer.diagnostics if item.severity == pb.Diagnostic.Severity.ERROR]
        self.problems += [item.summary for item in errors]
        after = decode(answer.new_state)
        if after is None:
            state.pop(address, None)
        elif after != prior:
            state[address] = {"type": node.type, "values": after, "tainted": bool(errors)}
        return None if errors else after or {"id": ""}

    def destroy(self) -> bool:
        """Lift the protections, then take everything down; True where nothing is left in the state."""
        self.problems = []
        recover(self.store)
        state, lifted = self._read(), unprotected(self.document)[0]["resource"]
        self._lock()
        try:
            for address in reversed([a for a in in_order(self.graph) if a in state]):
                if not any(address in self.graph[other].needs for other in state):
                    self._take_down(address, lifted, state)
        except Killed:
            self.problems.append("killed")
            return False
        self._write(state)
        self.store.objects.delete(BUCKET, LOCK)
        return not state

    def _take_down(self, address: str, lifted: Values, state: dict[str, Values]) -> None:
        type_, values = state[address]["type"], state[address]["values"]
        free = values | _freed(lifted, address, values)
        if (found := self.store.get(type_, str(free["id"]))) is not None:
            # What the sandbox knows beside, such as who made a project, outlives the change.
            self.store.put(type_, str(free["id"]), found | free)
        self._call(address, free, None, state)

    def _read(self) -> dict[str, Values]:
        found = self.store.objects.get(BUCKET, STATE)
        document = json.loads(found.data) if found else {"resources": []}
        return {
            f"{item['type']}.{item['name']}": {
                "type": item["type"],
                "values": item["instances"][0]["attributes"],
                "tainted": item["instances"][0].get("status") == "tainted",
            }
            for item in document["resources"]
        }

    def _write(self, state: dict[str, Values]) -> None:
        resources = [
            {
                "type": held["type"],
                "name": address.partition(".")[2],
                "instances": [
                    {"attributes": held["values"]} | ({"status": "tainted"} if held["tainted"] else {}),
                ],
            }
            for address, held in state.items()
        ]
        self.store.objects.put(BUCKET, STATE, json.dumps({"resources": resources}).encode())

    def _lock(self) -> None:
        self.store.objects.put(BUCKET, LOCK, b"{}", metadata=remember_living(self.store))


_PROTECTIONS = ("deletion_protection", "deletion_policy", "force_destroy", "delete_contents_on_destroy")


def _freed(lifted: Values, address: str, values: Values) -> Values:
    """The protections of a resource as they are once they are lifted."""
    type_, _, name = address.partition(".")
    return {key: value for key, value in lifted[type_][name].items() if key in _PROTECTIONS and key in values}
