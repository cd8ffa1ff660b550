"""The bindings of rules about who passes a perimeter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

BINDINGS = "cdktf_cdktf_provider_google.access_context_manager_service_perimeter"
Operations = Mapping[str, Mapping[Any, Sequence[str]]]


class PerimeterRule:
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

    def source(self, **values: Any) -> Any:
        return self.part("FromSources", **values)

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
