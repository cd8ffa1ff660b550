"""Calls that cross from one perimeter into another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from constructs import Construct

from stacks.constructs.perimeter import Mode, perimeter_id

BINDINGS = "cdktf_cdktf_provider_google.access_context_manager_service_perimeter"
Operations = Mapping[str, Mapping[Any, Sequence[str]]]


class Crossing(Construct):
    """Lets `identities` who stand in one perimeter call exactly `operations` on the given projects of another.

    `operations` maps a service to its `methods` or `permissions`. The rule out of the perimeter where they stand and
    the rule into the one that they call come as a pair, each enforced where its perimeter's mode says so. `sources` are
    the numbers of the projects, and of the network's project, from which they call. Google refuses a rule into a
    perimeter whose project is not inside yet: the rules come `after` what puts it there.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        access_policy: str,
        title: str,
        origin: tuple[str, Mode],
        target: tuple[str, Mode],
        sources: Sequence[str],
        project_numbers: Sequence[str],
        identities: Sequence[str],
        operations: Operations,
        after: Sequence[Any] = (),
    ) -> None:
        super().__init__(scope, id_)
        resources = [f"projects/{number}" for number in project_numbers]
        for direction, (perimeter, mode) in (("egress", origin), ("ingress", target)):
            for kind in ("dry_run", "enforced") if mode == "enforced" else ("dry_run",):
                bound = _Bindings(direction, kind)
                came = {"sources": [bound.source(number) for number in sources]} if direction == "ingress" else {}
                bound.policy(
                    self,
                    f"{direction}-{kind.replace('_', '-')}",
                    perimeter=perimeter_id(access_policy, perimeter),
                    title=title,
                    depends_on=list(after) or None,
                    **{
                        f"{direction}_from": bound.part("From", identities=list(identities), **came),
                        f"{direction}_to": bound.part("To", resources=resources, operations=bound.allowed(operations)),
                    },
                )


class _Bindings:
    """The four resource types of perimeter rules have the same blocks under different class names."""

    def __init__(self, direction: str, kind: str) -> None:
        variant = "_dry_run" if kind == "dry_run" else ""
        self._module = import_module(f"{BINDINGS}{variant}_{direction}_policy")
        words = f"access_context_manager_service_perimeter{variant}_{direction}_policy".split("_")
        self._direction = direction.title()
        self._name = "".join(word.title() for word in words)
        self.policy: Any = getattr(self._module, self._name)

    def part(self, suffix: str, **values: Any) -> Any:
        return getattr(self._module, f"{self._name}{self._direction}{suffix}")(**values)

    def source(self, number: str) -> Any:
        return self.part("FromSources", resource=f"projects/{number}")

    def allowed(self, operations: Operations) -> list[Any]:
        return [
            self.part(
                "ToOperations",
                service_name=service,
                method_selectors=[
                    *(self.part("ToOperationsMethodSelectors", method=name) for name in calls.get("methods", ())),
                    *(self.part("ToOperationsMethodSelectors", permission=n) for n in calls.get("permissions", ())),
                ],
            )
            for service, calls in sorted(operations.items())
        ]
