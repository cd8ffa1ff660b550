"""Orders that the page has taken: made in the background, watched while they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from operations.catalog_counter import Slip
from operations.catalog_deployment import Deployment
from operations.catalog_desk import Desk, shaped
from operations.catalog_fulfilling import placed
from operations.catalog_gates import entitled
from operations.catalog_launching import prepared
from operations.catalog_order import Order
from operations.catalog_service import described_template
from operations.outcome import OperationFailed
from settings.problems import InvalidSettings, Problem

WORKERS = 4


@dataclass
class Work:
    """What one person does at an open desk. `order` is an order of the person without template and choices.

    `under_way` is what was asked for and has not ended, as it is shown; at Google it waits at the desk for a while.
    """

    desk: Desk
    order: Order
    done: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    failed: dict[str, str] = field(default_factory=dict)
    under_way: dict[str, dict[str, Any]] = field(default_factory=dict)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(WORKERS))

    def offers(self) -> list[dict[str, Any]]:
        """What this person finds."""
        return [
            described_template(version, template)
            for version, template in self.desk.on_offer().values()
            if self.order.person.persona in template.manifest.orderers
        ]

    def check(self, key: str, typed: Mapping[str, str]) -> list[Problem]:
        """What the template says against inputs, without making anything."""
        try:
            self._prepared(self._order(key, typed))
        except InvalidSettings as error:
            return list(error.problems)
        return []

    def start(self, key: str, typed: Mapping[str, str]) -> Deployment:
        """Begin to make an order that every gate accepts; InvalidSettings or OperationFailed where one does not."""
        order = self._order(key, typed)
        deployment = self._prepared(order)
        if deployment.name in self.under_way or self.desk.engine.record(deployment.project, deployment.name):
            raise InvalidSettings([Problem("name", "is taken already", "Choose another name.")])
        progress = self._begin(deployment.name, deployment.model_dump())
        slip = self._slip("launch", key, order.choices)
        self.pool.submit(self._run, deployment.name, lambda: placed(self.desk, slip, order, progress))
        return deployment

    def remove(self, name: str) -> str:
        """Begin to take down a deployment."""
        if name in self.under_way:
            raise InvalidSettings([Problem(name, "is being changed already", "wait until that is done")])
        progress = self._begin(name, {"name": name, "state": "DELETING"})
        self.pool.submit(self._run, name, lambda: placed(self.desk, self._slip("delete", name), self.order, progress))
        return name

    def _slip(self, do: Any, name: str, inputs: Mapping[str, Any] | None = None) -> Slip:
        by, environment = self.order.person.address, self.order.environment
        return Slip(do=do, name=name, by=by, environment=environment, inputs=dict(inputs or {}))

    def _begin(self, name: str, shown: dict[str, Any]) -> Callable[[str], None]:
        self.failed.pop(name, None)
        self.done[name] = []
        self.under_way[name] = shown
        return self.done[name].append

    def deployments(self) -> list[dict[str, Any]]:
        """What the team has, and what is under way, newest first."""
        waiting = dict(self.under_way)
        found = {one.name: one.model_dump() | {"done": self.done[one.name]} for one in self._records()}
        for name, shown in waiting.items():
            found[name] = {**shown, **found.get(name, {}), "state": shown["state"], "done": self.done[name]}
        lost = {
            name: {"name": name, "state": "FAILED", **found.get(name, {}), "error": text}
            for name, text in dict(self.failed).items()
        }
        return sorted({**found, **lost}.values(), key=lambda it: str(it.get("changed_at", "")), reverse=True)

    def close(self) -> None:
        """Wait for what is under way."""
        self.pool.shutdown(wait=True)

    def _records(self) -> list[Deployment]:
        return self.desk.deployments(self.order.team)

    def _order(self, key: str, typed: Mapping[str, str]) -> Order:
        _, _, template = self.desk.find(key, None)
        given = {name: text for name, text in typed.items() if text != ""}
        return replace(self.order, template=key, choices=shaped(template, given))

    def _prepared(self, order: Order) -> Deployment:
        version, release, template = self.desk.find(order.template, None)
        entitled(self.desk.installation, order, template)
        return prepared(self.desk, self.desk.place(order.team, order.environment), order, template, version, release)

    def _run(self, name: str, action: Any) -> None:
        try:
            action()
        except (OperationFailed, InvalidSettings) as error:
            self.failed[name] = str(error)
        except Exception as error:
            # Danger: nobody asks this thread how it ended, and the person would wait for ever.
            self.failed[name] = f"{name}: ended in a defect ({error!r}); tell the platform's engineers"
        finally:
            del self.under_way[name]
