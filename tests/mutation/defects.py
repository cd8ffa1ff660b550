"""Planted defects over the plans of the estate, and what finds each: rule, question, limit, sandbox or inventory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from operations.access.asking import Access
from operations.access.questions import Question, answered, read_questions
from operations.access.workload_limits import Limits, read_limits, workload_problems
from operations.inventory import access_line
from policies.rule import Facts
from policies.scanning import scan_plans
from policies.waivers import judge, read_waivers
from sandbox import physics
from sandbox.diagnostics import Refused
from sandbox.iam import Held
from sandbox.physics.change import Change
from sandbox.store import Store
from settings.loading import names_of
from settings.model import Installation
from settings.names import COMMON
from tests.mutation.operators import Operator, Values
from tests.plans import Plan, changed, resources_of

KINDS = ("rule", "question", "limit", "sandbox", "inventory", "addresses")
ADDRESSES = Path(__file__).parents[1] / "stacks" / "addresses"
TWIN = "-planted"


@dataclass(frozen=True)
class Defect:
    """One operator at one resource, with the values it leaves (None: taken out) and what it adds."""

    operator: str
    stack: str
    address: str
    type: str
    before: Values
    after: Values | None
    added: Mapping[str, Values] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.operator} at {self.stack}: {self.address}"

    @property
    def addresses(self) -> set[str]:
        """Where a finding counts as finding this."""
        return {self.address, *self.added}


@dataclass
class Found:
    """A defect and what found it."""

    defect: Defect
    by: dict[str, str] = field(default_factory=dict)


def defects(plans: Mapping[str, Plan], operators: Iterable[Operator]) -> Iterator[Defect]:
    """All of them, mechanically: every operator at every resource that it fits."""
    for operator in operators:
        for stack, plan in plans.items():
            for one in resources_of(plan):
                if operator.fits(one["type"]) and (defect := _planted(operator, stack, one)):
                    yield defect


def _planted(operator: Operator, stack: str, one: dict[str, Any]) -> Defect | None:
    before = one["values"]
    after = operator.mutant(before | {"__type__": one["type"]})
    added = {}
    if after is not None:
        after.pop("__type__")
        if new := after.pop("__new__", None):
            added[f"{new}.{one['name']}{TWIN}"] = {"project": before.get("project"), "name": "planted"}
        if twin := after.pop("__twin__", None):
            added[f"{one['address']}{TWIN}"] = before | twin
    if after == before and not added:
        return None
    return Defect(operator.name, stack, one["address"], one["type"], before, after, added)


@dataclass
class Hunt:
    """Everything that could find a defect."""

    installation: Installation
    plans: Mapping[str, Plan]
    facts: Facts
    store: Store
    known: dict[str, set[Any]] = field(default_factory=dict)

    def find(self, planted: Iterable[Defect]) -> Iterator[Found]:
        """What finds each. Changes of one operator in one stack are planted together, and found by address.

        What is taken out has no address at which it could be found, and is planted alone.
        """
        groups: dict[tuple[str, ...], list[Defect]] = {}
        for one in planted:
            alone = (one.address,) if one.after is None else ()
            groups.setdefault((one.operator, one.stack, *alone), []).append(one)
        for group in groups.values():
            found = [Found(one) for one in group]
            self._by_rules(found)
            self._by_access(found)
            for one in found:
                self._by_the_sandbox(one)
                self._by_inventory(one)
            yield from found

    def _by_rules(self, found: list[Found]) -> None:
        stack = found[0].defect.stack
        if stack not in self.known:
            self.known[stack] = set(scan_plans({stack: self.plans[stack]}, self.facts).findings)
        broken = changed(self.plans[stack], _values(found))
        new = set(scan_plans({stack: broken}, self.facts).findings) - self.known[stack]
        left = judge(sorted(new), read_waivers(), today=date.min, whole=False).open  # no row is over
        for one in found:
            named = [f for f in left if f.address in one.defect.addresses or one.defect.after is None]
            if named:
                one.by["rule"] = min(f.rule for f in named)

    @cached_property
    def questions(self) -> list[Question]:
        """The questions with their wanted answers."""
        return read_questions()

    @cached_property
    def limits(self) -> Limits:
        """The most that workloads may hold."""
        return read_limits()

    @cached_property
    def right(self) -> dict[Question, set[str]]:
        """What decides each question in the estate as it is."""
        return {q: set(told.decision.by) for q, told in answered(self._access({}), self.questions)}

    def _by_access(self, found: list[Found]) -> None:
        rest = [one for one in found if not one.by and access_line(one.defect.type, one.defect.before) is not None]
        if not rest:
            return
        stack, access = rest[0].defect.stack, self._access({rest[0].defect.stack: _values(rest)})
        for question, told in answered(access, self.questions):
            if told.decision.answer is not question.expected:
                decisive = self.right[question] | set(told.decision.by)
                for one in rest:
                    if any(f"{stack}: {address}" in decisive for address in one.defect.addresses):
                        one.by["question"] = str(question)
        beyond = {problem.place: str(problem) for problem in workload_problems(access, self.limits)}
        for one in rest:
            for address in one.defect.addresses & {place.partition(": ")[2] for place in beyond}:
                one.by["limit"] = beyond[f"{stack}: {address}"]

    def _access(self, values: Mapping[str, Mapping[str, Values | None]]) -> Access:
        plans = {s: changed(p, dict(values[s])) if s in values else p for s, p in self.plans.items()}
        held = [
            Held(f"{stack}: {one['address']}", one["type"], one["values"])
            for stack, plan in plans.items()
            for one in resources_of(plan)
        ]
        names = names_of(self.installation)
        shown = {h.values["display_name"]: str(h.values["name"]) for h in held if h.type_ == "google_folder"}
        folders = {key: shown[names.folder(key)] for key in (COMMON, *self.installation.environments)}
        return Access.of(self.installation, held, folders)

    def _by_the_sandbox(self, one: Found) -> None:
        defect = one.defect
        if one.by or defect.after is None or defect.added:
            return
        prior = self.store.get(defect.type, str(defect.before["id"]))
        try:
            self.store.delete(defect.type, str(defect.before["id"]))
            physics.check(self.store, Change(defect.type, "create", defect.after))
        except Refused as error:
            one.by["sandbox"] = getattr(error, "rule", "") or str(error)
        finally:
            if prior:
                self.store.put(defect.type, str(defect.before["id"]), prior)

    def _by_inventory(self, one: Found) -> None:
        defect = one.defect
        listed = set((ADDRESSES / f"{defect.stack}.txt").read_text().split())
        if (defect.after is None and defect.address in listed) or defect.added.keys() - listed:
            one.by["addresses"] = "another list"
        elif access_line(defect.type, defect.before) != access_line(defect.type, defect.after):
            one.by["inventory"] = "access"


def _values(found: Iterable[Found]) -> dict[str, Values | None]:
    out: dict[str, Values | None] = {}
    for one in found:
        out[one.defect.address] = one.defect.after
        out.update(one.defect.added)
    return out
